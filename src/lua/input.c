/* purchases.core.rows: the rows of a CSV file. */
#include "input/rows.h"

#include "compat.h"
#include "map/map.h"

#define ROWS "purchases.rows"

typedef struct box {
  pur_rows rows;
  pur_map *map;
  bool is_open;
} box;

static int rows_close(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  if (b->is_open) pur_rows_close(&b->rows);
  pur_map_release(b->map);
  b->is_open = false;
  b->map = NULL;
  return 0;
}

static int fail(lua_State *L, const box *b, const pur_error *error) {
  size_t line, column;
  (void)pur_lua_fail(L, "validation", error);
  if (!b->is_open || error->status == PUR_MISSING_COLUMN) return 2;
  pur_rows_place(&b->rows, error->position, &line, &column);
  pur_lua_set_place(L, line, column);
  return 2;
}

/* open(path, map) → rows | nil, err; the map says what form the file has */
static int rows_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  pur_map *map = pur_lua_check_map(L, 2);
  pur_error error;
  box *b = pur_lua_new_object(L, ROWS, sizeof *b);
  b->map = pur_map_reference(map);
  if (pur_rows_open(&b->rows, path, pur_map_form(map), &error) != PUR_OK) return fail(L, b, &error);
  b->is_open = true;
  return 1;
}

/* rows:header(), once, before the first row → the columns' names, if they have any | nil, err */
static int rows_header(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  const pur_rows *rows = &b->rows;
  pur_error error;
  if (!b->is_open) return 0;
  if (pur_rows_header(&b->rows, &error) != PUR_OK) return fail(L, b, &error);
  lua_createtable(L, (int)rows->width, 0);
  for (size_t i = 0; i < rows->width && rows->names != NULL; i++) {
    lua_pushlstring(L, rows->names[i].text, rows->names[i].length);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* rows:next() → its fields, its line | nil at the end | nil, err; where that is "invalid_csv", of
 * this row alone */
static int rows_next(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  const pur_csv_row *row = &b->rows.row;
  const pur_csv_field *field;
  pur_error error;
  pur_status status = b->is_open ? pur_rows_next(&b->rows, &error) : PUR_END;
  if (status == PUR_END) return 0;
  if (status != PUR_OK) return fail(L, b, &error);
  lua_createtable(L, (int)row->count, 0);
  for (size_t i = 0; i < row->count; i++) {
    if (pur_rows_value(&b->rows, i, &field, &error) != PUR_OK) return fail(L, b, &error);
    lua_pushlstring(L, field->text, field->length);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)b->rows.line);
  return 2;
}

void pur_lua_open_input(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"header", rows_header}, {"next", rows_next}, {"close", rows_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"open", rows_open}, {NULL, NULL}};
  pur_lua_new_class(L, ROWS, rows_close, methods, NULL);
  luaL_newlib(L, functions);
}

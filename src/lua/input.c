/* purchases.core.rows: the rows of a CSV file. */
#include "compat.h"
#include "map/map.h"
#include "map/table.h"

#define ROWS "purchases.rows"

typedef struct box {
  pur_table table;
  pur_map *map; /* NULL: closed */
} box;

static int rows_close(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  if (b->map != NULL) pur_table_close(&b->table);
  pur_map_release(b->map);
  b->map = NULL;
  return 0;
}

static int fail(lua_State *L, const box *b, const pur_error *error) {
  size_t line, column;
  (void)pur_lua_fail(L, "validation", error);
  if (error->status != PUR_INVALID_CSV) return 2;
  pur_rows_place(&b->table.rows, error->position, &line, &column);
  pur_lua_set_place(L, line, column);
  return 2;
}

/* open(path, map) → rows | nil, err; the map says what form the file has */
static int rows_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  pur_map *map = pur_lua_check_map(L, 2);
  pur_error error;
  box *b = pur_lua_new_object(L, ROWS, sizeof *b);
  pur_status status = pur_table_open(&b->table, path, &error);
  b->map = pur_map_reference(map);
  if (status == PUR_OK)
    status = pur_input_begin(&b->table.rows.input, pur_map_form(map)->encoding, &error);
  return status == PUR_OK ? 1 : fail(L, b, &error);
}

/* rows:header(), once, before the first row → the columns' names, if they have any | nil, err */
static int rows_header(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  const pur_table *table = &b->table;
  pur_error error;
  if (b->map == NULL) return 0;
  if (pur_table_begin(&b->table, pur_map_form(b->map), &error) != PUR_OK) return fail(L, b, &error);
  lua_createtable(L, (int)table->width, 0);
  for (size_t i = 0; i < table->width && table->names != NULL; i++) {
    lua_pushlstring(L, table->names[i].text, table->names[i].length);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* rows:next() → its fields, its line | nil at the end | nil, err; where that is "invalid_csv", of
 * this row alone */
static int rows_next(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  pur_rows *rows = &b->table.rows;
  const pur_csv_field *field;
  pur_error error;
  pur_status status = b->map != NULL ? pur_table_next(&b->table, &error) : PUR_END;
  if (status == PUR_END) return 0;
  if (status != PUR_OK) return fail(L, b, &error);
  lua_createtable(L, (int)rows->row.count, 0);
  for (size_t i = 0; i < rows->row.count; i++) {
    if (pur_rows_value(rows, i, &field, &error) != PUR_OK) return fail(L, b, &error);
    lua_pushlstring(L, field->text, field->length);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)rows->line);
  return 2;
}

void pur_lua_open_rows(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"header", rows_header}, {"next", rows_next}, {"close", rows_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"open", rows_open}, {NULL, NULL}};
  pur_lua_new_class(L, ROWS, rows_close, methods);
  luaL_newlib(L, functions);
}

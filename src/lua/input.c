/* purchases.core.rows: the rows of a CSV file. */
#include "input/rows.h"

#include <stdbool.h>

#include "compat.h"

#define ROWS "purchases.rows"

typedef struct box {
  pur_rows rows;
  bool is_open;
} box;

static int rows_close(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  if (b->is_open) pur_rows_close(&b->rows);
  b->is_open = false;
  return 0;
}

static int fail(lua_State *L, const box *b, const pur_error *error) {
  (void)pur_lua_fail(L, "validation", error);
  if (b->is_open) pur_lua_set_number(L, "line", b->rows.line);
  return 2;
}

/* open(path, [delimiter]) → rows | nil, err */
static int rows_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1), *delimiter = luaL_optstring(L, 2, "");
  pur_error error;
  box *b = pur_lua_new_object(L, ROWS, sizeof *b);
  if (pur_rows_open(&b->rows, path, *delimiter, &error) != PUR_OK) return fail(L, b, &error);
  b->is_open = true;
  return 1;
}

/* rows:next() → {[0] = line's text, fields...}, line | nil at the end | nil, err, with the `text`
 * of a line that cannot be read, and `cut` where that is only its beginning. Doubled quotes in a
 * field stay doubled. */
static int rows_next(lua_State *L) {
  box *b = pur_lua_check_self(L, ROWS);
  const pur_csv_row *row = &b->rows.row;
  pur_error error;
  pur_status status;
  const char *text;
  size_t length;
  if (!b->is_open) return 0;
  status = pur_rows_next(&b->rows, &error);
  if (status == PUR_END) return 0;
  text = pur_rows_text(&b->rows, &length);
  if (status != PUR_OK) {
    (void)fail(L, b, &error);
    if (status != PUR_INVALID_CSV) return 2;
    pur_lua_set_text(L, "text", text, length);
    lua_pushboolean(L, b->rows.is_cut);
    lua_setfield(L, -2, "cut");
    return 2;
  }
  lua_createtable(L, (int)row->count, 1);
  for (size_t i = 0; i < row->count; i++) {
    const pur_csv_field *field = pur_csv_get(row, i);
    lua_pushlstring(L, field->text, field->length);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushlstring(L, text, length);
  lua_rawseti(L, -2, 0);
  lua_pushinteger(L, (lua_Integer)b->rows.line);
  return 2;
}

/* rows:line() → the line behind the row read last */
static int rows_line(lua_State *L) {
  const box *b = pur_lua_check_self(L, ROWS);
  size_t line = b->rows.line + b->rows.row.lines + b->rows.is_cut;
  lua_pushinteger(L, (lua_Integer)line);
  return 1;
}

/* rows:size() → bytes of the file, 0 where there is no telling */
static int rows_size(lua_State *L) {
  const box *b = pur_lua_check_self(L, ROWS);
  lua_pushnumber(L, b->is_open ? (lua_Number)pur_input_size(&b->rows.input) : 0);
  return 1;
}

void pur_lua_open_input(lua_State *L) {
  static const luaL_Reg methods[] = {{"next", rows_next},
                                     {"size", rows_size},
                                     {"line", rows_line},
                                     {"close", rows_close},
                                     {NULL, NULL}};
  static const luaL_Reg functions[] = {{"open", rows_open}, {NULL, NULL}};
  pur_lua_new_class(L, ROWS, rows_close, methods, NULL);
  luaL_newlib(L, functions);
}

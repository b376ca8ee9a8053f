/* purchases.core.map: maps, compiled. */
#include "map/map.h"

#include "compat.h"
#include "map/encode.h"

#define MAP "purchases.map"
#define BYTES "purchases.map.bytes"

static int free_bytes(lua_State *L) {
  pur_buffer_free(pur_lua_check_self(L, BYTES));
  return 0;
}

static int close_map(lua_State *L) {
  pur_map **map = pur_lua_check_self(L, MAP);
  pur_map_release(*map);
  *map = NULL;
  return 0;
}

pur_map *pur_lua_check_map(lua_State *L, int index) {
  pur_map *map = *(pur_map **)luaL_checkudata(L, index, MAP);
  luaL_argcheck(L, map != NULL, index, "map is closed");
  return map;
}

/* compile(json, use) → map | nil, err. `use` is "sales" or "series"; a function stands in the JSON
 * as {"function": its number}. */
static int compile(lua_State *L) {
  static const char *const uses[] = {"sales", "series", NULL};
  const pur_text json = pur_lua_check_text(L, 1);
  pur_map_use use = luaL_checkoption(L, 2, NULL, uses) == 0 ? PUR_MAP_SALES : PUR_MAP_SERIES;
  pur_map **map = pur_lua_new_object(L, MAP, sizeof *map);
  pur_error error;
  if (pur_map_compile(json.text, json.length, use, map, &error) == PUR_OK) return 1;
  return pur_lua_fail(L, "validation", &error);
}

/* Adds the functions among a rule's members to the list at the top of the stack. */
static void list_functions(lua_State *L, const pur_rule *object) {
  for (size_t i = 0; i < object->member_count; i++) {
    const pur_rule *rule = &object->members[i];
    if (rule->kind == PUR_RULE_OBJECT) list_functions(L, rule);
    if (rule->kind != PUR_RULE_FUNCTION) continue;
    lua_createtable(L, 0, 2);
    pur_lua_set_number(L, "number", rule->function);
    pur_lua_set_string(L, "path", rule->path);
    lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  }
}

/* functions(map) → those of the purchase, those of its items: lists of {number =, path =}, in the
 * order in which their answers are given */
static int functions(lua_State *L) {
  const pur_map_sales *sales = pur_map_sales_of(pur_lua_check_map(L, 1));
  lua_newtable(L);
  list_functions(L, &sales->purchase);
  lua_newtable(L);
  list_functions(L, &sales->item);
  return 2;
}

/* encode(text, encoding) → the bytes that the text is in a file of the encoding that reader:head
 * tells */
static int encode(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1);
  lua_Integer encoding = luaL_checkinteger(L, 2);
  pur_buffer *out = pur_lua_new_object(L, BYTES, sizeof *out); /* freed also if pushing raises */
  pur_error error;
  luaL_argcheck(L, encoding > PUR_ENCODING_ANY && encoding <= PUR_ENCODING_UTF16_BE, 2,
                "no encoding");
  pur_encoding_encode((pur_encoding)encoding, text.text, text.length, out);
  if (pur_buffer_check(out, &error) != PUR_OK) return pur_lua_fail(L, "validation", &error);
  lua_pushlstring(L, text.length > 0 ? out->data : "", out->length);
  pur_buffer_free(out);
  return 1;
}

void pur_lua_open_map(lua_State *L) {
  static const luaL_Reg list[] = {
      {"compile", compile}, {"functions", functions}, {"encode", encode}, {NULL, NULL}};
  pur_lua_new_class(L, MAP, close_map, NULL);
  pur_lua_new_class(L, BYTES, free_bytes, NULL);
  luaL_newlib(L, list);
}

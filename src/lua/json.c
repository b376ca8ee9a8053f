/* purchases.core.json: is it JSON, one model out of an answer, numbers and strings as JSON. */
#include <math.h>

#include "base/buffer.h"
#include "json/json.h"
#include "number/number.h"
#include "compat.h"

#define BUFFER "purchases.json.buffer"
#define KEPT 65536 /* bytes of it that are kept for the next call */

static const char *check_text(lua_State *L, int index, size_t *length) {
  luaL_checktype(L, index, LUA_TSTRING);
  return lua_tolstring(L, index, length);
}

/* nil, err: with line and column when the text is what is wrong. */
static int fail(lua_State *L, const char *kind, const char *text, size_t length,
                const pur_error *error) {
  pur_lua_fail(L, kind, error);
  if (error->status == PUR_NOT_FOUND || error->status == PUR_NO_MEMORY) return 2;
  pur_lua_set_text_place(L, text, length, error->position);
  return 2;
}

static int valid(lua_State *L) {
  size_t length;
  const char *text = check_text(L, 1, &length);
  pur_error error;
  if (pur_json_check(text, length, &error) != PUR_OK)
    return fail(L, "validation", text, length, &error);
  lua_pushboolean(L, 1);
  return 1;
}

/* The number at `index` as JSON has it, in `out` or in that place of the stack itself. */
static const char *number_text(lua_State *L, int index, char out[PUR_NUMBER_SIZE], size_t *length) {
  lua_Number number = lua_tonumber(L, index);
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, index)) return lua_tolstring(L, index, length);
#endif
  luaL_argcheck(L, isfinite(number), index, "finite number expected");
  *length = pur_number_write(number, out);
  return out;
}

static int write_number(lua_State *L) {
  char out[PUR_NUMBER_SIZE];
  size_t length;
  const char *text;
  luaL_checktype(L, 1, LUA_TNUMBER);
  text = number_text(L, 1, out, &length);
  lua_pushlstring(L, text, length);
  return 1;
}

static int find_model(lua_State *L) {
  char out[PUR_NUMBER_SIZE];
  size_t length, id_length, slice_length;
  const char *text = check_text(L, 1, &length), *id, *slice;
  pur_error error;
  pur_status status;
  luaL_argcheck(L, lua_isstring(L, 2), 2, "number or string expected");
  id = lua_type(L, 2) == LUA_TNUMBER ? number_text(L, 2, out, &id_length)
                                     : lua_tolstring(L, 2, &id_length);
  status = pur_json_find_model(text, length, id, id_length, &slice, &slice_length, &error);
  if (status != PUR_OK)
    return fail(L, status == PUR_NOT_FOUND ? "validation" : "protocol", text, length, &error);
  lua_pushlstring(L, slice, slice_length);
  return 1;
}

/* The place of a member's value: its first and last byte, from 1. */
static int find_member(lua_State *L) {
  size_t length, name_length, slice_length;
  const char *text = check_text(L, 1, &length), *name = check_text(L, 2, &name_length), *slice;
  pur_error error;
  pur_status status =
      pur_json_find_member(text, length, name, name_length, &slice, &slice_length, &error);
  if (status != PUR_OK) return fail(L, "validation", text, length, &error);
  lua_pushinteger(L, slice - text + 1);
  lua_pushinteger(L, slice - text + (lua_Integer)slice_length);
  return 2;
}

/* The buffer belongs to Lua, so that it is freed even when pushing the text raises. */
static int free_buffer(lua_State *L) {
  pur_buffer_free(pur_lua_check_self(L, BUFFER));
  return 0;
}

static int write_string(lua_State *L) {
  pur_buffer *out = lua_touserdata(L, lua_upvalueindex(1));
  size_t length;
  const char *text = check_text(L, 1, &length);
  pur_error error;
  pur_buffer_clear(out);
  if (pur_json_write_string(out, text, length, &error) != PUR_OK)
    return fail(L, "validation", text, length, &error);
  lua_pushlstring(L, out->data, out->length);
  if (out->capacity > KEPT) pur_buffer_free(out);
  return 1;
}

void pur_lua_open_json(lua_State *L) {
  static const luaL_Reg methods[] = {{NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", free_buffer}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"valid", valid},
                                       {"find_model", find_model},
                                       {"find_member", find_member},
                                       {"write_number", write_number},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  pur_lua_new_class(L, BUFFER, methods, metamethods);
  pur_buffer_init(lua_newuserdatauv(L, sizeof(pur_buffer), 0), 0);
  luaL_setmetatable(L, BUFFER);
  lua_pushcclosure(L, write_string, 1);
  lua_setfield(L, -2, "write_string");
}

/* purchases.core: one shared library for every part of the C core. */
#include "compat.h"

#define EXPORT __attribute__((visibility("default")))

void pur_lua_new_error(lua_State *L, const char *kind, const char *code, const char *message) {
  lua_createtable(L, 0, 6);
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  luaL_getmetatable(L, PUR_LUA_ERROR);
  lua_setmetatable(L, -2);
}

int pur_lua_fail(lua_State *L, const char *kind, const pur_error *error) {
  lua_pushnil(L);
  pur_lua_new_error(L, kind, pur_status_name(error->status), error->message);
  lua_pushinteger(L, (lua_Integer)error->position + 1);
  lua_setfield(L, -2, "position");
  return 2;
}

#if LUA_VERSION_NUM < 503
void pur_lua_set_text(lua_State *L, int index) {
  lua_createtable(L, 1, 0);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
  pur_lua_set_anchor(L, index);
}

void pur_lua_get_text(lua_State *L, int index) {
  pur_lua_get_anchor(L, index);
  lua_rawgeti(L, -1, 1);
  lua_remove(L, -2);
}
#endif

static void set_functions(lua_State *L, const luaL_Reg *functions) {
  for (; functions->name != NULL; functions++) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}

void pur_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods,
                       const luaL_Reg *metamethods) {
  luaL_newmetatable(L, name);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  set_functions(L, metamethods);
  lua_newtable(L);
  set_functions(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

static void open_part(lua_State *L, const char *name, void (*open)(lua_State *)) {
  open(L);
  lua_setfield(L, -2, name);
}

EXPORT int luaopen_purchases_core(lua_State *L);

EXPORT int luaopen_purchases_core(lua_State *L) {
  lua_newtable(L);
  luaL_newmetatable(L, PUR_LUA_ERROR);
  lua_setfield(L, -2, "error");
  open_part(L, "datetime", pur_lua_open_datetime);
  open_part(L, "json", pur_lua_open_json);
  open_part(L, "series", pur_lua_open_series);
  open_part(L, "http", pur_lua_open_http);
  open_part(L, "system", pur_lua_open_system);
  return 1;
}

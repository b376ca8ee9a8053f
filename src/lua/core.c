/* purchases.core: one shared library for every part of the C core. */
#include "compat.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int luaopen_purchases_core(lua_State *L);

EXPORT int luaopen_purchases_core(lua_State *L) {
  static const struct {
    const char *name;
    void (*open)(lua_State *);
  } parts[] = {
      {"datetime", pur_lua_open_datetime}, {"json", pur_lua_open_json},
      {"bulks", pur_lua_open_bulks},       {"rows", pur_lua_open_input},
      {"map", pur_lua_open_map},           {"series", pur_lua_open_series},
      {"schema", pur_lua_open_schema},     {"http", pur_lua_open_http},
      {"system", pur_lua_open_system},
  };
  lua_newtable(L);
  luaL_newmetatable(L, PUR_LUA_ERROR);
  lua_setfield(L, -2, "error");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    parts[i].open(L);
    lua_setfield(L, -2, parts[i].name);
  }
  return 1;
}

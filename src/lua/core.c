/* purchases.core: one shared library for every part of the C core. */
#include "compat.h"

#define EXPORT __attribute__((visibility("default")))

#define PART(name) {#name, pur_lua_open_##name},

EXPORT int luaopen_purchases_core(lua_State *L);

EXPORT int luaopen_purchases_core(lua_State *L) {
  static const struct {
    const char *name;
    void (*open)(lua_State *);
  } parts[] = {PUR_LUA_PARTS(PART)};
  lua_newtable(L);
  luaL_newmetatable(L, PUR_LUA_ERROR);
  lua_setfield(L, -2, "error");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    parts[i].open(L);
    lua_setfield(L, -2, parts[i].name);
  }
  return 1;
}

/* purchases.core.system */
#include "../system.h"
#include "compat.h"

static int monotonic(lua_State *L) {
  lua_pushnumber(L, pur_system_monotonic());
  return 1;
}

static int random_number(lua_State *L) {
  lua_pushnumber(L, pur_system_random());
  return 1;
}

/* terminal_width() → columns | nil when standard error is no terminal */
static int terminal_width(lua_State *L) {
  int width = pur_system_terminal_width();
  if (width == 0) return 0;
  lua_pushinteger(L, width);
  return 1;
}

static int catch_interrupts(lua_State *L) {
  (void)L;
  pur_system_catch_interrupts();
  return 0;
}

static int interrupts(lua_State *L) {
  lua_pushinteger(L, pur_system_interrupts());
  return 1;
}

#define MAX_ARGUMENTS 32

/* exec(program, ...): never returns, or nil, err */
static int exec(lua_State *L) {
  const char *arguments[MAX_ARGUMENTS + 1] = {NULL};
  int count = lua_gettop(L);
  pur_error error;
  luaL_argcheck(L, count <= MAX_ARGUMENTS, MAX_ARGUMENTS, "too many arguments");
  for (int i = 0; i < count; i++) arguments[i] = luaL_checkstring(L, i + 1);
  (void)luaL_checkstring(L, 1);
  (void)pur_system_exec((char *const *)arguments, &error);
  return pur_lua_fail(L, "system", &error);
}

void pur_lua_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"monotonic", monotonic},
      {"random", random_number},
      {"terminal_width", terminal_width},
      {"catch_interrupts", catch_interrupts},
      {"interrupts", interrupts},
      {"exec", exec},
      {NULL, NULL},
  };
  luaL_newlib(L, functions);
}

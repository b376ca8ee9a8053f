/* purchases.core.system: the clock, chance, signals, ports and exec. */
#include "base/system.h"
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

static int begin_command(lua_State *L) {
  (void)L;
  pur_system_begin_command();
  return 0;
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

/* port_refusal(port) → nil, or why nobody could listen there */
static int port_refusal(lua_State *L) {
  lua_Integer port = luaL_checkinteger(L, 1);
  luaL_argcheck(L, port >= 0 && port <= 65535, 1, "no port");
  lua_pushstring(L, pur_system_port_refusal((unsigned)port));
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
      {"begin_command", begin_command},
      {"catch_interrupts", catch_interrupts},
      {"interrupts", interrupts},
      {"port_refusal", port_refusal},
      {"exec", exec},
      {NULL, NULL},
  };
  luaL_newlib(L, functions);
}

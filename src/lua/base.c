/* purchases.core.system: the clock, chance, new files, signals, ports and exec. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

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

static int is_terminal(lua_State *L) {
  lua_pushboolean(L, pur_system_is_terminal());
  return 1;
}

/* can_yield() → false where the running code cannot: there is a C function between it and the start
 * of its coroutine, or none. Where nobody can tell (PUC Lua 5.1 and 5.2), nothing. */
static int can_yield(lua_State *L) {
#if LUA_VERSION_NUM < 503
  __attribute__((weak)) int lua_isyieldable(
      lua_State *); /* LuaJIT has it; nginx hides it from Lua */
  if (lua_isyieldable == NULL) return 0;
#endif
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

/* begin_command(ignores_interrupts) → can anybody be told anything? */
static int begin_command(lua_State *L) {
  lua_pushboolean(L, pur_system_begin_command(lua_toboolean(L, 1)));
  return 1;
}

#define NEW_FILE "purchases.new_file"

/* nil, why, does the file exist already? */
static int fail(lua_State *L) {
  const int why = errno;
  lua_pushnil(L);
  lua_pushstring(L, strerror(why));
  lua_pushboolean(L, why == EEXIST);
  return 3;
}

/* create(path) → file | nil, why, does it exist already?: a new one, see pur_system_create */
static int create(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int *file = pur_lua_new_object(L, NEW_FILE, sizeof *file);
  *file = pur_system_create(path);
  return *file >= 0 ? 1 : fail(L);
}

/* file:write(text) → true | nil, why: all of it, or nothing */
static int file_write(lua_State *L) {
  const int *file = pur_lua_check_self(L, NEW_FILE);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  if (!pur_system_write(*file, text, length)) return fail(L);
  lua_pushboolean(L, 1);
  return 1;
}

/* file:close() → true | nil, why */
static int file_close(lua_State *L) {
  int *file = pur_lua_check_self(L, NEW_FILE);
  int descriptor = *file;
  *file = -1;
  if (descriptor >= 0 && close(descriptor) != 0) return fail(L);
  lua_pushboolean(L, 1);
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

/* port_refusal(port) → nil, or why nobody could listen there */
static int port_refusal(lua_State *L) {
  lua_Integer port = luaL_checkinteger(L, 1);
  luaL_argcheck(L, port >= 0 && port <= 65535, 1, "no port");
  lua_pushstring(L, pur_system_port_refusal((unsigned)port));
  return 1;
}

/* exec(script) becomes a shell that runs it, or returns nil, err. */
static int exec(lua_State *L) {
  const char *arguments[] = {"sh", "-c", luaL_checkstring(L, 1), NULL};
  pur_error error;
  (void)pur_system_exec((char *const *)arguments, &error);
  return pur_lua_fail(L, "system", &error);
}

void pur_lua_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"monotonic", monotonic},
      {"random", random_number},
      {"terminal_width", terminal_width},
      {"is_terminal", is_terminal},
      {"can_yield", can_yield},
      {"begin_command", begin_command},
      {"create", create},
      {"catch_interrupts", catch_interrupts},
      {"interrupts", interrupts},
      {"port_refusal", port_refusal},
      {"exec", exec},
      {NULL, NULL},
  };
  static const luaL_Reg methods[] = {{"write", file_write}, {"close", file_close}, {NULL, NULL}};
  pur_lua_new_class(L, NEW_FILE, file_close, methods);
  luaL_newlib(L, functions);
}

/* The base of the bindings: Lua 5.1's missing calls, and how a core error becomes `nil, err`.
 *
 * One source serves Lua 5.2 to 5.4 and the 5.1 ABI (PUC 5.1 and LuaJIT), so nothing here uses what
 * only LuaJIT adds to 5.1. */
#ifndef PURCHASES_LUA_COMPAT_H
#define PURCHASES_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#include "base/error.h"
#include "base/issues.h"
#include "base/text.h"
#include "map/map.h"
#include "number/number.h"
#include "schema/schema.h"
#include "series/series.h"

#if LUA_VERSION_NUM == 501
#undef luaL_newlib
#undef luaL_setmetatable
#define lua_rawlen(L, index) lua_objlen((L), (index))
#define luaL_newlib(L, functions) (lua_newtable(L), luaL_register((L), NULL, (functions)))
#define luaL_setmetatable(L, name) (luaL_getmetatable((L), (name)), (void)lua_setmetatable((L), -2))
#endif
#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, values) lua_newuserdata((L), (size))
#endif

/* lua_rawget and lua_rawgeti that return the type of what they push, in every version. */
#if LUA_VERSION_NUM >= 503
#define pur_lua_rawget(L, index) lua_rawget((L), (index))
#define pur_lua_rawgeti(L, index, n) lua_rawgeti((L), (index), (n))
#else
#define pur_lua_rawget(L, index) (lua_rawget((L), (index)), lua_type((L), -1))
#define pur_lua_rawgeti(L, index, n) (lua_rawgeti((L), (index), (n)), lua_type((L), -1))
#endif

/* A userdata's companion: a table that lives as long as it does. `index` is the userdata's; set
 * pops the table, get pushes it. */
#if LUA_VERSION_NUM == 501
#define pur_lua_set_anchor(L, index) ((void)lua_setfenv((L), (index)))
#define pur_lua_get_anchor(L, index) lua_getfenv((L), (index))
#elif LUA_VERSION_NUM < 504
#define pur_lua_set_anchor(L, index) lua_setuservalue((L), (index))
#define pur_lua_get_anchor(L, index) ((void)lua_getuservalue((L), (index)))
#else
#define pur_lua_set_anchor(L, index) ((void)lua_setiuservalue((L), (index), 1))
#define pur_lua_get_anchor(L, index) ((void)lua_getiuservalue((L), (index), 1))
#endif

/* The metatable of every error, in the registry; lua/purchases/error.lua fills in its methods. */
#define PUR_LUA_ERROR "purchases.error"

/* Pushes `nil, err`, where err is a purchases.error {kind, code, message, position}; returns 2.
 * `position` counts from 1, as Lua's strings do. */
int pur_lua_fail(lua_State *L, const char *kind, const pur_error *error);

/* Sets `line` and `column`, both from 1, of the table at the top of the stack; the second, to where
 * the byte at `position` of a text stands. */
void pur_lua_set_place(lua_State *L, size_t line, size_t column);
void pur_lua_set_text_place(lua_State *L, pur_text text, size_t position);

/* Pushes a purchases.error {kind, code, message}, for callers that add fields of their own. */
void pur_lua_new_error(lua_State *L, const char *kind, const char *code, const char *message);

/* Pushes `nil, err` of kind "validation" with all issues that were kept, `total`, and the place
 * where the reading stopped, if it did; returns 2. Of several files that are read as one, an issue
 * of any but the first has the number of its `file`, from 0. */
int pur_lua_fail_with_issues(lua_State *L, const pur_error *error, const pur_issues *issues);

/* Creates the metatable `name` with `close` as __gc and __close, and `methods` (NULL: none) behind
 * __index, or in it where they begin with two underscores; all have it as their upvalue. __name is
 * set, and the metatable is not left on the stack. */
void pur_lua_new_class(lua_State *L, const char *name, lua_CFunction close,
                       const luaL_Reg *methods);

/* Pushes an object of the class `name`, of `size` bytes, all of them zero. */
void *pur_lua_new_object(lua_State *L, const char *name, size_t size);

/* The object of the class `name` on which a method or metamethod is called (argument 1), or an
 * error about any other value. */
void *pur_lua_check_self(lua_State *L, const char *name);

/* The text at `index`, where no number is taken for one. */
pur_text pur_lua_check_text(lua_State *L, int index);

/* Writes the number at `index` as JSON has it, and returns its length; 0: it is not finite. */
size_t pur_lua_write_number(lua_State *L, int index, char out[PUR_NUMBER_SIZE]);

/* Sets a field of the table at the top of the stack; a flag is set to true. */
void pur_lua_set_text(lua_State *L, const char *name, const char *value, size_t length);
void pur_lua_set_string(lua_State *L, const char *name, const char *value);
void pur_lua_set_flag(lua_State *L, const char *name);
void pur_lua_set_number(lua_State *L, const char *name, size_t value);

/* Pushes a digest as a string of 8 bytes, the highest first: no number of Lua 5.1 holds 64 bits. */
void pur_lua_push_digest(lua_State *L, uint64_t digest);

/* The compiled schema at `index`, or an error about that argument. (In schema.c.) */
const pur_schema *pur_lua_check_schema(lua_State *L, int index);

/* Reads the rows of the table that is argument 1; outcome as pur_series_decode. (In table.c.) */
pur_status pur_lua_read_rows(lua_State *L, pur_map *map, pur_series **series, pur_issues *issues,
                             pur_error *error);

/* The compiled map at `index`, or an error about that argument. (In map.c.) */
pur_map *pur_lua_check_map(lua_State *L, int index);

/* The parts of `purchases.core`. Of each there is a function that pushes its table. */
#define PUR_LUA_PARTS(PART)                                                                        \
  PART(datetime)                                                                                   \
  PART(json) PART(bulks) PART(rows) PART(map) PART(series) PART(schema) PART(http) PART(system)
#define PUR_LUA_OPEN(part) void pur_lua_open_##part(lua_State *L);
PUR_LUA_PARTS(PUR_LUA_OPEN)

#endif

#include "compat.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "map/cause.h"

pur_text pur_lua_check_text(lua_State *L, int index) {
  pur_text text;
  luaL_checktype(L, index, LUA_TSTRING);
  text.text = lua_tolstring(L, index, &text.length);
  return text;
}

size_t pur_lua_write_number(lua_State *L, int index, char out[PUR_NUMBER_SIZE]) {
  lua_Number number = lua_tonumber(L, index);
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, index))
    return (size_t)snprintf(out, PUR_NUMBER_SIZE, "%lld", (long long)lua_tointeger(L, index));
#endif
  return isfinite(number) ? pur_number_write(number, out) : 0;
}

void pur_lua_set_text(lua_State *L, const char *name, const char *value, size_t length) {
  lua_pushlstring(L, value, length);
  lua_setfield(L, -2, name);
}

void pur_lua_set_number(lua_State *L, const char *name, size_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

void pur_lua_set_string(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

void pur_lua_set_flag(lua_State *L, const char *name) {
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, name);
}

void pur_lua_new_error(lua_State *L, const char *kind, const char *code, const char *message) {
  lua_createtable(L, 0, 6);
  pur_lua_set_string(L, "kind", kind);
  pur_lua_set_string(L, "code", code);
  pur_lua_set_string(L, "message", message);
  luaL_getmetatable(L, PUR_LUA_ERROR);
  lua_setmetatable(L, -2);
}

int pur_lua_fail(lua_State *L, const char *kind, const pur_error *error) {
  lua_pushnil(L);
  pur_lua_new_error(L, kind, pur_status_name(error->status), error->message);
  pur_lua_set_number(L, "position", error->position + 1);
  return 2;
}

void pur_lua_set_place(lua_State *L, size_t line, size_t column) {
  pur_lua_set_number(L, "line", line);
  pur_lua_set_number(L, "column", column);
}

void pur_lua_set_text_place(lua_State *L, pur_text text, size_t position) {
  size_t line, column;
  pur_text_place(text.text, text.length, position, &line, &column);
  pur_lua_set_place(L, line, column);
}

int pur_lua_fail_with_issues(lua_State *L, const pur_error *error, const pur_issues *issues) {
  lua_pushnil(L);
  pur_lua_new_error(L, "validation", pur_status_name(error->status), error->message);
  lua_createtable(L, (int)issues->count, 0);
  for (size_t i = 0; i < issues->count; i++) {
    const pur_issue *issue = pur_issues_get(issues, i);
    char summary[PUR_MESSAGE_SIZE];
    size_t length;
    const char *field = pur_issue_field(issues, issue, &length);
    lua_createtable(L, 0, 9);
    pur_lua_set_number(L, "index", issue->place.index);
    pur_lua_set_number(L, "count", issue->count);
    if (issue->place.line > 0) pur_lua_set_place(L, issue->place.line, issue->place.column);
    if (issue->file > 0) pur_lua_set_number(L, "file", issue->file);
    if (field != NULL) pur_lua_set_text(L, "field", field, length);
    pur_lua_set_string(L, "code", issue->code);
    pur_lua_set_string(L, "message", issue->message);
    if (issue->detail[0] != '\0') pur_lua_set_string(L, "detail", issue->detail);
    if (pur_cause_summary(issue, summary)) pur_lua_set_string(L, "summary", summary);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "issues");
  pur_lua_set_number(L, "total", issues->total);
  if (issues->stop.line > 0) {
    pur_lua_set_number(L, "position", error->position + 1);
    pur_lua_set_place(L, issues->stop.line, issues->stop.column);
  }
  return 2;
}

/* Sets methods in the table at the top of the stack, metamethods in the metatable below it. */
static void set_methods(lua_State *L, const luaL_Reg *methods) {
  for (; methods != NULL && methods->name != NULL; methods++) {
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, methods->func, 1);
    lua_setfield(L, strncmp(methods->name, "__", 2) == 0 ? -3 : -2, methods->name);
  }
}

void pur_lua_new_class(lua_State *L, const char *name, lua_CFunction close,
                       const luaL_Reg *methods) {
  const luaL_Reg ends[] = {{"__gc", close}, {"__close", close}, {NULL, NULL}};
  luaL_newmetatable(L, name);
  pur_lua_set_string(L, "__name", name);
  lua_newtable(L);
  set_methods(L, ends);
  set_methods(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void *pur_lua_new_object(lua_State *L, const char *name, size_t size) {
  void *object = lua_newuserdatauv(L, size, 1);
  memset(object, 0, size);
  luaL_setmetatable(L, name);
  return object;
}

/* Compares metatables: to find one by its name would cost more than many a method does. */
void *pur_lua_check_self(lua_State *L, const char *name) {
  void *self = lua_touserdata(L, 1);
  if (self != NULL && lua_getmetatable(L, 1)) {
    bool is_own = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (is_own) return self;
  }
  return luaL_checkudata(L, 1, name);
}

void pur_lua_push_digest(lua_State *L, uint64_t digest) {
  char bytes[8];
  for (int i = 7; i >= 0; i--, digest >>= 8) bytes[i] = (char)(digest & 0xFF);
  lua_pushlstring(L, bytes, sizeof bytes);
}

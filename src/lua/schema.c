/* purchases.core.schema: compiled JSON Schemas as a userdata type. */
#include "schema/schema.h"
#include "base/text.h"
#include "compat.h"

#define SCHEMA "purchases.schema"
#define FINDING "purchases.schema.finding"

/* The memory of a check comes with the schema: nothing of Lua runs during one. */
typedef struct handle {
  pur_schema *schema;
  pur_schema_run *run;
} handle;

/* The issues of a check, which must not leak when Lua raises an error while they are handed over.
 */
typedef struct finding {
  pur_issues issues;
  bool busy;
} finding;

static int close_handle(lua_State *L) {
  handle *h = pur_lua_check_self(L, SCHEMA);
  pur_schema_destroy(h->schema);
  pur_schema_run_destroy(h->run);
  h->schema = NULL;
  h->run = NULL;
  return 0;
}

static handle *new_handle(lua_State *L) {
  handle *h = lua_newuserdatauv(L, sizeof *h, 0);
  h->schema = NULL;
  h->run = NULL;
  luaL_setmetatable(L, SCHEMA);
  return h;
}

const pur_schema *pur_lua_check_schema(lua_State *L, int index) {
  const handle *h = luaL_checkudata(L, index, SCHEMA);
  luaL_argcheck(L, h->schema != NULL, index, "schema is closed");
  return h->schema;
}

static int close_finding(lua_State *L) {
  finding *f = pur_lua_check_self(L, FINDING);
  pur_issues_free(&f->issues);
  f->busy = false;
  return 0;
}

static finding *new_finding(lua_State *L) {
  finding *f = lua_newuserdatauv(L, sizeof *f, 0);
  f->busy = false;
  pur_issues_init(&f->issues);
  luaL_setmetatable(L, FINDING);
  return f;
}

/* compile(json_schema_text) → schema | nil, err */
static int compile(lua_State *L) {
  size_t length;
  const char *text;
  handle *h;
  pur_error error;
  luaL_checktype(L, 1, LUA_TSTRING);
  text = lua_tolstring(L, 1, &length);
  h = new_handle(L);
  if (pur_schema_compile(text, length, &h->schema, &error) == PUR_OK) {
    h->run = pur_schema_run_new();
    if (h->run != NULL) return 1;
    (void)pur_error_no_memory(&error);
  }
  pur_lua_fail(L, "validation", &error);
  if (error.status != PUR_NO_MEMORY && error.status != PUR_TOO_LARGE)
    pur_lua_set_text_place(L, text, length, error.position);
  return 2;
}

/* schema:check(json_text) → true | nil, err */
static int check(lua_State *L) {
  static const pur_place start = {0, 1, 1};
  const handle *h = pur_lua_check_self(L, SCHEMA);
  size_t length;
  const char *text;
  finding *f;
  pur_place *stop;
  pur_error error;
  int results;
  luaL_argcheck(L, h->schema != NULL, 1, "schema is closed");
  luaL_checktype(L, 2, LUA_TSTRING);
  text = lua_tolstring(L, 2, &length);
  /* All checks share one finding. Another is made where that is still at work: a finalizer may
   * check something while issues are handed over. */
  f = lua_touserdata(L, lua_upvalueindex(1));
  if (f->busy) f = new_finding(L);
  f->busy = true;
  if (pur_schema_check(h->schema, h->run, text, length, &start, &f->issues, &error) == PUR_OK) {
    f->busy = false;
    lua_pushboolean(L, 1);
    return 1;
  }
  stop = &f->issues.stop;
  if (error.status != PUR_SCHEMA_MISMATCH && error.status != PUR_NO_MEMORY)
    pur_text_place(text, length, error.position, &stop->line, &stop->column);
  results = pur_lua_fail_with_issues(L, &error, &f->issues);
  pur_issues_free(&f->issues);
  f->busy = false;
  return results;
}

void pur_lua_open_schema(lua_State *L) {
  static const luaL_Reg nothing[] = {{NULL, NULL}};
  static const luaL_Reg finding_meta[] = {{"__gc", close_finding}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", close_handle}, {"__close", close_handle}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"compile", compile}, {NULL, NULL}};
  pur_lua_new_class(L, FINDING, nothing, finding_meta);
  pur_lua_new_class(L, SCHEMA, nothing, meta);
  luaL_getmetatable(L, SCHEMA);
  lua_getfield(L, -1, "__index");
  (void)new_finding(L);
  lua_pushcclosure(L, check, 1);
  lua_setfield(L, -2, "check");
  lua_pop(L, 2);
  luaL_newlib(L, functions);
}

/* purchases.core.schema: compiled JSON Schemas as a userdata type. */
#include "schema/schema.h"

#include "compat.h"

#define SCHEMA "purchases.schema"
#define ISSUES "purchases.schema.issues"

/* The memory of a check comes with the schema: nothing of Lua runs during one. */
typedef struct handle {
  pur_schema *schema;
  pur_schema_run *run;
  pur_issues issues; /* of the check that is under way */
} handle;

static int close_handle(lua_State *L) {
  handle *h = pur_lua_check_self(L, SCHEMA);
  pur_schema_destroy(h->schema);
  pur_schema_run_destroy(h->run);
  pur_issues_free(&h->issues);
  h->schema = NULL;
  h->run = NULL;
  return 0;
}

const pur_schema *pur_lua_check_schema(lua_State *L, int index) {
  const handle *h = luaL_checkudata(L, index, SCHEMA);
  luaL_argcheck(L, h->schema != NULL, index, "schema is closed");
  return h->schema;
}

static int free_issues(lua_State *L) {
  pur_issues_free(pur_lua_check_self(L, ISSUES));
  return 0;
}

/* compile(json_schema_text) → schema | nil, err */
static int compile(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1);
  handle *h = pur_lua_new_object(L, SCHEMA, sizeof *h);
  pur_error error;
  if (pur_schema_compile(text.text, text.length, &h->schema, &error) == PUR_OK) {
    h->run = pur_schema_run_new();
    if (h->run != NULL) return 1;
    (void)pur_error_no_memory(&error);
  }
  pur_lua_fail(L, "validation", &error);
  if (error.status != PUR_NO_MEMORY && error.status != PUR_TOO_LARGE)
    pur_lua_set_text_place(L, text, error.position);
  return 2;
}

/* schema:check(json_text) → true | nil, err */
static int check(lua_State *L) {
  static const pur_place start = {0, 1, 1};
  handle *h = pur_lua_check_self(L, SCHEMA);
  const pur_text text = pur_lua_check_text(L, 2);
  pur_issues *issues;
  pur_error error;
  luaL_argcheck(L, h->schema != NULL, 1, "schema is closed");
  pur_issues_free(&h->issues);
  if (pur_schema_check(h->schema, h->run, text.text, text.length, &start, &h->issues, &error) ==
      PUR_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  /* Handing them over may raise an error, or run a finalizer that checks something, too. */
  issues = pur_lua_new_object(L, ISSUES, sizeof *issues);
  *issues = h->issues;
  pur_issues_init(&h->issues);
  if (error.status != PUR_SCHEMA_MISMATCH && error.status != PUR_NO_MEMORY)
    pur_text_place(text.text, text.length, error.position, &issues->stop.line,
                   &issues->stop.column);
  (void)pur_lua_fail_with_issues(L, &error, issues);
  pur_issues_free(issues);
  return 2;
}

void pur_lua_open_schema(lua_State *L) {
  static const luaL_Reg methods[] = {{"check", check}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"compile", compile}, {NULL, NULL}};
  pur_lua_new_class(L, ISSUES, free_issues, NULL);
  pur_lua_new_class(L, SCHEMA, close_handle, methods);
  luaL_newlib(L, functions);
}

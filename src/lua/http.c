/* purchases.core.http: pools of transfers. No Lua function is ever called from here. */
#include <string.h>

#include "http/pool.h"
#include "compat.h"

#define POOL "purchases.pool"
#define RESPONSE "purchases.response"
#define MAX_HEADERS 64

/* An object is a pointer to a pool, NULL once it was closed. Its user value (in 5.1: its
 * environment) holds the bodies of transfers by slot, since the core only borrows them: until they
 * are taken, or, cancelled or refused, until their slot is used again. */
static pur_pool *get_pool(lua_State *L) {
  return *(pur_pool **)pur_lua_check_self(L, POOL);
}

/* nil, err for what never went as far as a connection */
static int fail(lua_State *L, const pur_error *error) {
  (void)pur_lua_fail(L, "transport", error);
  pur_lua_set_string(L, "sent", "no");
  return 2;
}

/* new() → pool | nil, err */
static int http_new(lua_State *L) {
  pur_error error;
  pur_pool **pool = pur_lua_new_object(L, POOL, sizeof *pool);
  lua_newtable(L);
  pur_lua_set_anchor(L, -2);
  if (pur_pool_new(pool, &error) != PUR_OK) return fail(L, &error);
  return 1;
}

/* A text field, NULL where it is nil. The table keeps the string alive. Where nobody asks for the
 * length, a NUL would cut the text. */
static const char *text_field(lua_State *L, const char *name, size_t *length) {
  const char *text = NULL;
  size_t size = 0;
  lua_getfield(L, 2, name);
  if (lua_type(L, -1) == LUA_TSTRING)
    text = lua_tolstring(L, -1, &size);
  else if (!lua_isnil(L, -1))
    luaL_error(L, "request field '%s' must be a string", name);
  if (length != NULL)
    *length = size;
  else if (text != NULL && memchr(text, '\0', size) != NULL)
    luaL_error(L, "request field '%s' holds a NUL", name);
  lua_pop(L, 1);
  return text;
}

#define LARGEST_NUMBER 1e15 /* of seconds or bytes: more fits nowhere */

static double number_field(lua_State *L, const char *name, double otherwise) {
  double number = otherwise;
  lua_getfield(L, 2, name);
  if (lua_type(L, -1) == LUA_TNUMBER)
    number = lua_tonumber(L, -1);
  else if (!lua_isnil(L, -1))
    luaL_error(L, "request field '%s' must be a number", name);
  if (!(number >= 0 && number <= LARGEST_NUMBER))
    luaL_error(L, "request field '%s' is out of range", name);
  lua_pop(L, 1);
  return number;
}

/* The table of headers at the top of the stack; its strings stay alive in it. */
static size_t read_headers(lua_State *L, pur_header headers[MAX_HEADERS]) {
  size_t count = 0;
  if (lua_isnil(L, -1)) return 0;
  luaL_checktype(L, -1, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    pur_header *header = &headers[count++];
    if (count > MAX_HEADERS) return (size_t)luaL_error(L, "more than %d headers", MAX_HEADERS);
    if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
      return (size_t)luaL_error(L, "headers must be strings by their names");
    header->name.text = lua_tolstring(L, -2, &header->name.length);
    header->value.text = lua_tolstring(L, -1, &header->value.length);
  }
  return count;
}

static void read_request(lua_State *L, pur_request *request) {
  memset(request, 0, sizeof *request);
  request->method = text_field(L, "method", NULL);
  request->url = text_field(L, "url", NULL);
  request->body = text_field(L, "body", &request->body_length);
  request->ca_file = text_field(L, "ca_file", NULL);
  request->proxy = text_field(L, "proxy", NULL);
  request->timeout = number_field(L, "timeout", 60);
  request->connect_timeout = number_field(L, "connect_timeout", 10);
  request->max_body = (size_t)number_field(L, "max_body", 64.0 * 1024 * 1024);
  lua_getfield(L, 2, "idempotent");
  request->idempotent = lua_toboolean(L, -1);
  lua_getfield(L, 2, "fresh_connection");
  request->fresh_connection = lua_toboolean(L, -1);
  lua_pop(L, 2);
  if (request->method == NULL || request->url == NULL)
    luaL_error(L, "a request needs 'method' and 'url'");
}

/* Keeps the body at the top of the stack from the garbage collector, in the place of the one that
 * the slot had before; pops it. */
static void anchor_body(lua_State *L, size_t slot) {
  pur_lua_get_anchor(L, 1);
  lua_insert(L, -2);
  lua_rawseti(L, -2, (int)slot + 1);
  lua_pop(L, 1);
}

/* pool:add{method=, url=, headers=, body=, timeout=, ...} → id | nil, err */
static int pool_add(lua_State *L) {
  pur_pool **pool = pur_lua_check_self(L, POOL); /* a finalizer may close it meanwhile */
  pur_header headers[MAX_HEADERS];
  pur_request request;
  pur_error error;
  uint64_t id;
  size_t slot;
  luaL_checktype(L, 2, LUA_TTABLE);
  /* Nothing would keep alive what a metamethod made up. */
  luaL_argcheck(L, !lua_getmetatable(L, 2), 2, "a request is a table without a metatable");
  read_request(L, &request);
  lua_getfield(L, 2, "headers");
  request.headers = headers;
  request.header_count = read_headers(L, headers);
  slot = pur_pool_next_slot(*pool);
  lua_getfield(L, 2, "body");
  anchor_body(L, slot); /* may raise, so not while a transfer borrows it */
  if (pur_pool_add(*pool, &request, &id, &error) != PUR_OK) return fail(L, &error);
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

/* pool:step() → transfers still running | nil, err */
static int pool_step(lua_State *L) {
  pur_pool *pool = get_pool(L);
  size_t running;
  pur_error error;
  if (pur_pool_step(pool, &running, &error) != PUR_OK) return fail(L, &error);
  lua_pushinteger(L, (lua_Integer)running);
  return 1;
}

/* pool:take() → id, {status=, headers=, body=, unfinished=} | id, nil, err | nil when none has
 * ended. The headers' lines stand at 1 until lua/purchases/net/head.lua makes a table of them. */
static int pool_take(lua_State *L) {
  static const char *const sent[] = {"no", "maybe", "yes"};
  pur_pool *pool = get_pool(L);
  const pur_response *response = pool != NULL ? pur_pool_take(pool) : NULL;
  const pur_buffer *lines, *body;
  if (response == NULL) return 0;
  lua_pushnil(L);
  anchor_body(L, pur_pool_slot(response->id));
  lua_pushinteger(L, (lua_Integer)response->id);
  if (response->status == 0) {
    lua_pushnil(L);
    pur_lua_new_error(L, "transport", response->code, response->message);
    pur_lua_set_string(L, "sent", sent[response->sent]);
    pur_lua_set_string(L, "phase", response->phase);
    pur_lua_set_number(L, "curl_code", (size_t)response->curl_code);
    return 3;
  }
  lines = response->lines;
  body = &response->body;
  lua_createtable(L, 1, 3);
  luaL_setmetatable(L, RESPONSE);
  pur_lua_set_number(L, "status", (size_t)response->status);
  lua_pushlstring(L, lines->data != NULL ? lines->data : "", lines->length);
  lua_rawseti(L, -2, 1);
  pur_lua_set_text(L, "body", body->data != NULL ? body->data : "", body->length);
  if (response->unfinished) pur_lua_set_flag(L, "unfinished");
  return 2;
}

/* pool:poll(seconds) → true | nil, err */
static int pool_poll(lua_State *L) {
  pur_pool *pool = get_pool(L);
  double seconds = luaL_checknumber(L, 2);
  pur_error error;
  if (pur_pool_poll(pool, seconds, &error) != PUR_OK) return fail(L, &error);
  lua_pushboolean(L, 1);
  return 1;
}

/* pool:leave(seconds): the caller waits elsewhere, for at most so long */
static int pool_leave(lua_State *L) {
  pur_pool *pool = get_pool(L);
  double seconds = luaL_checknumber(L, 2);
  if (pool != NULL) pur_pool_leave(pool, seconds);
  return 0;
}

/* pool:cancel(id) → was there such a transfer? */
static int pool_cancel(lua_State *L) {
  pur_pool *pool = get_pool(L);
  lua_Number id = luaL_checknumber(L, 2);
  bool possible = id > 0 && id < 0x1p63;
  lua_pushboolean(L, pool != NULL && possible && pur_pool_cancel(pool, (uint64_t)id));
  return 1;
}

/* pool:close(): ends every transfer; may be called again */
static int pool_close(lua_State *L) {
  pur_pool **pool = pur_lua_check_self(L, POOL), *closed = *pool;
  *pool = NULL;
  pur_pool_destroy(closed);
  return 0;
}

void pur_lua_open_http(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"add", pool_add},     {"step", pool_step},     {"take", pool_take},   {"poll", pool_poll},
      {"leave", pool_leave}, {"cancel", pool_cancel}, {"close", pool_close}, {NULL, NULL},
  };
  static const luaL_Reg functions[] = {{"new", http_new}, {NULL, NULL}};
  pur_lua_new_class(L, POOL, pool_close, methods);
  luaL_newlib(L, functions);
  luaL_newmetatable(L, RESPONSE);
  lua_setfield(L, -2, "response");
}

/* purchases.core.json: is it JSON, its values as Lua's, one model out of an answer, numbers and
 * strings as JSON, digests of values. */
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "json/digest.h"
#include "json/json.h"
#include "number/number.h"
#include "compat.h"

#define WORK "purchases.json.work"
#define KEPT 65536 /* bytes that are kept for the next string */

/* nil, err: with line and column when the text is what is wrong. */
static int fail(lua_State *L, const char *kind, pur_text text, const pur_error *error) {
  pur_lua_fail(L, kind, error);
  if (error->status == PUR_NOT_FOUND || error->status == PUR_NO_MEMORY) return 2;
  pur_lua_set_text_place(L, text, error->position);
  return 2;
}

static int valid(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1);
  pur_error error;
  if (pur_json_check(text.text, text.length, &error) != PUR_OK)
    return fail(L, "validation", text, &error);
  lua_pushboolean(L, 1);
  return 1;
}

static int write_number(lua_State *L) {
  char out[PUR_NUMBER_SIZE];
  size_t length;
  luaL_checktype(L, 1, LUA_TNUMBER);
  length = pur_lua_write_number(L, 1, out);
  luaL_argcheck(L, length > 0, 1, "finite number expected");
  lua_pushlstring(L, out, length);
  return 1;
}

/* find_model(text, id) → the text of the model with this id, a number or a string | nil, err */
static int find_model(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1);
  char out[PUR_NUMBER_SIZE];
  pur_text id = {out, 0}, slice;
  pur_error error;
  pur_status status;
  if (lua_type(L, 2) == LUA_TNUMBER)
    id.length = pur_lua_write_number(L, 2, out);
  else
    id = pur_lua_check_text(L, 2);
  luaL_argcheck(L, id.text != out || id.length > 0, 2, "finite number expected");
  status = pur_json_find_model(text.text, text.length, id.text, id.length, &slice.text,
                               &slice.length, &error);
  if (status != PUR_OK)
    return fail(L, status == PUR_NOT_FOUND ? "validation" : "protocol", text, &error);
  lua_pushlstring(L, slice.text, slice.length);
  return 1;
}

/* The place of a member's value: its first and last byte, from 1. */
static int find_member(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1), name = pur_lua_check_text(L, 2);
  pur_text slice;
  pur_error error;
  if (pur_json_find_member(text.text, text.length, name.text, name.length, &slice.text,
                           &slice.length, &error) != PUR_OK)
    return fail(L, "validation", text, &error);
  lua_pushinteger(L, slice.text - text.text + 1);
  lua_pushinteger(L, slice.text - text.text + (lua_Integer)slice.length);
  return 2;
}

/* Memory */

/* The memory of a call. Belongs to Lua, so that it is freed even when pushing a value raises. */
typedef struct work {
  pur_json_scanner scanner;
  pur_buffer text;
  size_t left;     /* bytes of memory that values may still take */
  bool is_nearest; /* whole numbers without an integer of their own become doubles near to them */
} work;

static int free_work(lua_State *L) {
  work *self = pur_lua_check_self(L, WORK);
  pur_json_scanner_free(&self->scanner);
  pur_buffer_free(&self->text);
  return 0;
}

static int write_string(lua_State *L) {
  work *self = lua_touserdata(L, lua_upvalueindex(1));
  const pur_text text = pur_lua_check_text(L, 1);
  pur_error error;
  pur_buffer_clear(&self->text);
  if (pur_json_write_string(&self->text, text.text, text.length, &error) != PUR_OK)
    return fail(L, "validation", text, &error);
  lua_pushlstring(L, self->text.data, self->text.length);
  if (self->text.capacity > KEPT) pur_buffer_free(&self->text);
  return 1;
}

/* digest(text) → that of its value, 8 bytes | nil, err. That names come twice is not told. */
static int digest(lua_State *L) {
  work *self = lua_touserdata(L, lua_upvalueindex(1));
  const pur_text text = pur_lua_check_text(L, 1);
  uint64_t of_value;
  pur_error error;
  if (pur_json_digest(text.text, text.length, &self->text, &of_value, &error) != PUR_OK)
    return fail(L, "validation", text, &error);
  if (self->text.capacity > KEPT) pur_buffer_free(&self->text);
  pur_lua_push_digest(L, of_value);
  return 1;
}

/* Decoding */

/* What values take of Lua's memory, about. */
enum { PLACE_SIZE = 32, TABLE_SIZE = 64, STRING_SIZE = 32 };

#define LARGEST_WHOLE 9007199254740992 /* up to it, doubles keep whole numbers apart */
#define SHOWN 40                       /* bytes of a number in a message */

static bool is_whole(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (text[i] == '.' || (text[i] | 0x20) == 'e') return false;
  return length != 2 || memcmp(text, "-0", 2) != 0;
}

/* Reads a whole number. False: this Lua has no integer for it. */
static bool read_whole(const char *text, size_t length, int64_t *whole) {
  bool negative = *text == '-';
  *whole = 0;
  for (size_t i = negative; i < length; i++) {
    int digit = negative ? '0' - text[i] : text[i] - '0';
    if (__builtin_mul_overflow(*whole, 10, whole)) return false;
    if (__builtin_add_overflow(*whole, digit, whole)) return false;
  }
#if LUA_VERSION_NUM >= 503
  return true;
#else
  return *whole <= LARGEST_WHOLE && *whole >= -LARGEST_WHOLE;
#endif
}

/* A whole number that Lua cannot hold keeps its digits, as a text. */
static pur_status push_number(lua_State *L, const work *self, const pur_json_token *token,
                              pur_error *error) {
  bool whole = is_whole(token->text, token->length);
  int64_t integer;
  double number;
  if (whole && read_whole(token->text, token->length, &integer))
    lua_pushinteger(L, (lua_Integer)integer);
  else if (whole && !self->is_nearest)
    lua_pushlstring(L, token->text, token->length);
  else if (pur_number_read(token->text, token->length, &number))
    lua_pushnumber(L, number);
  else
    return pur_error_set(error, PUR_INVALID_JSON, token->position, "%.*s is too large for a number",
                         (int)pur_utf8_clip(token->text, token->length, SHOWN), token->text);
  return PUR_OK;
}

static bool is_begin(const pur_json_token *token) {
  return token->kind == PUR_JSON_OBJECT_BEGIN || token->kind == PUR_JSON_ARRAY_BEGIN;
}

static pur_status push_token(lua_State *L, work *self, const pur_json_token *token,
                             pur_error *error) {
  size_t size = is_begin(token) ? PLACE_SIZE + TABLE_SIZE : PLACE_SIZE;
  pur_text text;
  if (token->kind == PUR_JSON_KEY) size = token->length;
  if (token->kind == PUR_JSON_STRING) size += STRING_SIZE + token->length;
  if (size > self->left)
    return pur_error_set(error, PUR_TOO_LARGE, token->position,
                         "its values take more memory than is allowed");
  self->left -= size;
  if (!lua_checkstack(L, 4)) return pur_error_no_memory(error);
  switch (token->kind) {
  case PUR_JSON_KEY:
  case PUR_JSON_STRING:
    if (pur_json_string_text(token, &self->text, &text, error) != PUR_OK) return PUR_NO_MEMORY;
    lua_pushlstring(L, text.text, text.length);
    return PUR_OK;
  case PUR_JSON_NUMBER:
    return push_number(L, self, token, error);
  case PUR_JSON_OBJECT_BEGIN:
  case PUR_JSON_ARRAY_BEGIN:
    lua_newtable(L);
    return PUR_OK;
  case PUR_JSON_NULL:
    lua_pushlightuserdata(L, NULL);
    return PUR_OK;
  default:
    lua_pushboolean(L, token->kind == PUR_JSON_TRUE);
    return PUR_OK;
  }
}

/* Leaves the document's value at the top. Above what is open stand its tables, and behind an
 * object's the name whose value comes next. PUR_END, or the first error. */
static pur_status read_document(lua_State *L, work *self, pur_error *error) {
  int counts[PUR_JSON_DEPTH]; /* of the elements of what is open */
  pur_json_token token;
  pur_status status;
  while ((status = pur_json_next(&self->scanner, &token, error)) == PUR_OK) {
    bool is_end = token.kind == PUR_JSON_OBJECT_END || token.kind == PUR_JSON_ARRAY_END;
    if (!is_end) status = push_token(L, self, &token, error);
    if (status != PUR_OK) return status;
    if (is_begin(&token)) counts[self->scanner.depth - 1] = 0;
    if (token.kind == PUR_JSON_KEY || is_begin(&token)) continue;
    if (token.kind == PUR_JSON_ARRAY_END && counts[self->scanner.depth] == 0) {
      lua_pushvalue(L, lua_upvalueindex(1));
      lua_setmetatable(L, -2);
    }
    if (self->scanner.depth == 0) continue;
    if (lua_type(L, -2) == LUA_TSTRING)
      lua_rawset(L, -3);
    else
      lua_rawseti(L, -2, ++counts[self->scanner.depth - 1]);
  }
  return status;
}

/* decode(text, memory, is_nearest) → value | nil, err: code "too_large" where the values would take
 * more than `memory` bytes */
static int decode(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1);
  lua_Number memory = luaL_checknumber(L, 2);
  bool is_nearest = lua_toboolean(L, 3);
  work *self = pur_lua_new_object(L, WORK, sizeof *self);
  pur_error error;
  pur_status status;
  pur_json_scanner_restart(&self->scanner, text.text, text.length);
  self->left = memory < 0x1p52 ? (size_t)memory : SIZE_MAX;
  self->is_nearest = is_nearest;
  status = read_document(L, self, &error);
  pur_json_scanner_free(&self->scanner);
  pur_buffer_free(&self->text);
  return status == PUR_END ? 1 : fail(L, "protocol", text, &error);
}

void pur_lua_open_json(lua_State *L) {
  static const luaL_Reg functions[] = {{"valid", valid},
                                       {"find_model", find_model},
                                       {"find_member", find_member},
                                       {"write_number", write_number},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  pur_lua_new_class(L, WORK, free_work, NULL);
  (void)pur_lua_new_object(L, WORK, sizeof(work));
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, write_string, 1);
  lua_setfield(L, -3, "write_string");
  lua_pushcclosure(L, digest, 1);
  lua_setfield(L, -2, "digest");
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "list");
  lua_pushcclosure(L, decode, 1);
  lua_setfield(L, -2, "decode");
}

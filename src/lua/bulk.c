/* purchases.core.bulks: readers of purchases, and the bulks that they make. */
#include "bulk/reader.h"

#include <stdbool.h>

#include "compat.h"

#define READER "purchases.bulk_reader"
#define BULK "purchases.bulk"
#define SLICE ((size_t)256 * 1024) /* to check so many bytes takes some milliseconds at worst */

/* A reader's companion holds the schemas, the key's name and the reader. It is the companion of the
 * reader's bulks, too, so that a bulk keeps its reader alive. */
typedef struct reader {
  pur_bulk_reader core;
  bool is_open;
} reader;

typedef struct box {
  reader *from; /* kept by the companion */
  pur_bulk bulk;
} box;

static reader *check_reader(lua_State *L) {
  reader *r = pur_lua_check_self(L, READER);
  luaL_argcheck(L, r->is_open, 1, "reader is closed");
  return r;
}

static int reader_close(lua_State *L) {
  reader *r = pur_lua_check_self(L, READER);
  if (r->is_open) pur_bulk_reader_close(&r->core);
  r->is_open = false;
  return 0;
}

/* Pushes nil, err, with the place where the file cannot be read on, or all that is wrong with a
 * map. */
static int fail(lua_State *L, const reader *r, const pur_error *error) {
  if (error->status == PUR_INVALID_MAP && r->core.sales != NULL)
    return pur_lua_fail_with_issues(L, error, &r->core.sales->fields.issues);
  (void)pur_lua_fail(L, "validation", error);
  if (error->status == PUR_INVALID_JSON)
    pur_lua_set_place(L, r->core.splitter.line, r->core.splitter.column);
  return 2;
}

/* Gets a number of the table that is argument 1. */
static size_t size_field(lua_State *L, const char *name) {
  lua_Number number;
  lua_getfield(L, 1, name);
  number = luaL_checknumber(L, -1);
  luaL_argcheck(L, number >= 1 && number <= 1e15, 1, "out of range");
  lua_pop(L, 1);
  return (size_t)number;
}

/* Gets the schemas of the table at the top, each of which may have been closed since. */
static void get_schemas(lua_State *L, const pur_schema *schemas[PUR_BULK_SCHEMAS]) {
  static const char *const names[PUR_BULK_SCHEMAS] = {"schema", "extra_schema"};
  for (int i = 0; i < PUR_BULK_SCHEMAS; i++) {
    lua_getfield(L, -1, names[i]);
    schemas[i] = lua_isnil(L, -1) ? NULL : pur_lua_check_schema(L, lua_gettop(L));
    lua_pop(L, 1);
  }
}

static void renew_schemas(lua_State *L, reader *r) {
  pur_lua_get_anchor(L, 1);
  get_schemas(L, r->core.rules.schemas);
  lua_pop(L, 1);
}

/* new_reader{schema=, extra_schema=, key=, key_within=, max_purchase=, max_count=, max_size=,
 * first_line=} → reader | nil, err. The caller gives the table away: it becomes the reader's
 * companion, and keeps the texts and schemas. */
static int new_reader(lua_State *L) {
  pur_bulk_rules rules = {.slice = SLICE};
  pur_error error;
  reader *r;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  get_schemas(L, rules.schemas);
  rules.max_purchase = size_field(L, "max_purchase");
  rules.max_count = size_field(L, "max_count");
  rules.max_size = size_field(L, "max_size");
  rules.first_line = size_field(L, "first_line");
  lua_getfield(L, 1, "key");
  rules.key = luaL_checklstring(L, -1, &rules.key_length);
  lua_getfield(L, 1, "key_within");
  rules.within = luaL_optlstring(L, -1, NULL, &rules.within_length);
  r = pur_lua_new_object(L, READER, sizeof *r);
  lua_pushvalue(L, -1);
  lua_setfield(L, 1, "reader");
  lua_pushvalue(L, 1);
  pur_lua_set_anchor(L, -2);
  r->is_open = true; /* so that a reader that was made halfway is closed, too */
  if (pur_bulk_reader_init(&r->core, &rules, &error) != PUR_OK) return fail(L, r, &error);
  return 1;
}

/* reader:open(path, [map]) → true | nil, err */
static int reader_open(lua_State *L) {
  reader *r = check_reader(L);
  const char *path = luaL_checkstring(L, 2);
  pur_error error;
  pur_status status =
      lua_isnoneornil(L, 3)
          ? pur_bulk_reader_open(&r->core, path, &error)
          : pur_bulk_reader_open_sales(&r->core, path, pur_lua_check_map(L, 3), &error);
  if (status != PUR_OK) return fail(L, r, &error);
  lua_pushboolean(L, 1);
  return 1;
}

static box *check_bulk(lua_State *L, int index) {
  return luaL_checkudata(L, index, BULK);
}

/* The bulk that is argument 2, to be filled up, or a new one; either is at the top. */
static box *get_bulk(lua_State *L, reader *r) {
  box *b;
  lua_settop(L, 2);
  if (!lua_isnil(L, 2)) return check_bulk(L, 2);
  b = pur_lua_new_object(L, BULK, sizeof *b);
  b->from = r;
  pur_bulk_init(&b->bulk);
  pur_lua_get_anchor(L, 1);
  pur_lua_set_anchor(L, -2);
  pur_bulk_reader_lend(&r->core, &b->bulk);
  return b;
}

/* reader:read([bulk]) → bulk, empty when all that is left has to wait; true when the time of one
 * call is over, and the next one is to go on with that bulk, or "call" when functions are to answer
 * before | nil at the end, where the bulk is empty | nil, err. A bulk that purchases were dropped
 * from is filled up: it is as it was where nothing more has room or is left. */
static int reader_read(lua_State *L) {
  reader *r = check_reader(L);
  box *b = get_bulk(L, r);
  pur_error error;
  pur_status status;
  renew_schemas(L, r);
  status = pur_bulk_reader_read(&r->core, &b->bulk, &error);
  if (status == PUR_OK) {
    if (r->core.sales != NULL && r->core.sales->sale.kind == PUR_SALE_CALLS)
      lua_pushliteral(L, "call");
    else
      lua_pushboolean(L, r->core.is_paused);
    return 2;
  }
  pur_bulk_reader_give_back(&r->core, &b->bulk);
  return status == PUR_END ? 0 : fail(L, r, &error);
}

/* reader:gather([bulk]) → bulk with those that had to wait, as many as fit | nil, err */
static int reader_gather(lua_State *L) {
  reader *r = check_reader(L);
  box *b = get_bulk(L, r);
  pur_error error;
  pur_status status = pur_bulk_reader_take_deferred(&r->core, &b->bulk, &error);
  if (status == PUR_OK || status == PUR_END || b->bulk.count > 0) return 1;
  pur_bulk_reader_give_back(&r->core, &b->bulk);
  return fail(L, r, &error);
}

/* reader:take(bulk, text, line) → taken? | nil, err */
static int reader_take(lua_State *L) {
  reader *r = check_reader(L);
  box *b = check_bulk(L, 2);
  size_t length;
  const char *text = luaL_checklstring(L, 3, &length);
  uint64_t line = (uint64_t)luaL_checknumber(L, 4);
  pur_error error;
  pur_status status;
  renew_schemas(L, r);
  status = pur_bulk_reader_take(&r->core, &b->bulk, text, length, line, &error);
  if (status != PUR_OK && status != PUR_END) return fail(L, r, &error);
  lua_pushboolean(L, status == PUR_OK);
  return 1;
}

/* reader:state() → { waiting = how many wait for another with their key, line = that of the first
 * byte that is unread, size = bytes of the file, 0 where there is no telling }, and with a map also
 * left_out = how many rows `where` and `unless` left out so far, rows = how many the purchase has
 * whose functions are to answer */
static int reader_state(lua_State *L) {
  const pur_bulk_reader *core = &check_reader(L)->core;
  const pur_sales *sales = core->sales;
  const pur_input *input = sales != NULL ? &sales->rows.table.rows.input : &core->splitter.input;
  lua_createtable(L, 0, 5);
  pur_lua_set_number(L, "waiting", core->deferred.count);
  pur_lua_set_number(L, "line", sales != NULL ? pur_sales_line(sales) : core->splitter.line);
  pur_lua_set_number(L, "size", pur_input_size(input));
  if (sales == NULL) return 1;
  pur_lua_set_number(L, "left_out", sales->left_out);
  pur_lua_set_number(L, "rows", pur_sales_row_count(sales));
  return 1;
}

/* reader:count() → how many were read to the end, or in the time of one call, and then true | nil,
 * err */
static int reader_count(lua_State *L) {
  reader *r = check_reader(L);
  uint64_t count;
  pur_error error;
  if (pur_bulk_reader_count(&r->core, &count, &error) != PUR_OK) return fail(L, r, &error);
  lua_pushinteger(L, (lua_Integer)count);
  lua_pushboolean(L, r->core.is_paused);
  return 2;
}

/* Rows that become purchases as a map says. */

static pur_sales *check_sales(lua_State *L) {
  pur_sales *sales = check_reader(L)->core.sales;
  luaL_argcheck(L, sales != NULL, 1, "reader has no map");
  return sales;
}

/* reader:prepare() → is all known that must be known before anything is sent? | nil, err. A call
 * takes some milliseconds. */
static int reader_prepare(lua_State *L) {
  reader *r = check_reader(L);
  size_t slice = SLICE;
  pur_error error;
  if (pur_sales_prepare(check_sales(L), &slice, &error) != PUR_OK) return fail(L, r, &error);
  lua_pushboolean(L, slice > 0);
  return 1;
}

/* reader:join(name, [reader before]): the file is one of several, see pur_sales_join → true | nil,
 * err */
static int reader_join(lua_State *L) {
  const char *name = luaL_checkstring(L, 2);
  const reader *before = lua_isnoneornil(L, 3) ? NULL : luaL_checkudata(L, 3, READER);
  pur_error error;
  if (pur_sales_join(check_sales(L), before != NULL ? before->core.sales : NULL, name, &error) !=
      PUR_OK)
    return pur_lua_fail(L, "validation", &error);
  lua_pushboolean(L, 1);
  return 1;
}

/* reader:head() → the file's lines up to and including the header, in UTF-8, with its byte order
 * mark; its encoding, for core.map.encode; its columns' names, or nil */
static int reader_head(lua_State *L) {
  const pur_table *table = &check_sales(L)->rows.table;
  lua_pushstring(L, table->rows.input.has_mark ? "\xEF\xBB\xBF" : "");
  lua_pushlstring(L, table->head.length > 0 ? table->head.data : "", table->head.length);
  lua_concat(L, 2);
  lua_pushinteger(L, table->rows.input.encoding);
  if (table->names == NULL) return 2;
  lua_createtable(L, (int)table->width, 0);
  for (size_t i = 0; i < table->width; i++) {
    lua_pushlstring(L, table->names[i].text, table->names[i].length);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 3;
}

/* reader:cell(row, column) → its text, nil where there is none; both count from 1 */
static int reader_cell(lua_State *L) {
  pur_sales *sales = check_sales(L);
  lua_Number row = luaL_checknumber(L, 2), column = luaL_checknumber(L, 3);
  pur_text text;
  pur_error error;
  pur_status status = PUR_END;
  if (row >= 1 && column >= 1 && row <= 1e15 && column <= 1e15)
    status = pur_sales_cell(sales, (size_t)row - 1, (size_t)column - 1, &text, &error);
  if (status == PUR_END) return 0;
  if (status != PUR_OK) return luaL_error(L, "%s", error.message);
  lua_pushlstring(L, text.text, text.length);
  return 1;
}

/* reader:answer(is_item, json): what the next function made, nil for nothing */
static int reader_answer(lua_State *L) {
  size_t length = 0;
  const char *json = lua_isnoneornil(L, 3) ? NULL : luaL_checklstring(L, 3, &length);
  pur_sales_answer(check_sales(L), lua_toboolean(L, 2) ? PUR_ANSWER_ITEM : PUR_ANSWER_PURCHASE,
                   json, length);
  return 0;
}

/* reader:complain(row, path, code, message) refuses the purchase. */
static int reader_complain(lua_State *L) {
  static const char *const codes[] = {"invalid_cell", "not_encodable", NULL};
  lua_Number row = luaL_checknumber(L, 2);
  pur_sales_complain(check_sales(L), row >= 1 && row <= 1e15 ? (size_t)row - 1 : 0,
                     luaL_checkstring(L, 3), codes[luaL_checkoption(L, 4, NULL, codes)],
                     luaL_checkstring(L, 5));
  return 0;
}

static int bulk_free(lua_State *L) {
  pur_bulk_free(&check_bulk(L, 1)->bulk);
  return 0;
}

/* bulk:close() gives the bulk's memory back to the reader; its keys must have been released. */
static int bulk_close(lua_State *L) {
  box *b = check_bulk(L, 1);
  if (b->from->is_open)
    pur_bulk_reader_give_back(&b->from->core, &b->bulk);
  else
    pur_bulk_free(&b->bulk);
  return 0;
}

/* Returns the number at `index`, from 1 to `count`, as an index from 0. */
static size_t check_index(lua_State *L, int index, size_t count) {
  lua_Number number = luaL_checknumber(L, index);
  luaL_argcheck(L, number >= 1 && number <= (lua_Number)count, index, "no such purchase");
  return (size_t)number - 1;
}

static const pur_bulk_purchase *check_purchase(lua_State *L, const box *b) {
  return pur_bulk_purchase_at(&b->bulk, check_index(L, 2, b->bulk.count));
}

/* bulk:body(first, last) → those purchases as a JSON array */
static int bulk_body(lua_State *L) {
  box *b = check_bulk(L, 1);
  size_t last = check_index(L, 3, b->bulk.count), first = check_index(L, 2, last + 1), length;
  const char *body = pur_bulk_body(&b->bulk, first, last, &length);
  lua_pushlstring(L, body, length);
  return 1;
}

/* bulk:purchase(index) → text, line, column, the key as JSON or nil */
static int bulk_purchase(lua_State *L) {
  const box *b = check_bulk(L, 1);
  const pur_bulk_purchase *purchase = check_purchase(L, b);
  const char *text = b->bulk.text.data + purchase->start;
  lua_pushlstring(L, text, purchase->length);
  lua_pushinteger(L, (lua_Integer)purchase->line);
  lua_pushinteger(L, (lua_Integer)purchase->column);
  if (purchase->key_length == 0) return 3;
  lua_pushlstring(L, text + purchase->key, purchase->key_length);
  return 4;
}

/* bulk:keys() → the keys of all purchases, as pur_bulk_write_key has them; false: it has none |
 * nil, err */
static int bulk_keys(lua_State *L) {
  pur_bulk *bulk = &check_bulk(L, 1)->bulk;
  pur_text key;
  pur_error error;
  lua_createtable(L, (int)bulk->count, 0);
  for (size_t i = 0; i < bulk->count; i++) {
    if (pur_bulk_key(bulk, i, &key, &error) != PUR_OK) return pur_lua_fail(L, "validation", &error);
    if (pur_bulk_purchase_at(bulk, i)->key_length > 0)
      lua_pushlstring(L, key.text, key.length);
    else
      lua_pushboolean(L, 0);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* bulk:digests() → the digests of all purchases, 8 bytes each | nil, err */
static int bulk_digests(lua_State *L) {
  pur_bulk *bulk = &check_bulk(L, 1)->bulk;
  pur_error error;
  if (pur_bulk_digest(bulk, &error) != PUR_OK) return pur_lua_fail(L, "validation", &error);
  lua_createtable(L, (int)bulk->count, 0);
  for (size_t i = 0; i < bulk->count; i++) {
    pur_lua_push_digest(L, pur_bulk_purchase_at(bulk, i)->digest);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* bulk:line(index) → the line of a purchase */
static int bulk_line(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_purchase(L, check_bulk(L, 1))->line);
  return 1;
}

/* bulk:refusals() → those that were refused, as a list of { text =, line =, column =, key = as JSON
 * or nil, error =, rows = true where the text is not JSON but rows, cut = true where it is only the
 * beginning of the purchase }. They are
 * handed out once: their issues may take more memory than the bulk. */
static int bulk_refusals(lua_State *L) {
  pur_bulk *bulk = &check_bulk(L, 1)->bulk;
  lua_createtable(L, (int)bulk->refused_count, 0);
  for (size_t i = 0; i < bulk->refused_count; i++) {
    const pur_bulk_refusal *refusal = pur_bulk_refusal_at(bulk, i);
    const pur_bulk_purchase *purchase = &refusal->purchase;
    const char *text = purchase->length > 0 ? bulk->refused.data + purchase->start : "";
    lua_createtable(L, 0, 6);
    pur_lua_set_text(L, "text", text, purchase->length);
    pur_lua_set_place(L, purchase->line, purchase->column);
    if (purchase->key_length > 0)
      pur_lua_set_text(L, "key", text + purchase->key, purchase->key_length);
    if (refusal->size > purchase->length) pur_lua_set_flag(L, "cut");
    if (purchase->is_rows) pur_lua_set_flag(L, "rows");
    (void)pur_lua_fail_with_issues(L, &refusal->error, &refusal->issues);
    lua_setfield(L, -3, "error");
    lua_pop(L, 1);
    lua_rawseti(L, -2, (int)i + 1);
  }
  pur_bulk_clear_refusals(bulk);
  return 1;
}

/* bulk:release(first, last) tells that their outcome is known. */
static int bulk_release(lua_State *L) {
  box *b = check_bulk(L, 1);
  size_t last = check_index(L, 3, b->bulk.count), first = check_index(L, 2, last + 1);
  if (b->from->is_open) pur_bulk_reader_release(&b->from->core, &b->bulk, first, last);
  return 0;
}

/* bulk:keep(list) keeps the purchases with these indexes, ascending, and drops the others, so that
 * the reader can fill it up again. */
static int bulk_keep(lua_State *L) {
  box *b = check_bulk(L, 1);
  size_t count, *kept;
  luaL_checktype(L, 2, LUA_TTABLE);
  count = lua_rawlen(L, 2);
  luaL_argcheck(L, count <= b->bulk.count, 2, "more than the bulk has");
  kept = lua_newuserdatauv(L, count * sizeof *kept + 1, 0);
  for (size_t i = 0; i < count; i++) {
    lua_Number number;
    lua_rawgeti(L, 2, (int)i + 1);
    number = lua_tonumber(L, -1);
    luaL_argcheck(L, number >= 1 && number <= (lua_Number)b->bulk.count, 2, "no such purchase");
    kept[i] = (size_t)number - 1;
    luaL_argcheck(L, i == 0 || kept[i] > kept[i - 1], 2, "indexes must ascend");
    lua_pop(L, 1);
  }
  if (b->from->is_open)
    pur_bulk_reader_keep(&b->from->core, &b->bulk, kept, count);
  else
    pur_bulk_keep(&b->bulk, kept, count);
  return 0;
}

static int bulk_length(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_bulk(L, 1)->bulk.count);
  return 1;
}

void pur_lua_open_bulks(lua_State *L) {
  static const luaL_Reg reader_methods[] = {
      {"open", reader_open},       {"read", reader_read},
      {"gather", reader_gather},   {"take", reader_take},
      {"state", reader_state},     {"count", reader_count},
      {"prepare", reader_prepare}, {"join", reader_join},
      {"head", reader_head},       {"cell", reader_cell},
      {"answer", reader_answer},   {"complain", reader_complain},
      {"close", reader_close},     {NULL, NULL},
  };
  static const luaL_Reg bulk_methods[] = {
      {"body", bulk_body},       {"purchase", bulk_purchase}, {"line", bulk_line},
      {"keys", bulk_keys},       {"digests", bulk_digests},   {"refusals", bulk_refusals},
      {"release", bulk_release}, {"keep", bulk_keep},         {"close", bulk_close},
      {"__close", bulk_close},   {"__len", bulk_length},      {NULL, NULL},
  };
  static const luaL_Reg functions[] = {{"new_reader", new_reader}, {NULL, NULL}};
  pur_lua_new_class(L, READER, reader_close, reader_methods);
  pur_lua_new_class(L, BULK, bulk_free, bulk_methods);
  luaL_newlib(L, functions);
}

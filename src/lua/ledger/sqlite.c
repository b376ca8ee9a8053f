/* purchases.sqlite: what a ledger in a file needs of SQLite and of the system. A library of its
 * own, so that nobody needs SQLite who keeps no ledger. SQLite itself is known in src/ledger alone,
 * and Lua here alone. */
#include "lua/compat.h"

#include <math.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "ledger/fingerprint.h"
#include "ledger/lock.h"
#include "ledger/place.h"
#include "ledger/sqlite.h"

#define DATABASE "purchases.sqlite.database"
#define QUERY "purchases.sqlite.query"
#define LOCK "purchases.sqlite.lock"

static int fail(lua_State *L, const pur_error *error) {
  return pur_lua_fail(L, "ledger", error);
}

/* true | nil, err */
static int answer(lua_State *L, pur_status status, const pur_error *error) {
  if (status != PUR_OK) return fail(L, error);
  lua_pushboolean(L, 1);
  return 1;
}

/* Ids and times are larger than an integer of a 32-bit Lua 5.1. */
static void push_integer(lua_State *L, int64_t value) {
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, value);
#else
  lua_pushnumber(L, (lua_Number)value);
#endif
}

/* A path, which a NUL would cut. */
static const char *check_path(lua_State *L, int index) {
  const pur_text path = pur_lua_check_text(L, index);
  luaL_argcheck(L, memchr(path.text, '\0', path.length) == NULL, index, "a path holds no NUL");
  return path.text;
}

/* Databases ------------------------------------------------------------------------------------ */

typedef struct database {
  pur_sqlite *db; /* NULL: closed */
} database;

static pur_sqlite *check_database(lua_State *L) {
  database *box = pur_lua_check_self(L, DATABASE);
  luaL_argcheck(L, box->db != NULL, 1, "the database is closed");
  return box->db;
}

/* open(path, milliseconds) → database | nil, err: see pur_sqlite_open */
static int sqlite_open(lua_State *L) {
  const char *path = check_path(L, 1);
  int patience = (int)luaL_checkinteger(L, 2);
  database *box = pur_lua_new_object(L, DATABASE, sizeof *box);
  pur_error error;
  if (pur_sqlite_open(&box->db, path, patience, &error) != PUR_OK) return fail(L, &error);
  return 1;
}

/* database:close(keeps_log): may be called again */
static int database_close(lua_State *L) {
  database *box = pur_lua_check_self(L, DATABASE);
  pur_sqlite *db = box->db;
  box->db = NULL;
  pur_sqlite_close(db, lua_toboolean(L, 2));
  return 0;
}

/* database:execute(sql) → true | nil, err */
static int database_execute(lua_State *L) {
  pur_sqlite *db = check_database(L);
  pur_error error;
  pur_status status = pur_sqlite_execute(db, luaL_checkstring(L, 2), &error);
  return answer(L, status, &error);
}

/* database:roll_back() → true | nil, err */
static int database_roll_back(lua_State *L) {
  pur_sqlite *db = check_database(L);
  pur_error error;
  pur_status status = pur_sqlite_roll_back(db, &error);
  return answer(L, status, &error);
}

/* database:checkpoint(pages) → true | nil, err */
static int database_checkpoint(lua_State *L) {
  pur_sqlite *db = check_database(L);
  pur_error error;
  pur_status status = pur_sqlite_checkpoint(db, (int)luaL_checkinteger(L, 2), &error);
  return answer(L, status, &error);
}

static int database_last_id(lua_State *L) {
  push_integer(L, pur_sqlite_last_id(check_database(L)));
  return 1;
}

/* Queries -------------------------------------------------------------------------------------- */

typedef struct query {
  pur_query *query;
  int parameters, columns;
} query;

/* database:prepare(sql) → query | nil, err */
static int database_prepare(lua_State *L) {
  pur_sqlite *db = check_database(L);
  const pur_text sql = pur_lua_check_text(L, 2);
  query *q = pur_lua_new_object(L, QUERY, sizeof *q);
  pur_error error;
  if (pur_query_new(&q->query, db, sql.text, sql.length, &error) != PUR_OK) return fail(L, &error);
  q->parameters = pur_query_parameters(q->query);
  q->columns = pur_query_columns(q->query);
  return 1;
}

static int query_close(lua_State *L) {
  query *q = pur_lua_check_self(L, QUERY);
  pur_query *closed = q->query;
  q->query = NULL;
  pur_query_destroy(closed);
  return 0;
}

static void bind(lua_State *L, pur_query *q, int parameter) {
  int index = parameter + 1;
  lua_Number number;
  pur_text text;
  switch (lua_type(L, index)) {
  case LUA_TNIL:
    pur_query_bind_null(q, parameter);
    break;
  case LUA_TBOOLEAN:
    pur_query_bind_integer(q, parameter, lua_toboolean(L, index));
    break;
  case LUA_TNUMBER:
    number = lua_tonumber(L, index);
    luaL_argcheck(L, number == floor(number) && fabs(number) <= 0x1p53, index, "no whole number");
    pur_query_bind_integer(q, parameter, (int64_t)number);
    break;
  default:
    text = pur_lua_check_text(L, index);
    pur_query_bind_text(q, parameter, text.text, text.length);
  }
}

/* Begins a run with the arguments after the query as its parameters. */
static pur_status begin(lua_State *L, const query *q, pur_error *error) {
  pur_status status;
  if (q->query == NULL) return pur_error_set(error, PUR_CLOSED, 0, "the query is closed");
  if (lua_gettop(L) - 1 != q->parameters)
    luaL_error(L, "%d parameters for %d", lua_gettop(L) - 1, q->parameters);
  status = pur_query_begin(q->query, error);
  for (int i = 1; i <= q->parameters && status == PUR_OK; i++) bind(L, q->query, i);
  return status;
}

/* query:run(...) → the number of rows it has changed | nil, err */
static int query_run(lua_State *L) {
  query *q = pur_lua_check_self(L, QUERY);
  pur_error error;
  pur_status status = begin(L, q, &error);
  while (status == PUR_OK) status = pur_query_step(q->query, &error);
  if (status != PUR_END) return fail(L, &error);
  lua_pushinteger(L, pur_query_end(q->query));
  return 1;
}

static void push_column(lua_State *L, pur_query *q, int column) {
  pur_value value = pur_query_column(q, column);
  if (value.type == PUR_VALUE_INTEGER)
    push_integer(L, value.integer);
  else if (value.type == PUR_VALUE_TEXT)
    lua_pushlstring(L, value.text, value.length);
  else
    lua_pushboolean(L, 0);
}

/* query:list(...) → the columns of all rows, one after the other, with false for NULL, and the
 * number of rows | nil, err */
static int query_list(lua_State *L) {
  query *q = pur_lua_check_self(L, QUERY);
  int count = 0, rows = 0;
  pur_error error;
  pur_status status = begin(L, q, &error);
  if (status != PUR_OK) return fail(L, &error);
  lua_createtable(L, q->columns, 0);
  while ((status = pur_query_step(q->query, &error)) == PUR_OK) {
    rows++;
    for (int i = 0; i < q->columns; i++) {
      push_column(L, q->query, i);
      lua_rawseti(L, -2, ++count);
    }
  }
  if (status != PUR_END) return fail(L, &error);
  (void)pur_query_end(q->query);
  lua_pushinteger(L, rows);
  return 2;
}

/* Locks ---------------------------------------------------------------------------------------- */

typedef struct lock {
  pur_lock lock;
  bool is_open;
} lock;

static pur_lock *check_lock(lua_State *L) {
  lock *box = pur_lua_check_self(L, LOCK);
  luaL_argcheck(L, box->is_open, 1, "the lock is closed");
  return &box->lock;
}

static unsigned check_byte(lua_State *L) {
  lua_Integer byte = luaL_checkinteger(L, 2);
  luaL_argcheck(L, byte >= 0 && byte <= 0x7fffffff, 2, "no byte");
  return (unsigned)byte;
}

/* lock(path) → lock | nil, err: see pur_lock_open */
static int sqlite_lock(lua_State *L) {
  const char *path = check_path(L, 1);
  lock *box = pur_lua_new_object(L, LOCK, sizeof *box);
  pur_error error;
  if (pur_lock_open(&box->lock, path, &error) != PUR_OK) return fail(L, &error);
  box->is_open = true;
  return 1;
}

/* lock:take(byte, shared, seconds) → true | nil, err */
static int lock_take(lua_State *L) {
  pur_lock *own = check_lock(L);
  unsigned byte = check_byte(L);
  bool shared = lua_toboolean(L, 3);
  pur_error error;
  pur_status status = pur_lock_take(own, byte, shared, luaL_checknumber(L, 4), &error);
  return answer(L, status, &error);
}

/* lock:is_held(byte) → does somebody else hold it? */
static int lock_is_held(lua_State *L) {
  const pur_lock *own = check_lock(L);
  lua_pushboolean(L, pur_lock_is_held(own, check_byte(L)));
  return 1;
}

/* lock:write(byte, text) → true | nil, err */
static int lock_write(lua_State *L) {
  pur_lock *own = check_lock(L);
  unsigned byte = check_byte(L);
  pur_error error;
  pur_status status = pur_lock_write(own, byte, luaL_checkstring(L, 3), &error);
  return answer(L, status, &error);
}

/* lock:read(byte) → text */
static int lock_read(lua_State *L) {
  char text[PUR_NOTE_SIZE];
  pur_lock_read(check_lock(L), check_byte(L), text);
  lua_pushstring(L, text);
  return 1;
}

/* lock:close(): may be called again */
static int lock_close(lua_State *L) {
  lock *box = pur_lua_check_self(L, LOCK);
  if (box->is_open) pur_lock_close(&box->lock);
  box->is_open = false;
  return 0;
}

/* Places --------------------------------------------------------------------------------------- */

/* find(path) → where it is | nil, err: see pur_place_find */
static int place_find(lua_State *L) {
  char found[PUR_PLACE_SIZE];
  pur_error error;
  if (pur_place_find(check_path(L, 1), found, &error) != PUR_OK) return fail(L, &error);
  lua_pushstring(L, found);
  return 1;
}

/* unfit(path) → the kind of its file system, or nil */
static int place_unfit(lua_State *L) {
  lua_pushstring(L, pur_place_unfit(check_path(L, 1)));
  return 1;
}

/* read(path) → {size =, is_database =, application =, version =}; false: no such file | nil, err */
static int place_read(lua_State *L) {
  pur_place_header header;
  pur_error error;
  if (pur_place_read(check_path(L, 1), &header, &error) != PUR_OK) return fail(L, &error);
  if (!header.exists) {
    lua_pushboolean(L, 0);
    return 1;
  }
  lua_createtable(L, 0, 4);
  pur_lua_set_number(L, "size", (size_t)header.size);
  pur_lua_set_number(L, "application", header.application);
  pur_lua_set_number(L, "version", header.version);
  if (header.is_database) pur_lua_set_flag(L, "is_database");
  return 1;
}

/* make(path) → true | nil, err */
static int place_make(lua_State *L) {
  pur_error error;
  pur_status status = pur_place_make(check_path(L, 1), &error);
  return answer(L, status, &error);
}

/* rename(from, to) → true | nil, err */
static int place_rename(lua_State *L) {
  pur_error error;
  pur_status status = pur_place_rename(check_path(L, 1), check_path(L, 2), &error);
  return answer(L, status, &error);
}

/* reserve(path, bytes) → true | nil, err */
static int place_reserve(lua_State *L) {
  pur_error error;
  size_t size = (size_t)luaL_checkinteger(L, 2);
  pur_status status = pur_place_reserve(check_path(L, 1), size, &error);
  return answer(L, status, &error);
}

static int place_remove(lua_State *L) {
  pur_place_remove(check_path(L, 1));
  return 0;
}

/* The system ----------------------------------------------------------------------------------- */

/* now() → milliseconds since 1970, by the clock on the wall */
static int sqlite_now(lua_State *L) {
  struct timespec now;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  push_integer(L, now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000);
  return 1;
}

/* process() → its id, and the name of the machine */
static int sqlite_process(lua_State *L) {
  char host[256] = "";
  (void)gethostname(host, sizeof host - 1);
  lua_pushinteger(L, getpid());
  lua_pushstring(L, host);
  return 2;
}

/* salt() → random bytes for fingerprint */
static int sqlite_salt(lua_State *L) {
  char salt[PUR_SALT_SIZE];
  if (getentropy(salt, sizeof salt) != 0) return luaL_error(L, "the system has no random bytes");
  lua_pushlstring(L, salt, sizeof salt);
  return 1;
}

/* fingerprint(salt, text) → a number of 32 bits */
static int sqlite_fingerprint(lua_State *L) {
  const pur_text salt = pur_lua_check_text(L, 1), text = pur_lua_check_text(L, 2);
  luaL_argcheck(L, salt.length == PUR_SALT_SIZE, 1, "no salt");
  push_integer(L, pur_fingerprint((const unsigned char *)salt.text, text.text, text.length));
  return 1;
}

/* Compares two texts of the stack byte by byte, as SQLite does; Lua's own `<` may do so by the
 * host's language. */
static int compare(lua_State *L, int one, int other) {
  const pur_text a = pur_lua_check_text(L, one), b = pur_lua_check_text(L, other);
  const int order = memcmp(a.text, b.text, a.length < b.length ? a.length : b.length);
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* precedes(one, other) → does a text come before another one? */
static int sqlite_precedes(lua_State *L) {
  lua_pushboolean(L, compare(L, 1, 2) < 0);
  return 1;
}

/* bounds(texts) → the first and the last of them */
static int sqlite_bounds(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_rawgeti(L, 1, 1);
  lua_pushvalue(L, 2);
  for (int i = 2; pur_lua_rawgeti(L, 1, i) != LUA_TNIL; i++) {
    int end = compare(L, 4, 2) < 0 ? 2 : compare(L, 4, 3) > 0 ? 3 : 4;
    if (end < 4)
      lua_replace(L, end);
    else
      lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return 2;
}

__attribute__((visibility("default"))) int luaopen_purchases_sqlite(lua_State *L);

int luaopen_purchases_sqlite(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"open", sqlite_open},
      {"lock", sqlite_lock},
      {"now", sqlite_now},
      {"process", sqlite_process},
      {"salt", sqlite_salt},
      {"fingerprint", sqlite_fingerprint},
      {"bounds", sqlite_bounds},
      {"precedes", sqlite_precedes},
      {NULL, NULL},
  };
  static const luaL_Reg place[] = {
      {"find", place_find},     {"unfit", place_unfit},
      {"read", place_read},     {"make", place_make},
      {"rename", place_rename}, {"reserve", place_reserve},
      {"remove", place_remove}, {NULL, NULL},
  };
  static const luaL_Reg database_methods[] = {
      {"execute", database_execute},
      {"roll_back", database_roll_back},
      {"checkpoint", database_checkpoint},
      {"last_id", database_last_id},
      {"prepare", database_prepare},
      {"close", database_close},
      {NULL, NULL},
  };
  static const luaL_Reg query_methods[] = {
      {"run", query_run}, {"list", query_list}, {"close", query_close}, {NULL, NULL}};
  static const luaL_Reg lock_methods[] = {{"take", lock_take},   {"is_held", lock_is_held},
                                          {"write", lock_write}, {"read", lock_read},
                                          {"close", lock_close}, {NULL, NULL}};
  pur_lua_new_class(L, DATABASE, database_close, database_methods);
  pur_lua_new_class(L, QUERY, query_close, query_methods);
  pur_lua_new_class(L, LOCK, lock_close, lock_methods);
  luaL_newlib(L, functions);
  luaL_newlib(L, place);
  lua_setfield(L, -2, "place");
  lua_pushboolean(L, pur_sqlite_version() >= PUR_SQLITE_OLDEST);
  lua_setfield(L, -2, "is_new_enough");
  return 1;
}

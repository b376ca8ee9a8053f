/* purchases.core.series: purchase series and slices of them as one userdata type. */
#include <string.h>

#include "time/datetime.h"
#include "series/series.h"
#include "compat.h"

#define SERIES "purchases.series"
#define LIGHT "purchases.series.light"
#define READING "purchases.reading"

/* Some rows of a series: all of them, a delivery day, any run. A light series lies behind its
 * slice, which then owns nothing and has no finalizer: that would take as long as six of its rows.
 */
typedef struct slice {
  pur_series *series;
  size_t row;
  size_t rows;
} slice;

/* What must not leak when Lua raises an error halfway through a reading. */
typedef struct reading {
  pur_issues issues;
  pur_series_builder builder;
  pur_series *series; /* made, but not yet a slice's */
  bool busy;
} reading;

static void end_reading(reading *r) {
  pur_issues_free(&r->issues);
  pur_series_builder_drop(&r->builder);
  pur_series_release(r->series);
  r->series = NULL;
  r->busy = false;
}

static int close_reading(lua_State *L) {
  reading *r = pur_lua_check_self(L, READING);
  end_reading(r);
  pur_series_builder_free(&r->builder);
  return 0;
}

static reading *new_reading(lua_State *L) {
  reading *r = lua_newuserdatauv(L, sizeof *r, 0);
  memset(r, 0, sizeof *r);
  pur_issues_init(&r->issues);
  pur_series_builder_init(&r->builder);
  luaL_setmetatable(L, READING);
  return r;
}

/* The one that all calls share; another where that is still at work: a finalizer may begin a
 * reading in the middle of one. */
static reading *begin_reading(lua_State *L) {
  reading *r = lua_touserdata(L, lua_upvalueindex(1));
  if (r->busy) r = new_reading(L);
  r->busy = true;
  return r;
}

/* Whose finalizer, if it has one, has nothing to do yet. Takes its metatable from the top of the
 * stack. */
static slice *new_slice(lua_State *L, size_t room) {
  slice *s = lua_newuserdatauv(L, sizeof *s + room, 1);
  memset(s, 0, sizeof *s);
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
  return s;
}

static bool is_light(const slice *s) {
  return s->series == (const void *)(s + 1);
}

/* A method of the one class may be called on the other. */
static slice *check_self(lua_State *L) {
  void *self = pur_lua_test_self(L);
  if (self == NULL && lua_getmetatable(L, 1)) {
    luaL_getmetatable(L, LIGHT);
    if (lua_rawequal(L, -1, -2)) self = lua_touserdata(L, 1);
    lua_pop(L, 2);
  }
  return self != NULL ? self : luaL_checkudata(L, 1, SERIES);
}

static slice *check_slice(lua_State *L) {
  slice *s = check_self(L);
  luaL_argcheck(L, s->series != NULL, 1, "series is closed");
  return s;
}

static int close_slice(lua_State *L) {
  slice *s = check_self(L);
  if (!is_light(s)) pur_series_release(s->series);
  s->series = NULL;
  return 0;
}

/* For what needs more than a light series has: it becomes argument 1's copy. */
static slice *check_own(lua_State *L) {
  slice *s = check_slice(L), *own;
  if (!is_light(s)) return s;
  luaL_getmetatable(L, SERIES);
  own = new_slice(L, 0);
  own->series = pur_series_copy(s->series);
  if (own->series == NULL) luaL_error(L, "not enough memory");
  own->rows = s->rows;
  pur_lua_get_text(L, 1);
  pur_lua_set_text(L, -2);
  lua_replace(L, 1);
  return own;
}

/* nil and the error with all issues that were kept. */
static int fail_with_issues(lua_State *L, const pur_error *error, const pur_issues *issues) {
  bool first = error->status == PUR_INVALID_SERIES && issues->count > 0;
  (void)pur_lua_fail_with_issues(L, error, issues);
  if (!first) return 2;
  lua_pushstring(L, pur_issues_get(issues, 0)->message);
  lua_setfield(L, -2, "message");
  return 2;
}

/* The options are arguments 2 to 5: the names of datetime and purchase, the step in minutes (0 for
 * none), a zone's name or nil. Pushes nil, err and returns 2, or 0. */
static int get_options(lua_State *L, pur_series_options *options) {
  options->datetime = luaL_checkstring(L, 2);
  options->purchase = luaL_checkstring(L, 3);
  options->step = (int)luaL_checkinteger(L, 4);
  options->read_once = PUR_READ_ONCE;
  options->zone_name = lua_tostring(L, 5);
  options->zone = NULL;
  return options->zone_name != NULL ? pur_lua_get_zone(L, 5, &options->zone) : 0;
}

/* Rows that are kept in memory become a Lua string, which all slices share: so the collector knows
 * of them, and the whole body is handed out as it is. Of numbers and of a file's window it is told.
 * Pushes that string, or nil. */
static void push_text(lua_State *L, reading *r) {
  size_t length;
  const char *text = pur_series_body(r->series, &length);
  if (text == NULL) {
    (void)lua_gc(L, LUA_GCSTEP, (int)(pur_series_memory(r->series) / 1024));
    lua_pushnil(L);
    return;
  }
  lua_pushlstring(L, text, length);
  pur_series_share(r->series, lua_tostring(L, -1), &r->builder.spare);
}

/* Hands the series that was read over to a slice, which it pushes. */
static void push_series(lua_State *L, reading *r) {
  bool light;
  slice *s;
  push_text(L, r);
  light = pur_series_is_light(r->series);
  lua_pushvalue(L, lua_upvalueindex(light ? 3 : 2));
  s = new_slice(L, light ? pur_series_size() : 0);
  s->rows = pur_series_rows(r->series);
  s->series = light ? pur_series_move(r->series, s + 1) : r->series;
  r->series = NULL;
  lua_insert(L, -2);
  if (lua_isnil(L, -1))
    lua_pop(L, 1);
  else
    pur_lua_set_text(L, -2);
}

/* What a reading came to: a slice of all rows, or nil, err. */
static int finish_reading(lua_State *L, pur_status status, reading *r, const pur_error *error) {
  int results = 1;
  if (status == PUR_OK)
    push_series(L, r);
  else
    results = fail_with_issues(L, error, &r->issues);
  end_reading(r);
  return results;
}

/* read(path, datetime, value, step, tz) → series | nil, err */
static int series_read(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  pur_series_options options;
  pur_error error;
  pur_status status;
  int failed = get_options(L, &options);
  reading *r;
  if (failed) return failed;
  r = begin_reading(L);
  status = pur_series_read(path, &options, &r->series, &r->issues, &error);
  return finish_reading(L, status, r, &error);
}

/* decode(json_text, datetime, value, step, tz) → series | nil, err */
static int series_decode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  pur_series_options options;
  pur_error error;
  pur_status status;
  int failed = get_options(L, &options);
  reading *r;
  if (failed) return failed;
  r = begin_reading(L);
  status = pur_series_decode(text, length, &options, &r->series, &r->issues, &error);
  return finish_reading(L, status, r, &error);
}

/* from(rows, datetime, value, step, tz) → series | nil, err */
static int series_from(lua_State *L) {
  pur_series_options options;
  pur_error error;
  pur_status status;
  int failed;
  reading *r;
  luaL_checktype(L, 1, LUA_TTABLE);
  failed = get_options(L, &options);
  if (failed) return failed;
  luaL_checkstack(L, PUR_LUA_ROWS_STACK, NULL);
  r = begin_reading(L);
  status = pur_series_builder_begin(&r->builder, &options, &error);
  if (status == PUR_OK) {
    pur_lua_add_rows(L, &r->builder);
    status = pur_series_builder_finish(&r->builder, &r->series, &r->issues, &error);
  }
  return finish_reading(L, status, r, &error);
}

/* Pushes some rows of the slice at `index`. */
static void push_part(lua_State *L, int index, size_t row, size_t rows) {
  const slice *whole = lua_touserdata(L, index);
  slice *part;
  lua_getmetatable(L, index);
  part = new_slice(L, 0);
  part->series = whole->series;
  pur_series_reference(part->series);
  part->row = row;
  part->rows = rows;
  if (pur_series_body(part->series, NULL) == NULL) return;
  pur_lua_get_text(L, index);
  pur_lua_set_text(L, -2);
}

/* Lua 5.1 would cut off a fraction, and take NaN for some row. */
static lua_Integer check_row(lua_State *L, int index, size_t otherwise) {
  lua_Integer row;
  if (lua_isnoneornil(L, index)) return (lua_Integer)otherwise;
  row = luaL_checkinteger(L, index);
  luaL_argcheck(L, lua_tonumber(L, index) == (lua_Number)row, index,
                "number has no integer representation");
  return row;
}

/* The rows of `s` that arguments `first` and `last` name, counted from 1, both included; all of
 * them when there are none. */
static slice check_range(lua_State *L, const slice *s) {
  slice range = *s;
  lua_Integer first = check_row(L, 2, 1), last = check_row(L, 3, s->rows);
  luaL_argcheck(L, first >= 1, 2, "rows are counted from 1");
  luaL_argcheck(L, last <= (lua_Integer)s->rows, 3, "beyond the last row");
  range.row = s->row + (size_t)first - 1;
  range.rows = last < first ? 0 : (size_t)(last - first) + 1;
  return range;
}

/* series:slice(first, last) → those rows, not copied */
static int slice_slice(lua_State *L) {
  const slice *s = check_own(L);
  slice range = check_range(L, s);
  push_part(L, 1, range.row, range.rows);
  return 1;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The iterator of days(): upvalues are the slice, the next day's number, and what days() was called
 * on. */
static int next_day(lua_State *L) {
  const slice *s = lua_touserdata(L, lua_upvalueindex(1));
  const slice *given = lua_touserdata(L, lua_upvalueindex(3));
  size_t day = (size_t)lua_tointeger(L, lua_upvalueindex(2)), row, end = s->row + s->rows;
  if (given->series == NULL) return luaL_error(L, "series is closed");
  row = pur_series_day_start(s->series, day);
  if (row < s->row) row = s->row;
  if (row >= end) return 0;
  lua_pushinteger(L, (lua_Integer)day + 1);
  lua_replace(L, lua_upvalueindex(2));
  push_part(L, lua_upvalueindex(1), row,
            smaller(pur_series_day_start(s->series, day + 1), end) - row);
  return 1;
}

/* for day in series:days() do ... end */
static int slice_days(lua_State *L) {
  const slice *s;
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  s = check_own(L);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, (lua_Integer)pur_series_day_of(s->series, s->row));
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, next_day, 3);
  return 1;
}

/* series:day_count() → how many times days() goes round */
static int slice_day_count(lua_State *L) {
  const slice *s = check_slice(L);
  size_t count = 0;
  if (s->rows > 0)
    count = pur_series_day_of(s->series, s->row + s->rows - 1) -
            pur_series_day_of(s->series, s->row) + 1;
  lua_pushinteger(L, (lua_Integer)count);
  return 1;
}

/* The first `length` characters of a row's local time. */
static int push_time(lua_State *L, const slice *s, size_t row, size_t length) {
  char text[PUR_GRID_TEXT];
  pur_error error;
  if (s->rows == 0) return 0;
  if (pur_series_time(s->series, row, text, &error) != PUR_OK)
    return pur_lua_fail(L, "validation", &error);
  lua_pushlstring(L, text, length);
  return 1;
}

/* series:first(), series:last() → "YYYY-MM-DD HH:MM" */
static int slice_first(lua_State *L) {
  const slice *s = check_slice(L);
  return push_time(L, s, s->row, PUR_MINUTES_SIZE);
}

static int slice_last(lua_State *L) {
  const slice *s = check_slice(L);
  return push_time(L, s, s->row + s->rows - 1, PUR_MINUTES_SIZE);
}

/* series:date() → "YYYY-MM-DD" of the first row: of a delivery day, the day */
static int slice_date(lua_State *L) {
  const slice *s = check_slice(L);
  return push_time(L, s, s->row, PUR_DATE_SIZE);
}

/* series:encode([first, last]) → the request body of all or those rows | nil, err */
static int slice_encode(lua_State *L) {
  slice range = check_range(L, check_slice(L));
  const char *text;
  size_t length;
  pur_error error;
  if (range.rows == pur_series_rows(range.series) && pur_series_body(range.series, NULL) != NULL) {
    pur_lua_get_text(L, 1);
    return 1;
  }
  range.series = check_own(L)->series;
  if (pur_series_encode(range.series, range.row, range.rows, &text, &length, &error) != PUR_OK)
    return pur_lua_fail(L, "validation", &error);
  lua_pushlstring(L, text, length);
  return 1;
}

static int slice_length(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_slice(L)->rows);
  return 1;
}

static int slice_text(lua_State *L) {
  lua_pushfstring(L, "purchases.series: %d rows", (int)check_slice(L)->rows);
  return 1;
}

static const luaL_Reg methods[] = {
    {"slice", slice_slice},   {"days", slice_days}, {"day_count", slice_day_count},
    {"first", slice_first},   {"last", slice_last}, {"date", slice_date},
    {"encode", slice_encode}, {NULL, NULL},
};

/* Pushes the metatables of slices: with a finalizer, and of the light ones, without. */
static void push_classes(lua_State *L) {
  static const luaL_Reg meta[] = {{"__gc", close_slice},
                                  {"__close", close_slice},
                                  {"__len", slice_length},
                                  {"__tostring", slice_text},
                                  {NULL, NULL}};
  pur_lua_new_class(L, SERIES, methods, meta);
  pur_lua_new_class(L, LIGHT, methods, meta + 1);
  luaL_getmetatable(L, SERIES);
  luaL_getmetatable(L, LIGHT);
  lua_pushliteral(L, SERIES);
  lua_setfield(L, -2, "__name");
}

void pur_lua_open_series(lua_State *L) {
  static const luaL_Reg nothing[] = {{NULL, NULL}};
  static const luaL_Reg reading_meta[] = {{"__gc", close_reading}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"read", series_read}, {"decode", series_decode}, {"from", series_from}, {NULL, NULL}};
  pur_lua_new_class(L, READING, nothing, reading_meta);
  luaL_newlibtable(L, functions);
  (void)new_reading(L);
  push_classes(L);
  for (const luaL_Reg *function = functions; function->name != NULL; function++) {
    for (int upvalue = 0; upvalue < 3; upvalue++) lua_pushvalue(L, -3);
    lua_pushcclosure(L, function->func, 3);
    lua_setfield(L, -5, function->name);
  }
  lua_pop(L, 3);
}

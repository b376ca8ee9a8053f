/* purchases.core.series: purchase series and slices of them as one userdata type. */
#include <string.h>

#include "../datetime.h"
#include "../series.h"
#include "compat.h"

#define SERIES "purchases.series"
#define READING "purchases.reading"

/* Some rows of a series: all of them, a delivery day, any run. */
typedef struct slice {
  pur_series *series;
  size_t row;
  size_t rows;
} slice;

/* What must not leak when Lua raises an error halfway through a reading. */
typedef struct reading {
  pur_issues issues;
  pur_series_builder builder;
  bool busy;
} reading;

static void end_reading(reading *r) {
  pur_issues_free(&r->issues);
  pur_series_builder_drop(&r->builder);
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

/* Takes its metatable from the top of the stack. */
static slice *new_slice(lua_State *L) {
  slice *s = lua_newuserdatauv(L, sizeof *s, 1);
  memset(s, 0, sizeof *s);
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
  return s;
}

/* For a function that makes series: see pur_lua_open_series. */
static slice *new_series(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(2));
  return new_slice(L);
}

static slice *check_slice(lua_State *L) {
  slice *s = pur_lua_check_self(L, SERIES);
  luaL_argcheck(L, s->series != NULL, 1, "series is closed");
  return s;
}

static int close_slice(lua_State *L) {
  slice *s = pur_lua_check_self(L, SERIES);
  pur_series_release(s->series);
  s->series = NULL;
  return 0;
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
 */
static void share_rows(lua_State *L, int index, pur_series *series, pur_buffer *spare) {
  size_t length;
  const char *text = pur_series_body(series, &length);
  if (text == NULL) {
    (void)lua_gc(L, LUA_GCSTEP, (int)(pur_series_memory(series) / 1024));
    return;
  }
  lua_pushlstring(L, text, length);
  pur_series_share(series, lua_tostring(L, -1), spare);
  pur_lua_set_text(L, index);
}

/* What a reading came to: the slice at the stack's `index`, or nil, err. */
static int finish_reading(lua_State *L, int index, pur_status status, reading *r,
                          const pur_error *error) {
  slice *s = lua_touserdata(L, index);
  int results = 1;
  if (status == PUR_OK) {
    s->rows = pur_series_rows(s->series);
    share_rows(L, index, s->series, &r->builder.spare);
    lua_pushvalue(L, index);
  } else {
    results = fail_with_issues(L, error, &r->issues);
  }
  end_reading(r);
  return results;
}

/* read(path, datetime, value, step, tz) → series | nil, err */
static int series_read(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  pur_series_options options;
  pur_error error;
  pur_status status;
  slice *s = new_series(L);
  int index = lua_gettop(L), failed = get_options(L, &options);
  reading *r;
  if (failed) return failed;
  r = begin_reading(L);
  status = pur_series_read(path, &options, &s->series, &r->issues, &error);
  return finish_reading(L, index, status, r, &error);
}

/* decode(json_text, datetime, value, step, tz) → series | nil, err */
static int series_decode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  pur_series_options options;
  pur_error error;
  pur_status status;
  slice *s = new_series(L);
  int index = lua_gettop(L), failed = get_options(L, &options);
  reading *r;
  if (failed) return failed;
  r = begin_reading(L);
  status = pur_series_decode(text, length, &options, &s->series, &r->issues, &error);
  return finish_reading(L, index, status, r, &error);
}

/* from(rows, datetime, value, step, tz) → series | nil, err */
static int series_from(lua_State *L) {
  pur_series_options options;
  pur_error error;
  pur_status status;
  slice *s;
  int index, failed;
  reading *r;
  luaL_checktype(L, 1, LUA_TTABLE);
  s = new_series(L);
  index = lua_gettop(L);
  failed = get_options(L, &options);
  if (failed) return failed;
  luaL_checkstack(L, PUR_LUA_ROWS_STACK, NULL);
  r = begin_reading(L);
  status = pur_series_builder_begin(&r->builder, &options, &error);
  if (status == PUR_OK) {
    pur_lua_add_rows(L, &r->builder);
    status = pur_series_builder_finish(&r->builder, &s->series, &r->issues, &error);
  }
  return finish_reading(L, index, status, r, &error);
}

/* Pushes some rows of the slice at `index`. */
static void push_part(lua_State *L, int index, size_t row, size_t rows) {
  const slice *whole = lua_touserdata(L, index);
  slice *part;
  lua_getmetatable(L, index);
  part = new_slice(L);
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
  const slice *s = check_slice(L);
  slice range = check_range(L, s);
  push_part(L, 1, range.row, range.rows);
  return 1;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The iterator of days(): upvalues are the slice and the next day's number. */
static int next_day(lua_State *L) {
  const slice *s = lua_touserdata(L, lua_upvalueindex(1));
  size_t day = (size_t)lua_tointeger(L, lua_upvalueindex(2)), row, end = s->row + s->rows;
  if (s->series == NULL) return luaL_error(L, "series is closed");
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
  const slice *s = check_slice(L);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, (lua_Integer)pur_series_day_of(s->series, s->row));
  lua_pushcclosure(L, next_day, 2);
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

void pur_lua_open_series(lua_State *L) {
  static const luaL_Reg nothing[] = {{NULL, NULL}};
  static const luaL_Reg reading_meta[] = {{"__gc", close_reading}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"slice", slice_slice},   {"days", slice_days}, {"day_count", slice_day_count},
      {"first", slice_first},   {"last", slice_last}, {"date", slice_date},
      {"encode", slice_encode}, {NULL, NULL},
  };
  static const luaL_Reg meta[] = {
      {"__gc", close_slice},
      {"__close", close_slice},
      {"__len", slice_length},
      {"__tostring", slice_text},
      {NULL, NULL},
  };
  static const luaL_Reg functions[] = {
      {"read", series_read}, {"decode", series_decode}, {"from", series_from}, {NULL, NULL}};
  pur_lua_new_class(L, READING, nothing, reading_meta);
  pur_lua_new_class(L, SERIES, methods, meta);
  luaL_newlibtable(L, functions);
  (void)new_reading(L);
  luaL_getmetatable(L, SERIES);
  for (const luaL_Reg *function = functions; function->name != NULL; function++) {
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, function->func, 2);
    lua_setfield(L, -4, function->name);
  }
  lua_pop(L, 2);
}

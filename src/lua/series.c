/* purchases.core.series: purchase series and slices of them as one userdata type. */
#include "map/cause.h"
#include "series/build.h"
#include "time/datetime.h"
#include "compat.h"

#define SERIES "purchases.series"

/* Some rows of a series: all of them, a delivery day, any run. What is wrong with rows is kept here
 * while it is handed over to Lua, which may raise an error meanwhile. */
typedef struct slice {
  pur_series *series; /* NULL: closed, or never made */
  size_t row;
  size_t rows;
  pur_issues issues;
} slice;

static int close_slice(lua_State *L) {
  slice *s = pur_lua_check_self(L, SERIES);
  pur_series_release(s->series);
  s->series = NULL;
  pur_issues_free(&s->issues);
  return 0;
}

static slice *check_slice(lua_State *L) {
  slice *s = pur_lua_check_self(L, SERIES);
  luaL_argcheck(L, s->series != NULL, 1, "series is closed");
  return s;
}

/* Pushes a slice for what will be read; returns the map, which all that make a series take as their
 * second argument. */
static pur_map *begin_reading(lua_State *L, slice **s) {
  pur_map *map = pur_lua_check_map(L, 2);
  *s = pur_lua_new_object(L, SERIES, sizeof **s);
  return map;
}

/* Returns what a reading came to: the slice on top of the stack, which has all rows, or nil and the
 * error, which says what the first of its issues says. The collector is told of the memory that it
 * cannot see, unless that is a day's: in Lua 5.1 to tell it is to have it take a step, which costs
 * half of what reading a day from a table does. */
static int finish_reading(lua_State *L, pur_status status, slice *s, const pur_error *error) {
  int kilobytes;
  if (status != PUR_OK) {
    (void)pur_lua_fail_with_issues(L, error, &s->issues);
    if (status == PUR_INVALID_SERIES && s->issues.count > 0) {
      const pur_issue *first = pur_issues_get(&s->issues, 0);
      char summary[PUR_MESSAGE_SIZE];
      pur_lua_set_string(L, "message",
                         pur_cause_summary(first, summary) ? summary : first->message);
    }
    pur_issues_free(&s->issues);
    return 2;
  }
  s->rows = s->series->rows;
  kilobytes = (int)(pur_series_memory(s->series) / 1024);
  if (kilobytes > 1) (void)lua_gc(L, LUA_GCSTEP, kilobytes);
  return 1;
}

/* read({path, ...}, map) → series | nil, err */
static int series_read(lua_State *L) {
  size_t count = lua_rawlen(L, 1);
  const char **paths = lua_newuserdatauv(L, (count + 1) * sizeof *paths, 0);
  slice *s;
  pur_map *map = begin_reading(L, &s);
  pur_error error;
  pur_status status;
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (int)i + 1);
    paths[i] = lua_tostring(L, -1); /* which is in the table, too */
    lua_pop(L, 1);
  }
  status = pur_series_read(paths, count, map, &s->series, &s->issues, &error);
  return finish_reading(L, status, s, &error);
}

/* decode(json_text, map) → series | nil, err */
static int series_decode(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1);
  slice *s;
  pur_map *map = begin_reading(L, &s);
  pur_error error;
  pur_status status =
      pur_series_decode(text.text, text.length, map, &s->series, &s->issues, &error);
  return finish_reading(L, status, s, &error);
}

/* from(rows, map) → series | nil, err */
static int series_from(lua_State *L) {
  slice *s;
  pur_map *map;
  pur_error error;
  pur_status status;
  luaL_checktype(L, 1, LUA_TTABLE);
  map = begin_reading(L, &s);
  status = pur_lua_read_rows(L, map, &s->series, &s->issues, &error);
  return finish_reading(L, status, s, &error);
}

/* Pushes some rows of the slice at `index`. */
static void push_part(lua_State *L, int index, size_t row, size_t rows) {
  const slice *whole = lua_touserdata(L, index);
  slice *part = pur_lua_new_object(L, SERIES, sizeof *part);
  part->series = whole->series;
  pur_series_reference(part->series);
  part->row = row;
  part->rows = rows;
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
  slice range = check_range(L, check_slice(L));
  push_part(L, 1, range.row, range.rows);
  return 1;
}

/* The iterator of days(): upvalues are the slice and the next day's number. */
static int next_day(lua_State *L) {
  const slice *s = lua_touserdata(L, lua_upvalueindex(1));
  size_t day = (size_t)lua_tointeger(L, lua_upvalueindex(2)), row, next, end = s->row + s->rows;
  if (s->series == NULL) return luaL_error(L, "series is closed");
  row = pur_series_day_start(s->series, day);
  next = pur_series_day_start(s->series, day + 1);
  if (row < s->row) row = s->row;
  if (row >= end) return 0;
  lua_pushinteger(L, (lua_Integer)day + 1);
  lua_replace(L, lua_upvalueindex(2));
  push_part(L, lua_upvalueindex(1), row, (next < end ? next : end) - row);
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
  size_t first = pur_series_day_of(s->series, s->row), end = s->row + s->rows;
  lua_pushinteger(L, s->rows > 0 ? (lua_Integer)(pur_series_day_of(s->series, end - 1) - first + 1)
                                 : 0);
  return 1;
}

/* The label of a row, or the date of its start. */
static int push_time(lua_State *L, const slice *s, size_t row, bool label) {
  char text[PUR_GRID_TEXT];
  if (s->rows == 0) return 0;
  pur_series_time(s->series, row, label, text);
  lua_pushlstring(L, text, label ? PUR_MINUTES_SIZE : PUR_DATE_SIZE);
  return 1;
}

/* series:first(), series:last() → "YYYY-MM-DD HH:MM" */
static int slice_first(lua_State *L) {
  const slice *s = check_slice(L);
  return push_time(L, s, s->row, true);
}

static int slice_last(lua_State *L) {
  const slice *s = check_slice(L);
  return push_time(L, s, s->row + s->rows - 1, true);
}

/* series:date() → "YYYY-MM-DD" of the first row: of a delivery day, the day */
static int slice_date(lua_State *L) {
  const slice *s = check_slice(L);
  return push_time(L, s, s->row, false);
}

/* series:span() → the first and the last minute that its intervals take up, see pur_series_span */
static int slice_span(lua_State *L) {
  const slice *s = check_slice(L);
  char first[PUR_SPAN_SIZE], last[PUR_SPAN_SIZE];
  size_t length;
  if (s->rows == 0) return 0;
  length = pur_series_span(s->series, s->row, s->rows, first, last);
  lua_pushlstring(L, first, length);
  lua_pushlstring(L, last, length);
  return 2;
}

/* series:digest() → that of its request body, 8 bytes */
static int slice_digest(lua_State *L) {
  const slice *s = check_slice(L);
  pur_lua_push_digest(L, pur_series_digest(s->series, s->row, s->rows));
  return 1;
}

/* series:between(from, to) → the rows of the delivery days from one to the other, both included, or
 * those at or behind one time and before another; nil: from the first, to the last | nil, err */
static int slice_between(lua_State *L) {
  const slice *s = check_slice(L);
  size_t end = s->row + s->rows, bounds[2] = {s->row, end};
  for (int i = 0; i < 2; i++) {
    size_t row;
    pur_text text;
    pur_error error;
    if (lua_isnoneornil(L, 2 + i)) continue;
    text = pur_lua_check_text(L, 2 + i);
    if (pur_series_find(s->series, text.text, text.length, i == 1, &row, &error) != PUR_OK)
      return pur_lua_fail(L, "validation", &error);
    bounds[i] = row < s->row ? s->row : row > end ? end : row;
  }
  push_part(L, 1, bounds[0], bounds[1] > bounds[0] ? bounds[1] - bounds[0] : 0);
  return 1;
}

/* series:notes() → what is not wrong, but should be known: a list of texts */
static int slice_notes(lua_State *L) {
  const pur_series *series = check_slice(L)->series;
  int count = 0;
  lua_newtable(L);
  if (series->zone == NULL) {
    lua_pushliteral(L, "no time zone (tz) is given: the lengths of days were not checked");
    lua_rawseti(L, -2, ++count);
  }
  if (series->is_cut) {
    lua_pushliteral(L, "the first or the last delivery day is not whole: the source's days are of "
                       "another time zone");
    lua_rawseti(L, -2, ++count);
  }
  if (series->left_out > 0) {
    lua_pushfstring(L, "%d row%s left out, as where or unless says", (int)series->left_out,
                    series->left_out == 1 ? " was" : "s were");
    lua_rawseti(L, -2, ++count);
  }
  return 1;
}

/* series:encode([first, last]) → the request body of all or those rows | nil, err */
static int slice_encode(lua_State *L) {
  slice range = check_range(L, check_slice(L));
  pur_buffer *body = &range.series->body;
  pur_error error;
  if (pur_series_encode(range.series, range.row, range.rows, &error) != PUR_OK)
    return pur_lua_fail(L, "validation", &error);
  lua_pushlstring(L, body->data, body->length);
  /* After a part of a series another one will come. After all of it, the collector may leave the
   * series there for long. */
  if (range.rows == range.series->rows) pur_buffer_free(body);
  return 1;
}

static int slice_length(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check_slice(L)->rows);
  return 1;
}

static int slice_text(lua_State *L) {
  const int rows = (int)check_slice(L)->rows;
  lua_pushfstring(L, "purchases.series: %d row%s", rows, rows == 1 ? "" : "s");
  return 1;
}

static const luaL_Reg methods[] = {
    {"slice", slice_slice},         {"days", slice_days},
    {"day_count", slice_day_count}, {"first", slice_first},
    {"last", slice_last},           {"date", slice_date},
    {"between", slice_between},     {"notes", slice_notes},
    {"encode", slice_encode},       {"span", slice_span},
    {"digest", slice_digest},       {"__len", slice_length},
    {"__tostring", slice_text},     {NULL, NULL},
};

void pur_lua_open_series(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"read", series_read}, {"decode", series_decode}, {"from", series_from}, {NULL, NULL}};
  pur_lua_new_class(L, SERIES, close_slice, methods);
  luaL_newlib(L, functions);
}

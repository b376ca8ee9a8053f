/* purchases.core.series: purchase series and slices of them as one userdata type. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "time/datetime.h"
#include "series/series.h"
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

/* The first arguments of all that make a series; behind them stand the step in minutes (0: none)
 * and a zone's name or nil. DATETIME and PURCHASE are the names of a row's values. */
enum { ROWS = 1, DATETIME, PURCHASE };

/* Takes the options from arguments 2 to 5. Pushes a slice for what will be read, or nil, err and
 * returns NULL. */
static slice *begin_reading(lua_State *L, pur_series_options *options) {
  options->datetime = luaL_checkstring(L, 2);
  options->purchase = luaL_checkstring(L, 3);
  options->step = (int)luaL_checkinteger(L, 4);
  options->zone_name = lua_tostring(L, 5);
  options->zone = NULL;
  if (options->zone_name != NULL && pur_lua_get_zone(L, 5, &options->zone) != 0) return NULL;
  return pur_lua_new_object(L, SERIES, sizeof(slice));
}

/* Returns what a reading came to: the slice on top of the stack, which has all rows, or nil and the
 * error, which says what the first of its issues says. The collector is told of the memory that it
 * cannot see, unless that is a day's: in Lua 5.1 to tell it is to have it take a step, which costs
 * half of what reading a day from a table does. */
static int finish_reading(lua_State *L, pur_status status, slice *s, const pur_error *error) {
  int kilobytes;
  if (status != PUR_OK) {
    (void)pur_lua_fail_with_issues(L, error, &s->issues);
    if (status == PUR_INVALID_SERIES && s->issues.count > 0)
      pur_lua_set_string(L, "message", pur_issues_get(&s->issues, 0)->message);
    pur_issues_free(&s->issues);
    return 2;
  }
  s->rows = pur_series_rows(s->series);
  kilobytes = (int)(pur_series_memory(s->series) / 1024);
  if (kilobytes > 1) (void)lua_gc(L, LUA_GCSTEP, kilobytes);
  return 1;
}

/* read(path, datetime, value, step, tz) → series | nil, err */
static int series_read(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  pur_series_options options;
  pur_error error;
  slice *s = begin_reading(L, &options);
  if (s == NULL) return 2;
  return finish_reading(L, pur_series_read(path, &options, &s->series, &s->issues, &error), s,
                        &error);
}

/* decode(json_text, datetime, value, step, tz) → series | nil, err */
static int series_decode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  pur_series_options options;
  pur_error error;
  pur_status status;
  slice *s = begin_reading(L, &options);
  if (s == NULL) return 2;
  status = pur_series_decode(text, length, &options, &s->series, &s->issues, &error);
  return finish_reading(L, status, s, &error);
}

#define ITEMS 100 /* a delivery day of quarter-hours at its longest */

/* Good rows on their way to the builder, which is faster by many than one by one. Their texts stay
 * in the caller's table: nothing of Lua's runs, and nothing is collected, meanwhile. Their values,
 * three each, stay on the stack: to take them off row by row would have each wait for the last. */
typedef struct row_list {
  pur_series_builder *builder;
  size_t count;
  pur_item items[ITEMS];
} row_list;

static void hand_over(row_list *list) {
  pur_series_builder_add_items(list->builder, list->items, list->count);
  list->count = 0;
}

/* These take a value of the row at the top of the stack, and leave it above the row. */
static inline pur_cell_state get_datetime(lua_State *L, pur_item *item) {
  int type;
  lua_pushvalue(L, DATETIME);
  type = pur_lua_rawget(L, -2);
  if (type != LUA_TSTRING) return type == LUA_TNIL ? PUR_CELL_MISSING : PUR_CELL_WRONG;
  item->datetime = lua_tolstring(L, -1, &item->length);
  return PUR_CELL_TEXT;
}

/* An integer of Lua 5.3 and later that may be no double is PUR_CELL_WRONG here: see get_other. */
static inline pur_cell_state get_purchase(lua_State *L, pur_item *item) {
  int type;
  lua_pushvalue(L, PURCHASE);
  type = pur_lua_rawget(L, -3);
  if (type != LUA_TNUMBER) return type == LUA_TNIL ? PUR_CELL_MISSING : PUR_CELL_WRONG;
  item->purchase = lua_tonumber(L, -1);
  if (fabs(item->purchase) < 9007199254740992.0) return PUR_CELL_GOOD;
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, -1)) return PUR_CELL_WRONG;
#endif
  return isfinite(item->purchase) ? PUR_CELL_GOOD : PUR_CELL_WRONG;
}

#define FOUND_SIZE 72 /* bytes of a purchase that a message may show */

/* Takes the purchase at the top of the stack, which is no double: the digits of an integer, or what
 * a message shows of what is wrong, written to `text`. */
static void get_other(lua_State *L, pur_cell *cell, char text[FOUND_SIZE]) {
  int type = lua_type(L, -1);
  const char *found = lua_typename(L, type);
  double value = lua_tonumber(L, -1);
  cell->text = text;
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, -1)) {
    cell->state = PUR_CELL_TEXT;
    cell->length = (size_t)snprintf(text, FOUND_SIZE, "%lld", (long long)lua_tointeger(L, -1));
    return;
  }
#endif
  if (type == LUA_TNUMBER) {
    found = value > 0 ? "inf" : value < 0 ? "-inf" : "nan";
    cell->length = (size_t)snprintf(text, FOUND_SIZE, "%s", found);
  } else if (type == LUA_TSTRING) {
    found = lua_tolstring(L, -1, &cell->length);
    if (cell->length > FOUND_SIZE - 2) cell->length = FOUND_SIZE - 2;
    text[0] = '"';
    memcpy(text + 1, found, cell->length);
    text[++cell->length] = '"';
    cell->length++;
  } else {
    cell->length = (size_t)snprintf(text, FOUND_SIZE, "a %s", found);
  }
}

/* Adds the row at the top of the stack, and leaves its values there. */
static inline void add_row(lua_State *L, int type, row_list *list) {
  pur_item *item = &list->items[list->count];
  bool is_row = type == LUA_TTABLE;
  pur_cell_state datetime = is_row ? get_datetime(L, item) : PUR_CELL_WRONG;
  pur_cell_state purchase = is_row ? get_purchase(L, item) : PUR_CELL_WRONG;
  if (datetime == PUR_CELL_TEXT && purchase == PUR_CELL_GOOD) {
    if (++list->count == ITEMS) hand_over(list);
  } else if (is_row) {
    pur_row wrong = {.datetime.state = datetime, .purchase.state = purchase};
    char found[FOUND_SIZE];
    hand_over(list);
    if (datetime == PUR_CELL_TEXT) {
      wrong.datetime.text = item->datetime;
      wrong.datetime.length = item->length;
    }
    if (purchase == PUR_CELL_WRONG) get_other(L, &wrong.purchase, found);
    pur_series_builder_add(list->builder, &wrong);
  } else {
    hand_over(list);
    pur_series_builder_refuse(list->builder, "it is not a table");
  }
}

/* Adds the rows of the table. Metamethods have no say, and nothing is raised. No row may be lost in
 * silence: where more keys are numbers than rows were found, some stand elsewhere. */
static void add_rows(lua_State *L, pur_series_builder *builder) {
  size_t length = lua_rawlen(L, ROWS), found = 0, numbers = 0;
  int top = lua_gettop(L), type;
  row_list list;
  list.builder = builder;
  list.count = 0;
  for (size_t i = 1; (type = pur_lua_rawgeti(L, ROWS, (int)i)) != LUA_TNIL || i <= length; i++) {
    add_row(L, type, &list);
    if (list.count == 0) lua_settop(L, top);
    found += type != LUA_TNIL;
  }
  hand_over(&list);
  lua_settop(L, top);
  for (lua_pushnil(L); lua_next(L, ROWS); lua_pop(L, 1)) numbers += lua_type(L, -2) == LUA_TNUMBER;
  if (numbers > found)
    pur_series_builder_refuse(builder, "rows are counted from 1, without a hole");
}

/* from(rows, datetime, value, step, tz) → series | nil, err */
static int series_from(lua_State *L) {
  pur_series_options options;
  pur_series_builder builder;
  pur_error error;
  pur_status status;
  slice *s;
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkstack(L, ITEMS * 3 + LUA_MINSTACK, NULL);
  s = begin_reading(L, &options);
  if (s == NULL) return 2;
  status = pur_series_builder_begin(&builder, &options, &error);
  if (status == PUR_OK) {
    add_rows(L, &builder);
    status = pur_series_builder_finish(&builder, PUR_OK, &s->series, &s->issues, &error);
  }
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
  const slice *s = check_slice(L);
  slice range = check_range(L, s);
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
  if (s->rows == 0) return 0;
  pur_series_time(s->series, row, text);
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
  if (pur_series_encode(range.series, range.row, range.rows, &text, &length, &error) != PUR_OK)
    return pur_lua_fail(L, "validation", &error);
  lua_pushlstring(L, text, length);
  /* After a part of a series another one will come. After all of it, the collector may leave the
   * series there for long. */
  if (range.rows == pur_series_rows(range.series)) pur_series_drop_body(range.series);
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

void pur_lua_open_series(lua_State *L) {
  static const luaL_Reg meta[] = {
      {"__len", slice_length}, {"__tostring", slice_text}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"read", series_read}, {"decode", series_decode}, {"from", series_from}, {NULL, NULL}};
  pur_lua_new_class(L, SERIES, close_slice, methods, meta);
  luaL_newlib(L, functions);
}

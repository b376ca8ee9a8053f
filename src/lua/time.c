/* purchases.core.datetime: local times, instants and zones, from text to text. */
#include "time/datetime.h"
#include "time/timezone.h"
#include "compat.h"

#define TIMEZONE "purchases.timezone"
#define TIMEZONES "purchases.timezones" /* in the registry: the zones asked for so far, by name */

static int fail(lua_State *L, const pur_error *error) {
  return pur_lua_fail(L, "validation", error);
}

/* Zones */

static int close_zone(lua_State *L) {
  pur_timezone **zone = pur_lua_check_self(L, TIMEZONE);
  pur_timezone_close(*zone);
  *zone = NULL;
  return 0;
}

/* The time zone named by argument 2, from the state's own cache, which keeps it. Returns 0, or
 * pushes nil, err and returns 2. */
static int get_zone(lua_State *L, pur_timezone **zone) {
  const pur_text text = pur_lua_check_text(L, 2);
  pur_error error;
  pur_timezone **kept;
  lua_getfield(L, LUA_REGISTRYINDEX, TIMEZONES);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  kept = lua_touserdata(L, -1);
  if (kept == NULL) {
    lua_pushvalue(L, 2);
    kept = pur_lua_new_object(L, TIMEZONE, sizeof(pur_timezone *));
    if (pur_timezone_open(text.text, text.length, kept, &error) != PUR_OK) return fail(L, &error);
    lua_rawset(L, -4);
  }
  *zone = *kept;
  return 0;
}

/* From and to text */

/* Reads the text at `index`. Returns 0, or pushes nil, err and returns 2. */
static int get_datetime(lua_State *L, int index, pur_datetime *datetime) {
  const pur_text text = pur_lua_check_text(L, index);
  pur_error error;
  if (pur_datetime_parse(text.text, text.length, datetime, &error) == PUR_OK) return 0;
  return fail(L, &error);
}

/* A count of seconds may not fit an integer of Lua 5.1, which has 32 bits on some machines. */
static void push_seconds(lua_State *L, int64_t seconds) {
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, seconds);
#else
  lua_pushnumber(L, (lua_Number)seconds);
#endif
}

/* An offset can move a time of the first or the last year out of what can be written. */
static pur_status check_years(int64_t seconds, pur_error *error) {
  if (seconds >= PUR_DATETIME_FIRST && seconds <= PUR_DATETIME_LAST) return PUR_OK;
  return pur_error_set(error, PUR_INVALID_DATETIME, 0,
                       "the time lies outside of the years 0001 to 9999 after conversion");
}

/* Conversions */

/* Names both readings, in the message and in `candidates`: the caller has to choose. */
static int fail_clock_change(lua_State *L, bool twice, const int64_t candidates[2]) {
  char readings[2][PUR_UTC_SIZE + 1] = {"", ""};
  pur_error error;
  for (int i = 0; i < 2; i++) pur_datetime_format_utc(candidates[i], readings[i]);
  (void)pur_error_set(&error, twice ? PUR_AMBIGUOUS_TIME : PUR_NONEXISTENT_TIME, 0,
                      "%s %s in %s: %s or %s; give it with an offset", lua_tostring(L, 1),
                      twice ? "happens twice" : "does not exist", lua_tostring(L, 2), readings[0],
                      readings[1]);
  (void)fail(L, &error);
  lua_createtable(L, 2, 0);
  for (int i = 0; i < 2; i++) {
    lua_pushstring(L, readings[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "candidates");
  return 2;
}

/* to_utc(text, zone) -> "2025-10-26T00:30:00Z" | nil, err */
static int to_utc(lua_State *L) {
  pur_datetime datetime;
  char text[PUR_UTC_SIZE];
  pur_timezone *zone = NULL;
  int64_t candidates[2];
  pur_error error;
  luaL_checktype(L, 2, LUA_TSTRING);
  if (get_datetime(L, 1, &datetime) != 0 || get_zone(L, &zone) != 0) return 2;
  if (datetime.has_offset) {
    candidates[0] = pur_datetime_instant(&datetime);
  } else {
    pur_local_kind kind = pur_timezone_local(zone, datetime.seconds, candidates);
    if (kind != PUR_LOCAL_UNIQUE)
      return fail_clock_change(L, kind == PUR_LOCAL_OVERLAP, candidates);
  }
  if (check_years(candidates[0], &error) != PUR_OK) return fail(L, &error);
  pur_datetime_format_utc(candidates[0], text);
  lua_pushlstring(L, text, sizeof text);
  return 1;
}

/* to_local(text, zone) -> "2025-10-26 02:30:00", 7200 | nil, err */
static int to_local(lua_State *L) {
  char text[PUR_SECONDS_SIZE];
  pur_timezone *zone = NULL;
  pur_timezone_period period;
  pur_datetime datetime;
  int64_t local;
  pur_error error;
  luaL_checktype(L, 2, LUA_TSTRING);
  if (get_datetime(L, 1, &datetime) != 0) return 2;
  if (!datetime.has_offset) {
    (void)pur_error_set(&error, PUR_INVALID_DATETIME, lua_rawlen(L, 1),
                        "%s: an instant needs Z or an offset", lua_tostring(L, 1));
    return fail(L, &error);
  }
  if (get_zone(L, &zone) != 0) return 2;
  pur_timezone_at(zone, pur_datetime_instant(&datetime), &period);
  local = pur_datetime_instant(&datetime) + period.offset;
  if (check_years(local, &error) != PUR_OK) return fail(L, &error);
  pur_datetime_format_seconds(local, text);
  lua_pushlstring(L, text, sizeof text);
  lua_pushinteger(L, period.offset);
  return 2;
}

/* day_length("2025-10-26", zone) -> 90000 | nil, err */
static int day_length(lua_State *L) {
  const pur_text text = pur_lua_check_text(L, 1);
  pur_timezone *zone = NULL;
  int64_t day, start, end;
  pur_error error;
  luaL_checktype(L, 2, LUA_TSTRING);
  if (pur_datetime_parse_date(text.text, text.length, &day, &error) != PUR_OK)
    return fail(L, &error);
  if (get_zone(L, &zone) != 0) return 2;
  pur_timezone_day(zone, day, &start, &end);
  push_seconds(L, end - start);
  return 1;
}

/* parse(text) -> civil seconds since 1970, its offset in seconds if it has one | nil, err */
static int parse(lua_State *L) {
  pur_datetime datetime;
  if (get_datetime(L, 1, &datetime) != 0) return 2;
  push_seconds(L, datetime.seconds);
  if (!datetime.has_offset) return 1;
  lua_pushinteger(L, datetime.offset);
  return 2;
}

/* format(civil seconds since 1970) -> "YYYY-MM-DD HH:MM:SS" */
static int format(lua_State *L) {
  char text[PUR_SECONDS_SIZE];
  lua_Number seconds;
  luaL_checktype(L, 1, LUA_TNUMBER);
  seconds = lua_tonumber(L, 1);
  luaL_argcheck(
      L, seconds >= (lua_Number)PUR_DATETIME_FIRST && seconds <= (lua_Number)PUR_DATETIME_LAST, 1,
      "seconds of the years 0001 to 9999 expected");
  luaL_argcheck(L, (lua_Number)(int64_t)seconds == seconds, 1, "whole seconds expected");
  pur_datetime_format_seconds((int64_t)seconds, text);
  lua_pushlstring(L, text, sizeof text);
  return 1;
}

/* difference(a, b) -> seconds from b to a, as os.difftime counts | nil, err */
static int difference(lua_State *L) {
  pur_datetime a, b;
  pur_error error;
  luaL_checktype(L, 2, LUA_TSTRING);
  if (get_datetime(L, 1, &a) != 0 || get_datetime(L, 2, &b) != 0) return 2;
  if (a.has_offset != b.has_offset) {
    (void)pur_error_set(&error, PUR_INVALID_DATETIME, 0,
                        "%s and %s: an instant and a naive time have no difference",
                        lua_tostring(L, 1), lua_tostring(L, 2));
    return fail(L, &error);
  }
  push_seconds(L, pur_datetime_instant(&a) - pur_datetime_instant(&b));
  return 1;
}

static const luaL_Reg functions[] = {
    {"to_utc", to_utc},         {"to_local", to_local},     {"parse", parse}, {"format", format},
    {"difference", difference}, {"day_length", day_length}, {NULL, NULL},
};

void pur_lua_open_datetime(lua_State *L) {
  pur_lua_new_class(L, TIMEZONE, close_zone, NULL);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, TIMEZONES);
  luaL_newlib(L, functions);
}

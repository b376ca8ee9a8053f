/* The rows of a series: their times, counted or written, and their values in MW. */
#include <stdio.h>

#include "base/issues.h"
#include "map/cell.h"

/* Times */

/* `period`, and a row that is a day, need a date alone, which the default format has no word for.
 */
static pur_status read_date(const pur_map *map, const pur_map_cell *cells,
                            pur_date_reading *reading, size_t *slot, pur_error *error) {
  const pur_rule *rule = &map->row.time;
  const pur_map_cell *cell = &cells[rule->slots[0]];
  pur_text text = pur_blank_trim(cell->text, cell->length);
  int64_t days;
  pur_status status;
  if (rule->slot_count == 1 && rule->conversion->date.text == NULL &&
      text.length == PUR_DATE_SIZE &&
      pur_datetime_parse_date(text.text, text.length, &days, NULL) == PUR_OK) {
    *slot = rule->slots[0];
    *reading = (pur_date_reading){.datetime = {days * PUR_DAY_SECONDS, 0, false}};
    return PUR_OK;
  }
  status = pur_cell_date(rule, cells, false, reading, slot, error);
  if (status != PUR_OK || reading->datetime.seconds % PUR_DAY_SECONDS == 0) return status;
  return pur_cell_fail(&cells[*slot], PUR_INVALID_CELL,
                       "is not a date alone: its intervals are counted from midnight", error);
}

/* How many intervals a day has, and the minute, in UTC with a zone, in which it begins. */
static int64_t day_of(const pur_map *map, int64_t seconds, int64_t *start) {
  const pur_timezone *zone = map->series.own_zone != NULL ? map->series.own_zone : map->series.zone;
  int64_t from = seconds, to = seconds + PUR_DAY_SECONDS;
  if (zone != NULL) pur_timezone_day(zone, pur_datetime_day(seconds), &from, &to);
  *start = pur_floor_divide(from, 60);
  return (to - from) / 60 / map->series.resolution;
}

/* What to say where a day has more intervals than one of 24 hours, and nobody says whose it is. */
static const char *hint_of(const pur_map *map, int64_t count, int64_t intervals) {
  bool has_zone = map->series.own_zone != NULL || map->series.zone != NULL;
  bool may_change = count != intervals && count * map->series.resolution >= 23 * 60 &&
                    count * map->series.resolution <= 25 * 60;
  return !has_zone && may_change ? "; say tz if clocks change on it" : "";
}

static void set_interval(const pur_map *map, int64_t start, int64_t index, pur_map_time *time) {
  bool is_instant = map->series.own_zone != NULL || map->series.zone != NULL;
  *time = (pur_map_time){.is_start = true};
  time->datetime.seconds = (start + index * map->series.resolution) * 60;
  time->datetime.has_offset = is_instant;
}

/* Digits, at most three. */
static bool read_count(const char **at, const char *end, int *count) {
  const char *begin = *at;
  for (*count = 0; *at < end && pur_text_is_digit(**at) && *at < begin + 3; ++*at)
    *count = *count * 10 + (**at - '0');
  return *at > begin;
}

/* A count of intervals, from 1: 17, or H5, or H5Q1. */
static bool read_period(const pur_map *map, pur_text text, int *count) {
  const char *at = text.text, *end = at + text.length;
  const int resolution = map->series.resolution, quarters = 60 / resolution;
  int quarter = 1;
  bool has_hour = at < end && (*at | 0x20) == 'h';
  at += has_hour;
  if (!read_count(&at, end, count)) return false;
  if (!has_hour) return at == end;
  if (at < end && (*at | 0x20) == 'q') {
    at++;
    if (!read_count(&at, end, &quarter) || quarter < 1 || quarter > quarters) return false;
  } else if (quarters != 1) {
    return false;
  }
  *count = *count > 0 ? (*count - 1) * quarters + quarter : 0;
  return at == end;
}

static pur_status read_counted(const pur_map *map, const pur_map_cell *cells, pur_map_time *time,
                               size_t *slot, pur_error *error) {
  const pur_map_cell *cell = &cells[map->row.period];
  pur_date_reading reading;
  pur_text text;
  int64_t start, intervals;
  int count = 0;
  char why[PUR_MESSAGE_SIZE / 2], day[PUR_MINUTES_SIZE];
  pur_status status = read_date(map, cells, &reading, slot, error);
  if (status != PUR_OK) return status;
  *slot = map->row.period;
  if (pur_map_is_empty(map, cell, true)) return PUR_END;
  text = pur_blank_trim(cell->text, cell->length);
  intervals = day_of(map, reading.datetime.seconds, &start);
  if (read_period(map, text, &count) && count >= 1 && count <= intervals) {
    set_interval(map, start, count - 1, time);
    return PUR_OK;
  }
  pur_datetime_format_minutes(pur_floor_divide(reading.datetime.seconds, 60), day);
  (void)snprintf(why, sizeof why,
                 "is no interval of %.10s, which has %d of %d minutes (1, 2, ...%s)%s", day,
                 (int)intervals, map->series.resolution,
                 map->series.resolution < 60 ? ", or H1Q1, H1Q2, ..." : ", or H1, H2, ...",
                 hint_of(map, count, intervals));
  return pur_cell_fail(cell, PUR_INVALID_CELL, why, error);
}

pur_status pur_map_read_time(const pur_map *map, const pur_map_cell *cells, pur_map_time *time,
                             size_t *slot, pur_error *error) {
  const pur_rule *rule = &map->row.time;
  pur_date_reading reading;
  pur_status status;
  if (map->series.has_period) return read_counted(map, cells, time, slot, error);
  status = pur_cell_date(rule, cells, map->series.ends, &reading, slot, error);
  if (status != PUR_OK) return status;
  if (reading.has_fraction)
    return pur_cell_fail(&cells[*slot], PUR_INVALID_CELL, "has a fraction of a second", error);
  if (*map->row.utc_name != '\0' && !map->row.has_place && !reading.datetime.has_offset)
    return pur_map_fail_utc(map, error);
  *time = (pur_map_time){.datetime = reading.datetime, .which = rule->conversion->overlap};
  if (map->row.has_dst && !reading.datetime.has_offset) {
    const pur_map_cell *flag = &cells[map->row.dst];
    pur_text text = pur_blank_trim(flag->text, flag->length);
    bool is_first = pur_texts_have(map->row.dst_is, map->row.dst_is_count, text.text, text.length);
    time->which = is_first ? 1 : 2;
    time->flag = text.length > 0 ? text : (pur_text){"", 0};
  }
  return PUR_OK;
}

size_t pur_map_write_time(const pur_map *map, int64_t minutes, char out[PUR_MAP_TIME_SIZE]) {
  if (map->series.has_period || map->series.is_wide || map->series.time_slot_count != 1) return 0;
  return pur_date_write(&map->row.time.conversion->date, minutes, out, PUR_MAP_TIME_SIZE);
}

/* Values */

static pur_status to_power(const pur_map *map, const pur_map_cell *cell, pur_exact *value,
                           pur_error *error) {
  const pur_exact factor = {map->row.factor, 0};
  if (map->row.tens == 0 && map->row.factor == 1) return PUR_OK;
  /* What nearly every value is: too small to overflow. */
  if (value->value < INT64_C(10000000000000000) && value->value > INT64_C(-10000000000000000) &&
      value->places <= PUR_FIXED_PLACES && map->row.tens <= 0) {
    value->value = (int64_t)value->value * map->row.factor;
    value->places += (unsigned)-map->row.tens;
    return PUR_OK;
  }
  if (pur_exact_multiply(value, &factor) && pur_exact_shift(value, map->row.tens)) return PUR_OK;
  return pur_cell_fail(cell, PUR_INVALID_CELL, "has more than 36 digits in MW", error);
}

/* The cell without the unit behind its number, where that is the one that the map says. */
static pur_map_cell without_unit(const pur_map *map, const pur_map_cell *cell) {
  const pur_text *unit = &map->row.value.conversion->style.unit;
  pur_text text, beside;
  size_t digits;
  if (unit->text == NULL || cell->is_number || cell->length <= unit->length ||
      pur_text_is_digit(cell->text[cell->length - 1]))
    return *cell;
  text = pur_blank_trim(cell->text, cell->length);
  for (digits = text.length; digits > 0 && !pur_text_is_digit(text.text[digits - 1]);) digits--;
  beside = pur_blank_trim(text.text + digits, text.length - digits);
  if (digits == 0 || beside.length != unit->length ||
      pur_unit_in_name(beside.text, beside.length) != pur_unit_find(unit->text, unit->length))
    return *cell;
  return (pur_map_cell){.text = text.text, .length = digits};
}

static pur_status read_value(const pur_map *map, const pur_map_cell *cell, pur_exact *value,
                             pur_error *error) {
  const pur_rule *rule = &map->row.value;
  const pur_map_cell number = without_unit(map, cell);
  pur_status status = pur_cell_exact(rule->conversion, &number, value, error);
  if (status == PUR_END && rule->constant.text != NULL) {
    const pur_map_cell unsaid = {rule->constant.text, rule->constant.length, true, 0};
    status = pur_cell_exact(rule->conversion, &unsaid, value, error);
  }
  return status;
}

static pur_status finish_value(const pur_map *map, const pur_map_cell *cell, pur_exact *value,
                               pur_error *error) {
  const pur_conversion *how = map->row.value.conversion;
  pur_status status = to_power(map, cell, value, error);
  if (status == PUR_OK && how->round >= 0) pur_exact_round(value, (unsigned)how->round);
  return status;
}

pur_status pur_map_read_value(const pur_map *map, const pur_map_cell *cells, pur_exact *value,
                              size_t *slot, pur_error *error) {
  const pur_rule *rule = &map->row.value;
  pur_status status;
  *slot = rule->slots[0];
  status = read_value(map, &cells[*slot], value, error);
  for (size_t i = 1; i < rule->slot_count && status == PUR_OK; i++) {
    pur_exact other;
    *slot = rule->slots[i];
    status = read_value(map, &cells[*slot], &other, error);
    if (status == PUR_OK && !pur_exact_add(value, &other))
      return pur_cell_fail(&cells[*slot], PUR_INVALID_CELL, "makes a sum of more than 36 digits",
                           error);
  }
  return status == PUR_OK ? finish_value(map, &cells[*slot], value, error) : status;
}

/* Rows that are days */

/* The intervals of a day as the clock shows them: which of them does not exist, if any. */
static void find_gap(const pur_map *map, int64_t seconds, size_t *from, size_t *length) {
  const pur_timezone *zone = map->series.own_zone != NULL ? map->series.own_zone : map->series.zone;
  const int64_t step = (int64_t)map->series.resolution * 60;
  *from = *length = 0;
  if (zone == NULL) return;
  for (size_t i = 0; (int64_t)i * step < PUR_DAY_SECONDS; i++) {
    int64_t candidates[2];
    if (pur_timezone_local(zone, seconds + (int64_t)i * step, candidates) != PUR_LOCAL_GAP)
      continue;
    if (*length == 0) *from = i;
    ++*length;
  }
}

static bool all_empty(const pur_map *map, const pur_map_cell *cells, size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    if (!pur_map_is_empty(map, &cells[i], true)) return false;
  return true;
}

pur_status pur_map_read_day(const pur_map *map, const pur_map_cell *cells,
                            const pur_map_cell *intervals, size_t count, pur_map_day *day,
                            size_t *slot, pur_error *error) {
  pur_date_reading reading;
  size_t filled = count, gap, length;
  int64_t expected;
  char why[PUR_MESSAGE_SIZE / 2];
  pur_status status = read_date(map, cells, &reading, slot, error);
  if (status != PUR_OK) return status;
  *day = (pur_map_day){0};
  expected = day_of(map, reading.datetime.seconds, &day->start);
  day->count = (size_t)expected;
  while (filled > 0 && pur_map_is_empty(map, &intervals[filled - 1], true)) filled--;
  if (filled == day->count) return PUR_OK;
  find_gap(map, reading.datetime.seconds, &gap, &length);
  if (length > 0 && filled == day->count + length && all_empty(map, intervals, gap, gap + length)) {
    day->skipped = gap;
    day->skip = length;
    return PUR_OK;
  }
  (void)snprintf(why, sizeof why,
                 "has %zu intervals in its row, but that day has %d, of %d minutes%s", filled,
                 (int)expected, map->series.resolution, hint_of(map, (int64_t)filled, expected));
  return pur_cell_fail(&cells[*slot], PUR_INVALID_CELL, why, error);
}

pur_status pur_map_read_interval(const pur_map *map, const pur_map_day *day,
                                 const pur_map_cell *intervals, size_t index, pur_map_time *time,
                                 pur_exact *value, size_t *cell, pur_error *error) {
  pur_status status;
  *cell = index + (day->skip > 0 && index >= day->skipped ? day->skip : 0);
  set_interval(map, day->start, (int64_t)index, time);
  status = read_value(map, &intervals[*cell], value, error);
  return status == PUR_OK ? finish_value(map, &intervals[*cell], value, error) : status;
}

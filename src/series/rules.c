#include "series/rules.h"

#include <stdio.h>
#include <string.h>

#include "time/datetime.h"
#include "number/number.h"

void pur_check_init(pur_check *check, const pur_timezone *zone, const char *zone_name, int step) {
  memset(check, 0, sizeof *check);
  check->zone = zone;
  check->zone_name = zone_name;
  check->step = step;
  check->day.date = check->left.date = INT64_MIN;
  pur_order_init(&check->order, step, &check->issues);
}

/* A report is false, for the caller to return. */

static bool report_missing(pur_check *check, const pur_place *place, const char *field) {
  (void)pur_issues_add(
      &check->issues, place, field, field[0] == 'd' ? "missing_datetime" : "missing_purchase",
      "Purchase item at index %zu is missing required field \"%s\".", place->index, field);
  return false;
}

static bool report_format(pur_check *check, const pur_place *place, const char *detail) {
  pur_issue *issue = pur_issues_add(&check->issues, place, "datetime", "invalid_datetime",
                                    "Purchase item at index %zu: invalid datetime format. Expected "
                                    "\"YYYY-MM-DD HH:MM\" (e.g., \"2024-01-15 14:30\").",
                                    place->index);
  pur_issue_explain(issue, "%s", detail);
  return false;
}

/* The row's local time is one that the zone's clocks skip or show twice; `candidates` are its two
 * readings in UTC.
 */
static bool report_clock_change(pur_check *check, const pur_place *place, const char *code,
                                const char *what, const int64_t candidates[2]) {
  char text[PUR_MINUTES_SIZE], first[PUR_UTC_SIZE], second[PUR_UTC_SIZE];
  pur_issue *issue;
  pur_datetime_format_minutes(check->local, text);
  pur_datetime_format_utc(candidates[0], first);
  pur_datetime_format_utc(candidates[1], second);
  issue = pur_issues_add(&check->issues, place, "datetime", code,
                         "Purchase item at index %zu: %.16s %s in %s.", place->index, text, what,
                         check->zone_name);
  pur_issue_explain(issue, "either %.20s or %.20s: give it with an offset", first, second);
  return false;
}

/* A delivery day has as many rows as its zone gives it. */
static void close_day(pur_check *check, const pur_delivery_day *day) {
  int64_t start, end, expected;
  pur_date date;
  if (check->zone == NULL || check->step == 0 || day->date == INT64_MIN || day->spoiled) return;
  pur_timezone_day(check->zone, day->date, &start, &end);
  expected = (end - start) / 60 / check->step;
  if (expected == (int64_t)day->rows) return;
  date = pur_date_from_days(day->date);
  (void)pur_issues_add(
      &check->issues, &day->place, "datetime", "wrong_day_length",
      "Purchase items of %04d-%02d-%02d: %zu, but that day has %lld in %s (step %d minutes).",
      date.year, date.month, date.day, day->rows, (long long)expected, check->zone_name,
      check->step);
}

/* A row that jumped may turn out to be wrong: the day that it leaves is closed when that is known.
 * A day that begins with a row that was reported, and not counted, has a length that says nothing.
 */
static void open_day(pur_check *check, int64_t date, bool spoiled, const pur_place *place) {
  pur_delivery_day next = {date, 0, spoiled, *place};
  if (!check->order.jumped) close_day(check, &check->day);
  check->day = next;
}

/* The row after a jump tells whether the day before it goes on. */
static void judge_jump(pur_check *check) {
  if (check->order.returned) {
    check->day = check->left;
    check->day.spoiled = true;
  } else if (check->left.date != check->day.date) {
    close_day(check, &check->left);
  }
}

/* Time zones before 1972 may be off by seconds; a local minute is then the first whole one of its
 * instant. */
static int64_t to_minutes(int64_t seconds) {
  return seconds / 60 + (seconds % 60 > 0);
}

/* Which of an overlap's two instants (in minutes) a row means, if the rows before it prove one: the
 * earlier one where only that can come now, the later one where that must. */
static bool choose_reading(const pur_check *check, int64_t earlier, int64_t later,
                           int64_t *instant) {
  int64_t last = check->order.last;
  int64_t next = last + (check->order.unread + 1) * check->step;
  bool stepped = check->step != 0;
  if (!check->order.started) return false;
  if (stepped && earlier >= last && earlier <= next && later > next)
    *instant = earlier;
  else if (earlier <= last || (stepped && later == next))
    *instant = later;
  else
    return false;
  return true;
}

static bool resolve_local(pur_check *check, const pur_place *place, int64_t *instant) {
  int64_t candidates[2];
  pur_local_kind kind = pur_timezone_local(check->zone, check->local * 60, candidates);
  if (kind == PUR_LOCAL_GAP)
    return report_clock_change(check, place, "nonexistent_time", "does not exist", candidates);
  *instant = to_minutes(candidates[0]);
  if (kind == PUR_LOCAL_UNIQUE) return true;
  if (choose_reading(check, *instant, to_minutes(candidates[1]), instant)) return true;
  return report_clock_change(check, place, "ambiguous_time", "happens twice", candidates);
}

static bool resolve_instant(pur_check *check, const pur_place *place, int64_t seconds,
                            int64_t *instant) {
  pur_timezone_period period;
  int64_t local;
  if (check->zone == NULL)
    return report_format(check, place,
                         "it has an offset: name the zone to write local times in (tz)");
  pur_timezone_at(check->zone, seconds, &period);
  local = seconds + period.offset;
  if (local % 60 != 0 || local < PUR_DATETIME_FIRST || local > PUR_DATETIME_LAST)
    return report_format(check, place, "it is not a whole minute of years 1 to 9999 in that zone");
  *instant = to_minutes(seconds);
  check->local = local / 60;
  return true;
}

/* Reads the row's instant and, into check->local, its local time. */
static bool read_time(pur_check *check, const pur_cell *cell, const pur_place *place,
                      int64_t *instant) {
  pur_datetime datetime;
  pur_error error;
  if (cell->state == PUR_CELL_MISSING) return report_missing(check, place, "datetime");
  if (cell->state == PUR_CELL_WRONG) return report_format(check, place, "it is not a text");
  if (pur_datetime_parse(cell->text, cell->length, &datetime, &error) != PUR_OK)
    return report_format(check, place, error.message);
  if (datetime.seconds % 60 != 0) return report_format(check, place, "its seconds are not 00");
  if (datetime.has_offset) {
    if (!resolve_instant(check, place, pur_datetime_instant(&datetime), instant)) return false;
  } else {
    *instant = check->local = datetime.seconds / 60;
    if (check->zone != NULL && !resolve_local(check, place, instant)) return false;
  }
  if (check->step == 0 || check->local % check->step == 0) return true;
  (void)pur_issues_add(
      &check->issues, place, "datetime", "off_grid",
      "Purchase item at index %zu: field \"datetime\" is not on a grid of %d minutes.",
      place->index, check->step);
  return false;
}

/* Counts a row that is in order: it belongs to the day of the row before, or begins one. Where
 * clocks are put back over midnight, a date that was left comes again: its rows belong to the day
 * that began, as pur_timezone_day has it. */
static void count_row(pur_check *check, int64_t instant, bool spoiled, const pur_place *place) {
  const int64_t date = pur_datetime_day(check->local * 60), last = check->day.date;
  if (check->rows == 1) check->first = instant;
  if (check->order.jumped) check->left = check->day;
  if (date > last || (date != last && check->day.spoiled)) open_day(check, date, spoiled, place);
  check->day.rows++;
  check->steady = check->step != 0 && !check->order.jumped;
  if (!check->steady) return;
  pur_grid_set(&check->grid, check->zone, check->step, instant);
  pur_grid_pass(&check->grid, 1);
}

/* Takes a row whose time cannot be told. */
static void take_unread(pur_check *check) {
  bool jumped = check->order.jumped;
  pur_order_take_unread(&check->order);
  if (jumped) judge_jump(check);
  check->day.spoiled = true;
  check->steady = false;
}

static bool take_time(pur_check *check, const pur_cell *datetime, const pur_place *place) {
  int64_t instant;
  bool jumped = check->order.jumped, spoiled = check->order.unread > 0, good;
  if (!read_time(check, datetime, place, &instant)) {
    take_unread(check);
    return false;
  }
  good = pur_order_take(&check->order, instant, place);
  check->steady = false;
  if (!good) check->left.spoiled = check->day.spoiled = true;
  if (jumped) judge_jump(check);
  if (good) count_row(check, instant, spoiled, place);
  return good;
}

/* A number must be one as JSON has it, and finite. */
static bool check_number(pur_check *check, const pur_cell *cell, const pur_place *place) {
  char found[64];
  double value;
  pur_issue *issue;
  if (cell->state == PUR_CELL_GOOD) return true;
  if (cell->state == PUR_CELL_TEXT && pur_number_read(cell->text, cell->length, &value))
    return true;
  if (cell->state == PUR_CELL_MISSING) return report_missing(check, place, "purchase");
  issue = pur_issues_add(
      &check->issues, place, "purchase", "invalid_number",
      "Purchase item at index %zu: field \"purchase\" must be a number (in MW unit).",
      place->index);
  if (cell->length == 0) return false;
  pur_issue_quote(cell->text, cell->length, found, sizeof found);
  pur_issue_explain(issue, "found %s%s", found,
                    memchr(cell->text, ',', cell->length) ? ": write decimals with a point" : "");
  return false;
}

bool pur_check_expected(pur_check *check, size_t rows, size_t line) {
  bool new_day = check->grid.day > check->day.date;
  if (new_day) {
    pur_place place = {check->rows, line, 1};
    open_day(check, check->grid.day, false, &place);
  }
  check->rows += rows;
  check->day.rows += rows;
  check->order.last = check->grid.instant + (int64_t)(rows - 1) * check->step;
  pur_grid_pass(&check->grid, rows);
  return new_day;
}

bool pur_check_row(pur_check *check, const pur_row *row) {
  const pur_cell *datetime = &row->datetime;
  const pur_grid *grid = &check->grid;
  pur_place place = {check->rows, row->line, datetime->column};
  bool good = true, is_expected = false;
  if (check->steady && datetime->state == PUR_CELL_TEXT && datetime->length == PUR_GRID_TEXT) {
    pur_grid_settle(&check->grid);
    is_expected = pur_clock_shows(&grid->clock, datetime->text);
  }
  if (is_expected) {
    check->local = grid->day * (PUR_DAY_SECONDS / 60) + grid->clock.hour * 60 + grid->clock.minute;
    (void)pur_check_expected(check, 1, row->line);
  } else {
    check->rows++;
    good = take_time(check, datetime, &place);
  }
  place.column = row->purchase.column;
  return check_number(check, &row->purchase, &place) && good;
}

void pur_check_refuse(pur_check *check, size_t line, size_t column, const char *detail) {
  pur_place place = {check->rows, line, column};
  pur_issue *issue;
  take_unread(check);
  check->rows++;
  issue = pur_issues_add(&check->issues, &place, NULL, "invalid_row",
                         "Purchase item at index %zu cannot be read.", place.index);
  pur_issue_explain(issue, "%s", detail);
}

pur_status pur_check_finish(pur_check *check, pur_error *error) {
  bool jumped = check->order.jumped;
  pur_order_finish(&check->order);
  if (jumped) judge_jump(check);
  close_day(check, &check->day);
  if (check->issues.kept.status != PUR_OK) return pur_error_no_memory(error);
  if (check->issues.total == 0) return PUR_OK;
  return pur_error_set(error, PUR_INVALID_SERIES, 0, "%zu problem%s in %zu rows",
                       check->issues.total, check->issues.total == 1 ? "" : "s", check->rows);
}

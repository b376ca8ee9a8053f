#include "series/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "map/cause.h"
#include "number/number.h"
#include "time/datetime.h"

#define DAY_MINUTES (PUR_DAY_SECONDS / 60)

void pur_check_init(pur_check *check, const pur_map_series *map) {
  *check = (pur_check){.zone = {.zone = map->zone, .name = map->zone_name},
                       .map = map,
                       .step = map->step != 0 ? map->resolution : 0,
                       .ends = map->ends,
                       .day = {.date = INT64_MIN},
                       .left = {.date = INT64_MIN}};
  check->own = check->zone;
  if (map->own_zone != NULL) check->own.zone = map->own_zone, check->own.name = map->own_zone_name;
  check->most = PUR_DATETIME_LAST / 60 - (map->sends_ends ? check->step : 0);
  check->order = (pur_order){.issues = &check->issues, .step = check->step};
}

/* The row's label is one that the zone's clocks skip or show twice; `candidates` are its two
 * readings in UTC. */
static void report_clock_change(pur_check *check, const pur_place *place, bool is_gap,
                                int64_t label, const int64_t candidates[2]) {
  char text[PUR_MINUTES_SIZE], detail[PUR_CHANGE_DETAIL];
  pur_datetime_format_minutes(label, text);
  pur_change_explain(check->own.zone, is_gap, check->ends, label, candidates, detail);
  if (is_gap)
    pur_cause_report(&check->issues, place, "datetime", "nonexistent_time", detail,
                     ": %.16s does not exist in %s.", text, check->own.name);
  else
    pur_cause_report(&check->issues, place, "datetime", "ambiguous_time", detail,
                     ": %.16s happens twice in %s.", text, check->own.name);
}

/* Time zones before 1972 may be off by seconds; a local minute is then the first whole one of its
 * instant. */
static int64_t to_minutes(int64_t seconds) {
  return seconds / 60 + (seconds % 60 > 0);
}

/* A delivery day has as many rows as its zone gives it. Those that are missing between two rows are
 * told as a gap: only the first day and the last may lack others. A source whose days are those of
 * another zone begins and ends within a day. */
static void close_day(pur_check *check, const pur_delivery_day *day, bool is_last) {
  const bool is_first = day->place.index == 0;
  int64_t start, end, expected;
  pur_date date;
  if (check->zone.zone == NULL || check->step == 0 || day->date == INT64_MIN || day->spoiled ||
      (check->order.apart > check->step && 60 % check->order.apart == 0))
    return; /* or the rows' own step is said instead */
  pur_timezone_day(check->zone.zone, day->date, &start, &end);
  expected = (end - start) / 60 / check->step;
  if (!(is_first && check->first > to_minutes(start)) &&
      !(is_last && check->order.last + check->step < to_minutes(end))) {
    if (end - start != PUR_DAY_SECONDS)
      pur_cause_explain_gaps(&check->issues, day->place.index, expected, check->zone.name);
    return;
  }
  if (check->own.zone != check->zone.zone) {
    check->is_cut = true;
    return;
  }
  date = pur_date_from_days(day->date);
  (void)pur_issues_add(
      &check->issues, &day->place, "datetime", "wrong_day_length",
      "Purchase items of %04d-%02d-%02d: %zu, but that day has %lld in %s (step %d minutes).",
      date.year, date.month, date.day, day->rows, (long long)expected, check->zone.name,
      check->step);
}

/* A row that jumped may turn out to be wrong: the day that it leaves is closed when that is known.
 * A day that begins with a row that was reported, and not counted, has a length that says nothing.
 */
static void open_day(pur_check *check, int64_t date, bool spoiled, const pur_place *place) {
  pur_delivery_day next = {date, 0, spoiled, *place};
  if (!check->order.jumped) close_day(check, &check->day, false);
  check->day = next;
}

/* The row after a jump tells whether the day before it goes on. */
static void judge_jump(pur_check *check) {
  if (check->order.returned) {
    check->day = check->left;
    check->day.spoiled = true;
  } else if (check->left.date != check->day.date) {
    close_day(check, &check->left, false);
  }
}

/* Which of an overlap's two instants (in minutes) a row means, if the rows before it prove one: 1,
 * where only the earlier one can come now, 2, where the later one must; otherwise 0. */
static int choose_reading(const pur_check *check, int64_t earlier, int64_t later) {
  int64_t last = check->order.last + (check->ends ? check->step : 0);
  int64_t next = last + (check->order.unread + 1) * check->step;
  bool stepped = check->step != 0;
  if (check->order.taken == 0) return 0;
  if (stepped && earlier >= last && earlier <= next && later > next) return 1;
  return earlier <= last || (stepped && later == next) ? 2 : 0;
}

typedef enum reading { READ, REFUSED, NO_ROW } reading;

static bool is_empty(const pur_cell *cell) {
  return cell->state == PUR_CELL_MISSING ||
         (cell->state == PUR_CELL_WRONG &&
          ((cell->length == 4 && memcmp(cell->text, "null", 4) == 0) ||
           (cell->length == 2 && memcmp(cell->text, "\"\"", 2) == 0)));
}

/* What is wrong with an hour that comes twice, as a whole, is one fault of all its rows: behind
 * them the rows go on as if nothing were. */
static void leave_twice(pur_check *check) {
  const pur_twice twice = check->twice;
  pur_order *order = &check->order;
  char text[PUR_MINUTES_SIZE], detail[PUR_CHANGE_DETAIL];
  if (twice.rows == 0 || !pur_twice_leave(&check->twice, check->map, &check->issues, detail))
    return;
  *order = check->before;
  order->jumped = order->returned = order->fell = check->steady = false;
  order->last = order->previous = twice.end;
  order->unread = 0;
  order->taken += twice.rows;
  check->day.spoiled = true;
  pur_datetime_format_minutes(twice.label, text);
  for (size_t i = 0; i < twice.rows; i++)
    pur_cause_report(&check->issues, &twice.first, "datetime", "ambiguous_time", detail,
                     ": %.16s happens twice in %s.", text, check->own.name);
}

/* Within the period looked up last, but for a day or two at its ends, every local time is unique.
 */
static reading resolve_local(pur_check *check, const pur_row *row, const pur_place *place,
                             int64_t label, int64_t *seconds) {
  const int64_t margin = 2 * PUR_DAY_SECONDS;
  pur_check_zone *own = &check->own;
  int64_t candidates[2];
  pur_local_kind kind;
  *seconds = label * 60 - own->period.offset;
  if (*seconds > own->period.from + margin && *seconds < own->period.until - margin) return READ;
  kind = pur_timezone_local(own->zone, label * 60, candidates);
  *seconds = candidates[0];
  pur_timezone_at(own->zone, *seconds, &own->period);
  if (kind != PUR_LOCAL_OVERLAP) leave_twice(check);
  if (kind == PUR_LOCAL_UNIQUE) return READ;
  if (kind == PUR_LOCAL_OVERLAP) {
    const int64_t shift = check->ends ? check->step : 0;
    const int64_t ahead = to_minutes(candidates[0]) - shift - check->order.last;
    const bool is_known = ahead == 0, follows = is_known || ahead == check->step;
    if (check->twice.rows == 0) check->before = check->order;
    pur_twice_take(&check->twice, place, label, to_minutes(candidates[1]) - shift,
                   follows && check->order.unread == 0 ? is_known : -1, &row->time, &check->issues);
  }
  if (kind == PUR_LOCAL_GAP && is_empty(&row->purchase)) return NO_ROW;
  if (kind == PUR_LOCAL_OVERLAP) {
    int which = 0;
    if (row->time.flag.text == NULL)
      which = choose_reading(check, to_minutes(candidates[0]), to_minutes(candidates[1]));
    if (which == 0) which = (unsigned char)row->time.which;
    if (which != 0) {
      *seconds = candidates[which - 1];
      return READ;
    }
  }
  report_clock_change(check, place, kind == PUR_LOCAL_GAP, label, candidates);
  return REFUSED;
}

/* Finds the local time, in the series' zone, of an instant: false without one. */
static bool to_local(pur_check *check, int64_t seconds, int64_t *local) {
  pur_timezone_period *period = &check->zone.period;
  if (seconds < period->from || seconds >= period->until)
    pur_timezone_at(check->zone.zone, seconds, period);
  seconds += period->offset;
  *local = pur_floor_divide(seconds, 60);
  return seconds % 60 == 0 && seconds >= PUR_DATETIME_FIRST && *local <= check->most;
}

static reading refuse_format(pur_check *check, const pur_place *place, const char *detail) {
  pur_cause_report(&check->issues, place, "datetime", "invalid_datetime", detail,
                   ": invalid datetime format. Expected \"YYYY-MM-DD HH:MM\" (e.g., \"2024-01-15 "
                   "14:30\").");
  return REFUSED;
}

/* Reads where the row starts: its instant and, into check->local, its local time. */
static reading read_time(pur_check *check, const pur_row *row, const pur_place *place,
                         int64_t *instant) {
  const pur_cell *cell = &row->datetime;
  pur_datetime datetime = row->time.datetime;
  int64_t shift = check->ends && !row->time.is_start ? check->step * 60 : 0, seconds;
  pur_error error;
  if (cell->state == PUR_CELL_MISSING) {
    pur_cause_report(&check->issues, place, "datetime", "missing_datetime", NULL,
                     " is missing required field \"datetime\".");
    return REFUSED;
  }
  if (cell->state == PUR_CELL_WRONG) return refuse_format(check, place, "it is not a text");
  if (cell->state == PUR_CELL_REFUSED) return refuse_format(check, place, cell->text);
  if (cell->state == PUR_CELL_TEXT &&
      pur_datetime_parse(cell->text, cell->length, &datetime, &error) != PUR_OK)
    return refuse_format(check, place, error.message);
  if (datetime.seconds % 60 != 0) return refuse_format(check, place, "its seconds are not 00");
  seconds = pur_datetime_instant(&datetime);
  if (!datetime.has_offset && check->own.zone != NULL) {
    reading outcome = resolve_local(check, row, place, datetime.seconds / 60, &seconds);
    if (outcome != READ) return outcome;
  }
  seconds -= shift;
  check->local = *instant = to_minutes(seconds);
  if (check->zone.zone == NULL && (datetime.has_offset || check->own.zone != NULL))
    return refuse_format(check, place,
                         "it has an offset: name the zone to write local times in (tz)");
  if (check->zone.zone != NULL ? !to_local(check, seconds, &check->local)
                               : seconds < PUR_DATETIME_FIRST || check->local > check->most)
    return refuse_format(check, place, "it is not a whole minute of years 1 to 9999 in that zone");
  if (check->step == 0 || check->local % check->step == 0) return READ;
  pur_cause_report(&check->issues, place, "datetime", "off_grid", NULL,
                   ": field \"datetime\" is not on a grid of %d minutes.", check->step);
  return REFUSED;
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
  pur_grid_set(&check->grid, check->zone.zone, check->step, instant);
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

static bool take_time(pur_check *check, int64_t instant, const pur_place *place) {
  bool jumped = check->order.jumped, spoiled = check->order.unread > 0;
  bool good = pur_order_take(&check->order, instant, place);
  check->steady = false;
  if (!good) check->left.spoiled = check->day.spoiled = true;
  if (jumped) judge_jump(check);
  if (good) count_row(check, instant, spoiled, place);
  return good;
}

static pur_place place_of(const pur_check *check, const pur_row *row, const pur_cell *cell) {
  pur_place place = {check->rows, row->line, row->text != NULL ? 1 : cell->offset};
  if (row->text != NULL) pur_text_pass(row->text, cell->offset, &place.line, &place.column);
  return place;
}

/* A number must be one as JSON has it, and finite. */
static bool check_number(pur_check *check, const pur_row *row) {
  const pur_cell *cell = &row->purchase;
  char found[64], detail[PUR_MESSAGE_SIZE];
  double value;
  pur_place place;
  if (cell->state == PUR_CELL_GOOD ||
      (cell->state == PUR_CELL_TEXT && pur_number_read(cell->text, cell->length, &value)))
    return true;
  place = place_of(check, row, cell);
  place.index--;
  if (cell->state == PUR_CELL_MISSING) {
    pur_cause_report(&check->issues, &place, "purchase", "missing_purchase", NULL,
                     " is missing required field \"purchase\".");
    return false;
  }
  pur_issue_quote(cell->text, cell->length, found, sizeof found);
  (void)snprintf(detail, sizeof detail, "found %s", found);
  pur_cause_report(&check->issues, &place, "purchase", "invalid_number",
                   cell->state == PUR_CELL_REFUSED ? cell->text : detail,
                   ": field \"purchase\" must be a number (in MW unit).");
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
  check->order.last = check->order.previous =
      check->grid.instant + (int64_t)(rows - 1) * check->step;
  check->order.taken += rows;
  if (check->order.apart != check->step)
    check->order.apart = check->order.apart == 0 ? check->step : -1;
  pur_grid_pass(&check->grid, rows);
  return new_day;
}

bool pur_check_row(pur_check *check, const pur_row *row) {
  const pur_cell *datetime = &row->datetime;
  const pur_grid *grid = &check->grid;
  bool good = true, is_expected = false;
  if (check->steady) pur_grid_settle(&check->grid);
  if (check->steady && datetime->state == PUR_CELL_TEXT && datetime->length == PUR_GRID_TEXT &&
      !check->ends)
    is_expected = pur_clock_shows(&grid->clock, datetime->text);
  if (!is_expected) {
    pur_place place = place_of(check, row, datetime);
    int64_t instant;
    reading outcome = read_time(check, row, &place, &instant);
    if (outcome == NO_ROW) return false;
    is_expected = outcome == READ && check->steady && instant == grid->instant;
    if (!is_expected) check->rows++;
    if (outcome == REFUSED) take_unread(check);
    good = outcome == READ && (is_expected || take_time(check, instant, &place));
  }
  if (is_expected) {
    check->local = grid->day * DAY_MINUTES + grid->clock.hour * 60 + grid->clock.minute;
    (void)pur_check_expected(check, 1, row->line);
  }
  return check_number(check, row) && good;
}

void pur_check_refuse(pur_check *check, size_t line, size_t column, const char *detail) {
  pur_place place = {check->rows, line, column};
  take_unread(check);
  check->rows++;
  pur_cause_report(&check->issues, &place, NULL, "invalid_row", detail, " cannot be read.");
}

void pur_check_locate(pur_check *check, const char *text, size_t length) {
  static const pur_place start = {0, 1, 1};
  pur_place *open[] = {&check->day.place, &check->left.place, &check->order.place,
                       &check->twice.first};
  pur_issues_locate(&check->issues, 0, text, length, &start);
  for (size_t i = 0; i < sizeof open / sizeof *open; i++)
    if (open[i]->line == 0)
      pur_text_place(text, length, open[i]->column, &open[i]->line, &open[i]->column);
}

/* Is the series one row later, or earlier, than whole days are? */
static bool is_beside_days(pur_check *check) {
  const int64_t shift = check->ends ? -check->step : check->step;
  int64_t first, last;
  if (check->zone.zone == NULL || check->step == 0) return false;
  (void)to_local(check, check->first * 60, &first);
  (void)to_local(check, check->order.last * 60, &last);
  return (first - shift) % DAY_MINUTES == 0 && (last + check->step - shift) % DAY_MINUTES == 0;
}

pur_status pur_check_finish(pur_check *check, pur_error *error) {
  bool jumped;
  leave_twice(check);
  jumped = check->order.jumped;
  pur_order_finish(&check->order);
  if (jumped) judge_jump(check);
  close_day(check, &check->day, true);
  if (check->issues.kept.status != PUR_OK) return pur_error_no_memory(error);
  if (check->issues.total == 2 && is_beside_days(check))
    pur_cause_name_label(&check->issues, check->ends ? "start" : "end");
  if (check->apart.told[0] != '\0') pur_cause_merge_repeats(&check->issues, check->apart.told);
  if (check->issues.total == 0) return PUR_OK;
  return pur_error_set(error, PUR_INVALID_SERIES, 0, "%zu problem%s in %zu row%s",
                       check->issues.total, check->issues.total == 1 ? "" : "s", check->rows,
                       check->rows == 1 ? "" : "s");
}

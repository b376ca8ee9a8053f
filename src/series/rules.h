/* What every row of a purchase series must be, one row after the other.
 *
 * Rules (submit-purchase page of the API, settled in its contract): a datetime that is a real
 * calendar date and time, a finite number in MW; and ours: rows in order, one step apart, on the
 * grid of the hour, and as many in a delivery day as its time zone gives it (92, 96 or 100
 * quarter-hours).
 *
 * Inside, a row stands where its interval starts, whatever its label names. Rows with the same
 * fault are one issue, with their count; gaps and days stay apart. */
#ifndef PURCHASES_SERIES_RULES_H
#define PURCHASES_SERIES_RULES_H

#include "map/apart.h"
#include "map/change.h"
#include "map/reading.h"
#include "series/clock.h"
#include "series/order.h"

/* The rows of one local date so far. */
typedef struct pur_delivery_day {
  int64_t date; /* days since 1970 */
  size_t rows;
  bool spoiled; /* rows in it or before it were reported: its length says nothing */
  pur_place place;
} pur_delivery_day;

/* A zone, and the period of it that was looked up last: nearly always the next row lies in it. */
typedef struct pur_check_zone {
  const pur_timezone *zone;
  const char *name;
  pur_timezone_period period;
} pur_check_zone;

typedef struct pur_check {
  pur_check_zone zone; /* of the series; without one, local times are taken as given */
  pur_check_zone own;  /* of times without an offset */
  const pur_map_series *map;
  int step;          /* minutes of a row of the file, a divisor of 60; 0: no grid */
  bool ends;         /* times name where an interval ends */
  int64_t most;      /* the latest start of a row whose label a text can say, minutes */
  pur_issues issues; /* for the caller to take and free */
  pur_order order;
  size_t rows;   /* taken so far */
  int64_t first; /* instant of the first row, minutes */
  int64_t local; /* local time of the row taken last, minutes */
  pur_delivery_day day;
  pur_delivery_day left; /* the day before a jump, while that is not judged */
  pur_twice twice;       /* the rows of an hour that comes twice, while they come */
  pur_order before;      /* the order as it was before them */
  bool is_cut;           /* the first day, or the last, is not whole */
  bool steady;           /* all is well so far as the next row goes: it must stand at `grid` */
  pur_grid grid;         /* the time of the next row, while steady */
  pur_apart apart;       /* what tells rows with one time apart, for whoever reports these */
} pur_check;

/* The map outlives the check. */
void pur_check_init(pur_check *check, const pur_map_series *map);

/* Takes the next row; true when nothing is wrong with it. Issues go to `check->issues`. A row
 * without a purchase at a time that does not exist is none, and not counted either. */
bool pur_check_row(pur_check *check, const pur_row *row);

/* Has the row taken last the time of the first one? */
static inline bool pur_check_repeats_first(const pur_check *check) {
  return check->order.fell && check->order.low == check->order.start;
}

/* Turns the places that are still offsets into a text into lines and columns: the text goes. */
void pur_check_locate(pur_check *check, const char *text, size_t length);

/* After the last row: judges what was left open. PUR_OK, or PUR_INVALID_SERIES when there are
 * issues (`error` then says how many), PUR_NO_MEMORY. */
pur_status pur_check_finish(pur_check *check, pur_error *error);

/* Takes the next row, which cannot be read as fields at all; its place as in pur_issues. */
void pur_check_refuse(pur_check *check, size_t line, size_t column, const char *detail);

/* Takes `rows` rows, at least 1 and at most pur_grid_left(&check->grid), that stand where the grid
 * expects them and whose numbers are known to be good; the first is on `line`, and every one on a
 * line of its own. True when the first begins a new delivery day. */
bool pur_check_expected(pur_check *check, size_t rows, size_t line);

#endif

/* What every row of a purchase series must be, one row after the other.
 *
 * Rules (submit-purchase page of the API, settled in its contract): a datetime that is a real
 * calendar date and time, a finite number in MW; and ours: rows in order, one step apart, on the
 * grid of the hour, and as many in a delivery day as its time zone gives it (92, 96 or 100
 * quarter-hours). */
#ifndef PURCHASES_SERIES_RULES_H
#define PURCHASES_SERIES_RULES_H

#include "series/clock.h"
#include "series/order.h"

typedef enum pur_cell_state {
  PUR_CELL_MISSING,
  PUR_CELL_WRONG, /* of a type that cannot hold the value */
  PUR_CELL_TEXT,  /* text to be checked */
  PUR_CELL_GOOD   /* a number already known to be finite */
} pur_cell_state;

typedef struct pur_cell {
  pur_cell_state state;
  const char *text;
  size_t length;
  size_t column; /* for the place of an issue */
} pur_cell;

typedef struct pur_row {
  size_t line; /* 0: `column` of the cells is an offset, see pur_issues_locate */
  pur_cell datetime;
  pur_cell purchase;
} pur_row;

/* The rows of one local date so far. */
typedef struct pur_delivery_day {
  int64_t date; /* days since 1970 */
  size_t rows;
  bool spoiled; /* rows in it or before it were reported: its length says nothing */
  pur_place place;
} pur_delivery_day;

typedef struct pur_check {
  const pur_timezone *zone; /* borrowed; NULL: local times as given */
  const char *zone_name;    /* borrowed, for messages */
  int step;                 /* minutes, a divisor of 60; 0: no grid */
  pur_issues issues;        /* for the caller to take and free */
  pur_order order;
  size_t rows;   /* taken so far */
  int64_t first; /* instant of the first row, minutes */
  int64_t local; /* local time of the row taken last, minutes */
  pur_delivery_day day;
  pur_delivery_day left; /* the day before a jump, while that is not judged */
  bool steady;           /* all is well so far as the next row goes: it must stand at `grid` */
  pur_grid grid;         /* the time of the next row, while steady */
} pur_check;

void pur_check_init(pur_check *check, const pur_timezone *zone, const char *zone_name, int step);

/* Takes the next row; true when nothing is wrong with it. Issues go to `check->issues`. */
bool pur_check_row(pur_check *check, const pur_row *row);

/* After the last row: judges what was left open. PUR_OK, or PUR_INVALID_SERIES when there are
 * issues (`error` then says how many), PUR_NO_MEMORY. */
pur_status pur_check_finish(pur_check *check, pur_error *error);

/* Takes the next row, which cannot be read as fields at all; its place as in pur_row. */
void pur_check_refuse(pur_check *check, size_t line, size_t column, const char *detail);

/* Takes `rows` rows, at least 1 and at most pur_grid_left(&check->grid), that stand where the grid
 * expects them and whose numbers are known to be good; the first is on `line`, and every one on a
 * line of its own. True when the first begins a new delivery day. */
bool pur_check_expected(pur_check *check, size_t rows, size_t line);

#endif

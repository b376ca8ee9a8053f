/* A purchase series: quarter-hourly (or other) MW values, checked row by row, cut by delivery day,
 * written as the body of a submit-purchase request.
 *
 * A series is held in memory: 8 bytes a row as a rule, see columns.h; the times of a regular series
 * follow from its first one. The rows that were checked are the rows that are kept and written,
 * each with its label: where its interval starts, or where it ends. A series exists only when every
 * row passed every check: build.h makes it. */
#ifndef PURCHASES_SERIES_H
#define PURCHASES_SERIES_H

#include "map/map.h"
#include "series/clock.h"
#include "series/columns.h"

typedef struct pur_series {
  size_t references;
  pur_map *map;             /* one reference */
  const pur_timezone *zone; /* the map's; NULL: the lengths of days were not checked */
  int step;                 /* minutes; 0: no grid */
  int lead;                 /* minutes from where an interval starts to its label: 0 or the step */
  size_t rows;
  int64_t first;   /* instant of row 0's start, minutes */
  bool is_cut;     /* the first day or the last is not whole: is the source of another zone? */
  size_t left_out; /* rows of the source that the map did not want */
  pur_columns columns;
  pur_buffer later_days; /* size_t: the rows that begin a delivery day, but for row 0 */
  pur_buffer body;       /* of the request written last */
} pur_series;

/* One more reference, and one less; NULL is fine. */
void pur_series_reference(pur_series *series);
void pur_series_release(pur_series *series);

/* Bytes it keeps in memory, about, without the body written last. */
size_t pur_series_memory(const pur_series *series);

/* How many local dates have rows, and the row (from 0) at which the n-th of them starts; for
 * n == the number of days, the number of rows. */
size_t pur_series_days(const pur_series *series);
size_t pur_series_day_start(const pur_series *series, size_t day);

/* The number of the day that a row belongs to. */
size_t pur_series_day_of(const pur_series *series, size_t row);

/* The local time of a row as YYYY-MM-DD HH:MM: its label, or where its interval starts, whose date
 * is that of the delivery day. */
void pur_series_time(const pur_series *series, size_t row, bool label, char text[PUR_GRID_TEXT]);

/* Rows one after another, in runs within which a clock runs on by itself. */
typedef struct pur_series_run {
  size_t row, rows; /* the rows of the run */
  size_t end;       /* behind the last row of all */
  pur_grid grid;    /* its clock shows the label of the run's first row */
} pur_series_run;

/* Before the first run of `count` rows from `row` on. */
pur_series_run pur_series_runs(const pur_series *series, size_t row, size_t count);

/* Goes to the next run; false: there is none. */
bool pur_series_next_run(const pur_series *series, pur_series_run *run);

#define PUR_SPAN_SIZE 17 /* YYYY-MM-DDTHH:MMZ */

/* Writes the first and the last minute that the intervals of `count` rows, at least 1, from `row`
 * on take up, whatever is sent: where there is a zone as an instant, YYYY-MM-DDTHH:MMZ, otherwise
 * as a local time, YYYY-MM-DD HH:MM. So these sort as they follow one another, and no two spans of
 * one kind that share a minute look as if they did not. Without a grid the last minute is the last
 * row's time. Returns their length. */
size_t pur_series_span(const pur_series *series, size_t row, size_t count,
                       char first[PUR_SPAN_SIZE], char last[PUR_SPAN_SIZE]);

/* Finds the first row that lies at or behind a time, which is a row's label: YYYY-MM-DD HH:MM, with
 * an offset or in local time, or YYYY-MM-DD, a delivery day: the first row of it, or with `behind`
 * the first one behind it. PUR_INVALID_DATETIME, PUR_NONEXISTENT_TIME, PUR_AMBIGUOUS_TIME. */
pur_status pur_series_find(const pur_series *series, const char *text, size_t length, bool behind,
                           size_t *row, pur_error *error);

/* Writes {"purchase":[{"datetime":"...","purchase":...},...]} for `count` rows from `row` into
 * `body`. Datetimes are local times; numbers keep the digits they were given with, less zeros that
 * end a fraction. PUR_NO_MEMORY. */
pur_status pur_series_encode(pur_series *series, size_t row, size_t count, pur_error *error);

/* The digest of that body's value (json/digest.h), without writing it. */
uint64_t pur_series_digest(const pur_series *series, size_t row, size_t count);

#endif

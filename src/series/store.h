/* What a series is made of; for the files that read, keep and write series only. */
#ifndef PURCHASES_SERIES_STORE_H
#define PURCHASES_SERIES_STORE_H

#include "map/table.h"
#include "series/columns.h"
#include "series/series.h"

struct pur_series {
  size_t references;
  pur_map *map;             /* one reference */
  const pur_timezone *zone; /* the map's */
  int step;
  int lead; /* minutes from where an interval starts to its label: 0 or the step */
  size_t rows;
  int64_t first;   /* instant of row 0's start, minutes */
  bool is_cut;     /* see pur_series_is_cut */
  size_t left_out; /* rows of the source that the map did not want */
  pur_columns columns;
  pur_buffer later_days; /* size_t: the rows that begin a delivery day, but for row 0 */
  pur_buffer body;       /* of the request written last */
};

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

/* Takes `rows` rows whose values, of each of its parts, are in their column already and that stand
 * where the grid expects them; see pur_check_expected. */
void pur_series_builder_expected(pur_series_builder *builder, size_t rows, size_t line);

/* Reads CSV from a table that was opened, and a whole JSON document or NDJSON from `text`. */
pur_status pur_series_read_csv(pur_series_builder *builder, pur_table *table, pur_error *error);
pur_status pur_series_read_json(pur_series_builder *builder, const char *text, size_t length,
                                pur_error *error);

#endif

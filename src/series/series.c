#include "series/series.h"

#include <stdlib.h>

#include "time/datetime.h"

void pur_series_reference(pur_series *series) {
  series->references++;
}

void pur_series_release(pur_series *series) {
  if (series == NULL || --series->references > 0) return;
  pur_columns_free(&series->columns);
  pur_buffer_free(&series->later_days);
  pur_buffer_free(&series->body);
  pur_map_release(series->map);
  free(series);
}

size_t pur_series_memory(const pur_series *series) {
  const pur_columns *columns = &series->columns;
  return sizeof *series + columns->values.capacity + columns->texts.capacity +
         columns->times.capacity + series->later_days.capacity;
}

/* Days */

size_t pur_series_days(const pur_series *series) {
  return (series->rows > 0) + series->later_days.length / sizeof(size_t);
}

size_t pur_series_day_start(const pur_series *series, size_t day) {
  if (day >= pur_series_days(series)) return series->rows;
  return day > 0 ? ((const size_t *)(const void *)series->later_days.data)[day - 1] : 0;
}

size_t pur_series_day_of(const pur_series *series, size_t row) {
  size_t low = 0, high = pur_series_days(series);
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (pur_series_day_start(series, middle) <= row)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Times */

/* The instant at which a row's interval starts. */
static int64_t start_of(const pur_series *series, size_t row) {
  if (series->step == 0) return pur_columns_times(&series->columns)[row];
  return series->first + (int64_t)row * series->step;
}

pur_series_run pur_series_runs(const pur_series *series, size_t row, size_t count) {
  pur_series_run run = {.row = row, .end = row + count};
  if (series->step != 0 && count > 0)
    pur_grid_set(&run.grid, series->zone, series->step, start_of(series, row) + series->lead);
  return run;
}

bool pur_series_next_run(const pur_series *series, pur_series_run *run) {
  run->row += run->rows;
  if (run->row == run->end) return false;
  if (series->step == 0) {
    pur_grid_set(&run->grid, series->zone, 1, start_of(series, run->row));
    run->rows = 1;
    return true;
  }
  pur_grid_pass(&run->grid, run->rows);
  run->rows = pur_grid_left(&run->grid);
  if (run->rows > run->end - run->row) run->rows = run->end - run->row;
  return true;
}

void pur_series_time(const pur_series *series, size_t row, bool label, char text[PUR_GRID_TEXT]) {
  pur_grid grid;
  pur_grid_set(&grid, series->zone, 1, start_of(series, row) + (label ? series->lead : 0));
  pur_clock_write(&grid.clock, text);
}

size_t pur_series_span(const pur_series *series, size_t row, size_t count,
                       char first[PUR_SPAN_SIZE], char last[PUR_SPAN_SIZE]) {
  const int64_t minutes = series->step != 0 ? series->step - 1 : 0;
  pur_datetime_format_minutes(start_of(series, row), first);
  pur_datetime_format_minutes(start_of(series, row + count - 1) + minutes, last);
  if (series->zone == NULL) return PUR_MINUTES_SIZE;
  first[PUR_DATE_SIZE] = last[PUR_DATE_SIZE] = 'T';
  first[PUR_MINUTES_SIZE] = last[PUR_MINUTES_SIZE] = 'Z';
  return PUR_SPAN_SIZE;
}

/* The first row that starts at an instant, in minutes, or behind it. */
static size_t find_start(const pur_series *series, int64_t start) {
  size_t low = 0, high = series->rows;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (start_of(series, middle) < start)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

pur_status pur_series_find(const pur_series *series, const char *text, size_t length, bool behind,
                           size_t *row, pur_error *error) {
  pur_datetime datetime;
  int64_t candidates[2], date;
  pur_status status;
  if (length == PUR_DATE_SIZE) {
    status = pur_datetime_parse_date(text, length, &date, error);
    if (status != PUR_OK) return status;
    candidates[0] = (date + behind) * PUR_DAY_SECONDS;
    if (series->zone != NULL)
      pur_timezone_day(series->zone, date + behind, &candidates[0], &candidates[1]);
    *row = find_start(series, pur_floor_divide(candidates[0] + 59, 60));
    return PUR_OK;
  }
  status = pur_datetime_parse(text, length, &datetime, error);
  if (status != PUR_OK) return status;
  candidates[0] = pur_datetime_instant(&datetime);
  if (datetime.has_offset && series->zone == NULL)
    return pur_error_set(error, PUR_INVALID_DATETIME, 0,
                         "%.*s has an offset, but the series has no time zone", (int)length, text);
  if (!datetime.has_offset && series->zone != NULL) {
    pur_local_kind kind = pur_timezone_local(series->zone, datetime.seconds, candidates);
    if (kind != PUR_LOCAL_UNIQUE)
      return pur_error_set(error, kind == PUR_LOCAL_GAP ? PUR_NONEXISTENT_TIME : PUR_AMBIGUOUS_TIME,
                           0, "%.*s %s in the series' time zone: give it with an offset",
                           (int)length, text,
                           kind == PUR_LOCAL_GAP ? "does not exist" : "happens twice");
  }
  *row = find_start(series, pur_floor_divide(candidates[0] + 59, 60) - series->lead);
  return PUR_OK;
}

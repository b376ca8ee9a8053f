#include "series/store.h"

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
  if (series->zone != NULL) pur_timezone_close(series->zone);
  free(series);
}

size_t pur_series_rows(const pur_series *series) {
  return series->rows;
}

size_t pur_series_memory(const pur_series *series) {
  return sizeof *series + pur_columns_memory(&series->columns) + series->later_days.capacity;
}

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

void pur_series_time(const pur_series *series, size_t row, char text[PUR_GRID_TEXT]) {
  pur_grid grid;
  if (series->step == 0) {
    pur_datetime_format_minutes(pur_columns_times(&series->columns)[row], text);
    return;
  }
  pur_grid_set(&grid, series->zone, series->step, series->first + (int64_t)row * series->step);
  pur_clock_write(&grid.clock, text);
}

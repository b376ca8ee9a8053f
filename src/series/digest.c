/* The digest of a request body that nobody writes. */
#include "json/digest.h"
#include "series/series.h"

/* Adds rows, at the times that the clock gives, to the digest of their array. */
static uint64_t add_rows(const pur_columns *columns, size_t row, size_t count, pur_clock clock,
                         uint64_t digest) {
  const int64_t *value = pur_columns_values(columns) + row, *end = value + count;
  const uint64_t datetime = pur_digest_string("datetime", 8);
  const uint64_t purchase = pur_digest_string("purchase", 8);
  for (; value < end; value++) {
    char time[PUR_GRID_TEXT];
    uint64_t number, members;
    pur_clock_write(&clock, time);
    pur_clock_next(&clock);
    if (*value <= PUR_FIXED_MOST) {
      number = pur_digest_fixed(*value, columns->places);
    } else {
      const char *text = pur_columns_text(columns, *value);
      number = pur_digest_number(text, strlen(text));
    }
    members = pur_hash_pair(datetime, pur_digest_string(time, sizeof time)) +
              pur_hash_pair(purchase, number);
    digest = pur_hash_pair(digest, pur_hash_pair(PUR_DIGEST_OBJECT, members));
  }
  return digest;
}

uint64_t pur_series_digest(const pur_series *series, size_t row, size_t count) {
  pur_series_run run = pur_series_runs(series, row, count);
  uint64_t rows = PUR_DIGEST_ARRAY;
  while (pur_series_next_run(series, &run))
    rows = add_rows(&series->columns, run.row, run.rows, run.grid.clock, rows);
  return pur_hash_pair(PUR_DIGEST_OBJECT, pur_hash_pair(pur_digest_string("purchase", 8), rows));
}

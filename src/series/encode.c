/* A purchase series as request bodies (submit-purchase page of the API). */
#include <string.h>

#include "series/series.h"
#include "time/datetime.h"

#define BEGIN "{\"purchase\":["
#define BEGIN_SIZE (sizeof BEGIN - 1)
#define END "}]}"

/* What stands before a datetime, from the item before on, and between it and the number. Both are
 * written 16 bytes at a time. */
#define BEFORE "},{\"datetime\":\"X"
#define BEFORE_SIZE 15
#define BETWEEN "\",\"purchase\":XXX"
#define BETWEEN_SIZE 13

/* The room that an item takes; where its number is kept as text, that comes on top. */
#define ROOM (BEFORE_SIZE + PUR_GRID_TEXT + BETWEEN_SIZE + PUR_FIXED_SIZE)

/* Writes a number that is not short. */
__attribute__((noinline)) static char *write_number(const pur_columns *columns, int64_t value,
                                                    char *to) {
  if (value <= PUR_FIXED_MOST) return pur_fixed_write(to, value, columns->places);
  return stpcpy(to, pur_columns_text(columns, value));
}

/* Writes rows at the times that the clock gives. Returns where they end, behind the last one's
 * number. */
static char *write_rows(const pur_columns *columns, size_t row, size_t count, pur_clock clock,
                        char *to) {
  const int64_t *value = pur_columns_values(columns) + row, *end = value + count;
  const pur_fixed_short form = pur_fixed_short_of(columns->places);
  for (; value < end; value++) {
    memcpy(to, BEFORE, 16);
    pur_clock_write(&clock, to + BEFORE_SIZE);
    to += BEFORE_SIZE + PUR_GRID_TEXT;
    memcpy(to, BETWEEN, 16);
    to += BETWEEN_SIZE;
    if ((uint64_t)*value < form.end)
      to = pur_fixed_write_short(to, *value, form.scale);
    else
      to = write_number(columns, *value, to);
    pur_clock_next(&clock);
  }
  return to;
}

pur_status pur_series_encode(pur_series *series, size_t row, size_t count, pur_error *error) {
  const pur_columns *columns = &series->columns;
  pur_buffer *body = &series->body;
  pur_series_run run = pur_series_runs(series, row, count);
  char *to;
  pur_buffer_clear(body);
  to = pur_buffer_reserve(body, BEGIN_SIZE + sizeof END + count * ROOM + columns->texts.length);
  if (to == NULL) return pur_buffer_check(body, error);
  to += BEGIN_SIZE - 2; /* the first item has none before it */
  while (pur_series_next_run(series, &run))
    to = write_rows(columns, run.row, run.rows, run.grid.clock, to);
  memcpy(body->data, BEGIN, BEGIN_SIZE);
  to = count > 0 ? stpcpy(to, END) : stpcpy(body->data + BEGIN_SIZE, &END[1]);
  body->length = (size_t)(to - body->data);
  return PUR_OK;
}

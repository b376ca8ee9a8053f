/* A purchase series as request bodies (submit-purchase page of the API). */
#include <string.h>

#include "time/datetime.h"
#include "number/plain.h"
#include "series/store.h"

/* The most bytes a plain row takes, those written beyond its number included. */
#define PLAIN_ITEM_SIZE (PUR_ITEM_SIZE + PUR_PLAIN_SIZE + 2)

/* The rows still to be written, and the clock they run by. */
typedef struct encoding {
  pur_series *series;
  size_t rows;
  pur_grid grid;
  pur_buffer *out;
} encoding;

/* Where the next row's item or number ends. */
static const char *kept_end(const pur_series *series) {
  const char *number = series->input.start + PUR_ITEM_SIZE;
  size_t length;
  if (series->form == PUR_FORM_ITEMS)
    return (const char *)memchr(number, '}', (size_t)(series->input.end - number)) + 2;
  number = pur_series_kept_number(series->input.start, &length);
  return number + length;
}

/* The record of the next row. Every row was read before, so none is missing now. */
static pur_status next_row(pur_series *series, pur_error *error) {
  pur_status status;
  if (series->form != PUR_FORM_RECORDS) {
    series->record.length = (size_t)(kept_end(series) - series->input.start);
    return PUR_OK;
  }
  for (;;) {
    status = pur_series_record(series, error);
    if (status != PUR_OK || !pur_csv_is_blank(&series->record)) break;
    pur_input_skip(&series->input, series->record.length);
  }
  return status == PUR_END ? pur_error_set(error, PUR_FILE_CHANGED, 0, "the file became shorter")
                           : status;
}

static void pass_row(pur_series *series) {
  pur_input_skip(&series->input, series->record.length);
  series->cursor++;
}

static pur_status go_to_row(pur_series *series, size_t row, pur_error *error) {
  pur_status status = PUR_OK;
  if (series->cursor != row) {
    const pur_day_mark *mark = pur_series_day_mark(series, pur_series_day_of(series, row));
    status = pur_input_seek(&series->input, mark->offset, error);
    series->cursor = mark->row;
  }
  while (status == PUR_OK && series->cursor < row) {
    status = next_row(series, error);
    if (status == PUR_OK) pass_row(series);
  }
  /* After a failure the input may stand anywhere: the next call must seek. */
  if (status != PUR_OK) series->cursor = series->rows;
  return status;
}

/* An item with a number of at most PUR_PLAIN_SIZE characters; returns its end. */
static inline char *write_item(char *to, const pur_clock *clock, const char *number,
                               unsigned length) {
  memcpy(to, PUR_ITEM, PUR_ITEM_SIZE);
  pur_clock_write(clock, to + PUR_ITEM_DATETIME);
  memcpy(to + PUR_ITEM_SIZE, number, PUR_PLAIN_SIZE);
  memcpy(to + PUR_ITEM_SIZE + length, "},", 2);
  return to + PUR_ITEM_SIZE + length + 2;
}

/* Writes up to `most` rows in the plainest form: the clock gives their times, and their numbers,
 * which were checked before, go out as they stand. `*at` and `*out` move behind what was read and
 * written. */
static size_t write_plain_run(const pur_series *series, pur_clock clock, size_t most,
                              const char **at, char **out) {
  const char *line = *at, *end = series->input.end;
  const char delimiter = series->record.delimiter;
  char *to = *out;
  pur_plain_line plain;
  size_t rows = 0;
  for (; rows < most && line < end && line[PUR_GRID_TEXT] == delimiter; rows++) {
    const char *number = line + PUR_GRID_TEXT + 1;
    unsigned length;
    if (!pur_plain_line_end(number, &plain)) break;
    if (!series->uniform && !pur_plain_is_number(number, plain.text)) break;
    length = pur_plain_trim(number, plain.text);
    to = write_item(to, &clock, number, length);
    line = number + plain.length;
    pur_clock_next(&clock);
  }
  *at = line;
  *out = to;
  return rows;
}

/* The same from numbers that are kept. */
static size_t write_number_run(const pur_series *series, pur_clock clock, size_t most,
                               const char **at, char **out) {
  const char *number = *at;
  char *to = *out;
  size_t rows = 0;
  (void)series;
  for (; rows < most; rows++) {
    unsigned length = (unsigned char)*number;
    if (length > PUR_PLAIN_SIZE) break;
    to = write_item(to, &clock, number + 1, length);
    number += 1 + length;
    pur_clock_next(&clock);
  }
  *at = number;
  *out = to;
  return rows;
}

typedef size_t (*write_run)(const pur_series *, pur_clock, size_t, const char **, char **);

/* The fast way to write this series' rows; NULL where there is none. */
static write_run fast_run(const pur_series *series) {
  if (series->form == PUR_FORM_NUMBERS) return write_number_run;
  return series->plain && series->step != 0 ? write_plain_run : NULL;
}

/* As many rows as the run, the window, the date and the room for them allow. */
static void write_fast_rows(encoding *e, write_run run) {
  pur_series *series = e->series;
  const char *at = series->input.start;
  size_t most = pur_grid_left(&e->grid);
  char *room, *out;
  if (most > e->rows) most = e->rows;
  room = out = pur_buffer_reserve(e->out, most * PLAIN_ITEM_SIZE);
  if (room == NULL) return;
  most = run(series, e->grid.clock, most, &at, &out);
  e->out->length += (size_t)(out - room);
  e->rows -= most;
  series->cursor += most;
  pur_input_skip(&series->input, (size_t)(at - series->input.start));
  pur_grid_pass(&e->grid, most);
}

/* The local time of the record just parsed, from its text: for series without a grid. */
static pur_status read_local(const pur_series *series, int64_t *minutes, pur_error *error) {
  const pur_csv_field *field = pur_csv_get(&series->record, series->datetime_column);
  pur_datetime datetime;
  pur_timezone_period period;
  pur_status status = pur_datetime_parse(field->text, field->length, &datetime, error);
  if (status != PUR_OK) return status;
  if (datetime.has_offset) {
    pur_timezone_at(series->zone, pur_datetime_instant(&datetime), &period);
    datetime.seconds = pur_datetime_instant(&datetime) + period.offset;
  }
  *minutes = datetime.seconds / 60;
  return PUR_OK;
}

size_t pur_series_trim(const char *number, size_t length) {
  if (memchr(number, '.', length) == NULL || memchr(number, 'e', length) ||
      memchr(number, 'E', length))
    return length;
  while (number[length - 1] == '0') length--;
  return number[length - 1] == '.' ? length - 1 : length;
}

/* The number of the row that next_row found. */
static const char *row_number(const pur_series *series, size_t *length) {
  const pur_csv_field *field;
  if (series->form == PUR_FORM_NUMBERS) return pur_series_kept_number(series->input.start, length);
  field = pur_csv_get(&series->record, series->purchase_column);
  *length = pur_series_trim(field->text, field->length);
  return field->text;
}

static pur_status write_row(encoding *e, pur_error *error) {
  pur_series *series = e->series;
  const char *number;
  size_t length;
  char datetime[PUR_GRID_TEXT];
  int64_t minutes;
  pur_status status = next_row(series, error);
  if (status != PUR_OK) return status;
  if (series->step != 0) {
    pur_grid_settle(&e->grid);
    pur_clock_write(&e->grid.clock, datetime);
  } else {
    status = read_local(series, &minutes, error);
    if (status != PUR_OK) return status;
    pur_datetime_format_minutes(minutes, datetime);
  }
  number = row_number(series, &length);
  pur_buffer_append(e->out, PUR_ITEM, PUR_ITEM_DATETIME);
  pur_buffer_append(e->out, datetime, sizeof datetime);
  pur_buffer_append(e->out, &PUR_ITEM[PUR_ITEM_DATETIME + PUR_GRID_TEXT],
                    PUR_ITEM_SIZE - PUR_ITEM_DATETIME - PUR_GRID_TEXT);
  pur_buffer_append(e->out, number, length);
  pur_buffer_append_literal(e->out, "},");
  pass_row(series);
  e->rows--;
  if (series->step != 0) pur_grid_pass(&e->grid, 1);
  return PUR_OK;
}

static pur_status write_rows(encoding *e, pur_error *error) {
  pur_status status = PUR_OK;
  write_run run = fast_run(e->series);
  while (status == PUR_OK && e->rows > 0 && e->out->status == PUR_OK) {
    size_t before = e->rows;
    if (run != NULL) write_fast_rows(e, run);
    if (e->rows == before) status = write_row(e, error);
  }
  if (status != PUR_OK) e->series->cursor = e->series->rows;
  return status;
}

/* Some of the items that are kept. */
static pur_status copy_items(encoding *e, pur_error *error) {
  pur_series *series = e->series;
  const char *from = series->input.start;
  pur_status status = go_to_row(series, series->cursor + e->rows, error);
  pur_buffer_append(e->out, from, (size_t)(series->input.start - from));
  return status;
}

pur_status pur_series_encode(pur_series *series, size_t row, size_t count, const char **text,
                             size_t *length, pur_error *error) {
  encoding e = {series, count, {0}, &series->body};
  pur_status status = PUR_OK;
  if (series->form == PUR_FORM_ITEMS && count == series->rows) {
    *text = pur_series_body(series, length);
    return PUR_OK;
  }
  if (count > 0) status = go_to_row(series, row, error);
  if (status != PUR_OK) return status;
  if (series->step != 0 && count > 0)
    pur_grid_set(&e.grid, series->zone, series->step, series->first + (int64_t)row * series->step);
  pur_buffer_clear(&series->body);
  pur_buffer_append_literal(&series->body, PUR_BODY_BEGIN);
  if (count > 0)
    status = series->form == PUR_FORM_ITEMS ? copy_items(&e, error) : write_rows(&e, error);
  if (status != PUR_OK) return status;
  if (count > 0 && series->body.length > 0) series->body.length--; /* the last comma */
  pur_buffer_append_literal(&series->body, PUR_BODY_END);
  *text = series->body.data;
  *length = series->body.length;
  return pur_buffer_check(&series->body, error);
}

pur_status pur_series_time(pur_series *series, size_t row, char text[PUR_GRID_TEXT],
                           pur_error *error) {
  pur_grid grid;
  int64_t minutes;
  pur_status status;
  if (series->step != 0) {
    pur_grid_set(&grid, series->zone, series->step, series->first + (int64_t)row * series->step);
    pur_clock_write(&grid.clock, text);
    return PUR_OK;
  }
  status = go_to_row(series, row, error);
  if (status == PUR_OK && series->form == PUR_FORM_ITEMS) {
    memcpy(text, series->input.start + PUR_ITEM_DATETIME, PUR_GRID_TEXT);
    return PUR_OK;
  }
  if (status == PUR_OK) status = next_row(series, error);
  if (status == PUR_OK) status = read_local(series, &minutes, error);
  if (status == PUR_OK) pur_datetime_format_minutes(minutes, text);
  return status;
}

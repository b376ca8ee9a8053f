#include "series/store.h"

#include <stdlib.h>
#include <string.h>

#include "input/rows.h"

pur_series *pur_series_new(const pur_series_options *options) {
  pur_series *series = malloc(sizeof *series);
  if (series == NULL) return NULL;
  *series = (pur_series){.references = 1,
                         .columns = 2,
                         .purchase_column = 1,
                         .plain = true,
                         .zone = options->zone,
                         .step = options->step};
  if (series->zone != NULL) pur_timezone_reference(series->zone);
  pur_csv_init(&series->record, ',');
  pur_buffer_init(&series->later_days, 0);
  pur_buffer_init(&series->kept, 0);
  pur_buffer_init(&series->body, 0);
  pur_input_open_memory(&series->input, "", 0);
  return series;
}

void pur_series_reference(pur_series *series) {
  series->references++;
}

void pur_series_release(pur_series *series) {
  if (series == NULL || --series->references > 0) return;
  pur_input_close(&series->input);
  pur_csv_free(&series->record);
  pur_buffer_free(&series->later_days);
  pur_buffer_free(&series->kept);
  pur_buffer_free(&series->body);
  if (series->zone != NULL) pur_timezone_close(series->zone);
  free(series);
}

bool pur_series_is_light(const pur_series *series) {
  return series->references == 1 && series->zone == NULL && series->input.memory != NULL &&
         series->later_days.data == NULL && series->kept.data == NULL &&
         series->body.data == NULL && series->record.fields.data == NULL;
}

size_t pur_series_size(void) {
  return sizeof(pur_series);
}

pur_series *pur_series_move(pur_series *series, void *room) {
  memcpy(room, series, sizeof *series);
  free(series);
  return room;
}

pur_series *pur_series_copy(const pur_series *series) {
  pur_series *copy = malloc(sizeof *copy);
  return copy != NULL ? memcpy(copy, series, sizeof *copy) : NULL;
}

size_t pur_series_rows(const pur_series *series) {
  return series->rows;
}

size_t pur_series_memory(const pur_series *series) {
  return sizeof *series + series->kept.capacity + series->later_days.capacity +
         series->input.window.capacity + series->input.digests.capacity;
}

size_t pur_series_days(const pur_series *series) {
  return series->day_count;
}

const pur_day_mark *pur_series_day_mark(const pur_series *series, size_t day) {
  if (day == 0) return &series->first_day;
  return (const pur_day_mark *)(const void *)series->later_days.data + day - 1;
}

size_t pur_series_day_start(const pur_series *series, size_t day) {
  return day < pur_series_days(series) ? pur_series_day_mark(series, day)->row : series->rows;
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

void pur_series_mark_day(pur_series *series, size_t row, uint64_t offset) {
  pur_day_mark mark = {row, offset};
  if (series->day_count++ == 0)
    series->first_day = mark;
  else
    pur_buffer_append(&series->later_days, &mark, sizeof mark);
}

/* Of a line that is refused, whatever lies beyond the window must not be taken for rows. */
static pur_status span_line(pur_series *series, pur_error *error) {
  pur_input *input = &series->input;
  const char *newline;
  size_t unread;
  for (;;) {
    unread = (size_t)(input->end - input->start);
    newline = memchr(input->start, '\n', unread);
    if (newline != NULL || input->last) break;
    pur_input_skip(input, unread);
    pur_status status = pur_input_more(input, error);
    if (status != PUR_OK && status != PUR_END) return status;
  }
  series->record.lines = newline != NULL;
  series->record.length = newline != NULL ? (size_t)(newline + 1 - input->start) : unread;
  return PUR_OK;
}

static pur_status refuse_line(pur_series *series, pur_error *error) {
  pur_error trouble;
  pur_status status = span_line(series, &trouble);
  if (status == PUR_OK) return PUR_INVALID_CSV;
  *error = trouble;
  return status;
}

pur_status pur_series_record(pur_series *series, pur_error *error) {
  pur_input *input = &series->input;
  for (;;) {
    size_t unread = (size_t)(input->end - input->start);
    bool last = input->last || unread > PUR_ROW_MAX;
    pur_status status = pur_csv_parse(&series->record, input->start, unread, last, error);
    if (status == PUR_OK && series->record.length > PUR_ROW_MAX)
      status = pur_error_set(error, PUR_INVALID_CSV, 0, "a row of more than " PUR_ROW_MAX_TEXT);
    if (status == PUR_INVALID_CSV) return refuse_line(series, error);
    if (status != PUR_END || input->last) return status;
    status = pur_input_more(input, error);
    if (status != PUR_OK && status != PUR_END) return status;
  }
}

static void report_empty(pur_check *check) {
  pur_place place = {0, 0, 0};
  pur_issue *issue = pur_issues_add(&check->issues, &place, NULL, "empty_series");
  if (issue != NULL) pur_issue_write(issue->message, "There are no purchase items.");
}

pur_status pur_series_finish(pur_series *series, pur_check *check, pur_issues *issues,
                             pur_error *error) {
  pur_status status;
  if (check->rows == 0) report_empty(check);
  status = pur_check_finish(check, error);
  *issues = check->issues;
  pur_issues_init(&check->issues);
  series->rows = check->rows;
  series->first = check->first;
  series->cursor = check->rows;
  if (status == PUR_OK) status = pur_buffer_check(&series->later_days, error);
  return status == PUR_OK ? pur_series_kept(series, error) : status;
}

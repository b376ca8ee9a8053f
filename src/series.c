#include "series_store.h"

#include <stdlib.h>
#include <string.h>

#include "datetime.h"
#include "number.h"

/* A quote that is never closed must not pull a whole file into memory. */
#define RECORD_MAX ((size_t)1 << 20)

pur_series *pur_series_new(const pur_series_options *options) {
  pur_series *series = calloc(1, sizeof *series);
  if (series == NULL) return NULL;
  series->references = 1;
  series->step = options->step;
  series->zone = options->zone;
  if (series->zone != NULL) pur_timezone_reference(series->zone);
  series->columns = 2;
  series->purchase_column = 1;
  series->plain = true;
  pur_csv_init(&series->record, ',');
  pur_buffer_init(&series->days, 0);
  pur_buffer_init(&series->text, 0);
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
  pur_buffer_free(&series->days);
  pur_buffer_free(&series->text);
  pur_buffer_free(&series->body);
  if (series->zone != NULL) pur_timezone_close(series->zone);
  free(series);
}

size_t pur_series_rows(const pur_series *series) {
  return series->rows;
}

size_t pur_series_days(const pur_series *series) {
  return series->days.length / sizeof(pur_day_mark);
}

const pur_day_mark *pur_series_day_mark(const pur_series *series, size_t day) {
  return (const pur_day_mark *)(const void *)series->days.data + day;
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
  pur_buffer_append(&series->days, &mark, sizeof mark);
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
    bool last = input->last || unread > RECORD_MAX;
    pur_status status = pur_csv_parse(&series->record, input->start, unread, last, error);
    if (status == PUR_OK && series->record.length > RECORD_MAX)
      status = pur_error_set(error, PUR_INVALID_CSV, 0, "a row of more than %zu bytes", RECORD_MAX);
    if (status == PUR_INVALID_CSV) return refuse_line(series, error);
    if (status != PUR_END || input->last) return status;
    status = pur_input_more(input, error);
    if (status != PUR_OK && status != PUR_END) return status;
  }
}

void pur_series_append(pur_series *series, pur_check *check, const pur_row *row) {
  int64_t date = check->day.date;
  size_t offset = series->text.length;
  char *text;
  if (!pur_check_row(check, row) || check->issues.total > 0) return;
  text = pur_buffer_reserve(&series->text, PUR_GRID_TEXT + 2 + row->purchase.length);
  if (text == NULL) return;
  pur_datetime_format_minutes(check->local, text);
  text[PUR_GRID_TEXT] = ',';
  memcpy(text + PUR_GRID_TEXT + 1, row->purchase.text, row->purchase.length);
  text[PUR_GRID_TEXT + 1 + row->purchase.length] = '\n';
  series->text.length += PUR_GRID_TEXT + 2 + row->purchase.length;
  if (date != check->day.date) pur_series_mark_day(series, check->rows - 1, offset);
}

/* Rows kept as text are read from there from now on. */
static pur_status keep_text(pur_series *series, pur_error *error) {
  char *slack;
  if (series->text.length == 0) return pur_buffer_check(&series->text, error);
  slack = pur_buffer_reserve(&series->text, PUR_INPUT_SLACK);
  if (slack == NULL) return pur_error_no_memory(error);
  memset(slack, 0, PUR_INPUT_SLACK);
  pur_input_close(&series->input);
  pur_input_open_memory(&series->input, series->text.data, series->text.length);
  return PUR_OK;
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
  if (status == PUR_OK) status = pur_buffer_check(&series->days, error);
  return status == PUR_OK ? keep_text(series, error) : status;
}

struct pur_series_builder {
  pur_series *series;
  pur_check check;
};

pur_series_builder *pur_series_builder_new(const pur_series_options *options) {
  pur_series_builder *builder = malloc(sizeof *builder);
  if (builder == NULL) return NULL;
  builder->series = pur_series_new(options);
  pur_check_init(&builder->check, options->zone, options->zone_name, options->step);
  if (builder->series != NULL) return builder;
  free(builder);
  return NULL;
}

void pur_series_builder_destroy(pur_series_builder *builder) {
  if (builder == NULL) return;
  pur_series_release(builder->series);
  pur_check_free(&builder->check);
  free(builder);
}

void pur_series_builder_add(pur_series_builder *builder, const pur_cell *datetime,
                            pur_cell_state state, double value) {
  char digits[PUR_NUMBER_SIZE];
  pur_row row = {0, *datetime, {state, digits, 0, 0}};
  if (state == PUR_CELL_GOOD) row.purchase.length = pur_number_write(value, digits);
  pur_series_append(builder->series, &builder->check, &row);
}

void pur_series_builder_refuse(pur_series_builder *builder, const char *detail) {
  pur_place place = {builder->check.rows, 0, 0};
  pur_check_refuse(&builder->check, &place, detail);
}

pur_status pur_series_builder_finish(pur_series_builder *builder, pur_series **series,
                                     pur_issues *issues, pur_error *error) {
  pur_status status = pur_series_finish(builder->series, &builder->check, issues, error);
  *series = NULL;
  if (status != PUR_OK) return status;
  *series = builder->series;
  builder->series = NULL;
  return PUR_OK;
}

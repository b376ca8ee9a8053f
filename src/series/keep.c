/* What is kept of rows: numbers of CSV files; items, as the body they make, of JSON and of values.
 */
#include <stdlib.h>
#include <string.h>

#include "time/datetime.h"
#include "number/number.h"
#include "series/store.h"

#define ROW_SIZE (PUR_ITEM_SIZE + 2) /* beside the number */
#define MOST_SPARE ((size_t)64 * 1024)
#define ROOM 100 /* rows at first: a delivery day of quarter-hours at its longest */

void pur_series_keep(pur_series *series) {
  pur_buffer *kept = &series->kept;
  series->form = PUR_FORM_ITEMS;
  (void)pur_buffer_reserve(kept, sizeof PUR_BODY_BEGIN + ROOM * (ROW_SIZE + PUR_NUMBER_SIZE));
  pur_buffer_append_literal(kept, PUR_BODY_BEGIN);
}

static void end_kept(pur_series *series) {
  pur_buffer *kept = &series->kept;
  if (series->form == PUR_FORM_ITEMS) {
    kept->length--; /* the last comma */
    pur_buffer_append_literal(kept, PUR_BODY_END);
  } else {
    char *slack = pur_buffer_reserve(kept, PUR_INPUT_SLACK);
    if (slack != NULL) memset(slack, 0, PUR_INPUT_SLACK);
  }
}

pur_status pur_series_kept(pur_series *series, pur_error *error) {
  pur_buffer *kept = &series->kept;
  if (kept->length == 0) return pur_buffer_check(kept, error);
  end_kept(series);
  if (kept->status != PUR_OK) return pur_buffer_check(kept, error);
  pur_input_close(&series->input);
  pur_input_open_memory(&series->input, kept->data, kept->length);
  return PUR_OK;
}

void pur_series_keep_number(pur_series *series, const char *text, size_t length) {
  char byte;
  length = pur_series_trim(text, length);
  byte = (char)(length < PUR_LONG_NUMBER ? length : PUR_LONG_NUMBER);
  pur_buffer_append(&series->kept, &byte, 1);
  if (length >= PUR_LONG_NUMBER) pur_buffer_append(&series->kept, &length, sizeof length);
  pur_buffer_append(&series->kept, text, length);
}

const char *pur_series_kept_number(const char *at, size_t *length) {
  *length = (unsigned char)*at++;
  if (*length < PUR_LONG_NUMBER) return at;
  memcpy(length, at, sizeof *length);
  return at + sizeof *length;
}

const char *pur_series_body(const pur_series *series, size_t *length) {
  const pur_input *input = &series->input;
  if (series->form != PUR_FORM_ITEMS) return NULL;
  if (length != NULL) *length = (size_t)(input->end - input->memory);
  return input->memory;
}

void pur_series_share(pur_series *series, const char *copy, pur_buffer *spare) {
  size_t length = 0;
  (void)pur_series_body(series, &length);
  pur_input_open_memory(&series->input, copy, length);
  series->cursor = series->rows;
  pur_buffer_free(spare);
  *spare = series->kept;
  pur_buffer_init(&series->kept, 0);
  pur_buffer_clear(spare);
  if (spare->capacity > MOST_SPARE) pur_buffer_free(spare);
}

/* An item at `to`, up to its number; returns where that goes. */
static char *begin_item(char *to, const char time[PUR_GRID_TEXT]) {
  memcpy(to, PUR_ITEM, PUR_ITEM_SIZE);
  memcpy(to + PUR_ITEM_DATETIME, time, PUR_GRID_TEXT);
  return to + PUR_ITEM_SIZE;
}

static char *end_item(char *to) {
  memcpy(to, "},", 2);
  return to + 2;
}

static void end_items(pur_series *series, const char *end) {
  series->kept.length = (size_t)(end - series->kept.data);
}

/* A good row's local time as text, which is what most rows bring along. */
static void write_local(const pur_cell *datetime, int64_t local, char time[PUR_GRID_TEXT]) {
  if (datetime->length == PUR_GRID_TEXT && datetime->text[PUR_DATE_SIZE] == ' ')
    memcpy(time, datetime->text, PUR_GRID_TEXT);
  else
    pur_datetime_format_minutes(local, time);
}

/* Keeps the row that was checked last. */
static void keep_row(pur_series *series, int64_t local, const pur_row *row) {
  const char *number = row->purchase.text;
  size_t length = row->purchase.length;
  char time[PUR_GRID_TEXT], *to = pur_buffer_reserve(&series->kept, ROW_SIZE + length);
  if (to == NULL) return;
  write_local(&row->datetime, local, time);
  to = begin_item(to, time);
  length = pur_series_trim(number, length);
  memcpy(to, number, length);
  end_items(series, end_item(to + length));
}

void pur_series_append(pur_series *series, pur_check *check, const pur_row *row) {
  int64_t date = check->day.date;
  size_t offset = series->kept.length;
  if (!pur_check_row(check, row) || check->issues.total > 0) return;
  keep_row(series, check->local, row);
  if (date != check->day.date) pur_series_mark_day(series, check->rows - 1, offset);
}

void pur_series_builder_init(pur_series_builder *builder) {
  builder->series = NULL;
  pur_buffer_init(&builder->spare, 0);
}

void pur_series_builder_free(pur_series_builder *builder) {
  pur_series_builder_drop(builder);
  pur_buffer_free(&builder->spare);
}

pur_status pur_series_builder_begin(pur_series_builder *builder, const pur_series_options *options,
                                    pur_error *error) {
  builder->series = pur_series_new(options);
  if (builder->series == NULL) return pur_error_no_memory(error);
  pur_check_init(&builder->check, options->zone, options->zone_name, options->step);
  builder->series->kept = builder->spare;
  pur_buffer_init(&builder->spare, 0);
  pur_series_keep(builder->series);
  return PUR_OK;
}

void pur_series_builder_drop(pur_series_builder *builder) {
  if (builder->series == NULL) return;
  pur_check_free(&builder->check);
  pur_series_release(builder->series);
  builder->series = NULL;
}

static bool is_expected(const pur_clock *clock, const pur_item *item) {
  return item->length == PUR_GRID_TEXT && pur_clock_shows(clock, item->datetime);
}

/* Keeps the items that are what the clock expects, up to the first that is not; returns how many.
 */
static size_t keep_expected(pur_series *series, pur_clock clock, const pur_item *items,
                            size_t most) {
  char *to = pur_buffer_reserve(&series->kept, most * (ROW_SIZE + PUR_NUMBER_SIZE));
  size_t rows = 0;
  if (to == NULL) return 0;
  for (; rows < most && is_expected(&clock, &items[rows]); rows++) {
    to = begin_item(to, items[rows].datetime);
    to = end_item(to + pur_number_write(items[rows].purchase, to));
    pur_clock_next(&clock);
  }
  end_items(series, to);
  return rows;
}

/* Adds the items, from the first one on, that are what must come next; returns how many. */
static size_t add_expected(pur_series_builder *builder, const pur_item *items, size_t count) {
  pur_check *check = &builder->check;
  size_t offset = builder->series->kept.length, rows, most;
  if (!check->steady || check->issues.total > 0) return 0;
  most = pur_grid_left(&check->grid);
  rows = keep_expected(builder->series, check->grid.clock, items, most < count ? most : count);
  if (rows > 0 && pur_check_expected(check, rows, 0))
    pur_series_mark_day(builder->series, check->rows - rows, offset);
  return rows;
}

static void add_any(pur_series_builder *builder, const pur_item *item) {
  char digits[PUR_NUMBER_SIZE];
  pur_row row = {0,
                 {PUR_CELL_TEXT, item->datetime, item->length, 0},
                 {PUR_CELL_GOOD, digits, pur_number_write(item->purchase, digits), 0}};
  pur_series_append(builder->series, &builder->check, &row);
}

void pur_series_builder_add(pur_series_builder *builder, const pur_item *items, size_t count) {
  while (count > 0) {
    size_t rows = add_expected(builder, items, count);
    if (rows == 0) add_any(builder, &items[rows++]);
    items += rows;
    count -= rows;
  }
}

void pur_series_builder_add_wrong(pur_series_builder *builder, const pur_cell *datetime,
                                  pur_cell_state purchase) {
  pur_row row = {0, *datetime, {purchase, "", 0, 0}};
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
  if (status == PUR_OK) {
    *series = builder->series;
    builder->series = NULL;
  }
  pur_series_builder_drop(builder);
  return status;
}

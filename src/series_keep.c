/* What is kept of rows: numbers of CSV files; items, as the body they make, of JSON and of values.
 */
#include <stdlib.h>
#include <string.h>

#include "datetime.h"
#include "number.h"
#include "series_store.h"

#define ROW_SIZE (PUR_ITEM_SIZE + 2) /* beside the number */
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

void pur_series_share(pur_series *series, const char *copy) {
  size_t length = 0;
  (void)pur_series_body(series, &length);
  pur_input_open_memory(&series->input, copy, length);
  series->cursor = series->rows;
  pur_buffer_free(&series->kept);
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

struct pur_series_builder {
  pur_series *series;
  pur_check check;
};

pur_series_builder *pur_series_builder_new(const pur_series_options *options) {
  pur_series_builder *builder = malloc(sizeof *builder);
  if (builder == NULL) return NULL;
  builder->series = pur_series_new(options);
  pur_check_init(&builder->check, options->zone, options->zone_name, options->step);
  if (builder->series != NULL) {
    pur_series_keep(builder->series);
    return builder;
  }
  free(builder);
  return NULL;
}

void pur_series_builder_destroy(pur_series_builder *builder) {
  if (builder == NULL) return;
  pur_series_release(builder->series);
  pur_check_free(&builder->check);
  free(builder);
}

static bool is_expected(const pur_clock *clock, const pur_item *item) {
  return item->state == PUR_CELL_GOOD && item->datetime.state == PUR_CELL_TEXT &&
         item->datetime.length == PUR_GRID_TEXT && pur_clock_shows(clock, item->datetime.text);
}

/* How many of the items, from the first one on, are what must come next. */
static size_t find_expected(const pur_check *check, const pur_item *items, size_t count) {
  pur_clock clock = check->grid.clock;
  size_t rows = 0, most;
  if (!check->steady || check->issues.total > 0) return 0;
  most = pur_grid_left(&check->grid);
  if (most > count) most = count;
  for (; rows < most && is_expected(&clock, &items[rows]); rows++) pur_clock_next(&clock);
  return rows;
}

static void keep_items(pur_series *series, const pur_item *items, size_t count) {
  char *to = pur_buffer_reserve(&series->kept, count * (ROW_SIZE + PUR_NUMBER_SIZE));
  if (to == NULL) return;
  for (size_t i = 0; i < count; i++) {
    to = begin_item(to, items[i].datetime.text);
    to = end_item(to + pur_number_write(items[i].value, to));
  }
  end_items(series, to);
}

/* Rows that there is no memory for are checked all the same: they are not missing. */
static void add_expected(pur_series_builder *builder, const pur_item *items, size_t count) {
  pur_series *series = builder->series;
  size_t offset = series->kept.length;
  keep_items(series, items, count);
  if (pur_check_expected(&builder->check, count, 0))
    pur_series_mark_day(series, builder->check.rows - count, offset);
}

static void add_any(pur_series_builder *builder, const pur_item *item) {
  char digits[PUR_NUMBER_SIZE];
  pur_row row = {0, item->datetime, {item->state, digits, 0, 0}};
  if (item->state == PUR_CELL_GOOD) row.purchase.length = pur_number_write(item->value, digits);
  pur_series_append(builder->series, &builder->check, &row);
}

void pur_series_builder_add(pur_series_builder *builder, const pur_item *items, size_t count) {
  while (count > 0) {
    size_t rows = find_expected(&builder->check, items, count);
    if (rows > 0)
      add_expected(builder, items, rows);
    else
      add_any(builder, &items[rows++]);
    items += rows;
    count -= rows;
  }
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

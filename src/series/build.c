/* A series from its rows: each is checked and kept. */
#include <stdlib.h>

#include "number/number.h"
#include "series/store.h"

pur_status pur_series_builder_begin(pur_series_builder *builder, const pur_series_options *options,
                                    pur_error *error) {
  pur_series *series = malloc(sizeof *series);
  if (series == NULL) return pur_error_no_memory(error);
  *series = (pur_series){.references = 1, .zone = options->zone, .step = options->step};
  if (series->zone != NULL) pur_timezone_reference(series->zone);
  builder->series = series;
  pur_check_init(&builder->check, options->zone, options->zone_name, options->step);
  return PUR_OK;
}

/* Notes where a delivery day begins, unless it is the first one. */
static void mark_day(pur_series *series, size_t row) {
  if (row > 0) pur_buffer_append(&series->later_days, &row, sizeof row);
}

/* Checks a row and, unless a row is wrong, keeps it: as `number`, where that is not NULL, or by its
 * text. */
static void add(pur_series_builder *builder, const pur_row *row, const pur_fixed *number) {
  pur_check *check = &builder->check;
  pur_columns *columns = &builder->series->columns;
  int64_t date = check->day.date;
  if (!pur_check_row(check, row) || check->issues.total > 0) return;
  if (number != NULL)
    pur_columns_add(columns, *number);
  else
    pur_columns_add_text(columns, row->purchase.text, row->purchase.length);
  if (check->step == 0) pur_columns_add_time(columns, check->local);
  if (date != check->day.date) mark_day(builder->series, check->rows - 1);
}

void pur_series_builder_add(pur_series_builder *builder, const pur_row *row) {
  pur_fixed number;
  pur_row known = *row;
  bool is_fixed = row->purchase.state == PUR_CELL_TEXT &&
                  pur_fixed_read(row->purchase.text, row->purchase.length, &number);
  if (is_fixed) known.purchase.state = PUR_CELL_GOOD;
  add(builder, &known, is_fixed ? &number : NULL);
}

void pur_series_builder_expected(pur_series_builder *builder, size_t rows, size_t line) {
  pur_check *check = &builder->check;
  pur_columns_added(&builder->series->columns, rows);
  if (pur_check_expected(check, rows, line)) mark_day(builder->series, check->rows - rows);
}

/* Takes the items, from the first one on, that are what must come next and whose numbers fit the
 * column; returns how many. */
static size_t add_expected(pur_series_builder *builder, const pur_item *items, size_t count) {
  pur_check *check = &builder->check;
  pur_columns *columns = &builder->series->columns;
  pur_clock clock;
  pur_fixed number;
  size_t rows = 0, most;
  int64_t *to;
  if (!check->steady || check->issues.total > 0) return 0;
  most = pur_grid_left(&check->grid);
  if (most > count) most = count;
  to = pur_columns_reserve(columns, most);
  if (to == NULL) return 0;
  clock = check->grid.clock;
  for (const pur_item *item = items; rows < most; item++, rows++) {
    if (item->length != PUR_GRID_TEXT || !pur_clock_shows(&clock, item->datetime)) break;
    if (!pur_fixed_from_double(item->purchase, &number)) break;
    if (!pur_columns_put(columns->places, number, &to[rows])) break;
    pur_clock_next(&clock);
  }
  if (rows > 0) pur_series_builder_expected(builder, rows, 0);
  return rows;
}

static void add_item(pur_series_builder *builder, const pur_item *item) {
  char text[PUR_NUMBER_SIZE];
  pur_fixed number;
  pur_row row = {0, {PUR_CELL_TEXT, item->datetime, item->length, 0}, {PUR_CELL_GOOD, text, 0, 0}};
  bool is_fixed = pur_fixed_from_double(item->purchase, &number);
  if (!is_fixed) {
    row.purchase.length = pur_number_write(item->purchase, text);
    is_fixed = pur_fixed_read(text, row.purchase.length, &number);
  }
  add(builder, &row, is_fixed ? &number : NULL);
}

void pur_series_builder_add_items(pur_series_builder *builder, const pur_item *items,
                                  size_t count) {
  while (count > 0) {
    size_t rows = add_expected(builder, items, count);
    if (rows == 0) add_item(builder, &items[rows++]);
    items += rows;
    count -= rows;
  }
}

void pur_series_builder_refuse(pur_series_builder *builder, const char *detail) {
  pur_check_refuse(&builder->check, 0, 0, detail);
}

pur_status pur_series_builder_finish(pur_series_builder *builder, pur_status status,
                                     pur_series **series, pur_issues *issues, pur_error *error) {
  pur_series *made = builder->series;
  if (status == PUR_OK && builder->check.rows == 0) {
    pur_place place = {0, 0, 0};
    (void)pur_issues_add(&builder->check.issues, &place, NULL, "empty_series",
                         "There are no purchase items.");
  }
  if (status == PUR_OK) status = pur_check_finish(&builder->check, error);
  if (status == PUR_OK) status = pur_columns_finish(&made->columns, error);
  if (status == PUR_OK) status = pur_buffer_check(&made->later_days, error);
  made->rows = builder->check.rows;
  made->first = builder->check.first;
  *issues = builder->check.issues;
  if (status != PUR_OK) pur_series_release(made);
  *series = status == PUR_OK ? made : NULL;
  return status;
}

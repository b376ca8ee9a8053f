#include "series/build.h"

#include <stdlib.h>
#include <string.h>

#include "number/number.h"

pur_status pur_series_builder_begin(pur_series_builder *builder, pur_map *map, pur_error *error) {
  const pur_map_series *says = pur_map_series_of(map);
  pur_series *series = malloc(sizeof *series);
  if (series == NULL) return pur_error_no_memory(error);
  *series = (pur_series){.references = 1, .zone = says->zone, .step = says->step};
  series->map = pur_map_reference(map);
  series->lead = says->sends_ends ? says->step : 0;
  *builder = (pur_series_builder){.series = series, .map = map, .says = says};
  builder->parts = says->step != 0 ? (size_t)(says->resolution / says->step) : 1;
  builder->is_plain = says->is_plain && !says->ends && builder->parts == 1;
  pur_check_init(&builder->check, says);
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
  for (size_t part = 0; part < builder->parts; part++) {
    if (number != NULL)
      pur_columns_add(columns, *number);
    else
      pur_columns_add_text(columns, row->purchase.text, row->purchase.length);
  }
  if (check->step == 0)
    pur_buffer_append(&columns->times, &check->order.last, sizeof check->order.last);
  if (date != check->day.date) mark_day(builder->series, (check->rows - 1) * builder->parts);
}

/* A row that stands where it should is known by its bytes. */
static bool is_expected(const pur_series_builder *builder, const pur_map_cell *cell) {
  const pur_grid *grid = &builder->check.grid;
  return builder->is_plain && builder->check.steady && cell->length == PUR_GRID_TEXT &&
         grid->instant < grid->turn && pur_clock_shows(&grid->clock, cell->text);
}

static bool must_end(pur_status status) {
  return status == PUR_INVALID_MAP || status == PUR_NO_MEMORY;
}

/* Takes a row that is a day: behind the cells of the slots come those of its intervals. */
static pur_status take_day(pur_series_builder *builder, pur_row *row, const pur_map_cell *cells,
                           pur_error *error) {
  const pur_map_cell *intervals = cells + pur_map_slot_count(builder->map);
  size_t slot = builder->says->time_slots[0];
  pur_map_day day;
  pur_error why;
  pur_status status =
      pur_map_read_day(builder->map, cells, intervals, builder->intervals, &day, &slot, &why);
  if (must_end(status)) return pur_error_set(error, status, cells[slot].place, "%s", why.message);
  if (status != PUR_OK) {
    pur_reading_settle(&row->datetime, status, &why, cells[slot].place);
    row->purchase.state = PUR_CELL_GOOD;
    add(builder, row, NULL);
  }
  for (size_t i = 0; status == PUR_OK && i < day.count; i++) {
    char text[PUR_EXACT_SIZE];
    pur_exact exact;
    pur_fixed number;
    size_t cell;
    pur_status read =
        pur_map_read_interval(builder->map, &day, intervals, i, &row->time, &exact, &cell, &why);
    bool is_fixed = read == PUR_OK && pur_exact_to_fixed(&exact, &number);
    pur_reading_settle(&row->datetime, PUR_OK, &why, intervals[cell].place);
    pur_reading_settle(&row->purchase, read, &why, intervals[cell].place);
    if (read == PUR_OK && !is_fixed) {
      row->purchase.text = text;
      row->purchase.length = pur_exact_write(&exact, text);
    }
    add(builder, row, is_fixed ? &number : NULL);
  }
  return PUR_OK;
}

pur_status pur_series_builder_take(pur_series_builder *builder, pur_row *row,
                                   const pur_map_cell *cells, pur_error *error) {
  const pur_map_cell *time = &cells[builder->says->time_slots[0]];
  pur_cell *datetime = &row->datetime, *purchase = &row->purchase;
  pur_error why[2];
  pur_fixed number = {0, 0};
  pur_status status = PUR_OK;
  if (!pur_map_wants(builder->map, cells)) {
    builder->series->left_out++;
    return PUR_OK;
  }
  if (builder->says->is_wide) return take_day(builder, row, cells, error);
  if (datetime->state == PUR_CELL_MISSING && is_expected(builder, time))
    *datetime = (pur_cell){PUR_CELL_TEXT, time->text, PUR_GRID_TEXT, time->place};
  else if (datetime->state == PUR_CELL_MISSING)
    status = pur_reading_time(builder->map, row, cells, &why[0]);
  if (must_end(status)) return pur_error_set(error, status, datetime->offset, "%s", why[0].message);
  if (purchase->state == PUR_CELL_MISSING)
    status = pur_reading_value(builder->map, row, cells, &number, &builder->plain, &why[1]);
  if (must_end(status)) return pur_error_set(error, status, purchase->offset, "%s", why[1].message);
  add(builder, row, purchase->state == PUR_CELL_GOOD ? &number : NULL);
  return PUR_OK;
}

void pur_series_builder_expected(pur_series_builder *builder, size_t rows, size_t line) {
  pur_check *check = &builder->check;
  pur_columns_added(&builder->series->columns, rows * builder->parts);
  if (pur_check_expected(check, rows, line))
    mark_day(builder->series, (check->rows - rows) * builder->parts);
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
  pur_row row = {.datetime = {PUR_CELL_TEXT, item->datetime, item->length, 0},
                 .purchase = {PUR_CELL_GOOD, text, 0, 0}};
  if (!pur_fixed_from_double(item->purchase, &number)) {
    row.purchase.length = pur_number_write(item->purchase, text);
    (void)pur_reading_number(&row.purchase, &number, &builder->plain);
  }
  add(builder, &row, row.purchase.state == PUR_CELL_GOOD ? &number : NULL);
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

pur_status pur_series_builder_finish(pur_series_builder *builder, pur_status status,
                                     pur_series **series, pur_issues *issues, pur_error *error) {
  pur_series *made = builder->series;
  pur_issues *found = &builder->check.issues;
  if (status == PUR_OK && builder->check.rows == 0) {
    pur_place place = {0, 0, 0};
    pur_issue *issue =
        pur_issues_add(found, &place, NULL, "empty_series", "There are no purchase items.");
    if (made->left_out > 0)
      pur_issue_explain(issue, "all rows, %zu, were left out, as where or unless says",
                        made->left_out);
  } else if (status != PUR_OK) {
    found->stop.index = builder->check.rows;
    (void)pur_issues_add(found, &found->stop, NULL, pur_status_name(status), "%s", error->message);
  }
  if (status == PUR_OK) status = pur_check_finish(&builder->check, error);
  if (status == PUR_OK) status = pur_buffer_check(&builder->plain, error);
  if (status == PUR_OK) status = pur_columns_finish(&made->columns, error);
  if (status == PUR_OK) status = pur_buffer_check(&made->later_days, error);
  made->rows = builder->check.rows * builder->parts;
  made->first = builder->check.first;
  made->is_cut = builder->check.is_cut;
  pur_buffer_free(&builder->plain);
  *issues = builder->check.issues;
  if (status != PUR_OK) pur_series_release(made);
  *series = status == PUR_OK ? made : NULL;
  return status;
}

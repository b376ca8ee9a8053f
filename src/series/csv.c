/* A purchase series from CSV: finds the map's columns, and takes every row. */
#include <stdlib.h>
#include <string.h>

#include "map/quick.h"
#include "number/plain.h"
#include "series/build.h"

/* One reading of CSV. The cells of a row are those of the map's slots; of a row that is a day come
 * those of its intervals on top. */
typedef struct reader {
  pur_series_builder *builder;
  pur_table *table;
  pur_rows *rows; /* of the table */
  bool is_plain;  /* two columns, times first, as they are sent */
  bool is_quick;  /* rows may be known at sight: see map/quick.h */
  pur_map_quick quick;
  size_t *columns;
  pur_map_cell *cells;
  size_t count;
} reader;

/* Reads the header and finds the map's columns in it. */
static pur_status begin(reader *r, pur_error *error) {
  pur_series_builder *builder = r->builder;
  const pur_map *map = builder->map;
  const pur_map_series *says = builder->says;
  const size_t slots = pur_map_slot_count(map);
  size_t from, to;
  pur_status status = pur_table_begin(r->table, pur_map_form(map), error);
  if (status != PUR_OK) return status;
  r->columns = calloc(slots + r->table->width, sizeof *r->columns);
  r->cells = calloc(slots + r->table->width, sizeof *r->cells);
  if (r->columns == NULL || r->cells == NULL) return pur_error_no_memory(error);
  status = pur_map_bind(map, r->table->names, r->table->width, r->columns, error);
  if (status != PUR_OK) return status;
  r->count = slots;
  r->is_plain = builder->is_plain && r->table->width == 2 && r->columns[says->time_slots[0]] == 0;
  r->is_quick =
      pur_map_quick_begin(&r->quick, map, r->columns, r->table->width, r->rows->row.delimiter);
  if (!says->is_wide) return PUR_OK;
  from = r->columns[says->value_slots[0]], to = r->columns[says->value_slots[1]];
  if (from > to)
    return pur_error_set(error, PUR_INVALID_MAP, 0, "value: the column of to lies before from");
  while (from <= to) r->columns[r->count++] = from++;
  builder->intervals = r->count - slots;
  return PUR_OK;
}

/* Reads a number that has not just as many places as the column. */
__attribute__((noinline)) static bool read_number(const char *text, unsigned length,
                                                  unsigned places, int64_t *value) {
  pur_fixed number;
  return pur_fixed_read(text, length, &number) && pur_columns_put(places, number, value);
}

/* Takes rows in the plainest form, each at the time that must come next, whose numbers fit the
 * column: of those of one date, what stands at `*at`, which moves behind them. Returns how many. */
static size_t take_plain_rows(reader *r, const char **at) {
  pur_columns *columns = &r->builder->series->columns;
  pur_grid *grid = &r->builder->check.grid;
  const char *line = *at, *end = r->rows->input.end;
  const char delimiter = r->rows->row.delimiter;
  const unsigned places = columns->places;
  const size_t most = pur_grid_left(grid);
  int64_t *to = pur_columns_reserve(columns, most);
  pur_clock clock = grid->clock;
  size_t rows = 0;
  if (to == NULL) return 0;
  for (; rows < most && line < end; rows++) {
    const char *number = line + PUR_GRID_TEXT + 1;
    pur_plain_line plain;
    if (!pur_clock_shows(&clock, line) || line[PUR_GRID_TEXT] != delimiter) break;
    if (!pur_plain_line_end(number, &plain)) break;
    if (!pur_plain_read(number, plain.text, places, &to[rows]) &&
        !read_number(number, plain.text, places, &to[rows]))
      break;
    line = number + plain.length;
    pur_clock_next(&clock);
  }
  *at = line;
  return rows;
}

/* The same for rows in the form that the map says. The label of the day's last row may be of
 * another date, and is left. */
static size_t take_quick_rows(reader *r, const char **at) {
  pur_series_builder *builder = r->builder;
  pur_columns *columns = &builder->series->columns;
  const pur_check *check = &builder->check;
  const pur_input *input = &r->rows->input;
  const size_t parts = builder->parts, most = pur_grid_left(&builder->check.grid) - check->ends;
  const pur_clock *clock = &check->grid.clock;
  int minute = clock->hour * 60 + clock->minute + (check->ends ? check->step : 0);
  int64_t *to = pur_columns_reserve(columns, most * parts);
  const char *line = *at;
  size_t rows = 0, length;
  pur_fixed number;
  if (to == NULL || most == 0 || !pur_map_quick_turn(&r->quick, check->grid.day)) return 0;
  for (; rows < most && line < input->end; rows++, minute += check->step, line += length) {
    if (!pur_map_quick_take(&r->quick, input->window.data, line, input->end, minute,
                            columns->places, &number, &length) ||
        !pur_columns_put(columns->places, number, to))
      break;
    for (size_t part = 1; part < parts; part++) to[part] = *to;
    to += parts;
  }
  *at = line;
  return rows;
}

/* Takes the rows at the start of the window that are known at sight, which come a tenth as dear as
 * others, or less. */
static void read_known_rows(reader *r) {
  const char *start = r->rows->input.start, *at = start;
  size_t all = 0, rows;
  while ((rows = r->is_plain ? take_plain_rows(r, &at) : take_quick_rows(r, &at)) > 0) {
    pur_series_builder_expected(r->builder, rows, r->rows->line + all);
    all += rows;
  }
  pur_rows_skip(r->rows, (size_t)(at - start), all);
}

/* Fills in the cells of the row read last; those that it does not have are empty. */
static pur_status fill(reader *r, pur_error *error) {
  for (size_t i = 0; i < r->count; i++) {
    static const pur_csv_field none = {.text = NULL};
    const pur_csv_field *field = &none;
    pur_status status = PUR_OK;
    if (r->columns[i] < r->rows->row.count)
      status = pur_rows_value(r->rows, r->columns[i], &field, error);
    if (status != PUR_OK) return status;
    r->cells[i] = (pur_map_cell){field->text, field->length, false, field->place};
  }
  return PUR_OK;
}

/* Refuses a row that cannot be read, unless the fields it has are enough to leave it out. */
static pur_status refuse(reader *r, pur_error *error) {
  char torn[PUR_APART_SIZE];
  size_t line, column;
  if (r->table->is_uneven) {
    pur_status status = fill(r, error);
    if (status != PUR_OK) return status;
    if (!pur_map_wants(r->builder->map, r->cells)) {
      r->builder->series->left_out++;
      return PUR_OK;
    }
  }
  pur_rows_place(r->rows, error->position, &line, &column);
  pur_check_refuse(&r->builder->check, line, column,
                   pur_map_tell_torn(r->table, torn) ? torn : error->message);
  return PUR_OK;
}

static pur_status take(reader *r, pur_error *error) {
  pur_check *check = &r->builder->check;
  pur_row row = {.line = r->rows->line, .text = r->rows->input.start};
  pur_status status = fill(r, error);
  if (status == PUR_OK) status = pur_series_builder_take(r->builder, &row, r->cells, error);
  if (status == PUR_OK && !r->builder->says->is_wide)
    pur_apart_take_fields(&check->apart, r->builder->map, r->table, r->columns, check->order.taken,
                          pur_check_repeats_first(check));
  return status;
}

/* Rows are refused one by one: of what CSV says, only its header can stop the reading, and what is
 * wrong with the map. */
pur_status pur_series_read_csv(pur_series_builder *builder, pur_table *table, pur_error *error) {
  reader r = {.builder = builder, .table = table, .rows = &table->rows};
  const pur_check *check = &builder->check;
  pur_place *stop = &builder->check.issues.stop;
  pur_status status = begin(&r, error);
  while (status == PUR_OK) {
    pur_rows_pass(r.rows);
    if ((r.is_plain || r.is_quick) && check->steady && check->order.taken > 1) read_known_rows(&r);
    status = pur_table_next(table, error);
    if (status == PUR_INVALID_CSV)
      status = refuse(&r, error);
    else if (status == PUR_OK)
      status = take(&r, error);
  }
  status = pur_apart_close(&builder->check.apart, status, error);
  if (status == PUR_INVALID_CSV || status == PUR_MISSING_COLUMN || status == PUR_INVALID_MAP)
    pur_rows_place(r.rows, error->position, &stop->line, &stop->column);
  free(r.columns);
  free(r.cells);
  return status;
}

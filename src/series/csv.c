/* A purchase series from CSV: finds its columns, and adds every row. */
#include <string.h>

#include "number/plain.h"
#include "series/store.h"

/* The header's names for an error message, as many as fit. */
static void list_names(const pur_csv_row *header, char *out, size_t size) {
  size_t used = 0;
  out[0] = '\0';
  for (size_t i = 0; i < header->count && used + 2 < size; i++) {
    const pur_csv_field *field = pur_csv_get(header, i);
    if (i > 0) out[used++] = ' ';
    pur_issue_quote(field->text, field->length, out + used, size - used);
    used += strlen(out + used);
  }
}

static pur_status find_column(const pur_csv_row *header, const char *name, size_t *column,
                              pur_error *error) {
  char names[PUR_MESSAGE_SIZE / 2], wanted[80];
  size_t found = 0;
  for (size_t i = 0; i < header->count; i++) {
    const pur_csv_field *field = pur_csv_get(header, i);
    if (field->length != strlen(name) || memcmp(field->text, name, field->length) != 0) continue;
    *column = i;
    found++;
  }
  if (found == 1) return PUR_OK;
  pur_issue_quote(name, strlen(name), wanted, sizeof wanted);
  if (found > 1)
    return pur_error_set(error, PUR_MISSING_COLUMN, 0, "the header has column \"%s\" %zu times",
                         wanted, found);
  list_names(header, names, sizeof names);
  return pur_error_set(error, PUR_MISSING_COLUMN, 0, "no column \"%s\" in the header (it has: %s)",
                       wanted, names);
}

/* One reading of CSV. */
typedef struct reader {
  pur_series_builder *builder;
  pur_rows *rows;
  size_t columns; /* of the header */
  size_t datetime;
  size_t purchase;
} reader;

static pur_status read_header(reader *r, const pur_series_options *options, pur_error *error) {
  const pur_csv_row *header = &r->rows->row;
  pur_status status = pur_rows_header(r->rows, error);
  if (status == PUR_OK) status = find_column(header, options->datetime, &r->datetime, error);
  if (status == PUR_OK) status = find_column(header, options->purchase, &r->purchase, error);
  r->columns = r->rows->width;
  return status;
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

/* Takes the plain rows at the start of the window, which come a tenth as dear as others. */
static void read_plain_rows(reader *r) {
  const char *start = r->rows->input.start, *at = start;
  size_t all = 0, rows;
  while ((rows = take_plain_rows(r, &at)) > 0) {
    pur_series_builder_expected(r->builder, rows, r->rows->line + all);
    all += rows;
  }
  pur_rows_skip(r->rows, (size_t)(at - start), all);
}

static pur_cell cell(const reader *r, size_t column) {
  const pur_csv_field *field = pur_csv_get(&r->rows->row, column);
  pur_cell_state state = field->length > 0 ? PUR_CELL_TEXT : PUR_CELL_MISSING;
  size_t offset = (size_t)(field->text - r->rows->input.start);
  return (pur_cell){state, field->text, field->length, offset + 1};
}

static void take_row(reader *r) {
  pur_row row = {r->rows->line, cell(r, r->datetime), cell(r, r->purchase)};
  pur_series_builder_add(r->builder, &row);
}

/* Rows are refused one by one: of what CSV says, only its header can stop the reading. */
pur_status pur_series_read_csv(pur_series_builder *builder, const pur_series_options *options,
                               pur_rows *rows, pur_error *error) {
  reader r = {.builder = builder, .rows = rows};
  pur_check *check = &builder->check;
  pur_status status = read_header(&r, options, error);
  bool is_plain = r.columns == 2 && r.datetime == 0 && r.purchase == 1;
  if (status == PUR_INVALID_CSV || status == PUR_MISSING_COLUMN) {
    check->issues.stop.line = rows->line;
    check->issues.stop.column = error->position + 1;
  }
  while (status == PUR_OK) {
    pur_rows_pass(rows);
    if (is_plain && check->steady) read_plain_rows(&r);
    status = pur_rows_next(rows, error);
    if (status == PUR_INVALID_CSV) {
      pur_check_refuse(check, rows->line, error->position + 1, error->message);
      status = PUR_OK;
    } else if (status == PUR_OK) {
      take_row(&r);
    }
  }
  return status == PUR_END ? PUR_OK : status;
}

/* A purchase series from CSV: finds its columns, checks every row, keeps the numbers of a file that
 * is read once. */
#include <string.h>

#include "number/plain.h"
#include "series/store.h"

static bool is_named(const pur_csv_field *field, const char *name) {
  return field->length == strlen(name) && memcmp(field->text, name, field->length) == 0;
}

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
    if (!is_named(pur_csv_get(header, i), name)) continue;
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

static pur_status read_header(pur_series *series, const pur_series_options *options,
                              pur_error *error) {
  const pur_csv_row *header = &series->record;
  const pur_input *input = &series->input;
  pur_status status;
  pur_csv_init(&series->record,
               pur_csv_delimiter(input->start, (size_t)(input->end - input->start)));
  status = pur_series_record(series, error);
  if (status == PUR_END) return pur_error_set(error, PUR_MISSING_COLUMN, 0, "the file is empty");
  if (status != PUR_OK) return status;
  status = find_column(header, options->datetime, &series->datetime_column, error);
  if (status == PUR_OK)
    status = find_column(header, options->purchase, &series->purchase_column, error);
  series->columns = header->count;
  series->plain =
      header->count == 2 && series->datetime_column == 0 && series->purchase_column == 1;
  series->uniform = series->plain;
  return status;
}

/* To read a file of this size again would take longer than to keep its numbers. */
static void choose_form(pur_series *series, const pur_series_options *options) {
  if (series->step == 0 || pur_input_size(&series->input) > options->read_once) return;
  series->form = PUR_FORM_NUMBERS;
  pur_input_read_once(&series->input);
}

/* Where the row that stands at `at` will be found. */
static uint64_t row_offset(const pur_series *series, const char *at) {
  if (series->form == PUR_FORM_NUMBERS) return series->kept.length;
  return series->input.offset + (uint64_t)(at - series->input.start);
}

/* Rows in the plainest form, each at the time that must come next: how many stand at `*at`, which
 * moves behind them. Their numbers are kept at `*kept`, unless that is NULL. */
static size_t find_plain_rows(const pur_series *series, pur_clock clock, size_t most,
                              const char **at, char **kept) {
  const char *line = *at, *end = series->input.end, *number;
  char *to = *kept;
  const char delimiter = series->record.delimiter;
  pur_plain_line plain;
  size_t rows = 0;
  for (; rows < most && line < end; rows++) {
    if (!pur_clock_shows(&clock, line) || line[PUR_GRID_TEXT] != delimiter) break;
    number = line + PUR_GRID_TEXT + 1;
    if (!pur_plain_line_end(number, &plain) || !pur_plain_is_number(number, plain.text)) break;
    if (to != NULL) to = pur_number_keep(to, number, pur_plain_trim(number, plain.text));
    line = number + plain.length;
    pur_clock_next(&clock);
  }
  *at = line;
  *kept = to;
  return rows;
}

/* The plain rows of one date, or of what the window has of it. Rows that there is no memory for are
 * checked all the same: they are not missing. */
static size_t take_plain_rows(pur_series *series, size_t most, const pur_clock *clock,
                              const char **at) {
  pur_buffer *kept = &series->kept;
  char *room = NULL, *to;
  size_t rows;
  if (series->form == PUR_FORM_NUMBERS)
    room = pur_buffer_reserve(kept, most * PUR_KEPT_NUMBER_SIZE);
  to = room;
  rows = find_plain_rows(series, *clock, most, at, &to);
  kept->length += (size_t)(to - room);
  return rows;
}

/* Takes the plain rows at the start of the window; returns how many. */
static size_t check_plain_rows(pur_series *series, pur_check *check, size_t line) {
  const char *start = series->input.start, *at = start;
  size_t before = check->rows, rows;
  for (;;) {
    uint64_t offset = row_offset(series, at);
    size_t most = pur_grid_left(&check->grid);
    rows = take_plain_rows(series, most, &check->grid.clock, &at);
    if (rows == 0) break;
    if (pur_check_expected(check, rows, line + check->rows - before))
      pur_series_mark_day(series, check->rows - rows, offset);
  }
  pur_input_skip(&series->input, (size_t)(at - start));
  return check->rows - before;
}

static pur_cell cell(const pur_series *series, size_t column) {
  const pur_csv_field *field = pur_csv_get(&series->record, column);
  pur_cell made = {PUR_CELL_TEXT, field->text, field->length, 0};
  if (field->length == 0) made.state = PUR_CELL_MISSING;
  made.column = (size_t)(field->text - series->input.start) + 1;
  return made;
}

/* Is the record's line, of which PUR_INPUT_SLACK more bytes may be read, one that needs no parsing?
 */
static bool is_plain_line(const pur_series *series) {
  const char *line = series->input.start;
  pur_plain_line plain;
  return series->plain && line[PUR_GRID_TEXT] == series->record.delimiter &&
         pur_plain_line_end(line + PUR_GRID_TEXT + 1, &plain) &&
         pur_plain_is_number(line + PUR_GRID_TEXT + 1, plain.text);
}

static void check_record(pur_series *series, pur_check *check, size_t line) {
  const pur_csv_row *record = &series->record;
  pur_place place = {check->rows, line, 1};
  int64_t date = check->day.date;
  uint64_t offset = row_offset(series, series->input.start);
  char detail[80];
  if (record->count != series->columns) {
    pur_issue_write(detail, "%zu field%s where the header has %zu", record->count,
                    record->count == 1 ? "" : "s", series->columns);
    pur_check_refuse(check, &place, detail);
  } else {
    pur_row row = {line, cell(series, series->datetime_column),
                   cell(series, series->purchase_column)};
    if (pur_check_row(check, &row) && series->form == PUR_FORM_NUMBERS)
      pur_series_keep_number(series, row.purchase.text, row.purchase.length);
    if (series->uniform) series->uniform = is_plain_line(series);
    if (date != check->day.date) pur_series_mark_day(series, check->rows - 1, offset);
  }
}

pur_status pur_series_read_csv(pur_series *series, const pur_series_options *options,
                               pur_check *check, pur_error *error) {
  pur_status status = read_header(series, options, error);
  size_t line = 1;
  if (status != PUR_OK) return status;
  choose_form(series, options);
  for (;;) {
    line += series->record.lines;
    pur_input_skip(&series->input, series->record.length);
    if (series->plain && check->steady) line += check_plain_rows(series, check, line);
    status = pur_series_record(series, error);
    if (status == PUR_INVALID_CSV) {
      pur_place place = {check->rows, line, error->position + 1};
      pur_check_refuse(check, &place, error->message);
    } else if (status != PUR_OK) {
      return status == PUR_END ? PUR_OK : status;
    } else if (!pur_csv_is_blank(&series->record)) {
      check_record(series, check, line);
    }
  }
}

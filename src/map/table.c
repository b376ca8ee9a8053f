#include "map/table.h"

#include <string.h>

#include "map/number.h"

pur_status pur_table_open(pur_table *table, const char *path, pur_error *error) {
  *table = (pur_table){.least = 0};
  pur_buffer_init(&table->head, PUR_ROW_MAX);
  return pur_rows_open(&table->rows, path, error);
}

void pur_table_close(pur_table *table) {
  pur_rows_close(&table->rows);
  pur_buffer_free(&table->head);
  pur_buffer_free(&table->name_texts);
}

/* Blank fields */

/* Counts the fields up to the last one that is not empty. */
static size_t count_filled(const pur_csv_row *row) {
  size_t count = row->count;
  for (; count > 0; count--) {
    const pur_csv_field *field = pur_csv_get(row, count - 1);
    for (size_t i = 0; i < field->length; i++)
      if (field->text[i] != ' ' && field->text[i] != '\t') return count;
  }
  return 0;
}

static bool is_blank(const pur_csv_row *row) {
  const pur_csv_field *first = pur_csv_get(row, 0);
  if (first->length > 0 && memchr("* \t", *first->text, 3) == NULL) return false;
  return count_filled(row) <= (first->length == 1 && *first->text == '*');
}

/* The header */

/* Keeps what the window begins with as a part of the file's beginning. */
static pur_status keep_head(pur_table *table, size_t length, size_t lines, pur_error *error) {
  pur_buffer_append(&table->head, table->rows.input.start, length);
  table->head_lines += lines;
  if (table->head.status == PUR_TOO_LARGE)
    return pur_error_set(error, PUR_INVALID_CSV, 0,
                         "the lines up to the header have more than " PUR_ROW_MAX_TEXT);
  return pur_buffer_check(&table->head, error);
}

/* The delimiter that a line such as `sep=;` names, as Excel reads it; 0: it is no such line. */
static char said_delimiter(const char *line, size_t length) {
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
  if (length == 7 && line[0] == '"' && line[6] == '"') line++, length -= 2;
  return length == 5 && line[4] != '"' &&
                 (memcmp(line, "sep=", 4) == 0 || memcmp(line, "SEP=", 4) == 0)
             ? line[4]
             : '\0';
}

/* Guesses the delimiter of a file: whichever of `,` `;` tab stands most often outside quotes in its
 * header; `|` where none of them does. */
static char guess_delimiter(const char *header, size_t length) {
  static const char candidates[] = {',', ';', '\t', '|'};
  size_t counts[sizeof candidates] = {0}, best = 0;
  bool quoted = false, may_quote = true;
  size_t i = 0;
  while (i < length && (header[i] == '\n' || header[i] == '\r')) i++;
  for (; i < length && (quoted || header[i] != '\n'); i++) {
    const char *found = memchr(candidates, header[i], sizeof candidates);
    if (header[i] == '"' && (quoted || may_quote))
      quoted = !quoted, may_quote = true;
    else
      may_quote = found != NULL;
    if (found != NULL && !quoted) counts[found - candidates]++;
  }
  for (size_t c = 1; c < sizeof candidates - 1; c++)
    if (counts[c] > counts[best]) best = c;
  return counts[best] == 0 && counts[3] > 0 ? '|' : candidates[best];
}

/* Passes over the lines before the header, or, without one, before the rows, and finds the
 * delimiter. */
static pur_status pass_preamble(pur_table *table, pur_error *error) {
  const pur_form *form = &table->form;
  pur_rows *rows = &table->rows;
  size_t before = form->header > 0 ? form->header - 1 : form->skip, length, lines;
  char said = '\0';
  for (;;) {
    pur_status status = pur_input_line(&rows->input, &length, error);
    if (status != PUR_OK && status != PUR_TOO_LARGE) return status;
    if (rows->line == 1) said = said_delimiter(rows->input.start, length);
    if (said != '\0' && before == 0) before = 1;
    if (table->head_lines == before) break;
    lines = rows->input.start[length - 1] == '\n';
    status = keep_head(table, length, lines, error);
    if (status != PUR_OK) return status;
    pur_rows_skip(rows, length, lines);
  }
  rows->row.delimiter = form->delimiter != '\0' ? form->delimiter : said;
  if (rows->row.delimiter == '\0')
    rows->row.delimiter = guess_delimiter(rows->input.start, pur_input_unread(&rows->input));
  return PUR_OK;
}

/* Reads the header, or, where nobody names the columns, looks at the first row. */
static pur_status read_header(pur_table *table, pur_error *error) {
  const pur_form *form = &table->form;
  pur_rows *rows = &table->rows;
  for (;;) {
    pur_status status = pur_rows_next(rows, error);
    if (status != PUR_OK || !is_blank(&rows->row)) return status;
    if (form->header > 0)
      return pur_error_set(error, PUR_MISSING_COLUMN, 0, "line %zu has no header", rows->line);
    if (!form->no_header) status = keep_head(table, rows->row.length, rows->row.lines, error);
    if (status != PUR_OK) return status;
  }
}

/* Takes the header's fields for the columns' names. */
static pur_status take_names(pur_table *table, pur_error *error) {
  pur_rows *rows = &table->rows;
  const pur_csv_row *row = &rows->row;
  const size_t size = row->count * sizeof(pur_text);
  pur_text *names = (pur_text *)(void *)pur_buffer_reserve(&table->name_texts, size + row->length);
  char *to;
  if (names == NULL) return pur_error_no_memory(error);
  to = (char *)names + size;
  for (size_t i = 0; i < row->count; i++) {
    const pur_csv_field *field;
    pur_text name;
    if (pur_rows_value(rows, i, &field, error) != PUR_OK) return PUR_NO_MEMORY;
    name = pur_blank_trim(field->text, field->length);
    names[i] = (pur_text){memcpy(to, name.text, name.length), name.length};
    to += name.length;
    if (name.length > 0) table->least = i + 1;
  }
  table->names = names;
  return PUR_OK;
}

/* Takes the header, which was read. */
static pur_status take_header(pur_table *table, pur_error *error) {
  const pur_csv_row *row = &table->rows.row;
  pur_status status = take_names(table, error);
  if (status == PUR_OK) status = keep_head(table, row->length, row->lines, error);
  if (status != PUR_OK) return status;
  (void)pur_rows_text(&table->rows, &table->header.length);
  table->header.text = table->head.data + table->head.length - row->length;
  return PUR_OK;
}

pur_status pur_table_begin(pur_table *table, const pur_form *form, pur_error *error) {
  pur_rows *rows = &table->rows;
  pur_status status;
  if (form != NULL) table->form = *form;
  form = &table->form;
  status = pur_input_begin(&rows->input, form->encoding, error);
  if (status == PUR_OK) status = pass_preamble(table, error);
  if (status == PUR_OK && !(form->no_header && form->names != NULL))
    status = read_header(table, error);
  if (status == PUR_END)
    return pur_error_set(
        error, PUR_MISSING_COLUMN, 0, "contains no purchases%s",
        form->header + form->skip > 1 ? ": it ends before the line that header or skip names" : "");
  if (status == PUR_OK && !form->no_header) status = take_header(table, error);
  if (status != PUR_OK) return status;
  table->width = rows->row.count;
  if (form->no_header) {
    table->least = rows->row.count;
    pur_rows_repeat(rows);
  }
  if (form->names != NULL) {
    table->names = form->names;
    table->width = table->least = form->name_count;
  }
  /* A decimal comma between commas must not end in a column that nobody uses. */
  table->filled = table->width;
  if (rows->row.delimiter == ',' && form->names == NULL)
    table->filled = form->no_header ? count_filled(&rows->row) : table->least;
  return PUR_OK;
}

pur_status pur_table_rewind(pur_table *table, pur_error *error) {
  pur_rows *rows = &table->rows;
  size_t left = table->head.length;
  pur_status status = pur_input_rewind(&rows->input, error);
  pur_rows_repeat(rows);
  rows->is_cut = false;
  rows->line = 1 + table->head_lines;
  while (status == PUR_OK && left > 0) {
    size_t unread = pur_input_unread(&rows->input), passed = unread < left ? unread : left;
    pur_input_skip(&rows->input, passed);
    left -= passed;
    if (left > 0) status = pur_input_more(&rows->input, error);
  }
  return status;
}

/* Rows */

/* Tells whether the row is the header again, as where one file was put behind another, with its
 * byte order mark or without. */
static bool is_header(const pur_table *table) {
  const pur_text *header = &table->header;
  size_t length;
  const char *text = pur_rows_text(&table->rows, &length);
  if (header->text == NULL || length < header->length || length > header->length + 3) return false;
  if (length == header->length + 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, length -= 3;
  return length == header->length && memcmp(text, header->text, length) == 0;
}

/* Gives up a row and those behind it that have the same bytes. Spreadsheets write lines of
 * delimiters by the million: to split each of them takes a tenth of a second. */
static void pass_all(pur_rows *rows) {
  const char *text = rows->input.start;
  const size_t length = rows->row.length, lines = rows->row.lines;
  pur_rows_pass(rows);
  while (lines > 0 && pur_input_unread(&rows->input) >= length &&
         memcmp(rows->input.start, text, length) == 0)
    pur_rows_skip(rows, length, lines);
}

/* Adds the fields of columns without a name that the row does not have. */
static pur_status pad(pur_table *table, pur_error *error) {
  pur_csv_row *row = &table->rows.row;
  size_t length;
  const char *text = pur_rows_text(&table->rows, &length);
  const pur_csv_field empty = {text + length, 0, (uint32_t)length, false, false};
  for (; row->count < table->width; row->count++) {
    row->fields.length = row->count * sizeof empty;
    pur_buffer_append(&row->fields, &empty, sizeof empty);
  }
  if (row->fields.status != PUR_OK) pur_rows_repeat(&table->rows);
  return pur_buffer_check(&row->fields, error);
}

/* Makes a row fit that has too few fields, or too many, or refuses it. */
static pur_status fit(pur_table *table, pur_error *error) {
  const pur_csv_row *row = &table->rows.row;
  size_t count = row->count;
  if (count < table->width && count >= table->least) return pad(table, error);
  if (count > table->width) {
    size_t filled = count_filled(row);
    if (filled <= table->filled) return PUR_OK;
    count = filled > table->width ? filled : table->width + 1;
  }
  table->is_uneven = true;
  return pur_error_set(error, PUR_INVALID_CSV, 0, "%zu field%s where %s %zu", count,
                       count == 1 ? "" : "s",
                       table->form.names != NULL ? "the names are"
                       : table->form.no_header   ? "the first row has"
                                                 : "the header has",
                       table->width);
}

pur_status pur_table_next(pur_table *table, pur_error *error) {
  pur_status status;
  table->is_uneven = false;
  while ((status = pur_rows_next(&table->rows, error)) == PUR_OK &&
         (is_blank(&table->rows.row) || is_header(table)))
    pass_all(&table->rows);
  return status == PUR_OK && table->rows.row.count != table->width ? fit(table, error) : status;
}

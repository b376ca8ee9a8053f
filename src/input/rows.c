#include "input/rows.h"

#include <string.h>

pur_status pur_input_widen(pur_input *input, pur_error *error) {
  size_t before = pur_input_unread(input);
  pur_status status;
  if (before > PUR_ROW_MAX) return PUR_TOO_LARGE;
  do status = pur_input_more(input, error);
  while (status == PUR_OK && pur_input_unread(input) < 2 * before);
  return status == PUR_END && pur_input_unread(input) > before ? PUR_OK : status;
}

pur_status pur_rows_open_input(pur_rows *rows, const char *path, pur_error *error) {
  *rows = (pur_rows){.line = 1};
  pur_buffer_init(&rows->head, PUR_ROW_MAX);
  return pur_input_open(&rows->input, path, error);
}

pur_status pur_rows_begin(pur_rows *rows, const pur_form *form, pur_error *error) {
  if (form != NULL) rows->form = *form;
  rows->row.delimiter = rows->form.delimiter;
  return pur_input_begin(&rows->input, rows->form.encoding, error);
}

pur_status pur_rows_open(pur_rows *rows, const char *path, const pur_form *form, pur_error *error) {
  pur_status status = pur_rows_open_input(rows, path, error);
  if (status == PUR_OK) status = pur_rows_begin(rows, form, error);
  if (status != PUR_OK) pur_rows_close(rows);
  return status;
}

void pur_rows_close(pur_rows *rows) {
  pur_input_close(&rows->input);
  pur_csv_free(&rows->row);
  pur_buffer_free(&rows->head);
  pur_buffer_free(&rows->name_list);
  pur_buffer_free(&rows->name_texts);
  pur_buffer_free(&rows->values);
}

void pur_rows_skip(pur_rows *rows, size_t length, size_t lines) {
  pur_input_skip(&rows->input, length);
  rows->line += lines;
}

void pur_rows_pass(pur_rows *rows) {
  pur_rows_skip(rows, rows->row.length, rows->row.lines);
  rows->row.length = rows->row.lines = 0;
}

/* Takes the first line of the window for the row, or all there is of it. */
static void take_line(pur_rows *rows) {
  const pur_input *input = &rows->input;
  const char *feed = memchr(input->start, '\n', pur_input_unread(input));
  rows->row.length = feed != NULL ? (size_t)(feed + 1 - input->start) : pur_input_unread(input);
  rows->row.lines = feed != NULL;
  rows->is_cut = feed == NULL && !input->last;
}

/* Parses what the window begins with, making it longer as needed. */
static pur_status parse(pur_rows *rows, pur_error *error) {
  pur_input *input = &rows->input;
  pur_csv_row *row = &rows->row;
  pur_status status;
  for (;;) {
    /* A row that is too long is cut at the same byte wherever the window ends. */
    bool is_long = pur_input_unread(input) > PUR_ROW_MAX;
    size_t length = is_long ? PUR_ROW_MAX + 1 : pur_input_unread(input);
    status = pur_csv_parse(row, input->start, length, is_long || input->last, error);
    if (status == PUR_OK && row->length > PUR_ROW_MAX)
      status = pur_error_set(error, PUR_INVALID_CSV, 0, "a row of more than " PUR_ROW_MAX_TEXT);
    if (status != PUR_END || input->last) break;
    status = pur_input_widen(input, error);
    if (status != PUR_OK && status != PUR_END) break;
  }
  if (status == PUR_INVALID_CSV) {
    take_line(rows);
  } else if (status != PUR_OK) {
    row->length = row->lines = 0; /* nothing was read that the next call could give up */
  }
  return status;
}

/* Reads the next row, whatever its fields. */
static pur_status read_row(pur_rows *rows, pur_error *error) {
  pur_status status = PUR_OK;
  pur_rows_pass(rows);
  while (status == PUR_OK && rows->is_cut) {
    status = pur_input_more(&rows->input, error);
    if (status != PUR_OK) break;
    take_line(rows);
    pur_rows_pass(rows);
  }
  return status == PUR_OK ? parse(rows, error) : status;
}

/* The header */

/* Gives up what the row spans, to the file's beginning. */
static pur_status pass_to_head(pur_rows *rows, pur_error *error) {
  pur_buffer_append(&rows->head, rows->input.start, rows->row.length);
  rows->head_lines += rows->row.lines;
  if (rows->head.status == PUR_TOO_LARGE)
    return pur_error_set(error, PUR_INVALID_CSV, 0,
                         "the lines up to the header have more than " PUR_ROW_MAX_TEXT);
  if (rows->head.status == PUR_OK) pur_rows_pass(rows);
  return pur_buffer_check(&rows->head, error);
}

/* Has the window hold the first line whole. PUR_END: there is none. */
static pur_status see_line(pur_rows *rows, pur_error *error) {
  pur_status status = PUR_OK;
  for (;;) {
    take_line(rows);
    if (!rows->is_cut) break;
    rows->is_cut = false;
    status = pur_input_widen(&rows->input, error);
    if (status != PUR_OK) return status == PUR_TOO_LARGE || status == PUR_END ? PUR_OK : status;
  }
  return rows->row.length > 0 ? PUR_OK : PUR_END;
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

/* Passes over the lines before the header, or, without one, before the rows, and finds the
 * delimiter. */
static pur_status pass_preamble(pur_rows *rows, pur_error *error) {
  const pur_form *form = &rows->form;
  size_t before = form->header > 0 ? form->header - 1 : form->skip;
  char *delimiter = &rows->row.delimiter, said = '\0';
  pur_status status = see_line(rows, error);
  if (status == PUR_OK) said = said_delimiter(rows->input.start, rows->row.length);
  if (said != '\0' && before == 0) before = 1;
  while (status == PUR_OK && rows->head_lines < before) {
    status = pass_to_head(rows, error);
    if (status == PUR_OK) status = see_line(rows, error);
  }
  if (*delimiter == '\0') *delimiter = said;
  if (*delimiter == '\0' && status == PUR_OK)
    *delimiter = pur_csv_delimiter(rows->input.start, pur_input_unread(&rows->input));
  rows->row.length = rows->row.lines = 0;
  return status;
}

/* Takes the header's fields for the columns' names. */
static pur_status take_names(pur_rows *rows, pur_error *error) {
  const size_t count = rows->row.count;
  pur_text *names = (pur_text *)(void *)pur_buffer_reserve(&rows->name_list, count * sizeof *names);
  char *to = pur_buffer_reserve(&rows->name_texts, rows->row.length);
  if (names == NULL || to == NULL) return pur_error_no_memory(error);
  for (size_t i = 0; i < count; i++) {
    const pur_csv_field *field;
    if (pur_rows_value(rows, i, &field, error) != PUR_OK) return PUR_NO_MEMORY;
    names[i] = pur_text_trim((pur_text){field->text, field->length});
    memcpy(to, names[i].text, names[i].length);
    names[i].text = to;
    to += names[i].length;
    if (names[i].length > 0) rows->least = i + 1;
  }
  rows->names = names;
  return PUR_OK;
}

/* Counts the fields up to the last one that is not empty. */
static size_t count_filled(const pur_csv_row *row) {
  size_t count = row->count;
  while (count > 0) {
    const pur_csv_field *field = pur_csv_get(row, count - 1);
    if (pur_text_trim((pur_text){field->text, field->length}).length > 0) break;
    count--;
  }
  return count;
}

/* Reads the header, or, where nobody names the columns, looks at the first row. */
static pur_status read_header(pur_rows *rows, pur_error *error) {
  const pur_form *form = &rows->form;
  pur_status status;
  for (;;) {
    status = read_row(rows, error);
    if (status != PUR_OK || !pur_csv_is_blank(&rows->row)) return status;
    if (form->header > 0)
      return pur_error_set(error, PUR_MISSING_COLUMN, 0, "line %zu has no header", rows->line);
    if (!form->no_header && (status = pass_to_head(rows, error)) != PUR_OK) return status;
  }
}

pur_status pur_rows_header(pur_rows *rows, pur_error *error) {
  const pur_form *form = &rows->form;
  pur_csv_row *row = &rows->row;
  pur_status status = pass_preamble(rows, error);
  if (status == PUR_OK && !(form->no_header && form->names != NULL))
    status = read_header(rows, error);
  if (status == PUR_END)
    return pur_error_set(
        error, PUR_MISSING_COLUMN, 0, "contains no purchases%s",
        form->header + form->skip > 1 ? ": it ends before the line that header or skip names" : "");
  if (status != PUR_OK) return status;
  rows->width = row->count;
  if (form->no_header) {
    rows->least = row->count;
    row->length = row->lines = 0; /* it is still to come */
  } else {
    status = take_names(rows, error);
    pur_buffer_append(&rows->head, rows->input.start, row->length);
    rows->head_lines += row->lines;
    if (status == PUR_OK) status = pur_buffer_check(&rows->head, error);
    if (status != PUR_OK) return status;
    rows->header = (pur_text){rows->head.data + rows->head.length - row->length, 0};
    (void)pur_rows_text(rows, &rows->header.length);
  }
  if (form->names != NULL) {
    rows->names = form->names;
    rows->width = rows->least = form->name_count;
  }
  /* A decimal comma between commas must not end in a column that nobody uses. */
  rows->filled = rows->width;
  if (row->delimiter == ',' && form->names == NULL)
    rows->filled = form->no_header ? count_filled(row) : rows->least;
  return PUR_OK;
}

pur_status pur_rows_rewind(pur_rows *rows, pur_error *error) {
  size_t left = rows->head.length, passed;
  pur_status status = pur_input_rewind(&rows->input, error);
  rows->row.length = rows->row.lines = 0;
  rows->is_cut = false;
  rows->line = 1 + rows->head_lines;
  while (status == PUR_OK && left > 0) {
    if (pur_input_unread(&rows->input) == 0) status = pur_input_more(&rows->input, error);
    passed = pur_input_unread(&rows->input) < left ? pur_input_unread(&rows->input) : left;
    pur_input_skip(&rows->input, passed);
    left -= passed;
  }
  return status;
}

/* Rows */

/* Tells whether the row is the header again, as where one file was put behind another, with its
 * byte order mark or without. */
static bool is_header(const pur_rows *rows) {
  const pur_text *header = &rows->header;
  size_t length;
  const char *text = pur_rows_text(rows, &length);
  if (header->text == NULL || length < header->length || length > header->length + 3) return false;
  if (length == header->length + 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, length -= 3;
  return length == header->length && memcmp(text, header->text, length) == 0;
}

/* Adds the fields of columns without a name that the row does not have. */
static pur_status pad(pur_rows *rows, pur_error *error) {
  pur_csv_row *row = &rows->row;
  size_t length;
  const char *text = pur_rows_text(rows, &length);
  const pur_csv_field empty = {text + length, 0, (uint32_t)length, false, false};
  for (; row->count < rows->width; row->count++) {
    row->fields.length = row->count * sizeof empty;
    pur_buffer_append(&row->fields, &empty, sizeof empty);
  }
  if (row->fields.status != PUR_OK) row->length = row->lines = 0; /* it is read again */
  return pur_buffer_check(&row->fields, error);
}

/* Makes a row fit that has too few fields, or too many, or refuses it. */
static pur_status fit(pur_rows *rows, pur_error *error) {
  const pur_csv_row *row = &rows->row;
  size_t count = row->count;
  if (count < rows->width && count >= rows->least) return pad(rows, error);
  if (count > rows->width) {
    size_t filled = count_filled(row);
    if (filled <= rows->filled) return PUR_OK;
    count = filled > rows->width ? filled : rows->width + 1;
  }
  rows->is_uneven = true;
  return pur_error_set(error, PUR_INVALID_CSV, 0, "%zu field%s where %s %zu", count,
                       count == 1 ? "" : "s",
                       rows->form.names != NULL ? "the names are"
                       : rows->form.no_header   ? "the first row has"
                                                : "the header has",
                       rows->width);
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

pur_status pur_rows_next(pur_rows *rows, pur_error *error) {
  pur_status status;
  rows->is_uneven = false;
  for (;;) {
    pur_buffer_clear(&rows->values);
    status = read_row(rows, error);
    if (status != PUR_OK || !(pur_csv_is_blank(&rows->row) || is_header(rows))) break;
    pass_all(rows);
  }
  return status == PUR_OK && rows->row.count != rows->width ? fit(rows, error) : status;
}

void pur_rows_place(const pur_rows *rows, size_t place, size_t *line, size_t *column) {
  pur_text_place(rows->input.start, pur_input_unread(&rows->input), place, line, column);
  *line += rows->line - 1;
}

const char *pur_rows_text(const pur_rows *rows, size_t *length) {
  const char *text = rows->input.start;
  *length = rows->row.length;
  if (*length > 0 && text[*length - 1] == '\n') --*length;
  if (*length > 0 && text[*length - 1] == '\r') --*length;
  return text;
}

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

pur_status pur_input_line(pur_input *input, size_t *length, pur_error *error) {
  size_t searched = 0;
  for (;;) {
    const char *from = input->start + searched;
    const char *feed = memchr(from, '\n', pur_input_unread(input) - searched);
    pur_status status;
    *length = feed != NULL ? (size_t)(feed + 1 - input->start) : pur_input_unread(input);
    if (feed != NULL) return PUR_OK;
    searched = *length;
    status = pur_input_widen(input, error);
    if (status == PUR_END && *length > 0) return PUR_OK;
    if (status != PUR_OK) return status;
  }
}

pur_status pur_rows_open(pur_rows *rows, const char *path, pur_error *error) {
  *rows = (pur_rows){.line = 1};
  return pur_input_open(&rows->input, path, error);
}

void pur_rows_close(pur_rows *rows) {
  pur_input_close(&rows->input);
  pur_csv_free(&rows->row);
  pur_buffer_free(&rows->values);
}

void pur_rows_skip(pur_rows *rows, size_t length, size_t lines) {
  pur_input_skip(&rows->input, length);
  rows->line += lines;
}

void pur_rows_pass(pur_rows *rows) {
  pur_rows_skip(rows, rows->row.length, rows->row.lines);
  pur_rows_repeat(rows);
}

/* Takes the first line of the window for the row, or all there is of it. */
static void take_line(pur_rows *rows) {
  const pur_input *input = &rows->input;
  const char *feed = memchr(input->start, '\n', pur_input_unread(input));
  rows->row.length = feed != NULL ? (size_t)(feed + 1 - input->start) : pur_input_unread(input);
  rows->row.lines = feed != NULL;
  rows->is_cut = feed == NULL && !input->last;
}

/* How many bytes two texts begin with alike. */
static size_t common_length(const char *a, const char *b, size_t length) {
  size_t at = 0;
  for (; length - at >= 8; at += 8) {
    uint64_t one, other;
    memcpy(&one, a + at, 8);
    memcpy(&other, b + at, 8);
    if (one != other) break;
  }
  while (at < length && a[at] == b[at]) at++;
  return at;
}

/* Parses what the window begins with, making it longer as needed. So many bytes of it are those of
 * the row before, which is no longer looked at once the window was moved. */
static pur_status parse(pur_rows *rows, size_t common, pur_error *error) {
  pur_input *input = &rows->input;
  pur_csv_row *row = &rows->row;
  pur_status status;
  for (;;) {
    /* A row that is too long is cut at the same byte wherever the window ends. */
    bool is_long = pur_input_unread(input) > PUR_ROW_MAX;
    size_t length = is_long ? PUR_ROW_MAX + 1 : pur_input_unread(input);
    status = pur_csv_parse_like(row, common, input->start, length, is_long || input->last, error);
    if (status == PUR_OK && row->length > PUR_ROW_MAX)
      status = pur_error_set(error, PUR_INVALID_CSV, 0, "a row of more than " PUR_ROW_MAX_TEXT);
    if (status != PUR_END || input->last) break;
    status = pur_input_widen(input, error);
    if (status != PUR_OK && status != PUR_END) break;
  }
  if (status == PUR_INVALID_CSV)
    take_line(rows);
  else if (status != PUR_OK)
    pur_rows_repeat(rows); /* nothing was read that the next call could give up */
  return status;
}

pur_status pur_rows_next(pur_rows *rows, pur_error *error) {
  const char *above = rows->input.start;
  size_t common = rows->row.lines == 1 ? rows->row.length : 0; /* 0 where it is cut, too */
  pur_buffer_clear(&rows->values);
  pur_rows_pass(rows);
  while (rows->is_cut) {
    pur_status status = pur_input_more(&rows->input, error);
    if (status != PUR_OK) return status;
    take_line(rows);
    pur_rows_pass(rows);
  }
  if (common > pur_input_unread(&rows->input)) common = pur_input_unread(&rows->input);
  return parse(rows, common_length(above, rows->input.start, common), error);
}

void pur_rows_place(const pur_rows *rows, size_t place, size_t *line, size_t *column) {
  const size_t unread = pur_input_unread(&rows->input);
  *line = rows->line, *column = 1;
  pur_text_pass(rows->input.start, place < unread ? place : unread, line, column);
}

const char *pur_rows_text(const pur_rows *rows, size_t *length) {
  const char *text = rows->input.start;
  *length = rows->row.length;
  if (*length > 0 && text[*length - 1] == '\n') --*length;
  if (*length > 0 && text[*length - 1] == '\r') --*length;
  return text;
}

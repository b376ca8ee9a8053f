#include "input/rows.h"

#include <string.h>

pur_status pur_input_begin(pur_input *input, pur_error *error) {
  pur_status status = pur_input_more(input, error);
  if (status == PUR_OK && pur_input_unread(input) >= 3 &&
      memcmp(input->start, "\xEF\xBB\xBF", 3) == 0)
    pur_input_skip(input, 3);
  return status;
}

bool pur_input_is_json(const pur_input *input) {
  const char *at = input->start;
  while (at < input->end && memchr(" \t\r\n", *at, 4) != NULL) at++;
  return at < input->end && (*at == '{' || *at == '[');
}

pur_status pur_input_widen(pur_input *input, pur_error *error) {
  size_t before = pur_input_unread(input);
  pur_status status;
  if (before > PUR_ROW_MAX) return PUR_TOO_LARGE;
  do status = pur_input_more(input, error);
  while (status == PUR_OK && pur_input_unread(input) < 2 * before);
  return status == PUR_END && pur_input_unread(input) > before ? PUR_OK : status;
}

pur_status pur_rows_open(pur_rows *rows, const char *path, char delimiter, pur_error *error) {
  pur_input *input = &rows->input;
  pur_status status = pur_input_open(input, path, error);
  pur_csv_init(&rows->row, delimiter);
  rows->line = 1;
  rows->is_cut = false;
  if (status == PUR_OK) status = pur_input_begin(input, error);
  if (status != PUR_OK && status != PUR_END) {
    pur_rows_close(rows);
    return status;
  }
  if (delimiter == 0)
    rows->row.delimiter = pur_csv_delimiter(input->start, pur_input_unread(input));
  return PUR_OK;
}

void pur_rows_close(pur_rows *rows) {
  pur_input_close(&rows->input);
  pur_csv_free(&rows->row);
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

pur_status pur_rows_next(pur_rows *rows, pur_error *error) {
  pur_status status = PUR_OK;
  do {
    pur_rows_pass(rows);
    while (status == PUR_OK && rows->is_cut) {
      status = pur_input_more(&rows->input, error);
      if (status != PUR_OK) break;
      take_line(rows);
      pur_rows_pass(rows);
    }
    if (status == PUR_OK) status = parse(rows, error);
  } while (status == PUR_OK && pur_csv_is_blank(&rows->row));
  return status;
}

const char *pur_rows_text(const pur_rows *rows, size_t *length) {
  const char *text = rows->input.start;
  *length = rows->row.length;
  if (*length > 0 && text[*length - 1] == '\n') --*length;
  if (*length > 0 && text[*length - 1] == '\r') --*length;
  return text;
}

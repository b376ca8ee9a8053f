#include "input/rows.h"

#include <string.h>

#define LONGEST ((size_t)4 * 1024 * 1024)
#define LONGEST_TEXT "4 MiB"

static void skip_mark(pur_input *input) {
  if (input->end - input->start >= 3 && memcmp(input->start, "\xEF\xBB\xBF", 3) == 0)
    pur_input_skip(input, 3);
}

pur_status pur_rows_open(pur_rows *rows, const char *path, char delimiter, pur_error *error) {
  pur_input *input = &rows->input;
  pur_status status = pur_input_open_once(input, path, error);
  pur_csv_init(&rows->row, delimiter);
  rows->line = 1;
  if (status == PUR_OK) status = pur_input_more(input, error);
  if (status != PUR_OK && status != PUR_END) {
    pur_rows_close(rows);
    return status;
  }
  skip_mark(input);
  if (delimiter == 0)
    rows->row.delimiter = pur_csv_delimiter(input->start, (size_t)(input->end - input->start));
  return PUR_OK;
}

void pur_rows_close(pur_rows *rows) {
  pur_input_close(&rows->input);
  pur_csv_free(&rows->row);
}

/* Parses what the window begins with, making it longer as needed. */
static pur_status parse(pur_rows *rows, pur_error *error) {
  pur_input *input = &rows->input;
  for (;;) {
    size_t unread = (size_t)(input->end - input->start);
    pur_status status = pur_csv_parse(&rows->row, input->start, unread, input->last, error);
    if (status != PUR_END || (input->last && unread == 0)) return status;
    if (unread > LONGEST)
      return pur_error_set(error, PUR_TOO_LARGE, 0,
                           "a row goes on for more than " LONGEST_TEXT
                           ": a quote that is never closed?");
    status = pur_input_more(input, error);
    if (status != PUR_OK && status != PUR_END) return status;
  }
}

pur_status pur_rows_next(pur_rows *rows, pur_error *error) {
  pur_status status;
  do {
    pur_input_skip(&rows->input, rows->row.length);
    rows->line += rows->row.lines;
    rows->row.length = rows->row.lines = 0;
    status = parse(rows, error);
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

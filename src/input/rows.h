/* The rows of a CSV file, one after another, with their lines; read once, in bounded memory. */
#ifndef PURCHASES_INPUT_ROWS_H
#define PURCHASES_INPUT_ROWS_H

#include "input/csv.h"
#include "input/input.h"

typedef struct pur_rows {
  pur_input input;
  pur_csv_row row; /* the row read last; its fields point into the input's window */
  size_t line;     /* where that row begins, from 1 */
} pur_rows;

/* Opens a file as pur_input_open_once does. `delimiter` 0: the one that stands most often in the
 * first line. Errors of pur_input_more. After success the caller ends it with pur_rows_close. */
pur_status pur_rows_open(pur_rows *rows, const char *path, char delimiter, pur_error *error);

void pur_rows_close(pur_rows *rows);

/* Reads the next row, blank lines left out. PUR_END after the last; PUR_INVALID_CSV: the line
 * cannot be read (the next call goes on behind it); PUR_TOO_LARGE: a row of more than 4 MiB, after
 * which nothing can be read; errors of pur_input_more. */
pur_status pur_rows_next(pur_rows *rows, pur_error *error);

/* The bytes of the row read last, or of the line that could not be read, without its line end. */
const char *pur_rows_text(const pur_rows *rows, size_t *length);

#endif

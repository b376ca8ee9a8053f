/* The rows of a file, one after another, with the lines they begin at: forward, in bounded memory.
 *
 * This is the one loop over lines of CSV, and the steps of it that loops over JSON share: nothing
 * longer than PUR_ROW_MAX is taken; and a line that cannot be read is refused alone. Which of them
 * are the header, or no rows at all, map/table.h says. */
#ifndef PURCHASES_INPUT_ROWS_H
#define PURCHASES_INPUT_ROWS_H

#include "input/csv.h"
#include "input/input.h"

/* The most bytes of a row with its line end, or of a purchase in JSON: a quote or a brace that is
 * never closed must not pull a whole file into memory. The largest limit that an API
 * names is 256 KiB a purchase, and rows of a series have some 30 bytes. */
#define PUR_ROW_MAX ((size_t)4 << 20)
#define PUR_ROW_MAX_TEXT "4 MiB"

/* Makes the window about twice as long, for a row that does not end in it, so that parsing it anew
 * each time costs no more than twice its length. PUR_END: nothing more comes; PUR_TOO_LARGE,
 * without a message: the window has more than PUR_ROW_MAX already; errors of pur_input_more. */
pur_status pur_input_widen(pur_input *input, pur_error *error);

/* Has the window hold its first line, whose bytes, line feed included, are counted. PUR_END: there
 * is no line left; PUR_TOO_LARGE, as above: so many of its bytes are there; errors of
 * pur_input_more. */
pur_status pur_input_line(pur_input *input, size_t *length, pur_error *error);

typedef struct pur_rows {
  pur_input input;
  pur_csv_row row; /* the row read last; its fields point into the input's window */
  size_t line;     /* where that row begins, from 1; after pur_rows_pass, where the next one does */
  bool is_cut;     /* the row is a refused line that goes on beyond the window */
  pur_buffer values; /* see pur_rows_value */
} pur_rows;

/* Opens a file as pur_input_open does, with its errors. `row.delimiter` and the input's beginning
 * are up to the caller, who ends it with pur_rows_close, which may be called more than once. */
pur_status pur_rows_open(pur_rows *rows, const char *path, pur_error *error);
void pur_rows_close(pur_rows *rows);

/* Reads the next row, whatever its fields. PUR_END after the last row. PUR_INVALID_CSV: the line
 * cannot be read; `error->position` is where in it; the next call goes on at the line behind it.
 * Errors of pur_input_more, after which it may be called again. */
pur_status pur_rows_next(pur_rows *rows, pur_error *error);

/* Has pur_rows_next read the last row again. */
static inline void pur_rows_repeat(pur_rows *rows) {
  rows->row.length = rows->row.lines = 0;
}

/* Gives a field of the row read last, by its index from 0, less than `row.count`; its text is its
 * value, with quotes undone, until the next row is read. PUR_NO_MEMORY. */
static inline pur_status pur_rows_value(pur_rows *rows, size_t index, const pur_csv_field **field,
                                        pur_error *error) {
  *field = pur_csv_get(&rows->row, index);
  if (!(*field)->is_escaped) return PUR_OK;
  if (rows->values.length == 0 && pur_buffer_reserve(&rows->values, rows->row.length) == NULL)
    return pur_buffer_check(&rows->values, error);
  pur_csv_value(pur_csv_get(&rows->row, index), &rows->values);
  return PUR_OK;
}

/* The line and column of a byte of the row read last, as an editor counts them; `place` counts
 * bytes from the row's first, as fields and errors do. */
void pur_rows_place(const pur_rows *rows, size_t place, size_t *line, size_t *column);

/* The bytes of the row read last, or of the line that could not be read (when `is_cut`, of its
 * beginning), without its line end, in UTF-8: pur_encoding_encode makes what it was in the file. */
const char *pur_rows_text(const pur_rows *rows, size_t *length);

/* For a caller that knows plain rows at sight: gives up the row read last, so that the window,
 * [input.start, input.end), begins with the next one. It may be empty, and its last row may not be
 * whole. The caller then gives up the rows it has taken with pur_rows_skip, which counts their
 * lines; pur_rows_next goes on behind them. */
void pur_rows_pass(pur_rows *rows);
void pur_rows_skip(pur_rows *rows, size_t length, size_t lines);

#endif

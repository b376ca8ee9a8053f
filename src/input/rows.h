/* The rows of an input, one after another, with the lines they begin at: read once, forward, in
 * bounded memory.
 *
 * This is the one loop over lines of CSV, and the steps of it that loops over JSON share: a byte
 * order mark is skipped once, at the very beginning; nothing longer than PUR_ROW_MAX is taken; and
 * a line that cannot be read is refused alone. */
#ifndef PURCHASES_INPUT_ROWS_H
#define PURCHASES_INPUT_ROWS_H

#include "input/csv.h"
#include "input/input.h"

/* The most bytes of a row with its line end, or of a purchase in JSON: a quote or a brace that is
 * never closed must not pull a whole file into memory. The largest limit that an API
 * names is 256 KiB a purchase, and rows of a series have some 30 bytes. */
#define PUR_ROW_MAX ((size_t)4 << 20)
#define PUR_ROW_MAX_TEXT "4 MiB"

/* Reads the first block of an input that was just opened and skips a byte order mark there.
 * PUR_END: the input is empty; errors of pur_input_more. */
pur_status pur_input_begin(pur_input *input, pur_error *error);

/* Tells whether an input that has begun holds JSON: its first character that is not white space is
 * `{` or `[`. Anything else is CSV. */
bool pur_input_is_json(const pur_input *input);

/* Makes the window about twice as long, for a row that does not end in it, so that parsing it anew
 * each time costs no more than twice its length. PUR_END: nothing more comes; PUR_TOO_LARGE,
 * without a message: the window has more than PUR_ROW_MAX already; errors of pur_input_more. */
pur_status pur_input_widen(pur_input *input, pur_error *error);

typedef struct pur_rows {
  pur_input input;
  pur_csv_row row; /* the row read last; its fields point into the input's window */
  size_t line;     /* where that row begins, from 1; after pur_rows_pass, where the next one does */
  bool is_cut;     /* the row is a refused line that goes on beyond the window */
} pur_rows;

/* Opens a file as pur_input_open does, and begins. `delimiter` 0: the one that stands most
 * often in the first line. Errors of pur_input_more. After success the caller ends it with
 * pur_rows_close, which may be called more than once. */
pur_status pur_rows_open(pur_rows *rows, const char *path, char delimiter, pur_error *error);

void pur_rows_close(pur_rows *rows);

/* Reads the next row, blank lines left out. PUR_END after the last. PUR_INVALID_CSV: the line
 * cannot be read, `error->position` is where in it; the next call goes on at the line behind it.
 * Errors of pur_input_more, after which it may be called again. */
pur_status pur_rows_next(pur_rows *rows, pur_error *error);

/* The bytes of the row read last, or of the line that could not be read (when `is_cut`, of its
 * beginning), without its line end. */
const char *pur_rows_text(const pur_rows *rows, size_t *length);

/* For a caller that knows plain rows at sight: gives up the row read last, so that the window,
 * [input.start, input.end), begins with the next one. It may be empty, and its last row may not be
 * whole. The caller then gives up the rows it has taken with pur_rows_skip, which counts their
 * lines; pur_rows_next goes on behind them. */
void pur_rows_pass(pur_rows *rows);
void pur_rows_skip(pur_rows *rows, size_t length, size_t lines);

#endif

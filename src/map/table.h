/* A table in a file of CSV: the lines before it, its header, the columns' names, and its rows. */
#ifndef PURCHASES_MAP_TABLE_H
#define PURCHASES_MAP_TABLE_H

#include "input/rows.h"

/* How a file's bytes are laid out in rows, as its user says; zeros: as the file itself tells. */
typedef struct pur_form {
  pur_encoding encoding; /* PUR_ENCODING_ANY: that of a byte order mark, else UTF-8 */
  char delimiter;        /* ASCII, no quote and no line end; 0: whichever of `,` `;` tab stands most
                            often in the header, `|` where none of them does, or as a `sep=` line
                            says, which may come first and is no row */
  bool no_header;        /* there is none: rows begin behind `skip` lines */
  size_t header;         /* the line of the header, from 1; 0: the first that is not blank, behind
                            a `sep=` line and `skip` lines */
  size_t skip;           /* lines before the rows; these are raw: quotes do not count in them */
  const pur_text *names; /* in place of the header's, or where there is none; NULL: none; must live
                            as long as the table does */
  size_t name_count;
} pur_form;

typedef struct pur_table {
  pur_rows rows;  /* with the row read last */
  bool is_uneven; /* it was refused for the number of its fields */
  pur_form form;
  const pur_text *names; /* of the columns, in order; NULL: nobody names them */
  size_t width;          /* columns: no row has fewer fields */
  pur_buffer head;       /* the file's beginning: all lines up to and including the header */
  size_t head_lines;
  pur_text header;       /* in `head`, without its line end; NULL: there is none */
  pur_buffer name_texts; /* `names`, where they are the header's, and behind them their texts */
  size_t least;          /* fields that a row has at least, of the file itself */
  size_t filled; /* where a row has more fields than columns, those behind so many are empty */
} pur_table;

/* Opens a file as pur_input_open does, with its errors. After success the caller ends it with
 * pur_table_close, which may be called more than once; what is to be read twice is kept before it
 * begins, with pur_input_keep. */
pur_status pur_table_open(pur_table *table, const char *path, pur_error *error);
void pur_table_close(pur_table *table);

/* Reads up to the header, and finds the delimiter, `names`, without the blanks around them, and
 * `width`, which is the first row's where nobody names the columns. The header is then the row read
 * last. `form` NULL: as the file tells.
 * PUR_MISSING_COLUMN: there is none, or, where none is needed, no row; PUR_INVALID_CSV: it cannot
 * be read, `error->position` is where in it; errors of pur_input_begin. It is called once. */
pur_status pur_table_begin(pur_table *table, const pur_form *form, pur_error *error);

/* Goes back to where pur_table_begin ended, as pur_input_rewind does; it reads what stands before
 * that again, up to PUR_ROW_MAX. */
pur_status pur_table_rewind(pur_table *table, pur_error *error);

/* Reads the next row. What is no row is left out: lines of nothing but blanks and delimiters, or of
 * one `*`, behind which they may stand, and the header again. Fields behind the last column are
 * empty, and those of columns without a name at the header's end may be missing: they are added.
 * PUR_INVALID_CSV also of a row that has too few or too many fields (`is_uneven`). Otherwise as
 * pur_rows_next. */
pur_status pur_table_next(pur_table *table, pur_error *error);

#endif

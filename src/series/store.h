/* How a series keeps its rows; for the files that read, keep and write series only. */
#ifndef PURCHASES_SERIES_STORE_H
#define PURCHASES_SERIES_STORE_H

#include "input/csv.h"
#include "input/input.h"
#include "number/plain.h"
#include "series/series.h"

/* Where a delivery day's first row stands: what there is to find a row by. */
typedef struct pur_day_mark {
  size_t row;
  uint64_t offset; /* of its record in the input */
} pur_day_mark;

/* What the input holds of every row once it is checked. */
typedef enum pur_series_form {
  PUR_FORM_RECORDS, /* its record in the file */
  PUR_FORM_NUMBERS, /* its number; the time follows from the row's place in the grid */
  PUR_FORM_ITEMS    /* the item that it makes of a body */
} pur_series_form;

struct pur_series {
  size_t references;
  pur_series_form form;
  pur_input input;
  pur_csv_row record; /* the record parsed last */
  size_t columns;
  size_t datetime_column;
  size_t purchase_column;
  bool plain;   /* exactly datetime, purchase: the layout with a fast path */
  bool uniform; /* and every row is a plain line, see plain.h */
  pur_timezone *zone;
  int step;
  size_t rows;
  int64_t first; /* instant of row 0, minutes */
  size_t day_count;
  pur_day_mark first_day; /* all there is of most series made in memory */
  pur_buffer later_days;  /* pur_day_mark */
  pur_buffer kept;        /* numbers, or items as the body of all of them; else empty */
  pur_buffer body;        /* of the request written last */
  size_t cursor;          /* the row that stands at input.start */
};

#define PUR_BODY_BEGIN "{\"purchase\":["
#define PUR_BODY_END "]}"

/* One item of a body up to its number; the datetime is written over the X's. "}," ends it. */
#define PUR_ITEM "{\"datetime\":\"XXXXXXXXXXXXXXXX\",\"purchase\":"
#define PUR_ITEM_SIZE (sizeof PUR_ITEM - 1)
#define PUR_ITEM_DATETIME 13

/* A series without rows, nothing opened. NULL without memory. */
pur_series *pur_series_new(const pur_series_options *options);

/* Notes that the row begins a new delivery day. */
void pur_series_mark_day(pur_series *series, size_t row, uint64_t offset);

const pur_day_mark *pur_series_day_mark(const pur_series *series, size_t day);

/* Parses the record at the start of the input into `series->record`, reading on as needed. PUR_END
 * after the last one; PUR_INVALID_CSV (the record then spans the line to skip); errors of
 * pur_input_more. */
pur_status pur_series_record(pur_series *series, pur_error *error);

/* Ends the checking: moves the issues out, and on success makes the series ready to be sent. */
pur_status pur_series_finish(pur_series *series, pur_check *check, pur_issues *issues,
                             pur_error *error);

/* The length of a number without zeros that end its fraction; one with an exponent stays as it is.
 */
size_t pur_series_trim(const char *number, size_t length);

/* Numbers are kept as their length, one byte, and their text, trimmed; a length that needs more is
 * told by PUR_LONG_NUMBER and a size_t. PUR_PLAIN_SIZE + 1 bytes from each may be read. */
#define PUR_LONG_NUMBER 255
#define PUR_KEPT_NUMBER_SIZE (1 + PUR_PLAIN_SIZE) /* room for a plain one, as it is written */

static inline char *pur_number_keep(char *to, const char text[PUR_PLAIN_SIZE], unsigned length) {
  *to = (char)length;
  memcpy(to + 1, text, PUR_PLAIN_SIZE);
  return to + 1 + length;
}

/* Keeps a number of any length. */
void pur_series_keep_number(pur_series *series, const char *text, size_t length);

/* The text of the number kept at `at`. */
const char *pur_series_kept_number(const char *at, size_t *length);

/* Begins to keep rows. */
void pur_series_keep(pur_series *series);

/* Ends the keeping: the rows are read from there from now on. */
pur_status pur_series_kept(pur_series *series, pur_error *error);

/* Checks a row and keeps it. A number that is PUR_CELL_GOOD brings its text along. */
void pur_series_append(pur_series *series, pur_check *check, const pur_row *row);

/* Reads CSV from series->input, and a whole JSON document or NDJSON from `text`. */
pur_status pur_series_read_csv(pur_series *series, const pur_series_options *options,
                               pur_check *check, pur_error *error);
pur_status pur_series_read_json(pur_series *series, const pur_series_options *options,
                                pur_check *check, const char *text, size_t length,
                                pur_error *error);

#endif

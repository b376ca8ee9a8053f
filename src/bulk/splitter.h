/* The purchases of a JSON file, one after another, as the bytes they stand there in.
 *
 * A file holds them as NDJSON, as JSON values one after another, as an array, or as
 * {"purchases": [...]}; its first bytes tell which. It is read once, forward, in bounded memory.
 * Nothing is checked here but what must be known to find the next purchase. */
#ifndef PURCHASES_BULK_SPLITTER_H
#define PURCHASES_BULK_SPLITTER_H

#include "input/input.h"

typedef enum pur_splitter_form {
  PUR_SPLITTER_LINES,  /* a purchase a line */
  PUR_SPLITTER_VALUES, /* one after another, over as many lines as they like */
  PUR_SPLITTER_ARRAY
} pur_splitter_form;

typedef struct pur_splitter {
  pur_input input;
  pur_splitter_form form;
  size_t line;   /* of the first byte that is unread, from 1 */
  size_t column; /* in characters, from 1 */
  bool has_begun;
  bool is_wrapped;  /* the array is a member of an object */
  bool wants_comma; /* in an array: something stands before */
  bool wants_value; /* in an array: a comma stands before */
  bool is_closed;   /* the array: its end stands before */
  bool is_in_rest;  /* of a line that was too long */
} pur_splitter;

/* A purchase, which begins at `input.start`. */
typedef struct pur_span {
  size_t length;
  size_t after; /* bytes of white space behind it */
  bool is_cut;  /* it is longer than PUR_ROW_MAX and goes on beyond the window */
  bool is_rest; /* no purchase, but what follows one that is cut, or a part of that */
} pur_span;

/* A splitter of nothing, until its input is opened. Allocates nothing; to close the input ends it.
 */
void pur_splitter_init(pur_splitter *splitter);

/* Finds the next purchase, which stays what comes next until it is passed. PUR_END: there is none.
 * PUR_INVALID_JSON: the file cannot be read on, at `line` and `column`; PUR_FILE_UNREADABLE,
 * PUR_NO_MEMORY, after which it may be tried again. */
pur_status pur_splitter_next(pur_splitter *splitter, pur_span *span, pur_error *error);
void pur_splitter_pass(pur_splitter *splitter, const pur_span *span);

#endif

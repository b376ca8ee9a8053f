/* A row of a series on its way from cells to the rules that it must keep: its time and its value,
 * or what is wrong with them. */
#ifndef PURCHASES_MAP_READING_H
#define PURCHASES_MAP_READING_H

#include "map/map.h"

typedef enum pur_cell_state {
  PUR_CELL_MISSING,
  PUR_CELL_WRONG,   /* of a type that cannot hold the value: `text` is what was found */
  PUR_CELL_REFUSED, /* `text` says what is wrong with it */
  PUR_CELL_TEXT,    /* text to be checked */
  PUR_CELL_GOOD     /* a time that was read, or a number known to be finite */
} pur_cell_state;

typedef struct pur_cell {
  pur_cell_state state;
  const char *text;
  size_t length;
  size_t offset; /* of a row of CSV, into its text; otherwise see pur_issues_locate */
} pur_cell;

typedef struct pur_row {
  size_t line;
  const char *text; /* of CSV; NULL: the row comes from JSON or from a table */
  pur_cell datetime;
  pur_cell purchase;
  pur_map_time time; /* where the datetime is PUR_CELL_GOOD */
} pur_row;

/* Reads the time, or the purchase, of a row from its cells. A purchase
 * becomes `number`, or, where it does not fit, a text, which is in a cell or in `text` (where a
 * lack of memory sticks); numbers as JSON has them keep their digits. What is refused is so with
 * the message in `why`. PUR_INVALID_MAP, PUR_NO_MEMORY: the reading must end. */
pur_status pur_reading_time(const pur_map *map, pur_row *row, const pur_map_cell *cells,
                            pur_error *why);
pur_status pur_reading_value(const pur_map *map, pur_row *row, const pur_map_cell *cells,
                             pur_fixed *number, pur_buffer *text, pur_error *why);

/* Reads a number as JSON has it: as `number`, or, where it does not fit, as its text, which is
 * written plainly where that can be. False: it is none. */
bool pur_reading_number(pur_cell *cell, pur_fixed *number, pur_buffer *text);

/* Turns what reading a cell came to into its state. */
void pur_reading_settle(pur_cell *cell, pur_status status, const pur_error *why, size_t offset);

#endif

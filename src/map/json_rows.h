/* The rows of a series in JSON, as cells of a map: of a document the elements of one list, of
 * NDJSON the lines. The text is read where it stands, and outlives the reading. */
#ifndef PURCHASES_MAP_JSON_ROWS_H
#define PURCHASES_MAP_JSON_ROWS_H

#include "json/json.h"
#include "map/reading.h"

typedef struct pur_json_rows {
  pur_map_cell
      *cells;   /* of the row read last, by slot; the place of those there are not: its own */
  pur_text row; /* its text */
  pur_cell time, value; /* PUR_CELL_WRONG: of a type that cannot be one; else PUR_CELL_MISSING */

  const pur_map *map;
  pur_text text;
  pur_json_scanner scanner;
  bool is_document;
  size_t start; /* of NDJSON: where the line begins, and the next one */
  size_t next;
  size_t count;          /* objects read so far */
  pur_text first;        /* the first of them ... */
  size_t first_position; /* ... and where it stands in the text */
  bool *is_seen;         /* by slot: some row has it */
  pur_buffer unescaped;  /* texts of the row that were written with escapes */
} pur_json_rows;

/* Finds where the rows are. PUR_INVALID_SERIES, in the API's words: there are none; errors of
 * pur_map_find_list and pur_json_next, with their position. pur_json_rows_close ends it in any
 * case.
 */
pur_status pur_json_rows_open(pur_json_rows *rows, const pur_map *map, const char *text,
                              size_t length, pur_error *error);

/* Reads the next row. PUR_END: the text is over, and well-formed. PUR_MISSING_COLUMN: it is over,
 * and no row has a column that the map names: whatever was wrong with rows is that.
 * PUR_INVALID_CELL: what comes next is no row, or a line that is no JSON: error->position and its
 * message say why; reading goes on. Other errors of pur_json_next end it. */
pur_status pur_json_rows_next(pur_json_rows *rows, pur_error *error);

void pur_json_rows_close(pur_json_rows *rows);

#endif

/* The rows of a file of sales: the cells that a map names, and whose each row is. Private to map/.
 *
 * A row that `where` and `unless` leave out is not looked at otherwise, but for its group cell:
 * what it says stands for the rows of the same purchase behind it. */
#ifndef PURCHASES_MAP_SALES_ROWS_H
#define PURCHASES_MAP_SALES_ROWS_H

#include "base/issues.h"
#include "map/map.h"
#include "map/table.h"

#define PUR_KEY_MARK "\x1F" /* between the columns of a key */

/* Puts blanks in the place of these, for people. */
static inline void pur_sales_key_show(char *key, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (key[i] == *PUR_KEY_MARK) key[i] = ' ';
}

typedef enum pur_row_owner {
  PUR_ROW_ALONE, /* nothing groups rows: it is a purchase */
  PUR_ROW_KEYED, /* the purchase of `key` */
  PUR_ROW_BLANK, /* its group cell is empty: it belongs to no purchase, or to that before it */
  PUR_ROW_STRAY  /* nobody can tell: the purchase before it, or the one behind it */
} pur_row_owner;

typedef struct pur_sales_rows {
  const pur_map *map;
  const pur_map_sales *sales;
  pur_table table;
  size_t *columns;       /* by slot: where it stands in a row, from 0 */
  bool *is_key;          /* by slot: is it of a column that rows are grouped by? */
  bool *is_shared;       /* by slot: do only fields of the purchase look at it, one by one? */
  size_t key_end;        /* behind the last column that rows are grouped by */
  pur_map_cell *cells;   /* by slot: of the row */
  pur_map_cell *filters; /* the first of them, filled in from the rows above */
  pur_buffer *above;     /* what these say, by slot */
  pur_buffer values;     /* cells whose quotes had to be undone */
  pur_buffer others;     /* the same of a row that is read again */
  pur_buffer joined;     /* a key of several columns */
  pur_buffer key;        /* of the last row that has one, without the blanks around it */
  bool has_key;
  bool is_lost;  /* nobody knows whose the row above is */
  bool is_bound; /* the columns are known */

  /* The row read last. */
  const pur_csv_row *row; /* its fields; of a row that is read again, others' */
  const char *text;       /* its bytes, without the line end */
  size_t length;
  uint64_t line;
  size_t same; /* so many columns have the bytes of the row above, which is of the same purchase;
                  shared cells of them are not filled in: that row has said what they say */
  pur_row_owner owner;
  bool is_left_out;
  bool is_bad;   /* it cannot be read */
  pur_error why; /* why not */
} pur_sales_rows;

/* Opens a file and finds the map's columns, where that can be told at once; a pipe that is read
 * twice is first copied, by pur_sales_rows_prepare. The map is borrowed. After success and after
 * failure pur_sales_rows_close ends it. Errors of pur_table_open, pur_table_begin and pur_map_bind.
 */
pur_status pur_sales_rows_open(pur_sales_rows *rows, const pur_map *map, const char *path,
                               pur_error *error);
void pur_sales_rows_close(pur_sales_rows *rows);

/* Goes on with what opening could not do at once. PUR_END: not done yet. */
pur_status pur_sales_rows_prepare(pur_sales_rows *rows, pur_error *error);

/* Goes back to the first row. */
pur_status pur_sales_rows_rewind(pur_sales_rows *rows, pur_error *error);

/* Reads the next row, also one that cannot be read, or is left out. PUR_END after the last. Errors
 * of pur_table_next other than PUR_INVALID_CSV. */
pur_status pur_sales_rows_next(pur_sales_rows *rows, pur_error *error);

/* Makes the current one of a row that was read before: its bytes, parsed by the caller; and of the
 * one read last again. */
pur_status pur_sales_rows_set(pur_sales_rows *rows, const pur_csv_row *row, const char *text,
                              size_t length, uint64_t line, pur_error *error);
pur_status pur_sales_rows_reset(pur_sales_rows *rows, pur_error *error);

/* The place of a slot's cell in the file; without a cell, of the row. */
pur_place pur_sales_rows_place(const pur_sales_rows *rows, size_t slot);

/* Writes what a slot's column is called, for messages. */
const char *pur_sales_rows_name(const pur_sales_rows *rows, size_t slot, char *out, size_t size);

/* The slot of the first column that rows are grouped by whose cell is empty; else of the first. */
size_t pur_sales_rows_blank(const pur_sales_rows *rows);

/* Tells whether the cells that a rule names are all empty. */
bool pur_sales_rows_lack(const pur_sales_rows *rows, const pur_rule *rule);

#endif

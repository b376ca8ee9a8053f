/* Purchases of a shop out of the rows of a file, as a map says: each as the JSON that is sent.
 *
 * A file whose rows are grouped is read twice. The first reading finds where purchases stand, and
 * what is wrong with the map as a whole; the second one makes them, one after another, with the
 * memory of one. Every row is of one purchase, which is made or refused:
 * - a row that cannot be read refuses the purchase that its group cell names; where nobody can tell
 *   that, the one before it, which it is counted with, and the one behind it;
 * - an empty group cell refuses its row and the purchase right before it, in one;
 * - a purchase whose rows stand apart is refused once, where it begins, with all its rows. */
#ifndef PURCHASES_MAP_SALES_H
#define PURCHASES_MAP_SALES_H

#include "map/sales_fields.h"
#include "map/sales_keys.h"

/* The rows that belong together, as they come. */
typedef struct pur_sales_run {
  bool is_open;
  bool has_key;
  bool is_bad;     /* a row of it is */
  bool ends_stray; /* nobody knows whose its last row is */
  uint64_t stray_line;
  char stray_why[PUR_MESSAGE_SIZE];
  pur_buffer key;
  uint64_t before; /* in the first reading: see pur_sales_keys_begin */
  uint64_t line;   /* of the first row */
  pur_buffer text; /* the rows as they came, with line feeds between */
  bool is_cut;     /* too long to be kept whole */
  pur_buffer held; /* of a map with functions: where each row stands in the text */
} pur_sales_run;

typedef enum pur_sale_kind {
  PUR_SALE_NONE,  /* not yet: the budget is used up */
  PUR_SALE_CALLS, /* not yet: functions are to be called, and their answers given */
  PUR_SALE_GOOD,
  PUR_SALE_REFUSED
} pur_sale_kind;

/* The next purchase. What it points at holds until it is passed. */
typedef struct pur_sale {
  pur_sale_kind kind;
  uint64_t line;     /* of its first row, from 1 */
  const char *text;  /* its JSON; of a refused one its rows, with line feeds between */
  size_t length;     /* and then the key as JSON, behind them */
  size_t key_length; /* 0: it is not known */
  bool is_cut;       /* the rows are more than those */
  pur_issues *wrong; /* what is wrong with a refused one; all it holds may be taken over */
} pur_sale;

typedef enum pur_sales_stage { PUR_SALES_FIRST, PUR_SALES_SECOND } pur_sales_stage;

typedef struct pur_sales {
  pur_map *map;
  pur_sales_rows rows;
  pur_fields fields;
  pur_sales_keys keys;
  pur_sales_run run;
  pur_sales_stage stage;
  uint64_t first_line;
  size_t look_end;   /* behind the last column that the first reading looks at */
  uint64_t passed;   /* purchases, also those before the first line */
  uint64_t left_out; /* rows that `where` and `unless` leave out */
  bool has_row;      /* the row read last is yet to be taken */
  bool is_over;      /* no row is left */
  bool is_closed;    /* the run: it was looked up among the keys */
  bool is_called;    /* functions have answered */
  size_t replayed;   /* held rows that were taken since */
  pur_csv_row again; /* a held row, */
  size_t again_row;  /* one more than which one it is; 0: none */
  pur_buffer values; /* its cells whose quotes had to be undone */
  pur_sale sale;
} pur_sales;

/* Opens a file; `path` as in pur_input_open. Purchases that begin before `first_line` are passed
 * over unseen. The map is kept. PUR_NO_MEMORY; errors of pur_rows_begin, pur_rows_header and
 * pur_map_bind: those of a pipe that is read twice come later. After success and after failure
 * pur_sales_close ends it. */
pur_status pur_sales_open(pur_sales *sales, pur_map *map, const char *path, uint64_t first_line,
                          pur_error *error);
void pur_sales_close(pur_sales *sales);

/* Goes on with the first reading, as far as the budget goes: then it is 0. Errors of it as
 * pur_sales_next. To call this is no need. */
pur_status pur_sales_prepare(pur_sales *sales, size_t *budget, pur_error *error);

/* Finds the next purchase, which stays what comes next until it is passed. Takes off the budget,
 * which counts bytes, what it costs. PUR_END: there is none.
 *
 * PUR_INVALID_MAP: the first reading found that the map cannot be right; `fields.issues` tell all;
 * PUR_FILE_UNREADABLE and errors of pur_sales_open. After an error it may be called again, except
 * PUR_NO_MEMORY, which stays. */
pur_status pur_sales_next(pur_sales *sales, size_t *budget, const pur_sale **sale,
                          pur_error *error);
void pur_sales_pass(pur_sales *sales);

/* Counts the purchases that are left, as far as the budget goes, without making them. */
pur_status pur_sales_count(pur_sales *sales, size_t *budget, uint64_t *count, pur_error *error);

/* The line of the first row that no purchase that was passed has. */
uint64_t pur_sales_line(const pur_sales *sales);

/* For PUR_SALE_CALLS: how many rows the purchase has, and the text of one's cell, both counted from
 * 0. PUR_END: the row has no such cell; PUR_NO_MEMORY. The text holds until the next call. */
size_t pur_sales_row_count(const pur_sales *sales);
pur_status pur_sales_cell(pur_sales *sales, size_t row, size_t column, pur_text *text,
                          pur_error *error);

/* The answer of a function, see pur_fields_answer; or what is wrong with it: a message. */
void pur_sales_answer(pur_sales *sales, pur_answer_of of, const char *json, size_t length);
void pur_sales_complain(pur_sales *sales, size_t row, const char *path, const char *code,
                        const char *message);

#endif

/* The rows of a file that belong together, one run after another. Private to map/: see sales.h. */
#ifndef PURCHASES_MAP_SALES_RUN_H
#define PURCHASES_MAP_SALES_RUN_H

#include "map/sales_fields.h"
#include "map/sales_files.h"
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
  uint64_t hash;   /* of the key; 0: it has none */
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
  pur_sales_member member; /* where the file is one of several */
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

/* Takes off a budget what something costs. */
static inline void pur_sales_spend(size_t *budget, size_t cost) {
  *budget -= *budget < cost ? *budget : cost;
}

#define PUR_ROW_COST 16 /* of any row, beside its bytes */

/* Says what is wrong with the run, about a place in it; without a column, about a whole line. */
void pur_sales_run_complain(pur_sales *sales, pur_place place, const char *code,
                            const char *message);

/* Reads rows into a run until it is whole, which it is when the row behind it is there, or none is.
 * PUR_END: no run is left. `is_whole` false: the budget is used up. Errors of pur_sales_rows_next
 * and pur_sales_keys_begin. */
pur_status pur_sales_run_gather(pur_sales *sales, size_t *budget, bool *is_whole, pur_error *error);

/* PUR_OK, or the failure to remember something of the run, which stays: what is lost cannot be had
 * again. */
pur_status pur_sales_run_check(const pur_sales_run *run, pur_error *error);

/* The held rows: how many there are, and where one stands in the text. */
typedef struct pur_held_row {
  size_t start;
  size_t length;
  uint64_t line;
} pur_held_row;

size_t pur_sales_run_count(const pur_sales_run *run);
const pur_held_row *pur_sales_run_at(const pur_sales_run *run, size_t row);

#endif

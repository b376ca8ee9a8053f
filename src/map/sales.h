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

#include "map/sales_run.h"

/* Opens a file; `path` as in pur_input_open. Purchases that begin before `first_line` are passed
 * over unseen. The map is kept. PUR_NO_MEMORY; errors of pur_table_begin and pur_map_bind: those of
 * a pipe that is read twice come later. After success and after failure pur_sales_close ends it. */
pur_status pur_sales_open(pur_sales *sales, pur_map *map, const char *path, uint64_t first_line,
                          pur_error *error);
void pur_sales_close(pur_sales *sales);

/* To be called before the first reading: the file is one of several, the next behind `before`, or
 * the first: NULL. Of rows that are grouped, the first reading then ends with PUR_DUPLICATE_KEY
 * where a purchase stands in a file before it, too. PUR_NO_MEMORY. */
pur_status pur_sales_join(pur_sales *sales, const pur_sales *before, const char *name,
                          pur_error *error);

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

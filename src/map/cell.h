/* Cells as numbers and dates: what rules and rows of series share. Private to map/. */
#ifndef PURCHASES_MAP_CELL_H
#define PURCHASES_MAP_CELL_H

#include "map/compiled.h"

/* Fails with the cell's text in quotes and why it is refused. */
pur_status pur_cell_fail(const pur_map_cell *cell, pur_status status, const char *why,
                         pur_error *error);

/* PUR_END: the cell is empty; PUR_INVALID_CELL. */
pur_status pur_cell_number(const pur_conversion *how, const pur_map_cell *cell, pur_numeral *number,
                           pur_error *error);
pur_status pur_cell_exact(const pur_conversion *how, const pur_map_cell *cell, pur_exact *exact,
                          pur_error *error);

/* The date of a rule's columns, as written; `with_24`: 24:00 is the next midnight. */
pur_status pur_cell_date(const pur_rule *rule, const pur_map_cell *cells, bool with_24,
                         pur_date_reading *reading, size_t *slot, pur_error *error);

#endif

/* How a series keeps its rows: a column of numbers, and one of times where there is no grid.
 *
 * A number takes 8 bytes: all have the same number of places, that of the longest fraction so far.
 * What does not fit (exponents, -0, more than 18 digits or 12 places) is kept as its text beside
 * the column, and the column has the place of that. Nothing is rounded. */
#ifndef PURCHASES_SERIES_COLUMNS_H
#define PURCHASES_SERIES_COLUMNS_H

#include "base/buffer.h"
#include "number/fixed.h"

/* Zeros at first. The owner ends it with pur_columns_free. */
typedef struct pur_columns {
  unsigned places;   /* of the numbers */
  bool is_full;      /* a number would no longer fit if there were more places */
  pur_buffer values; /* int64_t: up to PUR_FIXED_MOST a number, above it the place of a text */
  pur_buffer texts;  /* each ends with a NUL */
  pur_buffer times;  /* int64_t: instants, as in clock.h; empty where there is a grid */
} pur_columns;

void pur_columns_free(pur_columns *columns);

/* Adds a number. Memory that cannot be had sticks in the buffers: see pur_columns_finish. */
void pur_columns_add(pur_columns *columns, pur_fixed number);

/* Adds a number that pur_fixed_read refuses, by its text, as JSON's grammar has it. */
void pur_columns_add_text(pur_columns *columns, const char *text, size_t length);

/* Room for `rows` more values, to be written there by pur_columns_put and then counted by
 * pur_columns_added. NULL without memory. */
int64_t *pur_columns_reserve(pur_columns *columns, size_t rows);

static inline void pur_columns_added(pur_columns *columns, size_t rows) {
  columns->values.length += rows * sizeof(int64_t);
}

/* False: the number does not fit with these places; pur_columns_add will find a way. */
static inline bool pur_columns_put(unsigned places, pur_fixed number, int64_t *to) {
  if (number.places > places || !pur_fixed_scale(&number, places)) return false;
  *to = number.value;
  return true;
}

/* After the last row: gives back what was reserved in vain. PUR_NO_MEMORY. */
pur_status pur_columns_finish(pur_columns *columns, pur_error *error);

static inline const int64_t *pur_columns_values(const pur_columns *columns) {
  return (const int64_t *)(const void *)columns->values.data;
}

static inline const int64_t *pur_columns_times(const pur_columns *columns) {
  return (const int64_t *)(const void *)columns->times.data;
}

/* The text that a value above PUR_FIXED_MOST stands for, NUL-terminated. */
static inline const char *pur_columns_text(const pur_columns *columns, int64_t value) {
  return columns->texts.data + (value - PUR_FIXED_MOST - 1);
}

#endif

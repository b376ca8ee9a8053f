/* Numbers as the decimals that JSON writes, of any length: compared and divided without rounding.
 */
#ifndef PURCHASES_NUMBER_DECIMAL_H
#define PURCHASES_NUMBER_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* The value 0.DIGITS * 10^exponent. `digits` points into the text, where a point may stand among
 * them; the first and the last are not 0. Zero has none, and no sign. */
typedef struct pur_decimal {
  const char *digits;
  size_t count; /* of digits, the point not counted */
  int64_t exponent;
  bool negative;
} pur_decimal;

/* Reads a number as JSON's grammar has it; false, with `value` in any state: the text is none. It
 * must outlive the decimal. Exponents of more than 17 digits are taken for one of 17. */
bool pur_decimal_read(const char *text, size_t length, pur_decimal *value);

/* Returns one digit after the other, and then zeros: `at` and `left` begin as `digits` and `count`.
 */
int pur_decimal_next(const char **at, size_t *left);

/* Less than, equal to or more than 0, as `a` is to `b`. */
int pur_decimal_compare(const pur_decimal *a, const pur_decimal *b);

/* What pur_decimal_is_multiple can divide by: more than 0, with at most 18 digits. */
bool pur_decimal_is_divisor(const pur_decimal *divisor);
bool pur_decimal_is_multiple(const pur_decimal *value, const pur_decimal *divisor);

/* Appends the value in the one form that all its spellings have in common. */
void pur_decimal_write(const pur_decimal *value, pur_buffer *out);

#endif

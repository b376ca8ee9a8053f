/* Numbers as decimal text, on which no locale has a say: doubles, exactly, so that what is written
 * reads back as the very same double; and the decimals that JSON writes, of any length, compared
 * and divided without rounding. */
#ifndef PURCHASES_NUMBER_H
#define PURCHASES_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

#define PUR_NUMBER_SIZE 32

/* Writes the shortest rounding of `value` that reads back as it and returns its length. (For some
 * powers of two there is a text one digit shorter, which is not the nearest to them.) It is laid
 * out as ECMAScript does: 0.000001 and 100000000000000000000 in full, 1e-7 and 1e+21 with an
 * exponent; but the sign of -0 is kept. `value` is finite. The text is not NUL-terminated; all of
 * `out` may be written to. */
size_t pur_number_write(double value, char out[PUR_NUMBER_SIZE]);

/* Reads a number as JSON's grammar has it to the nearest double (halfway: to the even one).
 * False, with `value` untouched, for any other text and for what no finite double is near to
 * (1e400). */
bool pur_number_read(const char *text, size_t length, double *value);

/* Decimals */

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

/* One digit after the other, and then zeros: `at` and `left` begin as `digits` and `count`. */
int pur_decimal_next(const char **at, size_t *left);

/* Less than, equal to or more than 0, as `a` is to `b`. */
int pur_decimal_compare(const pur_decimal *a, const pur_decimal *b);

/* What pur_decimal_is_multiple can divide by: more than 0, with at most 18 digits. */
bool pur_decimal_is_divisor(const pur_decimal *divisor);
bool pur_decimal_is_multiple(const pur_decimal *value, const pur_decimal *divisor);

/* Appends the value in the one form that all its spellings have in common. */
void pur_decimal_write(const pur_decimal *value, pur_buffer *out);

#endif

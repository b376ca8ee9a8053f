/* Doubles as decimal text and back, exactly: what is written reads back as the very same double,
 * and no locale has a say in it. */
#ifndef PURCHASES_NUMBER_H
#define PURCHASES_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

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

#endif

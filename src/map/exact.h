/* Decimals of up to 36 digits, computed with exactly: sums, products, rounding where it is asked
 * for. What does not fit is told, never wrong. */
#ifndef PURCHASES_MAP_EXACT_H
#define PURCHASES_MAP_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "number/fixed.h"

#define PUR_EXACT_DIGITS 36
#define PUR_EXACT_SIZE 48 /* bytes that writing one may take */

__extension__ typedef __int128 pur_int128;

/* value / 10^places. Zeros behind the point may stand at the end; zero has no sign. */
typedef struct pur_exact {
  pur_int128 value; /* fewer than 10^36 either way */
  unsigned places;  /* 0..36 */
} pur_exact;

/* Each is false, with `result` in any state, where the result has more digits or places than fit.
 */
bool pur_exact_add(pur_exact *sum, const pur_exact *other);
bool pur_exact_multiply(pur_exact *product, const pur_exact *other);
bool pur_exact_scale(pur_exact *number, unsigned places); /* to at least as many */
bool pur_exact_shift(pur_exact *number, int tens);        /* times 10^tens, exactly */

/* Takes away zeros that end the fraction. */
void pur_exact_trim(pur_exact *number);

/* Rounds to `places`, half away from zero. */
void pur_exact_round(pur_exact *number, unsigned places);

/* Writes the number plainly, without zeros that end its fraction, and returns its length, at most
 * PUR_EXACT_SIZE. */
size_t pur_exact_write(const pur_exact *number, char out[PUR_EXACT_SIZE]);

/* The same number with as few places as it has; false: it does not fit. */
bool pur_exact_to_fixed(const pur_exact *exact, pur_fixed *number);

#endif

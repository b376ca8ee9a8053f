#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "number/decimal.h"
#include "number/fixed.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87: -mfpmath=sse)");

#define EXACT_INTEGERS (INT64_C(1) << 53)

/* No more than 768 digits decide how a double is rounded; any digit that is not zero behind them
 * stands for all the rest. */
#define DECISIVE_DIGITS 768

bool pur_number_read(const char *text, size_t length, double *value) {
  pur_fixed fixed;
  char digits[DECISIVE_DIGITS + 32];
  pur_decimal number;
  size_t count = 0, left;
  const char *at;
  int64_t exponent;
  double result;
  /* The short road, for what people write: both integers are exact doubles, so that one division
   * rounds once (William Clinger, "How to Read Floating Point Numbers Accurately"). */
  if (pur_fixed_read(text, length, &fixed) && fixed.value <= EXACT_INTEGERS &&
      fixed.value >= -EXACT_INTEGERS) {
    *value = (double)fixed.value / (double)pur_tens[fixed.places];
    return true;
  }
  if (!pur_decimal_read(text, length, &number)) return false;
  /* The digits stand without a point, so that no locale can misread them. */
  for (at = number.digits, left = number.count; left > 0 && count < DECISIVE_DIGITS; count++)
    digits[count] = (char)('0' + pur_decimal_next(&at, &left));
  if (left > 0) digits[count++] = '1';
  exponent = number.exponent - (int64_t)count;
  if (exponent > 9999) exponent = 9999;
  if (exponent < -9999) exponent = -9999;
  (void)snprintf(digits + count, sizeof digits - count, "e%d", (int)exponent);
  result = count > 0 ? strtod(digits, NULL) : 0;
  if (isinf(result)) return false;
  *value = *text == '-' ? -result : result;
  return true;
}

#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "number/fixed.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87: -mfpmath=sse)");

#define EXACT_INTEGERS (INT64_C(1) << 53)
#define BEYOND_ANY_TEXT 100000000000000000 /* an exponent that no number of digits makes up for */

/* No more than 768 digits decide how a double is rounded; any digit that is not zero behind them
 * stands for all the rest. */
#define DECISIVE_DIGITS 768

/* A number's digits without a point, so that no locale can misread them: DIGITS * 10^exponent. */
typedef struct decimal {
  char digits[DECISIVE_DIGITS + 32]; /* without zeros in front; later with the exponent */
  size_t count;
  int64_t exponent;
  bool rest; /* a digit that was left out is not zero */
} decimal;

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Copies the digits at `text`; returns where they end. */
static const char *copy_digits(decimal *number, const char *text, const char *end,
                               bool is_fraction) {
  for (; text < end && is_digit(*text); text++) {
    bool is_decisive = number->count < DECISIVE_DIGITS;
    if (!is_decisive)
      number->rest |= *text != '0';
    else if (*text != '0' || number->count > 0)
      number->digits[number->count++] = *text;
    number->exponent += !is_decisive - is_fraction;
  }
  return text;
}

/* False: the text is no exponent. */
static bool add_exponent(decimal *number, const char *text, const char *end) {
  int64_t exponent = 0;
  bool negative = text < end && *text == '-';
  if (text < end && (*text == '-' || *text == '+')) text++;
  if (text == end) return false;
  for (; text < end && is_digit(*text); text++)
    if (exponent < BEYOND_ANY_TEXT) exponent = exponent * 10 + (*text - '0');
  number->exponent += negative ? -exponent : exponent;
  return text == end;
}

bool pur_number_read(const char *text, size_t length, double *value) {
  pur_fixed fixed;
  decimal number = {.count = 0};
  const char *end = text + length, *whole, *at;
  bool negative = length != 0 && *text == '-';
  double result;
  /* The short road, for what people write: both integers are exact doubles, so that one division
   * rounds once (William Clinger, "How to Read Floating Point Numbers Accurately"). */
  if (pur_fixed_read(text, length, &fixed) && fixed.value <= EXACT_INTEGERS &&
      fixed.value >= -EXACT_INTEGERS) {
    *value = (double)fixed.value / (double)pur_tens[fixed.places];
    return true;
  }
  whole = text + negative;
  at = copy_digits(&number, whole, end, false);
  if (at == whole || (*whole == '0' && at - whole > 1)) return false;
  if (at < end && *at == '.') {
    const char *fraction = at + 1;
    at = copy_digits(&number, fraction, end, true);
    if (at == fraction) return false;
  }
  if (at < end && (*at | 0x20) != 'e') return false;
  if (at < end && !add_exponent(&number, at + 1, end)) return false;
  if (number.rest) number.digits[number.count++] = '1', number.exponent--;
  if (number.exponent > 9999) number.exponent = 9999;
  if (number.exponent < -9999) number.exponent = -9999;
  (void)snprintf(number.digits + number.count, sizeof number.digits - number.count, "e%d",
                 (int)number.exponent);
  result = strtod(number.digits, NULL);
  if (isinf(result)) return false;
  *value = negative ? -result : result;
  return true;
}

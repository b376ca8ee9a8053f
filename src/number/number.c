#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "number/decimal.h"
#include "number/fixed.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87: -mfpmath=sse)");

/* Reading */

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

/* Writing */

#define DIGITS 17 /* as many tell any two doubles apart */
#define ROOM 48   /* of a text as printf writes it, whatever the locale has for a point */

/* The digits of a positive double, without zeros that end them, and its exponent: D.DDD * 10^e.
 * Both printf and strtod go by the locale, so that they agree on what stands for the point; here
 * it is passed over. Returns how many. */
static int find_digits(double value, char digits[DIGITS], int *exponent) {
  char text[ROOM];
  const char *at = text;
  int most = value < DBL_MIN ? 1 : DBL_DIG, count = 0;
  do (void)snprintf(text, sizeof text, "%.*e", most - 1, value);
  while (strtod(text, NULL) != value && most++ < DIGITS);
  for (; *at != 'e'; at++)
    if (pur_text_is_digit(*at) && count < DIGITS) digits[count++] = *at;
  while (count > 1 && digits[count - 1] == '0') count--;
  *exponent = (int)strtol(at + 1, NULL, 10);
  return count;
}

/* `head` digits, and the others behind a point. */
static char *put_split(char *out, const char *digits, int count, int head) {
  memcpy(out, digits, (size_t)head);
  out += head;
  if (count == head) return out;
  *out++ = '.';
  memcpy(out, digits + head, (size_t)(count - head));
  return out + count - head;
}

static char *put_zeros(char *out, int count) {
  memset(out, '0', (size_t)count);
  return out + count;
}

/* Lays the number out as ECMAScript's Number::toString does. */
static char *put_number(char *out, double value) {
  char digits[DIGITS];
  int exponent, count = find_digits(value, digits, &exponent), point = exponent + 1;
  if (point > 21 || point <= -6) {
    out = put_split(out, digits, count, 1);
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    return pur_fixed_write(out, abs(exponent), 0);
  }
  if (point >= count) return put_zeros(put_split(out, digits, count, count), point - count);
  if (point > 0) return put_split(out, digits, count, point);
  memcpy(out, "0.", 2);
  return put_split(put_zeros(out + 2, -point), digits, count, count);
}

size_t pur_number_write(double value, char out[PUR_NUMBER_SIZE]) {
  pur_fixed number;
  char *at = out;
  if (pur_fixed_from_double(value, &number))
    return (size_t)(pur_fixed_write(out, number.value, number.places) - out);
  if (signbit(value)) *at++ = '-';
  if (value == 0)
    *at++ = '0';
  else
    at = put_number(at, fabs(value));
  return (size_t)(at - out);
}

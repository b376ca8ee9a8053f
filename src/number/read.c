#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number/powers.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87: -mfpmath=sse)");

/* What a text says: `digits` * 10^`exponent`, with the first 19 significant digits in `digits`. */
typedef struct decimal {
  const char *text; /* the digits, with the point among them, and where they end */
  const char *end;
  bool negative;
  bool cut;         /* a digit that was left out is not zero */
  uint64_t digits;  /* less than 10^19 */
  int64_t left_out; /* digits left out before the exponent: counted in it */
  int64_t exponent;
} decimal;

#define NINETEEN_DIGITS 1000000000000000000u /* the least number that has so many */
#define BEYOND_ANY_TEXT 100000000000000000   /* an exponent that no number of digits makes up for */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static const char *read_digits(decimal *number, const char *text, const char *end) {
  for (; text < end && is_digit(*text); text++) {
    if (number->digits < NINETEEN_DIGITS) {
      number->digits = number->digits * 10 + (uint64_t)(*text - '0');
    } else {
      number->left_out++;
      number->cut |= *text != '0';
    }
  }
  return text;
}

/* NULL: not an exponent. */
static const char *read_exponent(decimal *number, const char *text, const char *end) {
  int64_t exponent = 0;
  bool negative = text < end && *text == '-';
  if (text < end && (*text == '-' || *text == '+')) text++;
  if (text == end || !is_digit(*text)) return NULL;
  for (; text < end && is_digit(*text); text++)
    if (exponent < BEYOND_ANY_TEXT) exponent = exponent * 10 + (*text - '0');
  number->exponent += negative ? -exponent : exponent;
  return text;
}

static bool parse(decimal *number, const char *text, size_t length) {
  const char *end = text + length, *at, *point;
  memset(number, 0, sizeof *number);
  number->negative = length != 0 && *text == '-';
  number->text = text + number->negative;
  at = read_digits(number, number->text, end);
  if (at == number->text || (*number->text == '0' && at - number->text > 1)) return false;
  if (at < end && *at == '.') {
    point = at;
    at = read_digits(number, point + 1, end);
    if (at == point + 1) return false;
    number->exponent = point + 1 - at;
  }
  number->end = at;
  number->exponent += number->left_out;
  if (at < end && (*at == 'e' || *at == 'E')) at = read_exponent(number, at + 1, end);
  return at == end;
}

/* The short road: both integers are exact doubles, so that one division rounds once (William
 * Clinger, "How to Read Floating Point Numbers Accurately"). */
static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_short(const decimal *number) {
  return number->digits <= (uint64_t)1 << 53 && number->exponent <= 0 && number->exponent >= -22;
}

/* The general road, exact at any length.
 *
 * No more than 768 digits decide how a double is rounded; any digit that is not zero behind them
 * stands for all the rest. The copy has an exponent but no point, so no locale can misread it. */
#define DECISIVE_DIGITS 768

static double read_exactly(const decimal *number) {
  char copy[DECISIVE_DIGITS + 32];
  size_t count = 0;
  int64_t exponent = number->exponent - number->left_out;
  bool rest = false;
  for (const char *at = number->text; at < number->end; at++) {
    if (*at == '.' || (*at == '0' && count == 0)) continue;
    if (count < DECISIVE_DIGITS) {
      copy[count++] = *at;
    } else {
      exponent++;
      rest |= *at != '0';
    }
  }
  if (rest) copy[count++] = '1', exponent--;
  if (exponent > 9999) exponent = 9999;
  if (exponent < -9999) exponent = -9999;
  (void)snprintf(copy + count, sizeof copy - count, "e%d", (int)exponent);
  return strtod(copy, NULL);
}

/* The fast road, for nearly all the others: Daniel Lemire, "Number Parsing at a Gigabyte per
 * Second" (Eisel-Lemire).
 *
 * `digits`, shifted up until its first bit is set, times the 128 bits of the power of ten gives 192
 * bits. The true product is not less, and by less than one in the middle word more. So the upper
 * word, with 63 or 64 bits, nearly always tells the 53 bits of the double and how to round them. */
typedef struct product {
  uint64_t high, middle, low;
} product;

static product multiply(uint64_t digits, pur_power power) {
  pur_wide high = pur_multiply(digits, power.high);
  pur_wide low = pur_multiply(digits, power.low);
  product result = {high.high, high.low + low.high, low.low};
  result.high += result.middle < low.high;
  return result;
}

/* Is the upper word to be rounded up at its last `bits` bits? False in `sure`: 192 bits cannot
 * tell. */
static bool rounds_up(product value, int bits, int exponent, bool *sure) {
  uint64_t rest = value.high & (((uint64_t)1 << bits) - 1);
  uint64_t half = (uint64_t)1 << (bits - 1);
  *sure = rest != half - 1 || value.middle != UINT64_MAX;
  if (rest != half || value.middle != 0 || value.low != 0) return rest >= half;
  return !pur_power_is_exact(exponent) || (value.high >> bits & 1) != 0;
}

static double assemble(uint64_t mantissa, int exponent) {
  uint64_t bits = (uint64_t)exponent << 52 | (mantissa & 0xFFFFFFFFFFFFFu);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* False: take the general road. That is also where subnormal and infinite results are told. */
static bool scale(uint64_t digits, int64_t exponent, double *value) {
  int shift, bits, binary;
  uint64_t mantissa;
  product all;
  bool sure;
  *value = 0;
  if (digits == 0) return true;
  if (exponent < PUR_POWER_LEAST || exponent > PUR_POWER_GREATEST) return false;
  shift = __builtin_clzll(digits);
  all = multiply(digits << shift, pur_power_of_ten((int)exponent));
  bits = 10 + (int)(all.high >> 63);
  mantissa = (all.high >> bits) + rounds_up(all, bits, (int)exponent, &sure);
  binary = pur_power_log2((int)exponent) + 1 - shift + bits + 52 + 1023;
  if (mantissa >> 53 != 0) mantissa >>= 1, binary++;
  *value = assemble(mantissa, binary);
  return sure && binary > 0 && binary < 2047;
}

/* Of digits that were cut off is known only that they are less than one more in `digits`. */
static double read_decimal(const decimal *number) {
  double value, above;
  if (is_short(number)) return (double)(int64_t)number->digits / tens[-number->exponent];
  if (!scale(number->digits, number->exponent, &value)) return read_exactly(number);
  if (!number->cut) return value;
  if (scale(number->digits + 1, number->exponent, &above) && above == value) return value;
  return read_exactly(number);
}

bool pur_number_read(const char *text, size_t length, double *value) {
  decimal number;
  double result;
  if (!parse(&number, text, length)) return false;
  result = read_decimal(&number);
  if (isinf(result)) return false;
  *value = number.negative ? -result : result;
  return true;
}

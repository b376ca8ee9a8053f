#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87: -mfpmath=sse)");

/* What a text says: `digits` * 10^`exponent`, where all of its digits fit. */
typedef struct decimal {
  const char *text; /* the digits, with the point among them, and where they end */
  const char *end;
  bool negative;
  bool cut; /* more digits than fit */
  uint64_t digits;
  int64_t exponent;
} decimal;

#define NINETEEN_DIGITS 1000000000000000000u /* the least number that has so many */
#define BEYOND_ANY_TEXT 100000000000000000   /* an exponent that no number of digits makes up for */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static const char *read_digits(decimal *number, const char *text, const char *end) {
  for (; text < end && is_digit(*text); text++) {
    if (number->digits < NINETEEN_DIGITS)
      number->digits = number->digits * 10 + (uint64_t)(*text - '0');
    else
      number->cut = true;
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
  if (at < end && (*at == 'e' || *at == 'E')) at = read_exponent(number, at + 1, end);
  return at == end;
}

/* The short road, for what people write: both integers are exact doubles, so that one division
 * rounds once (William Clinger, "How to Read Floating Point Numbers Accurately"). */
static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_short(const decimal *number) {
  return !number->cut && number->digits <= (uint64_t)1 << 53 && number->exponent <= 0 &&
         number->exponent >= -22;
}

/* The general road, exact at any length.
 *
 * No more than 768 digits decide how a double is rounded; any digit that is not zero behind them
 * stands for all the rest. The copy has an exponent but no point, so no locale can misread it. */
#define DECISIVE_DIGITS 768

static double read_exactly(const decimal *number) {
  char copy[DECISIVE_DIGITS + 32];
  size_t count = 0;
  int64_t exponent = number->exponent;
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

bool pur_number_read(const char *text, size_t length, double *value) {
  decimal number;
  double result;
  if (!parse(&number, text, length)) return false;
  result = is_short(&number) ? (double)(int64_t)number.digits / tens[-number.exponent]
                             : read_exactly(&number);
  if (isinf(result)) return false;
  *value = number.negative ? -result : result;
  return true;
}

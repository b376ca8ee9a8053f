#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "number/fixed.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87: -mfpmath=sse)");

/* Decimals */

#define BEYOND_ANY_TEXT 100000000000000000 /* an exponent that no number of digits makes up for */

static const char *pass_digits(const char *text, const char *end) {
  while (text < end && pur_text_is_digit(*text)) text++;
  return text;
}

/* Adds what stands behind `e` or `E`; false: that is no exponent. */
static bool add_exponent(pur_decimal *value, const char *text, const char *end) {
  int64_t exponent = 0;
  bool negative = text < end && *text == '-';
  if (text < end && (*text == '-' || *text == '+')) text++;
  if (text == end || pass_digits(text, end) != end) return false;
  for (; text < end; text++)
    if (exponent < BEYOND_ANY_TEXT) exponent = exponent * 10 + (*text - '0');
  value->exponent += negative ? -exponent : exponent;
  return true;
}

bool pur_decimal_read(const char *text, size_t length, pur_decimal *value) {
  const char *end = text + length, *begin = text + (length > 0 && *text == '-');
  const char *point = pass_digits(begin, end), *last = point, *first = begin;
  *value = (pur_decimal){.negative = begin > text, .exponent = point - begin};
  if (point == begin || (*begin == '0' && point > begin + 1)) return false;
  if (point < end && *point == '.') {
    last = pass_digits(point + 1, end);
    if (last == point + 1) return false;
  }
  if (last < end && ((*last | 0x20) != 'e' || !add_exponent(value, last + 1, end))) return false;
  for (; first < last && (*first == '0' || *first == '.'); first++)
    value->exponent -= first != point;
  if (first == last) {
    *value = (pur_decimal){0};
    return true;
  }
  while (last[-1] == '0' || last[-1] == '.') last--;
  value->digits = first;
  value->count = (size_t)(last - first) - (first < point && point < last);
  return true;
}

int pur_decimal_next(const char **at, size_t *left) {
  if (*left == 0) return 0;
  if (**at == '.') ++*at;
  --*left;
  return *(*at)++ - '0';
}

static int compare_digits(const pur_decimal *a, const pur_decimal *b) {
  const char *at_a = a->digits, *at_b = b->digits;
  size_t left_a = a->count, left_b = b->count;
  while (left_a != 0 || left_b != 0) {
    int difference = pur_decimal_next(&at_a, &left_a) - pur_decimal_next(&at_b, &left_b);
    if (difference != 0) return difference;
  }
  return 0;
}

static int compare_sizes(const pur_decimal *a, const pur_decimal *b) {
  if (a->count == 0 || b->count == 0) return (a->count != 0) - (b->count != 0);
  if (a->exponent != b->exponent) return a->exponent < b->exponent ? -1 : 1;
  return compare_digits(a, b);
}

int pur_decimal_compare(const pur_decimal *a, const pur_decimal *b) {
  if (a->negative != b->negative) return a->negative ? -1 : 1;
  return a->negative ? compare_sizes(b, a) : compare_sizes(a, b);
}

/* Division */

/* The digits as one whole number, modulo m, which is at most MODULUS. */
#define MODULUS 1000000000000000000u

static uint64_t digits_modulo(const pur_decimal *value, uint64_t m) {
  const char *at = value->digits;
  size_t left = value->count;
  uint64_t result = 0;
  while (left != 0) {
    if (result >= MODULUS) result %= m;
    result = result * 10 + (uint64_t)pur_decimal_next(&at, &left);
  }
  return result % m;
}

/* The power of ten of the last digit. */
static int64_t last_place(const pur_decimal *value) {
  return value->exponent - (int64_t)value->count;
}

bool pur_decimal_is_divisor(const pur_decimal *divisor) {
  return !divisor->negative && divisor->count > 0 && divisor->count <= 18;
}

/* The value is v * 10^i, the divisor d * 10^j, where neither v nor d ends in 0. If i < j, the
 * quotient v / (d * 10^(j - i)) is not whole, or v would end in 0. Of 10^(i - j), no more than 63
 * twos and fives can matter to d. */
bool pur_decimal_is_multiple(const pur_decimal *value, const pur_decimal *divisor) {
  uint64_t d = digits_modulo(divisor, MODULUS), rest;
  int64_t tens = last_place(value) - last_place(divisor);
  if (value->count == 0 || tens < 0 || d == 0) return value->count == 0;
  rest = digits_modulo(value, d);
  for (int64_t i = 0; i < tens && i < 64 && rest != 0; i++) rest = rest * 10 % d;
  return rest == 0;
}

void pur_decimal_write(const pur_decimal *value, pur_buffer *out) {
  char exponent[24];
  const char *at = value->digits;
  size_t left = value->count;
  int length = snprintf(exponent, sizeof exponent, "e%lld",
                        (long long)(value->count != 0 ? last_place(value) : 0));
  if (value->negative) pur_buffer_append_literal(out, "-");
  while (left != 0) {
    char digit = (char)('0' + pur_decimal_next(&at, &left));
    pur_buffer_append(out, &digit, 1);
  }
  pur_buffer_append(out, exponent, (size_t)length);
}

/* Reading doubles */

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

/* Writing doubles */

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

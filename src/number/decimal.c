#include "number/decimal.h"

#include <stdio.h>
#include <string.h>

#define BEYOND_ANY_TEXT 100000000000000000 /* an exponent that no number of digits makes up for */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* What stands behind `e` or `E`. */
static int64_t read_exponent(const char *text, const char *end) {
  int64_t exponent = 0;
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  for (; text < end; text++)
    if (exponent < BEYOND_ANY_TEXT) exponent = exponent * 10 + (*text - '0');
  return negative ? -exponent : exponent;
}

/* The digits of [text, end), in which at most one point stands. */
static void read_digits(pur_decimal *value, const char *text, const char *end) {
  const char *point = memchr(text, '.', (size_t)(end - text)), *last = end;
  int64_t whole = (point != NULL ? point : end) - text; /* digits before the point */
  while (text < end && !(is_digit(*text) && *text != '0')) {
    whole -= is_digit(*text);
    text++;
  }
  if (text == end) return;
  while (!(is_digit(last[-1]) && last[-1] != '0')) last--;
  value->digits = text;
  value->count = (size_t)(last - text) - (point != NULL && point > text && point < last);
  value->exponent += whole;
}

pur_decimal pur_decimal_read(const char *text, size_t length) {
  pur_decimal value = {NULL, 0, 0, false};
  const char *end = text + length, *mantissa = end;
  bool negative = *text == '-';
  for (const char *at = text; at < end; at++) {
    if ((*at | 0x20) != 'e') continue;
    value.exponent = read_exponent(at + 1, end);
    mantissa = at;
    break;
  }
  read_digits(&value, text + negative, mantissa);
  value.negative = negative && value.count != 0;
  if (value.count == 0) value.exponent = 0;
  return value;
}

/* The digits of a decimal, one after the other, and then zeros. */
static int next_digit(const char **at, size_t *left) {
  if (*left == 0) return 0;
  if (**at == '.') ++*at;
  --*left;
  return *(*at)++ - '0';
}

static int compare_digits(const pur_decimal *a, const pur_decimal *b) {
  const char *at_a = a->digits, *at_b = b->digits;
  size_t left_a = a->count, left_b = b->count;
  while (left_a != 0 || left_b != 0) {
    int difference = next_digit(&at_a, &left_a) - next_digit(&at_b, &left_b);
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
  while (left != 0) result = (result * 10 + (uint64_t)next_digit(&at, &left)) % m;
  return result;
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
  if (value->negative) pur_buffer_append_literal(out, "-");
  while (left != 0) {
    char digit = (char)('0' + next_digit(&at, &left));
    pur_buffer_append(out, &digit, 1);
  }
  pur_buffer_append(out, exponent,
                    (size_t)snprintf(exponent, sizeof exponent, "e%lld",
                                     (long long)(value->count != 0 ? last_place(value) : 0)));
}

#include "number/decimal.h"

#include <stdio.h>

#include "base/text.h"

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

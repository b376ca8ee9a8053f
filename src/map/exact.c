#include "map/exact.h"

#include <string.h>

#define MOST ((pur_int128)1000000000000000000 * 1000000000000000000) /* 10^36 */
#define TENS 18 /* the largest power of ten that a word holds */

static pur_int128 ten_to(unsigned power) {
  pur_int128 tens = (pur_int128)pur_tens[power > TENS ? TENS : power];
  return power > TENS ? tens * (pur_int128)pur_tens[power - TENS] : tens;
}

static bool fits(pur_int128 value) {
  return value < MOST && value > -MOST;
}

static pur_int128 size_of(pur_int128 value) {
  return value < 0 ? -value : value;
}

/* Is the number so small that the product of two of its kind fits? Most are; to divide 128 bits
 * takes longer than all the rest. */
static bool is_small(pur_int128 value) {
  return value <= PUR_FIXED_MOST && value >= -PUR_FIXED_MOST;
}

/* The compiler's own check of an overflow wants a library that not every linker has. */
static bool multiply(pur_int128 *value, pur_int128 by) {
  if (is_small(*value) && is_small(by)) {
    *value *= by;
    return true;
  }
  if (*value != 0 && by != 0 && size_of(*value) > (MOST - 1) / size_of(by)) return false;
  *value *= by;
  return true;
}

bool pur_exact_scale(pur_exact *number, unsigned places) {
  if (places <= number->places) return true;
  if (places > PUR_EXACT_DIGITS || !multiply(&number->value, ten_to(places - number->places)))
    return false;
  number->places = places;
  return true;
}

bool pur_exact_add(pur_exact *sum, const pur_exact *other) {
  pur_exact scaled = *other;
  if (scaled.places != sum->places &&
      (!pur_exact_scale(sum, scaled.places) || !pur_exact_scale(&scaled, sum->places)))
    return false;
  sum->value += scaled.value; /* twice 10^36 is far below what 128 bits hold */
  return fits(sum->value);
}

bool pur_exact_multiply(pur_exact *product, const pur_exact *other) {
  pur_exact a = *product, b = *other;
  if (is_small(a.value) && is_small(b.value) && a.places + b.places <= PUR_EXACT_DIGITS) {
    product->value = (pur_int128)(int64_t)a.value * (int64_t)b.value;
    product->places = a.places + b.places;
    return true;
  }
  pur_exact_trim(&a);
  pur_exact_trim(&b);
  if (a.places + b.places > PUR_EXACT_DIGITS || !multiply(&a.value, b.value)) return false;
  *product = (pur_exact){a.value, a.places + b.places};
  return true;
}

bool pur_exact_shift(pur_exact *number, int tens) {
  if (number->value == 0) return true;
  if (tens < 0) {
    if (number->places + (unsigned)-tens > PUR_EXACT_DIGITS) pur_exact_trim(number);
    if (number->places + (unsigned)-tens > PUR_EXACT_DIGITS) return false;
    number->places += (unsigned)-tens;
    return true;
  }
  if ((unsigned)tens > PUR_EXACT_DIGITS) return false;
  if ((unsigned)tens <= number->places) {
    number->places -= (unsigned)tens;
    return true;
  }
  if (!multiply(&number->value, ten_to((unsigned)tens - number->places))) return false;
  number->places = 0;
  return true;
}

void pur_exact_trim(pur_exact *number) {
  if (number->value == 0) number->places = 0;
  while (number->places > 0 && !is_small(number->value) && number->value % 10 == 0)
    number->value /= 10, number->places--;
  if (is_small(number->value)) {
    int64_t value = (int64_t)number->value;
    while (number->places > 0 && value % 10 == 0) value /= 10, number->places--;
    number->value = value;
  }
}

void pur_exact_round(pur_exact *number, unsigned places) {
  pur_int128 unit, rest;
  const int away = number->value < 0 ? -1 : 1;
  if (number->places <= places) return;
  unit = ten_to(number->places - places);
  rest = size_of(number->value % unit);
  number->value /= unit;
  if (rest * 2 >= unit) number->value += away;
  number->places = places;
}

size_t pur_exact_write(const pur_exact *number, char out[PUR_EXACT_SIZE]) {
  pur_exact left = *number;
  char digits[PUR_EXACT_SIZE], *end = digits + sizeof digits, *at = end, *to = out;
  pur_int128 size;
  if (is_small(left.value) && left.places <= TENS)
    return (size_t)(pur_fixed_write(out, (int64_t)left.value, left.places) - out);
  pur_exact_trim(&left);
  size = size_of(left.value);
  for (unsigned place = 0; place <= left.places || size != 0; place++, size /= 10) {
    if (place > 0 && place == left.places) *--at = '.';
    *--at = (char)('0' + (int)(size % 10));
  }
  if (left.value < 0) *to++ = '-';
  memcpy(to, at, (size_t)(end - at));
  return (size_t)(to - out) + (size_t)(end - at);
}

bool pur_exact_to_fixed(const pur_exact *exact, pur_fixed *number) {
  pur_exact left = *exact;
  pur_exact_trim(&left);
  if (left.places > PUR_FIXED_PLACES || size_of(left.value) > PUR_FIXED_MOST) return false;
  *number = (pur_fixed){(int64_t)left.value, left.places};
  return true;
}

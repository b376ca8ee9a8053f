/* Decimals with a fixed number of places as integers: what nearly every purchase is.
 *
 * `value` / 10^`places`, of up to 18 digits and 12 places, so that 12.345 is 12345 with 3 places.
 * Nothing is rounded on the way in or out. Zero has no sign. */
#ifndef PURCHASES_NUMBER_FIXED_H
#define PURCHASES_NUMBER_FIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PUR_FIXED_MOST INT64_C(999999999999999999)
#define PUR_FIXED_PLACES 12
#define PUR_FIXED_SIZE 24 /* bytes that writing a number may touch */

typedef struct pur_fixed {
  int64_t value;
  unsigned places;
} pur_fixed;

/* 10^0 to 10^18. */
extern const uint64_t pur_tens[19];

/* 000 to 999, and behind each how long it is without the zeros that end it. */
extern const char pur_threes[1000][4];

/* Reads a number as JSON's grammar has it, less zeros that end its fraction. False for any other
 * text, and for what does not fit: exponents, -0, more digits or places. */
bool pur_fixed_read(const char *text, size_t length, pur_fixed *number);

/* The decimal that a double was read from, if it has up to 15 digits and 6 places. False for any
 * other double, and for -0. */
bool pur_fixed_from_double(double value, pur_fixed *number);

/* Gives the number at least as many places as it has. False, with the number untouched: it does not
 * fit. */
static inline bool pur_fixed_scale(pur_fixed *number, unsigned places) {
  int64_t scaled;
  if (__builtin_mul_overflow(number->value, (int64_t)pur_tens[places - number->places], &scaled) ||
      scaled > PUR_FIXED_MOST || scaled < -PUR_FIXED_MOST)
    return false;
  *number = (pur_fixed){scaled, places};
  return true;
}

/* As pur_fixed_write, of any size and without the sign. */
char *pur_fixed_write_size(char *out, uint64_t size, unsigned places);

/* Less than 1000, without zeros in front; four bytes are written. */
static inline char *pur_fixed_put_short(char *out, uint32_t value) {
  uint32_t zeros = (value < 100) + (value < 10);
  memcpy(out, pur_threes[value] + zeros, 4);
  return out + 3 - zeros;
}

/* Writes the number without zeros that end its fraction and returns where it ends, at most
 * PUR_FIXED_SIZE bytes further, all of which may be written to. Numbers below a million with up to
 * three places, which most are, are written in place: a call would take longer than they do. */
static inline char *pur_fixed_write(char *out, int64_t value, unsigned places) {
  uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
  uint32_t thousandths, whole, part;
  *out = '-';
  out += value < 0;
  if (places > 3 || size >= pur_tens[6 + places]) return pur_fixed_write_size(out, size, places);
  thousandths = (uint32_t)(size * pur_tens[3 - places]);
  whole = thousandths / 1000;
  part = thousandths % 1000;
  if (whole >= 1000) {
    out = pur_fixed_put_short(out, whole / 1000);
    memcpy(out, pur_threes[whole % 1000], 4);
    out += 3;
  } else {
    out = pur_fixed_put_short(out, whole);
  }
  *out = '.';
  memcpy(out + 1, pur_threes[part], 4);
  return out + (part != 0) + pur_threes[part][3];
}

#endif

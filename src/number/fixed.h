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

/* 000 to 999 for behind a point, and how long each is with the point but without the zeros that
 * end it. */
extern const char pur_thousandths[1000][4];

/* 0 to 999 for before it, and how long each is. */
extern const char pur_wholes[1000][4];

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

/* Writes the number without zeros that end its fraction and returns where it ends, at most
 * PUR_FIXED_SIZE bytes further, all of which may be written to. */
char *pur_fixed_write(char *out, int64_t value, unsigned places);

/* The short numbers, which most are: from 0 to below a thousand, with up to three places. They are
 * looked up, which takes a third of the time that a loop over their digits takes. */
typedef struct pur_fixed_short {
  uint64_t end;   /* values below it are short */
  uint32_t scale; /* to thousandths */
} pur_fixed_short;

static inline pur_fixed_short pur_fixed_short_of(unsigned places) {
  if (places > 3) return (pur_fixed_short){0, 0};
  return (pur_fixed_short){pur_tens[3 + places], (uint32_t)pur_tens[3 - places]};
}

/* As pur_fixed_write for a short number. */
static inline char *pur_fixed_write_short(char *out, int64_t value, uint32_t scale) {
  const uint32_t thousandths = (uint32_t)value * scale;
  const uint32_t whole = thousandths / 1000, part = thousandths % 1000;
  memcpy(out, pur_wholes[whole], 4);
  out += pur_wholes[whole][3];
  *out = '.';
  memcpy(out + 1, pur_thousandths[part], 4);
  return out + pur_thousandths[part][3];
}

#endif

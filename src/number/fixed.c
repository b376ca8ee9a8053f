#include "number/fixed.h"

#include <math.h>

#include "base/text.h"

const uint64_t pur_tens[19] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                               1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

#define TEN(entry, a, b)                                                                           \
  entry(a, b, 0), entry(a, b, 1), entry(a, b, 2), entry(a, b, 3), entry(a, b, 4), entry(a, b, 5),  \
      entry(a, b, 6), entry(a, b, 7), entry(a, b, 8), entry(a, b, 9)
#define NINETY(entry, a)                                                                           \
  TEN(entry, a, 1), TEN(entry, a, 2), TEN(entry, a, 3), TEN(entry, a, 4), TEN(entry, a, 5),        \
      TEN(entry, a, 6), TEN(entry, a, 7), TEN(entry, a, 8), TEN(entry, a, 9)
#define HUNDRED(entry, a) TEN(entry, a, 0), NINETY(entry, a)
#define NINE_HUNDRED(entry)                                                                        \
  HUNDRED(entry, 1), HUNDRED(entry, 2), HUNDRED(entry, 3), HUNDRED(entry, 4), HUNDRED(entry, 5),   \
      HUNDRED(entry, 6), HUNDRED(entry, 7), HUNDRED(entry, 8), HUNDRED(entry, 9)

#define THOUSANDTHS(a, b, c)                                                                       \
  { '0' + (a), '0' + (b), '0' + (c), (c) > 0 ? 4 : (b) > 0 ? 3 : (a) > 0 ? 2 : 0 }
#define ONE(a, b, c)                                                                               \
  { '0' + (c), 0, 0, 1 }
#define TWO(a, b, c)                                                                               \
  { '0' + (b), '0' + (c), 0, 2 }
#define THREE(a, b, c)                                                                             \
  { '0' + (a), '0' + (b), '0' + (c), 3 }

const char pur_thousandths[1000][4] = {HUNDRED(THOUSANDTHS, 0), NINE_HUNDRED(THOUSANDTHS)};
const char pur_wholes[1000][4] = {TEN(ONE, 0, 0), NINETY(TWO, 0), NINE_HUNDRED(THREE)};

bool pur_fixed_read(const char *text, size_t length, pur_fixed *number) {
  const char *end = text + length, *point = memchr(text, '.', length), *at = text;
  bool negative = length > 0 && *text == '-';
  int64_t value = 0;
  unsigned places = 0;
  at += negative;
  if (point != NULL) {
    if (point == at || point + 1 == end) return false;
    while (end[-1] == '0') end--;
    if (end - point > PUR_FIXED_PLACES + 1) return false;
    places = (unsigned)(end - point - 1);
  }
  if (at == end || (*at == '0' && end - at > 1 && at + 1 != point)) return false;
  for (; at < end; at++) {
    if (at == point) continue;
    if (!pur_text_is_digit(*at) || value > PUR_FIXED_MOST / 10) return false;
    value = value * 10 + (*at - '0');
  }
  if (negative && value == 0) return false;
  *number = (pur_fixed){negative ? -value : value, places};
  return true;
}

/* Is the double what n / 10^places, rounded once, reads as? Two decimals of at most 15 digits never
 * read as the same normal double. So if `size` is what such a decimal reads as, no other one is as
 * short. As it is less than 10^15 / scale, the product is off by less than 1/4, and the integer
 * next to it is the only n that can be. */
static bool has_places(double size, double scale, int64_t *scaled) {
  *scaled = (int64_t)(size * scale + 0.5);
  return (double)*scaled / scale == size;
}

bool pur_fixed_from_double(double value, pur_fixed *number) {
  double size = fabs(value);
  int64_t scaled;
  unsigned places = 3;
  if (value == 0 && signbit(value)) return false;
  if (!(size < 1e12 && has_places(size, 1e3, &scaled))) {
    if (size < 1e9 && has_places(size, 1e6, &scaled))
      places = 6;
    else if (size < 1e15 && (double)(scaled = (int64_t)size) == size)
      places = 0;
    else
      return false;
  }
  *number = (pur_fixed){value < 0 ? -scaled : scaled, places};
  return true;
}

/* Numbers below a thousand with up to six places, such as energy that became power. */
static char *write_millionths(char *out, uint32_t millionths) {
  const char *whole = pur_wholes[millionths / 1000000];
  const char *high = pur_thousandths[millionths / 1000 % 1000];
  const char *low = pur_thousandths[millionths % 1000];
  memcpy(out, whole, 4);
  out += whole[3];
  *out = '.';
  memcpy(out + 1, high, 4);
  memcpy(out + 4, low, 4);
  return out + (low[3] > 0 ? 3 + low[3] : high[3]);
}

char *pur_fixed_write(char *out, int64_t value, unsigned places) {
  const pur_fixed_short form = pur_fixed_short_of(places);
  uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
  char digits[PUR_FIXED_SIZE], *end = digits + sizeof digits, *at = end;
  if (value < 0) *out++ = '-';
  if (size < form.end) return pur_fixed_write_short(out, (int64_t)size, form.scale);
  if (places > 3 && places <= 6 && size < pur_tens[3 + places])
    return write_millionths(out, (uint32_t)(size * pur_tens[6 - places]));
  for (; places > 0 && size % 10 == 0; places--) size /= 10;
  for (unsigned left = places; left > 0; left--, size /= 10) *--at = (char)('0' + size % 10);
  if (places > 0) *--at = '.';
  do *--at = (char)('0' + size % 10);
  while ((size /= 10) != 0);
  memcpy(out, at, (size_t)(end - at));
  return out + (end - at);
}

#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "number/powers.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87: -mfpmath=sse)");

/* A decimal: `digits` * 10^`exponent`. */
typedef struct decimal {
  uint64_t digits;
  int exponent;
} decimal;

/* Digits as text */

/* 000 to 999, and behind each how long it is without the zeros that end it. */
#define THREE(a, b, c)                                                                             \
  { '0' + (a), '0' + (b), '0' + (c), (c) > 0 ? 3 : (b) > 0 ? 2 : (a) > 0 }
#define TEN(a, b)                                                                                  \
  THREE(a, b, 0), THREE(a, b, 1), THREE(a, b, 2), THREE(a, b, 3), THREE(a, b, 4), THREE(a, b, 5),  \
      THREE(a, b, 6), THREE(a, b, 7), THREE(a, b, 8), THREE(a, b, 9)
#define HUNDRED(a)                                                                                 \
  TEN(a, 0), TEN(a, 1), TEN(a, 2), TEN(a, 3), TEN(a, 4), TEN(a, 5), TEN(a, 6), TEN(a, 7),          \
      TEN(a, 8), TEN(a, 9)

static const char threes[1000][4] = {HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
                                     HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9)};

static const uint64_t tens[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

/* 1233 / 4096 is a little more than log10(2): the guess is right or one too few. */
static int count_digits(uint64_t value) {
  int guess = ((64 - __builtin_clzll(value | 1)) * 1233) >> 12;
  return guess + ((value | 1) >= tens[guess]);
}

/* `value` in `count` digits, which it does not exceed, with zeros in front; returns where they end.
 */
static char *put_digits(char *out, uint64_t value, int count) {
  char *at = out + count;
  for (; at - out >= 3; value /= 1000) {
    at -= 3;
    memcpy(at, threes[value % 1000], 3);
  }
  memcpy(out, threes[value] + 3 - (at - out), (size_t)(at - out));
  return out + count;
}

/* Less than 1000, without zeros in front. */
static inline char *put_short(char *out, uint32_t value) {
  uint32_t zeros = (value < 100) + (value < 10);
  memcpy(out, threes[value] + zeros, 4);
  return out + 3 - zeros;
}

/* Less than a million, without zeros in front. */
static inline char *put_six(char *out, uint32_t value) {
  if (value < 1000) return put_short(out, value);
  out = put_short(out, value / 1000);
  memcpy(out, threes[value % 1000], 4);
  return out + 3;
}

static char *put_integer(char *out, uint64_t value) {
  return value < 1000000 ? put_six(out, (uint32_t)value)
                         : put_digits(out, value, count_digits(value));
}

/* A point and thousandths, which are not 0, without zeros at the end. */
static inline char *put_thousandths(char *out, uint32_t value) {
  *out++ = '.';
  memcpy(out, threes[value], 4);
  return out + threes[value][3];
}

static char *put_zeros(char *out, int count) {
  memset(out, '0', (size_t)count);
  return out + count;
}

/* The short road, for what people write.
 *
 * Two decimals of at most 15 digits never read as the same normal double. So if `value` is what
 * such a decimal reads as, no other one is as short, and without its last zeros it is the answer.
 * Both n and the power of ten are exact doubles, therefore n / 10^places, rounded once, is what the
 * decimal reads as. */

#define FIFTEEN_DIGITS 1e15

/* The integer next to the product is the only n that can be: as `value` is less than FIFTEEN_DIGITS
 * / scale, the product is off by less than 1/4. False: the value has more places. */
static inline bool has_places(double value, uint32_t scale, uint64_t *scaled) {
  *scaled = (uint64_t)(int64_t)(value * scale + 0.5);
  return (double)(int64_t)*scaled / scale == value;
}

static char *put_millionths(char *out, uint64_t scaled) {
  uint32_t part = (uint32_t)(scaled % 1000000);
  out = put_integer(out, scaled / 1000000);
  *out++ = '.';
  memcpy(out, threes[part / 1000], 3);
  memcpy(out + 3, threes[part % 1000], 3);
  return out + 3 + threes[part % 1000][3];
}

/* A million times 1000 fits into 32 bits. NULL: it is not less than a million, or has more places.
 */
static inline char *put_megawatts(char *out, double value) {
  uint64_t scaled;
  uint32_t whole, part;
  if (value >= 1000000 || !has_places(value, 1000, &scaled)) return NULL;
  whole = (uint32_t)scaled / 1000;
  part = (uint32_t)scaled % 1000;
  out = put_six(out, whole);
  return part == 0 ? out : put_thousandths(out, part);
}

/* The general road: Raffaello Giulietti, "The Schubfach way to render doubles".
 *
 * A double is c * 2^q. Everything that reads as it lies between the middles towards its neighbours.
 * In units of 10^k, the greatest power of ten that fits in between, that interval holds one integer
 * at least, and at most one multiple of ten: if there is one, it is shorter. All quantities are
 * times 4, so that the middles are integers, and scaled by a power of ten of 128 bits, rounded up.
 * What is lost is kept in the last bit, set if any bit below was ("rounding to odd"): comparing
 * needs no more. */

/* value * power / 2^128, rounded to odd. */
static uint64_t scale(pur_power power, uint64_t value) {
  pur_wide low = pur_multiply(value, power.low);
  pur_wide high = pur_multiply(value, power.high);
  uint64_t middle = high.low + low.high;
  high.high += middle < low.high;
  return high.high | (middle > 1);
}

static pur_power rounded_up(int exponent) {
  pur_power power = pur_power_of_ten(exponent);
  if (!pur_power_is_exact(exponent)) power.high += ++power.low == 0;
  return power;
}

/* The decimals that read as one double: those from `low` to `high`, all times 4. */
typedef struct interval {
  uint64_t low, value, high;
} interval;

/* Of the multiples of `step` next below and above, the one inside; 0: neither, or both. */
static uint64_t only_inside(interval range, uint64_t step) {
  uint64_t below = range.value / 4 / step * step;
  bool below_fits = range.low <= 4 * below;
  bool above_fits = 4 * (below + step) <= range.high;
  if (below_fits == above_fits) return 0;
  return below_fits ? below : below + step;
}

/* The integer nearest to the value, the even one of two. */
static uint64_t nearest(interval range) {
  uint64_t below = range.value / 4, middle = 4 * below + 2;
  return below + (range.value > middle || (range.value == middle && (below & 1) != 0));
}

/* 10^exponent is the greatest power of ten within the interval: floor(log10(2^q)), or of 3/4 * 2^q
 * when the lower neighbour is nearer; the constants are log10(2) and log10(4/3) times 2^22. */
static interval find_interval(uint64_t c, int q, bool narrow, int *exponent) {
  int k = (q * 1262611 - (narrow ? 524031 : 0)) >> 22;
  int shift = q + pur_power_log2(-k) + 1;
  pur_power power = rounded_up(-k);
  interval range = {scale(power, (4 * c - 2 + narrow) << shift), scale(power, (4 * c) << shift),
                    scale(power, (4 * c + 2) << shift)};
  /* An odd double does not have the middles themselves: they are rounded to its even neighbours. */
  range.low += c & 1;
  range.high -= c & 1;
  *exponent = k;
  return range;
}

static decimal shortest(double value) {
  uint64_t bits, c, digits;
  int q, exponent;
  interval range;
  memcpy(&bits, &value, sizeof bits);
  c = bits & 0xFFFFFFFFFFFFFu;
  q = (int)(bits >> 52);
  range = q == 0 ? find_interval(c, -1074, false, &exponent)
                 : find_interval(c | (uint64_t)1 << 52, q - 1075, c == 0 && q > 1, &exponent);
  digits = range.value >= 40 ? only_inside(range, 10) : 0;
  if (digits == 0) digits = only_inside(range, 1);
  if (digits == 0) digits = nearest(range);
  for (; digits % 10 == 0; digits /= 10) exponent++;
  return (decimal){digits, exponent};
}

/* Layout, as in ECMAScript's Number::toString */

static char *put_exponent(char *out, int exponent) {
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  return put_integer(out, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

/* `head` digits, and the others behind a point. */
static char *put_split(char *out, const char *text, int count, int head) {
  memcpy(out, text, (size_t)head);
  out += head;
  if (count == head) return out;
  *out++ = '.';
  memcpy(out, text + head, (size_t)(count - head));
  return out + count - head;
}

/* `text` holds `count` digits, and the value is 0.DIGITS * 10^point. */
static char *put_layout(char *out, const char *text, int count, int point) {
  if (point > 21 || point <= -6) return put_exponent(put_split(out, text, count, 1), point - 1);
  if (point >= count) return put_zeros(put_split(out, text, count, count), point - count);
  if (point > 0) return put_split(out, text, count, point);
  memcpy(out, "0.", 2);
  return put_split(put_zeros(out + 2, -point), text, count, count);
}

static char *put_shortest(char *out, double value) {
  char text[PUR_NUMBER_SIZE];
  decimal number = shortest(value);
  int count = count_digits(number.digits);
  put_digits(text, number.digits, count);
  return put_layout(out, text, count, count + number.exponent);
}

/* What put_megawatts leaves. Not inlined, so that most megawatts have no registers to save for it.
 */
__attribute__((noinline)) static char *put_other(char *out, double value) {
  uint64_t scaled;
  if (value >= FIFTEEN_DIGITS) return put_shortest(out, value);
  if ((double)(int64_t)value == value) return put_integer(out, (uint64_t)(int64_t)value);
  if (value >= FIFTEEN_DIGITS / 1000000) return put_shortest(out, value);
  if (value >= 1000000 && has_places(value, 1000, &scaled))
    return put_thousandths(put_integer(out, scaled / 1000), (uint32_t)(scaled % 1000));
  return has_places(value, 1000000, &scaled) ? put_millionths(out, scaled)
                                             : put_shortest(out, value);
}

size_t pur_number_write(double value, char out[PUR_NUMBER_SIZE]) {
  double size = fabs(value);
  char *at = out, *end;
  if (signbit(value)) *at++ = '-';
  end = put_megawatts(at, size);
  if (end == NULL) end = put_other(at, size);
  return (size_t)(end - out);
}

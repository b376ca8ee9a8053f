/* Plain lines: what nearly every purchase is written as, recognised and read in a few nanoseconds.
 *
 * A plain number has at most 15 characters, as JSON writes it, without an exponent: -12.345. It
 * ends its line. To read it without a branch takes a fifth of the time that a loop takes, which is
 * half of what reading a row takes otherwise. */
#ifndef PURCHASES_NUMBER_PLAIN_H
#define PURCHASES_NUMBER_PLAIN_H

#include "number/fixed.h"

#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
#include <emmintrin.h>
#endif

#define PUR_PLAIN_SIZE 16 /* bytes looked at: a number and its line feed */

/* Text up to a line feed that is near. */
typedef struct pur_plain_line {
  unsigned text;   /* characters before the line end */
  unsigned length; /* with the line end */
} pur_plain_line;

/* Which of 16 bytes are in a class, as bits. */
#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
static inline unsigned pur_plain_find(const char *text, char wanted) {
  __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
  return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted)));
}

static inline unsigned pur_plain_digits(const char *text) {
  __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
  __m128i value = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  __m128i capped = _mm_min_epu8(value, _mm_set1_epi8(9));
  return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(value, capped));
}

/* The digits among the `length` characters before `end` as an integer; all are digits, but for a
 * point before the last `places` of them, if there is one. PUR_PLAIN_SIZE bytes before `end` are
 * read. The bytes before the point move up by one, over it; then each step adds neighbours: pairs
 * of digits, of hundreds, of ten thousands. */
static inline uint64_t pur_plain_sum(const char *end, unsigned length, unsigned places,
                                     bool point) {
  static const char masks[32] = {[16] = -1, -1, -1, -1, -1, -1, -1, -1,
                                 -1,        -1, -1, -1, -1, -1, -1, -1};
  const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(end - PUR_PLAIN_SIZE));
  const __m128i value = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const char *behind = masks + (point ? places : PUR_PLAIN_SIZE);
  const __m128i fraction = _mm_loadu_si128((const __m128i *)(const void *)behind);
  const __m128i used = _mm_loadu_si128((const __m128i *)(const void *)(masks + length - point));
  __m128i digits = _mm_or_si128(_mm_and_si128(fraction, value),
                                _mm_andnot_si128(fraction, _mm_slli_si128(value, 1)));
  uint64_t halves;
  digits = _mm_and_si128(digits, used);
  digits = _mm_add_epi16(
      _mm_mullo_epi16(_mm_and_si128(digits, _mm_set1_epi16(0xFF)), _mm_set1_epi16(10)),
      _mm_srli_epi16(digits, 8));
  digits = _mm_madd_epi16(digits, _mm_set1_epi32(100 | 1 << 16));
  digits = _mm_packs_epi32(digits, digits);
  digits = _mm_madd_epi16(digits, _mm_set1_epi32(10000 | 1 << 16));
  halves = (uint64_t)_mm_cvtsi128_si64(digits);
  return (halves & UINT32_MAX) * 100000000 + (halves >> 32);
}
#else
static inline unsigned pur_plain_find(const char *text, char wanted) {
  unsigned found = 0;
  for (unsigned i = 0; i < PUR_PLAIN_SIZE; i++) found |= (unsigned)(text[i] == wanted) << i;
  return found;
}

static inline unsigned pur_plain_digits(const char *text) {
  unsigned found = 0;
  for (unsigned i = 0; i < PUR_PLAIN_SIZE; i++)
    found |= (unsigned)(text[i] >= '0' && text[i] <= '9') << i;
  return found;
}

static inline uint64_t pur_plain_sum(const char *end, unsigned length, unsigned places,
                                     bool point) {
  uint64_t sum = 0;
  for (const char *at = end - length; at < end; at++)
    if (!point || at + places + 1 != end) sum = sum * 10 + (uint64_t)(*at - '0');
  return sum;
}
#endif

/* Finds the line end in the PUR_PLAIN_SIZE bytes at `text`, all of which must be readable; false
 * where there is none. Where
 * the next line starts depends on nothing else, so that the checks of one line and the search of
 * the next run at the same time. */
static inline bool pur_plain_line_end(const char *text, pur_plain_line *line) {
  unsigned line_feeds = pur_plain_find(text, '\n');
  if (line_feeds == 0) return false;
  line->text = (unsigned)__builtin_ctz(line_feeds);
  line->length = line->text + 1;
  if (line->text > 0 && text[line->text - 1] == '\r') line->text--;
  return true;
}

/* Are the first `length` characters, fewer than PUR_PLAIN_SIZE, a plain number? */
static inline bool pur_plain_is_number(const char *text, unsigned length) {
  unsigned span = (1u << length) - 1, last = (span + 1) >> 1, sign = *text == '-';
  unsigned digits = pur_plain_digits(text), points = pur_plain_find(text, '.') & span;
  if (((digits | points | sign) & span) != span || (points & (points - 1)) != 0) return false;
  if ((digits >> sign & 1) == 0 || (digits & last) == 0) return false;
  return text[sign] != '0' || last == 1u << sign || (points >> sign & 2) != 0;
}

/* The length of a plain number without zeros that end a fraction: 12.500 is 12.5, and 12.0 is 12.
 * No branches: whether a number ends in 0 is a matter of chance, and a wrong guess costs more. */
static inline unsigned pur_plain_trim(const char *text, unsigned length) {
  unsigned points = pur_plain_find(text, '.') & ((1u << length) - 1);
  unsigned zeros = pur_plain_find(text, '0') << (32 - length);
  unsigned trailing = points != 0 ? (unsigned)__builtin_clz(~zeros) : 0;
  return length - trailing - (points >> ((length - trailing - 1) & 31) & 1);
}

/* The value of a plain number, with the places it is written with. PUR_PLAIN_SIZE bytes before its
 * end must be readable. A minus before zeros is lost. */
static inline pur_fixed pur_plain_read(const char *text, unsigned length) {
  unsigned sign = *text == '-', last = 1u << (length - 1);
  unsigned points = pur_plain_find(text, '.') & (last - 1);
  unsigned places = length - 1 - (unsigned)__builtin_ctz(points | last);
  int64_t size = (int64_t)pur_plain_sum(text + length, length - sign, places, points != 0);
  return (pur_fixed){(size ^ -(int64_t)sign) + sign, places};
}

#endif

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

/* Adds up the `count` digits before `end`, the last `places` of which have a `point` before them,
 * unless there are none; false if something else is among them, or at its place. PUR_PLAIN_SIZE
 * bytes before `end` are read. The bytes before the point move up by one, over it; then each step
 * adds neighbours: pairs of digits, of hundreds, of ten thousands. */
static inline bool pur_plain_sum(const char *end, unsigned count, unsigned places, char point,
                                 uint64_t *sum) {
  static const char masks[32] = {[16] = -1, -1, -1, -1, -1, -1, -1, -1,
                                 -1,        -1, -1, -1, -1, -1, -1, -1};
  const char *behind = masks + (places > 0 ? places : PUR_PLAIN_SIZE);
  const __m128i fraction = _mm_loadu_si128((const __m128i *)(const void *)behind);
  const __m128i used = _mm_loadu_si128((const __m128i *)(const void *)(masks + count));
  const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(end - PUR_PLAIN_SIZE));
  const __m128i value = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  __m128i digits = _mm_or_si128(_mm_and_si128(fraction, value),
                                _mm_andnot_si128(fraction, _mm_slli_si128(value, 1)));
  uint64_t halves;
  digits = _mm_and_si128(digits, used);
  if (places > 0 && end[-1 - (int)places] != point) return false;
  if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits)) != 0xFFFF)
    return false;
  digits = _mm_add_epi16(
      _mm_mullo_epi16(_mm_and_si128(digits, _mm_set1_epi16(0xFF)), _mm_set1_epi16(10)),
      _mm_srli_epi16(digits, 8));
  digits = _mm_madd_epi16(digits, _mm_set1_epi32(100 | 1 << 16));
  digits = _mm_packs_epi32(digits, digits);
  digits = _mm_madd_epi16(digits, _mm_set1_epi32(10000 | 1 << 16));
  halves = (uint64_t)_mm_cvtsi128_si64(digits);
  *sum = (halves & UINT32_MAX) * 100000000 + (halves >> 32);
  return true;
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

static inline bool pur_plain_sum(const char *end, unsigned count, unsigned places, char point,
                                 uint64_t *sum) {
  const char *place = places > 0 ? end - 1 - places : end;
  *sum = 0;
  if (places > 0 && *place != point) return false;
  for (const char *at = end - count - (places > 0); at < end; at++) {
    if (at == place) continue;
    if (*at < '0' || *at > '9') return false;
    *sum = *sum * 10 + (uint64_t)(*at - '0');
  }
  return true;
}
#endif

/* Finds the line end in the PUR_PLAIN_SIZE bytes at `text`, all of which must be readable; false
 * where there is none. Where the next line starts depends on nothing else, so that the checks of
 * one line and the search of the next run at the same time. */
static inline bool pur_plain_line_end(const char *text, pur_plain_line *line) {
  unsigned line_feeds = pur_plain_find(text, '\n');
  if (line_feeds == 0) return false;
  line->text = (unsigned)__builtin_ctz(line_feeds);
  line->length = line->text + 1;
  if (line->text > 0 && text[line->text - 1] == '\r') line->text--;
  return true;
}

/* How many characters, of PUR_PLAIN_SIZE that must be readable, are such as plain numbers have. */
static inline unsigned pur_plain_span(const char *text) {
  return (unsigned)__builtin_ctz(
      ~(pur_plain_digits(text) | pur_plain_find(text, '.') | (unsigned)(*text == '-')));
}

/* Are the first `length` characters, fewer than PUR_PLAIN_SIZE, a plain number? */
static inline bool pur_plain_is_number(const char *text, unsigned length) {
  unsigned span = (1u << length) - 1, last = (span + 1) >> 1, sign = *text == '-';
  unsigned digits = pur_plain_digits(text), points = pur_plain_find(text, '.') & span;
  if (((digits | points | sign) & span) != span || (points & (points - 1)) != 0) return false;
  if ((digits >> sign & 1) == 0 || (digits & last) == 0) return false;
  return text[sign] != '0' || last == 1u << sign || (points >> sign & 2) != 0;
}

/* Reads the first `length` characters, fewer than PUR_PLAIN_SIZE, as a plain number that has just
 * so many `places`, at most PUR_FIXED_PLACES. False, with `value` in any state: they are none, or
 * -0. PUR_PLAIN_SIZE bytes before the end of the number must be readable. */
static inline bool pur_plain_read(const char *text, unsigned length, unsigned places,
                                  int64_t *value) {
  const unsigned sign = *text == '-', count = length - sign - (places > 0);
  uint64_t sum;
  if (count - places - 1 >= PUR_PLAIN_SIZE) return false; /* no digit before the point */
  if (text[sign] == '0' && count - places > 1) return false;
  if (!pur_plain_sum(text + length, count, places, '.', &sum)) return false;
  if (sum == 0 && sign) return false;
  *value = ((int64_t)sum ^ -(int64_t)sign) + sign;
  return true;
}

#endif

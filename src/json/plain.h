#ifndef PURCHASES_JSON_PLAIN_H
#define PURCHASES_JSON_PLAIN_H

#include <string.h>

#include "base/text.h"

#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
#include <emmintrin.h>
#define PUR_JSON_SSE2
#endif

/* The number of bytes from the start that stand for themselves: ASCII but for `"`, `\` and
 * controls. */
static inline size_t pur_json_plain_length(const char *text, size_t length) {
  size_t at = 0;
#ifdef PUR_JSON_SSE2
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(' ');
  for (; length - at >= 16; at += 16) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
    __m128i quoted = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    /* Compared as signed numbers, controls and non-ASCII alike are less than a space. */
    int found = _mm_movemask_epi8(_mm_or_si128(quoted, _mm_cmplt_epi8(bytes, space)));
    if (found != 0) return at + (size_t)__builtin_ctz((unsigned)found);
  }
#endif
  for (; at < length; at++) {
    unsigned char byte = (unsigned char)text[at];
    if (byte == '"' || byte == '\\' || byte < ' ' || byte >= 0x80) break;
  }
  return at;
}

#define PUR_JSON_PADDING 32 /* bytes to be readable behind what is wanted */

/* Tells whether a text that has `left` bytes begins with those wanted. Names are short: up to 32
 * bytes are compared at once, and a call is worth a tenth of a check against a schema. */
static inline bool pur_json_begins_with(const char *text, size_t left, pur_text wanted) {
#ifdef PUR_JSON_SSE2
  if (left >= PUR_JSON_PADDING && wanted.length - 1 < PUR_JSON_PADDING) {
    const __m128i *one = (const __m128i *)(const void *)text;
    const __m128i *other = (const __m128i *)(const void *)wanted.text;
    __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128(one), _mm_loadu_si128(other));
    __m128i high = _mm_cmpeq_epi8(_mm_loadu_si128(one + 1), _mm_loadu_si128(other + 1));
    uint32_t same = (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
    return ~same << (PUR_JSON_PADDING - wanted.length) == 0;
  }
#endif
  return left >= wanted.length && memcmp(text, wanted.text, wanted.length) == 0;
}

#endif

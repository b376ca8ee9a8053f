/* JSON strings, byte by byte, in and out. pur_json_escape_read and pur_json_plain_length are
 * private to json/ and schema/. */
#ifndef PURCHASES_JSON_STRING_H
#define PURCHASES_JSON_STRING_H

#include <string.h>

#include "json/token.h"

#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
#include <emmintrin.h>
#define PUR_JSON_SSE2
#endif

/* Reads the escape that starts with the backslash at `text`: returns its length, or 0 if it is
 * wrong. Then the code point is 0, or a surrogate without its pair. */
size_t pur_json_escape_read(const char *text, size_t length, uint32_t *code_point);

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

/* Appends what the text of a key or string stands for, in UTF-8. The scanner must have passed it.
 */
void pur_json_string_unescape(const char *text, size_t length, pur_buffer *out);

/* Tells whether a key, string or other token stands for exactly these bytes. */
bool pur_json_string_equals(const pur_json_token *token, const char *plain, size_t length);

static inline bool pur_json_string_is(const pur_json_token *token, const char *plain) {
  return pur_json_string_equals(token, plain, strlen(plain));
}

/* Appends a string with its quotes, escaping only what must be. PUR_INVALID_UTF8, with nothing
 * appended and the position of the first wrong byte; PUR_NO_MEMORY and PUR_TOO_LARGE as the buffer
 * has it. */
pur_status pur_json_write_string(pur_buffer *out, const char *text, size_t length,
                                 pur_error *error);

#endif

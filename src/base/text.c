#include "base/text.h"

#include <stdbool.h>
#include <string.h>

static bool is_between(unsigned char byte, unsigned low, unsigned high) {
  return byte >= low && byte <= high;
}

static bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/* The second byte is where overlong forms (after E0 and F0), surrogates (ED) and what is above
 * U+10FFFF (F4) show. */
static size_t three(const unsigned char *bytes) {
  unsigned low = bytes[0] == 0xE0 ? 0xA0 : 0x80, high = bytes[0] == 0xED ? 0x9F : 0xBF;
  return is_between(bytes[1], low, high) && is_continuation(bytes[2]) ? 3 : 0;
}

static size_t four(const unsigned char *bytes) {
  unsigned low = bytes[0] == 0xF0 ? 0x90 : 0x80, high = bytes[0] == 0xF4 ? 0x8F : 0xBF;
  return is_between(bytes[1], low, high) && is_continuation(bytes[2]) && is_continuation(bytes[3])
             ? 4
             : 0;
}

size_t pur_utf8_length(const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  if (length >= 1 && bytes[0] < 0x80) return 1;
  if (length >= 2 && is_between(bytes[0], 0xC2, 0xDF)) return is_continuation(bytes[1]) ? 2 : 0;
  if (length >= 3 && is_between(bytes[0], 0xE0, 0xEF)) return three(bytes);
  if (length >= 4 && is_between(bytes[0], 0xF0, 0xF4)) return four(bytes);
  return 0;
}

size_t pur_utf8_write(uint32_t code_point, char out[4]) {
  size_t count = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = count; --i > 0; code_point >>= 6) out[i] = (char)(0x80 | (code_point & 0x3F));
  out[0] = (char)(marks[count] | code_point);
  return count;
}

/* Eight bytes at a time: a continuation byte's highest bit is set, the next one is not; the product
 * adds up one bit of each. */
static inline size_t continuations(const char *text) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  uint64_t bytes;
  memcpy(&bytes, text, sizeof bytes);
  return (size_t)(((bytes >> 7 & ~bytes >> 6 & ones) * ones) >> 56);
}

size_t pur_utf8_count(const char *text, size_t length) {
  size_t count = length;
  for (; length >= 8; text += 8, length -= 8) count -= continuations(text);
  for (; length > 0; text++, length--) count -= is_continuation((unsigned char)*text);
  return count;
}

void pur_text_place(const char *text, size_t length, size_t offset, size_t *line, size_t *column) {
  const char *begin = text, *place = text + (offset < length ? offset : length), *feed;
  *line = 1;
  while ((feed = memchr(begin, '\n', (size_t)(place - begin))) != NULL) {
    begin = feed + 1;
    ++*line;
  }
  *column = pur_utf8_count(begin, (size_t)(place - begin)) + 1;
}

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/* The second byte is where overlong forms (after E0 and F0), surrogates (ED) and code points above
 * U+10FFFF (F4) show. */
size_t pur_utf8_length(const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  unsigned least = 0x80, most = 0xBF;
  size_t size;
  if (length == 0) return 0;
  if (bytes[0] < 0x80) return 1;
  if (bytes[0] < 0xC2 || bytes[0] > 0xF4) return 0;
  size = bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
  if (bytes[0] == 0xE0) least = 0xA0;
  if (bytes[0] == 0xED) most = 0x9F;
  if (bytes[0] == 0xF0) least = 0x90;
  if (bytes[0] == 0xF4) most = 0x8F;
  if (length < size || bytes[1] < least || bytes[1] > most) return 0;
  for (size_t i = 2; i < size; i++)
    if (!is_continuation(bytes[i])) return 0;
  return size;
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
size_t pur_utf8_count(const char *text, size_t length) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  size_t count = length;
  for (; length >= 8; text += 8, length -= 8) {
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
    count -= (size_t)(((bytes >> 7 & ~bytes >> 6 & ones) * ones) >> 56);
  }
  for (; length > 0; text++, length--) count -= is_continuation((unsigned char)*text);
  return count;
}

size_t pur_utf8_clip(const char *text, size_t length, size_t most) {
  size_t end = length < most ? length : most;
  while (end > 0 && end < length && is_continuation((unsigned char)text[end])) end--;
  return end;
}

void pur_text_pass(const char *text, size_t length, size_t *line, size_t *column) {
  const char *end = text + length, *feed;
  while ((feed = memchr(text, '\n', (size_t)(end - text))) != NULL) {
    text = feed + 1;
    ++*line;
    *column = 1;
  }
  *column += pur_utf8_count(text, (size_t)(end - text));
}

void pur_text_place(const char *text, size_t length, size_t offset, size_t *line, size_t *column) {
  *line = *column = 1;
  pur_text_pass(text, offset < length ? offset : length, line, column);
}

const char *pur_text_found(const char *text, size_t length, size_t at, char out[PUR_FOUND_SIZE]) {
  unsigned char byte = at < length ? (unsigned char)text[at] : 0;
  if (at >= length) return "the end";
  (void)snprintf(out, PUR_FOUND_SIZE, byte >= ' ' && byte <= '~' ? "'%c'" : "byte 0x%02X", byte);
  return out;
}

int pur_text_hex_digit(char c) {
  if (pur_text_is_digit(c)) return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

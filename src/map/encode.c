#include "map/encode.h"

#include <string.h>

/* The byte of which decoding makes this; `?`: there is none. */
static char windows_1252_of(const char *text, size_t length) {
  char decoded[PUR_ENCODING_MOST(1) + PUR_ENCODING_SLACK];
  for (unsigned byte = 0x80; byte <= 0xFF; byte++) {
    char c = (char)byte;
    size_t size = 1;
    size = pur_encoding_decode(PUR_ENCODING_WINDOWS_1252, &c, &size, true, decoded);
    if (size == length && memcmp(decoded, text, length) == 0) return c;
  }
  return '?';
}

/* The code point of a character; of half a surrogate pair, too. Of what is none, U+FFFD. */
static uint32_t code_point_of(const char *text, size_t length) {
  static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  uint32_t code = (unsigned char)*text & masks[length];
  if (length == 1 && (unsigned char)*text >= 0x80) return 0xFFFD;
  for (size_t i = 1; i < length; i++) code = code << 6 | ((unsigned char)text[i] & 0x3F);
  return code;
}

static size_t write_utf16(uint32_t code, unsigned low, char out[4]) {
  uint32_t units[2] = {code, 0};
  size_t count = code < 0x10000 ? 1 : 2;
  if (count == 2) {
    units[0] = 0xD800 + ((code - 0x10000) >> 10);
    units[1] = 0xDC00 + (code & 0x3FF);
  }
  for (size_t i = 0; i < count; i++) {
    out[2 * i + low] = (char)(units[i] & 0xFF);
    out[2 * i + 1 - low] = (char)(units[i] >> 8);
  }
  return 2 * count;
}

/* UTF-8 would be the same three bytes, if half a surrogate pair were a character. */
static bool is_half(const char *text, size_t length) {
  return length >= 3 && text[0] == '\xED' && (text[1] & 0xE0) == 0xA0 && (text[2] & 0xC0) == 0x80;
}

const char *pur_encoding_explain(const char *text, size_t length) {
  const char *why = "bytes that are no text; say encoding = \"windows-1252\", or what it is in";
  for (size_t at = 0, size; at < length; at += size) {
    size = pur_utf8_length(text + at, length - at);
    if (size == 0 && is_half(text + at, length - at))
      return "half a character (of a surrogate pair): write the file anew in UTF-8";
    if (size == 0 && strchr("\x81\x8D\x8F\x90\x9D", text[at]) != NULL)
      why = "bytes that are no text, neither in UTF-8 nor in Windows-1252: find out what it is in, "
            "and write it anew in UTF-8";
    if (size == 0) size = 1;
  }
  return why;
}

void pur_encoding_encode(pur_encoding encoding, const char *text, size_t length, pur_buffer *out) {
  size_t at = 0, size;
  if (encoding <= PUR_ENCODING_UTF8) {
    pur_buffer_append(out, text, length);
    return;
  }
  for (; at < length; at += size) {
    char bytes[4] = {text[at]};
    size_t count = 1;
    size = is_half(text + at, length - at) ? 3 : pur_utf8_length(text + at, length - at);
    if (size == 0) size = 1;
    if (encoding != PUR_ENCODING_WINDOWS_1252)
      count = write_utf16(code_point_of(text + at, size), encoding == PUR_ENCODING_UTF16_BE, bytes);
    else if ((unsigned char)text[at] >= 0x80)
      bytes[0] = windows_1252_of(text + at, size);
    pur_buffer_append(out, bytes, count);
  }
}

#include "json/string.h"

#include <string.h>

#include "base/text.h"

/* Reading */

#define UNIT_LENGTH 6 /* of \uXXXX */

static bool read_unit(const char *text, size_t length, uint32_t *unit) {
  uint32_t value = 0;
  if (length < UNIT_LENGTH || text[0] != '\\' || text[1] != 'u') return false;
  for (int i = 2; i < UNIT_LENGTH; i++) {
    int digit = pur_text_hex_digit(text[i]);
    if (digit < 0) return false;
    value = value << 4 | (uint32_t)digit;
  }
  *unit = value;
  return true;
}

/* Reads \uXXXX, or two of them that are a pair of surrogates. */
static size_t read_units(const char *text, size_t length, uint32_t *code_point) {
  uint32_t low;
  if (!read_unit(text, length, code_point)) return 0;
  if (*code_point < 0xD800 || *code_point >= 0xE000) return UNIT_LENGTH;
  if (*code_point >= 0xDC00 || !read_unit(text + UNIT_LENGTH, length - UNIT_LENGTH, &low) ||
      low < 0xDC00 || low >= 0xE000)
    return 0;
  *code_point = 0x10000 + ((*code_point - 0xD800) << 10) + (low - 0xDC00);
  return 2 * UNIT_LENGTH;
}

size_t pur_json_escape_read(const char *text, size_t length, uint32_t *code_point) {
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  const char *found;
  *code_point = 0;
  if (length < 2) return 0;
  if (text[1] == 'u') return read_units(text, length, code_point);
  found = memchr(names, text[1], sizeof names - 1);
  if (found == NULL) return 0;
  *code_point = (uint32_t)values[found - names];
  return 2;
}

/* Reads one escape into `out`; returns its length in the text and, in `size`, in UTF-8. */
static size_t decode(const char *text, size_t length, char out[4], size_t *size) {
  uint32_t code_point;
  size_t taken = pur_json_escape_read(text, length, &code_point);
  *size = pur_utf8_write(code_point, out);
  return taken;
}

static size_t run_to_escape(const char *text, size_t length) {
  const char *backslash = memchr(text, '\\', length);
  return backslash != NULL ? (size_t)(backslash - text) : length;
}

void pur_json_string_unescape(const char *text, size_t length, pur_buffer *out) {
  size_t at = 0, size;
  char bytes[4];
  while (at < length) {
    size_t run = run_to_escape(text + at, length - at), taken;
    pur_buffer_append(out, text + at, run);
    at += run;
    if (at == length) return;
    taken = decode(text + at, length - at, bytes, &size);
    if (taken == 0) return;
    pur_buffer_append(out, bytes, size);
    at += taken;
  }
}

/* Takes a text off the front of `*plain`; false: it does not begin so. */
static bool match(const char **plain, size_t *left, const char *text, size_t length) {
  if (length > *left || memcmp(*plain, text, length) != 0) return false;
  *plain += length;
  *left -= length;
  return true;
}

bool pur_json_string_equals(const pur_json_token *token, const char *plain, size_t length) {
  const char *text = token->text;
  size_t at = 0, size;
  char bytes[4];
  if (!token->escaped) return token->length == length && memcmp(text, plain, length) == 0;
  while (at < token->length) {
    size_t run = run_to_escape(text + at, token->length - at), taken;
    if (!match(&plain, &length, text + at, run)) return false;
    at += run;
    if (at == token->length) break;
    taken = decode(text + at, token->length - at, bytes, &size);
    if (taken == 0 || !match(&plain, &length, bytes, size)) return false;
    at += taken;
  }
  return length == 0;
}

/* Writing */

static void write_escape(pur_buffer *out, unsigned char byte) {
  static const char escapes[] = "\bb\tt\nn\ff\rr\"\"\\\\", hex[] = "0123456789abcdef";
  char text[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
  for (size_t i = 0; i < sizeof escapes - 1; i += 2) {
    if (escapes[i] != (char)byte) continue;
    text[1] = escapes[i + 1];
    pur_buffer_append(out, text, 2);
    return;
  }
  pur_buffer_append(out, text, sizeof text);
}

pur_status pur_json_write_string(pur_buffer *out, const char *text, size_t length,
                                 pur_error *error) {
  size_t begin = out->length, done = 0, at = 0; /* the bytes from `done` to `at` need no escape */
  pur_buffer_append_literal(out, "\"");
  for (;;) {
    size_t size;
    at += pur_json_plain_length(text + at, length - at);
    if (at < length && (unsigned char)text[at] >= 0x80) {
      size = pur_utf8_length(text + at, length - at);
      if (size == 0) {
        out->length = begin;
        return pur_error_set(error, PUR_INVALID_UTF8, at, "invalid UTF-8");
      }
      at += size;
      continue;
    }
    pur_buffer_append(out, text + done, at - done);
    if (at == length) break;
    write_escape(out, (unsigned char)text[at++]);
    done = at;
  }
  pur_buffer_append_literal(out, "\"");
  return pur_buffer_check(out, error);
}

/* JSON strings, byte by byte, in and out, and JSON Pointers. */
#include <stdio.h>

#include "json/scan.h"

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

/* Takes the next piece of a string's text: bytes that stand for themselves, or else an escape,
 * which is written into `escape`. Returns how much of the text it takes up; a wrong escape ends the
 * text. */
static size_t next_piece(const char *text, size_t length, char escape[4], pur_text *piece) {
  const char *backslash = memchr(text, '\\', length);
  uint32_t code_point;
  size_t taken = backslash != NULL ? (size_t)(backslash - text) : length;
  *piece = (pur_text){text, taken};
  if (taken != 0) return taken;
  taken = pur_json_escape_read(text, length, &code_point);
  *piece = (pur_text){escape, taken != 0 ? pur_utf8_write(code_point, escape) : 0};
  return taken != 0 ? taken : length;
}

void pur_json_string_unescape(const char *text, size_t length, pur_buffer *out) {
  char escape[4];
  pur_text piece;
  for (size_t at = 0; at < length;) {
    at += next_piece(text + at, length - at, escape, &piece);
    pur_buffer_append(out, piece.text, piece.length);
  }
}

pur_status pur_json_string_text(const pur_json_token *token, pur_buffer *scratch, pur_text *text,
                                pur_error *error) {
  *text = (pur_text){token->text, token->length};
  if (!token->escaped) return PUR_OK;
  pur_buffer_clear(scratch);
  pur_json_string_unescape(token->text, token->length, scratch);
  *text = (pur_text){scratch->length != 0 ? scratch->data : "", scratch->length};
  return pur_buffer_check(scratch, error);
}

bool pur_json_string_equals(const pur_json_token *token, const char *plain, size_t length) {
  char escape[4];
  pur_text piece;
  if (!token->escaped) return token->length == length && memcmp(token->text, plain, length) == 0;
  for (size_t at = 0; at < token->length;) {
    at += next_piece(token->text + at, token->length - at, escape, &piece);
    if (piece.length > length || memcmp(plain, piece.text, piece.length) != 0) return false;
    plain += piece.length;
    length -= piece.length;
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
  size_t begin = out->length, done = 0; /* the bytes from there to `at` need no escape */
  size_t at = pur_json_plain_length(text, length);
  char *to = at == length ? pur_buffer_reserve(out, length + 2) : NULL;
  if (to != NULL) { /* most need none */
    to[0] = to[length + 1] = '"';
    memcpy(to + 1, text, length);
    out->length += length + 2;
    return PUR_OK;
  }
  pur_buffer_append_literal(out, "\"");
  for (;; at += pur_json_plain_length(text + at, length - at)) {
    size_t size;
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

/* Pointers */

void pur_json_pointer_add_name(pur_buffer *out, const pur_json_token *key) {
  char escape[4];
  pur_text piece;
  pur_buffer_append_literal(out, "/");
  for (size_t at = 0; at < key->length;) {
    at += next_piece(key->text + at, key->length - at, escape, &piece);
    for (size_t i = 0; i < piece.length; i++) {
      const char *byte = piece.text + i;
      if (*byte == '~' || *byte == '/')
        pur_buffer_append(out, *byte == '~' ? "~0" : "~1", 2);
      else
        pur_buffer_append(out, byte, 1);
    }
  }
}

void pur_json_pointer_add_index(pur_buffer *out, size_t index) {
  char text[24];
  int length = snprintf(text, sizeof text, "/%zu", index);
  pur_buffer_append(out, text, (size_t)length);
}

#include "schema/pointer.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Puts ~0 and ~1 in place of what was appended from `begin` on, from the end backwards. */
static void escape_from(pur_buffer *out, size_t begin) {
  size_t marks = 0, to;
  for (size_t i = begin; i < out->length; i++) marks += out->data[i] == '~' || out->data[i] == '/';
  if (marks == 0 || pur_buffer_reserve(out, marks) == NULL) return;
  to = out->length + marks;
  for (size_t i = out->length; i-- > begin;) {
    char byte = out->data[i];
    bool marked = byte == '~' || byte == '/';
    out->data[--to] = byte == '~' ? '0' : byte == '/' ? '1' : byte;
    if (marked) out->data[--to] = '~';
  }
  out->length += marks;
}

void pur_pointer_add_name(pur_buffer *out, const pur_json_token *key) {
  size_t begin;
  pur_buffer_append_literal(out, "/");
  begin = out->length;
  if (key->escaped)
    pur_json_string_unescape(key->text, key->length, out);
  else
    pur_buffer_append(out, key->text, key->length);
  if (out->status == PUR_OK) escape_from(out, begin);
}

void pur_pointer_add_index(pur_buffer *out, size_t index) {
  char text[24];
  pur_buffer_append(out, text, (size_t)snprintf(text, sizeof text, "/%zu", index));
}

bool pur_pointer_unescape(char *text, size_t *length) {
  size_t to = 0;
  for (size_t i = 0; i < *length; i++) {
    char byte = text[i];
    if (byte == '~') {
      if (++i == *length || (text[i] != '0' && text[i] != '1')) return false;
      byte = text[i] == '0' ? '~' : '/';
    }
    text[to++] = byte;
  }
  *length = to;
  return true;
}

bool pur_percent_unescape(char *text, size_t *length) {
  size_t to = 0;
  for (size_t i = 0; i < *length; i++) {
    char byte = text[i];
    if (byte == '%') {
      int high = i + 2 < *length ? pur_text_hex_digit(text[i + 1]) : -1;
      int low = i + 2 < *length ? pur_text_hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      byte = (char)(high << 4 | low);
      i += 2;
    }
    text[to++] = byte;
  }
  *length = to;
  return true;
}

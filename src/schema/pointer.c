#include "schema/pointer.h"

#include <stdio.h>
#include <string.h>

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

#include "schema/canonical.h"

#include <stdlib.h>
#include <string.h>

#include "number/decimal.h"
#include "json/scan.h"

/* A member in the canonical text, where it begins at `begin`: its `text` is set for sorting. */
typedef struct member {
  pur_text text;
  size_t begin;
} member;

typedef struct writer {
  pur_canonical *canonical;
  pur_json_scanner scanner;
} writer;

void pur_canonical_free(pur_canonical *canonical) {
  pur_buffer_free(&canonical->text);
  pur_buffer_free(&canonical->members);
  pur_buffer_free(&canonical->unescaped);
}

static void write_string(pur_canonical *canonical, const pur_json_token *token) {
  pur_buffer *plain = &canonical->unescaped;
  pur_buffer_clear(plain);
  pur_json_string_unescape(token->text, token->length, plain);
  if (plain->status == PUR_OK)
    (void)pur_json_write_string(&canonical->text, plain->length != 0 ? plain->data : "",
                                plain->length, NULL);
  else
    canonical->text.status = plain->status;
}

int pur_canonical_compare(const void *a, const void *b) {
  const pur_text *one = a, *other = b;
  size_t common = one->length < other->length ? one->length : other->length;
  int order = memcmp(one->text, other->text, common);
  return order != 0 ? order : (one->length > other->length) - (one->length < other->length);
}

/* Sorts the members from `first` on, which stand one after the other from `begin` on, by their
 * names: copies them behind themselves, and back. */
static void sort_members(pur_canonical *canonical, size_t first, size_t begin) {
  pur_buffer *text = &canonical->text;
  size_t count = canonical->members.length / sizeof(member) - first, size = text->length - begin;
  member *members;
  if (count < 2 || pur_buffer_reserve(text, size) == NULL) return;
  members = (member *)(void *)canonical->members.data + first;
  for (size_t i = 0; i < count; i++) members[i].text.text = text->data + members[i].begin;
  qsort(members, count, sizeof *members, pur_canonical_compare);
  for (size_t i = 0; i < count; i++)
    pur_buffer_append(text, members[i].text.text, members[i].text.length);
  text->length -= size;
  memmove(text->data + begin, text->data + text->length, size);
}

static void write_value(writer *w, const pur_json_token *token);

static size_t next_byte(const writer *w) {
  return pur_json_skip_space(&w->scanner, w->scanner.position);
}

static void write_object(writer *w) {
  pur_canonical *canonical = w->canonical;
  size_t first = canonical->members.length / sizeof(member), begin = canonical->text.length + 1;
  pur_json_token key = {.kind = PUR_JSON_OBJECT_END}, value;
  pur_buffer_append_literal(&canonical->text, "{");
  (void)pur_json_read_first_name(&w->scanner, &key, next_byte(w), NULL);
  while (key.kind == PUR_JSON_KEY) {
    member added = {.begin = canonical->text.length};
    write_string(canonical, &key);
    (void)pur_json_read_colon(&w->scanner, NULL);
    (void)pur_json_read_value(&w->scanner, &value, next_byte(w), "", NULL);
    write_value(w, &value);
    pur_buffer_append_literal(&canonical->text, ",");
    added.text.length = canonical->text.length - added.begin;
    pur_buffer_append(&canonical->members, &added, sizeof added);
    (void)pur_json_read_next_name(&w->scanner, &key, next_byte(w), NULL);
  }
  if (canonical->text.status != PUR_OK || canonical->members.status != PUR_OK) return;
  sort_members(canonical, first, begin);
  canonical->members.length = first * sizeof(member);
  pur_buffer_append_literal(&canonical->text, "}");
}

static void write_array(writer *w) {
  pur_json_token element = {.kind = PUR_JSON_ARRAY_END};
  pur_buffer_append_literal(&w->canonical->text, "[");
  (void)pur_json_read_first_element(&w->scanner, &element, next_byte(w), NULL);
  while (element.kind != PUR_JSON_ARRAY_END) {
    write_value(w, &element);
    pur_buffer_append_literal(&w->canonical->text, ",");
    (void)pur_json_read_next_element(&w->scanner, &element, next_byte(w), NULL);
  }
  pur_buffer_append_literal(&w->canonical->text, "]");
}

static void write_value(writer *w, const pur_json_token *token) {
  pur_decimal number;
  switch (token->kind) {
  case PUR_JSON_OBJECT_BEGIN:
    write_object(w);
    break;
  case PUR_JSON_ARRAY_BEGIN:
    write_array(w);
    break;
  case PUR_JSON_STRING:
    write_string(w->canonical, token);
    break;
  case PUR_JSON_NUMBER:
    (void)pur_decimal_read(token->text, token->length, &number);
    pur_decimal_write(&number, &w->canonical->text);
    break;
  default:
    pur_buffer_append(&w->canonical->text, token->text, token->length);
  }
}

pur_status pur_canonical_write(pur_canonical *canonical, const char *text, size_t length) {
  writer w = {.canonical = canonical};
  pur_json_token token;
  pur_buffer_clear(&canonical->text);
  pur_buffer_clear(&canonical->members);
  w.scanner.text = text;
  w.scanner.length = length;
  (void)pur_json_read_value(&w.scanner, &token, next_byte(&w), "", NULL);
  write_value(&w, &token);
  if (canonical->members.status != PUR_OK) return canonical->members.status;
  return canonical->text.status;
}

/* One spelling for each JSON value. */
#include <stdlib.h>
#include <string.h>

#include "schema/node.h"

/* A member in the canonical text, where it begins at `begin`: its `text` is set for sorting. */
typedef struct member {
  pur_text text;
  size_t begin;
} member;

void pur_canonical_free(pur_canonical *canonical) {
  pur_buffer_free(&canonical->text);
  pur_buffer_free(&canonical->members);
  pur_buffer_free(&canonical->unescaped);
  pur_json_scanner_free(&canonical->scanner);
}

static void write_string(pur_canonical *canonical, const pur_json_token *token) {
  pur_text plain;
  if (pur_json_string_text(token, &canonical->unescaped, &plain, NULL) == PUR_OK)
    (void)pur_json_write_string(&canonical->text, plain.text, plain.length, NULL);
  else
    canonical->text.status = PUR_NO_MEMORY;
}

int pur_canonical_compare(const void *a, const void *b) {
  const pur_text *one = a, *other = b;
  if (one->length != other->length) return one->length < other->length ? -1 : 1;
  return memcmp(one->text, other->text, one->length);
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

static pur_status write_value(pur_canonical *canonical, const pur_json_token *token);

/* Writes an object or array whose bracket was read, with a comma behind each member or element. */
static pur_status write_container(pur_canonical *canonical, const pur_json_token *bracket) {
  bool is_object = bracket->kind == PUR_JSON_OBJECT_BEGIN;
  size_t first = canonical->members.length / sizeof(member), begin = canonical->text.length + 1;
  pur_json_token item;
  pur_buffer_append(&canonical->text, bracket->text, 1);
  for (;;) {
    member added = {.begin = canonical->text.length};
    pur_status status = pur_json_next(&canonical->scanner, &item, NULL);
    if (status != PUR_OK) return status;
    if (item.kind == PUR_JSON_OBJECT_END || item.kind == PUR_JSON_ARRAY_END) break;
    if (is_object) {
      write_string(canonical, &item);
      status = pur_json_next(&canonical->scanner, &item, NULL);
    }
    if (status == PUR_OK) status = write_value(canonical, &item);
    if (status != PUR_OK) return status;
    pur_buffer_append_literal(&canonical->text, ",");
    added.text.length = canonical->text.length - added.begin;
    if (is_object) pur_buffer_append(&canonical->members, &added, sizeof added);
  }
  if (canonical->members.status != PUR_OK) return canonical->members.status;
  if (is_object && canonical->text.status == PUR_OK) sort_members(canonical, first, begin);
  canonical->members.length = first * sizeof(member);
  pur_buffer_append(&canonical->text, item.text, 1);
  return canonical->text.status;
}

static pur_status write_value(pur_canonical *canonical, const pur_json_token *token) {
  pur_decimal number;
  switch (token->kind) {
  case PUR_JSON_OBJECT_BEGIN:
  case PUR_JSON_ARRAY_BEGIN:
    return write_container(canonical, token);
  case PUR_JSON_STRING:
    write_string(canonical, token);
    break;
  case PUR_JSON_NUMBER:
    (void)pur_decimal_read(token->text, token->length, &number);
    pur_decimal_write(&number, &canonical->text);
    break;
  default:
    pur_buffer_append(&canonical->text, token->text, token->length);
  }
  return canonical->text.status;
}

pur_status pur_canonical_write(pur_canonical *canonical, const char *text, size_t length) {
  pur_json_token token;
  pur_status status;
  pur_buffer_clear(&canonical->text);
  pur_buffer_clear(&canonical->members);
  pur_json_scanner_restart(&canonical->scanner, text, length);
  status = pur_json_next(&canonical->scanner, &token, NULL);
  return status == PUR_OK ? write_value(canonical, &token) : status;
}

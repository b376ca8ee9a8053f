#include "schema/tape.h"

#include <string.h>

/* Appends a token. Until it is closed, a container's `next` holds where the one around it begins.
 */
static pur_status append(pur_tape *tape, const pur_json_token *token, size_t *open) {
  size_t index = tape->items.length / sizeof(pur_tape_item);
  pur_tape_item item = {*token, index + 1}, *items;
  pur_buffer_append(&tape->items, &item, sizeof item);
  if (tape->items.status != PUR_OK) return tape->items.status;
  items = (pur_tape_item *)(void *)tape->items.data;
  if (token->kind == PUR_JSON_OBJECT_BEGIN || token->kind == PUR_JSON_ARRAY_BEGIN) {
    items[index].next = *open;
    *open = index;
  } else if (token->kind == PUR_JSON_OBJECT_END || token->kind == PUR_JSON_ARRAY_END) {
    size_t outer = items[*open].next;
    items[*open].next = index + 1;
    *open = outer;
  }
  return PUR_OK;
}

pur_status pur_tape_read(pur_tape *tape, const char *text, size_t length, pur_error *error) {
  pur_json_scanner scanner;
  pur_json_token token;
  pur_status status;
  size_t open = PUR_TAPE_NOWHERE;
  pur_buffer_init(&tape->items, 0);
  pur_json_scanner_init(&scanner, text, length);
  while ((status = pur_json_next(&scanner, &token, error)) == PUR_OK) {
    if (append(tape, &token, &open) == PUR_OK) continue;
    status = pur_error_no_memory(error);
    break;
  }
  pur_json_scanner_free(&scanner);
  return status == PUR_END ? PUR_OK : status;
}

void pur_tape_free(pur_tape *tape) {
  pur_buffer_free(&tape->items);
}

size_t pur_tape_member(const pur_tape *tape, size_t object, const char *name, size_t length) {
  size_t at = pur_tape_first(object);
  for (; !pur_tape_is_end(tape, at); at = pur_tape_next(tape, at))
    if (pur_json_string_equals(&pur_tape_at(tape, at)->token, name, length)) return at + 1;
  return PUR_TAPE_NOWHERE;
}

/* Pointers */

/* Finds the element with a number: digits, and no 0 before others. */
static size_t element(const pur_tape *tape, size_t array, const char *text, size_t length) {
  size_t index = 0, at = pur_tape_first(array);
  if (length == 0 || length > 9 || (*text == '0' && length > 1)) return PUR_TAPE_NOWHERE;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return PUR_TAPE_NOWHERE;
    index = index * 10 + (size_t)(text[i] - '0');
  }
  for (; !pur_tape_is_end(tape, at); at = pur_tape_next(tape, at))
    if (index-- == 0) return at;
  return PUR_TAPE_NOWHERE;
}

/* Undoes ~0 and ~1 in one step of a pointer, in place; false: another ~ stands in it. */
static bool unescape_step(char *text, size_t *length) {
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

size_t pur_tape_find(const pur_tape *tape, char *pointer, size_t length) {
  size_t at = 0;
  char *end = pointer + length;
  while (pointer < end && at != PUR_TAPE_NOWHERE) {
    char *step = pointer + 1, *slash;
    size_t step_length;
    if (*pointer != '/') return PUR_TAPE_NOWHERE;
    slash = memchr(step, '/', (size_t)(end - step));
    pointer = slash != NULL ? slash : end;
    step_length = (size_t)(pointer - step);
    if (!unescape_step(step, &step_length)) return PUR_TAPE_NOWHERE;
    if (pur_tape_kind(tape, at) == PUR_JSON_OBJECT_BEGIN)
      at = pur_tape_member(tape, at, step, step_length);
    else if (pur_tape_kind(tape, at) == PUR_JSON_ARRAY_BEGIN)
      at = element(tape, at, step, step_length);
    else
      at = PUR_TAPE_NOWHERE;
  }
  return at;
}

/* Goes from the outermost container on, always into the child that holds the item. */
void pur_tape_pointer(const pur_tape *tape, size_t index, pur_buffer *out) {
  size_t at = 0;
  while (at < index) {
    bool is_array = pur_tape_kind(tape, at) == PUR_JSON_ARRAY_BEGIN;
    size_t child = pur_tape_first(at), number = 0;
    for (; pur_tape_next(tape, child) <= index; number++) child = pur_tape_next(tape, child);
    if (pur_tape_is_end(tape, child)) return;
    if (is_array)
      pur_json_pointer_add_index(out, number);
    else
      pur_json_pointer_add_name(out, &pur_tape_at(tape, child)->token);
    at = is_array || child == index ? child : child + 1;
    if (child == index) return;
  }
}

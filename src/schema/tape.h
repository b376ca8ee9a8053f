/* The JSON of a schema, as a list of its tokens: private to the files that compile. */
#ifndef PURCHASES_SCHEMA_TAPE_H
#define PURCHASES_SCHEMA_TAPE_H

#include "json/json.h"

#define PUR_TAPE_NOWHERE SIZE_MAX

/* A key's value is the next item. */
typedef struct pur_tape_item {
  pur_json_token token;
  size_t next; /* the item behind this one, and behind all that is in it */
} pur_tape_item;

typedef struct pur_tape {
  pur_buffer items; /* pur_tape_item */
} pur_tape;

/* Reads a whole document, which must outlive the tape. pur_tape_free ends it, even after a failure.
 */
pur_status pur_tape_read(pur_tape *tape, const char *text, size_t length, pur_error *error);
void pur_tape_free(pur_tape *tape);

static inline const pur_tape_item *pur_tape_at(const pur_tape *tape, size_t index) {
  return (const pur_tape_item *)(const void *)tape->items.data + index;
}

static inline pur_json_kind pur_tape_kind(const pur_tape *tape, size_t index) {
  return pur_tape_at(tape, index)->token.kind;
}

/* The first key or element of an object or array, and the one behind a key or element. Behind the
 * last one stands an END. */
static inline size_t pur_tape_first(size_t container) {
  return container + 1;
}

static inline size_t pur_tape_next(const pur_tape *tape, size_t index) {
  size_t value = index + (pur_tape_kind(tape, index) == PUR_JSON_KEY);
  return pur_tape_at(tape, value)->next;
}

static inline bool pur_tape_is_end(const pur_tape *tape, size_t index) {
  pur_json_kind kind = pur_tape_kind(tape, index);
  return kind == PUR_JSON_OBJECT_END || kind == PUR_JSON_ARRAY_END;
}

/* The value of an object's member; PUR_TAPE_NOWHERE: it has none of that name. */
size_t pur_tape_member(const pur_tape *tape, size_t object, const char *name, size_t length);

/* The value that a JSON Pointer leads to; PUR_TAPE_NOWHERE: to none. Undoes the escapes in the
 * pointer. */
size_t pur_tape_find(const pur_tape *tape, char *pointer, size_t length);

/* Appends the JSON Pointer of a value or key. */
void pur_tape_pointer(const pur_tape *tape, size_t index, pur_buffer *out);

#endif

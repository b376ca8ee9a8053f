/* A fixed set of strings, each with a number, found by what a document says: private to the
 * schema*.c files. */
#ifndef PURCHASES_SCHEMA_NAMES_H
#define PURCHASES_SCHEMA_NAMES_H

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "schema/arena.h"

typedef struct pur_text {
  const char *text;
  size_t length;
} pur_text;

/* Up to 16 bytes are compared as two numbers, with the length; further ones as bytes. */
typedef struct pur_schema_name {
  uint64_t begin;
  uint64_t end;
  pur_text text;
} pur_schema_name;

typedef struct pur_schema_names {
  pur_schema_name *names; /* in the order in which they were added */
  size_t count;
  uint16_t *slots; /* a hash table: numbers from 1, 0 where there is none */
  unsigned shift;
  uint64_t factor;
} pur_schema_names;

#define PUR_SCHEMA_NAMES 60000 /* the most that a set can have */

/* Makes a set of at most PUR_SCHEMA_NAMES texts, which may repeat each other: a name's number is
 * that of the first of its kind. The texts must live as long. PUR_OK or PUR_NO_MEMORY. */
pur_status pur_schema_names_make(pur_schema_names *names, const pur_text *texts, size_t count,
                                 pur_arena *arena);

static inline uint64_t pur_load_8(const char *text) {
  uint64_t bytes;
  memcpy(&bytes, text, sizeof bytes);
  return bytes;
}

static inline uint64_t pur_load_4(const char *text) {
  uint32_t bytes;
  memcpy(&bytes, text, sizeof bytes);
  return bytes;
}

/* Both ends of a text, which are all of it up to 16 bytes. */
static inline pur_schema_name pur_schema_name_of(const char *text, size_t length) {
  pur_schema_name name = {0, 0, {text, length}};
  if (length >= 8) {
    name.begin = pur_load_8(text);
    name.end = pur_load_8(text + length - 8);
  } else if (length >= 4) {
    name.begin = pur_load_4(text) | pur_load_4(text + length - 4) << 32;
  } else if (length > 0) {
    name.begin = (uint64_t)(unsigned char)text[0] | (uint64_t)(unsigned char)text[length / 2] << 8 |
                 (uint64_t)(unsigned char)text[length - 1] << 16;
  }
  return name;
}

static inline size_t pur_schema_names_slot(const pur_schema_names *names,
                                           const pur_schema_name *name) {
  uint64_t mixed = (name->begin ^ (name->end << 1 | name->end >> 63)) + name->text.length;
  mixed ^= mixed >> 29;
  return (size_t)(mixed * names->factor >> names->shift);
}

static inline int pur_schema_name_equals(const pur_schema_name *a, const pur_schema_name *b) {
  if (a->begin != b->begin || a->end != b->end || a->text.length != b->text.length) return 0;
  return a->text.length <= 16 ||
         memcmp(a->text.text + 8, b->text.text + 8, a->text.length - 16) == 0;
}

/* The number of a name, from 0; -1 if it is none of them. */
static inline int pur_schema_names_find(const pur_schema_names *names, const char *text,
                                        size_t length) {
  pur_schema_name wanted;
  size_t mask, slot;
  if (names->count == 0) return -1;
  wanted = pur_schema_name_of(text, length);
  mask = ((size_t)1 << (64 - names->shift)) - 1;
  slot = pur_schema_names_slot(names, &wanted);
  for (; names->slots[slot] != 0; slot = (slot + 1) & mask)
    if (pur_schema_name_equals(&names->names[names->slots[slot] - 1], &wanted))
      return names->slots[slot] - 1;
  return -1;
}

#endif

/* A fixed set of texts, each with a number: private to the schema folder. */
#ifndef PURCHASES_SCHEMA_NAMES_H
#define PURCHASES_SCHEMA_NAMES_H

#include <stdint.h>

#include "base/error.h"
#include "schema/arena.h"

typedef struct pur_text {
  const char *text;
  size_t length;
} pur_text;

typedef struct pur_schema_names {
  pur_text *names; /* in the order in which they were added */
  size_t count;
  uint16_t *slots; /* a hash table: numbers from 1, 0 where there is none */
  size_t mask;     /* the number of slots, a power of 2, less 1 */
} pur_schema_names;

#define PUR_SCHEMA_NAMES 60000 /* the most that a set can have */

/* Makes a set of at most PUR_SCHEMA_NAMES texts, which may repeat each other: a name's number is
 * that of the first of its kind. The texts must live as long. PUR_OK or PUR_NO_MEMORY. */
pur_status pur_schema_names_make(pur_schema_names *names, const pur_text *texts, size_t count,
                                 pur_arena *arena);

/* The number of a name, from 0; -1 if it is none of them. */
int pur_schema_names_find(const pur_schema_names *names, const char *text, size_t length);

#endif

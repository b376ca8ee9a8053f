/* Memory that is given back all at once: private to the schema folder. */
#ifndef PURCHASES_SCHEMA_ARENA_H
#define PURCHASES_SCHEMA_ARENA_H

#include <stddef.h>

typedef struct pur_arena {
  struct pur_arena_block *newest; /* NULL at first */
} pur_arena;

/* Memory for `count` things of `size` bytes, all zeros, for as long as the arena lives; NULL: out
 * of memory. */
void *pur_arena_new(pur_arena *arena, size_t count, size_t size);

void pur_arena_free(pur_arena *arena);

#endif

#include "schema/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4096

typedef struct pur_arena_block {
  struct pur_arena_block *older;
  size_t used;
  size_t size;
  alignas(max_align_t) char data[];
} block;

static block *add_block(pur_arena *arena, size_t least) {
  size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
  block *added = malloc(sizeof *added + size);
  if (added == NULL) return NULL;
  added->older = arena->newest;
  added->used = 0;
  added->size = size;
  arena->newest = added;
  return added;
}

void *pur_arena_new(pur_arena *arena, size_t count, size_t size) {
  const size_t unit = alignof(max_align_t);
  block *from = arena->newest;
  void *memory;
  if (size != 0 && count > (SIZE_MAX / 2 - unit) / size) return NULL;
  size = (count * size + unit - 1) / unit * unit;
  if (from == NULL || from->size - from->used < size) from = add_block(arena, size);
  if (from == NULL) return NULL;
  memory = from->data + from->used;
  from->used += size;
  return memset(memory, 0, size);
}

void pur_arena_free(pur_arena *arena) {
  while (arena->newest != NULL) {
    block *older = arena->newest->older;
    free(arena->newest);
    arena->newest = older;
  }
}

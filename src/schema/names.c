#include "schema/names.h"

#define TRIES 64 /* factors to choose from */

/* Puts all into their slots; returns how many steps it takes, beyond one each, to find them. */
static size_t fill(pur_schema_names *names) {
  size_t size = (size_t)1 << (64 - names->shift), steps = 0;
  memset(names->slots, 0, size * sizeof *names->slots);
  for (size_t i = 0; i < names->count; i++) {
    size_t slot = pur_schema_names_slot(names, &names->names[i]);
    for (; names->slots[slot] != 0; slot = (slot + 1) & (size - 1)) {
      if (pur_schema_name_equals(&names->names[names->slots[slot] - 1], &names->names[i])) break;
      steps++;
    }
    if (names->slots[slot] == 0) names->slots[slot] = (uint16_t)(i + 1);
  }
  return steps;
}

/* Takes the factor by which the names collide least, at best not at all. */
static void choose_factor(pur_schema_names *names) {
  uint64_t factor = 0x9E3779B97F4A7C15u, best = factor;
  size_t least = SIZE_MAX;
  for (int i = 0; i < TRIES && least > 0; i++) {
    size_t steps;
    names->factor = factor;
    steps = fill(names);
    if (steps < least) least = steps, best = factor;
    factor = (factor * 6364136223846793005u + 1442695040888963407u) | 1;
  }
  names->factor = best;
  (void)fill(names);
}

pur_status pur_schema_names_make(pur_schema_names *names, const pur_text *texts, size_t count,
                                 pur_arena *arena) {
  unsigned bits = 3;
  while ((size_t)1 << bits < 4 * count) bits++;
  memset(names, 0, sizeof *names);
  names->names = pur_arena_new(arena, count, sizeof *names->names);
  names->slots = pur_arena_new(arena, (size_t)1 << bits, sizeof *names->slots);
  if (names->names == NULL || names->slots == NULL) return PUR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    names->names[i] = pur_schema_name_of(texts[i].text, texts[i].length);
  names->count = count;
  names->shift = 64 - bits;
  choose_factor(names);
  return PUR_OK;
}

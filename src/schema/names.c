#include "schema/names.h"

#include <string.h>

/* The slot of a text, or the empty one where it belongs. FNV-1a: the texts of a schema are few and
 * its author's own. */
static uint16_t *find_slot(const pur_schema_names *names, const char *text, size_t length) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
  for (size_t slot = hash & names->mask;; slot = (slot + 1) & names->mask) {
    uint16_t number = names->slots[slot];
    const pur_text *name = names->names + (number != 0 ? number - 1 : 0);
    if (number == 0 || (name->length == length && memcmp(name->text, text, length) == 0))
      return &names->slots[slot];
  }
}

pur_status pur_schema_names_make(pur_schema_names *names, const pur_text *texts, size_t count,
                                 pur_arena *arena) {
  size_t slots = 8;
  while (slots < 4 * count) slots *= 2;
  names->names = pur_arena_new(arena, count, sizeof *names->names);
  names->slots = pur_arena_new(arena, slots, sizeof *names->slots);
  if (names->names == NULL || names->slots == NULL) return PUR_NO_MEMORY;
  names->count = count;
  names->mask = slots - 1;
  for (size_t i = 0; i < count; i++) {
    uint16_t *slot = find_slot(names, texts[i].text, texts[i].length);
    names->names[i] = texts[i];
    if (*slot == 0) *slot = (uint16_t)(i + 1);
  }
  return PUR_OK;
}

int pur_schema_names_find(const pur_schema_names *names, const char *text, size_t length) {
  return names->count != 0 ? *find_slot(names, text, length) - 1 : -1;
}

#include "map/key_set.h"

#include <stdlib.h>

#include "base/hash.h"

#define SMALLEST 256

void pur_key_set_free(pur_key_set *set) {
  free(set->slots);
  *set = (pur_key_set){0};
}

uint64_t pur_key_hash(const char *text, size_t length) {
  uint64_t hash = pur_hash(text, length, 0);
  return hash != 0 ? hash : 1;
}

/* Finds where the key is, or where it would go; there is always an empty slot. */
static size_t find(const pur_key_set *set, uint64_t hash) {
  size_t at = hash & (set->room - 1);
  while (set->slots[at].hash != 0 && set->slots[at].hash != hash) at = (at + 1) & (set->room - 1);
  return at;
}

uint64_t *pur_key_set_find(const pur_key_set *set, uint64_t hash) {
  size_t at;
  if (set->count == 0) return NULL;
  at = find(set, hash);
  return set->slots[at].hash != 0 ? &set->slots[at].line : NULL;
}

static pur_status grow(pur_key_set *set, pur_error *error) {
  pur_key_set larger = {NULL, set->room == 0 ? SMALLEST : 2 * set->room, set->count};
  larger.slots = calloc(larger.room, sizeof *larger.slots);
  if (larger.slots == NULL) return pur_error_no_memory(error);
  for (size_t i = 0; i < set->room; i++)
    if (set->slots[i].hash != 0) larger.slots[find(&larger, set->slots[i].hash)] = set->slots[i];
  free(set->slots);
  *set = larger;
  return PUR_OK;
}

pur_status pur_key_set_add(pur_key_set *set, uint64_t hash, uint64_t line, pur_error *error) {
  pur_status status = PUR_OK;
  if (set->count >= set->room / 8 * 7) status = grow(set, error);
  if (status != PUR_OK) return status;
  set->slots[find(set, hash)] = (pur_key_slot){hash, line};
  set->count++;
  return PUR_OK;
}

/* Keys behind it move up, unless that would take them before the place they belong to. */
void pur_key_set_remove(pur_key_set *set, uint64_t hash) {
  size_t hole, at, mask = set->room - 1;
  if (pur_key_set_find(set, hash) == NULL) return;
  hole = at = find(set, hash);
  for (;;) {
    at = (at + 1) & mask;
    if (set->slots[at].hash == 0) break;
    if (((at - set->slots[at].hash) & mask) < ((at - hole) & mask)) continue;
    set->slots[hole] = set->slots[at];
    hole = at;
  }
  set->slots[hole].hash = 0;
  set->count--;
}

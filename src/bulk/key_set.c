#include "bulk/key_set.h"

#include <stdlib.h>

#define SMALLEST 256

void pur_keys_init(pur_keys *keys) {
  keys->slots = NULL;
  keys->room = keys->count = 0;
}

void pur_keys_free(pur_keys *keys) {
  free(keys->slots);
  pur_keys_init(keys);
}

/* FNV-1a, and then every bit of it has a say in every other (the end of MurmurHash3). */
uint64_t pur_key_hash(const char *text, size_t length) {
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3);
  hash = (hash ^ hash >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
  hash = (hash ^ hash >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
  hash ^= hash >> 33;
  return hash != 0 ? hash : 1;
}

/* Where the key is, or where it would go. There is always an empty slot. */
static size_t find(const pur_keys *keys, uint64_t hash) {
  size_t at = hash & (keys->room - 1);
  while (keys->slots[at].hash != 0 && keys->slots[at].hash != hash)
    at = (at + 1) & (keys->room - 1);
  return at;
}

const uint64_t *pur_keys_find(const pur_keys *keys, uint64_t hash) {
  size_t at;
  if (keys->count == 0) return NULL;
  at = find(keys, hash);
  return keys->slots[at].hash != 0 ? &keys->slots[at].line : NULL;
}

static pur_status grow(pur_keys *keys, pur_error *error) {
  pur_keys larger = {NULL, keys->room == 0 ? SMALLEST : 2 * keys->room, keys->count};
  larger.slots = calloc(larger.room, sizeof *larger.slots);
  if (larger.slots == NULL) return pur_error_no_memory(error);
  for (size_t i = 0; i < keys->room; i++)
    if (keys->slots[i].hash != 0) larger.slots[find(&larger, keys->slots[i].hash)] = keys->slots[i];
  free(keys->slots);
  *keys = larger;
  return PUR_OK;
}

pur_status pur_keys_add(pur_keys *keys, uint64_t hash, uint64_t line, pur_error *error) {
  pur_status status = PUR_OK;
  if (keys->count >= keys->room / 8 * 7) status = grow(keys, error);
  if (status != PUR_OK) return status;
  keys->slots[find(keys, hash)] = (pur_key_slot){hash, line};
  keys->count++;
  return PUR_OK;
}

/* Those behind it move up, unless that would take them before the place they belong to. */
void pur_keys_remove(pur_keys *keys, uint64_t hash) {
  size_t hole, at, mask = keys->room - 1;
  if (pur_keys_find(keys, hash) == NULL) return;
  hole = at = find(keys, hash);
  for (;;) {
    at = (at + 1) & mask;
    if (keys->slots[at].hash == 0) break;
    if (((at - keys->slots[at].hash) & mask) < ((at - hole) & mask)) continue;
    keys->slots[hole] = keys->slots[at];
    hole = at;
  }
  keys->slots[hole].hash = 0;
  keys->count--;
}

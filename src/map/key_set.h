/* A set of natural keys (invoice numbers), kept as hashes of 64 bits, each with a line number.
 *
 * A key takes about 20 bytes, whatever its length. Two keys may share a hash, which among a million
 * is as likely as 1 in 30 million; what a caller does about a key that is there must be harmless,
 * or reported. */
#ifndef PURCHASES_MAP_KEY_SET_H
#define PURCHASES_MAP_KEY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pur_key_slot {
  uint64_t hash; /* 0: nothing here */
  uint64_t line;
} pur_key_slot;

/* Zeros at first. pur_key_set_free ends it. */
typedef struct pur_key_set {
  pur_key_slot *slots;
  size_t room; /* a power of two, or 0 */
  size_t count;
} pur_key_set;

void pur_key_set_free(pur_key_set *set);

/* The hash of a key's bytes; never 0. */
uint64_t pur_key_hash(const char *text, size_t length);

/* Returns the line a key was added with, which may be changed; NULL: it is not there. */
uint64_t *pur_key_set_find(const pur_key_set *set, uint64_t hash);

/* Adds a key that is not there. PUR_NO_MEMORY, with the set as it was. */
pur_status pur_key_set_add(pur_key_set *set, uint64_t hash, uint64_t line, pur_error *error);

/* Takes a key out, if it is there. */
void pur_key_set_remove(pur_key_set *set, uint64_t hash);

#endif

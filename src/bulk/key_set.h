/* A set of natural keys (invoice numbers), kept as hashes of 64 bits, each with a line number.
 *
 * About 20 bytes a key, whatever its length. That two keys have one hash is possible, and among a
 * million as likely as 1 in 30 million; what a caller does about a key that is there must be
 * harmless, or reported. */
#ifndef PURCHASES_BULK_KEY_SET_H
#define PURCHASES_BULK_KEY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pur_key_slot {
  uint64_t hash; /* 0: nothing here */
  uint64_t line;
} pur_key_slot;

typedef struct pur_keys {
  pur_key_slot *slots;
  size_t room; /* a power of two, or 0 */
  size_t count;
} pur_keys;

/* An empty set. Allocates nothing; pur_keys_free ends it. */
void pur_keys_init(pur_keys *keys);
void pur_keys_free(pur_keys *keys);

/* The hash of a key's bytes; never 0. */
uint64_t pur_key_hash(const char *text, size_t length);

/* The line a key was added with; NULL: it is not there. */
const uint64_t *pur_keys_find(const pur_keys *keys, uint64_t hash);

/* Adds a key that is not there. PUR_NO_MEMORY, with the set as it was. */
pur_status pur_keys_add(pur_keys *keys, uint64_t hash, uint64_t line, pur_error *error);

/* Takes a key out, if it is there. */
void pur_keys_remove(pur_keys *keys, uint64_t hash);

#endif

/* The natural keys (invoice numbers) of a whole file, as hashes of 64 bits with the line that each
 * stood on first: has a key been there before?
 *
 * About 4 MB of memory are used, however many keys there are: the others go to temporary files that
 * have no name, 32 to 128 bytes each. Every call does a little of that work, so that none takes
 * long. Two keys may share a hash, as key_set.h says. */
#ifndef PURCHASES_MAP_KEY_FILE_H
#define PURCHASES_MAP_KEY_FILE_H

#include "map/key_set.h"

#define PUR_KEY_TABLES 16

/* Each has four times the room of the one before; only the last one takes keys. */
typedef struct pur_key_table {
  int file;       /* of pur_key_slot */
  uint64_t room;  /* slots in it, a power of two */
  uint64_t count; /* of them that are taken */
} pur_key_table;

typedef struct pur_key_file {
  pur_key_set recent;
  pur_key_set older; /* those that are being moved to a file */
  size_t moved;      /* slots of it that were */
  pur_key_table tables[PUR_KEY_TABLES];
  unsigned table_count;
} pur_key_file;

/* Nothing keys yet. Allocates nothing; pur_key_file_free ends it. */
void pur_key_file_init(pur_key_file *keys);
void pur_key_file_free(pur_key_file *keys);

/* Notes a key with its line, counted from 1. `before` is the line it was noted with before, or 0.
 * PUR_NO_MEMORY, or PUR_FILE_UNREADABLE where the temporary file cannot be kept: not noted. */
pur_status pur_key_file_note(pur_key_file *keys, uint64_t hash, uint64_t line, uint64_t *before,
                             pur_error *error);

/* The line that a key was noted with; 0: it was not. PUR_FILE_UNREADABLE. */
pur_status pur_key_file_find(const pur_key_file *keys, uint64_t hash, uint64_t *line,
                             pur_error *error);

/* Gives a key that was noted another line than that. PUR_FILE_UNREADABLE. */
pur_status pur_key_file_change(const pur_key_file *keys, uint64_t hash, uint64_t line,
                               pur_error *error);

#endif

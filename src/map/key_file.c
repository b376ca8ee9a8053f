#include "map/key_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/system.h"

#define MOST_RECENT ((size_t)114688) /* what key_set.c has in 131,072 slots of 16 bytes */
#define FIRST_ROOM ((uint64_t)1 << 18)
#define GROUP 16 /* slots read at once: most searches read one group */
#define STEP 4   /* slots moved by a call: all of a set are, before the next one is full */

void pur_key_file_init(pur_key_file *keys) {
  memset(keys, 0, sizeof *keys);
}

void pur_key_file_free(pur_key_file *keys) {
  while (keys->table_count > 0) (void)close(keys->tables[--keys->table_count].file);
  pur_key_set_free(&keys->recent);
  pur_key_set_free(&keys->older);
  pur_key_file_init(keys);
}

static pur_status unkeepable(pur_error *error) {
  return pur_error_set(error, PUR_FILE_UNREADABLE, 0,
                       "the keys of what was read cannot be kept in a temporary file: %s",
                       strerror(errno));
}

static bool get(int file, uint64_t at, pur_key_slot slots[GROUP]) {
  size_t done = 0, size = GROUP * sizeof *slots;
  while (done < size) {
    ssize_t got =
        pread(file, (char *)slots + done, size - done, (off_t)(at * sizeof *slots + done));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;
    if (got <= 0) return false;
    done += (size_t)got;
  }
  return true;
}

/* Finds where in a table the key is, or where it would go; there is always an empty slot. */
static bool find(const pur_key_table *table, uint64_t hash, uint64_t *at, pur_key_slot *slot) {
  pur_key_slot slots[GROUP];
  uint64_t mask = table->room - 1;
  for (uint64_t start = hash & mask & ~(uint64_t)(GROUP - 1);; start = (start + GROUP) & mask) {
    if (!get(table->file, start, slots)) return false;
    for (unsigned i = 0; i < GROUP; i++) {
      if (slots[i].hash != 0 && slots[i].hash != hash) continue;
      *at = start + i;
      *slot = slots[i];
      return true;
    }
  }
}

/* Begins a table, all zeros, in a file that has no name. */
static bool add_table(pur_key_file *keys) {
  pur_key_table table = {.room = FIRST_ROOM << 2 * keys->table_count};
  table.file = keys->table_count < PUR_KEY_TABLES ? pur_system_temporary() : -1;
  if (table.file < 0) return false;
  if (ftruncate(table.file, (off_t)(table.room * sizeof(pur_key_slot))) != 0) {
    (void)close(table.file);
    return false;
  }
  keys->tables[keys->table_count++] = table;
  return true;
}

/* The table that takes keys. NULL: there is none, nor can one be made. */
static pur_key_table *open_table(pur_key_file *keys) {
  pur_key_table *tables = keys->tables;
  unsigned count = keys->table_count;
  bool has_room = count > 0 && tables[count - 1].count < tables[count - 1].room / 2;
  return has_room || add_table(keys) ? &tables[keys->table_count - 1] : NULL;
}

static bool put(const pur_key_table *table, uint64_t at, const pur_key_slot *slot) {
  ssize_t done;
  do done = pwrite(table->file, slot, sizeof *slot, (off_t)(at * sizeof *slot));
  while (done < 0 && errno == EINTR);
  if (done >= 0 && done < (ssize_t)sizeof *slot) errno = ENOSPC;
  return done == (ssize_t)sizeof *slot;
}

/* Moves a key to a table, unless it is there. */
static bool move(pur_key_file *keys, const pur_key_slot *slot) {
  pur_key_table *table = open_table(keys);
  pur_key_slot there;
  uint64_t at;
  if (table == NULL || !find(table, slot->hash, &at, &there)) return false;
  if (there.hash != 0) return true;
  if (!put(table, at, slot)) return false;
  table->count++;
  return true;
}

/* Moves some of the older keys to a file; `count` slots, if there are so many. */
static bool move_some(pur_key_file *keys, size_t count) {
  pur_key_set *older = &keys->older;
  for (; count > 0 && keys->moved < older->room; count--) {
    const pur_key_slot *slot = older->slots + keys->moved;
    if (slot->hash != 0 && !move(keys, slot)) return false;
    keys->moved++;
  }
  if (keys->moved == older->room) pur_key_set_free(older);
  return true;
}

/* The line that a key was noted with, in `line`; 0: it was not. */
static bool look_up(const pur_key_file *keys, uint64_t hash, uint64_t *line) {
  const uint64_t *found = pur_key_set_find(&keys->recent, hash);
  if (found == NULL) found = pur_key_set_find(&keys->older, hash);
  *line = found != NULL ? *found : 0;
  for (unsigned i = keys->table_count; i > 0 && *line == 0; i--) {
    pur_key_slot slot;
    uint64_t at;
    if (!find(keys->tables + i - 1, hash, &at, &slot)) return false;
    *line = slot.line;
  }
  return true;
}

pur_status pur_key_file_note(pur_key_file *keys, uint64_t hash, uint64_t line, uint64_t *before,
                             pur_error *error) {
  if (!look_up(keys, hash, before)) return unkeepable(error);
  if (*before != 0) return PUR_OK;
  if (!move_some(keys, STEP)) return unkeepable(error);
  if (keys->recent.count >= MOST_RECENT) {
    if (!move_some(keys, SIZE_MAX)) return unkeepable(error);
    keys->older = keys->recent;
    keys->moved = 0;
    memset(&keys->recent, 0, sizeof keys->recent);
  }
  return pur_key_set_add(&keys->recent, hash, line, error);
}

pur_status pur_key_file_find(const pur_key_file *keys, uint64_t hash, uint64_t *line,
                             pur_error *error) {
  return look_up(keys, hash, line) ? PUR_OK : unkeepable(error);
}

/* One of the older keys may stand in a table already. */
pur_status pur_key_file_change(const pur_key_file *keys, uint64_t hash, uint64_t line,
                               pur_error *error) {
  const pur_key_slot changed = {hash, line};
  uint64_t *found = pur_key_set_find(&keys->recent, hash);
  if (found == NULL) found = pur_key_set_find(&keys->older, hash);
  if (found != NULL) *found = line;
  for (unsigned i = keys->table_count; i > 0; i--) {
    pur_key_slot there;
    uint64_t at;
    if (!find(keys->tables + i - 1, hash, &at, &there)) return unkeepable(error);
    if (there.hash == 0) continue;
    return put(keys->tables + i - 1, at, &changed) ? PUR_OK : unkeepable(error);
  }
  return PUR_OK;
}

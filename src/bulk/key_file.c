#include "bulk/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_RECENT ((size_t)57344) /* what key_set.c has in 65,536 slots of 16 bytes */
#define FIRST_ROOM ((uint64_t)1 << 18)
#define GROUP 16 /* slots read at once: most searches read one group */

void pur_key_file_init(pur_key_file *keys) {
  *keys = (pur_key_file){.file = -1};
}

void pur_key_file_free(pur_key_file *keys) {
  if (keys->file >= 0) (void)close(keys->file);
  pur_key_set_free(&keys->recent);
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

/* Finds where in the file the key is, or where it would go; there is always an empty slot. */
static bool find(const pur_key_file *keys, uint64_t hash, uint64_t *at, pur_key_slot *slot) {
  pur_key_slot slots[GROUP];
  uint64_t mask = keys->room - 1;
  for (uint64_t start = hash & mask & ~(uint64_t)(GROUP - 1);; start = (start + GROUP) & mask) {
    if (!get(keys->file, start, slots)) return false;
    for (unsigned i = 0; i < GROUP; i++) {
      if (slots[i].hash != 0 && slots[i].hash != hash) continue;
      *at = start + i;
      *slot = slots[i];
      return true;
    }
  }
}

static bool add_all(pur_key_file *keys, const pur_key_slot *slots, size_t count) {
  for (size_t i = 0; i < count; i++) {
    pur_key_slot there;
    uint64_t at;
    ssize_t done;
    if (slots[i].hash == 0) continue;
    if (!find(keys, slots[i].hash, &at, &there)) return false;
    if (there.hash != 0) continue;
    do done = pwrite(keys->file, slots + i, sizeof *slots, (off_t)(at * sizeof *slots));
    while (done < 0 && errno == EINTR);
    if (done >= 0 && done < (ssize_t)sizeof *slots) errno = ENOSPC;
    if (done < (ssize_t)sizeof *slots) return false;
    keys->count++;
  }
  return true;
}

/* Moves the keys to a file four times as large, which has no name and is all zeros at first. */
static bool grow(pur_key_file *keys) {
  pur_key_file larger = {.room = keys->room == 0 ? FIRST_ROOM : 4 * keys->room};
  pur_key_slot slots[GROUP];
  FILE *temporary = tmpfile();
  larger.file = temporary != NULL ? fcntl(fileno(temporary), F_DUPFD_CLOEXEC, 0) : -1;
  if (temporary != NULL) (void)fclose(temporary);
  if (larger.file < 0) return false;
  if (ftruncate(larger.file, (off_t)(larger.room * sizeof *slots)) != 0) {
    (void)close(larger.file);
    return false;
  }
  for (uint64_t at = 0; at < keys->room; at += GROUP) {
    if (get(keys->file, at, slots) && add_all(&larger, slots, GROUP)) continue;
    (void)close(larger.file);
    return false;
  }
  if (keys->file >= 0) (void)close(keys->file);
  keys->file = larger.file;
  keys->room = larger.room;
  return true;
}

/* Moves the keys in memory to the file. */
static pur_status flush(pur_key_file *keys, pur_error *error) {
  if (keys->count + keys->recent.count > keys->room / 2 && !grow(keys)) return unkeepable(error);
  if (!add_all(keys, keys->recent.slots, keys->recent.room)) return unkeepable(error);
  pur_key_set_free(&keys->recent);
  return PUR_OK;
}

pur_status pur_key_file_note(pur_key_file *keys, uint64_t hash, uint64_t line, uint64_t *before,
                             pur_error *error) {
  const uint64_t *recent = pur_key_set_find(&keys->recent, hash);
  pur_key_slot slot = {0, 0};
  uint64_t at;
  pur_status status = PUR_OK;
  if (recent == NULL && keys->file >= 0 && !find(keys, hash, &at, &slot)) return unkeepable(error);
  *before = recent != NULL ? *recent : slot.line;
  if (*before != 0) return PUR_OK;
  if (keys->recent.count >= MOST_RECENT) status = flush(keys, error);
  return status == PUR_OK ? pur_key_set_add(&keys->recent, hash, line, error) : status;
}

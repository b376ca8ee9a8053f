/* The place of a ledger: its folder and its file, what file system they are on, what the file says
 * it is, and room that is kept free. Errors are PUR_READ_ONLY, PUR_DISK_FULL and PUR_IO, with the
 * system's words. */
#ifndef PURCHASES_LEDGER_PLACE_H
#define PURCHASES_LEDGER_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Fills `error` with what errno says, and returns its status. */
pur_status pur_place_fail(pur_error *error);

#define PUR_PLACE_SIZE 4096

/* Finds where a file really is, so that it has one name for everybody: all links are followed, and
 * its folder is made, with those around it, each with mode 0700. The file need not be there. */
pur_status pur_place_find(const char *path, char found[PUR_PLACE_SIZE], pur_error *error);

/* The kind of the file system at a path where it does not keep what SQLite asks of it (locks,
 * memory in common, a sync that is one): "NFS", "SMB", "FUSE" and the like. NULL: it is a local
 * one. */
const char *pur_place_unfit(const char *path);

/* What the first bytes of a file say. */
typedef struct pur_place_header {
  bool exists, is_database;
  uint64_t size;
  uint32_t application, version; /* SQLite's application_id and user_version */
} pur_place_header;

/* Reads it without SQLite, so that nothing of a foreign file is touched. Never while this process
 * has the file open in SQLite: closing it here would lose SQLite's locks. */
pur_status pur_place_read(const char *path, pur_place_header *header, pur_error *error);

/* Makes an empty file with mode 0600 in the place of what is there. */
pur_status pur_place_make(const char *path, pur_error *error);

/* Gives a file another name, in the same folder, in the place of what is there; it has it after a
 * loss of power, too. */
pur_status pur_place_rename(const char *from, const char *to, pur_error *error);

/* Keeps room free: makes a file of so many bytes that nothing can pack, with mode 0600, unless it
 * is there. PUR_DISK_FULL leaves none. */
pur_status pur_place_reserve(const char *path, size_t size, pur_error *error);

/* Removes a file, if it is there. */
void pur_place_remove(const char *path);

#endif

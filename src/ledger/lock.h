/* Locks that the kernel holds for a process and takes back when it ends, however it ends: a lease
 * needs no heartbeat. They are bytes of a file, which need not be there; the file's text is for
 * notes, so that others may read who holds a lock.
 *
 * The locks are of the open file (F_OFD_SETLK): two in one process keep each other out, and closing
 * another descriptor of the file loses none. Where there are none such, each byte has a file of its
 * own beside it, `PATH-BYTE`, with flock. A forked child that lives on holds what its parent held.
 */
#ifndef PURCHASES_LEDGER_LOCK_H
#define PURCHASES_LEDGER_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define PUR_NOTE_SIZE 64

/* One lock. */
typedef struct pur_lock {
  int file;     /* -1: closed */
  int own_file; /* that of the byte, with flock; -1: none */
  char *path;
} pur_lock;

/* Opens the file of locks, and makes it with mode 0600 where it is not there. PUR_READ_ONLY,
 * PUR_DISK_FULL or PUR_IO with the system's words. The caller frees it with pur_lock_close. */
pur_status pur_lock_open(pur_lock *lock, const char *path, pur_error *error);

/* Takes the lock on a byte, for oneself or together with others who share it; one that is held
 * already is changed, and kept when that fails. PUR_BUSY: somebody else holds it, and did so for
 * `patience` seconds or until a signal came. */
pur_status pur_lock_take(pur_lock *lock, unsigned byte, bool shared, double patience,
                         pur_error *error);

/* Does somebody hold the lock on a byte, through another open file? */
bool pur_lock_is_held(const pur_lock *lock, unsigned byte);

/* Writes the note of a byte: at most PUR_NOTE_SIZE - 1 bytes of text. */
pur_status pur_lock_write(pur_lock *lock, unsigned byte, const char *text, pur_error *error);

/* Reads the note of a byte, "" where there is none. */
void pur_lock_read(const pur_lock *lock, unsigned byte, char text[PUR_NOTE_SIZE]);

/* Releases the lock, and closes the file; may be called again. In a forked child the lock stays
 * its parent's. */
void pur_lock_close(pur_lock *lock);

#endif

#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/system.h"
#include "ledger/place.h"

static int open_file(const char *path) {
  return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

pur_status pur_lock_open(pur_lock *lock, const char *path, pur_error *error) {
  lock->own_file = -1;
  lock->file = -1;
  lock->path = strdup(path);
  if (lock->path == NULL) return pur_error_no_memory(error);
  lock->file = open_file(path);
  if (lock->file >= 0) return PUR_OK;
  pur_lock_close(lock);
  return pur_place_fail(error);
}

/* 0, or -1 and errno: EINVAL where the system has no such locks. Of F_OFD_GETLK, `type` is set to
 * F_UNLCK where nobody is in the way. */
static int use_byte(int file, bool is_question, unsigned byte, short *type) {
#ifdef F_OFD_SETLK
  struct flock range = {.l_type = *type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
  int result = fcntl(file, is_question ? F_OFD_GETLK : F_OFD_SETLK, &range);
  *type = range.l_type;
  return result;
#else
  (void)file, (void)is_question, (void)byte, (void)type;
  errno = EINVAL;
  return -1;
#endif
}

/* The descriptor of a byte's own file, or -1 and errno. */
static int open_own_file(const pur_lock *lock, unsigned byte) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s-%u", lock->path, byte);
  if (length >= 0 && (size_t)length < sizeof path) return open_file(path);
  errno = ENAMETOOLONG;
  return -1;
}

static int take(pur_lock *lock, unsigned byte, bool shared) {
  short type = shared ? F_RDLCK : F_WRLCK;
  int result = use_byte(lock->file, false, byte, &type);
  if (result == 0 || errno != EINVAL) return result;
  if (lock->own_file < 0) lock->own_file = open_own_file(lock, byte);
  return lock->own_file < 0 ? -1 : flock(lock->own_file, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
}

bool pur_lock_is_held(const pur_lock *lock, unsigned byte) {
  short type = F_WRLCK;
  int file, result = use_byte(lock->file, true, byte, &type);
  if (result == 0) return type != F_UNLCK;
  file = open_own_file(lock, byte);
  result = file < 0 ? 0 : flock(file, LOCK_SH | LOCK_NB);
  if (file >= 0) (void)close(file);
  return result != 0;
}

pur_status pur_lock_take(pur_lock *lock, unsigned byte, bool shared, double patience,
                         pur_error *error) {
  double deadline = pur_system_monotonic() + patience;
  struct timespec pause = {.tv_nsec = 20000000};
  while (take(lock, byte, shared) != 0) {
    if (errno != EAGAIN && errno != EACCES && errno != EWOULDBLOCK) return pur_place_fail(error);
    if (pur_system_monotonic() >= deadline || nanosleep(&pause, NULL) != 0)
      return pur_error_set(error, PUR_BUSY, 0, "another process holds it");
  }
  return PUR_OK;
}

pur_status pur_lock_write(pur_lock *lock, unsigned byte, const char *text, pur_error *error) {
  char note[PUR_NOTE_SIZE + 1];
  (void)snprintf(note, sizeof note, "%-*.*s\n", PUR_NOTE_SIZE - 1, PUR_NOTE_SIZE - 1, text);
  if (pwrite(lock->file, note, PUR_NOTE_SIZE, (off_t)byte * PUR_NOTE_SIZE) == PUR_NOTE_SIZE)
    return PUR_OK;
  return pur_place_fail(error);
}

void pur_lock_read(const pur_lock *lock, unsigned byte, char text[PUR_NOTE_SIZE]) {
  ssize_t length = pread(lock->file, text, PUR_NOTE_SIZE - 1, (off_t)byte * PUR_NOTE_SIZE);
  if (length < 0) length = 0;
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\0')) length--;
  text[length] = '\0';
}

void pur_lock_close(pur_lock *lock) {
  /* Never by unlocking: the lock is of the open file, which a child has in common with its parent.
   */
  if (lock->own_file >= 0) (void)close(lock->own_file);
  if (lock->file >= 0) (void)close(lock->file);
  lock->file = lock->own_file = -1;
  free(lock->path);
  lock->path = NULL;
}

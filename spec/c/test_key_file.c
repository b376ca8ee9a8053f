/* key_file.h: keys of a large file, those in memory and those in the temporary file; and a disk
 * that is full. */
#include "map/key_file.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/system.h"
#include "test.h"

static uint64_t hash_of(unsigned key) {
  char name[16];
  return pur_key_hash(name, (size_t)snprintf(name, sizeof name, "%u", key));
}

static uint64_t note(pur_key_file *keys, unsigned key, uint64_t line) {
  uint64_t before = 0;
  pur_error error;
  if (pur_key_file_note(keys, hash_of(key), line, &before, &error) != PUR_OK) abort();
  return before;
}

/* More than the memory holds, and than the first table does; each comes again, later or at once. */
static void test_many(void) {
  enum { KEYS = 400000 };
  pur_key_file keys;
  unsigned wrong = 0;
  pur_key_file_init(&keys);
  for (unsigned key = 1; key <= KEYS; key++) {
    unsigned again = 1 + (unsigned)(test_random() % key);
    wrong += note(&keys, key, 10 * key) != 0;
    wrong += note(&keys, again, 7) != 10 * (uint64_t)again;
  }
  EXPECT(wrong == 0, "%u of %d", wrong, KEYS);
  EXPECT(keys.recent.room <= 131072 && keys.older.room <= 131072 && keys.table_count == 2,
         "%zu and %zu slots, and %u tables", keys.recent.room, keys.older.room, keys.table_count);
  pur_key_file_free(&keys);
  EXPECT(note(&keys, 1, 5) == 0, "still there");
  pur_key_file_free(&keys);
}

/* A key that is given another line has that one from then on, wherever it stands and goes. */
static void test_change(void) {
  enum { KEYS = 250000 };
  pur_key_file keys;
  pur_error error;
  unsigned wrong = 0;
  pur_key_file_init(&keys);
  for (unsigned key = 1; key <= KEYS; key++) {
    unsigned other = 1 + (unsigned)(test_random() % key);
    uint64_t line;
    (void)note(&keys, key, 10 * key);
    if (pur_key_file_change(&keys, hash_of(other), 10 * other + 1, &error) != PUR_OK) abort();
    if (pur_key_file_find(&keys, hash_of(other), &line, &error) != PUR_OK) abort();
    wrong += line != 10 * (uint64_t)other + 1;
  }
  for (unsigned key = 1; key <= KEYS; key++) {
    uint64_t line;
    if (pur_key_file_find(&keys, hash_of(key), &line, &error) != PUR_OK) abort();
    wrong += line / 10 != key;
    wrong += note(&keys, key, 7) != line;
  }
  if (pur_key_file_find(&keys, hash_of(KEYS + 1), &(uint64_t){7}, &error) != PUR_OK) abort();
  EXPECT(wrong == 0, "%u of %d", wrong, KEYS);
  pur_key_file_free(&keys);
}

static void limit_files(rlim_t size) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) abort();
  limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) abort();
}

/* What could not be noted is not there; what was is there still. */
static void test_full_disk(void) {
  pur_key_file keys;
  pur_error error = {PUR_OK, 0, ""};
  pur_status status = PUR_OK;
  uint64_t before;
  unsigned key;
  (void)signal(SIGXFSZ, SIG_IGN);
  pur_key_file_init(&keys);
  limit_files(100000);
  for (key = 1; key < 200000 && status == PUR_OK; key++)
    status = pur_key_file_note(&keys, hash_of(key), key, &before, &error);
  EXPECT(status == PUR_FILE_UNREADABLE, "%s", pur_status_name(status));
  EXPECT(strstr(error.message, "temporary file: File too large") != NULL, "%s", error.message);
  EXPECT(note(&keys, 1, 7) == 1 && note(&keys, key - 2, 7) == key - 2, "lost");
  limit_files(RLIM_INFINITY);
  EXPECT(note(&keys, key - 1, key - 1) == 0, "noted although it failed");
  for (unsigned i = 1; i < key; i++) EXPECT(note(&keys, i, 7) == i, "key %u", i);
  pur_key_file_free(&keys);
}

/* A name that was cut off after these six X would be a file's in another folder. */
static void test_long_folder(void) {
  static const char end[] = "/XXXXXX and on";
  char folder[4095 + sizeof end - 7];
  for (size_t i = 0; i < sizeof folder; i++) folder[i] = "/."[i % 2];
  memcpy(folder, "/tmp", 4);
  memcpy(folder + sizeof folder - sizeof end, end, sizeof end);
  EXPECT(setenv("TMPDIR", folder, 1) == 0, "no TMPDIR");
  errno = 0;
  EXPECT(pur_system_temporary() < 0 && errno == ENAMETOOLONG, "errno %d", errno);
  (void)unsetenv("TMPDIR");
}

int main(void) {
  test_many();
  test_change();
  test_full_disk();
  test_long_folder();
  return test_result();
}

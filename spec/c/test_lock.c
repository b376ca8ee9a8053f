/* ledger/lock.h: who keeps whom out, across processes and in one. The same for a system without
 * locks of open files is test_flock.c. */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/lock.c"
#include "ledger/place.c"
#include "test.h"

static char folder[] = "/tmp/purchases-lock-XXXXXX";
static char path[64];

static void open_lock(pur_lock *lock) {
  pur_error error;
  EXPECT(pur_lock_open(lock, path, &error) == PUR_OK, "%s", error.message);
}

static pur_status try_lock(pur_lock *lock, unsigned byte, bool shared) {
  return pur_lock_take(lock, byte, shared, 0, NULL);
}

/* Runs a function in a child, which then waits to be killed; returns once it has run. */
static pid_t start_child(void (*work)(void)) {
  int pipes[2];
  char sign;
  pid_t child;
  if (pipe(pipes) != 0) exit(1);
  child = fork();
  if (child == 0) {
    work();
    (void)!write(pipes[1], "x", 1);
    pause();
    _exit(0);
  }
  (void)!read(pipes[0], &sign, 1);
  close(pipes[0]);
  close(pipes[1]);
  return child;
}

static void kill_child(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static pur_lock in_child; /* lives as long as the child does */

static void take_three(void) {
  open_lock(&in_child);
  (void)pur_lock_take(&in_child, 3, false, 0, NULL);
  (void)pur_lock_write(&in_child, 3, "123 456", NULL);
}

static void test_kill(void) {
  pid_t child = start_child(take_three);
  pur_lock lock, other;
  char note[PUR_NOTE_SIZE];
  open_lock(&lock);
  open_lock(&other);
  EXPECT(try_lock(&lock, 3, false) == PUR_BUSY, "taken twice");
  EXPECT(try_lock(&lock, 3, true) == PUR_BUSY, "shared with its owner");
  EXPECT(pur_lock_is_held(&other, 3), "nobody is said to hold it");
  EXPECT(!pur_lock_is_held(&other, 4), "somebody is said to hold another one");
  pur_lock_read(&other, 3, note);
  EXPECT(strcmp(note, "123 456") == 0, "the note is '%s'", note);
  pur_lock_read(&other, 2, note);
  EXPECT(*note == '\0', "the note is '%s'", note);
  kill_child(child);
  EXPECT(!pur_lock_is_held(&other, 3), "a dead process is said to hold it");
  EXPECT(pur_lock_take(&lock, 3, false, 0, NULL) == PUR_OK, "not free after a kill");
  pur_lock_close(&lock);
  pur_lock_close(&other);
}

static void test_one_process(void) {
  pur_lock one, two, three;
  open_lock(&one);
  open_lock(&two);
  EXPECT(try_lock(&one, 7, false) == PUR_OK, "not free");
  EXPECT(try_lock(&two, 7, false) == PUR_BUSY, "taken twice in one process");
  open_lock(&three);
  pur_lock_close(&three);
  EXPECT(try_lock(&two, 7, false) == PUR_BUSY, "lost when the file was closed elsewhere");
  EXPECT(try_lock(&one, 7, true) == PUR_OK, "not to be shared by its owner");
  EXPECT(try_lock(&two, 7, true) == PUR_OK, "not shared");
  EXPECT(try_lock(&one, 7, false) == PUR_BUSY, "alone where two share it");
  pur_lock_close(&two);
  EXPECT(try_lock(&one, 7, false) == PUR_OK, "not alone again");
  pur_lock_close(&one);
  pur_lock_close(&one);
}

static pur_lock inherited;

static void close_inherited(void) {
  pur_lock_close(&inherited);
}

/* A child that lets go of what it inherited leaves it to its parent. */
static void test_fork(void) {
  pur_lock other;
  pid_t child;
  open_lock(&inherited);
  open_lock(&other);
  EXPECT(try_lock(&inherited, 5, false) == PUR_OK, "not free");
  child = start_child(close_inherited);
  EXPECT(try_lock(&other, 5, false) == PUR_BUSY, "unlocked by a child");
  kill_child(child);
  pur_lock_close(&inherited);
  pur_lock_close(&other);
}

static void test_patience(void) {
  pid_t child = start_child(take_three);
  pur_lock lock;
  double start = pur_system_monotonic();
  open_lock(&lock);
  EXPECT(pur_lock_take(&lock, 3, false, 0.1, NULL) == PUR_BUSY, "taken");
  EXPECT(pur_system_monotonic() - start >= 0.1, "did not wait");
  if (fork() == 0) {
    usleep(100000);
    kill(child, SIGKILL);
    _exit(0);
  }
  EXPECT(pur_lock_take(&lock, 3, false, 60, NULL) == PUR_OK, "did not get it");
  while (waitpid(-1, NULL, 0) > 0) {
  }
  pur_lock_close(&lock);
}

static void test_file(void) {
  struct stat about;
  pur_lock lock;
  pur_error error;
  EXPECT(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600, "mode %o", about.st_mode);
  EXPECT(pur_lock_open(&lock, "/nowhere/at/all", &error) == PUR_READ_ONLY, "%s", error.message);
  pur_lock_close(&lock);
}

int main(void) {
  if (mkdtemp(folder) == NULL) return 1;
  snprintf(path, sizeof path, "%s/job.db-lock", folder);
  test_kill();
  test_one_process();
  test_fork();
  test_patience();
  test_file();
  snprintf(path, sizeof path, "rm -rf %s", folder);
  return system(path) == 0 ? test_result() : 1;
}

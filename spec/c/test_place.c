/* ledger/place.h and ledger/fingerprint.h. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/fingerprint.c"
#include "ledger/place.c"
#include "test.h"

static char folder[] = "/tmp/purchases-place-XXXXXX";
static char real_folder[PATH_MAX];

static const char *in_folder(const char *name) {
  static char paths[4][PATH_MAX + 32];
  static int next;
  char *path = paths[next = (next + 1) % 4];
  snprintf(path, sizeof *paths, "%s/%s", real_folder, name);
  return path;
}

static int mode_of(const char *path) {
  struct stat about;
  return stat(path, &about) == 0 ? (int)(about.st_mode & 07777) : -1;
}

static void expect_found(const char *given, const char *wanted) {
  char found[PUR_PLACE_SIZE];
  pur_error error;
  EXPECT(pur_place_find(given, found, &error) == PUR_OK, "%s: %s", given, error.message);
  EXPECT(strcmp(found, wanted) == 0, "%s is at %s", given, found);
}

static void test_find(void) {
  char found[PUR_PLACE_SIZE], longer[PUR_PLACE_SIZE + 8];
  pur_error error;
  expect_found(in_folder("a/b//job.db"), in_folder("a/b/job.db"));
  EXPECT(mode_of(in_folder("a")) == 0700 && mode_of(in_folder("a/b")) == 0700, "%o and %o",
         mode_of(in_folder("a")), mode_of(in_folder("a/b")));
  EXPECT(mode_of(in_folder("a/b/job.db")) == -1, "made the file, too");
  expect_found("job.db", in_folder("job.db"));
  expect_found("c/job.db", in_folder("c/job.db"));
  expect_found("/job.db.of.nobody", "/job.db.of.nobody");
  EXPECT(symlink("c", "link") == 0 && pur_place_make("c/job.db", NULL) == PUR_OK, "no link");
  EXPECT(symlink("c/job.db", "other.db") == 0, "no link");
  expect_found("link/new.db", in_folder("c/new.db"));
  expect_found("other.db", in_folder("c/job.db"));
  memset(longer, 'x', sizeof longer);
  longer[sizeof longer - 1] = '\0';
  EXPECT(pur_place_find(longer, found, &error) == PUR_READ_ONLY, "a path of any length");
}

static void test_read(void) {
  pur_place_header header;
  FILE *file;
  EXPECT(pur_place_read(in_folder("nothing"), &header, NULL) == PUR_OK && !header.exists, "there");
  EXPECT(pur_place_make(in_folder("empty"), NULL) == PUR_OK, "not made");
  EXPECT(mode_of(in_folder("empty")) == 0600, "mode %o", mode_of(in_folder("empty")));
  EXPECT(pur_place_read(in_folder("empty"), &header, NULL) == PUR_OK && header.exists &&
             header.size == 0 && !header.is_database,
         "not empty");
  file = fopen(in_folder("file"), "wb");
  fprintf(file, "SQLite format 3%c%*s", '\0', 44, "");
  fwrite("\0\0\0\7", 1, 4, file);
  fprintf(file, "%*s", 4, "");
  fwrite("\1\2\3\4", 1, 4, file);
  fprintf(file, "%*s", 28, "");
  fclose(file);
  EXPECT(pur_place_read(in_folder("file"), &header, NULL) == PUR_OK && header.is_database, "none");
  EXPECT(header.version == 7 && header.application == 0x01020304 && header.size == 100,
         "version %u, application %x, size %u", header.version, header.application,
         (unsigned)header.size);
  EXPECT(pur_place_read(real_folder, &header, NULL) == PUR_OK && !header.is_database, "a folder");
}

static void test_rename(void) {
  EXPECT(pur_place_make(in_folder("new"), NULL) == PUR_OK, "not made");
  EXPECT(pur_place_rename(in_folder("new"), in_folder("old"), NULL) == PUR_OK, "not renamed");
  EXPECT(mode_of(in_folder("new")) == -1 && mode_of(in_folder("old")) == 0600, "is where it was");
  EXPECT(pur_place_rename(in_folder("new"), in_folder("old"), NULL) == PUR_READ_ONLY, "of nothing");
}

/* A limit to the size of files is a disk that is full. */
static void test_reserve(void) {
  struct rlimit limit;
  struct stat about = {0};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = 40000;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT(pur_place_reserve(in_folder("reserve"), 1 << 20, NULL) == PUR_DISK_FULL, "has room");
  EXPECT(mode_of(in_folder("reserve")) == -1, "left a part of it");
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_FSIZE, &limit);
  for (int i = 0; i < 2; i++) {
    EXPECT(pur_place_reserve(in_folder("reserve"), 1 << 20, NULL) == PUR_OK, "no room");
    EXPECT(stat(in_folder("reserve"), &about) == 0 && about.st_size == 1 << 20, "%d bytes",
           (int)about.st_size);
  }
  pur_place_remove(in_folder("reserve"));
  pur_place_remove(in_folder("reserve"));
  EXPECT(mode_of(in_folder("reserve")) == -1, "not removed");
}

/* The first of the vectors of its authors' paper, appendix A. */
static void test_fingerprint(void) {
  unsigned char salt[PUR_SALT_SIZE];
  char text[15];
  for (int i = 0; i < PUR_SALT_SIZE; i++) salt[i] = (unsigned char)i;
  for (int i = 0; i < 15; i++) text[i] = (char)i;
  EXPECT(pur_fingerprint(salt, text, 15) == 0x49be45e5, "%x", pur_fingerprint(salt, text, 15));
}

int main(void) {
  if (mkdtemp(folder) == NULL || realpath(folder, real_folder) == NULL || chdir(folder) != 0)
    return 1;
  test_find();
  test_read();
  test_rename();
  test_reserve();
  test_fingerprint();
  EXPECT(pur_place_unfit(folder) == NULL, "%s is no local disk", folder);
  return system("rm -rf \"$PWD\"") == 0 ? test_result() : 1;
}

#include "ledger/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#else
#include <sys/mount.h>
#endif

#include "base/system.h"

pur_status pur_place_fail(pur_error *error) {
  switch (errno) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return pur_error_set(error, PUR_DISK_FULL, 0, "%s", strerror(errno));
  case EIO:
    return pur_error_set(error, PUR_IO, 0, "%s", strerror(errno));
  default:
    return pur_error_set(error, PUR_READ_ONLY, 0, "%s", strerror(errno));
  }
}

/* Makes the folders of a path, which is changed while it works, up to its last slash. */
static bool make_folders(char *path) {
  for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
    bool is_there;
    *slash = '\0';
    is_there = mkdir(path, 0700) == 0 || errno == EEXIST;
    /* One that may not be made may be there all the same. */
    if (!is_there) is_there = access(path, F_OK) == 0;
    *slash = '/';
    if (!is_there) return false;
  }
  return true;
}

pur_status pur_place_find(const char *path, char found[PUR_PLACE_SIZE], pur_error *error) {
  char copy[PUR_PLACE_SIZE], folder[PATH_MAX], *slash;
  int length;
  if (realpath(path, folder) != NULL) {
    length = snprintf(found, PUR_PLACE_SIZE, "%s", folder);
  } else {
    length = snprintf(copy, sizeof copy, "%s%s", *path == '/' ? "" : "./", path);
    if (length < 0 || (size_t)length >= sizeof copy) errno = ENAMETOOLONG;
    if (length < 0 || (size_t)length >= sizeof copy || !make_folders(copy))
      return pur_place_fail(error);
    slash = strrchr(copy, '/');
    *slash = '\0';
    if (realpath(slash == copy ? "/" : copy, folder) == NULL) return pur_place_fail(error);
    length =
        snprintf(found, PUR_PLACE_SIZE, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, slash + 1);
  }
  if (length >= 0 && length < PUR_PLACE_SIZE) return PUR_OK;
  errno = ENAMETOOLONG;
  return pur_place_fail(error);
}

#ifdef __linux__
/* The numbers of linux/magic.h and of the file systems' own sources. virtiofs has that of FUSE. */
static const struct {
  unsigned long magic;
  const char *name;
} unfit[] = {
    {0x6969, "NFS"},        {0x517B, "SMB"},       {0xFF534D42, "SMB"},    {0xFE534D42, "SMB"},
    {0x65735546, "FUSE"},   {0x01021997, "9p"},    {0x5346414F, "AFS"},    {0x6B414653, "AFS"},
    {0x73757245, "Coda"},   {0x00C36400, "Ceph"},  {0x0BD00BD0, "Lustre"}, {0x47504653, "GPFS"},
    {0x786F4256, "vboxsf"}, {0xAAD7AAEA, "PanFS"}, {0xBACBACBC, "vmhgfs"},
};

const char *pur_place_unfit(const char *path) {
  struct statfs about;
  if (statfs(path, &about) != 0) return NULL;
  for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++)
    if (((unsigned long)about.f_type & 0xFFFFFFFF) == unfit[i].magic) return unfit[i].name;
  return NULL;
}
#else
const char *pur_place_unfit(const char *path) {
  struct statfs about;
  return statfs(path, &about) == 0 && !(about.f_flags & MNT_LOCAL) ? "network" : NULL;
}
#endif

static uint32_t big_endian(const unsigned char *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

pur_status pur_place_read(const char *path, pur_place_header *header, pur_error *error) {
  unsigned char bytes[100] = {0}; /* https://www.sqlite.org/fileformat.html, 1.3 */
  struct stat about;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  memset(header, 0, sizeof *header);
  if (file < 0) return errno == ENOENT ? PUR_OK : pur_place_fail(error);
  header->exists = true;
  if (fstat(file, &about) == 0 && read(file, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
    header->is_database = memcmp(bytes, "SQLite format 3", 16) == 0;
  header->size = (uint64_t)about.st_size;
  header->version = big_endian(bytes + 60);
  header->application = big_endian(bytes + 68);
  (void)close(file);
  return PUR_OK;
}

pur_status pur_place_make(const char *path, pur_error *error) {
  int file;
  (void)unlink(path);
  file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return pur_place_fail(error);
  (void)close(file);
  return PUR_OK;
}

/* Makes durable which names a path's folder has. */
static bool sync_folder(const char *path) {
  char *folder = strdup(path);
  int file, result = -1;
  if (folder == NULL) return false;
  *(strrchr(folder, '/') + 1) = '\0';
  file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file >= 0) {
    result = fsync(file);
    (void)close(file);
  }
  free(folder);
  return result == 0;
}

pur_status pur_place_rename(const char *from, const char *to, pur_error *error) {
  if (rename(from, to) != 0 || !sync_folder(to)) return pur_place_fail(error);
  return PUR_OK;
}

pur_status pur_place_reserve(const char *path, size_t size, pur_error *error) {
  struct stat about;
  char block[4096];
  uint64_t bits = 88172645463325252u; /* Marsaglia's xorshift64 */
  pur_status status = PUR_OK;
  int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return pur_place_fail(error);
  if (fstat(file, &about) == 0 && (uint64_t)about.st_size >= size) size = 0;
  for (size_t written = 0; written < size && status == PUR_OK; written += sizeof block) {
    for (size_t i = 0; i < sizeof block; i += sizeof bits) {
      bits ^= bits << 13;
      bits ^= bits >> 7;
      bits ^= bits << 17;
      memcpy(block + i, &bits, sizeof bits);
    }
    if (!pur_system_write(file, block, sizeof block)) status = pur_place_fail(error);
  }
  (void)close(file);
  if (status != PUR_OK) pur_place_remove(path);
  return status;
}

void pur_place_remove(const char *path) {
  (void)unlink(path);
}

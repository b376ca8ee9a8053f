/* For LD_PRELOAD: a disk as bad as the environment says.
 *   DISK_TYPE=6969       every file system says it is of this type (hexadecimal)
 *   DISK_FULL=FILE       nothing can be written as long as FILE is there
 *   DISK_FAILS=FILE      what is synced fails as long as FILE is there
 *   DISK_KILLS=FILE      who writes as long as FILE is there is killed halfway */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static int is_there(const char *variable) {
  const char *file = getenv(variable);
  return file != NULL && access(file, F_OK) == 0;
}

static int refuse(int reason) {
  errno = reason;
  return -1;
}

int statfs(const char *path, struct statfs *about) {
  const char *type = getenv("DISK_TYPE");
  int result = (int)syscall(SYS_statfs, path, about);
  if (result == 0 && type != NULL) about->f_type = (long)strtoul(type, NULL, 16);
  return result;
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
  if (is_there("DISK_KILLS")) {
    syscall(SYS_pwrite64, file, data, size / 2, at);
    raise(SIGKILL);
  }
  return is_there("DISK_FULL") ? refuse(ENOSPC) : syscall(SYS_pwrite64, file, data, size, at);
}

int fdatasync(int file) {
  return is_there("DISK_FAILS") ? refuse(EIO) : (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
  return is_there("DISK_FAILS") ? refuse(EIO) : (int)syscall(SYS_fsync, file);
}

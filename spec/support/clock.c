/* For LD_PRELOAD: the monotonic clock, 100 seconds ahead once the file $CLOCK_AHEAD exists. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
  const char *file = getenv("CLOCK_AHEAD");
  int status = (int)syscall(SYS_clock_gettime, clock, now);
  if (clock == CLOCK_MONOTONIC && file != NULL && access(file, F_OK) == 0) now->tv_sec += 100;
  return status;
}

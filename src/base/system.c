#include "base/system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double pur_system_monotonic(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double pur_system_random(void) {
  uint64_t bits = 0;
  /* Without entropy early in a boot, the clock still differs from machine to machine. */
  if (getentropy(&bits, sizeof bits) != 0) bits = (uint64_t)(pur_system_monotonic() * 1e9) << 20;
  return (double)(bits >> 11) * 0x1p-53;
}

int pur_system_terminal_width(void) {
  struct winsize size;
  if (!isatty(STDERR_FILENO)) return 0;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

int pur_system_create(const char *path) {
  return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int pur_system_temporary(void) {
  const char *folder = getenv("TMPDIR");
  char path[4096];
  int file, length;
  if (folder == NULL || *folder == '\0') folder = "/tmp";
  length = snprintf(path, sizeof path, "%s/purchases-XXXXXX", folder);
  if (length < 0 || (size_t)length >= sizeof path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  file = mkostemp(path, O_CLOEXEC);
  if (file >= 0) (void)unlink(path);
  return file;
}

bool pur_system_write(int file, const char *text, size_t length) {
  off_t before = lseek(file, 0, SEEK_CUR);
  while (length > 0) {
    ssize_t written = write(file, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      int reason = errno;
      if (before >= 0 && ftruncate(file, before) == 0) (void)lseek(file, before, SEEK_SET);
      errno = reason;
      return false;
    }
    text += written;
    length -= (size_t)written;
  }
  return true;
}

bool pur_system_is_terminal(void) {
  return isatty(STDOUT_FILENO);
}

/* Those that a command ignores, and that a program in its place must not. */
static bool was_default[2];
static const int ignored_signals[2] = {SIGPIPE, SIGXFSZ};

bool pur_system_begin_command(bool ignores_interrupts) {
  bool is_open[STDERR_FILENO + 1] = {false};
  /* Begins with the lowest, since what is opened takes the lowest number that is free. It is opened
   * in the wrong direction: reading or writing fails there, as it would on a closed file. */
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
    is_open[file] = fcntl(file, F_GETFD) >= 0 || errno != EBADF;
    if (!is_open[file]) (void)open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  for (int i = 0; i < 2; i++) was_default[i] = signal(ignored_signals[i], SIG_IGN) == SIG_DFL;
  (void)signal(SIGINT, ignores_interrupts ? SIG_IGN : SIG_DFL);
  return is_open[STDOUT_FILENO] || is_open[STDERR_FILENO];
}

static const int caught_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { CAUGHT_COUNT = sizeof caught_signals / sizeof caught_signals[0] };

static volatile sig_atomic_t interrupts;
static volatile sig_atomic_t is_caught[CAUGHT_COUNT];

static void count_interrupt(int number) {
  (void)number;
  interrupts++;
  for (int i = 0; i < CAUGHT_COUNT; i++)
    if (is_caught[i]) (void)signal(caught_signals[i], SIG_DFL);
}

void pur_system_catch_interrupts(void) {
  static int catching = 0;
  if (catching) return;
  catching = 1;
  for (int i = 0; i < CAUGHT_COUNT; i++) {
    struct sigaction action;
    if (sigaction(caught_signals[i], NULL, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = count_interrupt;
    /* Writing goes on after it; polling is never restarted, and wakes. */
    action.sa_flags = SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    is_caught[i] = 1;
    (void)sigaction(caught_signals[i], &action, NULL);
  }
}

int pur_system_interrupts(void) {
  return interrupts;
}

const char *pur_system_port_refusal(unsigned port) {
  const char *refusal = NULL;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0) return strerror(errno);
  /* As servers do: a connection that has just ended keeps nobody out. */
  (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0)
    refusal = strerror(errno);
  (void)close(listener);
  return refusal;
}

pur_status pur_system_exec(char *const arguments[], pur_error *error) {
  for (int i = 0; i < 2; i++)
    if (was_default[i]) (void)signal(ignored_signals[i], SIG_DFL);
  (void)execvp(arguments[0], arguments);
  return pur_error_set(error, PUR_NOT_FOUND, 0, "cannot run %s: %s", arguments[0], strerror(errno));
}

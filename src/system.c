#include "system.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
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

static volatile sig_atomic_t interrupts;

static void count_interrupt(int signal) {
  (void)signal;
  interrupts++;
}

void pur_system_catch_interrupts(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = count_interrupt;
  action.sa_flags = (int)SA_RESETHAND;
  (void)sigemptyset(&action.sa_mask);
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
}

int pur_system_interrupts(void) {
  return interrupts;
}

pur_status pur_system_exec(char *const arguments[], pur_error *error) {
  (void)execvp(arguments[0], arguments);
  return pur_error_set(error, PUR_NOT_FOUND, 0, "cannot run %s: %s", arguments[0], strerror(errno));
}

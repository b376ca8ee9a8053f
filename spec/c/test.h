/* What the C tests share. A test is a program: EXPECT tells what failed on stderr, and main ends
 * with `return test_result();`. */
#ifndef PURCHASES_TEST_H
#define PURCHASES_TEST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned test_failures;

/* EXPECT(condition, format, ...): the format says what was seen. After twenty failures it gives up.
 */
#define EXPECT(condition, ...)                                                                     \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: expected %s: ", __FILE__, __LINE__, #condition);                     \
      fprintf(stderr, __VA_ARGS__);                                                                \
      fputc('\n', stderr);                                                                         \
      if (++test_failures == 20) exit(1);                                                          \
    }                                                                                              \
  } while (0)

static inline int test_result(void) {
  return test_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Random bits that are the same on every run, or as SEED in the environment has them (Marsaglia's
 * xorshift64*). */
static inline uint64_t test_random(void) {
  static uint64_t state;
  if (state == 0) {
    const char *seed = getenv("SEED");
    state = 88172645463325252u ^ (seed != NULL ? strtoull(seed, NULL, 10) : 0);
  }
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 2685821657736338717u;
}

#endif

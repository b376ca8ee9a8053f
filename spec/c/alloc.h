/* Allocations that fail when a test wants them to, and are counted.
 *
 * To be linked with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free */
#ifndef PURCHASES_ALLOC_H
#define PURCHASES_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static long until_failure = -1; /* allocations that still work; less than 0: all */
static bool fails_for_good;     /* what comes after the first failure fails, too */
static bool failed;
static long blocks; /* that are in use */

static bool fails(void) {
  if (failed && fails_for_good) return true;
  if (until_failure < 0 || until_failure-- > 0) return false;
  failed = true;
  return true;
}

static void *count(void *memory) {
  blocks += memory != NULL;
  return memory;
}

void *__wrap_malloc(size_t size) {
  return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size) {
  return fails() ? NULL : count(__real_calloc(number, size));
}

void *__wrap_realloc(void *memory, size_t size) {
  if (fails()) return NULL;
  return memory == NULL ? count(__real_realloc(NULL, size)) : __real_realloc(memory, size);
}

void __wrap_free(void *memory) {
  blocks -= memory != NULL;
  __real_free(memory);
}

static inline void fail_after(long allocations, bool for_good) {
  until_failure = allocations;
  fails_for_good = for_good;
  failed = false;
}

static inline void stop_failing(void) {
  until_failure = -1;
  failed = false;
}

#endif

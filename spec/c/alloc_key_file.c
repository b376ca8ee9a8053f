/* key_file.h without memory: every allocation fails in turn; what was not noted is noted when there
 * is memory again, and nothing leaks. */
#include "map/key_file.h"
#include "alloc.h"
#include "test.h"

#define KEYS 120000 /* more than are kept in memory */

static uint64_t hash_of(unsigned key) {
  return pur_key_hash((const char *)&key, sizeof key);
}

static void note_all(pur_key_file *keys) {
  for (unsigned key = 1; key <= KEYS; key++) {
    uint64_t before = 0;
    pur_status status = pur_key_file_note(keys, hash_of(key), key, &before, NULL);
    if (status != PUR_OK) {
      EXPECT(status == PUR_NO_MEMORY && failed, "%s", pur_status_name(status));
      stop_failing();
      status = pur_key_file_note(keys, hash_of(key), key, &before, NULL);
    }
    EXPECT(status == PUR_OK && before == 0, "key %u: %s", key, pur_status_name(status));
  }
}

static bool note_without_memory(long allocations) {
  pur_key_file keys;
  bool was_short;
  pur_key_file_init(&keys);
  fail_after(allocations, true);
  note_all(&keys);
  was_short = until_failure < 0;
  stop_failing();
  for (unsigned key = 1; key <= KEYS; key++) {
    uint64_t before = 0;
    (void)pur_key_file_note(&keys, hash_of(key), 7, &before, NULL);
    EXPECT(before == key, "key %u was noted with line %llu", key, (unsigned long long)before);
  }
  pur_key_file_free(&keys);
  EXPECT(blocks == 0, "%ld blocks are left", blocks);
  return was_short;
}

int main(void) {
  long allocations = 6; /* the set's smaller sizes are tested with reader.h */
  while (note_without_memory(allocations)) allocations++;
  EXPECT(allocations > 9, "only %ld allocations failed", allocations);
  return test_result();
}

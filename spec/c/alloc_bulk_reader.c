/* reader.h without memory: every allocation fails in turn, and what comes of it is PUR_NO_MEMORY,
 * no leak, and every purchase exactly once when there is memory again. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bulk/reader.h"
#include "alloc.h"
#include "test.h"

#define LINES 600

static pur_schema *schema;
static char path[32];

/* Good ones, refused ones, keys with escapes, and keys that come again. */
static void write_file(void) {
  int file = memfd_create("purchases", 0);
  FILE *out = fdopen(file, "wb");
  if (out == NULL) abort();
  for (int line = 1; line <= LINES; line++) {
    if (line % 5 == 0)
      fprintf(out, "{\"id\":\n");
    else
      fprintf(out, "{\"id\":\"\\u0061%d\",\"text\":\"%0*d\"}\n", line % 7 == 0 ? 1 : line, 300,
              line);
  }
  if (fflush(out) != 0) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
}

static void count_lines(const pur_bulk *bulk, unsigned char times[LINES + 1]) {
  for (size_t i = 0; i < bulk->count; i++) times[pur_bulk_purchase_at(bulk, i)->line]++;
  for (size_t i = 0; i < bulk->refused_count; i++)
    times[pur_bulk_refusal_at(bulk, i)->purchase.line]++;
}

/* Reads on until nothing is left; what fails for lack of memory is tried again with it. */
static void read_all(pur_bulk_reader *reader, unsigned char times[LINES + 1]) {
  pur_status status;
  do {
    pur_bulk bulk;
    pur_error error = {PUR_OK, 0, ""};
    pur_bulk_reader_lend(reader, &bulk);
    status = pur_bulk_reader_read(reader, &bulk, &error);
    count_lines(&bulk, times);
    if (bulk.count > 0) pur_bulk_reader_release(reader, &bulk, 0, bulk.count - 1);
    pur_bulk_reader_give_back(reader, &bulk);
    EXPECT(status == PUR_OK || status == PUR_END || (status == PUR_NO_MEMORY && failed), "%s",
           pur_status_name(status));
    if (failed) stop_failing();
  } while (status != PUR_END);
}

static bool read_without_memory(long allocations, bool for_good) {
  pur_bulk_rules rules = {{schema, NULL}, "id", 2, NULL, 0, 262144, 50, 1 << 20, 1, 0};
  unsigned char times[LINES + 1] = {0};
  pur_bulk_reader reader;
  pur_error error;
  pur_status status;
  bool in_vain;
  long before = blocks;
  fail_after(allocations, for_good);
  status = pur_bulk_reader_init(&reader, &rules, &error);
  in_vain = failed;
  if (status != PUR_OK) EXPECT(status == PUR_NO_MEMORY && failed, "%s", pur_status_name(status));
  if (status == PUR_OK) status = pur_bulk_reader_open(&reader, path, &error);
  if (status == PUR_OK) {
    bool was_failing = until_failure >= 0;
    read_all(&reader, times);
    in_vain = was_failing && until_failure < 0;
    for (int line = 1; line <= LINES; line++)
      EXPECT(times[line] == 1, "allocation %ld: line %d came %d times", allocations, line,
             times[line]);
  }
  stop_failing();
  pur_bulk_reader_close(&reader);
  EXPECT(blocks == before, "allocation %ld: %ld blocks leak", allocations, blocks - before);
  return in_vain;
}

int main(void) {
  static const char text[] = "{\"type\":\"object\",\"required\":[\"id\"]}";
  pur_error error;
  long n = 0;
  write_file();
  if (pur_schema_compile(text, sizeof text - 1, &schema, &error) != PUR_OK) abort();
  while (read_without_memory(n, n % 2 != 0)) n++;
  EXPECT(n > 20, "only %ld allocations", n);
  pur_schema_destroy(schema);
  return test_result();
}

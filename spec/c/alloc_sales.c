/* sales.h without memory: every allocation fails in turn, and what comes of it is PUR_NO_MEMORY, no
 * leak, and no purchase twice or with less than its rows. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bulk/reader.h"
#include "alloc.h"
#include "test.h"

#define PURCHASES 60

static pur_schema *schema;
static char path[32];

/* Purchases of three rows: some that are refused, two that stand apart, cells with quotes. */
static void write_file(void) {
  int file = memfd_create("sales", 0);
  FILE *out = fdopen(file, "wb");
  if (out == NULL) abort();
  fputs("k,s,n\n", out);
  for (int i = 0; i < PURCHASES; i++)
    for (int row = 0; row < 3; row++)
      fprintf(out, "%d,\"%s\",%s\n", i % 20 == 13 ? 13 : i, row == 0 ? "a \"\"text\"\"" : "",
              i % 7 == 3 ? "x" : "1.50");
  if (fflush(out) != 0) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
}

static void take_bulk(const pur_bulk *bulk, unsigned char times[PURCHASES]) {
  for (size_t i = 0; i < bulk->count; i++) {
    const pur_bulk_purchase *purchase = pur_bulk_purchase_at(bulk, i);
    const char *text = bulk->text.data + purchase->start;
    EXPECT(memmem(text, purchase->length, "\"total\":4.5", 11) != NULL, "%.*s",
           (int)purchase->length, text);
    times[(purchase->line - 2) / 3]++;
  }
  for (size_t i = 0; i < bulk->refused_count; i++)
    times[(pur_bulk_refusal_at(bulk, i)->purchase.line - 2) / 3]++;
}

/* Returns whether a failure was asked for that no allocation came to. */
static bool read_without_memory(const char *json, long allocations, bool for_good) {
  pur_bulk_rules rules = {{schema, NULL}, "id", 2, NULL, 0, 262144, 10, 1 << 20, 1, 500};
  unsigned char times[PURCHASES] = {0};
  pur_bulk_reader reader;
  pur_map *map = NULL;
  pur_error error = {PUR_OK, 0, ""};
  pur_status status;
  bool happened = false, is_failing = true;
  long before = blocks;
  if (pur_map_compile(json, strlen(json), PUR_MAP_SALES, &map, &error) != PUR_OK) abort();
  fail_after(allocations, for_good);
  status = pur_bulk_reader_init(&reader, &rules, &error);
  if (status == PUR_OK) status = pur_bulk_reader_open_sales(&reader, path, map, &error);
  while (status == PUR_OK) {
    pur_bulk bulk;
    pur_bulk_reader_lend(&reader, &bulk);
    do status = pur_bulk_reader_read(&reader, &bulk, &error);
    while (status == PUR_OK && reader.is_paused && !failed);
    if (status == PUR_NO_MEMORY && is_failing && failed) {
      is_failing = false; /* it may be tried again */
      status = PUR_OK;
    }
    take_bulk(&bulk, times);
    if (bulk.count > 0) pur_bulk_reader_release(&reader, &bulk, 0, bulk.count - 1);
    pur_bulk_reader_give_back(&reader, &bulk);
    happened = happened || failed;
    if (failed) stop_failing();
  }
  happened = happened || failed;
  EXPECT(status == PUR_END || status == PUR_NO_MEMORY, "%s", pur_status_name(status));
  if (status == PUR_END && !happened)
    for (int i = 0; i < PURCHASES; i++)
      EXPECT(times[i] == !(i == 33 || i == 53), "purchase %d came %d times", i, times[i]);
  for (int i = 0; i < PURCHASES; i++)
    EXPECT(times[i] <= 1, "allocation %ld: purchase %d came %d times", allocations, i, times[i]);
  stop_failing();
  pur_bulk_reader_close(&reader);
  pur_map_release(map);
  EXPECT(blocks == before, "allocation %ld: %ld blocks leak", allocations, blocks - before);
  return !happened;
}

int main(void) {
  static const char text[] = "{\"type\":\"object\",\"required\":[\"id\"]}";
  static const char *const maps[] = {
      "{\"group\":\"k\",\"purchase\":{\"id\":\"k\",\"s\":\"s\",\"total\":{\"sum\":\"n\"}},"
      "\"items\":\"i\",\"item\":{\"s\":\"s\",\"n\":{\"column\":\"n\",\"number\":true}}}",
      "{\"group\":[\"k\",1],\"blank\":\"continues\",\"where\":{\"n\":[\"x\",\"1.50\"]},"
      "\"purchase\":{\"id\":\"k\",\"total\":{\"sum\":\"n\"}}}",
  };
  pur_error error;
  write_file();
  if (pur_schema_compile(text, sizeof text - 1, &schema, &error) != PUR_OK) abort();
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    long n = 0;
    while (!read_without_memory(maps[i], n, n % 2 != 0)) n++;
    EXPECT(n > 20, "only %ld allocations", n);
  }
  pur_schema_destroy(schema);
  return test_result();
}

/* Maps without memory: every allocation of a compilation fails in turn, and what comes of it is
 * PUR_NO_MEMORY and no leak. A run allocates nothing but what it writes. */
#include <string.h>

#include "alloc.h"
#include "map/map.h"
#include "test.h"

static const char sales[] =
    "{\"group\":[\"a\",\"b\"],\"names\":[\"a\",\"b\",\"c\"],\"null\":[\"-\"],\"where\":{\"a\":["
    "\"x\",\"y\"]},"
    "\"tz\":\"Europe/"
    "Madrid\",\"items\":\"l\\u0069nes\",\"item\":{\"v\":{\"column\":\"c\",\"values\":[\"x\","
    "2]}},\"purchase\":{\"d\":{\"column\":[\"a\",\"b\"],\"date\":\"%d/%m/%Y "
    "%H:%M\",\"tz\":\"Europe/Lisbon\"},"
    "\"n\":{\"column\":\"c\",\"number\":true,\"default\":1},\"s\":{\"sum\":3},\"f\":{\"function\":"
    "1}}}";
static const char series[] =
    "{\"tz\":\"Europe/Madrid\",\"datetime\":{\"column\":\"a\",\"date\":\"%Y-%m-%d "
    "%H:%M\",\"dst\":{\"column\":"
    "\"b\",\"is\":\"1\"}},\"value\":{\"add\":[\"c\",\"d\"],\"unit\":\"kWh\"}}";

static void expect_map(const char *json, pur_map_use use) {
  const long before = blocks;
  pur_map *map = NULL;
  pur_error error;
  pur_status status;
  long allocations = 0;
  do {
    map = NULL;
    fail_after(allocations++, false);
    status = pur_map_compile(json, strlen(json), use, &map, &error);
    stop_failing();
    EXPECT(status == PUR_OK || (status == PUR_NO_MEMORY && map == NULL), "%ld: %s", allocations,
           error.message);
    EXPECT(status == PUR_OK || blocks == before, "%ld: %ld blocks", allocations, blocks - before);
  } while (status != PUR_OK && allocations < 1000);
  EXPECT(allocations > 5, "%ld", allocations);
  pur_map_release(map);
  EXPECT(blocks == before, "%ld blocks", blocks - before);
}

static void expect_run(void) {
  static const pur_text names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
  pur_map *map = NULL;
  pur_map_cell cells[8];
  pur_buffer out = {0};
  pur_error error;
  size_t columns[8], slot;
  pur_status status = pur_map_compile(sales, strlen(sales), PUR_MAP_SALES, &map, &error);
  if (status == PUR_OK) status = pur_map_bind(map, names, 3, columns, &error);
  EXPECT(status == PUR_OK, "%s", error.message);
  if (status != PUR_OK) return;
  for (size_t i = 0; i < pur_map_slot_count(map); i++)
    cells[i] = (pur_map_cell){.text = "x", .length = 1};
  (void)pur_buffer_reserve(&out, 1000);
  fail_after(0, true);
  for (size_t i = 0; i < pur_map_sales_of(map)->purchase.member_count; i++) {
    const pur_rule *rule = &pur_map_sales_of(map)->purchase.members[i];
    if (rule->kind == PUR_RULE_DATE || rule->kind == PUR_RULE_NUMBER)
      EXPECT(pur_rule_write(rule, cells, &out, &slot, &error) == PUR_INVALID_CELL, "%s",
             rule->path);
  }
  EXPECT(!failed && out.length == 0, "%zu", out.length);
  stop_failing();
  pur_buffer_free(&out);
  pur_map_release(map);
}

int main(void) {
  expect_map(sales, PUR_MAP_SALES);
  expect_map(series, PUR_MAP_SERIES);
  expect_run();
  return test_result();
}

/* Any bytes as a map, and any as the cells of its rows: what comes out is JSON, or a refusal in
 * words; a time that is written is read as itself.
 *
 *     make fuzzers        a program of that name: seeds, and what comes of them by chance; [ROUNDS]
 *     with -DPUR_LIBFUZZER, a target of libFuzzer: see tools/fuzz
 *
 * The data: S for sales, anything else for a series; a map up to a line feed; rows, whose cells are
 * parted by |. */
#include <string.h>

#include "json/json.h"
#include "map/map.h"
#include "../c/test.h"

#define CELLS 32
#define ROOM 4000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cells in memory of their own, so that whoever reads beyond one is seen. */
typedef struct row {
  char *texts[CELLS];
  size_t lengths[CELLS];
  size_t count;
} row;

static void cut_row(row *r, const char *at, const char *end) {
  for (r->count = 0; r->count < CELLS; r->count++) {
    const char *next = at < end ? memchr(at, '|', (size_t)(end - at)) : NULL;
    size_t length = (size_t)((next != NULL ? next : end) - at);
    r->texts[r->count] = malloc(length + (length == 0));
    if (r->texts[r->count] == NULL) abort();
    if (length > 0) memcpy(r->texts[r->count], at, length);
    r->lengths[r->count] = length;
    if (next == NULL) {
      r->count++;
      return;
    }
    at = next + 1;
  }
}

static void free_row(row *r) {
  for (size_t i = 0; i < r->count; i++) free(r->texts[i]);
}

static void fill_cells(const pur_map *map, const row *r, const size_t *columns,
                       pur_map_cell *cells) {
  for (size_t i = 0; i < pur_map_slot_count(map); i++) {
    size_t at = columns[i];
    cells[i] = at < r->count ? (pur_map_cell){r->texts[at], r->lengths[at], at % 7 == 6, at}
                             : (pur_map_cell){.text = NULL};
  }
}

static void expect_words(pur_status status, const pur_error *error) {
  if (status == PUR_OK || status == PUR_END) return;
  EXPECT(status == PUR_INVALID_CELL || status == PUR_NONEXISTENT_TIME ||
             status == PUR_AMBIGUOUS_TIME || status == PUR_INVALID_MAP,
         "%s", pur_status_name(status));
  EXPECT(error->message[0] != '\0', "no words");
  for (const char *at = error->message; *at != '\0'; at++)
    EXPECT((unsigned char)*at >= ' ' && *at != 0x7F, "a control character: %s", error->message);
}

static void expect_json(const pur_buffer *out, pur_status status) {
  EXPECT(out->status == PUR_OK, "%s", pur_status_name(out->status));
  if (status == PUR_OK)
    EXPECT(pur_json_check(out->data, out->length, NULL) == PUR_OK, "%.*s", (int)out->length,
           out->data);
  else
    EXPECT(out->length == 0, "%s: %.*s", pur_status_name(status), (int)out->length, out->data);
}

static void run_rule(const pur_rule *rule, const pur_map_cell *cells, pur_rule_sum *sum) {
  pur_buffer out = {0};
  pur_error error = {0};
  size_t slot = 0;
  pur_status status;
  switch (rule->kind) {
  case PUR_RULE_OBJECT:
    for (size_t i = 0; i < rule->member_count; i++) run_rule(&rule->members[i], cells, sum);
    return;
  case PUR_RULE_FUNCTION:
    return;
  case PUR_RULE_SUM:
  case PUR_RULE_SUM_PRODUCT:
    status = pur_rule_add(rule, cells, sum, &slot, &error);
    expect_words(status, &error);
    if (status != PUR_OK) *sum = (pur_rule_sum){{0, 0}, false};
    expect_json(&out, pur_rule_write_sum(rule, sum, &out));
    break;
  default:
    status = pur_rule_write(rule, cells, &out, &slot, &error);
    expect_words(status, &error);
    expect_json(&out, status);
  }
  pur_buffer_free(&out);
}

static void run_sales(const pur_map *map, const pur_map_cell *cells) {
  const pur_map_sales *sales = pur_map_sales_of(map);
  pur_rule_sum sum = {{0, 0}, false};
  for (size_t i = 0; i < sales->group_count; i++)
    (void)pur_map_is_empty(map, &cells[sales->group[i]], true);
  if (!pur_map_wants(map, cells)) return;
  run_rule(&sales->purchase, cells, &sum);
  run_rule(&sales->item, cells, &sum);
}

/* The time in full width is read as the same time. */
static void expect_same_time(const pur_map *map, const pur_map_time *time, pur_map_cell *cells) {
  const pur_map_series *series = pur_map_series_of(map);
  const size_t slot = series->time_slots[0];
  const pur_map_cell before = cells[slot];
  char text[PUR_MAP_TIME_SIZE];
  int64_t minutes = pur_floor_divide(time->datetime.seconds, 60);
  size_t length = pur_map_write_time(map, minutes, text), at;
  pur_map_time again;
  pur_error error = {0};
  if (length == 0 || time->datetime.has_offset || minutes * 60 > PUR_DATETIME_LAST) return;
  cells[slot] = (pur_map_cell){.text = text, .length = length};
  EXPECT(pur_map_read_time(map, cells, &again, &at, &error) == PUR_OK ||
             error.status == PUR_INVALID_MAP || pur_map_is_empty(map, &cells[slot], true),
         "%.*s: %s", (int)length, text, error.message);
  cells[slot] = before;
}

static void run_series(const pur_map *map, pur_map_cell *cells, const row *r) {
  const pur_map_series *series = pur_map_series_of(map);
  pur_map_time time;
  pur_exact value;
  pur_error error = {0};
  size_t slot = 0;
  char text[PUR_EXACT_SIZE];
  if (series->is_wide) {
    pur_map_cell intervals[CELLS];
    pur_map_day day;
    size_t cell;
    for (size_t i = 0; i < r->count; i++)
      intervals[i] = (pur_map_cell){.text = r->texts[i], .length = r->lengths[i]};
    pur_status status = pur_map_read_day(map, cells, intervals, r->count, &day, &slot, &error);
    expect_words(status, &error);
    for (size_t i = 0; status == PUR_OK && i < day.count; i++) {
      expect_words(pur_map_read_interval(map, &day, intervals, i, &time, &value, &cell, &error),
                   &error);
      EXPECT(cell < r->count, "%zu of %zu", cell, r->count);
    }
    return;
  }
  pur_status status = pur_map_read_time(map, cells, &time, &slot, &error);
  expect_words(status, &error);
  if (status == PUR_OK && !series->has_period) expect_same_time(map, &time, cells);
  status = pur_map_read_value(map, cells, &value, &slot, &error);
  expect_words(status, &error);
  if (status == PUR_OK)
    EXPECT(pur_json_check(text, pur_exact_write(&value, text), NULL) == PUR_OK, "%.*s",
           (int)pur_exact_write(&value, text), text);
}

static void run_rows(const pur_map *map, pur_map_use use, const char *at, const char *end) {
  static pur_text names[] = {{"a", 1}, {"b", 1}, {"c", 1},   {"d", 1},
                             {"e", 1}, {"f", 1}, {"kWh", 3}, {"utc", 3}};
  size_t columns[ROOM];
  pur_map_cell cells[ROOM];
  pur_error error = {0};
  if (pur_map_bind(map, *at % 2 == 0 ? names : NULL, 8, columns, &error) != PUR_OK) {
    EXPECT(error.message[0] != '\0', "no words");
    return;
  }
  while (at < end) {
    const char *next = memchr(at, '\n', (size_t)(end - at));
    row r;
    cut_row(&r, at, next != NULL ? next : end);
    fill_cells(map, &r, columns, cells);
    if (use == PUR_MAP_SALES)
      run_sales(map, cells);
    else
      run_series(map, cells, &r);
    free_row(&r);
    at = next != NULL ? next + 1 : end;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const pur_map_use use = size > 0 && data[0] == 'S' ? PUR_MAP_SALES : PUR_MAP_SERIES;
  const uint8_t *feed = size > 1 ? memchr(data + 1, '\n', size - 1) : NULL;
  size_t length = feed != NULL ? (size_t)(feed - data) - 1 : size > 0 ? size - 1 : 0;
  char *json = malloc(length + (length == 0));
  pur_map *map = NULL;
  pur_error error = {0};
  pur_status status;
  if (json == NULL) abort();
  if (size == 0 || size > ROOM) {
    free(json);
    return 0;
  }
  memcpy(json, data + 1, length);
  status = pur_map_compile(json, length, use, &map, &error);
  free(json);
  EXPECT((status == PUR_OK) == (map != NULL), "%s", pur_status_name(status));
  EXPECT(status == PUR_OK || error.message[0] != '\0', "no words");
  if (map != NULL && feed != NULL && feed + 1 < data + size)
    run_rows(map, use, (const char *)feed + 1, (const char *)data + size);
  pur_map_release(map);
#ifdef PUR_LIBFUZZER
  if (test_failures > 0) abort(); /* keeps the data */
#endif
  return 0;
}

static const char *const seeds[] = {
    "S{\"group\":\"a\",\"purchase\":{\"x\":\"b\",\"n\":{\"column\":\"c\",\"number\":true}}}\n"
    "1|x|1.50\n1||-0\n2|\xC3\xA9|1e3\n",
    "S{\"decimal\":\",\",\"thousands\":\".\",\"purchase\":{\"n\":{\"column\":1,\"number\":true,"
    "\"currency\":\"$\",\"round\":2}}}\n$1.036,005\n(3)\n3-\n-$5\n12345678901234567890,5\n",
    "S{\"null\":[\"-\"],\"purchase\":{\"o\":{\"s\":{\"sum\":\"a\"},\"p\":{\"sum_product\":[\"a\","
    "\"b\"]},"
    "\"q\":{\"add\":[\"a\",\"b\"],\"round\":1}}}}\n1.5|2\n-|3\n1e30|1e-30\n",
    "S{\"tz\":\"Europe/Madrid\",\"purchase\":{\"d\":{\"column\":[\"a\",\"b\"],\"date\":\"%d/%m/%Y "
    "%H:%M:%S\",\"overlap\":\"first\"}}}\n26/10/2025|2:30:00\n30/03/2025|2:30:00\n1/1/"
    "2025|0:00:00\n",
    "S{\"tz\":\"Europe/Madrid\",\"purchase\":{\"d\":{\"column\":\"a\",\"date\":\"%d %b %y %I:%M %p "
    "%Z\"},\"e\":{\"column\":\"b\",\"date\":\"%Y%m%d%H%M%S%z\"}}}\n26 oct 25 2:30 AM "
    "CET|20251026023000+01\n",
    "S{\"where\":{\"a\":[\"x\",\"y\"]},\"unless\":[\"\",\"z\"],\"items\":\"l\",\"item\":{\"v\":{"
    "\"column\":\"b\","
    "\"values\":{\"M\":\"male\",\"F\":1},\"default\":false},\"c\":{\"constant\":\"w\"},\"f\":{"
    "\"function\":1}},"
    "\"purchase\":[]}\nx|M\ny|F\nx|q\n",
    "S{\"purchase\":{\"t\":{\"column\":[\"a\",\"b\",\"c\"]},\"d\":{\"column\":\"d\",\"date\":\"%Y-%"
    "m-%d "
    "%H:%M%*\"}}}\nAnn||Lee|2025-01-01 10:00 - 11:00\n\"|\\|x|2025-01-01 10:00 +02\n",
    "R{\"datetime\":\"a\",\"value\":\"b\"}\n2025-11-11 "
    "00:15|1.5\n2025-11-11T00:15:00.000Z|2\n24/12/2025 1:00|x\n",
    "R{\"tz\":\"Europe/"
    "Madrid\",\"resolution\":60,\"label\":\"end\",\"datetime\":{\"column\":[\"a\",\"b\"],\"date\":"
    "\"%Y/%m/%d "
    "%H:%M\",\"dst\":{\"column\":\"c\",\"is\":\"1\"}},\"value\":{\"column\":\"kWh\",\"unit\":"
    "\"kWh\"}}\n"
    "2025/10/26|02:00|1||||10\n2025/10/26|24:00|0||||0,5\n",
    "R{\"tz\":\"Australia/"
    "Lord_Howe\",\"datetime\":{\"column\":\"a\",\"date\":\"%d.%m.%Y\",\"period\":\"b\"},"
    "\"value\":{\"add\":[\"c\",\"d\"],\"unit\":\"GWh\"}}\n06.04.2025|98|1|2\n06.04.2025|H2Q4|1|"
    "2\n06.04.2025|99|1|2\n",
    "R{\"step\":60,\"tz\":\"Europe/Madrid\",\"datetime\":1,\"value\":{\"from\":2,\"to\":8}}\n"
    "2026-03-29|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22\n2026-03-29|1|2||4\n",
    "R{\"step\":false,\"datetime\":{\"column\":\"utc\",\"date\":\"%Y-%m-%dT%H:%M:%S.%f\",\"tz\":"
    "\"UTC\"},"
    "\"value\":{\"column\":\"a\",\"default\":0,\"currency\":\"MW\"}}\n5 "
    "MW|||||||2025-01-01T00:00:00.000\n",
};

#define SEEDS (sizeof seeds / sizeof *seeds)

static size_t write_seed(uint8_t *data, size_t number) {
  const char *seed = seeds[number % SEEDS];
  memcpy(data, seed, strlen(seed));
  return strlen(seed);
}

#define seed_length strlen
#define INTACT SEEDS
#define LETTERS "0123456789-+.,eE:/|\"{}[]%YmdHMSfzZ*bpIy'$ \n\t\xC2\xA0\xE2\x80\xAF"

#include "documents.h"

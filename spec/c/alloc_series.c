/* series.h without memory: every allocation fails in turn, and what comes of it is PUR_NO_MEMORY,
 * no leak, and a series that works again when there is memory. */
#include <string.h>
#include <unistd.h>

#include "series/build.h"
#include "alloc.h"
#include "map.h"
#include "test.h"

/* Sources */

static char path[] = "/tmp/alloc_series_XXXXXX";
static pur_map *map;

/* Rows of April 2025 and what follows, day by day; `pattern` takes the date, the time, a number. */
static void put_rows(FILE *out, size_t rows, const char *pattern) {
  for (size_t i = 0; i < rows; i++)
    fprintf(out, pattern, 4 + i / 2880, 1 + i / 96 % 30, i / 4 % 24, i % 4 * 15, i);
}

static void write_source(const char *start, size_t rows, const char *pattern, const char *end) {
  FILE *out = fopen(path, "wb");
  if (out == NULL) abort();
  fputs(start, out);
  put_rows(out, rows, pattern);
  fputs(end, out);
  if (fclose(out) != 0) abort();
}

typedef pur_status (*source)(pur_series **series, pur_issues *issues, pur_error *error);

static pur_status from_file(pur_series **series, pur_issues *issues, pur_error *error) {
  static const char *const paths[] = {path};
  return pur_series_read(paths, 1, map, series, issues, error);
}

static pur_status from_text(pur_series **series, pur_issues *issues, pur_error *error) {
  static char text[200000];
  FILE *in = fopen(path, "rb");
  size_t length;
  if (in == NULL) abort();
  length = fread(text, 1, sizeof text, in);
  fclose(in);
  return pur_series_decode(text, length, map, series, issues, error);
}

/* Adds numbers to the times of the file, where every line starts with one. */
static pur_status from_values(pur_series **series, pur_issues *issues, pur_error *error) {
  pur_series_builder builder;
  pur_status status;
  char line[100];
  FILE *in = fopen(path, "rb");
  if (in == NULL) abort();
  status = pur_series_builder_begin(&builder, map, error);
  while (status == PUR_OK && fgets(line, sizeof line, in) != NULL) {
    pur_item item = {line, 16, 1.25};
    pur_series_builder_add_items(&builder, &item, 1);
  }
  fclose(in);
  if (status == PUR_OK) status = pur_series_builder_finish(&builder, PUR_OK, series, issues, error);
  return status;
}

/* Scenarios */

static unsigned long hash(const char *text, size_t length) {
  unsigned long sum = 5381;
  for (size_t i = 0; i < length; i++) sum = sum * 33 + (unsigned char)text[i];
  return sum;
}

static pur_status encode(pur_series *series, size_t first, size_t rows, unsigned long *sum,
                         pur_error *error) {
  pur_status status = pur_series_encode(series, first, rows, error);
  *sum = status == PUR_OK ? hash(series->body.data, series->body.length) : 0;
  return status;
}

/* Encoding fails at one allocation after the other; when there is memory again, the bytes are the
 * same as ever. */
static void encode_without_memory(const char *name, source read, bool for_good) {
  size_t rows;
  for (long n = 0;; n++) {
    pur_series *series = NULL;
    pur_issues issues;
    pur_error error = {0};
    pur_status status;
    unsigned long want, again, sum = 0;
    bool in_vain;
    pur_issues_init(&issues);
    if (read(&series, &issues, &error) != PUR_OK) abort();
    rows = series->rows;
    fail_after(n, for_good);
    status = encode(series, rows / 3, rows / 3, &sum, &error);
    in_vain = failed;
    stop_failing();
    EXPECT((status == PUR_NO_MEMORY) == in_vain, "%s, allocation %ld: %s", name, n,
           pur_status_name(status));
    EXPECT(encode(series, rows / 3, rows / 3, &again, &error) == PUR_OK, "%s", error.message);
    EXPECT(encode(series, 0, rows, &want, &error) == PUR_OK, "%s", error.message);
    EXPECT(encode(series, rows / 3, rows / 3, &want, &error) == PUR_OK, "%s", error.message);
    EXPECT(again == want && (in_vain || sum == want), "%s, allocation %ld: other bytes", name, n);
    pur_series_release(series);
    pur_issues_free(&issues);
    if (!in_vain) return;
  }
}

/* What is wrong with the rows may be found and told all the same. */
static bool is_right(pur_status status, pur_status outcome, bool in_vain) {
  if (!in_vain) return status == outcome;
  return status == PUR_NO_MEMORY || (status == outcome && outcome != PUR_OK);
}

static void read_without_memory(const char *name, source read, bool for_good, pur_status outcome) {
  for (long n = 0;; n++) {
    long before = blocks;
    pur_series *series = NULL;
    pur_issues issues;
    pur_error error = {0};
    pur_status status;
    bool in_vain;
    pur_issues_init(&issues);
    fail_after(n, for_good);
    status = read(&series, &issues, &error);
    in_vain = failed;
    stop_failing();
    EXPECT(is_right(status, outcome, in_vain), "%s, allocation %ld: %s", name, n,
           pur_status_name(status));
    EXPECT((series != NULL) == (status == PUR_OK), "%s, allocation %ld: a series", name, n);
    pur_series_release(series);
    pur_issues_free(&issues);
    EXPECT(blocks == before, "%s, allocation %ld: %ld blocks leak", name, n, blocks - before);
    if (!in_vain) return;
  }
}

static void test_source(const char *name, source read, pur_status outcome) {
  for (int for_good = 0; for_good < 2; for_good++) {
    read_without_memory(name, read, for_good, outcome);
    if (outcome == PUR_OK) encode_without_memory(name, read, for_good);
  }
}

#define CSV "2025-%02zu-%02zu %02zu:%02zu,%zu.5\n"
#define JSON "{\"datetime\":\"2025-%02zu-%02zu %02zu:%02zu\",\"purchase\":%zu.5},"
#define ESCAPED "{\"datetime\":\"2025-%02zu-%02zu\\u0020%02zu:%02zu\",\"purchase\":%zu.5}\n"

static void test_good_sources(void) {
  write_source("datetime,purchase\n", 2880, CSV, "");
  test_source("csv", from_file, PUR_OK);
  write_source("datetime,purchase,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o\n", 96,
               "2025-%02zu-%02zu %02zu:%02zu,%zu.5,,,,,,,,,,,,,,,\n", "");
  test_source("fields", from_file, PUR_OK);
  write_source("{\"purchase\":[", 959, JSON,
               "{\"datetime\":\"2025-04-10 23:45\",\"purchase\":1}]}");
  test_source("json", from_file, PUR_OK);
  test_source("json text", from_text, PUR_OK);
  write_source("", 960, ESCAPED, "");
  test_source("ndjson", from_file, PUR_OK);
  test_source("ndjson text", from_text, PUR_OK);
  write_source("", 2880, CSV, "");
  test_source("values", from_values, PUR_OK);
}

static void test_bad_sources(void) {
  write_source("datetime,purchase\n", 2880, CSV, "x,y\n\"");
  test_source("bad csv", from_file, PUR_INVALID_SERIES);
  write_source("datetime,purchase\n", 96, "2025-%02zu-%02zu %02zu:%02zu,x%zu\n", "");
  test_source("bad numbers", from_file, PUR_INVALID_SERIES);
  write_source("date,purchase\n", 1, CSV, "");
  test_source("no column", from_file, PUR_MISSING_COLUMN);
  write_source("[", 96, JSON, "");
  test_source("bad json", from_text, PUR_INVALID_JSON);
  write_source("", 96, JSON "\n", "");
  test_source("bad ndjson", from_text, PUR_INVALID_SERIES);
  write_source("", 0, CSV, "");
  test_source("nothing", from_values, PUR_INVALID_SERIES);
}

/* One row; numbers that are kept as text; times that are kept; rows of more than a window holds. */
static void test_odd_sources(void) {
  FILE *out;
  write_source("datetime,purchase\n", 1, CSV, "");
  test_source("one row", from_file, PUR_OK);
  write_source("datetime,purchase\n", 400, "2025-%02zu-%02zu %02zu:%02zu,%zu.5e1\n", "");
  test_source("texts", from_file, PUR_OK);
  pur_map_release(map);
  map = test_series_map(NULL, 0);
  test_source("no grid", from_file, PUR_OK);
  pur_map_release(map);
  map = test_series_map(NULL, 15);
  out = fopen(path, "wb");
  if (out == NULL) abort();
  fputs("datetime,purchase,note\n", out);
  for (int i = 0; i < 48; i++)
    fprintf(out, "2025-04-01 %02d:%02d,%d,\"%100000d\n\"\n", i / 4, i % 4 * 15, i, i);
  if (fclose(out) != 0) abort();
  test_source("big", from_file, PUR_OK);
}

/* Times in a form of their own, energy with a decimal comma, rows that become several, and a value
 * that takes more digits than its column has. */
static void test_mapped_sources(void) {
  static const char json[] =
      "{\"decimal\":\",\",\"label\":\"end\",\"resolution\":15,\"step\":5,\"unless\":{\"n\":\"x\"},"
      "\"datetime\":{\"column\":\"t\",\"date\":\"%Y-%m-%d %H:%M\"},"
      "\"value\":{\"column\":\"v\",\"unit\":\"kWh\"}}";
  pur_error error;
  if (pur_map_compile(json, sizeof json - 1, PUR_MAP_SERIES, &map, &error) != PUR_OK) abort();
  write_source("t;n;v\n", 480, "2025-%02zu-%02zu %02zu:%02zu;\"a\";%zu,5\n",
               "x;x\n2025-04-06 00:00;;1234567890123456789,25\n");
  test_source("mapped csv", from_file, PUR_OK);
  write_source("{\"a\":{\"b\":[", 480,
               "{\"t\":\"2025-%02zu-%02zu\\u0020%02zu:%02zu\",\"v\":\"%zu,5\"},",
               "{\"t\":\"2025-04-06 00:00\",\"v\":1,\"n\":1}]}}");
  test_source("mapped json", from_file, PUR_OK);
  write_source("{\"a\":{\"b\":[", 96,
               "{\"t\":\"2025-%02zu-%02zu\\u0020%02zu:%02zu\",\"v\":\"%zu,5\"},",
               "{\"t\":\"2025-04-02 00:00\",\"v\":[1]}]}}");
  test_source("no key", from_file, PUR_MISSING_COLUMN);
  write_source("{\"a\":{\"b\":[", 96,
               "{\"x\":\"2025-%02zu-%02zu\\u0020%02zu:%02zu\",\"v\":\"%zu,5\"},", "{}]}}");
  test_source("no list", from_file, PUR_MISSING_COLUMN);
  write_source("t;n;v\n", 96, "2025-%02zu-%02zu %02zu:%02zu;;%zu,5\n",
               "2025-04-02 00:00;b;1\n2025-04-01 00:00;c;1\n");
  test_source("repeated times", from_file, PUR_INVALID_SERIES);
  pur_map_release(map);
}

int main(void) {
  int file = mkstemp(path);
  if (file < 0) abort();
  close(file);
  map = test_series_map(NULL, 15);
  test_good_sources();
  test_bad_sources();
  test_odd_sources();
  pur_map_release(map);
  map = test_series_map("Europe/Madrid", 15);
  test_good_sources();
  pur_map_release(map);
  test_mapped_sources();
  EXPECT(blocks == 0, "%ld blocks are still in use", blocks);
  if (remove(path) != 0) abort();
  return test_result();
}

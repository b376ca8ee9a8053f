/* Any bytes as a purchase series: refused with issues, or every row comes out in valid JSON.
 *
 *     make fuzzers        a program of that name: seeds, and what comes of them by chance; [ROUNDS]
 *     with -DPUR_LIBFUZZER, a target of libFuzzer: see tools/fuzz
 *
 * The first byte of the data chooses how the rest is read. */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "json/digest.h"
#include "json/json.h"
#include "series/build.h"
#include "../c/map.h"
#include "../c/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_issues(pur_status status, const pur_issues *issues) {
  size_t last = 0, rows = 0;
  EXPECT(status == PUR_OK ? issues->total == 0 : issues->total > 0, "%s with %zu issues",
         pur_status_name(status), issues->total);
  for (size_t i = 0; i < issues->count; i++) {
    const pur_issue *issue = pur_issues_get(issues, i);
    EXPECT(issue->place.index >= last, "row %zu after row %zu", issue->place.index, last);
    EXPECT(issue->code[0] != '\0' && issue->message[0] != '\0', "an issue without words");
    last = issue->place.index;
    rows += issue->count;
  }
  EXPECT(rows == issues->total || issues->count == PUR_ISSUES_KEPT, "%zu of %zu issues kept", rows,
         issues->total);
}

/* How many items a body has; it must be valid. */
static size_t count_items(const char *text, size_t length) {
  pur_json_scanner scanner;
  pur_json_token token;
  pur_status status;
  size_t items = 0;
  pur_json_scanner_init(&scanner, text, length);
  while ((status = pur_json_next(&scanner, &token, NULL)) == PUR_OK)
    items += token.kind == PUR_JSON_OBJECT_BEGIN && scanner.depth == 3;
  EXPECT(status == PUR_END, "%s: %.*s", pur_status_name(status), (int)length, text);
  pur_json_scanner_free(&scanner);
  return items;
}

/* The digest of rows is that of the body that was written of them last. */
static void expect_digest(const pur_series *series, size_t first, size_t count) {
  const pur_buffer *body = &series->body;
  pur_buffer scratch = {0};
  pur_error error;
  uint64_t digest = 0;
  EXPECT(pur_json_digest(body->data, body->length, &scratch, &digest, &error) == PUR_OK, "%s",
         error.message);
  EXPECT(pur_series_digest(series, first, count) == digest, "%.*s", (int)body->length, body->data);
  pur_buffer_free(&scratch);
}

static size_t encode(pur_series *series, size_t first, size_t count) {
  pur_error error;
  pur_status status = pur_series_encode(series, first, count, &error);
  EXPECT(status == PUR_OK, "rows %zu + %zu: %s", first, count, error.message);
  if (status != PUR_OK) return 0;
  expect_digest(series, first, count);
  return count_items(series->body.data, series->body.length);
}

/* Days from the last to the first, so that none follows from the one before. */
static void expect_rows(pur_series *series) {
  size_t rows = series->rows, items = 0;
  char time[PUR_GRID_TEXT];
  EXPECT(rows > 0, "a series without rows");
  for (size_t day = pur_series_days(series); day-- > 0;) {
    size_t first = pur_series_day_start(series, day), end = pur_series_day_start(series, day + 1);
    EXPECT(first < end && pur_series_day_of(series, first) == day, "day %zu from %zu to %zu", day,
           first, end);
    items += encode(series, first, end - first);
  }
  EXPECT(items == rows, "%zu items in the days, %zu rows", items, rows);
  EXPECT(encode(series, 0, rows) == rows, "not %zu items", rows);
  pur_series_time(series, rows - 1, true, time);
  EXPECT(memchr(time, '\0', sizeof time) == NULL, "no last time");
}

/* What was made of the rows is read as the same rows: without a zone, which would want whole days.
 */
static void expect_same_again(pur_series *series, pur_map *map) {
  const pur_buffer *body = &series->body;
  pur_series *other = NULL;
  pur_issues issues;
  pur_error error;
  pur_issues_init(&issues);
  if (pur_series_encode(series, 0, series->rows, &error) != PUR_OK) abort();
  EXPECT(pur_series_decode(body->data, body->length, map, &other, &issues, &error) == PUR_OK,
         "%s: %.*s", error.message, (int)body->length, body->data);
  if (other != NULL) {
    (void)pur_series_encode(other, 0, other->rows, &error);
    EXPECT(other->body.length == body->length &&
               memcmp(other->body.data, body->data, body->length) == 0,
           "%.*s\n%.*s", (int)body->length, body->data, (int)other->body.length, other->body.data);
  }
  pur_series_release(other);
  pur_issues_free(&issues);
}

/* The bytes as a file in memory, which is opened by its number. */
static const char *file_of(const void *text, size_t length) {
  static char path[32];
  static int file = -1;
  if (file < 0) file = memfd_create("rows", 0);
  if (file < 0 || ftruncate(file, 0) != 0) abort();
  if (pwrite(file, text, length, 0) != (ssize_t)length) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  return path;
}

/* A copy that ends where its memory does. */
static pur_status decode(const uint8_t *text, size_t length, pur_map *map, pur_series **series,
                         pur_issues *issues) {
  char *copy = malloc(length + (length == 0));
  pur_error error;
  pur_status status;
  if (copy == NULL) abort();
  memcpy(copy, text, length);
  status = pur_series_decode(copy, length, map, series, issues, &error);
  free(copy);
  return status;
}

/* Plain maps of four steps, without a zone or with one of two; and maps that say more. */
static pur_map *map_of(unsigned choice) {
  static const int steps[] = {15, 60, 1, 0};
  static const char *const zones[] = {NULL, "Europe/Madrid", "Australia/Lord_Howe"};
  static const char *const others[] = {
      ("{\"tz\":\"Europe/Madrid\",\"label\":\"end\",\"resolution\":60,\"decimal\":\",\","
       "\"datetime\":{\"column\":\"datetime\",\"date\":\"%d/%m/%Y %H:%M\"},"
       "\"value\":{\"column\":\"purchase\",\"unit\":\"kWh\"},\"unless\":{\"note\":\"x\"}}"),
      ("{\"tz\":\"Europe/Madrid\",\"datetime\":{\"column\":\"datetime\",\"period\":\"note\"},"
       "\"null\":[\"-\"],\"send_label\":\"end\",\"where\":{\"note\":[\"1\",\"2\"]}}"),
      "{\"step\":60,\"tz\":\"Europe/Madrid\",\"value\":{\"from\":\"purchase\",\"to\":\"note\"}}",
      "{\"datetime\":{\"column\":\"datetime\",\"tz\":\"UTC\"},\"tz\":\"Europe/Madrid\"}"};
  static pur_map *maps[3][4], *more[4];
  pur_map **map = &maps[choice & 8 ? 1 + (choice >> 4 & 1) : 0][choice >> 1 & 3];
  if (choice & 32) map = &more[choice >> 1 & 3];
  if (*map != NULL) return *map;
  if (choice & 32) {
    pur_error error;
    const char *json = others[choice >> 1 & 3];
    if (pur_map_compile(json, strlen(json), PUR_MAP_SERIES, map, &error) != PUR_OK) {
      fprintf(stderr, "%s\n", error.message);
      abort();
    }
    return *map;
  }
  return *map =
             test_series_map(zones[choice & 8 ? 1 + (choice >> 4 & 1) : 0], steps[choice >> 1 & 3]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  unsigned choice = size > 0 ? data[0] : 0;
  pur_map *map;
  const char *path;
  pur_series *series = NULL;
  pur_issues issues;
  pur_error error;
  pur_status status;
  if (size == 0) return 0;
  map = map_of(choice);
  pur_issues_init(&issues);
  if (choice & 1) {
    status = decode(data + 1, size - 1, map, &series, &issues);
  } else {
    path = file_of(data + 1, size - 1);
    status = pur_series_read(&path, 1, map, &series, &issues, &error);
  }
  expect_issues(status, &issues);
  if (status == PUR_OK) expect_rows(series);
  if (status == PUR_OK && (choice & (8 | 32)) == 0) expect_same_again(series, map);
  pur_series_release(series);
  pur_issues_free(&issues);
#ifdef PUR_LIBFUZZER
  if (test_failures > 0) abort(); /* keeps the data */
#endif
  return 0;
}

static const char *const seeds[] = {
    "\0datetime,purchase\n2025-01-01 00:00,1.50\n2025-01-01 00:15,-0\n2025-01-01 00:30,3e5\n",
    "\0datetime;purchase\r\n2025-01-01 23:30;12.345\r\n\r\n\"2025-01-01 23:45\";7\r\n"
    "2025-01-02 00:00;\"8.0\"",
    "\0purchase,\"note\",datetime\n1,\"a\nb\"\"c\",2025-01-01T00:00\n2,,2025-01-01T00:15:00\n",
    "\6datetime,purchase\n2025-01-01 00:07,0.1\n2025-02-01 00:00,-12345678.9\n",
    "\16datetime,purchase\n2025-10-26T02:00+02:00,1\n2025-10-26T02:00+01:00,2\n"
    "2025-10-26T01:30:00Z,3\n2025-10-27 00:00,4\n",
    "\12datetime,purchase\n2025-10-26 00:00,1\n2025-10-26 01:00,2\n2025-10-26 02:00,3\n"
    "2025-10-26 02:00,4\n2025-10-26 03:00,5\n",
    "\1{\"purchase\":[{\"datetime\":\"2025-01-01 00:00\",\"purchase\":1.50},"
    "{\"purchase\":-2,\"datetime\":\"2025-01-01 00:15\"}],\"more\":[{}]}",
    "\1[{\"datetime\":\"2025-01-01 00:00\",\"purchase\":1e-5,\"x\":{\"y\":[1,null]}}]",
    "\1{\"datetime\":\"2025-01-01 00:00\",\"purchase\":1}\n\n"
    "{\"date\\u0074ime\":\"2025-01-01\\u002000:15\",\"purchase\":2}\n",
    "\7{\"datetime\":\"2025-01-01 00:00\",\"purchase\":1}\n{\"datetime\":\"2026-01-01 00:00\","
    "\"purchase\":0.0}",
    "\0datetime,purchase\n2025-01-01 00:00,1.5\n2025-01-01 00:15,0.000000000001\n"
    "2025-01-01 00:30,999999999999999999\n2025-01-01 00:45,-0.0\n2025-01-01 01:00,1.500\n"
    "2025-01-01 01:15,12345678901.5\n2025-01-01 01:30,1e-7\n2025-01-01 01:45,7\n",
    "\40note;datetime;purchase\na;26/10/2025 01:00;1,5\nb;26/10/2025 2:00;2,25\nx;;\n"
    "c;26/10/2025 02:00;3\nd;26/10/2025 24:00;4,0\n",
    "\42datetime,note,purchase\n2025-10-26,1,1\n2025-10-26,2,-\n2025-10-26,3,7\n",
    "\44datetime;purchase;b;note\n2025-10-26;1;2;3\n2025-10-27;4;;\n",
    "\46datetime,purchase\n2025-10-26 00:00,1\n2025-10-26 00:15,2.25\n",
    "\41{\"data\":[{\"datetime\":\"26/10/2025 01:00\",\"purchase\":1.5}],\"x\":[1]}",
    "\37[{\"datetime\":\"2025-04-05T14:30Z\",\"purchase\":1},{\"datetime\":\"2025-04-05T15:00Z\","
    "\"purchase\":2}]",
};

#define SEEDS (sizeof seeds / sizeof *seeds)
#define ROOM 4000

/* Two days of rows, which only together take the roads that are fast. */
static size_t write_rows(uint8_t *data, unsigned form) {
  static const char *const starts[] = {"datetime,purchase\n", "[", ""};
  static const char *const rows[] = {
      "2025-03-%02d %02d:%02d,%d.5\n",
      "{\"datetime\":\"2025-03-%02d %02d:%02d\",\"purchase\":%d.5},",
      "{\"datetime\":\"2025-03-%02d %02d:%02d\",\"purchase\":%d.5}\n"};
  char *text = (char *)data;
  size_t size = 1 + (size_t)snprintf(text + 1, ROOM - 1, "%s", starts[form]);
  data[0] = (uint8_t)((form > 0) | 2); /* hours */
  for (int hour = 0; hour < 48; hour++)
    size += (size_t)snprintf(text + size, ROOM - size, rows[form], 29 + hour / 24, hour % 24, 0,
                             hour * hour);
  if (form == 1) data[size - 1] = ']';
  return size;
}

static size_t seed_length(const char *seed) {
  return 1 + strlen(seed + 1);
}

static size_t write_seed(uint8_t *data, size_t number) {
  size_t size;
  number %= SEEDS + 3;
  if (number >= SEEDS) return write_rows(data, (unsigned)(number - SEEDS));
  size = seed_length(seeds[number]);
  memcpy(data, seeds[number], size);
  return size;
}

#define INTACT (SEEDS + 3)
#define LETTERS "0123456789-+.eET:Z,;\"\n\r\t {}[]\\u\0\xEF\xBB\xBF"

#include "documents.h"

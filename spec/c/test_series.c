/* series.h: the same rows in every form come out as the same bytes, wherever a block of the file
 * ends and in whatever order they are asked for; and what is refused in the plainest form is
 * refused alike in the others. */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "time/datetime.h"
#include "json/digest.h"
#include "json/json.h"
#include "series/build.h"
#include "map.h"
#include "test.h"

#define BLOCK ((size_t)64 * 1024)

static char path[] = "/tmp/test_series_XXXXXX";

/* Text to be written bit by bit, and kept with no byte to spare when it is read. */
static void put(pur_buffer *out, const char *text) {
  pur_buffer_append(out, text, strlen(text));
}

static void write_file(const pur_buffer *text) {
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(text->data, 1, text->length, file) != text->length ||
      fclose(file) != 0)
    abort();
}

/* Rows */

typedef struct rows {
  size_t count;
  int64_t first; /* local minutes */
  int step;
  size_t padding; /* zeros behind the second row's number, to move the others along */
  char (*numbers)[40];
} rows;

static void put_time(pur_buffer *out, const rows *r, size_t row) {
  char text[PUR_MINUTES_SIZE];
  pur_datetime_format_minutes(r->first + (int64_t)row * r->step, text);
  pur_buffer_append(out, text, sizeof text);
}

static void put_digits(char *out, size_t count) {
  out[0] = (char)('1' + test_random() % 9);
  for (size_t i = 1; i < count; i++) out[i] = "0123456789000"[test_random() % 13];
  out[count] = '\0';
}

/* Numbers as people and programs write them, short and long. */
static void make_number(char out[40]) {
  static const char *const odd[] = {
      "0",      "-0",     "0.0",  "-0.000", "1e5",       "1E-3",
      "1.50e2", "0.1000", "-0.5", "0.05",   "100",       "1000.0010",
      "1e-400", "120",    "-1.0", "0e0",    "1234567.8", "-12345678.12345"};
  size_t used = test_random() % 8 == 0;
  if (test_random() % 4 == 0) {
    strcpy(out, odd[test_random() % (sizeof odd / sizeof *odd)]);
    return;
  }
  out[0] = '-';
  put_digits(out + used, 1 + test_random() % (test_random() % 20 == 0 ? 15 : 5));
  if (test_random() % 5 == 0) return;
  used = strlen(out);
  out[used] = '.';
  put_digits(out + used + 1, 1 + test_random() % (test_random() % 20 == 0 ? 15 : 3));
}

static rows make_rows(size_t count, int step) {
  rows r = {count, pur_date_to_days(2025, 1, 1) * 1440, step, 0, calloc(count, 40)};
  if (r.numbers == NULL) abort();
  for (size_t i = 0; i < count; i++) make_number(r.numbers[i]);
  return r;
}

/* A number as it is sent: without exponent, where that takes no more than a hundred digits, and
 * without zeros that end a fraction. */
static void put_number(pur_buffer *out, const char *number) {
  static const char *const others[][2] = {{"-0", "0"},       {"-0.000", "0"},     {"1e5", "100000"},
                                          {"1E-3", "0.001"}, {"1.50e2", "150"},   {"0e0", "0"},
                                          {"-0.0", "0"},     {"1e-400", "1e-400"}};
  size_t length = strlen(number);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (strcmp(others[i][0], number) == 0) {
      put(out, others[i][1]);
      return;
    }
  if (strchr(number, '.') != NULL) {
    while (number[length - 1] == '0') length--;
    if (number[length - 1] == '.') length--;
  }
  pur_buffer_append(out, number, length);
}

/* The body that must come out for some of the rows. */
static void put_body(pur_buffer *out, const rows *r, size_t first, size_t count) {
  put(out, "{\"purchase\":[");
  for (size_t i = first; i < first + count; i++) {
    put(out, i > first ? ",{\"datetime\":\"" : "{\"datetime\":\"");
    put_time(out, r, i);
    put(out, "\",\"purchase\":");
    put_number(out, r->numbers[i]);
    put(out, "}");
  }
  put(out, "]}");
}

/* Forms */

/* One way to write rows down. In a row's pattern, D is the datetime and N the number. */
typedef struct form {
  const char *start;
  const char *row;
  const char *between;
  const char *end;
} form;

static const form forms[] = {
    {"datetime,purchase\n", "D,N", "\n", "\n"},
    {"datetime,purchase\n", "D,N", "\n", ""},
    {"datetime,purchase\r\n", "D,N", "\r\n", "\r\n"},
    {"\xEF\xBB\xBF"
     "datetime,purchase\r\n",
     "D,N", "\r\n", ""},
    {"datetime;purchase\n", "D;N", "\n", "\n"},
    {"datetime\tpurchase\n", "D\tN", "\n", "\n"},
    {"datetime,purchase\n\n", "D,N", "\n\n", "\n\n\n"},
    {"datetime,purchase\n", "\"D\",N", "\n", "\n"},
    {"datetime,purchase\n", "D,\"N\"", "\n", "\n"},
    {"\"datetime\",\"purchase\"\r\n", "\"D\",\"N\"", "\r\n", "\r\n"},
    {"purchase,datetime\n", "N,D", "\n", "\n"},
    {"datetime,purchase,note\n", "D,N,", "\n", "\n"},
    {"note,purchase,datetime\n", "\"a \"\"line\"\",\nand more\r\n\",N,D", "\n", "\n"},
    {"a,datetime,b,purchase\n", ",D,caf\xE9,N", "\n", "\n"},
    {"{\"purchase\":[", "{\"datetime\":\"D\",\"purchase\":N}", ",", "]}"},
    {"{\"note\":[1,{\"purchase\":2}],\n\"purchase\" : [\n",
     "{ \"purchase\" : N,\n\"datetime\" : \"D\" }", " ,\n", "] , \"more\": null }\n"},
    {"[", "{\"datetime\":\"D\",\"purchase\":N,\"note\":{\"datetime\":1}}", ",", "]"},
    {"\xEF\xBB\xBF\n[\n", "{\"date\\u0074ime\":\"D\",\"purchase\":N}", ",\r\n", "\n]\n"},
    {"", "{\"datetime\":\"D\",\"purchase\":N}", "\n", "\n"},
    {" \n", "{\"purchase\":N,\"datetime\":\"D\"}", "\r\n\r\n", ""},
};

static void put_padding(pur_buffer *out, size_t zeros) {
  char *room = pur_buffer_reserve(out, zeros);
  memset(room, '0', zeros);
  out->length += zeros;
}

static void put_row(pur_buffer *out, const rows *r, size_t row, const char *pattern) {
  for (; *pattern != '\0'; pattern++) {
    if (*pattern == 'D') {
      put_time(out, r, row);
    } else if (*pattern == 'N') {
      put(out, r->numbers[row]);
      if (row == 1) put_padding(out, r->padding);
    } else {
      pur_buffer_append(out, pattern, 1);
    }
  }
}

static void put_rows(pur_buffer *out, const rows *r, const form *f) {
  put(out, f->start);
  for (size_t i = 0; i < r->count; i++) {
    if (i > 0) put(out, f->between);
    put_row(out, r, i, f->row);
  }
  put(out, f->end);
}

/* Reading */

static pur_map *plain_map;

static pur_status read_file(const pur_buffer *text, pur_map *map, pur_series **series,
                            pur_issues *issues, pur_error *error) {
  static const char *const paths[] = {path};
  write_file(text);
  return pur_series_read(paths, 1, map, series, issues, error);
}

static pur_series *read_series(const pur_buffer *text, pur_map *map) {
  pur_series *series = NULL;
  pur_issues issues;
  pur_error error;
  pur_status status;
  pur_issues_init(&issues);
  status = read_file(text, map, &series, &issues, &error);
  EXPECT(status == PUR_OK, "%.60s...: %s", text->data, error.message);
  if (issues.count > 0)
    EXPECT(false, "row %zu: %s %s", pur_issues_get(&issues, 0)->place.index,
           pur_issues_get(&issues, 0)->message, pur_issues_get(&issues, 0)->detail);
  pur_issues_free(&issues);
  return series;
}

/* Any part of the rows, which is as good as all of them to see whether reading goes right. The
 * digest of it is that of its bytes. */
static void expect_part(pur_series *series, const rows *r, size_t first, size_t count) {
  pur_buffer want;
  const pur_buffer *body = &series->body;
  pur_error error;
  pur_status status = pur_series_encode(series, first, count, &error);
  uint64_t digest;
  pur_buffer_init(&want, 0);
  put_body(&want, r, first, count);
  EXPECT(status == PUR_OK, "rows %zu + %zu: %s", first, count, error.message);
  EXPECT(body->length == want.length && memcmp(body->data, want.data, want.length) == 0,
         "rows %zu + %zu: %.300s instead of %.300s", first, count, body->data, want.data);
  pur_buffer_clear(&want);
  if (pur_json_digest(body->data, body->length, &want, &digest, NULL) != PUR_OK) abort();
  EXPECT(pur_series_digest(series, first, count) == digest, "rows %zu + %zu: %.300s", first, count,
         body->data);
  pur_buffer_free(&want);
}

static void expect_rows(pur_series *series, const rows *r) {
  if (series == NULL) return;
  EXPECT(series->rows == r->count, "%zu rows instead of %zu", series->rows, r->count);
  expect_part(series, r, 0, r->count);
  for (int i = 0; i < 10; i++) {
    size_t first = test_random() % r->count, count = test_random() % (r->count - first + 1);
    expect_part(series, r, first, count);
    if (i % 3 == 0) expect_part(series, r, first, test_random() % 2 < r->count - first);
  }
}

static void expect_days(pur_series *series, const rows *r) {
  size_t day = 0;
  char text[PUR_GRID_TEXT], want[PUR_GRID_TEXT];
  if (series == NULL) return;
  for (size_t row = 0; row < r->count; row++) {
    int64_t local = r->first + (int64_t)row * r->step;
    if (row > 0 && local % 1440 < r->step) day++;
    EXPECT(pur_series_day_of(series, row) == day, "row %zu is of day %zu", row,
           pur_series_day_of(series, row));
    if (row == 0 || local % 1440 < r->step)
      EXPECT(pur_series_day_start(series, day) == row, "day %zu starts at %zu", day,
             pur_series_day_start(series, day));
    pur_datetime_format_minutes(local, want);
    pur_series_time(series, row, true, text);
    EXPECT(memcmp(text, want, 16) == 0, "row %zu is at %.16s", row, text);
  }
  EXPECT(pur_series_days(series) == day + 1, "%zu days", pur_series_days(series));
  EXPECT(pur_series_day_start(series, day + 1) == r->count, "the end");
}

static void test_forms(size_t count, int step) {
  pur_map *maps[] = {test_series_map(NULL, step), test_series_map(NULL, 0)};
  rows r = make_rows(count, step);
  for (size_t i = 0; i < 2 * sizeof forms / sizeof *forms; i++) {
    pur_buffer text;
    pur_series *series;
    pur_buffer_init(&text, 0);
    put_rows(&text, &r, &forms[i / 2]);
    series = read_series(&text, maps[i % 2]);
    expect_rows(series, &r);
    expect_days(series, &r);
    pur_series_release(series);
    pur_buffer_free(&text);
  }
  pur_map_release(maps[0]);
  pur_map_release(maps[1]);
  free(r.numbers);
}

/* Some rows in the plainest form, some in another: the two roads take turns. */
static void test_mixed_forms(void) {
  static const char *const patterns[] = {"D,N\n",     "D,N\n",       "D,N\n",   "D,N\r\n",
                                         "\"D\",N\n", "D,\"N\"\r\n", "\nD,N\n", "\r\nD,N\r\n"};
  for (int round = 0; round < 200; round++) {
    rows r = make_rows(1 + test_random() % 400, 15);
    pur_series *series;
    pur_buffer text;
    pur_buffer_init(&text, 0);
    put(&text, "datetime,purchase\n");
    for (size_t i = 0; i < r.count; i++)
      put_row(&text, &r, i, patterns[test_random() % (round % 8 + 1)]);
    series = read_series(&text, plain_map);
    expect_rows(series, &r);
    pur_series_release(series);
    pur_buffer_free(&text);
    free(r.numbers);
  }
}

static void expect_form(const rows *r, const form *f, size_t length) {
  pur_buffer text;
  pur_series *series;
  pur_buffer_init(&text, 0);
  put_rows(&text, r, f);
  EXPECT(length == 0 || text.length == length, "%zu bytes instead of %zu", text.length, length);
  series = read_series(&text, plain_map);
  if (series != NULL) expect_part(series, r, 0, r->count);
  if (series != NULL) expect_part(series, r, r->count / 2, r->count / 3);
  pur_series_release(series);
  pur_buffer_free(&text);
}

/* Every byte of a row is the last of a block, at one time. */
static void test_borders(void) {
  static const size_t chosen[] = {0, 1, 2, 6, 9, 12, 14, 18};
  rows r = make_rows(BLOCK / 21, 15);
  strcpy(r.numbers[1], "7.5");
  for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++)
    for (r.padding = 0; r.padding < 40 + strlen(forms[chosen[i]].row); r.padding++)
      expect_form(&r, &forms[chosen[i]], 0);
  free(r.numbers);
}

static size_t length_of(const rows *r, const form *f) {
  pur_buffer text;
  size_t length;
  pur_buffer_init(&text, 0);
  put_rows(&text, r, f);
  length = text.length;
  pur_buffer_free(&text);
  return length;
}

/* The file ends where a block does. */
static void test_whole_blocks(void) {
  for (size_t f = 0; f < 3; f++)
    for (size_t blocks = 1; blocks <= 3; blocks++) {
      rows r = make_rows(blocks * BLOCK / 40, 15);
      strcpy(r.numbers[1], "7.5");
      r.padding = blocks * BLOCK - length_of(&r, &forms[f]);
      expect_form(&r, &forms[f], blocks * BLOCK);
      free(r.numbers);
    }
}

/* What is refused */

/* What is said of a text, as one text. */
static void describe(const pur_buffer *text, pur_map *map, pur_buffer *out) {
  pur_series *series = NULL;
  pur_issues issues;
  pur_error error;
  pur_status status;
  char line[2 * PUR_MESSAGE_SIZE + 100];
  pur_issues_init(&issues);
  status = read_file(text, map, &series, &issues, &error);
  (void)snprintf(line, sizeof line, "%s\n", pur_status_name(status));
  put(out, line);
  for (size_t i = 0; i < issues.count; i++) {
    const pur_issue *issue = pur_issues_get(&issues, i);
    (void)snprintf(line, sizeof line, "%zu line %zu %s %s %s\n", issue->place.index,
                   issue->place.line, issue->code, issue->message, issue->detail);
    put(out, line);
  }
  if (status == PUR_OK) {
    status = pur_series_encode(series, 0, series->rows, &error);
    EXPECT(status == PUR_OK, "%s", error.message);
    pur_buffer_append(out, series->body.data, series->body.length);
  }
  pur_series_release(series);
  pur_issues_free(&issues);
}

/* The text with one more column, which no fast road knows. */
static void put_with_column(pur_buffer *out, const pur_buffer *text) {
  const char *at = text->data, *end = at + text->length;
  while (at < end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *line_end = newline != NULL ? newline : end;
    pur_buffer_append(out, at, (size_t)(line_end - at));
    if (line_end > at) put(out, ",");
    if (newline != NULL) put(out, "\n");
    at = line_end + 1;
  }
}

/* Any slip in a row is judged alike on both roads. */
static void test_roads_agree(const char *zone) {
  static const char letters[] = "0123456789-.: eETZ+x";
  pur_map *map = test_series_map(zone, 15);
  size_t accepted = 0;
  for (int round = 0; round < 6000; round++) {
    rows r = make_rows(zone != NULL ? 96 : 1 + test_random() % 60, 15);
    pur_buffer plain, general, said, also_said;
    pur_buffer_init(&plain, 0);
    pur_buffer_init(&general, 0);
    pur_buffer_init(&said, 0);
    pur_buffer_init(&also_said, 0);
    put_rows(&plain, &r, &forms[round % 2]);
    for (uint64_t slips = test_random() % 4; slips > 0; slips--) {
      size_t at = 18 + test_random() % (plain.length - 18);
      if (strchr(",\n", plain.data[at]) == NULL)
        plain.data[at] = letters[test_random() % (sizeof letters - 1)];
    }
    put_with_column(&general, &plain);
    describe(&plain, map, &said);
    describe(&general, map, &also_said);
    accepted += memcmp(said.data, "ok", 2) == 0;
    EXPECT(said.length == also_said.length && memcmp(said.data, also_said.data, said.length) == 0,
           "%.*s\n%.*s\n%.*s", (int)plain.length, plain.data, (int)said.length, said.data,
           (int)also_said.length, also_said.data);
    pur_buffer_free(&plain);
    pur_buffer_free(&general);
    pur_buffer_free(&said);
    pur_buffer_free(&also_said);
    free(r.numbers);
  }
  EXPECT(accepted > 600 && accepted < 5400, "%zu of 6000 accepted", accepted);
  pur_map_release(map);
}

/* The rows of a series that was built from doubles. */
static void test_builder(void) {
  static const double values[] = {0.1, -0.0, 1e21, 12.0, 9007199254740993.0, 5e-324};
  static const char want[] =
      "{\"purchase\":[{\"datetime\":\"2025-01-01 00:00\",\"purchase\":0.1},"
      "{\"datetime\":\"2025-01-01 00:15\",\"purchase\":0},"
      "{\"datetime\":\"2025-01-01 00:30\",\"purchase\":1000000000000000000000},"
      "{\"datetime\":\"2025-01-01 00:45\",\"purchase\":12},"
      "{\"datetime\":\"2025-01-01 01:00\",\"purchase\":9007199254740992},"
      "{\"datetime\":\"2025-01-01 01:15\",\"purchase\":5e-324}]}";
  rows r = {6, pur_date_to_days(2025, 1, 1) * 1440, 15, 0, NULL};
  pur_series_builder builder;
  pur_series *series = NULL;
  pur_issues issues;
  pur_issues_init(&issues);
  EXPECT(pur_series_builder_begin(&builder, plain_map, NULL) == PUR_OK, "no memory");
  for (size_t i = 0; i < r.count; i++) {
    pur_buffer time;
    pur_item item = {NULL, PUR_MINUTES_SIZE, values[i]};
    pur_buffer_init(&time, 0);
    put_time(&time, &r, i);
    item.datetime = time.data;
    pur_series_builder_add_items(&builder, &item, 1);
    pur_buffer_free(&time);
  }
  EXPECT(pur_series_builder_finish(&builder, PUR_OK, &series, &issues, NULL) == PUR_OK, "refused");
  EXPECT(pur_series_encode(series, 0, 6, NULL) == PUR_OK, "not encoded");
  EXPECT(series->body.length == sizeof want - 1 &&
             memcmp(series->body.data, want, sizeof want - 1) == 0,
         "%.*s", (int)series->body.length, series->body.data);
  EXPECT(pur_json_check(series->body.data, series->body.length, NULL) == PUR_OK, "no JSON");
  pur_series_release(series);
  pur_issues_free(&issues);
}

/* What a series keeps in memory: `a_row` bytes for each row, and little else. */
static void expect_memory(const char *name, const pur_series *series, size_t a_row) {
  size_t count = series->rows, memory = pur_series_memory(series);
  size_t others = 1000 + 3 * 4096 + pur_series_days(series) * 2 * sizeof(size_t);
  EXPECT(memory >= count * a_row && memory <= count * a_row + others, "%s: %zu bytes for %zu rows",
         name, memory, count);
}

/* 8 bytes a row, 8 more where there is no grid, and the text of each number that does not fit. */
static void test_memory(void) {
  static const struct {
    const char *name, *number;
    int step;
    size_t a_row;
  } cases[] = {{"plain", "12.345", 15, 8},
               {"twelve places", "-0.000000000001", 15, 8},
               {"no grid", "12.345", 0, 16},
               {"18 digits", "123456789012345678", 15, 8},
               {"exponents", "1e-400", 15, 8 + 7},
               {"-0", "-0.0", 0, 16},
               {"19 digits", "1234567890123456789", 15, 8 + 20}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f += 14) {
      pur_map *map = test_series_map(NULL, cases[i].step);
      rows r = make_rows(35040, 15);
      pur_buffer text;
      pur_series *series;
      for (size_t row = 0; row < r.count; row++) strcpy(r.numbers[row], cases[i].number);
      pur_buffer_init(&text, 0);
      put_rows(&text, &r, &forms[f]);
      series = read_series(&text, map);
      if (series != NULL) expect_memory(cases[i].name, series, cases[i].a_row);
      expect_rows(series, &r);
      pur_series_release(series);
      pur_map_release(map);
      pur_buffer_free(&text);
      free(r.numbers);
    }
}

/* One number at any place among others that fit: whichever comes late, all keep their digits. */
static void test_late_numbers(void) {
  static const char *const usual[] = {"12.345", "7", "123456789012345678", "-0.5",
                                      "0.123456789012"};
  static const char *const late[] = {"0.0000000000001",
                                     "1e5",
                                     "-0",
                                     "1234567890123456789",
                                     "0.000000000001",
                                     "0.25",
                                     "12.34567",
                                     "999999999999999999",
                                     "12.345000",
                                     "0",
                                     "-12345678901.5"};
  for (size_t u = 0; u < sizeof usual / sizeof *usual; u++)
    for (size_t l = 0; l < sizeof late / sizeof *late; l++)
      for (size_t at = 0; at < 300; at += 1 + test_random() % 60) {
        rows r = make_rows(300, 15);
        for (size_t i = 0; i < r.count; i++) strcpy(r.numbers[i], i == at ? late[l] : usual[u]);
        for (size_t f = 0; f < 15; f += 7) {
          pur_buffer text;
          pur_series *series;
          pur_buffer_init(&text, 0);
          put_rows(&text, &r, &forms[f]);
          series = read_series(&text, plain_map);
          expect_rows(series, &r);
          pur_series_release(series);
          pur_buffer_free(&text);
        }
        free(r.numbers);
      }
}

int main(void) {
  int file = mkstemp(path);
  if (file < 0) abort();
  close(file);
  plain_map = test_series_map(NULL, 15);
  test_forms(1, 15);
  test_forms(2, 15);
  test_forms(500, 15);
  test_forms(300, 60);
  test_forms(1000, 5);
  test_mixed_forms();
  test_borders();
  test_whole_blocks();
  test_roads_agree(NULL);
  test_roads_agree("Europe/Madrid");
  test_builder();
  test_memory();
  test_late_numbers();
  pur_map_release(plain_map);
  if (remove(path) != 0) abort();
  return test_result();
}

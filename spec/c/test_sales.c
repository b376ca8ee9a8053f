/* sales.h: every row of a file is of one purchase, which is made or refused, wherever a slice ends;
 * and a file that cannot be read on. (What maps make of rows is tested in spec/source_csv_spec.lua,
 * and by chance against another implementation in spec/map_differential_spec.lua.) */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "json/json.h"
#include "map/sales.h"
#include "test.h"

#define ROOM 20000

static char path[32];

static void write_file(const char *text, size_t length) {
  static int file = -1;
  if (file < 0) file = memfd_create("sales", 0);
  if (file < 0 || ftruncate(file, 0) != 0) abort();
  if (pwrite(file, text, length, 0) != (ssize_t)length) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
}

static pur_map *compile(const char *json) {
  pur_map *map = NULL;
  pur_error error = {PUR_OK, 0, ""};
  pur_status status = pur_map_compile(json, strlen(json), PUR_MAP_SALES, &map, &error);
  EXPECT(status == PUR_OK, "%s", error.message);
  if (status != PUR_OK) abort();
  return map;
}

/* Every purchase in a line: its first row's line, and its text; "!" before a refused one. */
typedef struct story {
  char text[ROOM * 4];
  size_t length;
  size_t rows; /* in all of them */
} story;

static void tell(story *s, const pur_sale *sale) {
  const char *text = sale->text;
  size_t rows = sale->kind == PUR_SALE_REFUSED;
  for (size_t i = 0; i < sale->length; i++)
    if (sale->kind == PUR_SALE_REFUSED ? text[i] == '\n' : memcmp(text + i, "\"zz\"", 4) == 0)
      rows++;
  if (sale->kind == PUR_SALE_GOOD) {
    EXPECT(pur_json_check(text, sale->length, NULL) == PUR_OK, "%.*s", (int)sale->length, text);
  } else {
    EXPECT(sale->wrong->count > 0, "no reason");
    EXPECT(sale->key_length == 0 || text[sale->length] == '"', "no key behind the rows");
  }
  s->rows += rows;
  s->length += (size_t)snprintf(s->text + s->length, sizeof s->text - s->length, "%s%llu:%.*s;",
                                sale->kind == PUR_SALE_REFUSED ? "!" : "",
                                (unsigned long long)sale->line, (int)sale->length, text);
}

/* Reads all, with so much budget for a call; answers functions with 7. */
static void read_all(pur_map *map, size_t slice, story *s) {
  pur_sales sales;
  pur_error error = {PUR_OK, 0, ""};
  const pur_sale *sale;
  pur_status status = pur_sales_open(&sales, map, path, 1, &error);
  s->length = s->rows = 0;
  s->text[0] = '\0';
  for (size_t calls = 0; status == PUR_OK; calls++) {
    size_t budget = slice;
    EXPECT(calls < 100000, "no end");
    status = pur_sales_next(&sales, &budget, &sale, &error);
    if (status != PUR_OK) break;
    if (sale->kind == PUR_SALE_CALLS) {
      for (size_t i = pur_sales_row_count(&sales); i > 0; i--)
        pur_sales_answer(&sales, PUR_ANSWER_ITEM, "7", 1);
    }
    if (sale->kind == PUR_SALE_NONE || sale->kind == PUR_SALE_CALLS) continue;
    tell(s, sale);
    pur_sales_pass(&sales);
  }
  EXPECT(status == PUR_END, "%s: %s", pur_status_name(status), error.message);
  pur_sales_close(&sales);
}

static const char *const maps[] = {
    "{\"group\":\"k\",\"purchase\":{\"id\":\"k\",\"e\":{\"column\":\"e\",\"first\":true}},"
    "\"items\":\"i\",\"item\":{\"n\":\"n\",\"zz\":{\"constant\":1}}}",
    "{\"group\":\"k\",\"blank\":\"continues\",\"purchase\":{\"id\":\"k\",\"e\":\"e\","
    "\"s\":{\"sum\":\"n\"}},\"items\":\"i\",\"item\":{\"n\":{\"column\":\"n\",\"number\":true},"
    "\"zz\":{\"constant\":1}}}",
    "{\"group\":[\"k\",\"e\"],\"purchase\":{\"x\":\"n\",\"c\":{\"constant\":1}},\"items\":\"i\","
    "\"item\":{\"zz\":{\"function\":1}}}",
    "{\"purchase\":{\"id\":\"k\"},\"items\":\"i\",\"item\":{\"n\":\"n\",\"zz\":{\"constant\":1}}}",
};

/* Rows by chance: keys that come again, that are missing, rows that are cut, and quotes. */
static size_t make_file(char *text, size_t *rows) {
  static const char *const keys[] = {"A", "A", "B", "B", "C", "D", " A ", "\"A\"", ""};
  static const char *const cells[] = {"1", "1", "2", "", "\"1\"", "x", "\"q\"\"r\""};
  size_t length = (size_t)sprintf(text, "k,e,n\n"), run = 0;
  const char *key = "A";
  *rows = (size_t)(test_random() % 40);
  for (size_t i = 0; i < *rows; i++) {
    unsigned kind = (unsigned)(test_random() % 24);
    if (run == 0) {
      key = keys[test_random() % (sizeof keys / sizeof *keys)];
      run = (size_t)(1 + test_random() % 4);
    }
    run--;
    if (kind == 0)
      length += (size_t)sprintf(text + length, "%s,1\n", key);
    else if (kind == 1)
      length += (size_t)sprintf(text + length, "\"%c\"x,1,1\n", 'A' + (char)(test_random() % 3));
    else if (kind == 2)
      length += (size_t)sprintf(text + length, ",1,1\n");
    else
      length += (size_t)sprintf(text + length, "%s,%s,%s\n", key,
                                kind < 20 ? "1" : cells[test_random() % 3],
                                cells[test_random() % (sizeof cells / sizeof *cells)]);
  }
  return length;
}

static void test_by_chance(void) {
  static char text[ROOM];
  static story whole, sliced;
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    pur_map *map = compile(maps[i]);
    for (int round = 0; round < 3000; round++) {
      size_t rows, length = make_file(text, &rows);
      write_file(text, length);
      read_all(map, SIZE_MAX, &whole);
      EXPECT(whole.rows == rows, "map %zu: %zu of %zu rows:\n%.*s\n%s", i, whole.rows, rows,
             (int)length, text, whole.text);
      read_all(map, 1 + (size_t)(test_random() % 60), &sliced);
      EXPECT(whole.length == sliced.length && memcmp(whole.text, sliced.text, whole.length) == 0,
             "map %zu in slices:\n%.*s\n%s\n%s", i, (int)length, text, whole.text, sliced.text);
    }
    pur_map_release(map);
  }
}

/* What a file has is counted as it is read. */
static void test_counts(void) {
  static char text[ROOM];
  static story whole;
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    pur_map *map = compile(maps[i]);
    for (int round = 0; round < 500; round++) {
      size_t rows, length = make_file(text, &rows), purchases = 0, passed;
      uint64_t count, left = 0;
      pur_sales sales;
      pur_error error = {PUR_OK, 0, ""};
      write_file(text, length);
      read_all(map, SIZE_MAX, &whole);
      for (size_t j = 0; j < whole.length; j++) purchases += whole.text[j] == ';';
      passed = purchases > 0 && i != 2 ? (size_t)(test_random() % purchases) : 0;
      if (pur_sales_open(&sales, map, path, 1, &error) != PUR_OK) abort();
      for (size_t j = 0; j < passed; j++) {
        size_t budget = SIZE_MAX;
        const pur_sale *sale;
        if (pur_sales_next(&sales, &budget, &sale, &error) != PUR_OK) abort();
        pur_sales_pass(&sales);
      }
      for (size_t budget = 0; budget == 0; left += count) {
        budget = 1 + (size_t)(test_random() % 60);
        if (pur_sales_count(&sales, &budget, &count, &error) != PUR_OK) abort();
      }
      EXPECT(passed + left == purchases, "map %zu: %zu and %llu of %zu:\n%.*s", i, passed,
             (unsigned long long)left, purchases, (int)length, text);
      pur_sales_close(&sales);
    }
    pur_map_release(map);
  }
}

/* A purchase whose rows were not seen to the end stays what comes next. */
static void test_broken_file(void) {
  static char text[3 * 65536];
  size_t length = (size_t)sprintf(text, "k,e,n\nA,1,1\nB,1,1\nB,1,"), budget = SIZE_MAX;
  pur_map *map = compile(maps[0]);
  pur_sales sales;
  pur_error error = {PUR_OK, 0, ""};
  const pur_sale *sale;
  memset(text + length, 'x', sizeof text - length - 2);
  memcpy(text + sizeof text - 2, "\n", 1);
  write_file(text, sizeof text - 1);
  if (pur_sales_open(&sales, map, path, 1, &error) != PUR_OK) abort();
  if (pur_sales_prepare(&sales, &budget, &error) != PUR_OK) abort();
  EXPECT(pur_sales_line(&sales) == 2, "line %llu", (unsigned long long)pur_sales_line(&sales));
  (void)close(sales.rows.table.rows.input.file);
  budget = SIZE_MAX;
  if (pur_sales_next(&sales, &budget, &sale, &error) == PUR_OK) {
    EXPECT(sale->kind == PUR_SALE_GOOD && sale->line == 2, "line %llu",
           (unsigned long long)sale->line);
    pur_sales_pass(&sales);
  }
  for (int i = 0; i < 2; i++) {
    pur_status status = pur_sales_next(&sales, &budget, &sale, &error);
    EXPECT(status == PUR_FILE_UNREADABLE, "%s", pur_status_name(status));
    EXPECT(pur_sales_line(&sales) == 3, "line %llu", (unsigned long long)pur_sales_line(&sales));
  }
  sales.rows.table.rows.input.file = -1;
  pur_sales_close(&sales);
  pur_map_release(map);
}

/* Rows of a purchase that stand apart, more of them than are gathered. */
static void test_pieces(void) {
  static char text[80000];
  static story s;
  pur_map *map = compile(maps[0]);
  size_t length = (size_t)sprintf(text, "k,e,n\n");
  for (int i = 0; i < 3000; i++)
    length += (size_t)sprintf(text + length, "%c,%d,1\n", i % 2 == 0 ? 'A' : 'B', i);
  write_file(text, length);
  read_all(map, 1000, &s);
  EXPECT(memcmp(s.text, "!2:A,0,1\nA,2,1\n", 15) == 0, "%.40s", s.text);
  EXPECT(strstr(s.text, ";!3:B,1,1\nB,3,1\n") != NULL, "no B");
  EXPECT(s.rows == 2 * 1001, "%zu rows", s.rows);
  pur_map_release(map);
}

int main(void) {
  test_by_chance();
  test_counts();
  test_broken_file();
  test_pieces();
  return test_result();
}

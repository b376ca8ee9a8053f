/* Any bytes as a map of sales, and any as the file that it is for: every purchase is JSON or a
 * refusal in words, it ends, and what a slice ends makes no difference.
 *
 *     make fuzzers        a program of that name: seeds, and what comes of them by chance; [ROUNDS]
 *     with -DPUR_LIBFUZZER, a target of libFuzzer: see tools/fuzz
 *
 * The data: a map up to a line feed, and the file. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "json/json.h"
#include "map/sales.h"
#include "../c/test.h"

#define ROOM 4000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *file_of(const char *text, size_t length) {
  static char path[32];
  static int file = -1;
  if (file < 0) file = memfd_create("sales", 0);
  if (file < 0 || ftruncate(file, 0) != 0) abort();
  if (length > 0 && pwrite(file, text, length, 0) != (ssize_t)length) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  return path;
}

static void expect_words(const char *message) {
  EXPECT(message[0] != '\0', "no words");
  for (; *message != '\0'; message++)
    EXPECT((unsigned char)*message >= ' ' && *message != 0x7F, "a control character");
}

/* Answers all functions: a text where the row has a first cell. */
static void answer(pur_sales *sales) {
  size_t rows = pur_sales_row_count(sales);
  pur_error error;
  for (size_t i = 0; i < rows; i++) {
    pur_text text;
    pur_status status = pur_sales_cell(sales, i, i % 3, &text, &error);
    EXPECT(status == PUR_OK || status == PUR_END, "%s", pur_status_name(status));
    if (i % 100 == 99) pur_sales_complain(sales, i, "item.x", "invalid_cell", "no");
    pur_sales_answer(sales, PUR_ANSWER_ITEM, status == PUR_OK ? "\"x\"" : NULL, 3);
  }
  pur_sales_answer(sales, PUR_ANSWER_PURCHASE, "1", 1);
}

static uint64_t mix(uint64_t hash, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001B3u;
  return hash;
}

/* Returns a hash of all purchases. */
static uint64_t read_all(pur_map *map, const char *path, size_t slice) {
  pur_sales sales;
  pur_error error = {PUR_OK, 0, ""};
  uint64_t hash = 1;
  const pur_sale *sale;
  pur_status status = pur_sales_open(&sales, map, path, 1, &error);
  for (size_t calls = 0; status == PUR_OK; calls++) {
    size_t budget = slice;
    EXPECT(calls < 20 * (ROOM + 100), "no end");
    status = pur_sales_next(&sales, &budget, &sale, &error);
    if (status != PUR_OK) break;
    if (sale->kind == PUR_SALE_CALLS) answer(&sales);
    if (sale->kind == PUR_SALE_NONE || sale->kind == PUR_SALE_CALLS) continue;
    hash = mix(hash + sale->line, sale->text, sale->length + sale->key_length);
    if (sale->kind == PUR_SALE_GOOD)
      EXPECT(pur_json_check(sale->text, sale->length, NULL) == PUR_OK, "%.*s", (int)sale->length,
             sale->text);
    for (size_t i = 0; sale->wrong != NULL && i < sale->wrong->count; i++)
      expect_words(pur_issues_get(sale->wrong, i)->message);
    pur_sales_pass(&sales);
  }
  EXPECT(status != PUR_NO_MEMORY && status != PUR_OK, "%s", pur_status_name(status));
  if (status != PUR_END) expect_words(error.message);
  hash = mix(hash, error.message, status == PUR_END ? 0 : strlen(error.message)) + sales.left_out;
  pur_sales_close(&sales);
  return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data, *end;
  pur_map *map = NULL;
  pur_error error = {PUR_OK, 0, ""};
  if (size == 0 || size > ROOM) return 0;
  end = memchr(text, '\n', size);
  if (end == NULL) return 0;
  if (pur_map_compile(text, (size_t)(end - text), PUR_MAP_SALES, &map, &error) == PUR_OK) {
    const char *path = file_of(end + 1, size - (size_t)(end + 1 - text));
    uint64_t whole = read_all(map, path, SIZE_MAX), sliced = read_all(map, path, 1 + size % 50);
    EXPECT(whole == sliced, "slices make a difference: %.*s", (int)size, text);
  }
  pur_map_release(map);
#ifdef PUR_LIBFUZZER
  if (test_failures > 0) abort(); /* keeps the data */
#endif
  return 0;
}

#ifndef PUR_LIBFUZZER

#define SEED(text)                                                                                 \
  { text, sizeof(text) - 1 }
static const pur_text seeds[] = {
    SEED(
        "{\"group\":\"k\",\"purchase\":{\"id\":\"k\",\"t\":{\"sum\":\"n\"},\"d\":{\"column\":\"d\","
        "\"date\":\"%d/%m/"
        "%Y\"}},\"items\":\"i\",\"item\":{\"n\":{\"column\":\"n\",\"number\":true}}}\n"
        "k,n,d\nA,1,1/2/2025\nA,2,\nB,\"3\",01/02/2025\nA,x,\n,1,\nC,1\n"),
    SEED("{\"header\":false,\"group\":[1,2],\"blank\":\"continues\",\"where\":{\"3\":\"x\"},"
         "\"purchase\":{\"a\":1,\"f\":{\"function\":1}},\"items\":\"b\",\"item\":{\"x\":{"
         "\"function\":2}"
         "}}\n"
         "1;2;x\n1;2;\n;;\n2;2;y\n\"1\";2;x\n=\"1\";2;x\n3;\"4\n5\";x\n"),
    SEED("{\"encoding\":\"utf16\",\"null\":[\"-\"],\"purchase\":{\"a\":{\"column\":1,\"values\":{"
         "\"x\":"
         "\"y\"},"
         "\"default\":\"z\"},\"n\":{\"column\":2,\"number\":true,\"first\":true}}}\n"
         "\xFF\xFE"
         "a\0,\0b\0\n\0x\0,\0-\0\n\0"),
    SEED("{\"delimiter\":\"|\",\"decimal\":\",\",\"thousands\":\".\",\"skip\":1,\"group\":\"k\","
         "\"purchase\":"
         "{\"n\":{\"column\":\"n\",\"number\":true,\"currency\":\"$\"}}}\nt\nk|n\r\nA|1.000,5\r\nA|"
         "1000,"
         "50\r\nB|$1\r\n"),
};

int main(int argc, char **argv) {
  unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
  static char text[ROOM];
  for (unsigned long round = 0; round < rounds; round++) {
    size_t which = (size_t)(test_random() % (sizeof seeds / sizeof *seeds));
    size_t length = seeds[which].length;
    memcpy(text, seeds[which].text, length);
    for (uint64_t changes = test_random() % 6; changes > 0 && length > 0; changes--) {
      size_t at = (size_t)(test_random() % length), size = (size_t)(test_random() % 9);
      switch (test_random() % 4) {
      case 0:
        text[at] = (char)test_random();
        break;
      case 1:
        text[at] = ",;\n\"\r0A= -{}[]:x"[test_random() % 16];
        break;
      case 2: /* a piece goes */
        if (at + size > length) size = length - at;
        memmove(text + at, text + at + size, length - at - size);
        length -= size;
        break;
      default: /* a piece comes again */
        if (at + size > length || length + size > ROOM) break;
        memmove(text + at + size, text + at, length - at);
        length += size;
      }
    }
    (void)LLVMFuzzerTestOneInput((const uint8_t *)text, length);
  }
  return test_result();
}

#endif

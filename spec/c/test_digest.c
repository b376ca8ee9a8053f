/* base/hash.h and json/digest.h: what they give for ever, and that digests tell values apart. */
#include <stdbool.h>
#include <string.h>

#include "json/digest.h"
#include "json/json.h"
#include "number/fixed.h"
#include "schema/node.h"
#include "test.h"

static pur_buffer scratch;

/* The text is copied without a byte to spare, so that a sanitizer sees any read beyond the end. */
static pur_status digest_of(const char *text, size_t length, uint64_t *digest) {
  char *copy = malloc(length + (length == 0));
  pur_status status;
  if (copy == NULL) abort();
  memcpy(copy, text, length);
  status = pur_json_digest(copy, length, &scratch, digest, NULL);
  free(copy);
  return status;
}

static uint64_t digest(const char *text) {
  uint64_t result = 0;
  pur_status status = digest_of(text, strlen(text), &result);
  EXPECT(status == PUR_OK, "%s: %s", text, pur_status_name(status));
  return result;
}

/* For ever */

/* The author's own vectors (test_vector.cpp), whose seeds are their numbers; then what his program
 * gives for texts at which the way to read them changes, and for all lengths up to 200. */
static void test_hash(void) {
  static const char *const texts[] = {
      "",
      "a",
      "abc",
      "message digest",
      "abcdefghijklmnopqrstuvwxyz",
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890"};
  static const uint64_t hashes[] = {UINT64_C(0x93228A4DE0EEC5A2), UINT64_C(0xC5BAC3DB178713C4),
                                    UINT64_C(0xA97F2F7B1D9B3314), UINT64_C(0x786D1F1DF3801DF4),
                                    UINT64_C(0xDCA5A8138AD37C87), UINT64_C(0xB9E734F117CFAF70),
                                    UINT64_C(0x6CC5EAB49A92D617)};
  static const struct {
    size_t length;
    uint64_t hash;
  } lengths[] = {{3, UINT64_C(0x7597E5EC80E43816)},  {4, UINT64_C(0x28A022F252D665FF)},
                 {8, UINT64_C(0x8DA61725FB2EDA48)},  {16, UINT64_C(0xE0E3AC7EE98F856A)},
                 {17, UINT64_C(0x926EC58C9A13C41F)}, {33, UINT64_C(0xB223F2C356B6533A)},
                 {47, UINT64_C(0x8C10B7EA15DF8B85)}, {48, UINT64_C(0x5056D22578ED7462)},
                 {49, UINT64_C(0xCE5A8E8392822F8C)}, {96, UINT64_C(0x482FC4360700C326)}};
  char bytes[201];
  uint64_t all = 0;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    EXPECT(pur_hash(texts[i], strlen(texts[i]), i) == hashes[i], "\"%s\"", texts[i]);
  for (int i = 0; i < 201; i++) bytes[i] = (char)(i * 37 + 11);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    EXPECT(pur_hash(bytes, lengths[i].length, 42) == lengths[i].hash, "%zu bytes",
           lengths[i].length);
  for (size_t i = 0; i <= 200; i++) all = pur_hash_pair(all, pur_hash(bytes, i, i));
  EXPECT(all == UINT64_C(0x225BDC36F3A58B23), "all lengths: %016llx", (unsigned long long)all);
}

/* Computed by a program in Python that was written after digest.h alone. */
static void test_vectors(void) {
  static const struct {
    const char *text;
    uint64_t digest;
  } vectors[] = {
      {"null", UINT64_C(0xDB0684B811F2F0D0)},
      {"true", UINT64_C(0xE956A7CC7D9D90B6)},
      {"false", UINT64_C(0xA3A02C4D5C2BEAE0)},
      {"\"\"", UINT64_C(0x2B21D35958EAE1C7)},
      {"\"a\"", UINT64_C(0x405A07D1FA99FC7B)},
      {"\"Heladera Patrick\"", UINT64_C(0x588BF98AF30DBE42)},
      {"\"caf\\u00e9 \\ud83d\\ude00\\n\"", UINT64_C(0x59E2499044C63325)},
      {"0", UINT64_C(0x4E24F7AC13B76745)},
      {"1", UINT64_C(0x3CC776B2F7AF5BFD)},
      {"-1.5", UINT64_C(0x3FD223A66E8C4441)},
      {"1234567.89", UINT64_C(0x414BBF62417B6162)},
      {"123456789012345678", UINT64_C(0x693C3AFC0CCA3902)},
      {"1234567890123456789", UINT64_C(0x2995D8F15F76ABB8)},
      {"0.1234567890123456789012345678901234567890e400", UINT64_C(0x9C5FB8B01297EEB9)},
      {"-7e-30", UINT64_C(0x062F41FEC89BC82E)},
      {"[]", UINT64_C(0x082EFA98EC4E6C89)},
      {"[[]]", UINT64_C(0x89A889FA604E3543)},
      {"[1,\"1\",null]", UINT64_C(0x8EE2C567DA36BCB6)},
      {"{}", UINT64_C(0xCD4ACF7A521B18D3)},
      {"{\"a\":1}", UINT64_C(0xFDD7956978C4A521)},
      {"{\"\":{\"b\":[true,false]},\"c\":0.25}", UINT64_C(0x64E76454D361D23B)},
      {"{\"invoice_number\":\"FAC-000000001\",\"points\":310,\"prices\":{\"gross\":579.5,"
       "\"discount\":0,\"total\":967.75},\"purchase_detail\":[{\"sku\":\"0016807\","
       "\"product_name\":\"Cafetera el\\u00e9ctrica\",\"url\":\"https://www.example.com/products/"
       "43784/and/a/longer/one/of/more/than/48\",\"available\":false}]}",
       UINT64_C(0x98125616AC71DB1A)},
      {"{\"purchase\":[{\"datetime\":\"2025-10-26 02:00\",\"purchase\":12.5},"
       "{\"datetime\":\"2025-10-26 02:15\",\"purchase\":-0.125}]}",
       UINT64_C(0xE85C37619564AEDC)}};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    EXPECT(digest(vectors[i].text) == vectors[i].digest, "%s: %016llX", vectors[i].text,
           (unsigned long long)digest(vectors[i].text));
}

/* Values */

/* Each line's texts are one value, and those of different lines are different ones. */
static void test_values(void) {
  static const char *const values[][6] = {
      {"1.5", "1.50", "15e-1", "1.5E0", "0.0015e+3", " 1.5\n"},
      {"0", "-0", "0.000", "-0e7", "0E-400", NULL},
      {"1", "1.0", "10e-1", "0.1E1", "1.0000000000000000000000000000000000000000", NULL},
      {"100", "1e2", "100.0", "0.1e3", "1E+02", NULL},
      {"-1", "-1.0", "-10e-1", NULL},
      {"12345678901234567890", "1.234567890123456789e19", "12345678901234567890.000", NULL},
      {"12345678901234567891", NULL},
      {"9007199254740993", "9007199254740993.0", "900719925474099.3e1", NULL},
      {"9007199254740992", NULL},
      {"123456789012345678000000000000000001", "1.23456789012345678000000000000000001e35", NULL},
      {"1234567890123456781", NULL},
      {"0.1", "1e-1", "0.10", NULL},
      {"0.01", NULL},
      {"\"a/\\u00e9\"", "\"a\\/\xC3\xA9\"", "\"\\u0061/\\u00E9\"", NULL},
      {"\"1.5\"", NULL},
      {"\"\"", NULL},
      {"null", NULL},
      {"\"null\"", NULL},
      {"[]", "[ ]", NULL},
      {"{}", "{\r\n}", NULL},
      {"[[],[]]", NULL},
      {"[[[]]]", NULL},
      {"[1,2]", "[1.0, 2.0]", NULL},
      {"[2,1]", NULL},
      {"[[1],2]", NULL},
      {"{\"a\":1,\"b\":2}", "{ \"b\" : 2e0 , \"\\u0061\" : 1 }", NULL},
      {"{\"a\":2,\"b\":1}", NULL},
      {"{\"a\":1,\"b\":{\"c\":2}}", "{\"b\":{\"c\":2},\"a\":1}", NULL},
      {"{\"a\":{\"c\":2},\"b\":1}", NULL},
      {"{\"a\":1,\"b\":2,\"c\":null}", NULL},
      {"[\"a\",1,\"b\",2]", NULL}};
  const size_t count = sizeof values / sizeof *values;
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 1; k < 6 && values[i][k] != NULL; k++)
      EXPECT(digest(values[i][k]) == digest(values[i][0]), "%s and %s differ", values[i][k],
             values[i][0]);
    for (size_t k = 0; k < i; k++)
      EXPECT(digest(values[i][0]) != digest(values[k][0]), "%s and %s are one", values[i][0],
             values[k][0]);
  }
}

/* A value is written from a random number, as one of all its spellings. */

typedef struct writer {
  char text[4000];
  size_t length;
} writer;

static void put(writer *w, const char *text) {
  size_t length = strlen(text);
  if (w->length + length > sizeof w->text) abort();
  memcpy(w->text + w->length, text, length);
  w->length += length;
}

static void blank(writer *w) {
  static const char *const blanks[] = {" ", "\n", "\t \r"};
  if (test_random() % 8 == 0) put(w, blanks[test_random() % 3]);
}

/* One number of a hundred, some of which only their last digits tell apart. */
static void write_number(writer *w, uint64_t *value) {
  char text[80];
  int number = (int)(*value % 100) - 50, zeros = (int)(test_random() % 4);
  const char *sign = number < 0 ? "-" : "";
  *value /= 100;
  if (number < 0) number = -number;
  if (number > 40)
    (void)snprintf(text, sizeof text, "%s1234567890123456789012345678901234567%d.5%.*s", sign,
                   number, zeros, "000");
  else if (test_random() % 3 == 0)
    (void)snprintf(text, sizeof text, "%s%d.%d%.*s", sign, number / 10, number % 10, zeros, "000");
  else if (test_random() % 2 == 0 && number > 0)
    (void)snprintf(text, sizeof text, "%s%d%.*sE-%d", sign, number, zeros, "000", zeros + 1);
  else
    (void)snprintf(text, sizeof text, "%s0.0%02de+2", sign, number);
  put(w, text);
}

static void write_string(writer *w, uint64_t *value) {
  static const char *const letters[][3] = {{"a", "\\u0061", "a"},
                                           {"/", "\\/", "\\u002F"},
                                           {"\xC3\xA9", "\\u00e9", "\\u00E9"},
                                           {"\\n", "\\u000a", "\\n"}};
  uint64_t length = *value % 4, spelling = test_random() % 5;
  *value /= 4;
  put(w, "\"");
  if (*value % 3 == 0) put(w, "with as many letters as a name of a product may have");
  for (uint64_t i = 0; i < length; i++, *value /= 4)
    put(w, letters[*value % 4][spelling < 3 ? spelling : test_random() % 3]);
  put(w, "\"");
}

static void write_value(writer *w, uint64_t *value, int depth);

static void write_member(writer *w, int name, uint64_t value, int depth) {
  char text[8] = {'"', (char)('a' + name), '"', 0};
  put(w, text);
  blank(w);
  put(w, ":");
  blank(w);
  write_value(w, &value, depth);
}

/* Members follow one another from some one of them on, in either direction. */
static void write_container(writer *w, uint64_t *value, int depth) {
  uint64_t values[3], number = *value % 4, first = test_random() % 3, by = 1 + test_random() % 2;
  bool is_object = *value / 4 % 2 == 0;
  *value /= 8;
  for (uint64_t i = 0; i < number; i++, *value /= 8192) values[i] = *value % 8192;
  put(w, is_object ? "{" : "[");
  for (uint64_t i = 0, written = 0; i < 3; i++) {
    uint64_t which = is_object ? (first + i * by) % 3 : i;
    if (which >= number) continue;
    if (written++ > 0) put(w, ",");
    blank(w);
    if (is_object)
      write_member(w, (int)which, values[which], depth);
    else
      write_value(w, &values[which], depth);
    blank(w);
  }
  put(w, is_object ? "}" : "]");
}

static void write_value(writer *w, uint64_t *value, int depth) {
  static const char *const words[] = {"true", "false", "null"};
  uint64_t kind = *value % 8;
  *value /= 8;
  if (kind == 0)
    put(w, words[*value % 3]);
  else if (kind < 4)
    write_number(w, value);
  else if (kind < 6 || depth == 4)
    write_string(w, value);
  else
    write_container(w, value, depth + 1);
}

typedef struct written {
  char *canonical;
  uint64_t digest;
} written;

static int by_digest(const void *a, const void *b) {
  uint64_t one = ((const written *)a)->digest, other = ((const written *)b)->digest;
  return (one > other) - (one < other);
}

static int by_text(const void *a, const void *b) {
  return strcmp(((const written *)a)->canonical, ((const written *)b)->canonical);
}

/* Among all pairs of many values, two have one digest just where they have one canonical text. */
static void test_pairs(void) {
  enum { COUNT = 60000 };
  written *all = calloc(COUNT, sizeof *all);
  pur_canonical canonical = {0};
  size_t equal = 0;
  if (all == NULL) abort();
  for (size_t i = 0; i < COUNT; i++) {
    uint64_t value = test_random() >> test_random() % 60;
    writer w = {.length = 0};
    blank(&w);
    write_value(&w, &value, 0);
    blank(&w);
    EXPECT(pur_json_check(w.text, w.length, NULL) == PUR_OK, "%.*s", (int)w.length, w.text);
    EXPECT(digest_of(w.text, w.length, &all[i].digest) == PUR_OK, "%.*s", (int)w.length, w.text);
    if (pur_canonical_write(&canonical, w.text, w.length) != PUR_OK) abort();
    all[i].canonical = strndup(canonical.text.data, canonical.text.length);
    if (all[i].canonical == NULL) abort();
  }
  qsort(all, COUNT, sizeof *all, by_digest);
  for (size_t i = 1; i < COUNT; i++)
    EXPECT(all[i - 1].digest != all[i].digest || by_text(&all[i - 1], &all[i]) == 0,
           "%s and %s are one", all[i - 1].canonical, all[i].canonical);
  qsort(all, COUNT, sizeof *all, by_text);
  for (size_t i = 1; i < COUNT; i++) {
    if (by_text(&all[i - 1], &all[i]) != 0) continue;
    equal++;
    EXPECT(all[i - 1].digest == all[i].digest, "%s has two", all[i].canonical);
  }
  EXPECT(equal > COUNT / 10 && equal < COUNT / 10 * 9, "%zu of %d equal", equal, COUNT);
  for (size_t i = 0; i < COUNT; i++) free(all[i].canonical);
  free(all);
  pur_canonical_free(&canonical);
}

/* Texts that are no JSON */

/* What the scanner refuses is refused, and at the same byte, but for names that come twice. */
static void test_refusals(void) {
  static const char letters[] = "{}[],:\"\\0123456789.-+eEtruefalsn \n\xC3\xA9\x01";
  static const char seed[] = "{\"a\":[1.5,-0.25e3,\"b\\u00e9\",true],\"name\":\"of some length\","
                             "\"c\":{\"d\":null,\"e\":123456789.75},\"f\":\"\"}";
  unsigned refused = 0;
  for (int i = 0; i < 200000; i++) {
    char text[sizeof seed];
    size_t length = sizeof seed - 1;
    uint64_t result;
    pur_error checked = {.status = PUR_OK}, digested = {.status = PUR_OK};
    pur_status status;
    memcpy(text, seed, sizeof seed);
    for (uint64_t changes = 1 + test_random() % 3; changes > 0; changes--)
      text[test_random() % length] = letters[test_random() % (sizeof letters - 1)];
    if (test_random() % 8 == 0) length = test_random() % (length + 1);
    status = pur_json_check(text, length, &checked);
    if (status == PUR_DUPLICATE_KEY) continue;
    refused += status != PUR_OK;
    EXPECT(pur_json_digest(text, length, &scratch, &result, &digested) == status, "%.*s: %s",
           (int)length, text, pur_status_name(status));
    EXPECT(status == PUR_OK || digested.position == checked.position, "%.*s: %zu, not %zu",
           (int)length, text, digested.position, checked.position);
  }
  EXPECT(refused > 50000, "%u refused", refused);
}

static void test_depth(void) {
  char text[2 * PUR_JSON_DEPTH + 2];
  uint64_t result;
  memset(text, '[', PUR_JSON_DEPTH + 1);
  memset(text + PUR_JSON_DEPTH + 1, ']', PUR_JSON_DEPTH + 1);
  EXPECT(digest_of(text + 1, 2 * PUR_JSON_DEPTH, &result) == PUR_OK, "%d deep", PUR_JSON_DEPTH);
  EXPECT(digest_of(text, sizeof text, &result) == PUR_TOO_DEEP, "%d deep", PUR_JSON_DEPTH + 1);
}

/* Numbers that have no text are as those that have. */
static void test_fixed(void) {
  for (int i = 0; i < 100000; i++) {
    unsigned places = (unsigned)(test_random() % 13);
    int64_t value = (int64_t)(test_random() >> (4 + test_random() % 60)) % (PUR_FIXED_MOST + 1);
    char text[PUR_FIXED_SIZE];
    size_t length;
    if (test_random() % 2 == 0) value = -value;
    length = (size_t)(pur_fixed_write(text, value, places) - text);
    EXPECT(pur_digest_fixed(value, places) == pur_digest_number(text, length), "%.*s", (int)length,
           text);
  }
  EXPECT(pur_digest_fixed(PUR_FIXED_MOST, 0) == digest("999999999999999999"), "the most");
  EXPECT(pur_digest_fixed(0, 12) == digest("0"), "0");
}

int main(void) {
  test_hash();
  test_vectors();
  test_values();
  test_pairs();
  test_refusals();
  test_depth();
  test_fixed();
  pur_buffer_free(&scratch);
  return test_result();
}

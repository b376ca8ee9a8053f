/* reader.h: the purchases of a file, in whatever form and wherever its blocks end, are the bytes
 * that stand there. */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bulk/reader.h"
#include "json/digest.h"
#include "test.h"

#define BLOCK 49152 /* of input.c */
#define SCHEMA                                                                                     \
  "{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"n\":{\"type\":\"number\"}}}"

static pur_schema *schema;

static const char *file_of(const char *text, size_t length) {
  static char path[32];
  static int file = -1;
  if (file < 0) file = memfd_create("purchases", 0);
  if (file < 0 || ftruncate(file, 0) != 0) abort();
  if (pwrite(file, text, length, 0) != (ssize_t)length) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  return path;
}

static pur_bulk_rules rules_of(size_t count, size_t size) {
  return (pur_bulk_rules){{schema, NULL}, "id", 2, NULL, 0, 262144, count, size, 1, 0};
}

/* What was read, as text: " line:bytes" of every purchase, " !line:bytes" of a refused one, " |"
 * where a bulk ends, "#line:code" of an error. */
typedef struct story {
  char text[4096];
  size_t length;
} story;

static void tell(story *s, const char *mark, uint64_t line, const char *text, size_t length) {
  if (length > 100) length = 100;
  s->length += (size_t)snprintf(s->text + s->length, sizeof s->text - s->length, "%s%llu:%.*s",
                                mark, (unsigned long long)line, (int)length, text);
}

static void tell_bulk(story *s, const pur_bulk *bulk) {
  for (size_t i = 0; i < bulk->count; i++) {
    const pur_bulk_purchase *purchase = pur_bulk_purchase_at(bulk, i);
    tell(s, " ", purchase->line, bulk->text.data + purchase->start, purchase->length);
  }
  for (size_t i = 0; i < bulk->refused_count; i++) {
    const pur_bulk_refusal *refusal = pur_bulk_refusal_at(bulk, i);
    tell(s, " !", refusal->purchase.line,
         refusal->purchase.length > 0 ? bulk->refused.data + refusal->purchase.start : "",
         refusal->purchase.length);
  }
}

static void read_all(const char *path, const pur_bulk_rules *rules, story *s) {
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  pur_status status;
  s->length = 0;
  s->text[0] = '\0';
  if (pur_bulk_reader_init(&reader, rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, path, &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  while ((status = pur_bulk_reader_read(&reader, &bulk, &error)) == PUR_OK) {
    if (reader.is_paused) continue;
    tell_bulk(s, &bulk);
    if (bulk.count > 0) pur_bulk_reader_release(&reader, &bulk, 0, bulk.count - 1);
    if (bulk.count == 0 && bulk.refused_count == 0) abort();
    pur_bulk_reader_give_back(&reader, &bulk);
    pur_bulk_reader_lend(&reader, &bulk);
  }
  if (status != PUR_END)
    tell(s, "#", reader.splitter.line, pur_status_name(status), strlen(pur_status_name(status)));
  pur_bulk_reader_give_back(&reader, &bulk);
  pur_bulk_reader_close(&reader);
}

static void expect_story(const char *text, const char *expected) {
  pur_bulk_rules rules = rules_of(100, 1 << 20);
  story s;
  for (rules.slice = 0; rules.slice < 60; rules.slice += 20) { /* pausing comes to the same */
    read_all(file_of(text, strlen(text)), &rules, &s);
    EXPECT(strcmp(s.text, expected) == 0, "%s\n from %s\n  not %s", s.text, text, expected);
  }
}

/* The same with the text moved so that a block ends at each of its bytes. */
static void expect_at_splits(const char *text, const char *expected) {
  static char moved[BLOCK + 4096];
  size_t length = strlen(text);
  expect_story(text, expected);
  for (size_t split = 0; split <= length; split++) {
    pur_bulk_rules rules = rules_of(100, 1 << 20);
    story s;
    size_t before = BLOCK - split;
    memset(moved, ' ', before);
    memcpy(moved + before, text, length);
    read_all(file_of(moved, before + length), &rules, &s);
    EXPECT(strcmp(s.text, expected) == 0, "split at %zu: %s\n  not %s", split, s.text, expected);
  }
}

static void test_forms(void) {
  expect_at_splits("{\"id\":1}\n\n {\"id\":2} \r\n{\"id\":\"x\\\"y\"}",
                   " 1:{\"id\":1} 3:{\"id\":2} 4:{\"id\":\"x\\\"y\"}");
  expect_at_splits("[\n{\"id\":1},{\"id\":[2,{}]}\n,\n{\"id\":\"],\"}]\n",
                   " 2:{\"id\":1} 2:{\"id\":[2,{}]} 4:{\"id\":\"],\"}");
  expect_at_splits("{ \"purchases\" : [{\"id\":1},\n{\"id\":2}] }\n", " 1:{\"id\":1} 2:{\"id\":2}");
  expect_at_splits("{\n \"id\": 1\n}\n{\n \"id\": 2\n}\n",
                   " 1:{\n \"id\": 1\n} 4:{\n \"id\": 2\n}");
  expect_at_splits("{\"id\":1}{\"id\":2} {\"id\":3}", " 1:{\"id\":1} 1:{\"id\":2} 1:{\"id\":3}");
  expect_story("\xEF\xBB\xBF{\"id\":1}\r\n", " 1:{\"id\":1}");
  expect_story("\xEF\xBB\xBF [ ] ", "");
  expect_story("", "");
  expect_story(" \n\n", "");
}

static void test_refused(void) {
  expect_at_splits("{\"id\":1}\n{\"id\":2\n7\n{\"n\":\"1\",\"id\":3}\n{\"id\":4}\n",
                   " 1:{\"id\":1} 5:{\"id\":4} !2:{\"id\":2 !3:7 !4:{\"n\":\"1\",\"id\":3}");
  expect_at_splits("[{\"id\":1},2,\"a]\\\"\",{\"id\":2},[3],{\"id\":}]",
                   " 1:{\"id\":1} 1:{\"id\":2} !1:2 !1:\"a]\\\"\" !1:[3] !1:{\"id\":}");
  expect_at_splits("{\n\"id\":1}\n{\n\"id\":\n{\"id\":3}\n7\n{\"id\":4}",
                   " 1:{\n\"id\":1} 5:{\"id\":3} 7:{\"id\":4} !3:{\n\"id\": !6:7");
  expect_story("{\"id\":1}\n{\"id\":2}\xEF\xBB\xBF\n", " 1:{\"id\":1} !2:{\"id\":2}\xEF\xBB\xBF");
  /* Its first line is no purchase, nor is it one together with the next: lines it is. */
  expect_story("{\"id\":\n{\"id\":2}\n", " 2:{\"id\":2} !1:{\"id\":");
}

static void test_cut_off(void) {
  expect_at_splits("[{\"id\":1},\n{\"id\":2", " 1:{\"id\":1} !2:{\"id\":2#2:invalid_json");
  expect_at_splits("[{\"id\":1}\n", " 1:{\"id\":1}#2:invalid_json");
  expect_at_splits("[{\"id\":1},\n]", " 1:{\"id\":1}#2:invalid_json");
  expect_at_splits("[{\"id\":1} {\"id\":2}]", " 1:{\"id\":1}#1:invalid_json");
  expect_at_splits("[{\"id\":1}]x", " 1:{\"id\":1}#1:invalid_json");
  expect_at_splits("[,{\"id\":1}]", "#1:invalid_json");
  expect_at_splits("{\"purchases\":[{\"id\":1}],\"more\":1}", " 1:{\"id\":1}#1:invalid_json");
  expect_at_splits("{\"purchases\":[{\"id\":1}]", " 1:{\"id\":1}#1:invalid_json");
  expect_story("id,n\n1,2\n", "#1:invalid_json");
}

static void test_nul(void) {
  static const char text[] = "{\"id\":1}\n{\"id\":\0}\n{\"id\":3}\n";
  pur_bulk_rules rules = rules_of(100, 1 << 20);
  story s;
  read_all(file_of(text, sizeof text - 1), &rules, &s);
  EXPECT(strcmp(s.text, " 1:{\"id\":1} 3:{\"id\":3} !2:{\"id\":") == 0, "%s", s.text);
}

/* A line beyond all bounds is refused with its beginning; what follows is read. */
static void test_long_line(void) {
  size_t length = 9 * 1024 * 1024;
  char *text = malloc(length + 100);
  pur_bulk_rules rules = rules_of(100, 1 << 20);
  story s;
  char expected[300];
  if (text == NULL) abort();
  memcpy(text, "{\"id\":1}\n{\"id\":\"", 16);
  memset(text + 16, 'a', length);
  memcpy(text + 16 + length, "\"}\n{\"id\":3}\n", 13);
  (void)snprintf(expected, sizeof expected, " 1:{\"id\":1} 3:{\"id\":3} !2:%.100s", text + 9);
  for (rules.slice = 0; rules.slice < 2; rules.slice++) {
    read_all(file_of(text, length + 28), &rules, &s);
    EXPECT(strcmp(s.text, expected) == 0, "%s", s.text);
  }
  free(text);
}

/* What is refused brings along all that is wrong with it, where it stands in the file, and its key
 * where that can be read. */
static void test_reasons(void) {
  static const char text[] =
      "[{\"id\":1},\n \"\xC3\xB1\", {\"id\":\"\xC3\xB1\",\"n\":\"x\"},{\"n\":[],\n"
      "\"n\":[]},{\"id\":-7,\"x\"},{\"id\":[]},{\"id\":8,\"x\":\"0123456789\"}]";
  static const struct {
    uint64_t line, column;
    const char *code, *key;
    size_t total, issue_line, issue_column, stop_line, stop_column;
  } expected[] = {
      {2, 2, "schema_mismatch", "", 1, 2, 2, 0, 0},
      {2, 7, "schema_mismatch", "\"\xC3\xB1\"", 1, 2, 21, 0, 0},
      {2, 26, "duplicate_key", "", 2, 2, 31, 3, 1},
      {3, 9, "invalid_json", "-7", 1, 3, 21, 3, 21},
      {3, 33, "too_large", "8", 1, 3, 33, 0, 0},
  };
  pur_bulk_rules rules = rules_of(100, 1 << 20);
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  rules.max_purchase = 24;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, sizeof text - 1), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  EXPECT(pur_bulk_reader_read(&reader, &bulk, &error) == PUR_OK && bulk.count == 2, "%zu",
         bulk.count);
  EXPECT(bulk.refused_count == sizeof expected / sizeof *expected, "%zu", bulk.refused_count);
  for (size_t i = 0; i < bulk.refused_count; i++) {
    const pur_bulk_refusal *refusal = pur_bulk_refusal_at(&bulk, i);
    const pur_issues *issues = &refusal->issues;
    const pur_place *place = &pur_issues_get(issues, 0)->place;
    EXPECT(refusal->purchase.line == expected[i].line &&
               refusal->purchase.column == expected[i].column,
           "%zu: %llu:%llu", i, (unsigned long long)refusal->purchase.line,
           (unsigned long long)refusal->purchase.column);
    EXPECT(strcmp(pur_status_name(refusal->error.status), expected[i].code) == 0, "%zu: %s", i,
           pur_status_name(refusal->error.status));
    EXPECT(refusal->purchase.key_length == strlen(expected[i].key) &&
               memcmp(bulk.refused.data + refusal->purchase.start + refusal->purchase.key,
                      expected[i].key, refusal->purchase.key_length) == 0,
           "%zu: key of %zu bytes", i, refusal->purchase.key_length);
    EXPECT(issues->total == expected[i].total && place->line == expected[i].issue_line &&
               place->column == expected[i].issue_column,
           "%zu: %zu issues, %zu:%zu", i, issues->total, place->line, place->column);
    EXPECT(issues->stop.line == expected[i].stop_line &&
               issues->stop.column == expected[i].stop_column,
           "%zu: stop %zu:%zu", i, issues->stop.line, issues->stop.column);
  }
  pur_bulk_reader_give_back(&reader, &bulk);
  pur_bulk_reader_close(&reader);
}

static void test_limits(void) {
  pur_bulk_rules rules = rules_of(2, 1 << 20);
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  const char *text = "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n", *body;
  size_t counts[4][2] = {{2, 0}, {1, 2}, {0, 1}, {0, 0}}, length;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, strlen(text)), &error) != PUR_OK) abort();
  for (int i = 0; i < 4; i++) {
    pur_status status;
    pur_bulk_reader_lend(&reader, &bulk);
    status = pur_bulk_reader_read(&reader, &bulk, &error);
    EXPECT((status == PUR_OK) == (i < 3), "%s", pur_status_name(status));
    EXPECT(bulk.count == counts[i][0] && bulk.refused_count == counts[i][1], "%d: %zu, %zu", i,
           bulk.count, bulk.refused_count);
    if (i == 0) {
      body = pur_bulk_body(&bulk, 1, 1, &length);
      EXPECT(length == 10 && memcmp(body, "[{\"id\":2}]", length) == 0, "%.*s", (int)length, body);
      body = pur_bulk_body(&bulk, 0, 1, &length);
      EXPECT(length == 19 && memcmp(body, "[{\"id\":1},{\"id\":2}]", length) == 0, "%.*s",
             (int)length, body);
      EXPECT(length == bulk.text.length, "%zu, %zu", length, bulk.text.length);
    }
    pur_bulk_reader_give_back(&reader, &bulk);
  }
  pur_bulk_reader_close(&reader);
}

static void test_sizes(void) {
  pur_bulk_rules rules = rules_of(100, 19);
  const char *text = "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n{\"id\":\"0123456789012345678901234\"}\n";
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  size_t counts[] = {2, 1, 0};
  rules.max_purchase = 30;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, strlen(text)), &error) != PUR_OK) abort();
  for (int i = 0; i < 3; i++) {
    pur_bulk_reader_lend(&reader, &bulk);
    (void)pur_bulk_reader_read(&reader, &bulk, &error);
    EXPECT(bulk.count == counts[i], "%d: %zu", i, bulk.count);
    EXPECT(bulk.count == 0 || bulk.text.length <= 19, "%zu", bulk.text.length);
    EXPECT(bulk.refused_count == (i == 2), "%zu", bulk.refused_count);
    pur_bulk_reader_give_back(&reader, &bulk);
  }
  pur_bulk_reader_close(&reader);
}

/* The second of two with one key waits until the first is released; 7 and "7" are one key. */
static void test_keys(void) {
  pur_bulk_rules rules = rules_of(10, 1 << 20);
  const char *text = "{\"id\":7}\n{\"id\":\"7\"}\n{\"id\":8}\n{\"id\":\"\\u0037\"}\n";
  pur_bulk_reader reader;
  pur_bulk first, second, third;
  pur_error error;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, strlen(text)), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &first);
  pur_bulk_reader_lend(&reader, &second);
  pur_bulk_reader_lend(&reader, &third);
  (void)pur_bulk_reader_read(&reader, &first, &error);
  EXPECT(first.count == 2 && pur_bulk_purchase_at(&first, 1)->line == 3, "%zu", first.count);
  EXPECT(pur_bulk_reader_read(&reader, &second, &error) == PUR_OK && second.count == 0, "%zu",
         second.count);
  pur_bulk_reader_release(&reader, &first, 1, 1);
  EXPECT(pur_bulk_reader_read(&reader, &second, &error) == PUR_OK && second.count == 0, "%zu",
         second.count);
  pur_bulk_reader_release(&reader, &first, 0, 0);
  EXPECT(pur_bulk_reader_read(&reader, &second, &error) == PUR_OK && second.count == 1, "%zu",
         second.count);
  EXPECT(pur_bulk_purchase_at(&second, 0)->line == 2, "not line 2");
  pur_bulk_reader_release(&reader, &second, 0, 0);
  EXPECT(pur_bulk_reader_read(&reader, &third, &error) == PUR_OK && third.count == 1, "%zu",
         third.count);
  EXPECT(pur_bulk_reader_read(&reader, &first, &error) == PUR_OK, "purchases may still wait");
  pur_bulk_reader_give_back(&reader, &first);
  pur_bulk_reader_give_back(&reader, &second);
  pur_bulk_reader_give_back(&reader, &third);
  pur_bulk_reader_close(&reader);
}

/* A key within the value of another member: only those that agree in both are one. The key is the
 * text of both. */
static void test_keys_within(void) {
  static const char text[] = "{\"id\":7,\"at\":\"a\"}\n{\"id\":\"7\",\"at\":\"b\"}\n{\"id\":7}\n"
                             "{\"at\":\"\\u0061\",\"id\":\"\\u0037\"}\n{\"id\":7,\"at\":\"\"}\n"
                             "{\"id\":\"7\"}\n{\"id\":\"\"}\n{\"id\":1.50,\"at\":-2e0}\n";
  static const struct {
    uint64_t line;
    const char *key;
    size_t length;
  } expected[] = {{1, "7\0a", 3}, {2, "7\0b", 3}, {3, "7", 1},
                  {5, "7\0", 2},  {7, "", 0},     {8, "1.50\0-2e0", 9}};
  pur_bulk_rules rules = rules_of(10, 1 << 20);
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  pur_text key;
  rules.within = "at";
  rules.within_length = 2;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, sizeof text - 1), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  (void)pur_bulk_reader_read(&reader, &bulk, &error);
  EXPECT(bulk.count == sizeof expected / sizeof *expected, "%zu", bulk.count);
  EXPECT(reader.deferred.count == 2, "%zu wait", reader.deferred.count);
  for (size_t i = 0; i < bulk.count; i++) {
    if (pur_bulk_key(&bulk, i, &key, &error) != PUR_OK) abort();
    EXPECT(pur_bulk_purchase_at(&bulk, i)->line == expected[i].line &&
               key.length == expected[i].length &&
               memcmp(key.text, expected[i].key, key.length) == 0,
           "line %llu: %.*s", (unsigned long long)pur_bulk_purchase_at(&bulk, i)->line,
           (int)key.length, key.text);
  }
  pur_bulk_reader_release(&reader, &bulk, 0, bulk.count - 1);
  pur_bulk_clear(&bulk);
  (void)pur_bulk_reader_read(&reader, &bulk, &error);
  EXPECT(bulk.count == 2 && pur_bulk_purchase_at(&bulk, 0)->line == 4 &&
             pur_bulk_purchase_at(&bulk, 1)->line == 6,
         "%zu", bulk.count);
  pur_bulk_reader_give_back(&reader, &bulk);
  pur_bulk_reader_close(&reader);
}

/* Digests are those of the purchases' texts; where one is known it stays. */
static void test_digests(void) {
  static const char text[] =
      "{\"id\":\"\\u0061\",\"n\":1.50}\n\n {\"n\":15e-1, \"id\":\"a\"}\n{\"id\":2}";
  pur_bulk_rules rules = rules_of(2, 1 << 20);
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_buffer scratch = {0};
  pur_error error;
  uint64_t digest;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, sizeof text - 1), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  (void)pur_bulk_reader_read(&reader, &bulk, &error);
  EXPECT(bulk.count == 2, "%zu", bulk.count);
  EXPECT(pur_bulk_digest(&bulk, &error) == PUR_OK, "%s", error.message);
  if (pur_json_digest("{\"id\":2}", 8, &scratch, &digest, &error) != PUR_OK) abort();
  EXPECT(pur_bulk_purchase_at(&bulk, 1)->digest == digest, "%llx", (unsigned long long)digest);
  if (pur_json_digest(text, strcspn(text, "\n"), &scratch, &digest, &error) != PUR_OK) abort();
  EXPECT(pur_bulk_purchase_at(&bulk, 0)->digest == digest, "%llx", (unsigned long long)digest);
  bulk.text.data[pur_bulk_purchase_at(&bulk, 0)->start] = 'x'; /* it is not looked at again */
  EXPECT(pur_bulk_digest(&bulk, &error) == PUR_OK, "%s", error.message);
  pur_bulk_reader_release(&reader, &bulk, 0, 1);
  pur_bulk_clear(&bulk);
  (void)pur_bulk_reader_read(&reader, &bulk, &error); /* the second one, whose key came twice */
  EXPECT(pur_bulk_digest(&bulk, &error) == PUR_OK, "%s", error.message);
  EXPECT(bulk.count == 1 && pur_bulk_purchase_at(&bulk, 0)->digest == digest, "%zu", bulk.count);
  pur_buffer_free(&scratch);
  pur_bulk_reader_give_back(&reader, &bulk);
  pur_bulk_reader_close(&reader);
}

static void expect_body(pur_bulk *bulk, const char *expected) {
  size_t length;
  const char *body = pur_bulk_body(bulk, 0, bulk->count - 1, &length);
  EXPECT(length == strlen(expected) && memcmp(body, expected, length) == 0, "%.*s", (int)length,
         body);
}

/* A bulk that lost purchases is filled up again, to its limits; what was dropped is released. */
static void test_keep(void) {
  static const char text[] =
      "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n{\"id\":1,\"n\":2}\n7\n{\"id\":4}\n{\"id\":3}";
  static const size_t second[] = {1}, ends[] = {0, 2};
  pur_bulk_rules rules = rules_of(3, 33);
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, sizeof text - 1), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  pur_bulk_reader_keep(&reader, &bulk, NULL, 0); /* of nothing, nothing */
  (void)pur_bulk_reader_read(&reader, &bulk, &error);
  expect_body(&bulk, "[{\"id\":1},{\"id\":2},{\"id\":3}]");
  (void)pur_bulk_body(&bulk, 1, 1, &(size_t){0});
  if (pur_bulk_digest(&bulk, &error) != PUR_OK) abort();
  pur_bulk_reader_keep(&reader, &bulk, second, 1);
  expect_body(&bulk, "[{\"id\":2}]");
  EXPECT(pur_bulk_reader_read(&reader, &bulk, &error) == PUR_OK, "%s", error.message);
  expect_body(&bulk, "[{\"id\":2},{\"id\":1,\"n\":2}]"); /* the next one has no room */
  EXPECT(bulk.refused_count == 1, "%zu", bulk.refused_count);
  EXPECT(pur_bulk_purchase_at(&bulk, 0)->has_digest, "its digest is lost");
  EXPECT(pur_bulk_reader_read(&reader, &bulk, &error) == PUR_OK && bulk.count == 2, "%zu",
         bulk.count);
  pur_bulk_reader_keep(&reader, &bulk, second, 1);
  (void)pur_bulk_reader_read(&reader, &bulk, &error);
  expect_body(&bulk, "[{\"id\":1,\"n\":2},{\"id\":4}]");
  pur_bulk_reader_keep(&reader, &bulk, NULL, 0);
  EXPECT(bulk.count == 0 && bulk.text.length == 0, "%zu", bulk.text.length);
  (void)pur_bulk_reader_read(&reader, &bulk, &error);
  expect_body(&bulk, "[{\"id\":3}]");
  EXPECT(pur_bulk_reader_read(&reader, &bulk, &error) == PUR_OK && bulk.count == 1, "%zu",
         bulk.count);
  pur_bulk_clear_refusals(&bulk);
  pur_bulk_reader_keep(&reader, &bulk, ends, 1);
  EXPECT(bulk.count == 1, "%zu", bulk.count);
  pur_bulk_reader_keep(&reader, &bulk, NULL, 0);
  EXPECT(pur_bulk_reader_read(&reader, &bulk, &error) == PUR_END, "%s", error.message);
  pur_bulk_reader_give_back(&reader, &bulk);
  pur_bulk_reader_close(&reader);
}

/* By chance: bulks lose purchases and are filled up again, two at a time. Each purchase is dropped
 * or sent once, of one key there is one at a time, and the limits hold. */
enum { CHANCES = 600, CHANCE_KEYS = 90 };

typedef struct chance {
  char text[CHANCES * 40];
  char *lines[CHANCES + 2]; /* by their numbers; the last one ends the text */
  unsigned key_of[CHANCES + 1];
  unsigned times[CHANCES + 1];
  unsigned in_flight[CHANCE_KEYS + 1];
} chance;

static void write_chance(chance *c) {
  char *end = c->text;
  for (unsigned line = 1; line <= CHANCES; line++) {
    unsigned key = (unsigned)(test_random() % CHANCE_KEYS);
    c->lines[line] = end;
    c->key_of[line] = test_random() % 9 == 0 ? CHANCE_KEYS : key;
    if (c->key_of[line] == CHANCE_KEYS)
      end += sprintf(end, "{\"n\":%u}\n", key); /* refused */
    else
      end +=
          sprintf(end, "{\"id\":%u,\"n\":%.*s1}\n", key, (int)(test_random() % 12), "111111111111");
    c->times[line] = 0;
  }
  c->lines[CHANCES + 1] = end;
  memset(c->in_flight, 0, sizeof c->in_flight);
}

/* Takes note of what came to a bulk from its purchase `from` on, and of its refusals. */
static void note_new(chance *c, pur_bulk *bulk, size_t from) {
  for (size_t i = from; i < bulk->count; i++) {
    unsigned line = (unsigned)pur_bulk_purchase_at(bulk, i)->line;
    c->times[line]++;
    EXPECT(++c->in_flight[c->key_of[line]] == 1, "line %u: its key is in flight", line);
  }
  for (size_t i = 0; i < bulk->refused_count; i++)
    c->times[pur_bulk_refusal_at(bulk, i)->purchase.line]++;
  pur_bulk_clear_refusals(bulk);
}

static void expect_bytes(const chance *c, pur_bulk *bulk) {
  size_t length, at = 1;
  const char *body = pur_bulk_body(bulk, 0, bulk->count - 1, &length);
  EXPECT(length == bulk->text.length && length <= 90, "%zu bytes", length);
  EXPECT(body[0] == '[' && body[length - 1] == ']', "%.*s", (int)length, body);
  for (size_t i = 0; i < bulk->count; i++) {
    uint64_t line = pur_bulk_purchase_at(bulk, i)->line;
    size_t size = (size_t)(c->lines[line + 1] - c->lines[line]) - 1;
    EXPECT(memcmp(body + at, c->lines[line], size) == 0, "%.*s", (int)length, body);
    EXPECT(i + 1 == bulk->count || body[at + size] == ',', "%.*s", (int)length, body);
    at += size + 1;
  }
  EXPECT(at == length, "%zu bytes, not %zu", length, at);
}

/* Drops some purchases, sometimes all. */
static void drop_some(chance *c, pur_bulk_reader *reader, pur_bulk *bulk) {
  size_t kept[8], count = 0;
  uint64_t odds = test_random() % 4;
  for (size_t i = 0; i < bulk->count; i++) {
    if (test_random() % 4 < odds)
      kept[count++] = i;
    else
      c->in_flight[c->key_of[pur_bulk_purchase_at(bulk, i)->line]]--;
  }
  pur_bulk_reader_keep(reader, bulk, kept, count);
}

static void test_keep_by_chance(void) {
  static chance c;
  pur_bulk_rules rules = rules_of(6, 90);
  for (int round = 0; round < 200; round++) {
    pur_bulk_reader reader;
    pur_bulk bulks[2];
    pur_error error;
    bool is_over[2] = {false, false};
    write_chance(&c);
    rules.slice = test_random() % 2 == 0 ? 0 : 100;
    if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
    if (pur_bulk_reader_open(&reader, file_of(c.text, (size_t)(c.lines[CHANCES + 1] - c.text)),
                             &error) != PUR_OK)
      abort();
    for (int i = 0; i < 2; i++) pur_bulk_reader_lend(&reader, &bulks[i]);
    while (!is_over[0] || !is_over[1]) {
      int which = (int)(test_random() % 2);
      pur_bulk *bulk = &bulks[which];
      size_t before = bulk->count;
      is_over[which] = pur_bulk_reader_read(&reader, bulk, &error) == PUR_END;
      note_new(&c, bulk, before);
      if (bulk->count == 0) continue;
      EXPECT(bulk->count <= 6, "%zu purchases", bulk->count);
      if (test_random() % 2 == 0) expect_bytes(&c, bulk);
      if (test_random() % 3 != 0 || bulk->count == before) drop_some(&c, &reader, bulk);
    }
    for (unsigned line = 1; line <= CHANCES; line++)
      EXPECT(c.times[line] == 1, "line %u came %u times", line, c.times[line]);
    EXPECT(reader.sent.count == 0 && reader.deferred.count == 0, "%zu keys are left",
           reader.sent.count);
    for (int i = 0; i < 2; i++) pur_bulk_reader_give_back(&reader, &bulks[i]);
    pur_bulk_reader_close(&reader);
  }
}

/* All with one key: no more wait than are kept, none is lost, and they come in their order. */
static void test_many_of_one_key(void) {
  enum { MANY = 3000 };
  pur_bulk_rules rules = rules_of(10, 1 << 20);
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  char *text = malloc(MANY * 10), *end = text;
  uint64_t line = 0;
  if (text == NULL) abort();
  for (int i = 0; i < MANY; i++) end = stpcpy(end, "{\"id\":1}\n");
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, (size_t)(end - text)), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  while (pur_bulk_reader_read(&reader, &bulk, &error) == PUR_OK) {
    EXPECT(bulk.count == 1 && pur_bulk_purchase_at(&bulk, 0)->line == ++line, "%zu", bulk.count);
    EXPECT(reader.deferred.count <= 1000, "%zu wait", reader.deferred.count);
    pur_bulk_reader_release(&reader, &bulk, 0, 0);
    pur_bulk_clear(&bulk);
  }
  EXPECT(line == MANY, "%llu", (unsigned long long)line);
  pur_bulk_reader_give_back(&reader, &bulk);
  pur_bulk_reader_close(&reader);
  free(text);
}

static void test_count(void) {
  static const char *const texts[] = {"{\"id\":1}\n{\"id\":1}\n7\n\n{\"id\":3}",
                                      "[{\"id\":1},{\"id\":1},3,4]"};
  for (int i = 0; i < 4; i++) {
    pur_bulk_rules rules = rules_of(1, 1 << 20);
    pur_bulk_reader reader;
    pur_bulk bulk;
    pur_error error;
    uint64_t count = 0, part;
    rules.slice = (size_t)i / 2;
    if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
    if (pur_bulk_reader_open(&reader, file_of(texts[i % 2], strlen(texts[i % 2])), &error) !=
        PUR_OK)
      abort();
    pur_bulk_reader_lend(&reader, &bulk);
    (void)pur_bulk_reader_read(&reader, &bulk, &error);
    do {
      if (pur_bulk_reader_count(&reader, &part, &error) != PUR_OK) abort();
      count += part;
    } while (reader.is_paused);
    EXPECT(count == 3, "%llu", (unsigned long long)count);
    pur_bulk_reader_give_back(&reader, &bulk);
    pur_bulk_reader_close(&reader);
  }
}

/* A purchase may have a thousand faults, and a thousand purchases as many. */
static void test_many_faults(void) {
  pur_bulk_rules rules = rules_of(100000, 1 << 24);
  size_t size = 0, before = 0;
  char *text = malloc(5000 * 32);
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error;
  if (text == NULL) abort();
  for (int i = 0; i < 5000; i++) size += (size_t)sprintf(text + size, "{\"n\":\"\"}\n");
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, size), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  while (pur_bulk_reader_read(&reader, &bulk, &error) == PUR_OK) {
    EXPECT(bulk.issues_kept >= bulk.refused_count && bulk.issues_kept < 1010, "%zu issues of %zu",
           bulk.issues_kept, bulk.refused_count);
    before += bulk.refused_count;
    pur_bulk_clear(&bulk);
  }
  EXPECT(before == 5000, "%zu refused", before);
  pur_bulk_free(&bulk);
  pur_bulk_reader_close(&reader);
  free(text);
}

/* What begins before the first line is passed over, whatever it is. */
static void test_first_line(void) {
  static const char *const texts[] = {"{\"id\":1}\n{\"id\":\n{\"id\":3}\n7",
                                      " 3:{\"id\":3} !4:7",
                                      "[{\"id\":1},\n7,\n{\"id\":3}]",
                                      " 3:{\"id\":3}",
                                      "{\"id\":1} {\n\"id\":\n2}\n{\"id\":3}",
                                      " 4:{\"id\":3}",
                                      "{\"id\":1}",
                                      ""};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i += 2) {
    pur_bulk_rules rules = rules_of(100, 1 << 20);
    story s;
    rules.first_line = 3;
    read_all(file_of(texts[i], strlen(texts[i])), &rules, &s);
    EXPECT(strcmp(s.text, texts[i + 1]) == 0, "%s of %s", s.text, texts[i]);
  }
}

/* A pipe is read as it flows. */
static void test_pipe(void) {
  int ends[2];
  char path[32];
  const char *text = "{\"id\":1}\n{\"id\":2}\n";
  pur_bulk_rules rules = rules_of(10, 1 << 20);
  story s;
  if (pipe(ends) != 0 || write(ends[1], text, strlen(text)) != (ssize_t)strlen(text)) abort();
  (void)close(ends[1]);
  (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  read_all(path, &rules, &s);
  EXPECT(strcmp(s.text, " 1:{\"id\":1} 2:{\"id\":2}") == 0, "%s", s.text);
  (void)close(ends[0]);
}

/* Against a plain list: what is added, found and taken out by chance. */
static void test_key_set(void) {
  enum { KEYS = 3000 };
  static bool is_there[KEYS];
  pur_key_set set = {0};
  char name[16];
  EXPECT(pur_key_set_find(&set, 1) == NULL, "found in nothing");
  pur_key_set_remove(&set, 1);
  for (int i = 0; i < 200000; i++) {
    unsigned key = (unsigned)(test_random() % KEYS);
    uint64_t hash = pur_key_hash(name, (size_t)snprintf(name, sizeof name, "%u", key));
    const uint64_t *line = pur_key_set_find(&set, hash);
    EXPECT((line != NULL) == is_there[key] && (line == NULL || *line == key), "key %u", key);
    if (is_there[key])
      pur_key_set_remove(&set, hash);
    else if (pur_key_set_add(&set, hash, key, NULL) != PUR_OK)
      abort();
    is_there[key] = !is_there[key];
  }
  pur_key_set_free(&set);
}

int main(void) {
  pur_error error;
  if (pur_schema_compile(SCHEMA, strlen(SCHEMA), &schema, &error) != PUR_OK) abort();
  test_forms();
  test_refused();
  test_cut_off();
  test_nul();
  test_long_line();
  test_reasons();
  test_limits();
  test_sizes();
  test_keys();
  test_keys_within();
  test_digests();
  test_keep();
  test_keep_by_chance();
  test_many_of_one_key();
  test_count();
  test_many_faults();
  test_first_line();
  test_pipe();
  test_key_set();
  pur_schema_destroy(schema);
  return test_result();
}

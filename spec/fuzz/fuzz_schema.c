/* Any bytes as a schema and a document: refused with words and a place, or judged alike every time.
 *
 *     make fuzzers        a program of that name: seeds, and what comes of them by chance; [ROUNDS]
 *     with -DPUR_LIBFUZZER, a target of libFuzzer: see tools/fuzz
 *
 * The data is the schema's text, a NUL, and the document's. */
#include <string.h>

#include "base/text.h"
#include "schema/drafts.h"
#include "schema/schema.h"
#include "../c/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const pur_place start = {7, 3, 5};

/* A copy that ends where its memory does. */
static char *copy_of(const char *text, size_t length) {
  char *copy = calloc(length + (length == 0), 1);
  if (copy == NULL) abort();
  if (length != 0) memcpy(copy, text, length);
  return copy;
}

/* Where byte `offset` stands, when the text begins at `start`. */
static void expect_place(const char *text, size_t length, size_t offset, const pur_issue *issue) {
  size_t line, column;
  pur_text_place(text, length, offset, &line, &column);
  if (line == 1) column += start.column - 1;
  line += start.line - 1;
  EXPECT(issue->place.line == line && issue->place.column == column, "%s: %zu:%zu, not %zu:%zu",
         issue->code, issue->place.line, issue->place.column, line, column);
}

/* The pointer leads to what stands at the issue's line and column. */
static void expect_pointer(pur_item *root, const char *text, size_t length,
                           const pur_issues *issues, const pur_issue *issue) {
  pur_buffer step = {0};
  pur_text pointer;
  const pur_item *item;
  pointer.text = pur_issue_field(issues, issue, &pointer.length);
  EXPECT(pointer.text != NULL, "%s without a field", issue->code);
  if (pointer.text == NULL || pointer.length >= 3990) return;
  item = pur_item_find(root, pointer, &step);
  pur_buffer_free(&step);
  EXPECT(item != NULL, "%s: nothing at %.*s", issue->code, (int)pointer.length, pointer.text);
  if (item == NULL) return;
  expect_place(text, length,
               strcmp(issue->code, "additionalProperties") == 0 ? item->key.position
                                                                : item->token.position,
               issue);
}

static void expect_issues(const char *text, size_t length, const pur_issues *issues) {
  pur_arena arena = {0};
  pur_item *root;
  bool valid = pur_items_read(text, length, &arena, &root, NULL) == PUR_OK;
  EXPECT(issues->count == (issues->total < PUR_ISSUES_KEPT ? issues->total : PUR_ISSUES_KEPT),
         "%zu of %zu issues kept", issues->count, issues->total);
  for (size_t i = 0; i < issues->count; i++) {
    const pur_issue *issue = pur_issues_get(issues, i);
    EXPECT(issue->place.index == start.index && issue->place.line >= start.line, "index %zu",
           issue->place.index);
    EXPECT(issue->code[0] != '\0' && issue->message[0] != '\0', "an issue without words");
    if (valid) expect_pointer(root, text, length, issues, issue);
  }
  pur_arena_free(&arena);
}

/* Text that is not JSON fails in the scanner too, at the same place. */
static void expect_status(pur_status status, const pur_error *error, const char *text,
                          size_t length, const pur_issues *issues) {
  pur_error plain = {PUR_OK, 0, ""};
  pur_status wanted = pur_json_check(text, length, &plain);
  EXPECT((status == PUR_OK) == (issues->total == 0), "%s with %zu issues", pur_status_name(status),
         issues->total);
  if (wanted == PUR_OK)
    EXPECT(status == PUR_OK || status == PUR_SCHEMA_MISMATCH, "%s", pur_status_name(status));
  else
    EXPECT(status == wanted && error->position == plain.position, "%s at %zu, not %s at %zu",
           pur_status_name(status), error->position, pur_status_name(wanted), plain.position);
}

static void check(const pur_schema *schema, const char *text, size_t length) {
  static pur_schema_run *run; /* the same for all: nothing of the last document is left */
  pur_issues issues, again;
  pur_error error = {PUR_OK, 0, ""};
  size_t offset, size;
  pur_status status;
  if (run == NULL) run = pur_schema_run_new();
  pur_schema_run_watch(run, 1, "a", 1);
  pur_issues_init(&issues);
  pur_issues_init(&again);
  status = pur_schema_check(schema, run, text, length, &start, &issues, &error);
  if (pur_schema_run_watched(run, 1, &offset, &size))
    EXPECT(pur_json_check(text + offset, size, NULL) == PUR_OK, "watched %zu + %zu", offset, size);
  expect_status(status, &error, text, length, &issues);
  expect_issues(text, length, &issues);
  EXPECT(pur_schema_check(schema, run, text, length, &start, &again, &error) == status &&
             again.total == issues.total,
         "%zu issues, then %zu", issues.total, again.total);
  pur_issues_free(&issues);
  pur_issues_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data, *end = size > 0 ? memchr(text, '\0', size) : NULL;
  size_t length = end != NULL ? (size_t)(end - text) : size;
  char *copy = copy_of(text, length);
  pur_schema *schema = NULL;
  pur_error error = {PUR_OK, 0, ""};
  pur_status status = pur_schema_compile(copy, length, &schema, &error);
  EXPECT(status == PUR_OK || (error.message[0] != '\0' && error.position <= length), "%s at %zu",
         pur_status_name(status), error.position);
  free(copy);
  if (status == PUR_OK) {
    size_t left = end != NULL ? size - length - 1 : 0;
    copy = copy_of(text + size - left, left);
    check(schema, copy, left);
    free(copy);
    pur_schema_destroy(schema);
  }
#ifdef PUR_LIBFUZZER
  if (test_failures > 0) abort(); /* keeps the data */
#endif
  return 0;
}

static const char *const schemas[] = {
    "{\"type\":\"object\",\"anyOf\":[{\"required\":[\"a\",\"c\"]},{\"required\":[\"b\",\"c\"]}],"
    "\"properties\":{\"a\":{\"type\":[\"string\",\"integer\"]},\"b\":{\"enum\":[1,\"x\",{\"y\":[1]}"
    ",null]},"
    "\"c\":{\"type\":\"array\",\"items\":{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"object\","
    "\"required\":["
    "\"id\"],\"properties\":{\"id\":{\"minLength\":2}}}]}}}}",
    "{\"definitions\":{\"t\":{\"pattern\":\"^[^-][a-z]+$\",\"maxLength\":5}},"
    "\"additionalProperties\":{\"$ref\":"
    "\"#/definitions/t\"},\"properties\":{\"a\":{\"$ref\":\"#\"},\"b\":{}}}",
    "{\"additionalProperties\":{\"$ref\":\"#\"},\"items\":{\"$ref\":\"#\"},\"minimum\":1.5,"
    "\"exclusiveMinimum\":true,"
    "\"maximum\":1e3,\"multipleOf\":0.5,\"minItems\":1,\"maxItems\":3,\"format\":\"email\"}",
    "{\"allOf\":[{\"anyOf\":[{\"items\":{\"$ref\":\"#\"}},{\"properties\":{\"a\":{\"$ref\":\"#\"}}}"
    "]},{\"oneOf\":["
    "{\"type\":\"array\"},{\"minimum\":2},{\"format\":\"date-time\"}]}]}",
    "{\"items\":[{\"type\":\"integer\"},{\"format\":\"uri\"}],\"properties\":{\"a\":{"
    "\"additionalProperties\":false,"
    "\"properties\":{\"b\":{\"type\":\"null\"}},\"required\":[\"b\",\"c\"]}},\"enum\":[[1,\"a:b\"],"
    "{\"a\":{\"c\":0,\"b\":null}}]}",
};

static const char *const documents[] = {
    "{\"a\":\"x\",\"c\":[\"s\",{\"id\":\"12\"}],\"b\":{\"y\":[1.0]}}",
    "{\"\\u0061\":1.5,\"c\":[1,{\"id\":\"\\u00e9\"},{}],\n\"b\":\"y\"}",
    "{\"a\":{\"a\":{\"x~/\":\"abc\"}},\"\":\"-a\"}",
    "[1,[2.5,-3e2,\"a@b.c\"],{\"x\":[]}]",
    "[[[[2]]],{\"a\":[1]},\"2020-01-01T00:00:00Z\"]",
    "{\"a\":{\"b\":null,\"c\":0}}",
    "[1,\"a:b\"]",
    "{\"a\":1,\"x\":{\"y\":1,\"y\":2}}",
    "{\"a\":\"x\",\"b\":1,\"c\":[\"so long that what comes is far from its end\"],\"x\":-1.5}",
};

#define SCHEMAS (sizeof schemas / sizeof *schemas)
#define DOCUMENTS (sizeof documents / sizeof *documents)
#define ROOM 2000

static size_t write_seed(uint8_t *data, size_t number) {
  const char *schema = schemas[number % SCHEMAS],
             *document = documents[number / SCHEMAS % DOCUMENTS];
  size_t length = strlen(schema) + 1;
  memcpy(data, schema, length);
  memcpy(data + length, document, strlen(document));
  return length + strlen(document);
}

/* Tokens rather than bytes: most of what comes of it is JSON still. */
static const char *const tokens[] = {
    "{",           "}",
    "[",           "]",
    ",",           ":",
    "\"a\"",       "\"b\"",
    "\"c\"",       "1",
    "-2.5",        "1e2",
    "0",           "null",
    "true",        "false",
    "\"\"",        "\"a@b.c\"",
    "\"type\"",    "\"enum\"",
    "{}",          "[]",
    "\"$ref\"",    "\"#\"",
    "\"items\"",   "\"properties\"",
    "\"anyOf\"",   "\"oneOf\"",
    "\"allOf\"",   "\"required\"",
    "\"pattern\"", "\"(a*)*b\"",
    "\"string\"",  "\"integer\"",
    "\"\\u0061\"", "\xC3\xA9",
    "\\ud800",
};

static size_t put(uint8_t *data, size_t size, size_t at, size_t cut, const char *text) {
  size_t length = strlen(text);
  if (cut > size - at) cut = size - at;
  if (size - cut + length > ROOM) return size;
  memmove(data + at + length, data + at + cut, size - at - cut);
  memcpy(data + at, text, length);
  return size - cut + length;
}

/* Mostly the document's part: a schema that is refused tells little. */
static size_t mutate(uint8_t *data, size_t size) {
  const uint8_t *end = memchr(data, '\0', size);
  size_t from = end != NULL && test_random() % 4 != 0 ? (size_t)(end - data) + 1 : 0;
  size_t at = from + test_random() % (size - from + 1);
  switch (test_random() % 4) {
  case 0:
    return put(data, size, at, test_random() % 8,
               tokens[test_random() % (sizeof tokens / sizeof *tokens)]);
  case 1:
    return put(data, size, at, 1 + test_random() % 4, "");
  case 2:
    if (at < size) data[at] = (uint8_t)test_random();
    return size;
  default:
    if (at < size) data[at] = data[test_random() % size];
    return size;
  }
}

#ifdef PUR_LIBFUZZER

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random);

/* It need not find out by itself what a schema looks like. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random) {
  if (room >= ROOM && (size <= 1 || random % 64 == 0)) return write_seed(data, random / 64);
  return random % 2 == 0 && size <= ROOM && room >= ROOM ? mutate(data, size)
                                                         : LLVMFuzzerMutate(data, size, room);
}

#else

int main(int count, char **arguments) {
  unsigned long rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 300000;
  uint8_t data[ROOM];
  for (unsigned long i = 0; i < rounds; i++) {
    size_t size = write_seed(data, i);
    if (i >= SCHEMAS * DOCUMENTS)
      for (uint64_t changes = test_random() % 6; changes > 0; changes--) size = mutate(data, size);
    (void)LLVMFuzzerTestOneInput(data, size);
  }
  return test_result();
}

#endif

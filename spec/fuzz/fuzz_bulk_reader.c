/* Any bytes as a file of purchases: each of them is in a purchase that is fine, in one that was
 * refused, or between two, wherever the blocks of the file end.
 *
 *     make fuzzers        a program of that name: seeds, and what comes of them by chance; [ROUNDS]
 *     with -DPUR_LIBFUZZER, a target of libFuzzer: see tools/fuzz */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "json/json.h"
#include "bulk/reader.h"
#include "../c/test.h"

#define BLOCK 49152 /* of input.c */
#define ROOM 4000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static pur_schema *schema(void) {
  static const char text[] = "{\"type\":\"object\",\"required\":[\"id\"]}";
  static pur_schema *compiled;
  if (compiled == NULL && pur_schema_compile(text, sizeof text - 1, &compiled, NULL) != PUR_OK)
    abort();
  return compiled;
}

/* The text behind so many spaces as a file in memory, which is opened by its number. */
static const char *file_of(const char *text, size_t length, size_t spaces) {
  static char path[32], file_text[BLOCK + ROOM];
  static int file = -1;
  if (file < 0) file = memfd_create("purchases", 0);
  if (file < 0 || ftruncate(file, 0) != 0) abort();
  memset(file_text, ' ', spaces);
  if (length > 0) memcpy(file_text + spaces, text, length);
  if (pwrite(file, file_text, spaces + length, 0) != (ssize_t)(spaces + length)) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  return path;
}

/* Where in the text the purchases end that were seen so far. */
typedef struct cursor {
  const char *at;
  const char *end;
  const char *start;
  uint64_t hash; /* of all that was seen */
} cursor;

/* What may stand between purchases: white space, and what holds an array together. */
static bool is_between(const char *from, const char *to) {
  for (; from < to; from++)
    if (*from == 0 || strchr(" \t\r\n,[]{}:\"purchases\xEF\xBB\xBF", *from) == NULL) return false;
  return true;
}

static uint64_t line_of(const cursor *c, const char *place) {
  size_t line, column;
  pur_text_place(c->start, (size_t)(c->end - c->start), (size_t)(place - c->start), &line, &column);
  return line;
}

/* The purchase comes next, on its line. */
static bool is_next(const cursor *c, const char *text, size_t length, uint64_t line,
                    const char **found) {
  for (*found = c->at; is_between(c->at, *found); ++*found) {
    *found = memmem(*found, (size_t)(c->end - *found), text, length);
    if (*found == NULL) return false;
    if (line_of(c, *found) == line) return is_between(c->at, *found);
  }
  return false;
}

static void pass(cursor *c, const char *found, const char *text, size_t length, uint64_t line) {
  c->at = found + length;
  c->hash = (c->hash ^ pur_key_hash(text, length) ^ line) * UINT64_C(0x9E3779B97F4A7C15);
}

static void expect_good(const char *text, size_t length) {
  EXPECT(pur_json_check(text, length, NULL) == PUR_OK, "no JSON: %.*s", (int)length, text);
  EXPECT(length >= 2 && text[0] == '{' && text[length - 1] == '}', "%.*s", (int)length, text);
}

/* A bulk has one purchase that is fine, one that was refused, or both, in either order. */
static void expect_bulk(cursor *c, const pur_bulk *bulk) {
  const pur_bulk_purchase *purchase = bulk->count > 0 ? pur_bulk_purchase_at(bulk, 0) : NULL;
  const pur_bulk_refusal *refusal = bulk->refused_count > 0 ? pur_bulk_refusal_at(bulk, 0) : NULL;
  const char *found;
  for (int i = 0; i < 2 && (purchase != NULL || refusal != NULL); i++) {
    const char *text = purchase != NULL ? bulk->text.data + purchase->start : NULL;
    if (purchase != NULL && is_next(c, text, purchase->length, purchase->line, &found)) {
      expect_good(text, purchase->length);
      pass(c, found, text, purchase->length, purchase->line);
      purchase = NULL;
    } else if (refusal != NULL) {
      text = refusal->purchase.length > 0 ? bulk->refused.data + refusal->purchase.start : "";
      EXPECT(refusal->purchase.length > 0, "nothing was refused");
      EXPECT(is_next(c, text, refusal->purchase.length, refusal->purchase.line, &found),
             "not next: line %llu, %.*s", (unsigned long long)refusal->purchase.line,
             (int)refusal->purchase.length, text);
      if (found != NULL) pass(c, found, text, refusal->purchase.length, refusal->purchase.line);
      refusal = NULL;
    }
  }
  EXPECT(purchase == NULL && refusal == NULL, "a purchase is not where it was");
}

/* Returns a hash of what was read. What is no text by its first bytes is told, but not behind
 * spaces. */
static uint64_t read_all(const char *text, size_t length, size_t spaces, bool *is_text) {
  pur_bulk_rules rules = {{schema(), NULL}, "id", 2, NULL, 0, ROOM, 1, 1 << 20, 1, 0};
  cursor c = {text, text + length, text, length};
  pur_bulk_reader reader;
  pur_bulk bulk;
  pur_error error = {PUR_OK, 0, ""};
  pur_status status;
  if (pur_bulk_reader_init(&reader, &rules, &error) != PUR_OK) abort();
  if (pur_bulk_reader_open(&reader, file_of(text, length, spaces), &error) != PUR_OK) abort();
  pur_bulk_reader_lend(&reader, &bulk);
  while ((status = pur_bulk_reader_read(&reader, &bulk, &error)) == PUR_OK) {
    EXPECT(bulk.count + bulk.refused_count > 0, "an empty bulk");
    if (bulk.count + bulk.refused_count == 0) break;
    expect_bulk(&c, &bulk);
    if (bulk.count > 0) pur_bulk_reader_release(&reader, &bulk, 0, 0);
    pur_bulk_clear(&bulk);
  }
  if (status == PUR_END)
    EXPECT(is_between(c.at, c.end), "left over: %.*s", (int)(c.end - c.at), c.at);
  else
    EXPECT((status == PUR_INVALID_JSON || (status == PUR_NOT_TEXT && spaces == 0)) &&
               error.message[0] != '\0',
           "%s", pur_status_name(status));
  *is_text = status != PUR_NOT_TEXT;
  c.hash += status;
  pur_bulk_reader_give_back(&reader, &bulk);
  pur_bulk_reader_close(&reader);
  return c.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data;
  uint64_t whole;
  bool is_text;
  if (size > ROOM) return 0;
  /* UTF-16 is decoded, so that nothing stands where it was. */
  if (size >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) return 0;
  whole = read_all(text, size, 0, &is_text);
  if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) return 0; /* only at the very start */
  if (!is_text) return 0;
  EXPECT(read_all(text, size, BLOCK - size / 2, &is_text) == whole, "at a split: %.*s", (int)size,
         text);
#ifdef PUR_LIBFUZZER
  if (test_failures > 0) abort(); /* keeps the data */
#endif
  return 0;
}

static const char *const seeds[] = {
    "{\"id\":1}\n{\"id\":\"two\"}\r\n\n{\"id\":1}\n{\"no\":3}\n",
    "[{\"id\":1},{\"id\":2},\n{\"id\":[{\"x\":\"]}\"}]} , 7,\"a\\\"b\",{\"id\":1}]",
    "{\"purchases\":[{\"id\":1},{\"id\":2}]}\n",
    "{\n  \"id\": 1\n}\n{\n  \"id\": 2,\n  \"a\": [\n    {}\n  ]\n}\n",
    "{\"id\":1}{\"id\":2} {\"id\":\"\\u0031\"}\n[1]\n",
    "\xEF\xBB\xBF{\"id\":\"\\\\\"}\n{\"id\":\n{\"id\":3}",
};

#define SEEDS (sizeof seeds / sizeof *seeds)

/* Bytes are changed, left out, put in, and stretches of another seed laid over. */
static size_t mutate(uint8_t *data, size_t size, size_t room) {
  static const char letters[] = "{}[]\"\\,: \n\r\t1ai\0\xEF\xBB\xBF\xC3";
  const char *other = seeds[test_random() % SEEDS];
  size_t at = size > 0 ? test_random() % size : 0, run = 1 + test_random() % 20;
  switch (test_random() % 4) {
  case 0:
    if (size > 0) data[at] = (uint8_t)letters[test_random() % (sizeof letters - 1)];
    return size;
  case 1:
    if (run > size - at) run = size - at;
    memmove(data + at, data + at + run, size - at - run);
    return size - run;
  case 2:
    if (size == room) return size;
    memmove(data + at + 1, data + at, size - at);
    data[at] = (uint8_t)letters[test_random() % (sizeof letters - 1)];
    return size + 1;
  default:
    if (run > strlen(other)) run = strlen(other);
    if (size + run > room) return size;
    memmove(data + at + run, data + at, size - at);
    memcpy(data + at, other + test_random() % (strlen(other) - run + 1), run);
    return size + run;
  }
}

#ifndef PUR_LIBFUZZER

int main(int count, char **arguments) {
  unsigned long rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 30000;
  uint8_t data[ROOM];
  for (unsigned long i = 0; i < rounds; i++) {
    const char *seed = seeds[i % SEEDS];
    size_t size = strlen(seed);
    memcpy(data, seed, size);
    if (i >= SEEDS)
      for (uint64_t changes = test_random() % 6; changes > 0; changes--)
        size = mutate(data, size, sizeof data);
    (void)LLVMFuzzerTestOneInput(data, size);
  }
  pur_schema_destroy(schema());
  return test_result();
}

#else

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random) {
  const char *seed = seeds[random / 64 % SEEDS];
  if (room >= ROOM && (size == 0 || random % 64 == 0)) {
    memcpy(data, seed, strlen(seed));
    return strlen(seed);
  }
  return random % 2 == 0 ? mutate(data, size, room) : LLVMFuzzerMutate(data, size, room);
}

#endif

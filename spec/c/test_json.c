/* json.h: what needs random input, memory of exact size, or a look at tokens. The grammar's cases
 * are in json_spec.lua. */
#include <stdbool.h>
#include <string.h>

#include "json/json.h"
#include "base/text.h"
#include "test.h"

/* A copy without a byte to spare, so that a sanitizer sees any read beyond the end. */
static char *copy_of(const char *text, size_t length) {
  char *copy = malloc(length != 0 ? length : 1);
  if (copy == NULL) abort();
  memcpy(copy, text, length);
  return copy;
}

static pur_status check(const char *text, size_t length, pur_error *error) {
  char *copy = copy_of(text, length);
  pur_status status = pur_json_check(copy, length, error);
  free(copy);
  return status;
}

static char pick(const char *from) {
  return from[test_random() % strlen(from)];
}

/* Tokens */

typedef struct expected_token {
  pur_json_kind kind;
  const char *text;
  size_t position;
  bool escaped;
} expected_token;

static void test_tokens(void) {
  static const char text[] =
      " {\"a\": [1, -0.5e+3,\ttrue, false,null], \"b\\n\" :{\"\":\"\\u00e9\"}, \"c\":[]}\r\n";
  static const expected_token expected[] = {
      {PUR_JSON_OBJECT_BEGIN, "{", 1, false},  {PUR_JSON_KEY, "a", 2, false},
      {PUR_JSON_ARRAY_BEGIN, "[", 7, false},   {PUR_JSON_NUMBER, "1", 8, false},
      {PUR_JSON_NUMBER, "-0.5e+3", 11, false}, {PUR_JSON_TRUE, "true", 20, false},
      {PUR_JSON_FALSE, "false", 26, false},    {PUR_JSON_NULL, "null", 32, false},
      {PUR_JSON_ARRAY_END, "]", 36, false},    {PUR_JSON_KEY, "b\\n", 39, true},
      {PUR_JSON_OBJECT_BEGIN, "{", 46, false}, {PUR_JSON_KEY, "", 47, false},
      {PUR_JSON_STRING, "\\u00e9", 50, true},  {PUR_JSON_OBJECT_END, "}", 58, false},
      {PUR_JSON_KEY, "c", 61, false},          {PUR_JSON_ARRAY_BEGIN, "[", 65, false},
      {PUR_JSON_ARRAY_END, "]", 66, false},    {PUR_JSON_OBJECT_END, "}", 67, false}};
  pur_json_scanner scanner;
  pur_json_token token;
  pur_json_scanner_init(&scanner, text, sizeof text - 1);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    expected_token want = expected[i];
    pur_status status = pur_json_next(&scanner, &token, NULL);
    EXPECT(status == PUR_OK, "token %zu: %s", i, pur_status_name(status));
    EXPECT(token.kind == want.kind && token.escaped == want.escaped, "token %zu: kind %d", i,
           token.kind);
    EXPECT(token.position == want.position, "token %zu at %zu", i, token.position);
    EXPECT(token.length == strlen(want.text) && memcmp(token.text, want.text, token.length) == 0,
           "token %zu: %.*s", i, (int)token.length, token.text);
  }
  EXPECT(pur_json_next(&scanner, &token, NULL) == PUR_END, "no end");
  EXPECT(pur_json_next(&scanner, &token, NULL) == PUR_END, "no end when asked again");
  pur_json_scanner_free(&scanner);
}

/* A scanner that stopped in the middle of things starts anew with the next text. */
static void test_restart(void) {
  static const char first[] = "{\"a\":{\"b\":[1,{\"c\":2,\"c\"", second[] = "{\"a\":{\"b\":1}}";
  pur_json_scanner scanner;
  pur_json_token token;
  pur_status status;
  pur_json_scanner_init(&scanner, first, sizeof first - 1);
  do status = pur_json_next(&scanner, &token, NULL);
  while (status == PUR_OK);
  EXPECT(status == PUR_DUPLICATE_KEY, "%s", pur_status_name(status));
  pur_json_scanner_restart(&scanner, second, sizeof second - 1);
  do status = pur_json_next(&scanner, &token, NULL);
  while (status == PUR_OK);
  EXPECT(status == PUR_END, "%s", pur_status_name(status));
  pur_json_scanner_free(&scanner);
}

static void test_truncations(void) {
  static const char text[] = "{\"a\\u00e9\\ud83d\\ude00\":[1.5e-3,true,false,null,"
                             "\"\xC3\xA9\xF0\x9F\x98\x80\",{}],\"b\":-0}";
  pur_error error;
  for (size_t length = 0; length < sizeof text - 1; length++) {
    EXPECT(check(text, length, &error) != PUR_OK, "the first %zu bytes were let through", length);
    EXPECT(error.position <= length, "of %zu bytes, position %zu", length, error.position);
  }
  EXPECT(check(text, sizeof text - 1, &error) == PUR_OK, "%s", error.message);
}

static void test_depth(void) {
  enum { DEPTH = 100000 };
  static char text[2 * DEPTH];
  pur_error error;
  memset(text, '[', DEPTH);
  memset(text + DEPTH, ']', DEPTH);
  EXPECT(check(text, sizeof text, &error) == PUR_TOO_DEEP, "%s", error.message);
  EXPECT(error.position == PUR_JSON_DEPTH, "position %zu", error.position);
  EXPECT(check(text + DEPTH - PUR_JSON_DEPTH, 2 * PUR_JSON_DEPTH, &error) == PUR_OK, "%s",
         error.message);
  for (size_t i = 0; i + 5 <= sizeof text; i += 5) memcpy(text + i, "{\"a\":", 5);
  EXPECT(check(text, sizeof text, &error) == PUR_TOO_DEEP, "%s", error.message);
  EXPECT(error.position == 5 * PUR_JSON_DEPTH, "position %zu", error.position);
}

/* Names */

/* Names that differ early, late, or in length only. */
static size_t put_name(char out[256], size_t number) {
  static const char *const shapes[] = {"%06zun", "n%06zu", "n%zu", "%0*zu"};
  if (number % 4 == 3) return (size_t)snprintf(out, 256, shapes[3], (int)(number % 200), number);
  return (size_t)snprintf(out, 256, shapes[number % 4], number);
}

/* A name in quotes; `escaped`: its first character as \uXXXX. */
static void append_name(pur_buffer *out, size_t number, bool escaped) {
  char name[256], escape[8];
  size_t length = put_name(name, number);
  (void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)name[0]);
  pur_buffer_append_literal(out, "\"");
  if (escaped) pur_buffer_append(out, escape, 6);
  pur_buffer_append(out, name + escaped, length - escaped);
  pur_buffer_append_literal(out, "\"");
}

enum { NAMES = 300, LEVELS = 8 };

/* Objects in objects, until one has a name twice; returns the position of the second. */
static size_t random_objects(pur_buffer *out, unsigned steps) {
  static bool used[LEVELS][NAMES];
  size_t level = 0;
  memset(used, 0, sizeof used);
  pur_buffer_clear(out);
  pur_buffer_append_literal(out, "{");
  for (;;) {
    size_t number = test_random() % NAMES, position;
    if (level > 0 && test_random() % 16 == 0) {
      pur_buffer_append_literal(out, "}");
      level--;
    }
    if (steps > 0 && used[level][number]) continue;
    if (out->data[out->length - 1] != '{') pur_buffer_append_literal(out, ",");
    position = out->length;
    append_name(out, number, test_random() % 4 == 0);
    if (used[level][number]) return position;
    used[level][number] = true;
    steps -= steps > 0;
    if (level + 1 < LEVELS && test_random() % 16 == 0) {
      pur_buffer_append_literal(out, ":{");
      memset(used[++level], 0, sizeof *used);
    } else {
      pur_buffer_append_literal(out, ":0");
    }
  }
}

static void test_random_names(void) {
  pur_buffer text;
  pur_buffer_init(&text, 0);
  for (unsigned i = 0; i < 20000; i++) {
    size_t position = random_objects(&text, i % 200);
    pur_error error;
    pur_status status = check(text.data, text.length, &error);
    EXPECT(status == PUR_DUPLICATE_KEY && error.position == position, "%s at %zu, not %zu: %.*s",
           pur_status_name(status), error.position, position, (int)text.length, text.data);
  }
  pur_buffer_free(&text);
}

/* Comparing each with each would be 4.5e10 comparisons: if this takes more than a moment, that is
 * what went wrong. */
static void test_many_names(void) {
  enum { MANY = 300000 };
  pur_buffer text;
  pur_error error;
  size_t position;
  pur_buffer_init(&text, 0);
  for (size_t i = 0; i < MANY; i++) {
    pur_buffer_append(&text, i == 0 ? "{" : ",", 1);
    append_name(&text, i, i % 3 == 0);
    pur_buffer_append_literal(&text, ":0");
  }
  position = text.length + 1;
  pur_buffer_append_literal(&text, "}");
  EXPECT(check(text.data, text.length, &error) == PUR_OK, "%s", error.message);
  text.length--;
  pur_buffer_append_literal(&text, ",");
  append_name(&text, MANY / 2, false);
  EXPECT(check(text.data, text.length, &error) == PUR_DUPLICATE_KEY, "%s", error.message);
  EXPECT(error.position == position, "position %zu, not %zu", error.position, position);
  pur_buffer_free(&text);
}

/* What one object needs is given back before the next. */
static void test_memory_of_names(void) {
  pur_buffer text;
  pur_json_scanner scanner;
  pur_json_token token;
  pur_buffer_init(&text, 0);
  pur_buffer_append_literal(&text, "[{");
  for (size_t i = 0; i < 100000; i++) {
    if (i % 100 != 0)
      pur_buffer_append_literal(&text, ",");
    else if (i != 0)
      pur_buffer_append_literal(&text, "},{");
    append_name(&text, i, i % 3 == 0);
    pur_buffer_append_literal(&text, ":0");
  }
  pur_buffer_append_literal(&text, "}]");
  pur_json_scanner_init(&scanner, text.data, text.length);
  while (pur_json_next(&scanner, &token, NULL) == PUR_OK) continue;
  EXPECT(scanner.position == text.length, "position %zu", scanner.position);
  EXPECT(scanner.open.capacity <= 65536 && scanner.names.capacity <= 65536 &&
             scanner.merged.capacity <= 65536 && scanner.unescaped.capacity <= 65536,
         "%zu, %zu, %zu, %zu bytes", scanner.open.capacity, scanner.names.capacity,
         scanner.merged.capacity, scanner.unescaped.capacity);
  pur_json_scanner_free(&scanner);
  pur_buffer_free(&text);
}

/* Strings */

/* The code point that is encoded, the way the standard's table has it; -1 for anything else. */
static long reference_decode(const unsigned char *bytes, size_t length) {
  static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
  static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0},
                             masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  long code = bytes[0] & masks[length];
  if ((bytes[0] & ~masks[length] & 0xFF) != marks[length]) return -1;
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xC0) != 0x80) return -1;
    code = code << 6 | (bytes[i] & 0x3F);
  }
  return code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? -1 : code;
}

/* Every start of four bytes; the third and fourth take only values around their borders. */
static void test_utf8(void) {
  static const unsigned char some[] = {0, 0x22, 0x7F, 0x80, 0x81, 0xBE, 0xBF, 0xC0, 0xFF};
  unsigned char bytes[4];
  for (unsigned i = 0; i < 256 * 256 * sizeof some * sizeof some; i++) {
    size_t expected = 0;
    bytes[0] = (unsigned char)(i & 255);
    bytes[1] = (unsigned char)(i >> 8 & 255);
    bytes[2] = some[(i >> 16) % sizeof some];
    bytes[3] = some[(i >> 16) / sizeof some];
    for (size_t length = 1; length <= 4; length++) {
      char *copy = copy_of((char *)bytes, length);
      if (reference_decode(bytes, length) >= 0) expected = length;
      EXPECT(pur_utf8_length(copy, length) == expected, "%02x %02x %02x %02x, of %zu bytes",
             bytes[0], bytes[1], bytes[2], bytes[3], length);
      free(copy);
    }
  }
}

static void append_unit(pur_buffer *out, unsigned unit) {
  char text[8];
  (void)snprintf(text, sizeof text, test_random() % 2 ? "\\u%04x" : "\\u%04X", unit);
  pur_buffer_append(out, text, 6);
}

/* The same character in a plain text and in a JSON text, there escaped or not. */
static void append_random(pur_buffer *plain, pur_buffer *json) {
  static const unsigned ranges[] = {0x20, 0x80, 0x80, 0x800, 0x10000, 0x110000};
  uint32_t code = (uint32_t)(test_random() % ranges[test_random() % 6]);
  char bytes[4];
  size_t size;
  if (code >= 0xD800 && code < 0xE000) code = '/';
  size = pur_utf8_write(code, bytes);
  pur_buffer_append(plain, bytes, size);
  if (code >= 0x10000 && test_random() % 2) {
    append_unit(json, 0xD800 + ((code - 0x10000) >> 10));
    append_unit(json, 0xDC00 + (code & 0x3FF));
  } else if (code < 0x20 || code == '"' || code == '\\' ||
             (code < 0x10000 && test_random() % 8 == 0)) {
    append_unit(json, code);
  } else {
    pur_buffer_append(json, bytes, size);
  }
}

static void expect_string(const pur_buffer *json, pur_buffer *plain, pur_buffer *out) {
  char *copy = copy_of(json->data, json->length);
  size_t changed = test_random() % plain->length;
  pur_json_scanner scanner;
  pur_json_token token;
  pur_json_scanner_init(&scanner, copy, json->length);
  EXPECT(pur_json_next(&scanner, &token, NULL) == PUR_OK, "refused: %.*s", (int)json->length,
         json->data);
  pur_buffer_clear(out);
  pur_json_string_unescape(token.text, token.length, out);
  EXPECT(out->length == plain->length && memcmp(out->data, plain->data, plain->length) == 0,
         "%.*s became %.*s", (int)json->length, json->data, (int)out->length, out->data);
  EXPECT(pur_json_string_equals(&token, plain->data, plain->length), "%.*s", (int)json->length,
         json->data);
  EXPECT(!pur_json_string_equals(&token, plain->data, plain->length - 1), "%.*s", (int)json->length,
         json->data);
  pur_buffer_append_literal(plain, "x");
  EXPECT(!pur_json_string_equals(&token, plain->data, plain->length), "%.*s", (int)json->length,
         json->data);
  plain->length--;
  plain->data[changed] ^= 1;
  EXPECT(!pur_json_string_equals(&token, plain->data, plain->length), "%.*s", (int)json->length,
         json->data);
  plain->data[changed] ^= 1;
  pur_json_scanner_free(&scanner);
  free(copy);
}

static void expect_wrong_byte(const pur_buffer *plain, pur_buffer *out) {
  size_t at = test_random() % plain->length;
  pur_error error;
  plain->data[at] = (char)0xFF;
  pur_buffer_clear(out);
  EXPECT(pur_json_write_string(out, plain->data, plain->length, &error) == PUR_INVALID_UTF8, "%.*s",
         (int)plain->length, plain->data);
  EXPECT(error.position <= at && at - error.position < 4 && out->length == 0,
         "position %zu, not %zu", error.position, at);
}

/* A random string as others may write it, as we do, and with a byte that is wrong. */
static void test_random_strings(void) {
  pur_buffer plain, json, out;
  pur_buffer_init(&plain, 0);
  pur_buffer_init(&json, 0);
  pur_buffer_init(&out, 0);
  for (int i = 0; i < 50000; i++) {
    pur_buffer_clear(&plain);
    pur_buffer_clear(&json);
    pur_buffer_append_literal(&json, "\"");
    for (size_t left = 1 + test_random() % 60; left > 0; left--) append_random(&plain, &json);
    pur_buffer_append_literal(&json, "\"");
    expect_string(&json, &plain, &out);
    pur_buffer_clear(&json);
    (void)pur_json_write_string(&json, plain.data, plain.length, NULL);
    expect_string(&json, &plain, &out);
    expect_wrong_byte(&plain, &out);
  }
  pur_buffer_free(&plain);
  pur_buffer_free(&json);
  pur_buffer_free(&out);
}

static void test_write_limit(void) {
  pur_buffer out;
  pur_error error;
  pur_buffer_init(&out, 4);
  EXPECT(pur_json_write_string(&out, "ab", 2, &error) == PUR_OK && out.length == 4, "%zu bytes",
         out.length);
  pur_buffer_clear(&out);
  EXPECT(pur_json_write_string(&out, "abc", 3, &error) == PUR_TOO_LARGE, "%s", error.message);
  pur_buffer_free(&out);
}

/* Skipping */

/* What json.h says of it, in the plainest way. */
static bool reference_skip(const char *text, size_t length, size_t *position) {
  size_t depth = 1;
  bool in_string = false;
  for (size_t at = *position; at < length; at++) {
    char byte = text[at];
    if (in_string && byte == '\\')
      at++;
    else if (byte == '"')
      in_string = !in_string;
    else if (!in_string && (byte == '[' || byte == '{'))
      depth++;
    else if (!in_string && (byte == ']' || byte == '}') && --depth == 0) {
      *position = at + 1;
      return true;
    }
  }
  return false;
}

/* Of each kind of text at least one: brackets or quotes or backslashes in runs, or far apart, and
 * bytes that differ from those in one bit. */
static void fill(char *text, size_t length) {
  static const char *const kinds[] = {"[]{}\"\\",
                                      "[[{{{]}\"\\ab",
                                      "\"\\\\\\",
                                      "\"[{}]abcdefghijklmnopqrst",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"[[]",
                                      "yY_|;[{]}\"\x7F\xDB\xFB\xDC\x02\x7C:,"};
  const char *kind = kinds[0];
  for (size_t i = 0; i < length; i++) {
    if (i % 48 == 0) kind = kinds[test_random() % (sizeof kinds / sizeof *kinds)];
    text[i] = pick(kind);
  }
}

static void test_skip(void) {
  for (int i = 0; i < 400000; i++) {
    char soup[600];
    size_t length = test_random() % sizeof soup, start = length == 0 ? 0 : test_random() % length,
           end = start, expected = start;
    char *copy;
    bool closed, expected_closed;
    fill(soup, length);
    /* Without brackets to open, a soup's end comes soon. */
    if (i % 2 == 0) memset(soup, '[', length < 20 ? length : 20), start = end = expected = 0;
    copy = copy_of(soup, length);
    closed = pur_json_skip(copy, length, &end);
    expected_closed = reference_skip(soup, length, &expected);
    EXPECT(closed == expected_closed && end == expected, "%zu, not %zu, from %zu in %.*s", end,
           expected, start, (int)length, soup);
    free(copy);
  }
}

static void expect_leave(const char *text, pur_status expected, size_t position) {
  pur_json_scanner scanner;
  pur_json_token token;
  pur_error error;
  pur_status status;
  pur_json_scanner_init(&scanner, text, strlen(text));
  (void)pur_json_next(&scanner, &token, NULL);
  status = pur_json_leave(&scanner, &error);
  EXPECT(status == expected, "%s: %s", text, pur_status_name(status));
  EXPECT(status == PUR_OK ? scanner.position == position : error.position == position, "%s: %zu",
         text, status == PUR_OK ? scanner.position : error.position);
  if (status == PUR_OK)
    EXPECT(pur_json_next(&scanner, &token, NULL) == PUR_END, "%s: no end", text);
  pur_json_scanner_free(&scanner);
}

static void test_leave(void) {
  expect_leave("{}", PUR_OK, 2);
  expect_leave("[1,{\"a\":[\"]\"]},2] ", PUR_OK, 17);
  expect_leave("{\"a\":1]", PUR_INVALID_JSON, 6);
  expect_leave("[1}", PUR_INVALID_JSON, 2);
  expect_leave("[[1]", PUR_INVALID_JSON, 4);
  expect_leave("[\"]", PUR_INVALID_JSON, 3);
  expect_leave("[\"\\", PUR_INVALID_JSON, 3);
}

/* Models */

/* An answer whose strings hold what could lead a skipping reader astray. */
static size_t write_answer(char *out, int models) {
  size_t length = (size_t)sprintf(out, "{\"id\":\"x\\\"]}\",\"strategy_output\":[");
  for (int i = 1; i <= models; i++) {
    length += (size_t)sprintf(
        out + length,
        "%s{\"value\":{\"%*s\\\\\":[{\"idmodel\":%d},\"%.*s]}\\\"\"]},\"idmodel\":%d}",
        i > 1 ? "," : "", i % 70, "[{\\\"", i % models + 1, i % 67,
        "}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]}]", i);
  }
  return length + (size_t)sprintf(out + length, "]}");
}

static void test_find_model(void) {
  enum { MODELS = 100 };
  static char answer[MODELS * 400];
  size_t length = write_answer(answer, MODELS), slice_length;
  const char *slice;
  pur_error error;
  EXPECT(check(answer, length, &error) == PUR_OK, "%s at %zu", error.message, error.position);
  for (int i = 1; i <= MODELS; i++) {
    char id[16], end[32];
    size_t id_length = (size_t)sprintf(id, "%d", i),
           end_length = (size_t)sprintf(end, "\"idmodel\":%d}", i);
    pur_status status =
        pur_json_find_model(answer, length, id, id_length, &slice, &slice_length, &error);
    EXPECT(status == PUR_OK, "%s: %s", id, error.message);
    if (status != PUR_OK) continue;
    EXPECT(slice[0] == '{' && memcmp(slice + slice_length - end_length, end, end_length) == 0,
           "%s: %.*s", id, (int)slice_length, slice);
  }
  EXPECT(pur_json_find_model(answer, length, "101", 3, &slice, &slice_length, &error) ==
             PUR_NOT_FOUND,
         "%s", error.message);
}

/* A cut answer has its model or is malformed, but never lacks it. */
static void test_cut_answer(void) {
  static char answer[4000];
  size_t whole = write_answer(answer, 5), slice_length;
  const char *slice;
  pur_error error;
  for (size_t length = 0; length < whole; length++) {
    char *copy = copy_of(answer, length);
    pur_status status = pur_json_find_model(copy, length, "4", 1, &slice, &slice_length, &error);
    EXPECT(status == PUR_OK || status == PUR_INVALID_JSON, "%zu bytes: %s", length, error.message);
    EXPECT(status == PUR_OK || error.position <= length, "%zu bytes: position %zu", length,
           error.position);
    EXPECT(pur_json_find_model(copy, length, "6", 1, &slice, &slice_length, &error) ==
               PUR_INVALID_JSON,
           "%zu bytes: %s", length, error.message);
    free(copy);
  }
}

/* Whatever a byte is turned into, no more than an error comes of it. */
static void test_spoilt_answer(void) {
  static char answer[4000];
  size_t length = write_answer(answer, 5), slice_length;
  const char *slice;
  for (int i = 0; i < 100000; i++) {
    char *copy = copy_of(answer, length);
    for (uint64_t spoilt = 1 + test_random() % 3; spoilt > 0; spoilt--)
      copy[test_random() % length] = pick("[]{}\"\\:,0a \xC3");
    if (pur_json_find_model(copy, length, "3", 1, &slice, &slice_length, NULL) == PUR_OK)
      EXPECT(pur_json_check(slice, slice_length, NULL) == PUR_OK, "%.*s", (int)slice_length, slice);
    (void)pur_json_check(copy, length, NULL);
    free(copy);
  }
}

/* Against one byte after the other, at every length and place. */
static void test_utf8_count(void) {
  char text[64];
  for (int round = 0; round < 2000; round++) {
    size_t from = test_random() % 16, length = test_random() % 48, count = 0;
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)test_random();
    for (size_t i = from; i < from + length; i++) count += ((unsigned char)text[i] & 0xC0) != 0x80;
    EXPECT(pur_utf8_count(text + from, length) == count, "%zu bytes from %zu: %zu, not %zu", length,
           from, pur_utf8_count(text + from, length), count);
  }
}

int main(void) {
  test_tokens();
  test_restart();
  test_truncations();
  test_depth();
  test_random_names();
  test_many_names();
  test_memory_of_names();
  test_utf8();
  test_utf8_count();
  test_random_strings();
  test_write_limit();
  test_skip();
  test_leave();
  test_find_model();
  test_cut_answer();
  test_spoilt_answer();
  return test_result();
}

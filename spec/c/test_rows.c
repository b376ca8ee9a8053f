/* rows.h: the rows of files, whatever their first bytes, their length, and what cannot be read. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input/rows.h"
#include "test.h"

#define MANY ((size_t)9 << 20)

static char path[32];

static void file_of(const char *text, size_t length) {
  static int file = -1;
  if (file >= 0) (void)close(file);
  file = memfd_create("rows", 0);
  for (size_t done = 0; done < length;) {
    ssize_t put = write(file, text + done, length - done);
    if (put <= 0) abort();
    done += (size_t)put;
  }
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  (void)lseek(file, 0, SEEK_SET);
}

/* What was read, in short: " LINE:FIELD|FIELD", or " !LINE.POSITION:MESSAGE". Long fields are told
 * by their length. */
static const char *story_of(const char *text, size_t length) {
  static char story[2000];
  char *to = story, *end = story + sizeof story;
  pur_rows rows;
  pur_error error;
  pur_status status;
  file_of(text, length);
  if (pur_rows_open(&rows, path, NULL, &error) != PUR_OK) abort();
  *to = '\0';
  while ((status = pur_rows_next(&rows, &error)) != PUR_END && end - to > 200) {
    if (status != PUR_OK) {
      to += snprintf(to, 200, " !%zu.%zu:%s", rows.line, error.position, error.message);
      continue;
    }
    to += snprintf(to, 200, " %zu:", rows.line);
    for (size_t i = 0; i < rows.row.count; i++) {
      const pur_csv_field *field = pur_csv_get(&rows.row, i);
      if (i > 0) *to++ = '|';
      if (field->length < 20)
        to += snprintf(to, 100, "%.*s", (int)field->length, field->text);
      else
        to += snprintf(to, 100, "(%zu)", field->length);
    }
  }
  EXPECT(pur_rows_next(&rows, &error) == PUR_END, "more behind the end");
  pur_rows_close(&rows);
  pur_rows_close(&rows);
  return story;
}

static void expect_story(const char *text, const char *expected) {
  const char *story = story_of(text, strlen(text));
  EXPECT(strcmp(story, expected) == 0, "\"%s\" of \"%s\"", story, text);
}

static void test_short(void) {
  expect_story("", "");
  expect_story("\n\r\n\n", "");
  expect_story("a;b,c;d\n\n1;2;3\r\n4", " 1:a|b,c|d 3:1|2|3 4:4");
  expect_story("\"a\n\nb\",c\nd,e\n", " 1:a\n\nb|c 4:d|e");
  expect_story("a\nb\"c\nd,\"e\"f\ng\n",
               " 1:a !2.1:a quote inside an unquoted field !3.5:text after a closing quote 4:g");
  expect_story("a\n\"b\nc\nd\n", " 1:a !2.0:a quoted field is never closed 3:c 4:d");
}

/* One mark is skipped, where the file begins; any other is text. */
static void test_mark(void) {
  expect_story("\xEF\xBB\xBF\"a\",b\n1,2\n", " 1:a|b 2:1|2");
  expect_story("\xEF\xBB\xBF\xEF\xBB\xBFx\n\xEF\xBB\xBFy\n", " 1:\xEF\xBB\xBFx 2:\xEF\xBB\xBFy");
  expect_story("\xEF\xBB\xBF", "");
  expect_story("\xEF\xBB\n", " 1:\xEF\xBB");
}

static void test_json(void) {
  static const struct {
    const char *text;
    bool is_json;
  } cases[] = {{"{", true},      {" \r\n\t[1]", true},    {"\xEF\xBB\xBF\n[", true},
               {"", false},      {"  \n", false},         {"a,b\n{", false},
               {"\"{\"", false}, {"\xEF\xBB\xBF", false}, {"a{", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pur_rows rows;
    pur_error error;
    file_of(cases[i].text, strlen(cases[i].text));
    if (pur_rows_open(&rows, path, 0, &error) != PUR_OK) abort();
    EXPECT(pur_input_is_json(&rows.input) == cases[i].is_json, "%s", cases[i].text);
    pur_rows_close(&rows);
  }
}

/* A row of `length` bytes between two others, the first of which moves it along by `before`. */
static const char *long_story(size_t before, size_t length, bool is_quoted) {
  static char text[2 * MANY];
  char *to = text;
  memset(to, 'b', before);
  to = stpcpy(to + before, "\n");
  memset(to, is_quoted ? '\n' : 'x', length - 1);
  if (is_quoted) to[0] = to[length - 2] = '"';
  to[length - 1] = '\n';
  to = stpcpy(to + length, "last,\"row\"\n");
  return story_of(text, (size_t)(to - text));
}

/* The limit is the same wherever a window ends, and a row of many lines is one row up to there. */
static void test_long(void) {
  static const size_t befores[] = {19, 48 * 1024 - 1, 48 * 1024, 100 * 1024};
  for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
    char expected[200], first[32];
    const char *story;
    (void)snprintf(first, sizeof first, i == 0 ? "bbbbbbbbbbbbbbbbbbb" : "(%zu)", befores[i]);
    for (size_t length = 1500000; length <= PUR_ROW_MAX; length += PUR_ROW_MAX - 1500000) {
      story = long_story(befores[i], length, false);
      (void)snprintf(expected, sizeof expected, " 1:%s 2:(%zu) 3:last|row", first, length - 1);
      EXPECT(strcmp(story, expected) == 0, "%s instead of %s", story, expected);
      story = long_story(befores[i], length, true);
      (void)snprintf(expected, sizeof expected, " 1:%s 2:(%zu) %zu:last|row", first, length - 3,
                     length);
      EXPECT(strcmp(story, expected) == 0, "%s instead of %s", story, expected);
    }
    for (size_t length = PUR_ROW_MAX + 1; length <= MANY; length += MANY - PUR_ROW_MAX - 1) {
      story = long_story(befores[i], length, false);
      (void)snprintf(expected, sizeof expected, " 1:%s !2.0:a row of more than 4 MiB 3:last|row",
                     first);
      EXPECT(strcmp(story, expected) == 0, "%s instead of %s", story, expected);
    }
  }
}

/* A quote that is never closed costs its line alone, near the end or far from it. */
static void test_never_closed(void) {
  static char text[MANY];
  char *to = stpcpy(text, "a,b\n1,\"2\n");
  const char *story;
  while (to < text + MANY - 1) to = stpcpy(to, "\n");
  memcpy(to - 4, "3,4\n", 4);
  story = story_of(text, (size_t)(to - text));
  EXPECT(strncmp(story, " 1:a|b !2.2:a quoted field is never closed ", 43) == 0 &&
             strcmp(story + strlen(story) - 4, ":3|4") == 0,
         "%s", story);
}

/* A line without an end: its beginning is what there is of it, and then nothing. */
static void test_endless(void) {
  static char text[MANY];
  pur_rows rows;
  pur_error error;
  size_t length;
  memset(text, 'x', sizeof text);
  EXPECT(strcmp(story_of(text, sizeof text), " !1.0:a row of more than 4 MiB") == 0, "%s",
         story_of(text, sizeof text));
  file_of(text, sizeof text);
  if (pur_rows_open(&rows, path, ',', &error) != PUR_OK) abort();
  EXPECT(pur_rows_next(&rows, &error) == PUR_INVALID_CSV && rows.is_cut, "not cut");
  EXPECT(*pur_rows_text(&rows, &length) == 'x' && length > PUR_ROW_MAX && length < 3 * PUR_ROW_MAX,
         "%zu bytes", length);
  pur_rows_pass(&rows);
  EXPECT(rows.input.start == rows.input.end, "a line's rest looks like a row");
  EXPECT(pur_rows_next(&rows, &error) == PUR_END && rows.line == 1, "line %zu", rows.line);
  pur_rows_close(&rows);
}

/* A caller that takes two rows of three from the window itself meets the third at its line. */
static void test_pass_and_skip(void) {
  static char text[MANY];
  char *to = text;
  pur_rows rows;
  pur_error error;
  size_t line = 0;
  while (to < text + MANY - 4) to = stpcpy(to, "a\nb\n\n");
  file_of(text, (size_t)(to - text));
  if (pur_rows_open(&rows, path, ',', &error) != PUR_OK) abort();
  while (pur_rows_next(&rows, &error) == PUR_OK) {
    const char *field = pur_csv_get(&rows.row, 0)->text;
    EXPECT(rows.line > line && *field == (rows.line % 3 == 1 ? 'a' : 'b'), "line %zu: %c",
           rows.line, *field);
    line = rows.line;
    pur_rows_pass(&rows);
    EXPECT(rows.line == line + 1, "line %zu", rows.line);
    if (rows.input.end - rows.input.start >= 7 && line % 3 == 1)
      pur_rows_skip(&rows, strlen("b\n\na\n"), 3);
  }
  EXPECT(line == 3 * ((size_t)(to - text) / 5) - 1, "line %zu", line);
  pur_rows_close(&rows);
}

int main(void) {
  test_short();
  test_mark();
  test_json();
  test_long();
  test_never_closed();
  test_endless();
  test_pass_and_skip();
  return test_result();
}

/* table.h: the tables in files, whatever their first bytes, their length, and what cannot be read.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "map/table.h"
#include "test.h"

#define MANY ((size_t)9 << 20)
#define BLOCK ((size_t)64 * 1024)

static char path[32];

static void file_of(const char *text, size_t length) {
  static int file = -1;
  if (file >= 0) (void)close(file);
  file = memfd_create("table", 0);
  for (size_t done = 0; done < length;) {
    ssize_t put = write(file, text + done, length - done);
    if (put <= 0) abort();
    done += (size_t)put;
  }
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  (void)lseek(file, 0, SEEK_SET);
}

static char *tell_text(char *to, const char *text, size_t length) {
  if (length < 20) return to + snprintf(to, 100, "%.*s", (int)length, text);
  return to + snprintf(to, 100, "(%zu)", length);
}

/* Appends " LINE:FIELD|FIELD", or " !LINE.COLUMN:MESSAGE"; long fields are told by their length. */
static char *tell_row(char *to, pur_table *table, pur_status status, const pur_error *error) {
  pur_rows *rows = &table->rows;
  size_t line, column;
  if (status != PUR_OK) {
    pur_rows_place(rows, error->position, &line, &column);
    return to + snprintf(to, 200, " !%zu.%zu:%.150s", line, column, error->message);
  }
  to += snprintf(to, 200, " %zu:", rows->line);
  for (size_t i = 0; i < rows->row.count; i++) {
    const pur_csv_field *field;
    if (pur_rows_value(rows, i, &field, NULL) != PUR_OK) abort();
    if (i > 0) *to++ = '|';
    to = tell_text(to, field->text, field->length);
  }
  return to;
}

static void tell_rows(char *to, pur_table *table) {
  const char *end = to + 2000;
  pur_error error;
  pur_status status;
  *to = '\0';
  while ((status = pur_table_next(table, &error)) != PUR_END && to < end)
    to = tell_row(to, table, status, &error);
  EXPECT(to >= end || pur_table_next(table, &error) == PUR_END, "more behind the end");
}

/* The story of a file, read as the form says, in blocks of so many bytes: the header's line, the
 * delimiter, the names in brackets, and the rows, which are the same once it was rewound. */
static const char *story_of(const char *text, size_t length, const pur_form *form, size_t block) {
  static char story[3000], again[3000];
  char *to = story;
  pur_table table;
  pur_rows *rows = &table.rows;
  pur_error error;
  pur_status status;
  file_of(text, length);
  if (pur_table_open(&table, path, &error) != PUR_OK) abort();
  rows->input.block = block;
  status = pur_table_begin(&table, form, &error);
  if (status != PUR_OK) {
    (void)tell_row(to, &table, status, &error);
  } else {
    to += snprintf(to, 100, "%zu%c[", rows->line, rows->row.delimiter);
    for (size_t i = 0; table.names != NULL && i < table.width; i++) {
      if (i > 0) *to++ = '|';
      to = tell_text(to, table.names[i].text, table.names[i].length);
    }
    to = stpcpy(to, "]");
    tell_rows(to, &table);
    if (pur_table_rewind(&table, &error) != PUR_OK) abort();
    tell_rows(again, &table);
    EXPECT(strcmp(to, again) == 0, "%s, and then %s", to, again);
  }
  pur_table_close(&table);
  pur_table_close(&table);
  return story;
}

static void expect(const pur_form *form, const char *text, size_t length, const char *expected) {
  static const size_t blocks[] = {BLOCK, 1, 2, 7};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
    const char *story = story_of(text, length, form, blocks[i]);
    EXPECT(strcmp(story, expected) == 0, "\"%s\" of \"%s\" in blocks of %zu", story, text,
           blocks[i]);
  }
}

static void expect_story(const char *text, const char *expected) {
  expect(NULL, text, strlen(text), expected);
}

static void expect_form(pur_form form, const char *text, const char *expected) {
  expect(&form, text, strlen(text), expected);
}

static void test_short(void) {
  expect_story("", " !1.1:contains no purchases");
  expect_story("\n\r\n\n", " !4.1:contains no purchases");
  expect_story("a;b,c;d\n\n1;2;3\r\n4;5;6", "1;[a|b,c|d] 3:1|2|3 4:4|5|6");
  expect_story("\"a\n\nb\",c\nd,e\n", "1,[a\n\nb|c] 4:d|e");
  expect_story("a\nb\"c\nd,\"e\"f\ng\n", "1,[a] 2:b\"c !3.6:text after a closing quote 4:g");
  expect_story("a\n\"b\nc\nd\n", "1,[a] !2.1:a quoted field is never closed 3:c 4:d");
  expect_story("\"a\nb\n", " !1.1:a quoted field is never closed");
}

/* Quotes are undone, and so is what spreadsheets write to keep a text from becoming a number. */
static void test_values(void) {
  expect_story("a|b\n\"x\"\"y\"|=\"001\"\n", "1|[a|b] 2:x\"y|001");
  expect_story("a|b\n\"=\"\"001\"\"\"|=\"a\"\"b\"\n", "1|[a|b] 2:001|a\"b");
  expect_story("a|b\n=\"\"|\"=\"\"\"\"\"\n", "1|[a|b] 2:|");
  expect_story("a|b\n=\"a\"&\"b\"|\"=\"\"a\"\"&\"\"b\"\"\"\n",
               "1|[a|b] 2:=\"a\"&\"b\"|=\"a\"&\"b\"");
  expect_story("a|b\n=001|=\"\n", "1|[a|b] 2:=001|=\"");
  expect_story("a|b\nx\"y\"|=\"1\" \n", "1|[a|b] 2:x\"y\"|=\"1\" ");
}

/* What a file has between its rows, behind them, and behind its last column. */
static void test_no_rows(void) {
  expect_story("a;b\n;\n ;\t\n1;2\n*\n*;;\na;b\r\n*;x\n", "1;[a|b] 4:1|2 8:*|x");
  expect_story("\xEF\xBB\xBF"
               "a,b\n1,2\n\xEF\xBB\xBF"
               "a,b\n3,4\na,b",
               "1,[a|b] 2:1|2 4:3|4");
  expect_story("a,b\na,bc\n a,b\n", "1,[a|b] 2:a|bc 3: a|b");
  expect_story(";;\n*\na;b\n", "3;[a|b]");
  expect_story("a;b;;\n1;2;;\n3;4\n5;6; ;\t;\n", "1;[a|b||] 2:1|2|| 3:3|4|| 4:5|6| |\t|");
  expect_story(
      "a;b;c\n1;2\n1;2;3;4\n1;2;3;;5;\n6;7;8\n",
      "1;[a|b|c] !2.1:2 fields where the header has 3 !3.1:4 fields where the header has 3 "
      "!4.1:5 fields where the header has 3 5:6|7|8");
  expect_story("a;b;\n1;2;3\n1;2\n1;2;3;\n1\n",
               "1;[a|b|] 2:1|2|3 3:1|2| 4:1|2|3| !5.1:1 field where the header has 3");
  expect_story("a,b,\n1,2,3\n1,2\n1,2,3,\n1,2,,\n",
               "1,[a|b|] 2:1|2|3 3:1|2| !4.1:4 fields where the header has 3 5:1|2||");
  expect_form((pur_form){.no_header = true}, "1,2,\n1,2,3,\n1,2,3\n1,2\n",
              "1,[] 1:1|2| !2.1:4 fields where the first row has 3 3:1|2|3 !4.1:2 fields where the "
              "first row has 3");
}

static void test_header(void) {
  static const pur_text names[] = {{"x", 1}, {"y", 1}};
  const char *text = "\"Title\nsecond;x\n\nName ; \"\"\"Total\"\" \" ;\n1;2\n";
  expect_form((pur_form){.header = 4}, text, "4;[Name|\"\"\"Total\"\" \"|] 5:1|2|");
  expect_form((pur_form){.skip = 3}, text, "4;[Name|\"\"\"Total\"\" \"|] 5:1|2|");
  expect_form((pur_form){.header = 3}, text, " !3.1:line 3 has no header");
  expect_form((pur_form){.header = 6}, text,
              " !6.1:contains no purchases: it ends before the line that header or "
              "skip names");
  expect_form((pur_form){.header = 9}, text,
              " !6.1:contains no purchases: it ends before the line that header or "
              "skip names");
  expect_form((pur_form){.header = 4, .names = names, .name_count = 2}, text, "4;[x|y] 5:1|2");
  expect_form((pur_form){.no_header = true}, "1|2|\n\n3|4|5\n6|7|8|\n9\n",
              "1|[] 1:1|2| 3:3|4|5 4:6|7|8| !5.1:1 field where the "
              "first row has 3");
  expect_form((pur_form){.no_header = true, .skip = 2}, "\"a;b\n*\n1,2\n1,2\n", "3,[] 3:1|2 4:1|2");
  expect_form(
      (pur_form){.no_header = true, .names = names, .name_count = 2}, "1;2;\n3;4;5\n6\n",
      "1;[x|y] 1:1|2| !2.1:3 fields where the names are 2 !3.1:1 field where the names are 2");
  expect_form((pur_form){.no_header = true, .skip = 2}, "a\nb\n",
              " !3.1:contains no purchases: it ends before the line that header or "
              "skip names");
  expect_story("\"Name\"\"s\", Total,\"=\"\"7\"\"\"\n1,2,3\n", "1,[Name\"s|Total|7] 2:1|2|3");
}

/* The delimiter that a file's first line says. */
static void test_said_delimiter(void) {
  static const char *const lines[] = {"sep=|\n", "sep=|\r\n", "\"sep=|\"\r\n", "SEP=|\n",
                                      "\xEF\xBB\xBFsep=|\n"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    char text[100];
    (void)snprintf(text, sizeof text, "%sa,b|c,d\n1|2\n", lines[i]);
    expect_story(text, "2|[a,b|c,d] 3:1|2");
    expect_form((pur_form){.header = 2}, text, "2|[a,b|c,d] 3:1|2");
    expect_form((pur_form){.no_header = true, .skip = 2}, text, "3|[] 3:1|2");
    expect_form((pur_form){.no_header = true}, text, "2|[] 2:a,b|c,d 3:1|2");
  }
  expect_form((pur_form){.delimiter = ','}, "sep=;\na,b\n1,2\n", "2,[a|b] 3:1|2");
  expect_form((pur_form){.delimiter = 'x'}, "a;xb\n1x2\n", "1x[a;|b] 2:1|2");
  expect_story("sep=\"\n1\n", "1,[sep=\"] 2:1");
  expect_story("sep=;x\n1;2\n", "1;[sep=|x] 2:1|2");
}

/* The delimiter that a header has. */
static void test_delimiter(void) {
  static const struct {
    const char *header;
    char delimiter;
  } cases[] = {
      {"datetime,purchase\n", ','},
      {"datetime;purchase\n", ';'},
      {"datetime\tpurchase\r\n", '\t'},
      {"datetime;\"purchase, in MW, net\"\n", ';'},
      {"datetime;purchase\n1,2,3,4\n", ';'},
      {"\"a;b;c\";d;\"e\nf\";g,h\n", ';'},
      {"datetime", ','},
      {"a,b;c\n", ','},
      {"a|b|c\n", '|'},
      {"a|b|c;d\n", ';'},
      {"\"a;b\"|c\n", '|'},
      {"5\" wide;b;c\n1,2,3,4,5,6,7\n", ';'},
      {"\"a\"\",,,,\";b\n", ';'},
      {"\r\n\na;b\n", ';'},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *story = story_of(cases[i].header, strlen(cases[i].header), NULL, BLOCK);
    EXPECT(story[1] == cases[i].delimiter, "%s: %s", cases[i].header, story);
  }
}

static void test_blank(void) {
  static const char *const blank[] = {"\n",        "\r\n",  ",\n", " \n",
                                      ", ,\t\r\n", "\"\",", "*",   "*, ,\n"};
  static const char *const full[] = {"a", ",a\n", "**", "*,a", ",*", "\" a\"", "0\n"};
  char text[30];
  for (size_t i = 0; i < sizeof blank / sizeof *blank; i++) {
    (void)snprintf(text, sizeof text, "a,,\n%s", blank[i]);
    expect_story(text, "1,[a||]");
  }
  for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
    const char *story;
    (void)snprintf(text, sizeof text, "a,,\n%s", full[i]);
    story = story_of(text, strlen(text), NULL, BLOCK);
    EXPECT(strncmp(story, "1,[a||] 2:", 10) == 0, "%s is no row: %s", full[i], story);
  }
}

/* One mark is skipped, where the file begins; any other is text. */
static void test_mark(void) {
  expect_story("\xEF\xBB\xBF\"a\",b\n1,2\n", "1,[a|b] 2:1|2");
  expect_story("\xEF\xBB\xBF\xEF\xBB\xBFx\n\xEF\xBB\xBFy\n", "1,[\xEF\xBB\xBFx] 2:\xEF\xBB\xBFy");
  expect_story("\xEF\xBB\xBF", " !1.1:contains no purchases");
  expect_story("\xEF\xBB\n", "1,[\xEF\xBB]");
}

/* Lines and columns are those of the file's text, whatever its bytes. */
static void test_encodings(void) {
  static const char wide[] = "\xFF\xFE"
                             "a\0;\0b\0\n\0\xF1\0\n\0\"\0\xAC\x20\"\0\"\0\"\0;\0"
                             "1\0\n\0"
                             "\xF1\0\x3D\xD8\x00\xDE;\0\"\0x\0\"\0y";
  expect_form((pur_form){.encoding = PUR_ENCODING_WINDOWS_1252}, "a\xF1o;b\n\x80;\x93x\x94\n",
              "1;[a\u00F1o|b] 2:\u20AC|\u201Cx\u201D");
  expect_form((pur_form){.encoding = PUR_ENCODING_WINDOWS_1252}, "a;b\n\xF1\xF1;\"x\"y\n",
              "1;[a|b] !2.7:text after a closing quote");
  expect(
      NULL, wide, sizeof wide,
      "1;[a|b] !2.1:1 field where the header has 2 3:\u20AC\"|1 !4.7:text after a closing quote");
}

static void test_json(void) {
  static const struct {
    const char *text;
    bool is_json;
  } cases[] = {{"{", true},      {" \r\n\t[1]", true},    {"\xEF\xBB\xBF\n[", true},
               {"", false},      {"  \n", false},         {"a,b\n{", false},
               {"\"{\"", false}, {"\xEF\xBB\xBF", false}, {"a{", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pur_input input;
    pur_error error;
    file_of(cases[i].text, strlen(cases[i].text));
    if (pur_input_open(&input, path, &error) != PUR_OK) abort();
    if (pur_input_begin(&input, PUR_ENCODING_ANY, &error) != PUR_OK) abort();
    EXPECT(pur_input_is_json(&input) == cases[i].is_json, "%s", cases[i].text);
    pur_input_close(&input);
  }
}

/* A row of `length` bytes behind a header that moves it along by `before`, and before another. */
static const char *long_story(size_t before, size_t length, bool is_quoted) {
  static char text[2 * MANY];
  char *to = text;
  memset(to, 'b', before);
  to = stpcpy(to + before, "\n");
  memset(to, is_quoted ? '\n' : 'x', length - 1);
  if (is_quoted) to[0] = to[length - 2] = '"';
  to[length - 1] = '\n';
  to = stpcpy(to + length, "\"last\"\n");
  return story_of(text, (size_t)(to - text), NULL, BLOCK);
}

/* The limit is the same wherever a window ends, and a row of many lines is one row up to there. */
static void test_long(void) {
  static const size_t befores[] = {19, 48 * 1024 - 1, 48 * 1024, 100 * 1024};
  for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
    char expected[200];
    const char *story;
    for (size_t length = 1500000; length <= PUR_ROW_MAX; length += PUR_ROW_MAX - 1500000) {
      story = long_story(befores[i], length, false);
      (void)snprintf(expected, sizeof expected, "] 2:(%zu) 3:last", length - 1);
      EXPECT(strcmp(strchr(story, ']'), expected) == 0, "%s instead of %s", story, expected);
      story = long_story(befores[i], length, true);
      (void)snprintf(expected, sizeof expected, "] 2:(%zu) %zu:last", length - 3, length);
      EXPECT(strcmp(strchr(story, ']'), expected) == 0, "%s instead of %s", story, expected);
    }
    for (size_t length = PUR_ROW_MAX + 1; length <= MANY; length += MANY - PUR_ROW_MAX - 1) {
      story = long_story(befores[i], length, false);
      (void)snprintf(expected, sizeof expected, "] !2.1:a row of more than 4 MiB 3:last");
      EXPECT(strcmp(strchr(story, ']'), expected) == 0, "%s instead of %s", story, expected);
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
  story = story_of(text, (size_t)(to - text), NULL, BLOCK);
  EXPECT(strncmp(story, "1,[a|b] !2.3:a quoted field is never closed ", 43) == 0 &&
             strcmp(story + strlen(story) - 4, ":3|4") == 0,
         "%s", story);
}

/* A line without an end: its beginning is what there is of it, and then nothing. */
static void test_endless(void) {
  static char text[MANY];
  const pur_form form = {.no_header = true, .names = (const pur_text[]){{"a", 1}}, .name_count = 1};
  pur_table table;
  pur_rows *rows = &table.rows;
  pur_error error;
  size_t length;
  memset(text, 'x', sizeof text);
  EXPECT(strcmp(story_of(text, sizeof text, &form, BLOCK), "1,[a] !1.1:a row of more than 4 MiB") ==
             0,
         "%s", story_of(text, sizeof text, &form, BLOCK));
  EXPECT(strcmp(story_of(text, sizeof text, NULL, BLOCK), " !1.1:a row of more than 4 MiB") == 0,
         "%s", story_of(text, sizeof text, NULL, BLOCK));
  file_of(text, sizeof text);
  if (pur_table_open(&table, path, &error) != PUR_OK) abort();
  if (pur_table_begin(&table, &form, &error) != PUR_OK) abort();
  EXPECT(pur_table_next(&table, &error) == PUR_INVALID_CSV && rows->is_cut, "not cut");
  EXPECT(*pur_rows_text(rows, &length) == 'x' && length > PUR_ROW_MAX && length < 3 * PUR_ROW_MAX,
         "%zu bytes", length);
  pur_rows_pass(rows);
  EXPECT(rows->input.start == rows->input.end, "a line's rest looks like a row");
  EXPECT(pur_table_next(&table, &error) == PUR_END && rows->line == 1, "line %zu", rows->line);
  pur_table_close(&table);
}

/* A caller that takes two rows of three from the window itself meets the third at its line. */
static void test_pass_and_skip(void) {
  static char text[MANY];
  char *to = text;
  pur_table table;
  pur_rows *rows = &table.rows;
  pur_error error;
  size_t line = 0;
  const pur_form form = {.no_header = true};
  while (to < text + MANY - 4) to = stpcpy(to, "a\nb\n\n");
  file_of(text, (size_t)(to - text));
  if (pur_table_open(&table, path, &error) != PUR_OK) abort();
  if (pur_table_begin(&table, &form, &error) != PUR_OK) abort();
  while (pur_table_next(&table, &error) == PUR_OK) {
    const char *field = pur_csv_get(&rows->row, 0)->text;
    EXPECT(rows->line > line && *field == (rows->line % 3 == 1 ? 'a' : 'b'), "line %zu: %c",
           rows->line, *field);
    line = rows->line;
    pur_rows_pass(rows);
    EXPECT(rows->line == line + 1, "line %zu", rows->line);
    if (rows->input.end - rows->input.start >= 7 && line % 3 == 1)
      pur_rows_skip(rows, strlen("b\n\na\n"), 3);
  }
  EXPECT(line == 3 * ((size_t)(to - text) / 5) - 1, "line %zu", line);
  pur_table_close(&table);
}

/* Lines before the header may be as long as a row, all together. */
static void test_long_preamble(void) {
  static char text[MANY];
  const pur_form form = {.header = 3};
  static const size_t lengths[] = {1000, BLOCK - 1, BLOCK, 4000000, MANY / 2, MANY - 20};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    size_t length = lengths[i];
    const char *story, *expected = length < PUR_ROW_MAX
                                       ? "3,[a|b] 4:1|2"
                                       : " !1.1:the lines up to the header have more than 4 MiB";
    memset(text, '"', length);
    (void)strcpy(text + length, "\n\na,b\n1,2\n");
    story = story_of(text, length + 10, &form, BLOCK);
    EXPECT(strcmp(story, expected) == 0, "%s", story);
  }
}

int main(void) {
  test_short();
  test_values();
  test_no_rows();
  test_header();
  test_said_delimiter();
  test_delimiter();
  test_blank();
  test_mark();
  test_encodings();
  test_long_preamble();
  test_json();
  test_long();
  test_never_closed();
  test_endless();
  test_pass_and_skip();
  return test_result();
}

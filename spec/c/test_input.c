/* input.h: files, pipes and standard input, in any encoding, read once or twice. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/input.h"
#include "test.h"

#define BLOCK ((size_t)64 * 1024)

static char path[] = "/tmp/test_input_XXXXXX";

static void write_file(const char *data, size_t length) {
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(data, 1, length, file) != length || fclose(file) != 0) abort();
}

static char *make_text(size_t length) {
  char *text = malloc(length + 1);
  if (text == NULL) abort();
  for (size_t i = 0; i < length; i++) text[i] = (char)('0' + test_random() % 75);
  return text;
}

static size_t unread(const pur_input *input) {
  return (size_t)(input->end - input->start);
}

/* `at`: how much of the text was given up. */
static void expect_window(const pur_input *input, const char *text, size_t length, size_t at) {
  EXPECT(at + unread(input) <= length, "the window ends at %zu of %zu", at + unread(input), length);
  EXPECT(memcmp(input->start, text + at, unread(input)) == 0, "%zu bytes at %zu differ",
         unread(input), at);
  for (size_t i = 0; i < PUR_INPUT_SLACK; i++)
    EXPECT(input->end[i] == 0, "byte %zu behind the window is %d", i, input->end[i]);
}

/* Reads to the end, giving up random parts of the window. */
static void read_all(pur_input *input, const char *text, size_t length) {
  pur_error error;
  pur_status status;
  size_t at = 0;
  while ((status = pur_input_more(input, &error)) == PUR_OK) {
    size_t all = unread(input), skip = test_random() % 3 == 0 ? all : test_random() % (all + 1);
    expect_window(input, text, length, at);
    pur_input_skip(input, skip);
    at += skip;
  }
  EXPECT(status == PUR_END && input->last, "%s", pur_status_name(status));
  EXPECT(at + unread(input) == length, "%zu of %zu bytes", at + unread(input), length);
  expect_window(input, text, length, at);
  EXPECT(pur_input_more(input, &error) == PUR_END, "more after the end");
}

static void open_input(pur_input *input, const char *name) {
  pur_error error;
  EXPECT(pur_input_open(input, name, &error) == PUR_OK, "%s", error.message);
}

static void test_sizes(void) {
  static const size_t sizes[] = {
      0, 1, 63, 64, 65, 1000, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK, 3 * BLOCK + 777};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char *text = make_text(sizes[i]);
    pur_input input;
    pur_error error;
    write_file(text, sizes[i]);
    open_input(&input, path);
    EXPECT(pur_input_size(&input) == sizes[i], "%zu bytes", (size_t)pur_input_size(&input));
    read_all(&input, text, sizes[i]);
    pur_input_close(&input);
    open_input(&input, path);
    EXPECT(pur_input_all(&input, &error) == PUR_OK, "%s", error.message);
    EXPECT(unread(&input) == sizes[i], "%zu of %zu bytes", unread(&input), sizes[i]);
    expect_window(&input, text, sizes[i], 0);
    pur_input_close(&input);
    free(text);
  }
}

/* An input that was never opened, or was closed, is empty. */
static void test_nothing(void) {
  pur_input input;
  pur_input_init(&input);
  EXPECT(pur_input_more(&input, NULL) == PUR_END && unread(&input) == 0, "not empty");
  pur_input_close(&input);
  write_file("text", 4);
  open_input(&input, path);
  EXPECT(pur_input_more(&input, NULL) == PUR_OK && unread(&input) == 4, "%zu", unread(&input));
  pur_input_close(&input);
  pur_input_close(&input);
  EXPECT(pur_input_more(&input, NULL) == PUR_END && unread(&input) == 0, "not empty");
}

/* An open file is the old one, whatever has its name now. */
static void test_replaced(void) {
  char *text = make_text(BLOCK + 5);
  pur_input input;
  write_file(text, BLOCK + 5);
  open_input(&input, path);
  if (remove(path) != 0) abort();
  write_file("other", 5);
  read_all(&input, text, BLOCK + 5);
  pur_input_close(&input);
  free(text);
}

static int open_files(void) {
  int count = 0;
  for (int file = 0; file < 200; file++) count += fcntl(file, F_GETFD) != -1;
  return count;
}

static void test_unreadable(void) {
  static const char *const paths[] = {"/", "/nowhere/at/all", ""};
  int before = open_files();
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    pur_input input;
    pur_error error;
    EXPECT(pur_input_open(&input, paths[i], &error) == PUR_FILE_UNREADABLE, "%s", paths[i]);
    EXPECT(strstr(error.message, "cannot read") != NULL, "%s", error.message);
    pur_input_close(&input);
  }
  EXPECT(open_files() == before, "%d files more", open_files() - before);
}

static void read_standard_input(const char *text, size_t length) {
  int before = open_files();
  pur_input input;
  open_input(&input, "-");
  EXPECT((fcntl(input.file, F_GETFD) & FD_CLOEXEC) != 0, "children inherit the file");
  read_all(&input, text, length);
  pur_input_close(&input);
  EXPECT(open_files() == before, "%d files more", open_files() - before);
}

/* Has a child fill a pipe at its leisure, which is standard input. */
static char *fill_pipe(size_t length) {
  char *text = make_text(length);
  int ends[2];
  if (pipe(ends) != 0) abort();
  if (fork() == 0) {
    for (size_t at = 0; at < length; at += 7000) {
      size_t size = length - at < 7000 ? length - at : 7000;
      if (write(ends[1], text + at, size) != (ssize_t)size) _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  if (dup2(ends[0], STDIN_FILENO) < 0) abort();
  close(ends[0]);
  return text;
}

static void test_pipe(size_t length) {
  char *text = fill_pipe(length);
  read_standard_input(text, length);
  free(text);
}

/* A pipe is kept, a megabyte a call, in a file without a name, and read as often as one likes. */
static void test_keep(void) {
  static const size_t sizes[] = {0, 1, BLOCK, 16 * BLOCK, 50 * BLOCK + 1};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    int before = open_files();
    char *text = fill_pipe(sizes[i]);
    size_t calls = 0;
    bool is_kept = false;
    pur_input input;
    pur_error error;
    open_input(&input, "-");
    EXPECT(pur_input_size(&input) == 0, "%zu bytes", (size_t)pur_input_size(&input));
    for (; !is_kept; calls++)
      if (pur_input_keep(&input, &is_kept, &error) != PUR_OK) abort();
    EXPECT(calls == sizes[i] / (16 * BLOCK) + 1, "%zu calls", calls);
    EXPECT(pur_input_size(&input) == sizes[i], "%zu bytes", (size_t)pur_input_size(&input));
    for (int round = 0; round < 3; round++) {
      if (pur_input_begin(&input, PUR_ENCODING_ANY, &error) != PUR_OK) abort();
      read_all(&input, text, sizes[i]);
      EXPECT(pur_input_rewind(&input, &error) == PUR_OK, "%s", error.message);
    }
    pur_input_close(&input);
    EXPECT(open_files() == before, "%d files more", open_files() - before);
    free(text);
  }
}

/* Nowhere to keep a pipe, no room there, and a pipe that was not kept. */
static void test_not_kept(void) {
  int before = open_files();
  char *text = fill_pipe(3 * BLOCK);
  const struct rlimit small = {BLOCK, RLIM_INFINITY};
  struct rlimit usual;
  bool is_kept;
  pur_input input;
  pur_error error;
  open_input(&input, "-");
  EXPECT(pur_input_rewind(&input, &error) == PUR_FILE_UNREADABLE, "a pipe was rewound");
  if (setenv("TMPDIR", "/nowhere/at/all", 1) != 0) abort();
  EXPECT(pur_input_keep(&input, &is_kept, &error) == PUR_FILE_UNREADABLE &&
             strstr(error.message, "No such file") != NULL,
         "%s", error.message);
  if (setenv("TMPDIR", "/tmp", 1) != 0) abort();
  (void)signal(SIGXFSZ, SIG_IGN);
  if (getrlimit(RLIMIT_FSIZE, &usual) != 0 || setrlimit(RLIMIT_FSIZE, &small) != 0) abort();
  EXPECT(pur_input_keep(&input, &is_kept, &error) == PUR_FILE_UNREADABLE &&
             strstr(error.message, "cannot be kept in a temporary file") != NULL && !is_kept,
         "%s", error.message);
  if (setrlimit(RLIMIT_FSIZE, &usual) != 0) abort();
  pur_input_close(&input);
  EXPECT(open_files() == before, "%d files more", open_files() - before);
  free(text);
}

/* What was written to between two readings is not the same file. */
static void test_changed(void) {
  pur_input input;
  pur_error error;
  bool is_kept;
  write_file("text", 4);
  open_input(&input, path);
  if (pur_input_keep(&input, &is_kept, &error) != PUR_OK || !is_kept) abort();
  read_all(&input, "text", 4);
  write_file("other", 5);
  EXPECT(pur_input_rewind(&input, &error) == PUR_FILE_UNREADABLE, "not noticed");
  EXPECT(strcmp(error.message, "was changed while it was read") == 0, "%s", error.message);
  pur_input_close(&input);
}

/* A file, from the place where it stands, of which another program has read the beginning. */
static void test_standard_input_file(void) {
  char *text = make_text(BLOCK + 100);
  pur_input input;
  pur_error error;
  int file;
  write_file(text, BLOCK + 100);
  file = open(path, O_RDONLY);
  if (file < 0 || dup2(file, STDIN_FILENO) < 0) abort();
  close(file);
  read_standard_input(text, BLOCK + 100);
  if (lseek(STDIN_FILENO, 33, SEEK_SET) != 33) abort();
  read_standard_input(text + 33, BLOCK + 100 - 33);
  if (lseek(STDIN_FILENO, 0, SEEK_END) < 0) abort();
  read_standard_input("", 0);
  if (lseek(STDIN_FILENO, 33, SEEK_SET) != 33) abort();
  open_input(&input, "-");
  read_all(&input, text + 33, BLOCK + 100 - 33);
  if (pur_input_rewind(&input, &error) != PUR_OK) abort();
  read_all(&input, text + 33, BLOCK + 100 - 33);
  pur_input_close(&input);
  free(text);
}

static void test_null_device(void) {
  pur_input input;
  pur_error error;
  open_input(&input, "/dev/null");
  EXPECT(pur_input_more(&input, &error) == PUR_END && unread(&input) == 0, "%zu", unread(&input));
  pur_input_close(&input);
}

/* Files that say by their first bytes that they are no text, or in which encoding. */
static void test_begin(void) {
  static const char excel[] = "is an Excel workbook: save it as CSV (UTF-8)";
  static const char html[] =
      "is an HTML page, whatever its name: open it in a spreadsheet and save "
      "it as CSV (UTF-8)";
  static const struct {
    const char *bytes;
    size_t length;
    pur_encoding said;
    const char *text; /* what is read, or why not */
    bool is_refused;
  } cases[] = {
#define OF(bytes) bytes, sizeof(bytes) - 1
      {OF(""), 0, "", false},
      {OF("a"), 0, "a", false},
      {OF("\xEF\xBB\xBF"), 0, "", false},
      {OF("\xEF\xBB\xBF"
          "a"),
       PUR_ENCODING_UTF8, "a", false},
      {OF("\xFF\xFE"
          "a\0\xE9\0"),
       0, "a\u00E9", false},
      {OF("\xFE\xFF"
          "\0a\0\xE9"),
       PUR_ENCODING_UTF16, "a\u00E9", false},
      {OF("a\0\xE9\0"), PUR_ENCODING_UTF16, "a\u00E9", false},
      {OF("\0a\0\xE9"), PUR_ENCODING_UTF16, "a\u00E9", false},
      {OF("\xAC\x20"), PUR_ENCODING_UTF16, "\u20AC", false},
      {OF("\x80"), PUR_ENCODING_WINDOWS_1252, "\u20AC", false},
      {OF("PK"), 0, "PK", false},
      {OF("PK\3\4....[Content_Types].xml"), 0, excel, true},
      {OF("PK\3\4....xl/workbook.xml"), PUR_ENCODING_UTF16, excel, true},
      {OF("PK\3\4....sales.csv"), 0, "is a zip file: unpack it first (unzip -p FILE | ... -)",
       true},
      {OF("PK\3\4....mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), 0,
       "is a LibreOffice workbook: save it as CSV (UTF-8)", true},
      {OF("PK\5\6........"), 0, "is a zip file, and empty", true},
      {OF("<html><body><table>"), 0, html, true},
      {OF("\r\n <TABLE border=1>"), PUR_ENCODING_WINDOWS_1252, html, true},
      {OF("\xEF\xBB\xBF<html>"), 0, html, true},
      {OF("<!DOCTYPE HTML PUBLIC>\n<HTML>"), 0, html, true},
      {OF("<DATE>,<OPEN>\n"), 0, "<DATE>,<OPEN>\n", false},
      {OF("a,<table>\n"), 0, "a,<table>\n", false},
      {OF("<?xml version=\"1.0\"?><Workbook "
          "xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">"),
       0, excel, true},
      {OF("<?xml version=\"1.0\"?><GL_MarketDocument>"), 0, "is XML: get its rows as CSV or JSON",
       true},
      {OF("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...."), 0, excel, true},
      {OF("\x1F\x8B\x08"), PUR_ENCODING_WINDOWS_1252,
       "is gzip: unpack it first (zcat FILE | ... -)", true},
      {OF("%PDF-1.7"), 0, "is a PDF: get the table that it shows as CSV", true},
      {OF("a\0,\0b\0"), 0, "is UTF-16 without a byte order mark: say encoding = \"utf16\"", true},
      {OF("\0a\0,\0b"), PUR_ENCODING_WINDOWS_1252,
       "is UTF-16 without a byte order mark: say encoding = \"utf16\"", true},
      {OF("\xEF\xBB\xBF"
          "a"),
       PUR_ENCODING_WINDOWS_1252,
       "has the byte order mark of utf8, and its encoding is said to be windows-1252: do not say "
       "it",
       true},
      {OF("\xFF\xFE"
          "a\0"),
       PUR_ENCODING_UTF8,
       "has the byte order mark of utf16, and its encoding is said to be utf8: do not say it",
       true},
#undef OF
  };
  for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
    size_t n = i / 2;
    pur_input input;
    pur_error error = {0};
    pur_status status;
    write_file(cases[n].bytes, cases[n].length);
    open_input(&input, path);
    if (i % 2 != 0) input.block = 1;
    status = pur_input_begin(&input, cases[n].said, &error);
    EXPECT(status == (cases[n].is_refused ? PUR_NOT_TEXT : PUR_OK), "case %zu: %s", n,
           error.message);
    if (status == PUR_OK) {
      if (pur_input_begin(&input, cases[n].said, &error) != PUR_OK) abort();
      if (pur_input_all(&input, &error) != PUR_OK) abort();
      expect_window(&input, cases[n].text, strlen(cases[n].text), 0);
      EXPECT(unread(&input) == strlen(cases[n].text), "case %zu: %zu bytes", n, unread(&input));
    } else {
      EXPECT(strcmp(error.message, cases[n].text) == 0, "case %zu: %s", n, error.message);
    }
    pur_input_close(&input);
  }
}

/* A large file in another encoding, whose characters are split wherever blocks end. */
static void test_decode(void) {
  enum { COUNT = 3 * 64 * 1024 };
  static char bytes[COUNT], text[3 * COUNT];
  static const size_t blocks[] = {BLOCK, 1, 3, 1000, 1001};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
    pur_encoding encoding = i % 2 == 0 ? PUR_ENCODING_UTF16_LE : PUR_ENCODING_WINDOWS_1252;
    size_t length = COUNT, used;
    pur_input input;
    pur_error error;
    for (size_t at = 0; at < COUNT; at++)
      bytes[at] = (char)(test_random() % 4 == 0                                 ? test_random()
                         : encoding == PUR_ENCODING_WINDOWS_1252 || at % 2 == 0 ? 'a'
                                                                                : 0);
    memcpy(bytes, "a\0b", 4);
    used = pur_encoding_decode(encoding, bytes, &length, true, text);
    write_file(bytes, COUNT);
    open_input(&input, path);
    input.block = blocks[i];
    if (pur_input_begin(&input, i % 2 == 0 ? PUR_ENCODING_UTF16 : encoding, &error) != PUR_OK)
      abort();
    for (int round = 0; round < 2; round++) {
      read_all(&input, text, used);
      EXPECT(pur_input_rewind(&input, &error) == PUR_OK, "%s", error.message);
    }
    pur_input_close(&input);
  }
}

/* Memory stays what the window needs. */
static void test_bounds(void) {
  char *text = make_text(40 * BLOCK);
  pur_input input;
  pur_error error;
  write_file(text, 40 * BLOCK);
  open_input(&input, path);
  while (pur_input_more(&input, &error) == PUR_OK) pur_input_skip(&input, unread(&input) - 30);
  EXPECT(input.window.capacity < 3 * BLOCK, "%zu bytes", input.window.capacity);
  pur_input_close(&input);
  free(text);
}

int main(void) {
  int file = mkstemp(path);
  if (file < 0) abort();
  close(file);
  test_sizes();
  test_nothing();
  test_replaced();
  test_unreadable();
  test_pipe(0);
  test_pipe(1);
  test_pipe(BLOCK);
  test_pipe(500000);
  test_standard_input_file();
  test_null_device();
  test_begin();
  test_decode();
  test_keep();
  test_not_kept();
  test_changed();
  test_bounds();
  if (remove(path) != 0) abort();
  return test_result();
}

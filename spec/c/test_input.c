/* input.h: files, pipes and standard input, read forward once. */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
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

/* A pipe, which a child fills at its leisure. */
static void test_pipe(size_t length) {
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
  read_standard_input(text, length);
  free(text);
}

/* A file, from the place where it stands, of which another program has read the beginning. */
static void test_standard_input_file(void) {
  char *text = make_text(BLOCK + 100);
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
  free(text);
}

static void test_null_device(void) {
  pur_input input;
  pur_error error;
  open_input(&input, "/dev/null");
  EXPECT(pur_input_more(&input, &error) == PUR_END && unread(&input) == 0, "%zu", unread(&input));
  pur_input_close(&input);
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
  test_bounds();
  if (remove(path) != 0) abort();
  return test_result();
}

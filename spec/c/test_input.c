/* input.h: files read forward, anywhere, and again; and proof that they are the same. */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/input.h"
#include "test.h"

#define BLOCK ((size_t)128 * 1024)

static char path[] = "/tmp/test_input_XXXXXX";

static void write_file(const char *data, size_t length) {
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(data, 1, length, file) != length || fclose(file) != 0) abort();
}

/* Changes bytes in place. */
static void patch(size_t offset, const char *data, size_t length) {
  int file = open(path, O_WRONLY);
  if (file < 0 || pwrite(file, data, length, (off_t)offset) != (ssize_t)length || close(file) != 0)
    abort();
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

static void expect_window(const pur_input *input, const char *text, size_t length) {
  EXPECT(input->offset + unread(input) <= length, "the window ends at %zu of %zu",
         (size_t)input->offset + unread(input), length);
  EXPECT(memcmp(input->start, text + input->offset, unread(input)) == 0, "%zu bytes at %zu differ",
         unread(input), (size_t)input->offset);
  for (size_t i = 0; i < PUR_INPUT_SLACK; i++)
    EXPECT(input->end[i] == 0, "byte %zu behind the window is %d", i, input->end[i]);
}

/* Reads to the end, giving up random parts of the window. */
static void read_all(pur_input *input, const char *text, size_t length) {
  pur_error error;
  pur_status status;
  while ((status = pur_input_more(input, &error)) == PUR_OK) {
    size_t all = unread(input);
    expect_window(input, text, length);
    pur_input_skip(input, test_random() % 3 == 0 ? all : test_random() % (all + 1));
  }
  EXPECT(status == PUR_END && input->last, "%s", pur_status_name(status));
  EXPECT(input->offset + unread(input) == length, "%zu of %zu bytes",
         (size_t)input->offset + unread(input), length);
  expect_window(input, text, length);
  EXPECT(pur_input_more(input, &error) == PUR_END, "more after the end");
}

static void read_anywhere(pur_input *input, const char *text, size_t length) {
  for (int i = 0; i < 50 && length > 0; i++) {
    uint64_t offset = test_random() % length;
    pur_error error;
    pur_status status = pur_input_seek(input, offset, &error);
    EXPECT(status == PUR_OK, "byte %zu of %zu: %s", (size_t)offset, length, error.message);
    EXPECT(input->offset == offset && unread(input) > 0, "at %zu", (size_t)input->offset);
    expect_window(input, text, length);
    while (test_random() % 3 != 0 && status == PUR_OK) status = pur_input_more(input, &error);
    EXPECT(status == PUR_OK || status == PUR_END, "%s", error.message);
    expect_window(input, text, length);
  }
}

static void test_sizes(void) {
  static const size_t sizes[] = {
      0, 1, 63, 64, 65, 1000, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK, 3 * BLOCK + 77777};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char *text = make_text(sizes[i]);
    pur_input input;
    pur_error error;
    write_file(text, sizes[i]);
    EXPECT(pur_input_open(&input, path, &error) == PUR_OK, "%s", error.message);
    read_all(&input, text, sizes[i]);
    read_anywhere(&input, text, sizes[i]);
    if (sizes[i] > 0) {
      EXPECT(pur_input_seek(&input, 0, &error) == PUR_OK, "%s", error.message);
      EXPECT(pur_input_all(&input, &error) == PUR_OK, "%s", error.message);
      EXPECT(unread(&input) == sizes[i], "%zu of %zu bytes", unread(&input), sizes[i]);
      expect_window(&input, text, sizes[i]);
    }
    pur_input_close(&input);
    free(text);
  }
}

static void test_memory(void) {
  static const char text[10 + PUR_INPUT_SLACK] = "0123456789";
  pur_input input;
  pur_input_open_memory(&input, text, 10);
  EXPECT(input.last && unread(&input) == 10, "%zu bytes", unread(&input));
  EXPECT(pur_input_more(&input, NULL) == PUR_END, "more than all");
  pur_input_skip(&input, 7);
  EXPECT(input.offset == 7 && *input.start == '7', "at %c", *input.start);
  EXPECT(pur_input_seek(&input, 3, NULL) == PUR_OK && *input.start == '3', "at %c", *input.start);
  EXPECT(input.offset == 3 && unread(&input) == 7, "%zu bytes", unread(&input));
  pur_input_close(&input);
}

/* Changes */

/* Reads the file as it was, and lets it be changed: then it reads as before or says so. */
static pur_status read_again(pur_input *input, const char *text, size_t length) {
  pur_error error;
  pur_status status;
  input->start = input->end; /* what is in the window was proved before */
  status = pur_input_seek(input, 0, &error);
  while (status == PUR_OK) {
    expect_window(input, text, length);
    pur_input_skip(input, unread(input));
    status = pur_input_more(input, &error);
  }
  if (status == PUR_END)
    EXPECT(input->offset == length, "%zu of %zu bytes", (size_t)input->offset, length);
  return status;
}

static void open_and_read(pur_input *input, const char *text, size_t length) {
  pur_error error;
  EXPECT(pur_input_open(input, path, &error) == PUR_OK, "%s", error.message);
  read_all(input, text, length);
}

static void expect_changed(pur_input *input, const char *text, size_t length, const char *how) {
  pur_status status = read_again(input, text, length);
  EXPECT(status == PUR_FILE_CHANGED, "%s: %s", how, pur_status_name(status));
}

/* No change of one byte goes unnoticed, whichever it is and whatever it becomes. */
static void test_every_byte(void) {
  enum { SIZE = 500 };
  char *text = make_text(SIZE);
  pur_input input;
  write_file(text, SIZE);
  open_and_read(&input, text, SIZE);
  for (size_t at = 0; at < SIZE; at++)
    for (unsigned byte = 0; byte < 256; byte += 1 + (byte > '9' ? 5 : 0)) {
      char other = (char)byte;
      if (other == text[at]) continue;
      patch(at, &other, 1);
      expect_changed(&input, text, SIZE, "one byte");
      patch(at, text + at, 1);
    }
  EXPECT(read_again(&input, text, SIZE) == PUR_END, "changed back");
  pur_input_close(&input);
  free(text);
}

/* Edits that leave a plain sum of the bytes, or of the sums, as it was. */
static void test_balanced_edits(void) {
  enum { ROW = 16, SIZE = 100 * ROW };
  char text[SIZE], other[SIZE];
  pur_input input;
  memset(text, '5', SIZE);
  write_file(text, SIZE);
  open_and_read(&input, text, SIZE);
  for (size_t at = 0; at < ROW; at++)
    for (size_t apart = 1; apart < 40; apart++) {
      memcpy(other, text, SIZE);
      other[at]++, other[at + apart * ROW] -= 2, other[at + 2 * apart * ROW]++;
      patch(0, other, SIZE);
      expect_changed(&input, text, SIZE, "one row gets what two lose");
      memcpy(other, text, SIZE);
      other[at]++, other[at + apart * ROW]--;
      other[at + 50 * ROW]--, other[at + (50 + apart) * ROW]++;
      patch(0, other, SIZE);
      expect_changed(&input, text, SIZE, "two rows change places, twice");
    }
  pur_input_close(&input);
}

static void test_other_lengths(size_t length) {
  char *text = make_text(length + 10), *zeros = calloc(length + 10, 1);
  pur_input input;
  if (zeros == NULL) abort();
  write_file(text, length);
  open_and_read(&input, text, length);
  write_file(text, length + 10);
  EXPECT(read_again(&input, text, length) == PUR_END, "%zu bytes: what was added came out", length);
  for (size_t cut = 1; cut <= length; cut = cut * 3 + 1) {
    write_file(text, length - cut);
    expect_changed(&input, text, length, "cut off");
  }
  write_file(zeros, length);
  expect_changed(&input, text, length, "zeros");
  write_file(text, length);
  EXPECT(read_again(&input, text, length) == PUR_END, "%zu bytes, put back", length);
  pur_input_close(&input);
  free(text);
  free(zeros);
}

/* An open file is the old one, whatever has its name now. */
static void test_replaced(void) {
  char *text = make_text(BLOCK + 5);
  pur_input input;
  write_file(text, BLOCK + 5);
  open_and_read(&input, text, BLOCK + 5);
  if (remove(path) != 0) abort();
  EXPECT(read_again(&input, text, BLOCK + 5) == PUR_END, "deleted");
  write_file("other", 5);
  EXPECT(read_again(&input, text, BLOCK + 5) == PUR_END, "replaced");
  pur_input_close(&input);
  free(text);
}

/* What cannot be opened, and what cannot be read twice */

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
  }
  EXPECT(open_files() == before, "%d files more", open_files() - before);
}

static void read_standard_input(const char *text, size_t length) {
  int before = open_files();
  pur_input input;
  pur_error error;
  EXPECT(pur_input_open(&input, "-", &error) == PUR_OK, "%s", error.message);
  EXPECT(input.file < 0 || (fcntl(input.file, F_GETFD) & FD_CLOEXEC) != 0,
         "children inherit the file");
  read_all(&input, text, length);
  EXPECT(read_again(&input, text, length) == PUR_END || length == 0, "not twice readable");
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

/* A file, from the place where it stands. */
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
  EXPECT(pur_input_open(&input, "/dev/null", &error) == PUR_OK, "%s", error.message);
  EXPECT(pur_input_more(&input, &error) == PUR_END && unread(&input) == 0, "%zu", unread(&input));
  pur_input_close(&input);
}

/* Memory stays what the window needs. */
static void test_bounds(void) {
  char *text = make_text(40 * BLOCK);
  pur_input input;
  pur_error error;
  write_file(text, 40 * BLOCK);
  EXPECT(pur_input_open(&input, path, &error) == PUR_OK, "%s", error.message);
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
  test_memory();
  test_every_byte();
  test_balanced_edits();
  test_other_lengths(1);
  test_other_lengths(1000);
  test_other_lengths(BLOCK);
  test_other_lengths(2 * BLOCK + 17);
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

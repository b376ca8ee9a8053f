/* Any bytes as a table in a file, in any form: the same rows whatever the blocks they are read in,
 * once more after the file is rewound, and, put together and encoded back, the file's bytes.
 *
 *     make fuzzers        a program of that name: seeds, and what comes of them by chance; [ROUNDS]
 *     with -DPUR_LIBFUZZER, a target of libFuzzer: see tools/fuzz
 *
 * The first four bytes of the data choose the form and the blocks. */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "map/encode.h"
#include "map/table.h"
#include "../c/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *file_of(const void *text, size_t length) {
  static char path[32];
  static int file = -1;
  if (file < 0) file = memfd_create("table", 0);
  if (file < 0 || ftruncate(file, 0) != 0) abort();
  if (pwrite(file, text, length, 0) != (ssize_t)length) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  return path;
}

static pur_form form_of(const uint8_t *choice) {
  static const char delimiters[] = {0, 0, 0, ';', ',', '\t', ' ', 'x'};
  static const pur_text names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
  pur_form form = {.encoding = (pur_encoding)(choice[0] % (PUR_ENCODING_UTF16 + 1)),
                   .delimiter = delimiters[choice[0] >> 2 & 7],
                   .no_header = choice[1] & 1,
                   .header = choice[1] >> 1 & 3,
                   .skip = choice[1] >> 3 & 3};
  if (choice[1] & 32) form.names = names, form.name_count = choice[1] >> 6 & 3;
  return form;
}

/* Appends what is told of the row read last. */
static void tell(pur_table *table, pur_status status, const pur_error *error, pur_buffer *story) {
  pur_rows *rows = &table->rows;
  char place[300];
  size_t line = 0, column = 0;
  pur_rows_place(rows, error->position, &line, &column);
  if (status == PUR_OK) line = rows->line, column = 0;
  EXPECT(line >= rows->line && rows->line >= 1, "line %zu of %zu", line, rows->line);
  (void)snprintf(place, sizeof place, "%d %zu:%zu %s", (int)status, line, column,
                 status == PUR_OK ? "" : error->message);
  pur_buffer_append(story, place, strlen(place));
  if (status != PUR_OK) return;
  EXPECT(rows->row.count >= table->width, "%zu fields of %zu", rows->row.count, table->width);
  for (size_t i = 0; i < rows->row.count; i++) {
    const pur_csv_field *field;
    if (pur_rows_value(rows, i, &field, NULL) != PUR_OK) abort();
    EXPECT(field->place <= rows->row.length, "field at %u", (unsigned)field->place);
    pur_buffer_append(story, "|", 1);
    pur_buffer_append(story, field->text, field->length);
  }
}

static void tell_all(pur_table *table, pur_buffer *story) {
  pur_error error = {0};
  pur_status status;
  size_t line = 0;
  while ((status = pur_table_next(table, &error)) != PUR_END) {
    EXPECT(table->rows.line > line, "line %zu behind line %zu", table->rows.line, line);
    line = table->rows.line;
    tell(table, status, &error, story);
  }
}

/* All of the file's text is decoded, and becomes the file's bytes again. */
static void expect_same_bytes(const uint8_t *data, size_t size, const pur_form *form,
                              size_t block) {
  pur_input input;
  pur_error error;
  pur_buffer back = {0};
  pur_text mark;
  if (pur_input_open(&input, file_of(data, size), &error) != PUR_OK) abort();
  input.block = block;
  if (pur_input_begin(&input, form->encoding, &error) == PUR_OK) {
    mark = pur_encoding_mark(input.encoding);
    if (input.has_mark) pur_buffer_append(&back, mark.text, mark.length);
    if (pur_input_all(&input, &error) != PUR_OK) abort();
    pur_encoding_encode(input.encoding, input.start, pur_input_unread(&input), &back);
    /* Of half a unit of UTF-16 only its place is kept. */
    if (input.encoding > PUR_ENCODING_WINDOWS_1252 && size % 2 != 0) size--;
    EXPECT(back.length >= size && (size == 0 || memcmp(back.data, data, size) == 0),
           "%zu bytes of %zu", back.length, size);
  }
  pur_buffer_free(&back);
  pur_input_close(&input);
}

static void read_table(const uint8_t *data, size_t size, const pur_form *form, size_t block,
                       pur_buffer *story) {
  pur_table table;
  pur_error error = {0};
  pur_status status;
  size_t begin;
  if (pur_table_open(&table, file_of(data, size), &error) != PUR_OK) abort();
  table.rows.input.block = block;
  status = pur_table_begin(&table, form, &error);
  if (status != PUR_OK) tell(&table, status, &error, story);
  begin = story->length;
  if (status == PUR_OK) {
    tell_all(&table, story);
    EXPECT(pur_table_rewind(&table, &error) == PUR_OK, "%s", error.message);
    tell_all(&table, story);
    EXPECT(story->length == begin ||
               ((story->length - begin) % 2 == 0 &&
                memcmp(story->data + begin, story->data + (begin + story->length) / 2,
                       (story->length - begin) / 2) == 0),
           "rewound, it is: %.*s", (int)story->length, story->data);
  }
  pur_table_close(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pur_buffer whole = {0}, parts = {0};
  pur_form form;
  size_t block;
  if (size < 4) return 0;
  form = form_of(data);
  block = 1 + data[2];
  read_table(data + 4, size - 4, &form, (size_t)64 * 1024, &whole);
  read_table(data + 4, size - 4, &form, block, &parts);
  EXPECT(whole.length == parts.length &&
             (whole.length == 0 || memcmp(whole.data, parts.data, whole.length) == 0),
         "%.*s\nin blocks of %zu: %.*s", (int)whole.length, whole.data, block, (int)parts.length,
         parts.data);
  expect_same_bytes(data + 4, size - 4, &form, block);
  pur_buffer_free(&whole);
  pur_buffer_free(&parts);
#ifdef PUR_LIBFUZZER
  if (test_failures > 0) abort(); /* keeps the data */
#endif
  return 0;
}

static const char *const seeds[] = {
    "a,b;c\n1,\"x\"\"y\n\"\r\n*,\n,,\n\na,b;c\n=\"0\"\"1\",\"=\"\"2\"\"\",\t,",
    "sep=;\r\n\"first\"; second ;;\r\n1;2\r\n3\r\n4;5;6;7\r\n\"8\"x;9\r\n",
    "title \"x\n\n|a|b|c|d\n|1|2|3|4\n|\"5\n6\"|7|8|9\n",
    "\xEF\xBB\xBF\x61\tb\n\x80\t\xF1\x81\n\xC3\xB1\t\xE2\x82\xAC\n",
};

#define SEEDS (sizeof seeds / sizeof *seeds)
#define ROOM 2000

/* A seed as it is, or as UTF-16 in either byte order. */
static size_t write_seed(uint8_t *data, size_t number) {
  const char *seed = seeds[number % SEEDS];
  size_t length = strlen(seed), kind = test_random() % 3, mark = kind > 0 ? 2 : 0;
  for (int i = 0; i < 4; i++) data[i] = (uint8_t)test_random();
  if (kind > 0)
    memcpy(data + 4,
           pur_encoding_mark(kind == 1 ? PUR_ENCODING_UTF16_LE : PUR_ENCODING_UTF16_BE).text, 2);
  if (kind > 0 && test_random() % 4 != 0) data[0] = 0;
  for (size_t i = 0; i < length; i++) {
    uint8_t *to = data + 4 + mark + i * (kind > 0 ? 2 : 1);
    if (kind > 0) to[kind == 1] = 0;
    to[kind == 2] = (uint8_t)seed[i];
  }
  return 4 + mark + length * (kind > 0 ? 2 : 1);
}

/* Changes, removes or repeats some bytes. */
static size_t change(uint8_t *data, size_t size) {
  static const char bytes[] = "\n\r\",;|\t* =a1\0\x80\xD8\xFF";
  for (unsigned changes = test_random() % 6; changes > 0; changes--) {
    size_t at = 4 + test_random() % (size - 4), end = at + test_random() % 20;
    if (end > size) end = size;
    switch (test_random() % 3) {
    case 0:
      data[at] = (uint8_t)bytes[test_random() % (sizeof bytes - 1)];
      break;
    case 1:
      if (size - (end - at) < 8) break;
      memmove(data + at, data + end, size - end);
      size -= end - at;
      break;
    default:
      if (size + (end - at) > ROOM) break;
      memmove(data + end, data + at, size - at);
      size += end - at;
    }
  }
  return size;
}

#ifdef PUR_LIBFUZZER

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random);

/* It need not find out by itself what people's files look like. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random) {
  if (room >= ROOM && (size <= 8 || random % 64 == 0)) return write_seed(data, random / 64);
  return random % 2 == 0 && room >= ROOM && size <= ROOM ? change(data, size)
                                                         : LLVMFuzzerMutate(data, size, room);
}

#else

int main(int count, char **arguments) {
  unsigned long rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 300000;
  for (unsigned long i = 0; i < rounds; i++) {
    uint8_t data[ROOM];
    size_t size = write_seed(data, i);
    if (i >= SEEDS) size = change(data, size);
    (void)LLVMFuzzerTestOneInput(data, size);
  }
  return test_result();
}

#endif

#include "input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small enough to stay in a near cache between being read, digested and parsed. */
#define BLOCK ((size_t)48 * 1024)

/* Both a bijection of the lane and one of the word: no change of a single word goes unnoticed. */
static inline uint64_t mix(uint64_t lane, uint64_t word) {
  lane = (lane ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return lane << 29 | lane >> 35;
}

static inline uint64_t word_at(const char *data) {
  uint64_t word;
  memcpy(&word, data, sizeof word);
  return word;
}

/* Against accidents, not forgery. Sums of words would be faster still, but edits that balance (one
 * row gets what two others lose) are just what happens to a series. Eight lanes run side by side.
 */
static uint64_t digest(const char *data, size_t length) {
  uint64_t all = length, a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
  for (; length >= 64; data += 64, length -= 64) {
    a = mix(a, word_at(data));
    b = mix(b, word_at(data + 8));
    c = mix(c, word_at(data + 16));
    d = mix(d, word_at(data + 24));
    e = mix(e, word_at(data + 32));
    f = mix(f, word_at(data + 40));
    g = mix(g, word_at(data + 48));
    h = mix(h, word_at(data + 56));
  }
  for (; length > 0; data++, length--) all = mix(all, (unsigned char)*data);
  a = mix(mix(mix(a, b), c), d);
  e = mix(mix(mix(e, f), g), h);
  return mix(mix(all, a), e);
}

static pur_status unreadable(const char *path, pur_error *error) {
  return pur_error_set(error, PUR_FILE_UNREADABLE, 0, "cannot read %s: %s",
                       strcmp(path, "-") == 0 ? "standard input" : path, strerror(errno));
}

static ssize_t read_some(int file, void *data, size_t length) {
  ssize_t got;
  do got = read(file, data, length);
  while (got < 0 && errno == EINTR);
  return got;
}

/* Copies what can be read only once to a file without a name. Returns its descriptor or -1. */
static int spool(int from) {
  char data[16384];
  ssize_t got;
  FILE *temporary = tmpfile();
  int to = -1;
  if (temporary == NULL) return -1;
  while ((got = read_some(from, data, sizeof data)) > 0)
    if (fwrite(data, 1, (size_t)got, temporary) != (size_t)got) break;
  if (got == 0 && fflush(temporary) == 0) to = fcntl(fileno(temporary), F_DUPFD_CLOEXEC, 0);
  (void)fclose(temporary);
  return to;
}

/* Standard input may be a file of which another program has read the beginning: the rest counts. */
static bool starts_at_zero(int file) {
  struct stat about;
  if (fstat(file, &about) != 0 || S_ISDIR(about.st_mode)) return true;
  return S_ISREG(about.st_mode) && lseek(file, 0, SEEK_CUR) == 0;
}

static int open_file(const char *path) {
  if (strcmp(path, "-") == 0) return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static int open_twice_readable(const char *path) {
  int file = open_file(path), copy;
  if (file < 0 || starts_at_zero(file)) return file;
  copy = spool(file);
  (void)close(file);
  return copy;
}

/* Takes over a file that may not have opened. A folder opens well and fails only here. */
static pur_status begin(pur_input *input, int file, const char *path, pur_error *error) {
  char nothing;
  int saved;
  memset(input, 0, sizeof *input);
  input->size = UINT64_MAX;
  pur_buffer_init(&input->window, 0);
  pur_buffer_init(&input->digests, 0);
  input->file = file;
  if (file < 0) return unreadable(path, error);
  if (read(file, &nothing, 0) < 0) {
    saved = errno;
    pur_input_close(input);
    errno = saved;
    return unreadable(path, error);
  }
  return PUR_OK;
}

pur_status pur_input_open(pur_input *input, const char *path, pur_error *error) {
  return begin(input, open_twice_readable(path), path, error);
}

pur_status pur_input_open_once(pur_input *input, const char *path, pur_error *error) {
  pur_status status = begin(input, open_file(path), path, error);
  input->once = input->flows = true;
  return status;
}

void pur_input_open_memory(pur_input *input, const char *text, size_t length) {
  memset(input, 0, sizeof *input);
  pur_buffer_init(&input->window, 0);
  pur_buffer_init(&input->digests, 0);
  input->file = -1;
  input->memory = input->start = text;
  input->end = text + length;
  input->last = true;
}

void pur_input_close(pur_input *input) {
  if (input->file >= 0) (void)close(input->file);
  input->file = -1;
  pur_buffer_free(&input->window);
  pur_buffer_free(&input->digests);
  input->start = input->end = NULL;
  input->last = true;
}

uint64_t pur_input_size(const pur_input *input) {
  struct stat about;
  return fstat(input->file, &about) == 0 ? (uint64_t)about.st_size : 0;
}

void pur_input_read_once(pur_input *input) {
  input->once = true;
}

void pur_input_skip(pur_input *input, size_t length) {
  input->start += length;
  input->offset += length;
}

static ssize_t read_part(const pur_input *input, char *data, size_t length, uint64_t offset) {
  if (input->flows) return read(input->file, data, length);
  return pread(input->file, data, length, (off_t)offset);
}

/* Fills `data` from the file, short only at its end. Returns the bytes read or -1. */
static ssize_t read_block(const pur_input *input, char *data, size_t length) {
  size_t done = 0;
  while (done < length) {
    ssize_t got = read_part(input, data + done, length - done, input->next * BLOCK + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

/* The first reading notes a block's digest, every later one compares. */
static pur_status prove(pur_input *input, const char *data, size_t length, pur_error *error) {
  bool first = input->size == UINT64_MAX;
  uint64_t now, then;
  if (first && length < BLOCK) input->size = input->next * BLOCK + length;
  if (input->once) return PUR_OK;
  now = digest(data, length);
  if (first) {
    pur_buffer_append(&input->digests, &now, sizeof now);
    return pur_buffer_check(&input->digests, error);
  }
  memcpy(&then, input->digests.data + input->next * sizeof then, sizeof then);
  if (now == then) return PUR_OK;
  return pur_error_set(error, PUR_FILE_CHANGED, (size_t)(input->next * BLOCK),
                       "the file was changed after it was checked; check it again");
}

/* Bytes of the next block: all of it at first, then never more than the first reading saw. */
static size_t block_length(const pur_input *input) {
  uint64_t start = input->next * BLOCK;
  if (input->size == UINT64_MAX || input->size - start > BLOCK) return BLOCK;
  return (size_t)(input->size - start);
}

static char *make_room(pur_input *input) {
  size_t unread = (size_t)(input->end - input->start);
  char *room;
  if (unread > 0 && input->start != input->window.data)
    memmove(input->window.data, input->start, unread);
  input->window.length = unread;
  input->window.status = PUR_OK; /* memory that was short once may be there now */
  room = pur_buffer_reserve(&input->window, BLOCK + PUR_INPUT_SLACK);
  input->start = input->window.data;
  input->end = input->start + unread;
  return room;
}

pur_status pur_input_more(pur_input *input, pur_error *error) {
  char *room;
  ssize_t got;
  pur_status status;
  if (input->last) return PUR_END;
  room = make_room(input);
  if (room == NULL) return pur_error_no_memory(error);
  got = read_block(input, room, block_length(input));
  if (got < 0)
    return pur_error_set(error, PUR_FILE_UNREADABLE, 0, "cannot read on: %s", strerror(errno));
  status = prove(input, room, (size_t)got, error);
  if (status != PUR_OK) return status;
  memset(room + got, 0, PUR_INPUT_SLACK);
  input->window.length += (size_t)got;
  input->end += got;
  input->next++;
  input->last = input->next * BLOCK > input->size || (size_t)got < BLOCK;
  return got > 0 ? PUR_OK : PUR_END;
}

pur_status pur_input_all(pur_input *input, pur_error *error) {
  pur_status status;
  do status = pur_input_more(input, error);
  while (status == PUR_OK);
  return status == PUR_END ? PUR_OK : status;
}

pur_status pur_input_seek(pur_input *input, uint64_t offset, pur_error *error) {
  pur_status status;
  if (input->memory != NULL) {
    input->start = input->memory + offset;
    input->offset = offset;
    return PUR_OK;
  }
  if (offset >= input->offset && offset - input->offset < (uint64_t)(input->end - input->start)) {
    pur_input_skip(input, (size_t)(offset - input->offset));
    return PUR_OK;
  }
  input->start = input->end = input->window.data;
  input->next = offset / BLOCK;
  input->offset = input->next * BLOCK;
  input->last = false;
  status = pur_input_more(input, error);
  if (status == PUR_OK) pur_input_skip(input, (size_t)(offset - input->offset));
  return status;
}

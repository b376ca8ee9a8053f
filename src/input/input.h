/* The bytes of a file, read once and forward, through a window.
 *
 * Files are read, not mapped: a mapped file that shrinks kills the process. */
#ifndef PURCHASES_INPUT_H
#define PURCHASES_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* Bytes after the window's end that may be read (not used): wide loads need no care at the end. */
#define PUR_INPUT_SLACK 64

typedef struct pur_input {
  const char *start; /* the unread bytes: [start, end) */
  const char *end;
  bool last; /* nothing comes after `end` */

  int file;          /* -1: none */
  pur_buffer window; /* a tail of the block before, then a block */
} pur_input;

/* An input without a file: empty, and at its end. It may be closed, or opened. */
void pur_input_init(pur_input *input);

/* Opens a file for reading; `path` is NUL-terminated, "-" is standard input, from where it stands.
 * PUR_FILE_UNREADABLE says why not. After success the caller ends it with pur_input_close, which
 * may be called more than once. */
pur_status pur_input_open(pur_input *input, const char *path, pur_error *error);

void pur_input_close(pur_input *input);

static inline size_t pur_input_unread(const pur_input *input) {
  return (size_t)(input->end - input->start);
}

/* Gives up the first `length` bytes of the window. */
static inline void pur_input_skip(pur_input *input, size_t length) {
  input->start += length;
}

/* Makes the window longer at its end; what is unread stays, at another address.
 * PUR_END when there is nothing more, PUR_FILE_UNREADABLE, PUR_NO_MEMORY. */
pur_status pur_input_more(pur_input *input, pur_error *error);

/* Reads everything that is left into the window, for texts that need to be seen whole. Errors as
 * pur_input_more. */
pur_status pur_input_all(pur_input *input, pur_error *error);

/* How many bytes the file has now, as the system tells; 0 where it does not. */
uint64_t pur_input_size(const pur_input *input);

#endif

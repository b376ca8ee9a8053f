/* The bytes of a file, forward through a window, as UTF-8 whatever the file's encoding.
 *
 * Files are read, not mapped: a mapped file that shrinks kills the process. What is read once needs
 * no more than pur_input_open and pur_input_begin; what is read twice is kept before it has begun,
 * and rewound. */
#ifndef PURCHASES_INPUT_H
#define PURCHASES_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "input/encoding.h"

/* Bytes after the window's end that may be read (not used): wide loads need no care at the end. */
#define PUR_INPUT_SLACK 64

typedef struct pur_input {
  const char *start; /* the unread bytes: [start, end) */
  const char *end;
  bool last; /* nothing comes after `end` */

  int file;              /* -1: none */
  pur_buffer window;     /* a tail of the block before, then a block */
  size_t block;          /* bytes of the file that are read at once */
  pur_encoding encoding; /* of the file, once it has begun; never ANY or UTF16 then */
  bool has_begun;
  bool has_mark; /* it begins with a byte order mark */
  char part[4];  /* of a character that was not read whole */
  size_t part_length;
  int64_t from;  /* where in the file the first byte stands; less than 0: it cannot be rewound */
  int64_t stamp; /* tells whether the file was changed */
  int copy;      /* the temporary file that a pipe is being copied into; -1: none */
} pur_input;

/* An input without a file: empty, and at its end. It may be closed, or opened. */
void pur_input_init(pur_input *input);

/* Opens a file for reading; `path` is NUL-terminated, "-" is standard input, from where it stands.
 * PUR_FILE_UNREADABLE says why not. After success the caller ends it with pur_input_close, which
 * may be called more than once. */
pur_status pur_input_open(pur_input *input, const char *path, pur_error *error);

void pur_input_close(pur_input *input);

/* Makes sure that an open input that has not begun can be rewound: what cannot, such as a pipe, is
 * copied into a temporary file without a name (in TMPDIR, or /tmp). To be called until `*is_kept`:
 * a call copies at most 1 MiB, which takes some milliseconds, and waits for whoever writes to a
 * pipe as reading it does. PUR_FILE_UNREADABLE: it cannot be read, or the copy cannot be written;
 * PUR_NO_MEMORY. */
pur_status pur_input_keep(pur_input *input, bool *is_kept, pur_error *error);

/* Goes back to the first byte; the input is then as if it had just begun, its mark skipped.
 * PUR_FILE_UNREADABLE, also where the file is not the one any more that was opened; PUR_NO_MEMORY.
 */
pur_status pur_input_rewind(pur_input *input, pur_error *error);

/* Reads the first block, unless that was done: looks what it is, and skips a byte order mark.
 * `encoding`: what the user says it is. PUR_NOT_TEXT: it is an Excel workbook, gzip or the like, or
 * in another encoding than was said, and the message says what to do; errors of pur_input_more,
 * after which it may be called again. An empty input is none. */
pur_status pur_input_begin(pur_input *input, pur_encoding encoding, pur_error *error);

/* Tells whether an input that has begun holds JSON: its first character that is not white space is
 * `{` or `[`. Anything else is CSV. */
bool pur_input_is_json(const pur_input *input);

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

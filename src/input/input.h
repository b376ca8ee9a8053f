/* The bytes of a file or of memory, read forward through a window.
 *
 * A long file is read twice: once to check every row, once to send it. It may be larger than
 * memory, and somebody may write to it in between, so the first reading keeps a digest of every
 * block and later readings prove that they see the same bytes (PUR_FILE_CHANGED if not): what is
 * checked is what is sent. Files are read, not mapped: a mapped file that shrinks kills the
 * process. */
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
  uint64_t offset; /* where `start` stands in the whole */
  bool last;       /* nothing comes after `end` */

  int file;           /* -1: memory */
  pur_buffer window;  /* of a file: a tail of the block before, then a block */
  uint64_t next;      /* number of the block that follows the window */
  pur_buffer digests; /* a uint64_t for every block of the first reading */
  uint64_t size;      /* bytes the first reading found; UINT64_MAX while it goes on */
  bool once;          /* there is no second reading, so no digests */
  bool flows;         /* read from where it stands: a pipe will do */
  const char *memory; /* of memory: all of it, borrowed */
} pur_input;

/* Opens a file for reading; `path` is NUL-terminated, "-" is standard input, from where it stands.
 * What cannot be read twice (a pipe, a terminal) goes through an unnamed temporary file.
 * PUR_FILE_UNREADABLE says why not. After success the caller ends it with pur_input_close. */
pur_status pur_input_open(pur_input *input, const char *path, pur_error *error);

/* The same for what is read once, from its start to its end, without copying it anywhere; never to
 * be sought in. */
pur_status pur_input_open_once(pur_input *input, const char *path, pur_error *error);

/* Reads from memory that must outlive the input and is followed by PUR_INPUT_SLACK readable bytes.
 */
void pur_input_open_memory(pur_input *input, const char *text, size_t length);

void pur_input_close(pur_input *input);

/* Gives up the first `length` bytes of the window. */
void pur_input_skip(pur_input *input, size_t length);

/* Makes the window longer at its end; what is unread stays, at another address.
 * PUR_END when there is nothing more, PUR_FILE_UNREADABLE, PUR_FILE_CHANGED, PUR_NO_MEMORY. */
pur_status pur_input_more(pur_input *input, pur_error *error);

/* How many bytes the file has now, as the system tells; 0 where it does not. */
uint64_t pur_input_size(const pur_input *input);

/* Promises not to seek: spares the digests. */
void pur_input_read_once(pur_input *input);

/* Reads everything that is left into the window (for texts that need to be seen whole). */
pur_status pur_input_all(pur_input *input, pur_error *error);

/* Goes on reading at a byte that was in a window before. Errors as pur_input_more. */
pur_status pur_input_seek(pur_input *input, uint64_t offset, pur_error *error);

#endif

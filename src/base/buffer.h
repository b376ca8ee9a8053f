/* Growable bytes with a cap.
 *
 * Appending never returns an error: the first failure (no memory, or the cap) sticks in `status`
 * and later appends do nothing, so a writer checks once, at its end. */
#ifndef PURCHASES_BASE_BUFFER_H
#define PURCHASES_BASE_BUFFER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

typedef struct pur_buffer {
  char *data; /* not NUL-terminated; NULL while nothing was ever appended */
  size_t length;
  size_t capacity;
  size_t limit; /* the most bytes it may hold; 0: as many as there is memory for */
  pur_status status;
} pur_buffer;

/* An empty buffer that may grow to `limit` bytes; one without a limit may as well be set to zeros.
 * Allocates nothing. The owner ends it with pur_buffer_free. */
static inline void pur_buffer_init(pur_buffer *buffer, size_t limit) {
  *buffer = (pur_buffer){.limit = limit};
}

/* Gives the memory back; the buffer is then as after pur_buffer_init. */
static inline void pur_buffer_free(pur_buffer *buffer) {
  free(buffer->data);
  pur_buffer_init(buffer, buffer->limit);
}

/* Empties the buffer and forgets its failure; keeps the memory for the next use. */
void pur_buffer_clear(pur_buffer *buffer);

/* pur_buffer_reserve where there is no room yet. */
char *pur_buffer_grow(pur_buffer *buffer, size_t size);

/* Makes room for `size` more bytes and returns where they go, or NULL after a failure.
 * The caller writes there and adds what it wrote to `length`. */
static inline char *pur_buffer_reserve(pur_buffer *buffer, size_t size) {
  if (buffer->status == PUR_OK && size <= buffer->capacity - buffer->length && buffer->data != NULL)
    return buffer->data + buffer->length;
  return pur_buffer_grow(buffer, size);
}

/* Gives back memory that is not used, where it is a page (4096 bytes) or more. */
void pur_buffer_fit(pur_buffer *buffer);

static inline void pur_buffer_append(pur_buffer *buffer, const void *data, size_t length) {
  char *end = length > 0 ? pur_buffer_reserve(buffer, length) : NULL;
  if (end == NULL) return;
  memcpy(end, data, length);
  buffer->length += length;
}

/* A string literal, without its NUL. */
#define pur_buffer_append_literal(buffer, literal)                                                 \
  pur_buffer_append((buffer), (literal), sizeof(literal) - 1)

/* PUR_OK, or the failure that stuck, with its message in `error`. */
pur_status pur_buffer_check(const pur_buffer *buffer, pur_error *error);

#endif

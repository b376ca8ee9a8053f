#include "base/buffer.h"

#include <stdbool.h>
#include <stdlib.h>

#define SMALLEST 256
#define PAGE 4096

void pur_buffer_clear(pur_buffer *buffer) {
  buffer->length = 0;
  buffer->status = PUR_OK;
}

/* Returns false, and has the failure stick, when there is no memory. */
static bool resize(pur_buffer *buffer, size_t capacity) {
  char *data = realloc(buffer->data, capacity);
  if (data == NULL) {
    buffer->status = PUR_NO_MEMORY;
    return false;
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

/* Doubles, so that n appends cost O(n); never beyond the limit. */
char *pur_buffer_grow(pur_buffer *buffer, size_t size) {
  size_t limit = buffer->limit != 0 ? buffer->limit : SIZE_MAX, needed;
  size_t capacity = buffer->capacity < SMALLEST ? SMALLEST : buffer->capacity;
  if (buffer->status != PUR_OK) return NULL;
  if (size > limit - buffer->length) {
    buffer->status = PUR_TOO_LARGE;
    return NULL;
  }
  needed = buffer->length + size;
  while (capacity < needed) capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
  if (capacity > limit) capacity = limit;
  return resize(buffer, capacity) ? buffer->data + buffer->length : NULL;
}

void pur_buffer_fit(pur_buffer *buffer) {
  if (buffer->status != PUR_OK || buffer->length == 0) return;
  if (buffer->capacity - buffer->length >= PAGE) (void)resize(buffer, buffer->length);
}

pur_status pur_buffer_check(const pur_buffer *buffer, pur_error *error) {
  if (buffer->status == PUR_NO_MEMORY) return pur_error_no_memory(error);
  if (buffer->status == PUR_TOO_LARGE)
    return pur_error_set(error, PUR_TOO_LARGE, buffer->length, "more than %zu bytes",
                         buffer->limit);
  return PUR_OK;
}

#include "head.h"

#include <string.h>
#include <strings.h>

void pur_head_init(pur_head *head, size_t limit) {
  memset(head, 0, sizeof *head);
  pur_buffer_init(&head->lines, limit);
}

void pur_head_free(pur_head *head) {
  pur_buffer_free(&head->lines);
}

void pur_head_clear(pur_head *head) {
  pur_buffer_clear(&head->lines);
  head->begun = head->complete = head->conflict = false;
}

static size_t without_line_end(const char *line, size_t length) {
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
  return length;
}

static bool is_named(const pur_header *header, const char *name) {
  return header->name_length == strlen(name) &&
         strncasecmp(header->name, name, header->name_length) == 0;
}

/* "Name: value" → its parts, without the spaces around the value. */
static bool split(const char *line, size_t length, pur_header *header) {
  const char *colon = memchr(line, ':', length), *end = line + length;
  if (colon == NULL) return false;
  header->name = line;
  header->name_length = (size_t)(colon - line);
  for (colon++; colon < end && (*colon == ' ' || *colon == '\t'); colon++) continue;
  while (end > colon && (end[-1] == ' ' || end[-1] == '\t')) end--;
  header->value = colon;
  header->value_length = (size_t)(end - colon);
  return true;
}

/* Is this a second Content-Length that says something else? */
static bool contradicts(const pur_head *head, const pur_header *length) {
  pur_header header;
  size_t position = 0;
  if (!is_named(length, "content-length")) return false;
  while (pur_head_next(head, &position, &header)) {
    if (!is_named(&header, "content-length")) continue;
    if (header.value_length != length->value_length ||
        memcmp(header.value, length->value, length->value_length) != 0)
      return true;
  }
  return false;
}

bool pur_head_take(pur_head *head, const char *line, size_t length) {
  pur_header header;
  if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
    pur_head_clear(head);
    head->begun = true;
    return true;
  }
  if (head->complete || !head->begun) return true;
  length = without_line_end(line, length);
  if (length == 0) {
    head->complete = true;
    return true;
  }
  if (split(line, length, &header)) head->conflict |= contradicts(head, &header);
  pur_buffer_append(&head->lines, line, length);
  pur_buffer_append_literal(&head->lines, "\r\n");
  return !head->conflict && head->lines.status == PUR_OK;
}

bool pur_head_next(const pur_head *head, size_t *position, pur_header *header) {
  while (*position < head->lines.length) {
    const char *line = head->lines.data + *position;
    const char *newline = memchr(line, '\n', head->lines.length - *position);
    size_t length = (size_t)(newline - line);
    *position += length + 1;
    if (split(line, without_line_end(line, length), header)) return true;
  }
  return false;
}

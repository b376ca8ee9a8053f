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
  head->begun = head->interim = head->complete = head->unsound = false;
}

static size_t without_line_end(const char *line, size_t length) {
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
  return length;
}

static bool is_word(const char *text, size_t length, const char *word) {
  return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static bool is_named(const pur_header *header, const char *name) {
  return is_word(header->name, header->name_length, name);
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

/* The value that an earlier line gave for the same name. */
static bool find_earlier(const pur_head *head, const char *name, pur_header *found) {
  size_t position = 0;
  while (pur_head_next(head->lines.data, head->lines.length, &position, found))
    if (is_named(found, name)) return true;
  return false;
}

#define MAX_LENGTH_DIGITS 18 /* more would not fit into what libcurl counts with */

/* libcurl reads "5, 6" as 5, "0x10" as 0, and what does not fit as no length at all. */
static bool is_sound_length(const pur_head *head, const pur_header *field) {
  pur_header earlier;
  if (field->value_length == 0 || field->value_length > MAX_LENGTH_DIGITS) return false;
  for (size_t i = 0; i < field->value_length; i++)
    if (field->value[i] < '0' || field->value[i] > '9') return false;
  return !find_earlier(head, "content-length", &earlier) ||
         (earlier.value_length == field->value_length &&
          memcmp(earlier.value, field->value, field->value_length) == 0);
}

/* We ask for no transfer coding; "chunked" needs no asking, but may be applied only once. */
static bool is_sound_coding(const pur_head *head, const pur_header *field) {
  pur_header earlier;
  return is_word(field->value, field->value_length, "chunked") &&
         !find_earlier(head, "transfer-encoding", &earlier);
}

static bool is_sound(const pur_head *head, const pur_header *field) {
  if (is_named(field, "content-length")) return is_sound_length(head, field);
  if (is_named(field, "transfer-encoding")) return is_sound_coding(head, field);
  return true;
}

/* "HTTP/1.1 103 Early Hints": only the status's first digit matters here. */
static void begin(pur_head *head, const char *line, size_t length) {
  const char *status = memchr(line, ' ', length), *stop = line + length;
  if (length < 5 || memcmp(line, "HTTP/", 5) != 0) return;
  while (status != NULL && status < stop && *status == ' ') status++;
  pur_head_clear(head);
  head->begun = true;
  head->interim = status != NULL && status < stop && *status == '1';
}

static void end(pur_head *head) {
  head->complete = !head->interim;
  head->begun = head->complete;
}

/* A line that begins with a space goes on with the one before. */
static void append(pur_head *head, const char *line, size_t length) {
  bool folded = *line == ' ' || *line == '\t';
  if (folded && head->lines.length > 0) head->lines.length -= 2;
  pur_buffer_append(&head->lines, line, length);
  pur_buffer_append_literal(&head->lines, "\r\n");
}

bool pur_head_take(pur_head *head, const char *line, size_t length) {
  pur_header field;
  if (head->complete) return true; /* a trailer */
  length = without_line_end(line, length);
  if (!head->begun) {
    begin(head, line, length);
  } else if (length == 0) {
    end(head);
  } else {
    if (split(line, length, &field) && !is_sound(head, &field)) head->unsound = true;
    append(head, line, length);
  }
  return !head->unsound && head->lines.status == PUR_OK;
}

bool pur_head_next(const char *lines, size_t length, size_t *position, pur_header *header) {
  while (*position < length) {
    const char *line = lines + *position;
    const char *newline = memchr(line, '\n', length - *position);
    if (newline == NULL) return false; /* the line that did not fit any more */
    *position += (size_t)(newline - line) + 1;
    if (split(line, without_line_end(line, (size_t)(newline - line)), header)) return true;
  }
  return false;
}

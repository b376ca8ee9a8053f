#include "http/transfer.h"

#include <string.h>
#include <strings.h>

void pur_head_init(pur_head *head, size_t limit) {
  *head = (pur_head){.lines.limit = limit};
}

void pur_head_free(pur_head *head) {
  pur_buffer_free(&head->lines);
}

void pur_head_clear(pur_head *head) {
  pur_buffer_clear(&head->lines);
  *head = (pur_head){.lines = head->lines};
}

static bool is_word(pur_text text, const char *word) {
  return text.length == strlen(word) && strncasecmp(text.text, word, text.length) == 0;
}

/* "Name: value" → its parts, without the spaces around the value. */
static bool split(const char *line, size_t length, pur_text *name, pur_text *value) {
  const char *colon = memchr(line, ':', length), *end = line + length;
  if (colon == NULL) return false;
  *name = (pur_text){line, (size_t)(colon - line)};
  for (colon++; colon < end && (*colon == ' ' || *colon == '\t'); colon++) continue;
  while (end > colon && (end[-1] == ' ' || end[-1] == '\t')) end--;
  *value = (pur_text){colon, (size_t)(end - colon)};
  return true;
}

/* libcurl reads "5, 6" as 5, "0x10" as 0, and what does not fit as no length at all. */
static bool is_sound_length(pur_head *head, pur_text value) {
  if (value.length == 0 || value.length > PUR_HEAD_LENGTH_SIZE) return false;
  for (size_t i = 0; i < value.length; i++)
    if (!pur_text_is_digit(value.text[i])) return false;
  if (head->length[0] != '\0') return is_word(value, head->length);
  memcpy(head->length, value.text, value.length);
  head->length[value.length] = '\0';
  return true;
}

/* We ask for gzip; no encoding is as good. */
static void note_encoding(pur_head *head, pur_text value) {
  if (value.length == 0 || is_word(value, "identity")) return;
  head->unreadable |= head->packed || !(is_word(value, "gzip") || is_word(value, "x-gzip"));
  head->packed = true;
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

bool pur_head_take(pur_head *head, const char *line, size_t length) {
  pur_text name, value;
  if (head->complete) return true; /* a trailer */
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
  if (!head->begun) {
    begin(head, line, length);
  } else if (length == 0) {
    head->complete = head->begun = !head->interim;
  } else {
    if (split(line, length, &name, &value)) {
      if (is_word(name, "content-length")) head->unsound |= !is_sound_length(head, value);
      if (is_word(name, "content-encoding")) note_encoding(head, value);
      if (is_word(name, "transfer-encoding")) {
        /* We ask for none; "chunked" needs no asking, but may be applied only once. */
        head->unsound |= head->coded || !is_word(value, "chunked");
        head->coded = true;
      }
    }
    /* A line that begins with a space goes on with the one before. */
    if ((*line == ' ' || *line == '\t') && head->lines.length > 0) head->lines.length -= 2;
    pur_buffer_append(&head->lines, line, length);
    pur_buffer_append_literal(&head->lines, "\r\n");
  }
  return !head->unsound && head->lines.status == PUR_OK;
}

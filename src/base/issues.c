#include "base/issues.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

void pur_issues_init(pur_issues *issues) {
  memset(issues, 0, sizeof *issues);
  pur_buffer_init(&issues->kept, 0);
  pur_buffer_init(&issues->pointers, 0);
}

void pur_issues_free(pur_issues *issues) {
  pur_buffer_free(&issues->kept);
  pur_buffer_free(&issues->pointers);
  pur_issues_init(issues);
}

/* Behind those of the same row. What is found late, such as a day's length, belongs further up. */
static size_t find_slot(const pur_issues *issues, size_t row) {
  size_t slot = issues->count;
  while (slot > 0 && pur_issues_get(issues, slot - 1)->place.index > row) slot--;
  return slot;
}

/* Room for one more: the last one's, when as many are kept as may be. */
static pur_issue *make_room(pur_issues *issues, size_t slot) {
  pur_issue *all;
  if (issues->count < PUR_ISSUES_KEPT) {
    if (pur_buffer_reserve(&issues->kept, sizeof *all) == NULL) return NULL;
    issues->kept.length += sizeof *all;
    issues->count++;
  }
  all = (pur_issue *)(void *)issues->kept.data;
  memmove(all + slot + 1, all + slot, (issues->count - 1 - slot) * sizeof *all);
  return all + slot;
}

pur_issue *pur_issues_add(pur_issues *issues, const pur_place *place, const char *field,
                          const char *code) {
  size_t slot = find_slot(issues, place->index);
  pur_issue *issue = slot < PUR_ISSUES_KEPT ? make_room(issues, slot) : NULL;
  issues->total++;
  if (issue == NULL) return NULL;
  memset(issue, 0, sizeof *issue);
  issue->place = *place;
  issue->field = field;
  issue->code = code;
  return issue;
}

const pur_issue *pur_issues_get(const pur_issues *issues, size_t index) {
  return (const pur_issue *)(const void *)issues->kept.data + index;
}

void pur_issue_set_pointer(pur_issues *issues, pur_issue *issue, const char *pointer,
                           size_t length) {
  size_t begin = issues->pointers.length;
  pur_buffer_append(&issues->pointers, pointer, length);
  if (issues->pointers.status != PUR_OK) return;
  issue->pointer = begin + 1;
  issue->pointer_length = length;
}

const char *pur_issue_field(const pur_issues *issues, const pur_issue *issue, size_t *length) {
  *length = issue->pointer_length;
  if (issue->pointer != 0) return *length != 0 ? issues->pointers.data + issue->pointer - 1 : "";
  *length = issue->field != NULL ? strlen(issue->field) : 0;
  return issue->field;
}

/* Start of the line that byte `offset` lies in. */
static size_t line_start(const char *text, size_t offset) {
  const char *newline = memrchr(text, '\n', offset);
  return newline != NULL ? (size_t)(newline - text) + 1 : 0;
}

void pur_issues_locate(pur_issues *issues, size_t first, const char *text, size_t length,
                       const pur_place *start) {
  pur_issue *issue = (pur_issue *)(void *)issues->kept.data;
  size_t from = 0, line = start->line; /* nearly always the next place lies further on */
  for (size_t i = first; i < issues->count; i++) {
    pur_place *place = &issue[i].place;
    size_t offset = place->column, lines;
    if (place->line > 0) continue;
    if (offset < from) from = 0, line = start->line;
    pur_text_place(text + from, length - from, offset - from, &lines, &place->column);
    line += lines - 1;
    from = line_start(text, offset);
    if (from == 0) place->column += start->column - 1;
    place->line = line;
  }
}

static bool is_control(const char *text) {
  return (unsigned char)*text < ' ' || *text == 0x7F;
}

void pur_issue_quote(const char *text, size_t length, char *out, size_t size) {
  while (length > 0) {
    size_t bytes = pur_utf8_length(text, length);
    bool shown = bytes > 0 && !is_control(text);
    if (bytes == 0) bytes = 1;
    if (bytes >= size) break;
    memcpy(out, shown ? text : "?", bytes);
    text += bytes, length -= bytes;
    out += bytes, size -= bytes;
  }
  *out = '\0';
}

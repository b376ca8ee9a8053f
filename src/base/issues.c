#include "base/issues.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

void pur_issues_init(pur_issues *issues) {
  memset(issues, 0, sizeof *issues);
}

void pur_issues_free(pur_issues *issues) {
  pur_buffer_free(&issues->kept);
  pur_buffer_free(&issues->pointers);
  pur_issues_init(issues);
}

/* Puts an issue behind those of its row and before those of later ones: some, such as a day's
 * length, are found late. The last one kept gives way when as many are kept as may be. */
pur_issue *pur_issues_add(pur_issues *issues, const pur_place *place, const char *field,
                          const char *code, const char *format, ...) {
  size_t slot = issues->count;
  va_list arguments;
  pur_issue *issue;
  issues->total++;
  while (slot > 0 && pur_issues_get(issues, slot - 1)->place.index > place->index) slot--;
  if (slot == PUR_ISSUES_KEPT) return NULL;
  if (issues->count < PUR_ISSUES_KEPT) {
    if (pur_buffer_reserve(&issues->kept, sizeof *issue) == NULL) return NULL;
    issues->kept.length += sizeof *issue;
    issues->count++;
  }
  issue = (pur_issue *)(void *)issues->kept.data + slot;
  memmove(issue + 1, issue, (issues->count - 1 - slot) * sizeof *issue);
  memset(issue, 0, sizeof *issue);
  issue->place = *place;
  issue->field = field;
  issue->code = code;
  issue->count = 1;
  va_start(arguments, format);
  (void)vsnprintf(issue->message, sizeof issue->message, format, arguments);
  va_end(arguments);
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

void pur_issues_locate(pur_issues *issues, size_t first, const char *text, size_t length,
                       const pur_place *start) {
  pur_issue *issue = (pur_issue *)(void *)issues->kept.data;
  pur_place at = *start; /* of byte `from`: nearly always the next place lies further on */
  size_t from = 0;
  for (size_t i = first; i < issues->count; i++) {
    pur_place *place = &issue[i].place;
    const size_t offset = place->column < length ? place->column : length;
    if (place->line > 0) continue;
    if (offset < from) from = 0, at = *start;
    pur_text_pass(text + from, offset - from, &at.line, &at.column);
    from = offset;
    place->line = at.line;
    place->column = at.column;
  }
}

void pur_issue_quote(const char *text, size_t length, char *out, size_t size) {
  while (length > 0) {
    size_t bytes = pur_utf8_length(text, length);
    bool shown = bytes > 0 && (unsigned char)*text >= ' ' && *text != 0x7F;
    if (bytes == 0) bytes = 1;
    if (bytes >= size) break;
    memcpy(out, shown ? text : "?", bytes);
    text += bytes, length -= bytes;
    out += bytes, size -= bytes;
  }
  *out = '\0';
}

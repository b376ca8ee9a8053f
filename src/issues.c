#include "issues.h"

#include <string.h>

#include "json.h"

void pur_issues_init(pur_issues *issues) {
  pur_buffer_init(&issues->kept, 0);
  issues->count = issues->total = 0;
}

void pur_issues_free(pur_issues *issues) {
  pur_buffer_free(&issues->kept);
  issues->count = issues->total = 0;
}

pur_issue *pur_issues_add(pur_issues *issues, const pur_place *place, const char *field,
                          const char *code) {
  pur_issue *issue;
  issues->total++;
  if (issues->count == PUR_ISSUES_KEPT) return NULL;
  issue = (pur_issue *)(void *)pur_buffer_reserve(&issues->kept, sizeof *issue);
  if (issue == NULL) return NULL;
  issues->kept.length += sizeof *issue;
  issues->count++;
  memset(issue, 0, sizeof *issue);
  issue->place = *place;
  issue->field = field;
  issue->code = code;
  return issue;
}

const pur_issue *pur_issues_get(const pur_issues *issues, size_t index) {
  return (const pur_issue *)(const void *)issues->kept.data + index;
}

/* Start of the line that byte `offset` lies in. */
static size_t line_start(const char *text, size_t offset) {
  const char *newline = memrchr(text, '\n', offset);
  return newline != NULL ? (size_t)(newline - text) + 1 : 0;
}

void pur_issues_locate(pur_issues *issues, const char *text, size_t length) {
  pur_issue *issue = (pur_issue *)(void *)issues->kept.data;
  size_t start = 0, line = 1; /* nearly always the next place lies further on */
  for (size_t i = 0; i < issues->count; i++) {
    pur_place *place = &issue[i].place;
    size_t offset = place->column, lines;
    if (place->line > 0) continue;
    if (offset < start) start = 0, line = 1;
    pur_text_place(text + start, length - start, offset - start, &lines, &place->column);
    line += lines - 1;
    start = line_start(text, offset);
    place->line = line;
  }
}

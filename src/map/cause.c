#include "map/cause.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* How much the detail of a number with a strange sign knows of the signs: 1.234 may be anything,
 * 1.2 not. */
static int knowledge_of(const char *detail) {
  if (strstr(detail, "\", thousands = ") != NULL) return 2;
  return strstr(detail, "a decimal ") != NULL;
}

/* What tells the causes of two details apart: their words, but for numbers, and for what is quoted
 * from a cell, unless that is no number either. All that name one decimal sign are one. Never 0. */
static uint32_t cause_of(const char *code, const char *detail) {
  bool all = strcmp(code, "nonexistent_time") == 0; /* each missing hour is one of its own */
  uint32_t cause = 2166136261u;
  const char *quoted = detail != NULL && *detail == '\'' ? strstr(detail + 1, "' is ") : NULL;
  const char *sign = detail != NULL ? strstr(detail, "say decimal = \"") : NULL;
  if (sign != NULL) return cause + (unsigned char)sign[15];
  if (quoted != NULL && strcspn(detail, "0123456789") < (size_t)(quoted - detail)) detail = quoted;
  for (; detail != NULL && *detail != '\0'; detail++)
    if (all || !pur_text_is_digit(*detail)) cause = (cause ^ (unsigned char)*detail) * 16777619u;
  return cause != 0 ? cause : 1;
}

void pur_cause_report(pur_issues *issues, const pur_place *place, const char *field,
                      const char *code, const char *detail, const char *words, ...) {
  const uint32_t cause = cause_of(code, detail);
  char text[PUR_MESSAGE_SIZE];
  va_list arguments;
  pur_issue *issue;
  for (size_t i = 0; i < issues->count; i++) {
    issue = (pur_issue *)(void *)issues->kept.data + i;
    if (issue->cause != cause || strcmp(issue->code, code) != 0) continue;
    issue->count++;
    issues->total++;
    if (detail != NULL && knowledge_of(detail) > knowledge_of(issue->detail))
      pur_issue_explain(issue, "%s", detail);
    return;
  }
  va_start(arguments, words);
  (void)vsnprintf(text, sizeof text, words, arguments);
  va_end(arguments);
  issue = pur_issues_add(issues, place, field, code, "Purchase item at index %zu%s", place->index,
                         text);
  if (issue != NULL) issue->cause = cause;
  if (detail != NULL) pur_issue_explain(issue, "%s", detail);
}

void pur_cause_merge_repeats(pur_issues *issues, const char *apart) {
  pur_issue *all = (pur_issue *)(void *)issues->kept.data, *first = NULL;
  size_t kept = 0;
  for (size_t i = 0; i < issues->count; i++) {
    bool repeats = strcmp(all[i].code, "repeated_datetime") == 0 ||
                   (first != NULL && strcmp(all[i].code, "out_of_order") == 0);
    if (repeats && first != NULL) {
      first->count += all[i].count;
      continue;
    }
    all[kept] = all[i];
    if (repeats) first = &all[kept];
    kept++;
  }
  issues->count = kept;
  issues->kept.length = kept * sizeof *all;
  if (first == NULL) return;
  (void)snprintf(first->message, sizeof first->message,
                 "Purchase item at index %zu: field \"datetime\" repeats a time that came before.",
                 first->place.index);
  pur_issue_explain(first, "%s", apart);
  first->cause = 1;
}

static bool is_of_order(const pur_issue *issue) {
  return strcmp(issue->code, "out_of_order") == 0 ||
         strcmp(issue->code, "repeated_datetime") == 0 || strcmp(issue->code, "gap") == 0;
}

void pur_cause_mark(pur_issues *issues) {
  pur_issue *all = (pur_issue *)(void *)issues->kept.data;
  for (size_t i = 0; i < issues->count; i++) all[i].marked = all[i].count;
}

void pur_cause_take_back(pur_issues *issues, size_t index) {
  pur_issue *all = (pur_issue *)(void *)issues->kept.data;
  size_t kept = 0;
  for (size_t i = 0; i < issues->count; i++) {
    const bool is_order = is_of_order(&all[i]);
    if (is_order && all[i].place.index >= index) {
      issues->total -= all[i].count;
      continue;
    }
    all[kept] = all[i];
    if (is_order && all[kept].cause != 0) { /* without a cause it counts one place */
      issues->total -= all[kept].count - all[kept].marked;
      all[kept].count = all[kept].marked;
    }
    kept++;
  }
  issues->count = kept;
  issues->kept.length = kept * sizeof *all;
}

void pur_cause_drop(pur_issues *issues, size_t index) {
  pur_issue *all = (pur_issue *)(void *)issues->kept.data;
  while (issues->count > 0 && all[issues->count - 1].place.index >= index)
    issues->total -= all[--issues->count].count;
  issues->kept.length = issues->count * sizeof *all;
}

void pur_cause_explain_gaps(pur_issues *issues, size_t first, int64_t rows, const char *zone) {
  pur_issue *all = (pur_issue *)(void *)issues->kept.data;
  for (size_t i = issues->count; i-- > 0 && all[i].place.index > first;)
    if (strcmp(all[i].code, "gap") == 0)
      pur_issue_explain(&all[i], "that day has %lld in %s", (long long)rows, zone);
}

void pur_cause_name_label(pur_issues *issues, const char *label) {
  pur_issue *first = (pur_issue *)(void *)issues->kept.data;
  if (issues->total != 2 || issues->count != 2 || strcmp(first[0].code, "wrong_day_length") != 0 ||
      strcmp(first[1].code, "wrong_day_length") != 0)
    return;
  (void)snprintf(
      first->message, sizeof first->message,
      "Purchase items are of whole days if times name where an interval %ss: say label = "
      "\"%s\".",
      label, label);
  first->count = 2;
  issues->count = 1;
  issues->kept.length = sizeof *first;
}

bool pur_cause_summary(const pur_issue *issue, char out[PUR_MESSAGE_SIZE]) {
  static const char item[] = "Purchase item at index ";
  char what[3 * PUR_MESSAGE_SIZE], number[32];
  const char *words = issue->message, *detail = issue->detail;
  const char *quoted = *detail == '\'' ? strstr(detail + 1, "' is ") : NULL;
  size_t length = (size_t)snprintf(number, sizeof number, "%zu", issue->count);
  if (issue->count < 2 || issue->cause == 0) return false;
  for (size_t at = length; at > 3; at -= 3) {
    memmove(number + at - 2, number + at - 3, length + 1 - (at - 3));
    number[at - 3] = ',', length++;
  }
  if (strncmp(words, item, sizeof item - 1) == 0) {
    words += sizeof item - 1;
    words += strspn(words, "0123456789");
    words += strncmp(words, " is ", 4) == 0 ? 4 : strspn(words, ": ");
  }
  if (quoted != NULL && strncmp(quoted, "' is not a number: a", 20) == 0) detail = quoted + 19;
  if (strncmp(issue->code, "invalid_", 8) == 0 && strncmp(detail, "found ", 6) != 0)
    length = (size_t)snprintf(what, sizeof what, "%s rows: %s", number, detail);
  else
    length = (size_t)snprintf(what, sizeof what, "%s rows: %.*s%s%s", number,
                              (int)(strlen(words) - 1), words, *detail != '\0' ? ": " : "", detail);
  length = pur_utf8_clip(what, length, PUR_MESSAGE_SIZE - 48);
  (void)snprintf(what + length, sizeof what - length, " (first at %s %zu)",
                 issue->place.line > 0 ? "line" : "index",
                 issue->place.line > 0 ? issue->place.line : issue->place.index);
  memcpy(out, what, strlen(what) + 1);
  return true;
}

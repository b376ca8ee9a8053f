#include "series/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void pur_sequence_init(pur_sequence *sequence, int step, pur_issues *issues) {
  memset(sequence, 0, sizeof *sequence);
  sequence->step = step;
  sequence->issues = issues;
}

static void report_repeated(pur_sequence *sequence, const pur_place *place) {
  pur_issue *issue = pur_issues_add(sequence->issues, place, "datetime", "repeated_datetime");
  if (issue == NULL) return;
  pur_issue_write(issue->message,
                  "Purchase item at index %zu: field \"datetime\" repeats the item before it.",
                  place->index);
}

static void report_out_of_order(pur_sequence *sequence, const pur_place *place,
                                const char *detail) {
  pur_issue *issue = pur_issues_add(sequence->issues, place, "datetime", "out_of_order");
  if (issue == NULL) return;
  pur_issue_write(issue->message, "Purchase item at index %zu: field \"datetime\" is out of order.",
                  place->index);
  pur_issue_write(issue->detail, "%s", detail);
}

static void report_gap(pur_sequence *sequence, int64_t from, int64_t to, const pur_place *place) {
  int64_t missing = (to - from - 1) / sequence->step - sequence->unread;
  pur_issue *issue = pur_issues_add(sequence->issues, place, "datetime", "gap");
  if (issue == NULL) return;
  pur_issue_write(issue->message,
                  "Purchase item at index %zu: %" PRId64
                  " item%s missing before it (step %d minutes).",
                  place->index, missing, missing == 1 ? " is" : "s are", sequence->step);
}

/* Missing rows, unless the row that jumped was itself the one out of place. Without a step no row
 * is missing, but any may turn out to have been too far ahead. */
static void confirm_jump(pur_sequence *sequence) {
  if (!sequence->jumped) return;
  sequence->jumped = false;
  if (sequence->step == 0) return;
  report_gap(sequence, sequence->before, sequence->last, &sequence->place);
  sequence->unread = 0;
}

/* The row after a jump lies before it: one of the two is out of place. True when it is this one. */
static bool return_from_jump(pur_sequence *sequence, int64_t instant, const pur_place *place) {
  bool swapped = sequence->step != 0 && sequence->last - sequence->before == 2 * sequence->step &&
                 instant - sequence->before == sequence->step;
  sequence->jumped = false;
  if (swapped) {
    report_out_of_order(sequence, place, "it belongs before the item above it");
    return true;
  }
  report_out_of_order(sequence, &sequence->place, "it lies after the item below it");
  sequence->returned = true;
  sequence->last = sequence->before;
  sequence->unread++;
  return false;
}

/* Has this row the time of the row that jumped, which would fill the gap if it had its own? Then it
 * is repeated, and nothing is missing. */
static bool repeats_jump(const pur_sequence *sequence, int64_t instant) {
  int64_t ahead = sequence->last - sequence->before;
  return sequence->jumped && instant == sequence->last &&
         ahead == sequence->step * (sequence->unread + 2);
}

static bool is_next(const pur_sequence *sequence, int64_t instant) {
  int64_t ahead = instant - sequence->last;
  if (!sequence->started) return true;
  if (sequence->step == 0) return ahead > 0;
  return ahead == sequence->step ||
         (sequence->unread > 0 && ahead > 0 && ahead <= sequence->step * (sequence->unread + 1));
}

/* The series goes on from the row that fell back: that one began a part that stands further down
 * than it should. */
static bool goes_on_below(const pur_sequence *sequence, int64_t instant) {
  int64_t ahead = instant - sequence->low;
  return sequence->fell && (sequence->step == 0 ? ahead > 0 : ahead == sequence->step);
}

static void jump(pur_sequence *sequence, int64_t instant, const pur_place *place) {
  sequence->jumped = true;
  sequence->before = sequence->last;
  sequence->place = *place;
  sequence->last = instant;
}

static void go_on(pur_sequence *sequence, int64_t instant, const pur_place *place) {
  if (sequence->step == 0 && sequence->started) jump(sequence, instant, place);
  sequence->started = true;
  sequence->last = instant;
  sequence->unread = 0;
}

static void refuse(pur_sequence *sequence, int64_t instant, const pur_place *place) {
  if (instant == sequence->last)
    report_repeated(sequence, place);
  else
    report_out_of_order(sequence, place, "it lies before the item above it");
  sequence->unread++;
  sequence->fell = true;
  sequence->low = instant;
}

bool pur_sequence_take(pur_sequence *sequence, int64_t instant, const pur_place *place) {
  bool below = goes_on_below(sequence, instant);
  sequence->returned = sequence->fell = false;
  if (sequence->jumped && instant > sequence->before && instant < sequence->last) {
    if (return_from_jump(sequence, instant, place)) return false;
  }
  if (repeats_jump(sequence, instant)) sequence->jumped = false;
  confirm_jump(sequence);
  if (is_next(sequence, instant) || below) {
    go_on(sequence, instant, place);
  } else if (instant <= sequence->last) {
    refuse(sequence, instant, place);
    return false;
  } else {
    jump(sequence, instant, place);
  }
  return true;
}

void pur_sequence_take_unread(pur_sequence *sequence) {
  confirm_jump(sequence);
  sequence->returned = sequence->fell = false;
  sequence->unread++;
}

void pur_sequence_finish(pur_sequence *sequence) {
  confirm_jump(sequence);
  sequence->returned = false;
}

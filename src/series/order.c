#include "series/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "map/cause.h"

static void report_out_of_order(pur_order *order, const pur_place *place, const char *detail) {
  pur_cause_report(order->issues, place, "datetime", "out_of_order", detail,
                   ": field \"datetime\" is out of order.");
}

/* Reports missing rows: the row that jumped was not itself the one out of place. Rows that stand
 * further up are not missing. Without a step none is, but any may turn out to have been too far
 * ahead. */
static void confirm_jump(pur_order *order) {
  int64_t missing;
  if (!order->jumped) return;
  order->jumped = false;
  if (order->step == 0) return;
  missing = (order->last - order->before - 1) / order->step - order->unread;
  order->unread = 0;
  if (order->before < order->early_from && order->early_to < order->last) {
    missing -= order->early;
    order->early = 0;
  }
  if (missing <= 0) return;
  order->gaps++;
  order->gap_begin = order->before;
  order->gap_end = order->last;
  (void)pur_issues_add(order->issues, &order->place, "datetime", "gap",
                       "Purchase item at index %zu: %" PRId64
                       " item%s missing before it (step %d minutes).",
                       order->place.index, missing, missing == 1 ? " is" : "s are", order->step);
}

/* Leaves, of all that is said of order, the first issue of one code, and returns it. */
static pur_issue *leave_one(pur_order *order, const char *code) {
  static const char *const codes[] = {"gap", "out_of_order", "repeated_datetime", "ambiguous_time"};
  pur_issue *all = (pur_issue *)(void *)order->issues->kept.data, *first = NULL;
  size_t kept = 0;
  for (size_t i = 0; i < order->issues->count; i++) {
    bool is_of_order = false, stays;
    for (size_t c = 0; c < sizeof codes / sizeof *codes; c++)
      is_of_order |= strcmp(all[i].code, codes[c]) == 0;
    stays = !is_of_order || (first == NULL && strcmp(all[i].code, code) == 0);
    if (!stays) order->issues->total -= all[i].count;
    if (stays && is_of_order) first = &all[kept];
    if (stays) all[kept++] = all[i];
  }
  order->issues->count = kept;
  order->issues->kept.length = kept * sizeof *all;
  return first;
}

/* Says of a file whose rows run backwards, or are all as far apart, but not by the step, just that:
 * the first issue stands for all of them. */
static void name_pattern(pur_order *order) {
  bool reversed = order->taken >= 3 && order->falls * 10 >= (order->taken - 1) * 9;
  bool other_step = order->step != 0 && order->apart > order->step && 60 % order->apart == 0;
  size_t total = order->issues->total, length;
  pur_issue *first;
  if (!(reversed ? order->falls > 0 : other_step && order->gaps > 0)) return;
  first = leave_one(order, reversed ? "out_of_order" : "gap");
  if (first == NULL) return;
  first->cause = 0;
  if (reversed) {
    order->issues->total += order->falls - first->count;
    first->count = order->falls;
    first->detail[0] = '\0';
    (void)snprintf(first->message, sizeof first->message,
                   "Purchase items are in reverse, the latest first: sort the file by time.");
    return;
  }
  first->count = order->gaps;
  order->issues->total = total;
  length = strlen(first->message);
  (void)snprintf(
      first->message + length, sizeof first->message - length,
      " All rows are %d minutes apart: give step = %d, or resolution = %d to make rows of "
      "%d minutes of them, or step = false for no grid.",
      (int)order->apart, (int)order->apart, (int)order->apart, order->step);
}

/* The row after a jump lies before it: one of the two is out of place. True when it is this one. */
static bool return_from_jump(pur_order *order, int64_t instant, const pur_place *place) {
  bool swapped = order->step != 0 && order->last - order->before == 2 * order->step &&
                 instant - order->before == order->step;
  order->jumped = false;
  if (swapped) {
    report_out_of_order(order, place, "it belongs before the item above it");
    return true;
  }
  report_out_of_order(order, &order->place, "it lies after the item below it");
  if (order->early++ == 0) order->early_from = order->early_to = order->last;
  if (order->last < order->early_from) order->early_from = order->last;
  if (order->last > order->early_to) order->early_to = order->last;
  order->returned = true;
  order->last = order->before;
  order->unread++;
  return false;
}

/* Is this the time that must come next? Rows that were reported may stand for missing ones. */
static bool is_next(const pur_order *order, int64_t instant) {
  int64_t ahead = instant - order->last;
  if (order->taken == 1) return true;
  if (order->step == 0) return ahead > 0;
  return ahead == order->step ||
         (order->unread > 0 && ahead > 0 && ahead <= order->step * (order->unread + 1));
}

/* The kept issue of a row, NULL: there is none. */
static pur_issue *issue_of(const pur_order *order, const char *code, size_t index) {
  for (size_t i = order->issues->count; i-- > 0;) {
    pur_issue *issue = (pur_issue *)(void *)order->issues->kept.data + i;
    if (issue->place.index == index && strcmp(issue->code, code) == 0) return issue;
  }
  return NULL;
}

/* Rows from the one that fell on have all been there before, up to `high_end`, or to where the rows
 * end: that is what two exports are whose times overlap, one behind the other. */
static void confirm_overlap(pur_order *order) {
  int64_t end = order->last < order->high_end ? order->last : order->high_end;
  pur_issue *issue = issue_of(order, "out_of_order", order->fallen.index);
  size_t rows = order->step > 0 ? (size_t)((end - order->low_end) / order->step) + 1 : 0;
  if (!order->overlaps) return;
  order->overlaps = false;
  if (issue == NULL || issue->count > 1 || rows < 2) return;
  issue->code = "repeated_datetime";
  issue->cause = 0;
  issue->count = rows;
  order->issues->total += rows - 1;
  (void)snprintf(
      issue->message, sizeof issue->message,
      "Purchase item at index %zu: from here on %zu rows repeat times that came before, as "
      "where two exports overlap: leave these rows out of one of them.",
      issue->place.index, rows);
  issue->detail[0] = '\0';
}

/* Reports a row that lies before the latest one in order, or at its time. */
static void refuse(pur_order *order, int64_t instant, const pur_place *place) {
  confirm_overlap(order);
  order->unread++;
  order->fell = true;
  order->low = instant;
  order->fallen = *place;
  if (instant == order->last)
    pur_cause_report(order->issues, place, "datetime", "repeated_datetime", NULL,
                     ": field \"datetime\" repeats the item before it.");
  else
    report_out_of_order(order, place, "it lies before the item above it");
}

static void jump(pur_order *order, int64_t instant, const pur_place *place) {
  order->jumped = true;
  order->before = order->last;
  order->place = *place;
  order->last = instant;
}

bool pur_order_take(pur_order *order, int64_t instant, const pur_place *place) {
  /* The rows go on from the one that fell back: that one began a part that stands further down than
   * it should. */
  int64_t above = instant - order->low;
  bool goes_on_below = order->fell && (order->step == 0 ? above > 0 : above == order->step);
  order->returned = order->fell = false;
  if (order->taken > 0 && order->apart != instant - order->last)
    order->apart = order->apart == 0 ? instant - order->last : -1;
  if (order->taken++ == 0) order->start = instant;
  order->falls += instant < order->previous;
  order->previous = instant;
  if (order->jumped && instant > order->before && instant < order->last &&
      return_from_jump(order, instant, place))
    return false;
  /* A row with the time of the one that jumped, which would fill the gap if it had its own, is
   * repeated, and nothing is missing. */
  if (order->jumped && instant == order->last &&
      order->last - order->before == order->step * (order->unread + 2))
    order->jumped = false;
  confirm_jump(order);
  if (is_next(order, instant) || goes_on_below) {
    if (order->step == 0 && order->taken > 1) jump(order, instant, place);
    if (goes_on_below && order->step > 0 && order->low >= order->start &&
        (order->low <= order->gap_begin || order->low >= order->gap_end)) {
      order->overlaps = true;
      order->low_end = order->low;
      order->high_end = order->last;
    }
    order->last = instant;
    order->unread = 0;
  } else if (instant <= order->last) {
    refuse(order, instant, place);
    return false;
  } else {
    jump(order, instant, place);
  }
  return true;
}

void pur_order_take_unread(pur_order *order) {
  confirm_jump(order);
  order->returned = order->fell = false;
  order->apart = -1;
  order->unread++;
}

void pur_order_finish(pur_order *order) {
  confirm_jump(order);
  confirm_overlap(order);
  order->returned = false;
  name_pattern(order);
}

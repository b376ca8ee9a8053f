#include "series/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void pur_order_init(pur_order *order, int step, pur_issues *issues) {
  memset(order, 0, sizeof *order);
  order->step = step;
  order->issues = issues;
}

static void report_out_of_order(pur_order *order, const pur_place *place, const char *detail) {
  pur_issue *issue = pur_issues_add(
      order->issues, place, "datetime", "out_of_order",
      "Purchase item at index %zu: field \"datetime\" is out of order.", place->index);
  pur_issue_explain(issue, "%s", detail);
}

/* Reports missing rows: the row that jumped was not itself the one out of place. Without a step no
 * row is missing, but any may turn out to have been too far ahead. */
static void confirm_jump(pur_order *order) {
  int64_t missing;
  if (!order->jumped) return;
  order->jumped = false;
  if (order->step == 0) return;
  missing = (order->last - order->before - 1) / order->step - order->unread;
  order->unread = 0;
  (void)pur_issues_add(order->issues, &order->place, "datetime", "gap",
                       "Purchase item at index %zu: %" PRId64
                       " item%s missing before it (step %d minutes).",
                       order->place.index, missing, missing == 1 ? " is" : "s are", order->step);
}

/* Adds to the first of the gaps what to do where all rows are as far apart, and it is their step
 * that is another. */
static void name_step(const pur_order *order) {
  pur_issue *first = (pur_issue *)(void *)order->issues->kept.data;
  size_t length;
  if (order->step == 0 || order->apart <= order->step || 60 % order->apart != 0 ||
      order->issues->count == 0 || strcmp(first->code, "gap") != 0)
    return;
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
  order->returned = true;
  order->last = order->before;
  order->unread++;
  return false;
}

/* Is this the time that must come next? Rows that were reported may stand for missing ones. */
static bool is_next(const pur_order *order, int64_t instant) {
  int64_t ahead = instant - order->last;
  if (!order->started) return true;
  if (order->step == 0) return ahead > 0;
  return ahead == order->step ||
         (order->unread > 0 && ahead > 0 && ahead <= order->step * (order->unread + 1));
}

/* Reports a row that lies before the latest one in order, or at its time. */
static void refuse(pur_order *order, int64_t instant, const pur_place *place) {
  order->unread++;
  order->fell = true;
  order->low = instant;
  if (instant != order->last) {
    report_out_of_order(order, place, "it lies before the item above it");
    return;
  }
  (void)pur_issues_add(order->issues, place, "datetime", "repeated_datetime",
                       "Purchase item at index %zu: field \"datetime\" repeats the item before it.",
                       place->index);
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
  if (order->started && order->apart != instant - order->last)
    order->apart = order->apart == 0 ? instant - order->last : -1;
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
    if (order->step == 0 && order->started) jump(order, instant, place);
    order->started = true;
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
  order->returned = false;
  name_step(order);
}

/* Are rows in order, one step apart? Tells a repeated row, a row out of order and missing rows
 * apart.
 *
 * One slip is reported once: a row with a wrong date does not make its neighbours wrong, rows that
 * change places are out of order, not missing, and where a series starts anew further back, only
 * the first row of that is out of order. So a row that jumps ahead is judged when the next row
 * shows whether the series goes on from there (rows are missing) or returns (it was out of place).
 * What is wrong with all rows alike is said once: that they run backwards, or are further apart. */
#ifndef PURCHASES_SERIES_ORDER_H
#define PURCHASES_SERIES_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/issues.h"

/* Begins with its issues and its step. */
typedef struct pur_order {
  pur_issues *issues; /* borrowed */
  int step;           /* minutes between rows; 0: any later time will do */
  bool fell;          /* the row before was reported because it lies before `last`, at `low` */
  bool jumped;        /* `last` lies further ahead than it should; not judged yet */
  bool returned;  /* the row taken last showed that the one before it, which jumped, was wrong */
  bool overlaps;  /* rows from `fallen` on come a second time: `low_end` to `high_end` */
  int64_t last;   /* instant (minutes) of the latest row in order */
  int64_t unread; /* rows reported since then: each may stand for a missing one */
  int64_t low;
  int64_t before;      /* with `jumped`: the latest instant before the jump */
  pur_place place;     /* with `jumped`: of the row that jumped */
  int64_t apart;       /* minutes between each two rows; 0: none so far, -1: they differ */
  int64_t start;       /* instant of the first row */
  int64_t previous;    /* of the row taken last, in order or not */
  size_t taken, falls; /* rows, and those that lie before the one above them */
  pur_place fallen;    /* of the row that fell last */
  int64_t low_end, high_end;
  int64_t early;                /* rows that lie after the one below them ... */
  int64_t early_from, early_to; /* ... from here to there */
  size_t gaps;
  int64_t gap_begin, gap_end; /* of the latest */
} pur_order;

/* Takes the next row's instant in minutes; false when the row itself was reported. */
bool pur_order_take(pur_order *order, int64_t instant, const pur_place *place);

/* Takes a row whose instant cannot be told (reported by the caller). */
void pur_order_take_unread(pur_order *order);

/* Judges what is still open; called at the end. */
void pur_order_finish(pur_order *order);

#endif

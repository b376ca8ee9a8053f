/* The causes of what is wrong with rows: those with one cause are one issue, and are told as one.
 */
#ifndef PURCHASES_MAP_CAUSE_H
#define PURCHASES_MAP_CAUSE_H

#include "base/issues.h"

/* What tells the causes of two details (NULL: none) apart: their words, but for numbers, and for
 * what is quoted from a cell, unless that is no number either. All that name one decimal sign are
 * one. Never 0. */
uint32_t pur_cause_of(const char *code, const char *detail);

/* Takes over the detail of another row with the cause of the issue, where it knows more: 1.234 may
 * be anything, 1.2 not. */
void pur_cause_learn(pur_issue *issue, const char *detail);

/* Makes one issue of all rows with times that came before, where a column tells them apart. */
void pur_cause_merge_repeats(pur_issues *issues, const char *apart);

/* Notes how many rows the issues about the order of rows have: those are one for each cause. */
#define PUR_CAUSES_OF_ORDER 4
void pur_cause_mark(const pur_issues *issues, size_t counts[PUR_CAUSES_OF_ORDER]);

/* Takes back what was said of the order of rows since, all of them from a row on, by its index. */
void pur_cause_take_back(pur_issues *issues, size_t index,
                         const size_t counts[PUR_CAUSES_OF_ORDER]);

/* Takes back all that was said of the rows from one on, by its index. */
void pur_cause_drop(pur_issues *issues, size_t index);

/* Says of the gaps between the rows of a day, the first of which has that index, how many rows that
 * day has: by the labels alone, nothing may be missing where clocks are put back. */
void pur_cause_explain_gaps(pur_issues *issues, size_t first, int64_t rows, const char *zone);

/* Where the first day and the last are all that is wrong: says that another label would make whole
 * days of them. */
void pur_cause_name_label(pur_issues *issues, const char *label);

/* Says of an issue with more rows than one what holds for all of them: 35,040 rows: a decimal
 * comma; say decimal = "," (first at line 2). False: its message says it. */
bool pur_cause_summary(const pur_issue *issue, char out[PUR_MESSAGE_SIZE]);

#endif

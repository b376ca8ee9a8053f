/* The causes of what is wrong with rows: those with one cause are one issue, and are told as one.
 */
#ifndef PURCHASES_MAP_CAUSE_H
#define PURCHASES_MAP_CAUSE_H

#include "base/issues.h"

/* Reports a row: as one more of a kept issue with that code and the same cause, or as an issue with
 * words in printf's format, in front of which comes "Purchase item at index N". The cause is what
 * the `detail` (NULL: none) says. */
void pur_cause_report(pur_issues *issues, const pur_place *place, const char *field,
                      const char *code, const char *detail, const char *words, ...)
    __attribute__((format(printf, 6, 7)));

/* Makes one issue of all rows with times that came before, where a column tells them apart. */
void pur_cause_merge_repeats(pur_issues *issues, const char *apart);

/* Notes how many rows each issue has. */
void pur_cause_mark(pur_issues *issues);

/* Takes back what was said of the order of rows since, all of them from a row on, by its index. */
void pur_cause_take_back(pur_issues *issues, size_t index);

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

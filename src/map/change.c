#include "map/change.h"

#include <string.h>

#include "map/cause.h"

void pur_change_explain(const pur_timezone *zone, bool is_gap, bool ends, int64_t label,
                        const int64_t candidates[2], char detail[PUR_CHANGE_DETAIL]) {
  char first[PUR_UTC_SIZE], second[PUR_UTC_SIZE];
  pur_timezone_period after;
  if (!is_gap) {
    pur_datetime_format_utc(candidates[0], first);
    pur_datetime_format_utc(candidates[1], second);
    (void)snprintf(detail, PUR_CHANGE_DETAIL, "either %.20s or %.20s: give it with an offset",
                   first, second);
    return;
  }
  pur_timezone_at(zone, candidates[1], &after);
  pur_datetime_format_utc(after.from + (label * 60 - candidates[1]), first);
  pur_datetime_format_utc(after.from + (label * 60 - candidates[0]), second);
  (void)snprintf(
      detail, PUR_CHANGE_DETAIL,
      "its clocks go from %.10s %.5s to %.5s: %s, or give times with an offset", first, first + 11,
      second + 11,
      ends ? "the interval before that ends at the latter, and no other in that hour: name it so"
           : "leave the rows of that hour out");
}

static void begin_hour(pur_twice *twice, size_t hour, const pur_map_time *time) {
  const pur_text cell = time->flag;
  twice->hours[hour].which = cell.text != NULL ? time->which : 0;
  pur_issue_quote(cell.text, cell.length, twice->hours[hour].shown, sizeof twice->hours->shown);
}

void pur_twice_take(pur_twice *twice, const pur_place *place, int64_t label, int64_t end, int known,
                    const pur_map_time *time, pur_issues *issues) {
  twice->is_paired &= twice->rows % 2 == 1 ? label == twice->last : label > twice->last;
  if (twice->rows == 0) {
    *twice = (pur_twice){.first = *place, .label = label, .is_paired = known >= 0};
    twice->rows = known == 1;
    pur_cause_mark(issues);
    begin_hour(twice, 0, time);
  } else if (twice->half == 0 && label == twice->label) {
    twice->half = twice->rows;
    twice->half_end = twice->last;
    begin_hour(twice, 1, time);
  } else if (label <= twice->last) {
    twice->half = SIZE_MAX; /* they are in no order */
  }
  if (time->which != twice->hours[twice->half > 0].which) twice->hours[twice->half > 0].which = 0;
  twice->last = label;
  twice->end = end;
  twice->rows++;
}

/* Does one hour stand behind the other, as clocks show them, where the column says something else?
 */
static bool is_belied(const pur_twice *twice) {
  const signed char first = twice->hours[0].which, second = twice->hours[1].which;
  return twice->rows == 2 * twice->half && twice->last == twice->half_end && first != 0 &&
         second != 0 && (first != 1 || second != 2);
}

bool pur_twice_leave(pur_twice *twice, const pur_map_series *map, pur_issues *issues,
                     char detail[PUR_CHANGE_DETAIL]) {
  const char *first = twice->hours[0].shown, *second = twice->hours[1].shown;
  const bool is_paired = twice->is_paired && twice->rows >= 4 && twice->rows % 2 == 0;
  const bool is_wrong = is_paired || is_belied(twice);
  twice->rows = 0;
  if (!is_wrong) return false;
  pur_cause_take_back(issues, twice->first.index);
  if (is_paired)
    (void)snprintf(detail, PUR_CHANGE_DETAIL,
                   "its two hours are mixed, row by row: put all rows of the first before those of "
                   "the second");
  else if (strcmp(first, second) == 0)
    (void)snprintf(detail, PUR_CHANGE_DETAIL,
                   "dst: column \"%s\" holds \"%s\" in both hours: it does not tell them "
                   "apart",
                   map->dst_name, first);
  else
    (void)snprintf(detail, PUR_CHANGE_DETAIL,
                   "dst: column \"%s\" holds \"%s\" in the first hour and \"%s\" in the "
                   "second: say is = \"%s\"",
                   map->dst_name, first, second, first);
  return true;
}

/* What a TZif file says: the form in which the system keeps its time zones (RFC 9636; RFC 8536
 * before it), versions 1 to 4. Private to time/.
 *
 * Most end with a rule by which the clocks change every year after the changes that they list, as
 * TZ strings give it: POSIX.1-2017, section 8.3, with the wider hours of RFC 9636, section 3.3.1.
 *
 *     CET-1CEST,M3.5.0,M10.5.0/3 */
#ifndef PURCHASES_TIME_TZFILE_H
#define PURCHASES_TIME_TZFILE_H

#include <stdbool.h>
#include <string.h>

#include "time/timezone.h"

/* A zone's own abbreviations are as long at most; of longer ones no more is kept. */
#define PUR_ABBREVIATION 8 /* with a NUL */

/* What the clocks show for a while. */
typedef struct pur_tztype {
  int32_t offset; /* seconds east of UTC */
  char name[PUR_ABBREVIATION];
} pur_tztype;

/* A moment of the year. */
typedef struct pur_tzrule_date {
  enum {
    PUR_TZRULE_JULIAN,      /* Jn: `day` 1..365, February 29 is never counted */
    PUR_TZRULE_DAY_OF_YEAR, /* n: `day` 0..365, February 29 is counted */
    PUR_TZRULE_WEEKDAY      /* Mm.w.d: `day` 0 (Sunday)..6 for the `week`th time in `month` */
  } form;
  int month;
  int week; /* 5: the last one */
  int day;
  int32_t time; /* seconds after 00:00 on the clock that is about to change; may leave that day */
} pur_tzrule_date;

typedef struct pur_tzrule {
  pur_tztype standard;
  bool has_daylight;
  pur_tztype daylight;    /* these three only with has_daylight */
  pur_tzrule_date starts; /* when daylight saving time starts, and ends */
  pur_tzrule_date ends;
} pur_tzrule;

/* Reads a rule. PUR_INVALID_ZONE, with the position in `text`, for one that is malformed or that
 * has daylight saving time without saying when. */
pur_status pur_tzrule_parse(const char *text, size_t length, pur_tzrule *rule, pur_error *error);

/* The period around an instant of the years 0 to 10000. */
void pur_tzrule_at(const pur_tzrule *rule, int64_t utc, pur_timezone_period *period);

typedef struct pur_tzchange {
  int64_t at;      /* in seconds since 1970-01-01 00:00 UTC */
  pur_tztype type; /* from then on */
} pur_tzchange;

struct pur_timezone {
  size_t count;
  pur_tzchange *changes; /* in ascending order; the first, at INT64_MIN, is what always was */
  bool has_rule;
  pur_tzrule rule; /* makes the changes after these; without it the last offset stays */
};

#endif

/* What a TZif file says: the form in which the system keeps its time zones (RFC 9636; RFC 8536
 * before it), versions 1 to 4. Private to the files that read one and answer by it. */
#ifndef PURCHASES_TIME_TZFILE_H
#define PURCHASES_TIME_TZFILE_H

#include "time/timezone.h"

typedef struct pur_tzchange {
  int64_t at;     /* in seconds since 1970-01-01 00:00 UTC */
  int32_t offset; /* from then on, in seconds east of UTC */
  char name[PUR_ABBREVIATION];
} pur_tzchange;

struct pur_timezone {
  unsigned references;
  int32_t first_offset; /* before the first change */
  char first_name[PUR_ABBREVIATION];
  size_t count;
  pur_tzchange *changes; /* in ascending order; NULL if there are none */
  bool has_rule;
  pur_tzrule rule; /* makes the changes after these; without it the last offset stays */
};

#endif

/* Dates and times as text and as numbers, in the proleptic Gregorian calendar, years 0001 to 9999.
 *
 * Civil seconds, minutes and days count from 1970-01-01 00:00 on the clock that is meant: with no
 * zone in sight, every day has 86,400 seconds. Nothing here asks the C library, so neither TZ nor
 * the locale has a say, and nothing is allocated. */
#ifndef PURCHASES_TIME_DATETIME_H
#define PURCHASES_TIME_DATETIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define PUR_DAY_SECONDS 86400

/* Civil seconds of 0001-01-01 00:00:00 and of 9999-12-31 23:59:59: what a text can say. */
#define PUR_DATETIME_FIRST INT64_C(-62135596800)
#define PUR_DATETIME_LAST INT64_C(253402300799)

#define PUR_DATE_SIZE 10    /* YYYY-MM-DD */
#define PUR_MINUTES_SIZE 16 /* YYYY-MM-DD HH:MM */
#define PUR_SECONDS_SIZE 19 /* YYYY-MM-DD HH:MM:SS */
#define PUR_UTC_SIZE 20     /* YYYY-MM-DDTHH:MM:SSZ */

typedef struct pur_date {
  int year;
  int month; /* 1..12 */
  int day;   /* 1..31 */
} pur_date;

typedef struct pur_datetime {
  int64_t seconds; /* civil seconds as written: the offset is not applied */
  int32_t offset;  /* seconds east of UTC; 0 where none was written */
  bool has_offset; /* an instant; otherwise a naive time, which needs a zone to become one */
} pur_datetime;

/* C rounds towards zero, but a time before 1970 belongs to the day below it. */
static inline int64_t pur_floor_divide(int64_t value, int64_t by) {
  return value / by - (value % by < 0);
}

bool pur_date_is_leap_year(int year);

/* 28 to 31. */
int pur_date_month_length(int year, int month);

/* A date that exists to days since 1970-01-01, and back. Both hold for the years -399 to 99999, so
 * that a neighbour of the first or the last year needs no care. */
int64_t pur_date_to_days(int year, int month, int day);
pur_date pur_date_from_days(int64_t days);

/* The day, since 1970-01-01, in which a second lies. */
static inline int64_t pur_datetime_day(int64_t seconds) {
  return pur_floor_divide(seconds, PUR_DAY_SECONDS);
}

/* Reads, and takes nothing else (no spaces around, no lower case, no missing digits):
 *
 *     YYYY-MM-DD(" "|"T")HH:MM[:SS[.0...]][Z|(+|-)HH[[:]MM]]
 *
 * A fraction is 1 to 9 zeros, since anything else would be lost. Hours go from 00 to 23, so 24:00
 * is refused, and so is second 60. On failure PUR_INVALID_DATETIME, `error` says what is wrong and
 * at which byte, and `out` is left alone. */
pur_status pur_datetime_parse(const char *text, size_t length, pur_datetime *out, pur_error *error);

/* Reads YYYY-MM-DD into days since 1970-01-01; fails as pur_datetime_parse does. */
pur_status pur_datetime_parse_date(const char *text, size_t length, int64_t *days,
                                   pur_error *error);

/* The instant, in seconds since 1970-01-01 00:00 UTC, of a datetime that has an offset. */
static inline int64_t pur_datetime_instant(const pur_datetime *datetime) {
  return datetime->seconds - datetime->offset;
}

/* Each writes exactly the size it names, and no NUL. The time lies between PUR_DATETIME_FIRST and
 * PUR_DATETIME_LAST (format_minutes: the minutes of these). */
void pur_datetime_format_minutes(int64_t minutes, char out[PUR_MINUTES_SIZE]);
void pur_datetime_format_seconds(int64_t seconds, char out[PUR_SECONDS_SIZE]);
void pur_datetime_format_utc(int64_t seconds, char out[PUR_UTC_SIZE]);

#endif

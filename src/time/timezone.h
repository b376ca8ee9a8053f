/* Time zones: what the clocks of a place show at an instant, and which instant a local time means.
 *
 * The zones are those of the system's database, or of the folder that TZDIR names. Neither TZ nor
 * the C library's own idea of local time is asked or changed. Instants are seconds since 1970-01-01
 * 00:00 UTC, local times the same count on the zone's clock (datetime.h). */
#ifndef PURCHASES_TIME_TIMEZONE_H
#define PURCHASES_TIME_TIMEZONE_H

#include <stdint.h>

#include "base/error.h"

/* The seconds that a zone may be east of UTC (RFC 9636, section 3.2). */
#define PUR_OFFSET_LEAST (-89999)
#define PUR_OFFSET_MOST 93599

/* A stretch of time with one offset. */
typedef struct pur_timezone_period {
  int64_t from;   /* first instant, in seconds since 1970-01-01 00:00 UTC; INT64_MIN: always was */
  int64_t until;  /* first instant after it; INT64_MAX: never ends */
  int32_t offset; /* seconds east of UTC */
  const char *name; /* its abbreviation, such as "CET"; the zone's own, with a NUL */
} pur_timezone_period;

/* Never changes once it is there. */
typedef struct pur_timezone pur_timezone;

typedef enum pur_local_kind {
  PUR_LOCAL_UNIQUE,
  PUR_LOCAL_GAP,    /* the clocks were put forward over it: they never showed it */
  PUR_LOCAL_OVERLAP /* the clocks were put back behind it: they showed it twice */
} pur_local_kind;

/* Finds a zone such as "Europe/Madrid" in the database, reads it and sets `zone`; the caller ends
 * it with pur_timezone_close. Otherwise `zone` is left alone, and the status is
 *
 *     PUR_UNKNOWN_ZONE   not the name of a zone (letters, digits, _ + - /) that the system has
 *     PUR_INVALID_ZONE   its file cannot be read, or is not what it should be
 *     PUR_NO_MEMORY */
pur_status pur_timezone_open(const char *name, size_t length, pur_timezone **zone,
                             pur_error *error);

/* The same for a TZif file's bytes, which are not needed afterwards and may be any: counts,
 * indices, order and footer are checked before they are used. PUR_INVALID_ZONE, with the position,
 * for whatever the RFC forbids, and for leap seconds (the "right/" zones), whose clock is not
 * UTC's. */
pur_status pur_timezone_parse(const void *bytes, size_t length, pur_timezone **zone,
                              pur_error *error);

/* Frees the zone. NULL is fine. */
void pur_timezone_close(pur_timezone *zone);

/* The questions hold for the years 1 to 9999 and a day around them. */

/* The period in which an instant lies: the caller keeps it, and asks again only outside of it. Two
 * periods that meet may have the same offset. */
void pur_timezone_at(const pur_timezone *zone, int64_t utc, pur_timezone_period *period);

/* The two instants that a local time may mean, the earlier one first. In a gap these are its
 * readings with the offset after and before it; for a unique time both are the same. */
pur_local_kind pur_timezone_local(const pur_timezone *zone, int64_t local, int64_t candidates[2]);

/* The first instant of a local date (days since 1970-01-01) and of the date after it. Both are the
 * same for a date that the zone skipped, as Pacific/Apia did 2011-12-30. */
void pur_timezone_day(const pur_timezone *zone, int64_t day, int64_t *start, int64_t *end);

#endif

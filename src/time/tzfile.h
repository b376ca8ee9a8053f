/* The contents of a TZif file: the form in which the system keeps its time zones (RFC 9636; RFC
 * 8536 before it), versions 1 to 4. */
#ifndef PURCHASES_TIME_TZFILE_H
#define PURCHASES_TIME_TZFILE_H

#include "time/tzrule.h"

typedef struct pur_tzfile_change {
  int64_t at;     /* in seconds since 1970-01-01 00:00 UTC */
  int32_t offset; /* from then on, in seconds east of UTC */
  char name[PUR_ABBREVIATION];
} pur_tzfile_change;

typedef struct pur_tzfile {
  int32_t first_offset; /* before the first change */
  char first_name[PUR_ABBREVIATION];
  size_t count;
  pur_tzfile_change *changes; /* in ascending order; NULL if there are none */
  bool has_rule;
  pur_tzrule rule; /* makes the changes after these; without it the last offset stays */
} pur_tzfile;

/* Reads a whole file, which may hold anything: its counts, indices, order and footer are checked
 * before they are used. The bytes are not needed afterwards; the caller ends `file` with
 * pur_tzfile_free.
 *
 * PUR_INVALID_ZONE, with the position in the file, for whatever the RFC forbids, and for leap
 * seconds (the "right/" zones), whose clock is not UTC's; PUR_NO_MEMORY. There is nothing to free
 * then. */
pur_status pur_tzfile_parse(const void *bytes, size_t length, pur_tzfile *file, pur_error *error);

void pur_tzfile_free(pur_tzfile *file);

#endif

#include "time/timezone.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "time/datetime.h"
#include "time/tzfile.h"

#define FILE_LIMIT 65536 /* bytes; the largest of them has 4,000 */
#define NAME_LIMIT 128
#define PATH_SIZE 1024

/* The system's database, or the one that TZDIR names */

static const char *const system_folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                             "/usr/share/lib/zoneinfo", "/etc/zoneinfo"};

/* A name becomes a path: without dots and empty parts it cannot lead out of the folder. */
static pur_status check_name(const char *name, size_t length, pur_error *error) {
  bool part_is_empty = true;
  size_t i = 0;
  for (; i < length && i < NAME_LIMIT; i++) {
    if (name[i] == '/' ? part_is_empty
                       : !pur_text_is_letter(name[i]) && !pur_text_is_digit(name[i]) &&
                             memchr("_+-", name[i], 3) == NULL)
      break;
    part_is_empty = name[i] == '/';
  }
  if (i == length && !part_is_empty) return PUR_OK;
  return pur_error_set(
      error, PUR_UNKNOWN_ZONE, i,
      "a zone name is up to %d letters, digits, _ + - and single slashes between them", NAME_LIMIT);
}

static bool is_empty(const char *folder) {
  DIR *entries = opendir(folder);
  int count = 0;
  if (entries == NULL) return true;
  while (count < 3 && readdir(entries) != NULL) count++; /* two of them are . and .. */
  (void)closedir(entries);
  return count < 3;
}

/* Finds the file of a zone. Small images of systems come without any: to call every name wrong
 * there would mislead. */
static pur_status find_file(const char *name, size_t length, char path[PATH_SIZE],
                            pur_error *error) {
  const char *own = getenv("TZDIR"), *const *folders = system_folders;
  size_t count = sizeof system_folders / sizeof *system_folders;
  struct stat found;
  bool has_database = false;
  if (own != NULL && *own != '\0') folders = &own, count = 1;
  for (size_t i = 0; i < count; i++) {
    int size = snprintf(path, PATH_SIZE, "%s/%.*s", folders[i], (int)length, name);
    if (size < PATH_SIZE && stat(path, &found) == 0 && S_ISREG(found.st_mode)) return PUR_OK;
    has_database |= !is_empty(folders[i]);
  }
  if (has_database)
    return pur_error_set(error, PUR_UNKNOWN_ZONE, 0, "unknown time zone %.*s", (int)length, name);
  if (folders == &own)
    return pur_error_set(error, PUR_UNKNOWN_ZONE, 0, "%.*s: there are no time zones in TZDIR, %s",
                         (int)length, name, own);
  return pur_error_set(error, PUR_UNKNOWN_ZONE, 0,
                       "%.*s: this system has no time zones; install tzdata", (int)length, name);
}

pur_status pur_timezone_open(const char *name, size_t length, pur_timezone **zone,
                             pur_error *error) {
  char path[PATH_SIZE], *bytes;
  size_t read = 0;
  pur_error cause;
  FILE *file;
  pur_status status = check_name(name, length, error);
  if (status == PUR_OK) status = find_file(name, length, path, error);
  if (status != PUR_OK) return status;
  bytes = malloc(FILE_LIMIT);
  if (bytes == NULL) return pur_error_no_memory(error);
  file = fopen(path, "rb");
  if (file != NULL) read = fread(bytes, 1, FILE_LIMIT, file);
  if (file == NULL || ferror(file))
    status = pur_error_set(&cause, PUR_INVALID_ZONE, read, "%s", strerror(errno));
  else if (read == FILE_LIMIT)
    status = pur_error_set(&cause, PUR_INVALID_ZONE, read, "too large for a time zone");
  else
    status = pur_timezone_parse(bytes, read, zone, &cause);
  if (file != NULL) (void)fclose(file);
  free(bytes);
  if (status != PUR_OK)
    (void)pur_error_set(error, status, cause.position, "%s: %s", path, cause.message);
  return status;
}

/* Questions */

/* The number of listed changes that have happened at an instant. */
static size_t count_changes(const pur_timezone *zone, int64_t utc) {
  size_t low = 0, high = zone->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (zone->changes[middle].at <= utc)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The last listed change holds until the next one, be that listed or by the rule. (A consistent
 * file's rule says the same as its last change; some compilers of zones have made others.) */
void pur_timezone_at(const pur_timezone *zone, int64_t utc, pur_timezone_period *period) {
  const size_t past = count_changes(zone, utc);
  const pur_tzchange *last = &zone->changes[past - 1];
  pur_timezone_period ruled = {.from = INT64_MIN, .until = INT64_MAX};
  if (past < zone->count)
    ruled.until = zone->changes[past].at;
  else if (zone->has_rule)
    pur_tzrule_at(&zone->rule, utc, &ruled);
  *period = (pur_timezone_period){last->at, ruled.until, last->type.offset, last->type.name};
  if (past == zone->count && zone->has_rule && (past == 1 || ruled.from > last->at))
    *period = ruled;
}

/* The first instant at which the zone's clock shows a local time, or has passed it. */
static int64_t first_instant(const pur_timezone *zone, int64_t local) {
  pur_timezone_period period;
  int64_t utc;
  pur_timezone_at(zone, local - PUR_OFFSET_MOST, &period);
  while ((utc = local - period.offset) >= period.until)
    pur_timezone_at(zone, period.until, &period);
  return utc > period.from ? utc : period.from;
}

/* A local time may lie in any period that is within the largest offsets of it. One that the clocks
 * jumped over is read as they would have gone on after and before the jump. */
pur_local_kind pur_timezone_local(const pur_timezone *zone, int64_t local, int64_t candidates[2]) {
  pur_timezone_period period;
  int64_t jump;
  int readings = 0;
  for (int64_t at = local - PUR_OFFSET_MOST; at <= local - PUR_OFFSET_LEAST; at = period.until) {
    int64_t utc;
    pur_timezone_at(zone, at, &period);
    utc = local - period.offset;
    if (utc < period.from || utc >= period.until) continue;
    if (readings++ == 0) candidates[0] = utc;
    candidates[1] = utc;
  }
  if (readings > 0) return readings == 1 ? PUR_LOCAL_UNIQUE : PUR_LOCAL_OVERLAP;
  jump = first_instant(zone, local);
  pur_timezone_at(zone, jump, &period);
  candidates[0] = local - period.offset;
  pur_timezone_at(zone, jump - 1, &period);
  candidates[1] = local - period.offset;
  return PUR_LOCAL_GAP;
}

void pur_timezone_day(const pur_timezone *zone, int64_t day, int64_t *start, int64_t *end) {
  *start = first_instant(zone, day * PUR_DAY_SECONDS);
  *end = first_instant(zone, (day + 1) * PUR_DAY_SECONDS);
}

/* The rule at the end of a TZif file: read, and asked. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "time/datetime.h"
#include "time/tzfile.h"

#define SHORTEST_NAME 3

/* Reading */

typedef struct reader {
  const char *text;
  size_t length;
  size_t at;
  pur_error *error;
} reader;

static bool refuse(const reader *in, const char *wanted) {
  (void)pur_error_set(in->error, PUR_INVALID_ZONE, in->at, "zone rule: expected %s", wanted);
  return false;
}

static char next(const reader *in) {
  if (in->at == in->length) return '\0';
  return in->text[in->at];
}

/* Steps over `wanted` if it is next. */
static bool take(reader *in, char wanted) {
  bool taken = in->at < in->length && in->text[in->at] == wanted;
  in->at += taken;
  return taken;
}

static bool expect(reader *in, char wanted, const char *what) {
  return take(in, wanted) || refuse(in, what);
}

/* A number of one to three digits. */
static bool read_number(reader *in, int least, int most, const char *what, int *number) {
  reader start = *in;
  for (*number = 0; pur_text_is_digit(next(in)) && in->at < start.at + 3; in->at++)
    *number = *number * 10 + (next(in) - '0');
  return (in->at > start.at && *number >= least && *number <= most) || refuse(&start, what);
}

/* The name of a time, CET or <+0330>. */
static bool read_name(reader *in, pur_tztype *type) {
  bool quoted = take(in, '<');
  reader start = *in;
  while (pur_text_is_letter(next(in)) ||
         (quoted && (pur_text_is_digit(next(in)) || next(in) == '+' || next(in) == '-')))
    in->at++;
  if (in->at - start.at < SHORTEST_NAME) return refuse(&start, "a name of 3 letters or more");
  (void)snprintf(type->name, sizeof type->name, "%.*s", (int)(in->at - start.at),
                 in->text + start.at);
  return !quoted || expect(in, '>', "\">\"");
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool read_time(reader *in, int most_hours, const char *what, int32_t *seconds) {
  int hours, minutes = 0, rest = 0;
  int sign = next(in) == '-' ? -1 : 1;
  if (!take(in, '-')) (void)take(in, '+');
  if (!read_number(in, 0, most_hours, what, &hours)) return false;
  if (take(in, ':')) {
    if (!read_number(in, 0, 59, "minutes from 0 to 59", &minutes)) return false;
    if (take(in, ':') && !read_number(in, 0, 59, "seconds from 0 to 59", &rest)) return false;
  }
  *seconds = sign * (hours * 3600 + minutes * 60 + rest);
  return true;
}

/* TZ strings count offsets west of UTC; everything else counts them east. */
static bool read_offset(reader *in, pur_tztype *type) {
  int32_t west;
  if (!read_time(in, 24, "an offset of 0 to 24 hours", &west)) return false;
  type->offset = -west;
  return true;
}

static bool read_day(reader *in, pur_tzrule_date *date) {
  if (take(in, 'M')) {
    date->form = PUR_TZRULE_WEEKDAY;
    return read_number(in, 1, 12, "a month from 1 to 12", &date->month) &&
           expect(in, '.', "\".\" after the month") &&
           read_number(in, 1, 5, "a week from 1 to 5", &date->week) &&
           expect(in, '.', "\".\" after the week") &&
           read_number(in, 0, 6, "a weekday from 0 to 6", &date->day);
  }
  if (take(in, 'J')) {
    date->form = PUR_TZRULE_JULIAN;
    return read_number(in, 1, 365, "a day from 1 to 365", &date->day);
  }
  date->form = PUR_TZRULE_DAY_OF_YEAR;
  return read_number(in, 0, 365, "M, J or a day from 0 to 365", &date->day);
}

static bool read_date(reader *in, pur_tzrule_date *date) {
  date->time = 2 * 3600;
  return expect(in, ',', "\",\" and the date of a change") && read_day(in, date) &&
         (!take(in, '/') || read_time(in, 167, "a time of 0 to 167 hours", &date->time));
}

static bool read_daylight(reader *in, pur_tzrule *rule) {
  rule->has_daylight = true;
  rule->daylight.offset = rule->standard.offset + 3600;
  return read_name(in, &rule->daylight) && (next(in) == ',' || read_offset(in, &rule->daylight)) &&
         read_date(in, &rule->starts) && read_date(in, &rule->ends);
}

pur_status pur_tzrule_parse(const char *text, size_t length, pur_tzrule *rule, pur_error *error) {
  reader in = {text, length, 0, error};
  memset(rule, 0, sizeof *rule);
  if (!read_name(&in, &rule->standard) || !read_offset(&in, &rule->standard) ||
      !(in.at == length || read_daylight(&in, rule)) ||
      !(in.at == length || refuse(&in, "nothing more")))
    return PUR_INVALID_ZONE;
  return PUR_OK;
}

/* Asking */

static int64_t day_in_year(const pur_tzrule_date *date, int year) {
  int64_t new_year = pur_date_to_days(year, 1, 1), first, day;
  bool skips_leap_day = date->day >= 60 && pur_date_is_leap_year(year); /* 60: March 1 */
  if (date->form == PUR_TZRULE_JULIAN) return new_year + date->day - 1 + skips_leap_day;
  if (date->form == PUR_TZRULE_DAY_OF_YEAR) return new_year + date->day;
  first = pur_date_to_days(year, date->month, 1);
  day = (date->day - 4 - first) % 7; /* 4: 1970-01-01 was a Thursday */
  day = first + (day < 0 ? day + 7 : day) + (int64_t)7 * (date->week - 1);
  return day < first + pur_date_month_length(year, date->month) ? day : day - 7;
}

/* The instant of a change, on a clock that shows `before` until then. */
static int64_t change_instant(const pur_tzrule_date *date, int year, const pur_tztype *before) {
  return day_in_year(date, year) * PUR_DAY_SECONDS + date->time - before->offset;
}

/* Draws the period around `utc` closer, to a change at `at` that leads to `type`. */
static void narrow(pur_timezone_period *period, int64_t utc, int64_t at, const pur_tztype *type) {
  if (at > utc) {
    if (at < period->until) period->until = at;
  } else if (at >= period->from) {
    *period = (pur_timezone_period){at, period->until, type->offset, type->name};
  }
}

/* A change may fall a week outside of its year, so two years on either side are looked at. Where an
 * end and a start coincide, daylight saving time goes on: that is how a rule says "all year". */
void pur_tzrule_at(const pur_tzrule *rule, int64_t utc, pur_timezone_period *period) {
  int year = pur_date_from_days(pur_datetime_day(utc)).year;
  *period = (pur_timezone_period){INT64_MIN, INT64_MAX, rule->standard.offset, rule->standard.name};
  if (!rule->has_daylight) return;
  for (int near = year - 2; near <= year + 2; near++) {
    narrow(period, utc, change_instant(&rule->ends, near, &rule->daylight), &rule->standard);
    narrow(period, utc, change_instant(&rule->starts, near, &rule->standard), &rule->daylight);
  }
}

#include "time/datetime.h"

#include <stdio.h>

#include "base/text.h"

/* The calendar */

#define CYCLE_YEARS 400
#define CYCLE_DAYS 146097 /* in 400 years: the calendar then repeats, weekdays and all */
#define EPOCH_DAYS 719162 /* from 0001-01-01 to 1970-01-01 */
#define MARCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

/* Days of a year before each month, [0] common and [1] leap; a 13th month begins the next year. */
static const uint16_t days_before[2][14] = {
    {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
};

bool pur_date_is_leap_year(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int pur_date_month_length(int year, int month) {
  const uint16_t *before = days_before[pur_date_is_leap_year(year)];
  return before[month + 1] - before[month];
}

/* Counts from a whole cycle before year 1, so that whatever is divided is positive. */
int64_t pur_date_to_days(int year, int month, int day) {
  uint32_t years = (uint32_t)(year - 1 + CYCLE_YEARS);
  uint32_t days = years * 365 + years / 4 - years / 100 + years / 400;
  days += days_before[pur_date_is_leap_year(year)][month] + (uint32_t)day - 1;
  return (int64_t)days - CYCLE_DAYS - EPOCH_DAYS;
}

/* A year that begins in March has its leap day at the end, and month lengths that one line of
 * integer arithmetic gives (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
pur_date pur_date_from_days(int64_t days) {
  uint32_t count = (uint32_t)(days + MARCH_DAYS + CYCLE_DAYS);
  uint32_t of_cycle = count % CYCLE_DAYS;
  uint32_t year = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
  uint32_t of_year = of_cycle - (year * 365 + year / 4 - year / 100);
  uint32_t month = (5 * of_year + 2) / 153;
  pur_date date;
  date.year = (int)(count / CYCLE_DAYS * CYCLE_YEARS + year + (month >= 10)) - CYCLE_YEARS;
  date.month = (int)(month < 10 ? month + 3 : month - 9);
  date.day = (int)(of_year - (153 * month + 2) / 5 + 1);
  return date;
}

/* Reading, with a message for what cannot be read */

#define MAX_FRACTION 9

typedef struct reader {
  const char *text;
  size_t length;
  size_t at;
  pur_error *error;
} reader;

static bool next_is_digit(const reader *in) {
  return in->at < in->length && pur_text_is_digit(in->text[in->at]);
}

/* Steps over `wanted` if it is next. */
static bool take(reader *in, char wanted) {
  bool taken = in->at < in->length && in->text[in->at] == wanted;
  in->at += taken;
  return taken;
}

/* Refuses what is next. */
static bool refuse(const reader *in, const char *expectation) {
  char found[PUR_FOUND_SIZE];
  (void)pur_error_set(in->error, PUR_INVALID_DATETIME, in->at, "%s, got %s", expectation,
                      pur_text_found(in->text, in->length, in->at, found));
  return false;
}

/* Reads a number of just so many digits, from `least` to `most`. */
static bool read_number(reader *in, const char *name, int digits, int least, int most, int *value) {
  size_t start = in->at;
  char expectation[48];
  for (*value = 0; in->at < start + (size_t)digits; in->at++) {
    if (!next_is_digit(in)) {
      (void)snprintf(expectation, sizeof expectation, "expected %d digits for the %s", digits,
                     name);
      return refuse(in, expectation);
    }
    *value = *value * 10 + (in->text[in->at] - '0');
  }
  if (*value >= least && *value <= most) return true;
  (void)pur_error_set(in->error, PUR_INVALID_DATETIME, start, "%s %0*d: %ss go from %0*d to %d",
                      name, digits, *value, name, digits, least, most);
  return false;
}

/* Steps over the separator that must follow `after`. */
static bool read_separator(reader *in, char separator, const char *after) {
  char expectation[48];
  if (take(in, separator)) return true;
  (void)snprintf(expectation, sizeof expectation, "expected '%c' after the %s", separator, after);
  return refuse(in, expectation);
}

static bool read_date(reader *in, int64_t *days) {
  static const char *const names[] = {"January",   "February", "March",    "April",
                                      "May",       "June",     "July",     "August",
                                      "September", "October",  "November", "December"};
  int year, month, day, length;
  if (!read_number(in, "year", 4, 1, 9999, &year) || !read_separator(in, '-', "year") ||
      !read_number(in, "month", 2, 1, 12, &month) || !read_separator(in, '-', "month") ||
      !read_number(in, "day", 2, 1, 31, &day))
    return false;
  length = pur_date_month_length(year, month);
  *days = pur_date_to_days(year, month, day);
  if (day <= length) return true;
  (void)pur_error_set(in->error, PUR_INVALID_DATETIME, in->at - 2,
                      "%04d-%02d-%02d: %s %d has %d days", year, month, day, names[month - 1], year,
                      length);
  return false;
}

static bool read_time(reader *in, int64_t *seconds) {
  int hour, minute, second = 0, zeros = 0;
  if (!read_number(in, "hour", 2, 0, 23, &hour) || !read_separator(in, ':', "hour") ||
      !read_number(in, "minute", 2, 0, 59, &minute))
    return false;
  if (take(in, ':')) {
    if (!read_number(in, "second", 2, 0, 59, &second)) return false;
    /* Real data ends in ".000Z"; any other fraction would be lost in silence. */
    if (take(in, '.')) {
      while (zeros < MAX_FRACTION && take(in, '0')) zeros++;
      if (zeros == 0 || next_is_digit(in))
        return refuse(in, "expected 1 to 9 zeros in the fraction of a second");
    }
  }
  *seconds = hour * 3600 + minute * 60 + second;
  return true;
}

static bool read_offset(reader *in, pur_datetime *datetime) {
  int hour, minute = 0, sign;
  datetime->has_offset = take(in, 'Z');
  if (datetime->has_offset) return true;
  sign = take(in, '-') ? -1 : 1;
  if (sign > 0 && !take(in, '+')) return true;
  if (!read_number(in, "offset hour", 2, 0, 23, &hour)) return false;
  if ((take(in, ':') || next_is_digit(in)) && !read_number(in, "offset minute", 2, 0, 59, &minute))
    return false;
  datetime->offset = sign * (hour * 3600 + minute * 60);
  datetime->has_offset = true;
  return true;
}

static bool read_end(const reader *in, const char *expectation) {
  return in->at == in->length || refuse(in, expectation);
}

pur_status pur_datetime_parse(const char *text, size_t length, pur_datetime *out,
                              pur_error *error) {
  reader in = {text, length, 0, error};
  pur_datetime datetime = {0, 0, false};
  int64_t days, seconds;
  if (!read_date(&in, &days) ||
      !(take(&in, ' ') || take(&in, 'T') || refuse(&in, "expected ' ' or 'T' after the date")) ||
      !read_time(&in, &seconds) || !read_offset(&in, &datetime) ||
      !read_end(&in, "expected nothing after the time"))
    return PUR_INVALID_DATETIME;
  datetime.seconds = days * PUR_DAY_SECONDS + seconds;
  *out = datetime;
  return PUR_OK;
}

pur_status pur_datetime_parse_date(const char *text, size_t length, int64_t *days,
                                   pur_error *error) {
  reader in = {text, length, 0, error};
  int64_t date;
  if (!read_date(&in, &date) || !read_end(&in, "expected nothing after the date"))
    return PUR_INVALID_DATETIME;
  *days = date;
  return PUR_OK;
}

/* Writing */

static char *write_two(char *out, int number) {
  out[0] = (char)('0' + number / 10);
  out[1] = (char)('0' + number % 10);
  return out + 2;
}

static char *write_minutes(char *out, int64_t minutes, char separator) {
  int64_t days = pur_floor_divide(minutes, 1440);
  int minute = (int)(minutes - days * 1440);
  pur_date date = pur_date_from_days(days);
  out = write_two(write_two(out, date.year / 100), date.year % 100);
  *out++ = '-';
  out = write_two(out, date.month);
  *out++ = '-';
  out = write_two(out, date.day);
  *out++ = separator;
  out = write_two(out, minute / 60);
  *out++ = ':';
  return write_two(out, minute % 60);
}

static char *write_seconds(char *out, int64_t seconds, char separator) {
  int64_t minutes = pur_floor_divide(seconds, 60);
  out = write_minutes(out, minutes, separator);
  *out++ = ':';
  return write_two(out, (int)(seconds - minutes * 60));
}

void pur_datetime_format_minutes(int64_t minutes, char out[PUR_MINUTES_SIZE]) {
  (void)write_minutes(out, minutes, ' ');
}

void pur_datetime_format_seconds(int64_t seconds, char out[PUR_SECONDS_SIZE]) {
  (void)write_seconds(out, seconds, ' ');
}

void pur_datetime_format_utc(int64_t seconds, char out[PUR_UTC_SIZE]) {
  *write_seconds(out, seconds, 'T') = 'Z';
}

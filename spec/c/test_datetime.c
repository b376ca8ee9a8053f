/* Dates and times: the whole calendar, what is read and refused and where, and the fast reader. */
#include <inttypes.h>
#include <string.h>

#include "time/datetime.h"
#include "test.h"

/* The calendar, counted day by day and not calculated. */

static int length_by_rhyme(int year, int month) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 400 == 0 || (year % 100 != 0 && year % 4 == 0);
  return lengths[month - 1] + (leap && month == 2);
}

static void check_day(int year, int month, int day, int64_t days) {
  pur_date date = pur_date_from_days(days);
  pur_datetime datetime = {0, 0, false};
  char expected[40], written[PUR_SECONDS_SIZE];
  snprintf(expected, sizeof expected, "%04d-%02d-%02d 23:59:59", year, month, day);
  pur_datetime_format_seconds(days * PUR_DAY_SECONDS + 86399, written);
  EXPECT(memcmp(expected, written, sizeof written) == 0, "%s is written %.19s", expected, written);
  EXPECT(date.year == year && date.month == month && date.day == day, "%s is read back as %d-%d-%d",
         expected, date.year, date.month, date.day);
  EXPECT(pur_date_to_days(year, month, day) == days, "%s", expected);
  EXPECT(pur_datetime_parse(expected, 19, &datetime, NULL) == PUR_OK &&
             datetime.seconds == days * PUR_DAY_SECONDS + 86399,
         "%s", expected);
}

static void test_every_day(void) {
  int64_t days = -719162;
  for (int year = 1; year <= 9999; year++)
    for (int month = 1; month <= 12; month++) {
      int length = length_by_rhyme(year, month);
      EXPECT(pur_date_month_length(year, month) == length, "%d-%d", year, month);
      for (int day = 1; day <= length; day++) check_day(year, month, day, days++);
    }
  EXPECT(days == 2932897, "after 9999-12-31 comes day %" PRId64, days);
}

static void test_leap_years(void) {
  static const struct {
    int year;
    bool leap;
  } cases[] = {{1900, false}, {1999, false}, {2000, true},  {2023, false},
               {2024, true},  {2025, false}, {2100, false}, {2400, true},
               {4, true},     {100, false},  {400, true},   {9999, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    EXPECT(pur_date_is_leap_year(cases[i].year) == cases[i].leap, "%d", cases[i].year);
}

/* What a rule or an offset needs beyond the years that can be written. */
static void test_neighbours(void) {
  EXPECT(pur_date_to_days(0, 12, 31) == -719163, "%" PRId64, pur_date_to_days(0, 12, 31));
  EXPECT(pur_date_to_days(-1, 12, 31) == -719163 - 366, "%" PRId64, pur_date_to_days(-1, 12, 31));
  EXPECT(pur_date_to_days(10000, 1, 1) == 2932897, "%" PRId64, pur_date_to_days(10000, 1, 1));
  EXPECT(pur_date_from_days(-719163).year == 0, "%d", pur_date_from_days(-719163).year);
  EXPECT(pur_date_from_days(-719163 - 366).year == -1, "%d",
         pur_date_from_days(-719163 - 366).year);
  EXPECT(pur_datetime_day(-1) == -1 && pur_datetime_day(0) == 0, "the day before 1970");
  EXPECT(pur_datetime_day(-86400) == -1 && pur_datetime_day(-86401) == -2, "days before 1970");
}

/* Reading */

static void test_accepted(void) {
  static const struct {
    const char *text;
    int64_t seconds;
    int32_t offset;
    bool has_offset;
  } cases[] = {
      {"1970-01-01 00:00", 0, 0, false},
      {"1970-01-01T00:00", 0, 0, false},
      {"1969-12-31 23:59:59", -1, 0, false},
      {"2025-10-26 02:30", 1761445800, 0, false},
      {"2025-10-26T02:30:15", 1761445815, 0, false},
      {"2025-10-26T02:30Z", 1761445800, 0, true},
      {"2025-10-26 02:30:00.0", 1761445800, 0, false},
      {"2025-10-26T02:30:00.000Z", 1761445800, 0, true},
      {"2025-10-26T02:30:00.000000000+01:00", 1761445800, 3600, true},
      {"2025-10-26 02:30+02:00", 1761445800, 7200, true},
      {"2025-10-26 02:30-0330", 1761445800, -12600, true},
      {"2025-10-26 02:30:00+05", 1761445800, 18000, true},
      {"2025-10-26 02:30-00:00", 1761445800, 0, true},
      {"2025-10-26 02:30+23:59", 1761445800, 86340, true},
      {"2024-02-29 00:00", 1709164800, 0, false},
      {"2000-02-29 00:00", 951782400, 0, false},
      {"0001-01-01 00:00", PUR_DATETIME_FIRST, 0, false},
      {"9999-12-31 23:59:59", PUR_DATETIME_LAST, 0, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pur_datetime read = {1, 1, true};
    pur_error error = {PUR_OK, 0, ""};
    pur_status status = pur_datetime_parse(cases[i].text, strlen(cases[i].text), &read, &error);
    EXPECT(status == PUR_OK, "%s: %s", cases[i].text, error.message);
    EXPECT(read.seconds == cases[i].seconds, "%s is %" PRId64, cases[i].text, read.seconds);
    EXPECT(read.offset == cases[i].offset && read.has_offset == cases[i].has_offset, "%s: %d",
           cases[i].text, (int)read.offset);
    EXPECT(pur_datetime_instant(&read) == read.seconds - read.offset, "%s", cases[i].text);
  }
}

static void test_refused(void) {
  static const struct {
    const char *text;
    size_t position;
    const char *message;
  } cases[] = {
      {"", 0, "expected 4 digits for the year, got the end"},
      {" 2025-01-05 00:00", 0, "expected 4 digits for the year, got ' '"},
      {"-025-01-05 00:00", 0, "expected 4 digits for the year, got '-'"},
      {"20\xC3\xA9", 2, "expected 4 digits for the year, got byte 0xC3"},
      {"0000-01-05 00:00", 0, "year 0000: years go from 0001 to 9999"},
      {"2025", 4, "expected '-' after the year, got the end"},
      {"2025/01/05 00:00", 4, "expected '-' after the year, got '/'"},
      {"20250105T0000", 4, "expected '-' after the year, got '0'"},
      {"2025-1-05 00:00", 6, "expected 2 digits for the month, got '-'"},
      {"2025-00-05 00:00", 5, "month 00: months go from 01 to 12"},
      {"2025-13-05 00:00", 5, "month 13: months go from 01 to 12"},
      {"2025-01:05 00:00", 7, "expected '-' after the month, got ':'"},
      {"2025-01-00 00:00", 8, "day 00: days go from 01 to 31"},
      {"2025-01-32 00:00", 8, "day 32: days go from 01 to 31"},
      {"2025-02-29 00:00", 8, "2025-02-29: February 2025 has 28 days"},
      {"1900-02-29 00:00", 8, "1900-02-29: February 1900 has 28 days"},
      {"2024-02-30 00:00", 8, "2024-02-30: February 2024 has 29 days"},
      {"2025-04-31 00:00", 8, "2025-04-31: April 2025 has 30 days"},
      {"2025-01-05", 10, "expected ' ' or 'T' after the date, got the end"},
      {"2025-01-05t00:00", 10, "expected ' ' or 'T' after the date, got 't'"},
      {"2025-01-05  00:00", 11, "expected 2 digits for the hour, got ' '"},
      {"2025-01-05 24:00", 11, "hour 24: hours go from 00 to 23"},
      {"2025-01-05 0:00", 12, "expected 2 digits for the hour, got ':'"},
      {"2025-01-05 00", 13, "expected ':' after the hour, got the end"},
      {"2025-01-05 00:60", 14, "minute 60: minutes go from 00 to 59"},
      {"2025-01-05 00:0", 15, "expected 2 digits for the minute, got the end"},
      {"2025-01-05 00:00 ", 16, "expected nothing after the time, got ' '"},
      {"2025-01-05 00:00z", 16, "expected nothing after the time, got 'z'"},
      {"2025-01-05 00:00.0", 16, "expected nothing after the time, got '.'"},
      {"2025-01-05 00:00Z\n", 17, "expected nothing after the time, got byte 0x0A"},
      {"2025-01-05 00:00Z+01:00", 17, "expected nothing after the time, got '+'"},
      {"2025-01-05 00:00:", 17, "expected 2 digits for the second, got the end"},
      {"2025-01-05 23:59:60", 17, "second 60: seconds go from 00 to 59"},
      {"2025-01-05 00:00:00.", 20,
       "expected 1 to 9 zeros in the fraction of a second, got the end"},
      {"2025-01-05 00:00:00.5", 20, "expected 1 to 9 zeros in the fraction of a second, got '5'"},
      {"2025-01-05 00:00:00.001Z", 22,
       "expected 1 to 9 zeros in the fraction of a second, got '1'"},
      {"2025-01-05 00:00:00.0000000000", 29,
       "expected 1 to 9 zeros in the fraction of a second, got '0'"},
      {"2025-01-05 00:00:00,0", 19, "expected nothing after the time, got ','"},
      {"2025-01-05 00:00+2", 18, "expected 2 digits for the offset hour, got the end"},
      {"2025-01-05 00:00+24:00", 17, "offset hour 24: offset hours go from 00 to 23"},
      {"2025-01-05 00:00+02:", 20, "expected 2 digits for the offset minute, got the end"},
      {"2025-01-05 00:00+02:60", 20, "offset minute 60: offset minutes go from 00 to 59"},
      {"2025-01-05 00:00-020", 20, "expected 2 digits for the offset minute, got the end"},
      {"2025-01-05 00:00+02:00:00", 22, "expected nothing after the time, got ':'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pur_datetime read = {7, 7, true};
    pur_error error = {PUR_OK, 0, ""};
    pur_status status = pur_datetime_parse(cases[i].text, strlen(cases[i].text), &read, &error);
    EXPECT(status == PUR_INVALID_DATETIME && error.status == status, "%s: %s", cases[i].text,
           pur_status_name(status));
    EXPECT(strcmp(error.message, cases[i].message) == 0, "%s: %s", cases[i].text, error.message);
    EXPECT(error.position == cases[i].position, "%s: at %zu", cases[i].text, error.position);
    EXPECT(read.seconds == 7 && read.offset == 7 && read.has_offset, "%s", cases[i].text);
  }
}

/* Every beginning of a text that is not one of the forms: nothing beyond `length` counts. */
static void test_beginnings(void) {
  static const char text[] = "2025-10-26T02:30:00.000+02:00";
  static const size_t whole[] = {16, 19, 21, 22, 23, 26, 29};
  size_t next = 0;
  for (size_t length = 0; length < sizeof text; length++) {
    pur_datetime read;
    pur_error error;
    bool accepted = pur_datetime_parse(text, length, &read, &error) == PUR_OK;
    bool expected = next < 7 && whole[next] == length;
    next += expected;
    EXPECT(accepted == expected, "%.*s", (int)length, text);
    if (!accepted) EXPECT(error.position == length, "%.*s: %zu", (int)length, text, error.position);
  }
}

static void test_date(void) {
  int64_t days = 7;
  pur_error error;
  EXPECT(pur_datetime_parse_date("2025-10-26", 10, &days, NULL) == PUR_OK && days == 20387,
         "day %" PRId64, days);
  EXPECT(pur_datetime_parse_date("2025-10-26 00:00", 16, &days, &error) == PUR_INVALID_DATETIME,
         "day %" PRId64, days);
  EXPECT(error.position == 10, "at %zu", error.position);
  EXPECT(pur_datetime_parse_date("2025-02-29", 10, &days, NULL) == PUR_INVALID_DATETIME,
         "leap day");
  EXPECT(days == 20387, "day %" PRId64, days);
}

/* Writing */

static void test_formats(void) {
  char minutes[PUR_MINUTES_SIZE], utc[PUR_UTC_SIZE];
  pur_datetime_format_minutes(-1, minutes);
  EXPECT(memcmp(minutes, "1969-12-31 23:59", sizeof minutes) == 0, "%.16s", minutes);
  pur_datetime_format_minutes(PUR_DATETIME_LAST / 60, minutes);
  EXPECT(memcmp(minutes, "9999-12-31 23:59", sizeof minutes) == 0, "%.16s", minutes);
  pur_datetime_format_utc(PUR_DATETIME_FIRST, utc);
  EXPECT(memcmp(utc, "0001-01-01T00:00:00Z", sizeof utc) == 0, "%.20s", utc);
  pur_datetime_format_utc(1761445815, utc);
  EXPECT(memcmp(utc, "2025-10-26T02:30:15Z", sizeof utc) == 0, "%.20s", utc);
}

int main(void) {
  test_every_day();
  test_leap_years();
  test_neighbours();
  test_accepted();
  test_refused();
  test_beginnings();
  test_date();
  test_formats();
  return test_result();
}

/* Time zones: rules, files that are what they should be, files that are not, and what is asked of
 * them. That every zone of the system is read rightly is for spec/timezone_spec.lua to show. */
#include <inttypes.h>
#include <string.h>

#include "time/datetime.h"
#include "time/timezone.h"
#include "time/tzfile.h"
#include "test.h"

static int64_t seconds_of(const char *text) {
  pur_datetime datetime = {0, 0, false};
  EXPECT(pur_datetime_parse(text, strlen(text), &datetime, NULL) == PUR_OK, "%s", text);
  return pur_datetime_instant(&datetime);
}

/* Rules */

static void test_rules(void) {
  static const struct {
    const char *rule, *at, *from, *until; /* NULL: no end */
    int32_t offset;
  } cases[] = {
      {"UTC0", "2025-06-01 00:00", NULL, NULL, 0},
      {"<-03>3", "2025-06-01 00:00", NULL, NULL, -10800},
      {"<+0545>-5:45", "2025-06-01 00:00", NULL, NULL, 20700},
      {"LMT0:14:44", "2025-06-01 00:00", NULL, NULL, -884},
      {"XXX-24:59:59", "2025-06-01 00:00", NULL, NULL, PUR_OFFSET_LEAST * -1},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2025-06-01 00:00", "2025-03-30 01:00", "2025-10-26 01:00",
       7200},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2025-12-31 23:59", "2025-10-26 01:00", "2026-03-29 01:00",
       3600},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-01-01 00:00", "2025-10-26 01:00", "2026-03-29 01:00",
       3600},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2025-03-30 01:00", "2025-03-30 01:00", "2025-10-26 01:00",
       7200},
      /* south of the equator; a half-hour of daylight saving time; minutes */
      {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2025-01-01 00:00", "2024-10-05 15:30",
       "2025-04-05 15:00", 39600},
      {"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", "2025-01-01 00:00", "2024-09-28 14:00",
       "2025-04-05 14:00", 49500},
      /* daylight saving time that takes an hour away, as Dublin's winter */
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2025-01-01 00:00", "2024-10-27 01:00", "2025-03-30 01:00", 0},
      /* times before midnight, and beyond the day */
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2025-06-01 00:00", "2025-03-30 01:00",
       "2025-10-26 01:00", -3600},
      {"IST-2IDT,M3.4.4/26,M10.5.0", "2025-06-01 00:00", "2025-03-28 00:00", "2025-10-25 23:00",
       10800},
      {"XXX0YYY,M12.5.0/167:59:59,M6.1.0", "2026-01-02 00:00", "2025-06-01 01:00",
       "2026-01-03 23:59:59", 0},
      {"XXX0YYY,M1.1.0/-167,M6.1.0", "2025-12-31 00:00", "2025-12-28 01:00", "2026-06-07 01:00",
       3600},
      {"XXX0YYY,J364/167,J365/167", "2026-01-01 00:00", "2025-01-06 22:00", "2026-01-05 23:00", 0},
      {"XXX0YYY,J1/-167,J2/-167", "2025-12-31 00:00", "2025-12-26 00:00", "2026-12-25 01:00", 0},
      /* the fifth Sunday is the last; days by number with and without February 29 */
      {"AAA0BBB,M2.5.0,M11.1.0", "2024-06-01 00:00", "2024-02-25 02:00", "2024-11-03 01:00", 3600},
      {"AAA0BBB,J60,J300", "2024-06-01 00:00", "2024-03-01 02:00", "2024-10-27 01:00", 3600},
      {"AAA0BBB,J60,J300", "2025-06-01 00:00", "2025-03-01 02:00", "2025-10-27 01:00", 3600},
      {"AAA0BBB,J59,J365", "2024-06-01 00:00", "2024-02-28 02:00", "2024-12-31 01:00", 3600},
      {"AAA0BBB,59,299", "2024-06-01 00:00", "2024-02-29 02:00", "2024-10-26 01:00", 3600},
      {"AAA0BBB,59,299", "2025-06-01 00:00", "2025-03-01 02:00", "2025-10-27 01:00", 3600},
      {"AAA0BBB,0/0,365/0", "2024-06-01 00:00", "2024-01-01 00:00", "2024-12-30 23:00", 3600},
      /* all year: each end is the next start */
      {"XXX3EDT4,0/0,J365/23", "2025-06-01 00:00", "2025-01-01 03:00", "2026-01-01 03:00", -14400},
      {"EST5EDT,0/0,J365/25", "2025-06-01 00:00", "2025-01-01 05:00", "2026-01-01 05:00", -14400},
      /* the first and the last year */
      {"CET-1CEST,M3.5.0,M10.5.0/3", "0001-01-01 00:00", NULL, "0001-03-25 01:00", 3600},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "9999-12-31 23:59", "9999-10-31 01:00", NULL, 3600},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pur_tzrule rule;
    pur_timezone_period period = {0};
    pur_error error = {PUR_OK, 0, ""};
    EXPECT(pur_tzrule_parse(cases[i].rule, strlen(cases[i].rule), &rule, &error) == PUR_OK,
           "%s: %s", cases[i].rule, error.message);
    pur_tzrule_at(&rule, seconds_of(cases[i].at), &period);
    EXPECT(period.offset == cases[i].offset, "%s at %s: %d", cases[i].rule, cases[i].at,
           (int)period.offset);
    if (cases[i].from != NULL)
      EXPECT(period.from == seconds_of(cases[i].from), "%s at %s from %" PRId64, cases[i].rule,
             cases[i].at, period.from);
    if (cases[i].until != NULL)
      EXPECT(period.until == seconds_of(cases[i].until), "%s at %s until %" PRId64, cases[i].rule,
             cases[i].at, period.until);
    if (!rule.has_daylight)
      EXPECT(period.from == INT64_MIN && period.until == INT64_MAX, "%s", cases[i].rule);
  }
}

static void test_refused_rules(void) {
  static const struct {
    const char *rule;
    size_t position;
    const char *message;
  } cases[] = {
      {"", 0, "a name of 3 letters or more"},
      {"CE-1", 0, "a name of 3 letters or more"},
      {"C3T-1", 0, "a name of 3 letters or more"},
      {"<+1>-1", 1, "a name of 3 letters or more"},
      {"<+01-1", 6, "\">\""},
      {"CET", 3, "an offset of 0 to 24 hours"},
      {"CET-25", 4, "an offset of 0 to 24 hours"},
      {"CET--1", 4, "an offset of 0 to 24 hours"},
      {"CET-1:60", 6, "minutes from 0 to 59"},
      {"CET-1:", 6, "minutes from 0 to 59"},
      {"CET-1:00:60", 9, "seconds from 0 to 59"},
      {"CET-1 ", 5, "a name of 3 letters or more"},
      {"CET-1CEST", 9, "an offset of 0 to 24 hours"},
      {"CET-1CEST-2", 11, "\",\" and the date of a change"},
      {"CET-1CEST,M3.5.0", 16, "\",\" and the date of a change"},
      {"CET-1CEST,M0.5.0,M10.5.0", 11, "a month from 1 to 12"},
      {"CET-1CEST,M13.5.0,M10.5.0", 11, "a month from 1 to 12"},
      {"CET-1CEST,M3,M10.5.0", 12, "\".\" after the month"},
      {"CET-1CEST,M3.0.0,M10.5.0", 13, "a week from 1 to 5"},
      {"CET-1CEST,M3.6.0,M10.5.0", 13, "a week from 1 to 5"},
      {"CET-1CEST,M3.5,M10.5.0", 14, "\".\" after the week"},
      {"CET-1CEST,M3.5.7,M10.5.0", 15, "a weekday from 0 to 6"},
      {"CET-1CEST,J0,J300", 11, "a day from 1 to 365"},
      {"CET-1CEST,J366,J300", 11, "a day from 1 to 365"},
      {"CET-1CEST,366,300", 10, "M, J or a day from 0 to 365"},
      {"CET-1CEST,0060,300", 13, "\",\" and the date of a change"},
      {"CET-1CEST,X60,300", 10, "M, J or a day from 0 to 365"},
      {"CET-1CEST,M3.5.0/168,M10.5.0", 17, "a time of 0 to 167 hours"},
      {"CET-1CEST,M3.5.0/,M10.5.0", 17, "a time of 0 to 167 hours"},
      {"CET-1CEST,M3.5.0,M10.5.0/3 ", 26, "nothing more"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char message[PUR_MESSAGE_SIZE];
    pur_tzrule rule;
    pur_error error = {PUR_OK, 0, ""};
    snprintf(message, sizeof message, "zone rule: expected %s", cases[i].message);
    EXPECT(pur_tzrule_parse(cases[i].rule, strlen(cases[i].rule), &rule, &error) ==
               PUR_INVALID_ZONE,
           "\"%s\" is accepted", cases[i].rule);
    EXPECT(strcmp(error.message, message) == 0, "\"%s\": %s", cases[i].rule, error.message);
    EXPECT(error.position == cases[i].position, "\"%s\": at %zu", cases[i].rule, error.position);
  }
}

/* Files, made by hand: three changes in Madrid, and its rule from then on */

#define RULE "CET-1CEST,M3.5.0,M10.5.0/3"

/* Positions in the second block of such a file. */
#define SECOND_CHANGE 96
#define LAST_CHANGE 104
#define LAST_INDEX 114
#define CET_OFFSET 121

typedef struct image {
  uint8_t bytes[4096];
  size_t length;
} image;

static void put(image *file, const void *bytes, size_t length) {
  memcpy(file->bytes + file->length, bytes, length);
  file->length += length;
}

static void put_number(image *file, int64_t number, size_t size) {
  for (size_t i = 0; i < size; i++)
    file->bytes[file->length++] = (uint8_t)((uint64_t)number >> 8 * (size - 1 - i));
}

static void put_header(image *file, char version, int times, int types, int names) {
  static const char unused[15], no_indicators[8], no_leaps[4];
  put(file, "TZif", 4);
  put(file, &version, 1);
  put(file, unused, sizeof unused);
  put(file, no_indicators, sizeof no_indicators);
  put(file, no_leaps, sizeof no_leaps);
  put_number(file, times, 4);
  put_number(file, types, 4);
  put_number(file, names, 4);
}

static void put_type(image *file, int offset, int daylight, int name) {
  put_number(file, offset, 4);
  put_number(file, daylight, 1);
  put_number(file, name, 1);
}

static void put_block(image *file, char version, size_t time_size) {
  put_header(file, version, 3, 3, 13);
  put_number(file, seconds_of("1902-01-01 00:00"), time_size);
  put_number(file, seconds_of("2024-03-31 01:00"), time_size);
  put_number(file, seconds_of("2024-10-27 01:00"), time_size);
  put(file, "\1\2\1", 3);
  put_type(file, -884, 0, 0);
  put_type(file, 3600, 0, 4);
  put_type(file, 7200, 1, 8);
  put(file, "LMT\0CET\0CEST", 13);
}

/* Version 2 with an empty first block, as current compilers of zones write it. */
static image make_file(const char *rule) {
  image file = {{0}, 0};
  put_header(&file, '2', 0, 0, 0);
  put_block(&file, '2', 8);
  put(&file, "\n", 1);
  put(&file, rule, strlen(rule));
  put(&file, "\n", 1);
  return file;
}

static image make_version_1(void) {
  image file = {{0}, 0};
  put_block(&file, 0, 4);
  return file;
}

/* Parses a copy that ends where memory ends, for the sanitizer to see every byte too far. */
static pur_status parse(const image *file, size_t length, pur_timezone **zone, pur_error *error) {
  uint8_t *copy = malloc(length != 0 ? length : 1);
  pur_status status;
  if (copy == NULL) abort();
  memcpy(copy, file->bytes, length);
  status = pur_timezone_parse(copy, length, zone, error);
  free(copy);
  return status;
}

static pur_timezone *open_image(const image *file) {
  pur_timezone *zone = NULL;
  pur_error error = {PUR_OK, 0, ""};
  if (parse(file, file->length, &zone, &error) == PUR_OK) return zone;
  fprintf(stderr, "a good file is refused: %s\n", error.message);
  exit(1);
}

static void expect_offset(const pur_timezone *zone, const char *utc, int32_t offset) {
  pur_timezone_period period;
  pur_timezone_at(zone, seconds_of(utc), &period);
  EXPECT(period.offset == offset, "%s: %d", utc, (int)period.offset);
}

static void test_listed_changes(const image *file) {
  pur_timezone *zone = open_image(file);
  expect_offset(zone, "0001-01-01 00:00", -884);
  expect_offset(zone, "1901-12-31 23:59:59", -884);
  expect_offset(zone, "1902-01-01 00:00", 3600);
  expect_offset(zone, "2024-03-31 00:59:59", 3600);
  expect_offset(zone, "2024-03-31 01:00", 7200);
  expect_offset(zone, "2024-10-27 01:00", 3600);
  pur_timezone_close(zone);
}

static void test_after_the_last_change(void) {
  static const struct {
    const char *rule;
    int32_t summer;
  } cases[] = {{RULE, 7200}, {"", 3600}, {"CET-1", 3600}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    image file = make_file(cases[i].rule);
    pur_timezone *zone = open_image(&file);
    pur_timezone_period period;
    test_listed_changes(&file);
    expect_offset(zone, "2025-03-30 00:59:59", 3600);
    expect_offset(zone, "2025-03-30 01:00", cases[i].summer);
    expect_offset(zone, "9999-07-01 00:00", cases[i].summer);
    pur_timezone_at(zone, seconds_of("2024-12-01 00:00"), &period);
    EXPECT(period.from == seconds_of("2024-10-27 01:00"), "from %" PRId64, period.from);
    EXPECT((period.until == INT64_MAX) == (cases[i].summer == 3600), "until %" PRId64,
           period.until);
    pur_timezone_close(zone);
  }
}

/* The first block has no footer, and its times 32 bits. */
static void test_version_1(void) {
  image file = make_version_1();
  pur_timezone *zone = open_image(&file);
  test_listed_changes(&file);
  expect_offset(zone, "2025-07-01 00:00", 3600);
  pur_timezone_close(zone);
}

/* Without changes the rule holds from the beginning; without a rule either, the first type. */
static void test_no_changes(void) {
  static const char *const footers[] = {"\n" RULE "\n", "\n\n"};
  for (size_t i = 0; i < 2; i++) {
    image file = {{0}, 0};
    pur_timezone *zone;
    put_header(&file, '3', 0, 0, 0);
    put_header(&file, '3', 0, 1, 4);
    put_type(&file, 3600, 0, 0);
    put(&file, "CET", 4);
    put(&file, footers[i], strlen(footers[i]));
    zone = open_image(&file);
    expect_offset(zone, "1800-01-01 00:00", 3600);
    expect_offset(zone, "1800-07-01 00:00", i == 0 ? 7200 : 3600);
    pur_timezone_close(zone);
  }
}

/* Files have been made whose rule disagrees with the last change, but not about what comes after.
 */
static void test_change_against_the_rule(void) {
  image file = make_file(RULE);
  pur_timezone *zone;
  file.bytes[LAST_INDEX] = 2; /* to summer time, in October */
  zone = open_image(&file);
  expect_offset(zone, "2024-10-27 01:00", 7200);
  expect_offset(zone, "2025-03-29 00:00", 7200);
  expect_offset(zone, "2025-11-01 00:00", 3600);
  pur_timezone_close(zone);
}

/* An offset of 0 is none that this rule has, though it says nothing of daylight saving time. */
static void test_change_to_no_offset_of_the_rule(void) {
  image file = make_file("CET-1");
  pur_timezone *zone;
  memset(file.bytes + CET_OFFSET, 0, 4);
  EXPECT(parse(&file, file.length, &zone, NULL) == PUR_INVALID_ZONE, "offset 0");
}

/* One byte is wrong, in the second block: where it stands, and what is said about it. */
static void test_refused_files(void) {
  static const struct {
    size_t at;
    int byte;
    size_t position;
    const char *message;
  } cases[] = {
      {0, 'X', 0, "TZif: expected a header"},
      {4, '1', 4, "TZif: unknown version"},
      {4, '5', 4, "TZif: unknown version"},
      {4, 0, 36, "TZif: no time types"},
      {44, 'X', 44, "TZif: expected a header"},
      {48, '3', 48, "TZif: the headers differ in version"},
      {32, 1, 174, "TZif: the file is cut off"},
      {67, 1, 64, "TZif: wrong number of UT indicators"},
      {71, 2, 68, "TZif: wrong number of standard indicators"},
      {75, 1, 72, "TZif: it counts leap seconds; use the zone that does not"},
      {76, 0xFF, 174, "TZif: the file is cut off"},
      {80, 0xFF, 174, "TZif: the file is cut off"},
      {83, 0, 80, "TZif: no time types"},
      {87, 0, 84, "TZif: no names"},
      {88, 0x80, 88, "TZif: a change beyond all calendars"},
      {88, 0x7F, 88, "TZif: a change beyond all calendars"},
      {96, 0xFF, 96, "TZif: changes out of order"},
      {112, 3, 112, "TZif: no such time type"},
      {115, 0x7F, 115, "TZif: offset of more than a day"},
      {116, 0xFD, 115, "TZif: offset of more than a day"},
      {119, 2, 119, "TZif: daylight saving time is 0 or 1"},
      {120, 13, 120, "TZif: no such name"},
      {145, 'X', 145, "TZif: a name has no end"},
      {146, 'X', 146, "TZif: expected a footer of one line"},
      {150, '\n', 146, "TZif: expected a footer of one line"},
      {173, 'X', 146, "TZif: expected a footer of one line"},
      {147, '1', 147, "zone rule: expected a name of 3 letters or more"},
      {114, 0, 147, "TZif: the footer's rule does not know the last change's offset"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    image file = make_file(RULE);
    pur_timezone *zone = NULL;
    pur_error error = {PUR_OK, 0, ""};
    file.bytes[cases[i].at] = (uint8_t)cases[i].byte;
    EXPECT(parse(&file, file.length, &zone, &error) == PUR_INVALID_ZONE && zone == NULL, "byte %zu",
           cases[i].at);
    EXPECT(strcmp(error.message, cases[i].message) == 0, "byte %zu: %s", cases[i].at,
           error.message);
    EXPECT(error.position == cases[i].position, "byte %zu: at %zu", cases[i].at, error.position);
  }
}

static void test_repeated_change(void) {
  image file = make_file(RULE);
  pur_timezone *zone;
  pur_error error;
  memcpy(file.bytes + LAST_CHANGE, file.bytes + SECOND_CHANGE, 8);
  EXPECT(parse(&file, file.length, &zone, &error) == PUR_INVALID_ZONE, "two changes at once");
  EXPECT(error.position == LAST_CHANGE, "at %zu: %s", error.position, error.message);
}

static void test_bytes_after_the_end(void) {
  image file = make_file(RULE), version_1 = make_version_1();
  pur_timezone *zone;
  pur_error error;
  EXPECT(parse(&file, file.length + 1, &zone, &error) == PUR_INVALID_ZONE, "a byte too many");
  EXPECT(parse(&version_1, version_1.length + 1, &zone, &error) == PUR_INVALID_ZONE, "version 1");
  EXPECT(error.position == version_1.length, "at %zu", error.position);
}

/* Hostile files */

/* Whatever a file says, the answers must agree with each other. */
static void check_instant(const pur_timezone *zone, int64_t utc) {
  pur_timezone_period period, next;
  pur_timezone_at(zone, utc, &period);
  EXPECT(period.from <= utc && utc < period.until, "%" PRId64, utc);
  EXPECT(period.offset >= PUR_OFFSET_LEAST && period.offset <= PUR_OFFSET_MOST, "%d",
         (int)period.offset);
  if (period.until > PUR_DATETIME_LAST) return;
  pur_timezone_at(zone, period.until, &next);
  EXPECT(next.from == period.until, "%" PRId64 " is followed by %" PRId64, period.until, next.from);
}

static bool shows(const pur_timezone *zone, int64_t utc, int64_t local) {
  pur_timezone_period period;
  pur_timezone_at(zone, utc, &period);
  return utc + period.offset == local;
}

static void check_local(const pur_timezone *zone, int64_t local) {
  int64_t candidates[2], start, end;
  pur_local_kind kind = pur_timezone_local(zone, local, candidates);
  bool real = kind != PUR_LOCAL_GAP;
  EXPECT(shows(zone, candidates[0], local) == real, "%" PRId64, local);
  EXPECT(shows(zone, candidates[1], local) == real, "%" PRId64, local);
  EXPECT(kind == PUR_LOCAL_UNIQUE ? candidates[0] == candidates[1] : candidates[0] < candidates[1],
         "%" PRId64 ": %d", local, (int)kind);
  pur_timezone_day(zone, pur_datetime_day(local), &start, &end);
  EXPECT(start <= end, "the day of %" PRId64, local);
}

static int64_t random_time(void) {
  uint64_t span = (uint64_t)(PUR_DATETIME_LAST - PUR_DATETIME_FIRST) + 1;
  uint64_t century = (uint64_t)36524 * PUR_DAY_SECONDS;
  bool near = test_random() % 4 != 0; /* most of all where the changes are */
  return near ? (int64_t)(test_random() % (2 * century)) - (int64_t)century
              : (int64_t)(test_random() % span) + PUR_DATETIME_FIRST;
}

static void interrogate(const pur_timezone *zone) {
  check_instant(zone, PUR_DATETIME_FIRST - PUR_DAY_SECONDS);
  check_instant(zone, PUR_DATETIME_LAST + PUR_DAY_SECONDS);
  check_local(zone, PUR_DATETIME_FIRST);
  check_local(zone, PUR_DATETIME_LAST);
  for (int i = 0; i < 20; i++) {
    check_instant(zone, random_time());
    check_local(zone, random_time());
  }
}

static void test_every_truncation(const image *file) {
  for (size_t length = 0; length < file->length; length++) {
    pur_timezone *zone = NULL;
    pur_error error;
    EXPECT(parse(file, length, &zone, &error) == PUR_INVALID_ZONE && zone == NULL, "%zu bytes",
           length);
    EXPECT(error.position <= length, "%zu bytes: at %zu", length, error.position);
  }
}

static void test_random_bytes(const image *file, int rounds) {
  int accepted = 0;
  for (int i = 0; i < rounds; i++) {
    image changed = *file;
    pur_timezone *zone = NULL;
    for (uint64_t changes = test_random() % 4 + 1; changes > 0; changes--)
      changed.bytes[test_random() % file->length] ^= (uint8_t)(1u << test_random() % 8);
    if (parse(&changed, file->length, &zone, NULL) != PUR_OK) continue;
    accepted++;
    interrogate(zone);
    pur_timezone_close(zone);
  }
  EXPECT(accepted > 0 && accepted < rounds, "%d of %d were accepted", accepted, rounds);
}

static bool read_system_file(const char *path, image *file) {
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) return false;
  file->length = fread(file->bytes, 1, sizeof file->bytes, stream);
  fclose(stream);
  return file->length > 0;
}

static void test_hostile_files(void) {
  image file = make_file(RULE), version_1 = make_version_1();
  test_every_truncation(&file);
  test_every_truncation(&version_1);
  test_random_bytes(&file, 20000);
  test_random_bytes(&version_1, 5000);
  if (!read_system_file("/usr/share/zoneinfo/Africa/Cairo", &file)) return;
  test_every_truncation(&file);
  test_random_bytes(&file, 20000);
}

/* Questions */

static void test_local_times(void) {
  static const struct {
    const char *local;
    pur_local_kind kind;
    const char *first, *second;
  } cases[] = {
      {"2024-03-31 01:59:59", PUR_LOCAL_UNIQUE, "2024-03-31 00:59:59", "2024-03-31 00:59:59"},
      {"2024-03-31 02:00", PUR_LOCAL_GAP, "2024-03-31 00:00", "2024-03-31 01:00"},
      {"2024-03-31 02:59:59", PUR_LOCAL_GAP, "2024-03-31 00:59:59", "2024-03-31 01:59:59"},
      {"2024-03-31 03:00", PUR_LOCAL_UNIQUE, "2024-03-31 01:00", "2024-03-31 01:00"},
      {"2024-10-27 01:59:59", PUR_LOCAL_UNIQUE, "2024-10-26 23:59:59", "2024-10-26 23:59:59"},
      {"2024-10-27 02:00", PUR_LOCAL_OVERLAP, "2024-10-27 00:00", "2024-10-27 01:00"},
      {"2024-10-27 02:59:59", PUR_LOCAL_OVERLAP, "2024-10-27 00:59:59", "2024-10-27 01:59:59"},
      {"2024-10-27 03:00", PUR_LOCAL_UNIQUE, "2024-10-27 02:00", "2024-10-27 02:00"},
      {"2075-03-31 02:30", PUR_LOCAL_GAP, "2075-03-31 00:30", "2075-03-31 01:30"},
      {"2075-10-27 02:30", PUR_LOCAL_OVERLAP, "2075-10-27 00:30", "2075-10-27 01:30"},
  };
  image file = make_file(RULE);
  pur_timezone *zone = open_image(&file);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t candidates[2];
    pur_local_kind kind = pur_timezone_local(zone, seconds_of(cases[i].local), candidates);
    EXPECT(kind == cases[i].kind, "%s: %d", cases[i].local, (int)kind);
    EXPECT(candidates[0] == seconds_of(cases[i].first), "%s: %" PRId64, cases[i].local,
           candidates[0]);
    EXPECT(candidates[1] == seconds_of(cases[i].second), "%s: %" PRId64, cases[i].local,
           candidates[1]);
  }
  pur_timezone_close(zone);
}

static void test_days(void) {
  static const struct {
    const char *date, *start, *end;
  } cases[] = {
      {"2024-03-30", "2024-03-29 23:00", "2024-03-30 23:00"},
      {"2024-03-31", "2024-03-30 23:00", "2024-03-31 22:00"},
      {"2024-10-27", "2024-10-26 22:00", "2024-10-27 23:00"},
      {"2075-10-27", "2075-10-26 22:00", "2075-10-27 23:00"},
  };
  image file = make_file(RULE);
  pur_timezone *zone = open_image(&file);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t day, start, end;
    EXPECT(pur_datetime_parse_date(cases[i].date, 10, &day, NULL) == PUR_OK, "%s", cases[i].date);
    pur_timezone_day(zone, day, &start, &end);
    EXPECT(start == seconds_of(cases[i].start), "%s starts %" PRId64, cases[i].date, start);
    EXPECT(end == seconds_of(cases[i].end), "%s ends %" PRId64, cases[i].date, end);
  }
  pur_timezone_close(zone);
}

static void test_names(void) {
  static const struct {
    const char *name;
    size_t length, position;
  } cases[] = {
      {"", 0, 0},
      {"/", 1, 0},
      {"/Europe/Madrid", 14, 0},
      {"Europe/", 7, 7},
      {"Europe//Madrid", 14, 7},
      {"../Europe/Madrid", 16, 0},
      {"Europe/./Madrid", 15, 7},
      {"Europe/Madrid\0", 14, 13},
      {"Europe/Madrid ", 14, 13},
      {"Europe\\Madrid", 13, 6},
      {"Espa\xC3\xB1"
       "a",
       7, 4},
      {"tzdata.zi", 9, 6},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pur_timezone *zone = NULL;
    pur_error error = {PUR_OK, 0, ""};
    EXPECT(pur_timezone_open(cases[i].name, cases[i].length, &zone, &error) == PUR_UNKNOWN_ZONE &&
               zone == NULL,
           "\"%s\"", cases[i].name);
    EXPECT(error.position == cases[i].position, "\"%s\": at %zu", cases[i].name, error.position);
    EXPECT(strncmp(error.message, "a zone name is", 14) == 0, "\"%s\": %s", cases[i].name,
           error.message);
  }
}

static void test_long_name(void) {
  char name[1000];
  pur_timezone *zone;
  pur_error error;
  memset(name, 'x', sizeof name);
  EXPECT(pur_timezone_open(name, sizeof name, &zone, &error) == PUR_UNKNOWN_ZONE, "a long name");
  EXPECT(error.position == 128, "at %zu", error.position);
  EXPECT(pur_timezone_open(name, 128, &zone, &error) == PUR_UNKNOWN_ZONE, "128 letters");
  EXPECT(strncmp(error.message, "unknown time zone xxx", 21) == 0, "%s", error.message);
}

int main(void) {
  test_rules();
  test_refused_rules();
  test_after_the_last_change();
  test_version_1();
  test_no_changes();
  test_change_against_the_rule();
  test_change_to_no_offset_of_the_rule();
  test_refused_files();
  test_repeated_change();
  test_bytes_after_the_end();
  test_hostile_files();
  test_local_times();
  test_days();
  test_names();
  test_long_name();
  return test_result();
}

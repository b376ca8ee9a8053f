/* clock.h: every row's time against the zone's own answer. */
#include <string.h>

#include "time/datetime.h"
#include "series/clock.h"
#include "test.h"

#define DAY 1440

/* Minutes since 1970 of a date at midnight. */
static int64_t minutes_of(int year, int month, int day) {
  return pur_date_to_days(year, month, day) * DAY;
}

static int64_t local_of(const pur_timezone *zone, int64_t instant) {
  pur_timezone_period period = {0};
  if (zone != NULL) pur_timezone_at(zone, instant * 60, &period);
  return instant + period.offset / 60;
}

static void expect_time(const pur_grid *grid, const char *name, int64_t instant) {
  char want[PUR_GRID_TEXT], got[PUR_GRID_TEXT];
  int64_t local = local_of(grid->zone, instant);
  pur_datetime_format_minutes(local, want);
  pur_clock_write(&grid->clock, got);
  EXPECT(memcmp(want, got, sizeof got) == 0, "%s: %.16s instead of %.16s", name, got, want);
  EXPECT(pur_clock_shows(&grid->clock, want), "%s: %.16s is not shown", name, want);
  EXPECT(grid->instant == instant, "%s, %.16s: instant %lld", name, want, (long long)grid->instant);
  EXPECT(grid->day == pur_datetime_day(local * 60), "%s, %.16s: day %lld", name, want,
         (long long)grid->day);
}

/* All rows up to the turn have the same date and offset, so that counting on the clock's face is
 * enough; the one after it has not. */
static void expect_left(pur_grid *grid, const char *name) {
  int64_t rows = (int64_t)pur_grid_left(grid), step = grid->clock.step;
  int64_t last = grid->instant + (rows - 1) * step, next = last + step;
  int64_t offset = local_of(grid->zone, grid->instant) - grid->instant;
  EXPECT(rows >= 1, "%s: %lld rows left", name, (long long)rows);
  EXPECT(local_of(grid->zone, last) - last == offset, "%s: the offset changes before", name);
  EXPECT(pur_datetime_day((last + offset) * 60) == grid->day, "%s: the date changes before", name);
  EXPECT(pur_datetime_day((next + offset) * 60) != grid->day ||
             local_of(grid->zone, next) - next != offset || grid->zone != NULL,
         "%s: nothing changes after %lld rows", name, (long long)rows);
}

/* Walks from one instant to another: a row at a time on the clock's face, or in strides. */
static void walk(const char *name, const pur_timezone *zone, int step, int64_t from, int64_t to) {
  pur_grid grid;
  pur_grid_set(&grid, zone, step, from);
  while (grid.instant < to) {
    size_t left = pur_grid_left(&grid), rows = 1 + test_random() % left;
    pur_grid face = grid;
    expect_time(&grid, name, grid.instant);
    expect_left(&grid, name);
    for (size_t i = 1; i < left; i++) {
      pur_clock_next(&face.clock);
      face.instant += step;
      expect_time(&face, name, face.instant);
    }
    from = grid.instant + (int64_t)rows * step;
    pur_grid_pass(&grid, rows);
    pur_grid_settle(&grid);
    expect_time(&grid, name, from);
  }
}

static void test_zone(const char *name, int year) {
  static const int steps[] = {1, 5, 15, 30, 60};
  pur_timezone *zone = NULL;
  pur_error error;
  if (name != NULL && pur_timezone_open(name, strlen(name), &zone, &error) != PUR_OK) {
    EXPECT(zone != NULL, "%s", error.message);
    return;
  }
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    int64_t from = minutes_of(year, 1, 1), to = minutes_of(year + 1, 1, 2);
    if (steps[i] == 1) to = from + 400 * 60, from = to - 400 * 60;
    walk(name != NULL ? name : "no zone", zone, steps[i], from, to);
  }
  pur_timezone_close(zone);
}

/* 92 and 100 quarter-hours, and where they stand. */
static void test_days_of_madrid(void) {
  static const struct {
    int year, month, day;
    int64_t rows;
  } days[] = {{2025, 10, 25, 96}, {2025, 10, 26, 100}, {2026, 3, 29, 92}, {2026, 3, 30, 96}};
  pur_timezone *madrid;
  if (pur_timezone_open("Europe/Madrid", 13, &madrid, NULL) != PUR_OK) abort();
  for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
    int64_t start, end, day = pur_date_to_days(days[i].year, days[i].month, days[i].day), rows = 0;
    unsigned strides = 0;
    pur_grid grid;
    pur_timezone_day(madrid, day, &start, &end);
    pur_grid_set(&grid, madrid, 15, start / 60);
    while (grid.day == day) {
      size_t left = pur_grid_left(&grid);
      rows += (int64_t)left;
      pur_grid_pass(&grid, left);
      pur_grid_settle(&grid);
      strides++;
    }
    EXPECT(strides == (days[i].rows == 96 ? 1 : 2), "day %zu: %u strides", i, strides);
    EXPECT(rows == days[i].rows, "day %zu: %lld rows", i, (long long)rows);
    EXPECT(grid.instant == end / 60, "day %zu ends at %lld", i, (long long)grid.instant);
  }
  pur_timezone_close(madrid);
}

/* A clock shows one text and no other. */
static void test_other_texts(void) {
  static const char text[] = "2025-10-26 23:45";
  pur_grid grid;
  pur_grid_set(&grid, NULL, 15, minutes_of(2025, 10, 26) + 23 * 60 + 45);
  EXPECT(pur_clock_shows(&grid.clock, text), "%s", text);
  for (size_t at = 0; at < PUR_GRID_TEXT; at++)
    for (unsigned byte = 0; byte < 256; byte++) {
      char other[sizeof text];
      memcpy(other, text, sizeof text);
      if (other[at] == (char)byte) continue;
      other[at] = (char)byte;
      EXPECT(!pur_clock_shows(&grid.clock, other), "byte %u at %zu", byte, at);
    }
}

/* Behind the last minute of year 9999 no text is expected. */
static void test_end_of_years(void) {
  static const char zeros[PUR_GRID_TEXT];
  pur_grid grid;
  walk("last year", NULL, 15, minutes_of(9999, 12, 1), minutes_of(9999, 12, 31));
  walk("first year", NULL, 15, minutes_of(1, 1, 1), minutes_of(1, 2, 1));
  walk("before 1970", NULL, 60, minutes_of(1969, 12, 1), minutes_of(1970, 2, 1));
  pur_grid_set(&grid, NULL, 15, minutes_of(9999, 12, 31) + 1425);
  EXPECT(pur_clock_shows(&grid.clock, "9999-12-31 23:45"), "the last quarter-hour");
  pur_grid_pass(&grid, 1);
  pur_grid_settle(&grid);
  EXPECT(!pur_clock_shows(&grid.clock, "9999-12-31 24:00"), "24:00");
  EXPECT(!pur_clock_shows(&grid.clock, zeros), "zeros");
}

int main(void) {
  static const char *const zones[] = {NULL,
                                      "UTC",
                                      "Europe/Madrid",
                                      "Europe/Lisbon",
                                      "Atlantic/Canary",
                                      "America/Havana",
                                      "Asia/Beirut",
                                      "Asia/Kathmandu",
                                      "Australia/Lord_Howe",
                                      "America/Santiago",
                                      "Pacific/Chatham"};
  for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) test_zone(zones[i], 2025);
  test_zone("America/St_Johns", 2010);
  test_zone("Europe/Madrid", 2100);
  test_zone("Pacific/Apia", 2011);
  test_days_of_madrid();
  test_other_texts();
  test_end_of_years();
  return test_result();
}

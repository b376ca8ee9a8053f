/* The clock of a regular purchase series: from one row's local time to the next, as text.
 *
 * A checked series has every row of its grid, so a row's time follows from its number: checking
 * compares 16 bytes with what must come next, and sending writes times without reading any. */
#ifndef PURCHASES_SERIES_CLOCK_H
#define PURCHASES_SERIES_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "number/fixed.h"
#include "time/timezone.h"

#define PUR_GRID_TEXT 16 /* YYYY-MM-DD HH:MM */

/* A clock's face within one date: its text lies in two words, so that a row's step changes it
 * without a store that the next load would wait for. Small enough to run in registers. */
typedef struct pur_clock {
  uint64_t month; /* "YYYY-MM-" */
  uint64_t date;  /* "DD ", two zeros, ":", two zeros */
  uint64_t hours; /* "DD HH:" and two zeros */
  int hour, minute;
  int step; /* minutes, a divisor of 60 */
} pur_clock;

typedef struct pur_grid {
  const pur_timezone *zone; /* borrowed; NULL: instants are local times already */
  int64_t instant;          /* minutes since 1970, UTC where there is a zone */
  int64_t turn;             /* the first instant with another date or another offset */
  int64_t day;              /* local date, days since 1970 */
  pur_clock clock;          /* shows the local time */
} pur_grid;

/* Sets the grid to an instant of years 1 to 9999. */
void pur_grid_set(pur_grid *grid, const pur_timezone *zone, int step, int64_t instant);

/* Moves on by `rows` rows, at most pur_grid_left. Beyond the turn, the day and the clock are set
 * when they are asked for: behind the last row of all, nobody does. */
void pur_grid_pass(pur_grid *grid, size_t rows);

/* Before the day or the clock is looked at. */
static inline void pur_grid_settle(pur_grid *grid) {
  if (grid->instant >= grid->turn) pur_grid_set(grid, grid->zone, grid->clock.step, grid->instant);
}

/* Settles the grid; how many rows there are until the turn, this one included; at least 1. */
size_t pur_grid_left(pur_grid *grid);

/* The digits of a number below 100 as the bytes `at` and the next of a word, zeros otherwise. */
static inline uint64_t pur_clock_digits(int number, int at) {
  uint16_t digits;
  memcpy(&digits, &pur_thousandths[number][1], sizeof digits);
  return (uint64_t)digits << 8 * (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? at : 6 - at);
}

static inline void pur_clock_set(pur_clock *clock, int hour, int minute) {
  clock->hours = clock->date | pur_clock_digits(hour, 3);
  clock->hour = hour;
  clock->minute = minute;
}

/* Moves on by one row; not beyond the turn. */
static inline void pur_clock_next(pur_clock *clock) {
  clock->minute += clock->step;
  if (clock->minute >= 60) pur_clock_set(clock, clock->hour + 1, clock->minute - 60);
}

static inline uint64_t pur_clock_word(const pur_clock *clock) {
  return clock->hours | pur_clock_digits(clock->minute, 6);
}

/* Is this the local time that the clock shows? */
static inline bool pur_clock_shows(const pur_clock *clock, const char text[PUR_GRID_TEXT]) {
  uint64_t month, rest;
  memcpy(&month, text, sizeof month);
  memcpy(&rest, text + sizeof month, sizeof rest);
  return month == clock->month && rest == pur_clock_word(clock);
}

static inline void pur_clock_write(const pur_clock *clock, char text[PUR_GRID_TEXT]) {
  uint64_t rest = pur_clock_word(clock);
  memcpy(text, &clock->month, sizeof clock->month);
  memcpy(text + sizeof clock->month, &rest, sizeof rest);
}

#endif

#include "series/clock.h"

#include "time/datetime.h"

#define MINUTES_A_DAY (PUR_DAY_SECONDS / 60)

/* After year 9999 no text can be expected: none equals zeros. */
static void set_clock(pur_clock *clock, int step, int64_t local) {
  char text[PUR_MINUTES_SIZE] = {0};
  if (local <= PUR_DATETIME_LAST / 60) pur_datetime_format_minutes(local, text);
  memset(text + 11, 0, 2);
  memset(text + 14, 0, 2);
  memcpy(&clock->month, text, sizeof clock->month);
  memcpy(&clock->date, text + sizeof clock->month, sizeof clock->date);
  local -= pur_floor_divide(local, MINUTES_A_DAY) * MINUTES_A_DAY;
  clock->step = step;
  pur_clock_set(clock, (int)local / 60, (int)local % 60);
}

void pur_grid_set(pur_grid *grid, const pur_timezone *zone, int step, int64_t instant) {
  pur_timezone_period period = {INT64_MIN, INT64_MAX, 0, ""};
  int64_t local;
  if (zone != NULL) pur_timezone_at(zone, instant * 60, &period);
  local = pur_floor_divide(instant * 60 + period.offset, 60);
  grid->zone = zone;
  grid->instant = instant;
  grid->day = pur_floor_divide(local, MINUTES_A_DAY);
  grid->turn = instant + (grid->day + 1) * MINUTES_A_DAY - local;
  if (period.until < grid->turn * 60) grid->turn = pur_floor_divide(period.until + 59, 60);
  set_clock(&grid->clock, step, local);
}

size_t pur_grid_left(pur_grid *grid) {
  pur_grid_settle(grid);
  return (size_t)((grid->turn - grid->instant + grid->clock.step - 1) / grid->clock.step);
}

void pur_grid_pass(pur_grid *grid, size_t rows) {
  int minutes = grid->clock.hour * 60 + grid->clock.minute + (int)rows * grid->clock.step;
  grid->instant += (int64_t)rows * grid->clock.step;
  pur_clock_set(&grid->clock, minutes / 60, minutes % 60);
}

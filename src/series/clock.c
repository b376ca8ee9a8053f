#include "series/clock.h"

#include "time/datetime.h"

#define MINUTES_A_DAY (PUR_DAY_SECONDS / 60)

/* After year 9999 no text can be expected: none equals zeros. */
void pur_grid_set(pur_grid *grid, const pur_timezone *zone, int step, int64_t instant) {
  pur_timezone_period period = {INT64_MIN, INT64_MAX, 0, ""};
  char text[PUR_MINUTES_SIZE] = {0};
  int64_t local, midnight;
  if (zone != NULL) pur_timezone_at(zone, instant * 60, &period);
  local = pur_floor_divide(instant * 60 + period.offset, 60);
  grid->zone = zone;
  grid->instant = instant;
  grid->day = pur_floor_divide(local, MINUTES_A_DAY);
  midnight = grid->day * MINUTES_A_DAY;
  grid->turn = instant + midnight + MINUTES_A_DAY - local;
  if (period.until < grid->turn * 60) grid->turn = pur_floor_divide(period.until + 59, 60);
  if (local <= PUR_DATETIME_LAST / 60) pur_datetime_format_minutes(midnight, text);
  memcpy(&grid->clock.month, text, sizeof grid->clock.month);
  memset(text + 11, 0, 2);
  memset(text + 14, 0, 2);
  memcpy(&grid->clock.date, text + sizeof grid->clock.month, sizeof grid->clock.date);
  grid->clock.step = step;
  pur_clock_set(&grid->clock, (int)(local - midnight) / 60, (int)(local - midnight) % 60);
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

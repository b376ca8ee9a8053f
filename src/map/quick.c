#include "map/quick.h"

#include <string.h>

#include "map/compiled.h"
#include "number/plain.h"

#define MOST_BYTES 512 /* of a line */
#define DAY_MINUTES 1440

bool pur_map_quick_begin(pur_map_quick *quick, const pur_map *map, const size_t *columns,
                         size_t width, char delimiter) {
  const pur_map_series *says = &map->series;
  const pur_conversion *value = map->row.value.conversion;
  const int tens = map->row.tens > 0 ? map->row.tens : 0;
  if (map->filter_count > 0 || says->is_wide || says->has_period || says->time_slot_count != 1 ||
      says->value_slot_count != 1 || says->own_zone != NULL || map->row.has_dst ||
      value->style.has_currency || value->round >= 0)
    return false;
  *quick = (pur_map_quick){.map = map, .delimiter = delimiter, .decimal = map->decimal};
  quick->width = width;
  quick->time = columns[says->time_slots[0]];
  quick->value = columns[says->value_slots[0]];
  quick->factor = map->row.factor * (int64_t)pur_tens[tens];
  quick->places = (unsigned)(tens - map->row.tens);
  quick->keeps_sign = says->is_plain;
  quick->day = INT64_MIN;
  return quick->time != quick->value;
}

/* Two digits as they lie in memory. */
static inline uint16_t two_digits(int number) {
  const char digits[2] = {(char)('0' + number / 10), (char)('0' + number % 10)};
  uint16_t word;
  memcpy(&word, digits, sizeof word);
  return word;
}

/* Is it the text of the day with those digits? Reads all words of it. */
static inline bool shows(const pur_map_quick *quick, const char *text, uint16_t hour,
                         uint16_t minute) {
  uint16_t hour_there, minute_there;
  uint64_t differs = 0;
  for (size_t i = 0; i < PUR_QUICK_WORDS; i++) {
    uint64_t word;
    memcpy(&word, text + i * sizeof word, sizeof word);
    differs |= (word & quick->mask[i]) ^ quick->text[i];
  }
  memcpy(&hour_there, text + quick->hour, sizeof hour);
  memcpy(&minute_there, text + quick->minute, sizeof minute);
  return differs == 0 && hour_there == hour && minute_there == minute;
}

/* The digits of the hour and of the minute are where 11:00 and 00:11 differ from 00:00; other times
 * must then have theirs there, too. */
bool pur_map_quick_turn(pur_map_quick *quick, int64_t day) {
  const int64_t midnight = day * DAY_MINUTES;
  char text[PUR_MAP_TIME_SIZE] = {0}, probe[PUR_MAP_TIME_SIZE] = {0};
  char mask[sizeof quick->mask] = {0};
  size_t length;
  if (day == quick->day) return quick->length > 0;
  quick->day = day;
  quick->length = 0;
  length = pur_map_write_time(quick->map, midnight, text);
  if (length == 0 || length > sizeof mask) return false;
  for (int i = 0; i < 2; i++) {
    size_t *differs = i == 0 ? &quick->hour : &quick->minute;
    *differs = 0;
    if (pur_map_write_time(quick->map, midnight + (i == 0 ? 660 : 11), probe) != length)
      return false;
    while (*differs < length && probe[*differs] == text[*differs]) ++*differs;
    if (*differs + 2 > length) return false;
  }
  memset(mask, 0xFF, length);
  memset(mask + quick->hour, 0, 2);
  memset(mask + quick->minute, 0, 2);
  memcpy(quick->mask, mask, sizeof mask);
  memcpy(quick->text, text, sizeof quick->text);
  for (size_t i = 0; i < PUR_QUICK_WORDS; i++) quick->text[i] &= quick->mask[i];
  for (int minute = 59; minute < DAY_MINUTES; minute += 207)
    if (pur_map_write_time(quick->map, midnight + minute, probe) != length ||
        !shows(quick, probe, two_digits(minute / 60), two_digits(minute % 60)))
      return false;
  quick->length = length;
  return true;
}

typedef struct fields {
  const char *time, *time_end, *value, *value_end;
  size_t length; /* of the line, with its end */
} fields;

/* Finds a column's field in a line, and the line's end: false where there are quotes, another
 * number of fields, or no end. Nothing of that stands before `at`. */
static inline bool find_fields(const pur_map_quick *quick, const char *line, const char *at,
                               const char *end, fields *found) {
  const char *start = line;
  size_t column = 0;
  for (; at < end && at < line + MOST_BYTES; at += PUR_PLAIN_SIZE) {
    const unsigned feeds = pur_plain_find(at, '\n');
    unsigned stops = pur_plain_find(at, quick->delimiter) | feeds;
    const unsigned quotes = pur_plain_find(at, '"');
    for (; stops != 0; stops &= stops - 1) {
      const unsigned bit = stops & -stops;
      const char *stop = at + __builtin_ctz(stops), *field_end = stop;
      if (stop >= end || (quotes & (bit - 1)) != 0) return false;
      if ((bit & feeds) != 0 && field_end > start && field_end[-1] == '\r') field_end--;
      if (column == quick->time) found->time = start, found->time_end = field_end;
      if (column == quick->value) found->value = start, found->value_end = field_end;
      column++;
      start = stop + 1;
      if ((bit & feeds) == 0) continue;
      found->length = (size_t)(start - line);
      return column == quick->width;
    }
    if (quotes != 0) return false;
  }
  return false;
}

/* Reads a number of at most 15 characters: digits with the decimal sign among them, or none. */
static inline bool read_number(const pur_map_quick *quick, const char *floor, const fields *found,
                               pur_fixed *number) {
  const char *text = found->value, *end = found->value_end;
  const size_t length = (size_t)(end - text);
  const unsigned sign = *text == '-';
  unsigned points, places = 0, count;
  uint64_t sum;
  if (length == 0 || length >= PUR_PLAIN_SIZE || end - floor < PUR_PLAIN_SIZE) return false;
  points = pur_plain_find(text, quick->decimal) & ((1u << length) - 1);
  if (points != 0) {
    places = (unsigned)length - 1 - (unsigned)__builtin_ctz(points);
    if (places == 0) return false;
  }
  count = (unsigned)length - sign - (places > 0);
  if (count - places - 1 >= PUR_PLAIN_SIZE) return false; /* no digit before the point */
  if (!pur_plain_sum(end, count, places, quick->decimal, &sum)) return false;
  if (sum == 0 && sign && quick->keeps_sign) return false;
  if (__builtin_mul_overflow((int64_t)sum, quick->factor, &number->value) ||
      number->value > PUR_FIXED_MOST)
    return false;
  number->places = places + quick->places;
  if (sign) number->value = -number->value;
  return true;
}

bool pur_map_quick_take(const pur_map_quick *quick, const char *floor, const char *line,
                        const char *end, int minute, unsigned places, pur_fixed *number,
                        size_t *length) {
  const uint16_t hour_digits = two_digits(minute / 60), minute_digits = two_digits(minute % 60);
  const char *at = line;
  fields found = {line, line, line, line, 0};
  if (quick->time == 0) {
    if (!shows(quick, line, hour_digits, minute_digits)) return false;
    at += quick->length;
  }
  if (!find_fields(quick, line, at, end, &found) ||
      (size_t)(found.time_end - found.time) != quick->length ||
      (at == line && !shows(quick, found.time, hour_digits, minute_digits)) ||
      !read_number(quick, floor, &found, number))
    return false;
  while (number->places > places && number->value % 10 == 0) {
    number->value /= 10;
    number->places--;
  }
  *length = found.length;
  return number->places <= PUR_FIXED_PLACES;
}

/* Rows of a series at sight: lines of CSV in the form that a map says, at the time that must come
 * next. Whoever knows that time needs no date read and no zone asked: bytes are compared.
 *
 * A line that is not in the plainest form (quotes, blanks, another width, a long number) is left to
 * pur_map_read_time and pur_map_read_value: what is taken here is what they would say of it. */
#ifndef PURCHASES_MAP_QUICK_H
#define PURCHASES_MAP_QUICK_H

#include "map/map.h"

#define PUR_QUICK_WORDS 4 /* longer times are not for the quick */

typedef struct pur_map_quick {
  const pur_map *map;
  char delimiter, decimal;
  size_t width, time, value; /* columns: how many, and which */
  int64_t factor;            /* a value times this, with so many more places, is MW */
  unsigned places;
  bool keeps_sign;                /* of -0 */
  int64_t day;                    /* local date, days since 1970, of ... */
  size_t length;                  /* ... times of so many bytes, 0: none, with ... */
  size_t hour, minute;            /* ... these, two digits each, there, and ... */
  uint64_t text[PUR_QUICK_WORDS]; /* ... all other bytes as here, */
  uint64_t mask[PUR_QUICK_WORDS]; /* where these are not 0 */
} pur_map_quick;

/* Begins with the columns that pur_map_bind found. False: the map is not so plain. */
bool pur_map_quick_begin(pur_map_quick *quick, const pur_map *map, const size_t *columns,
                         size_t width, char delimiter);

/* Turns to a local date. False: its times cannot be told by their hours and minutes. */
bool pur_map_quick_turn(pur_map_quick *quick, int64_t day);

/* Takes the line at `line` if it is that of a minute of the day (0 to 1439): its value, in MW, with
 * at most `places` if they are enough for it, and its length with the line end. PUR_INPUT_SLACK
 * bytes behind `end` and those from `floor` on may be read. */
bool pur_map_quick_take(const pur_map_quick *quick, const char *floor, const char *line,
                        const char *end, int minute, unsigned places, pur_fixed *number,
                        size_t *length);

#endif

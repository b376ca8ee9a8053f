/* Dates as people write them, by the letters of strptime. Private to map/. */
#ifndef PURCHASES_MAP_DATE_H
#define PURCHASES_MAP_DATE_H

#include "map/node.h"
#include "time/datetime.h"

#define PUR_DATE_WIDTH 32

/* A format in full width: what stands at each place, a digit or itself. Most texts are so. */
typedef struct pur_date_shape {
  size_t width; /* 0: the format has none */
  char least[PUR_DATE_WIDTH];
  uint8_t reach[PUR_DATE_WIDTH];                  /* above `least`: 9 of a digit, 0 of the rest */
  uint8_t year, month, day, hour, minute, second; /* where each begins; PUR_DATE_WIDTH: nowhere */
  bool short_year;
  int64_t written_day; /* the day in `written`, since 1970 */
  char written[PUR_DATE_WIDTH];
} pur_date_shape;

/* A compiled format. The default one is what pur_datetime_parse reads. */
typedef struct pur_date_format {
  const char *text; /* for messages: without control characters; NULL: the default format */
  struct pur_date_part *parts;
  size_t count;
  pur_date_shape *shape; /* NULL of the default format */
  bool has_offset;       /* %z */
  bool has_name;         /* %Z */
} pur_date_format;

/* What a text says. */
typedef struct pur_date_reading {
  pur_datetime datetime; /* of %Z: without an offset, unless it says UTC or GMT */
  bool has_fraction;     /* of a second, which is not zero and not in `datetime` */
  pur_text name;         /* of %Z: the abbreviation; NULL: none, UTC or GMT */
} pur_date_reading;

/* Compiles a format, in the arena. False: `why` says what is wrong with it (NULL: no memory). */
bool pur_date_compile(pur_text text, pur_arena *arena, pur_date_format *format, const char **why);

/* Reads a text without blanks around it. `with_24`: 24:00 is the next midnight. NULL: it was read;
 * otherwise what is wrong, in words that are the same for all texts with that fault: "is not a date
 * as %d/%m/%Y". `reading` is then in any state; `out` holds the words. */
const char *pur_date_read(const pur_date_format *format, const char *text, size_t length,
                          bool with_24, pur_date_reading *reading, char out[PUR_MESSAGE_SIZE]);

/* Tells what format a text seems to have, by its form alone: day and month look alike. False: none
 * that comes to mind. */
bool pur_date_guess(const char *text, size_t length, char *out, size_t size);

/* Writes a time, in minutes, in full width; returns its length, or 0: that cannot be told, or is
 * longer than `size`, which is at least PUR_MINUTES_SIZE. */
size_t pur_date_write(const pur_date_format *format, int64_t minutes, char *out, size_t size);

#endif

/* A compiled map from the inside. Private to map/. */
#ifndef PURCHASES_MAP_COMPILED_H
#define PURCHASES_MAP_COMPILED_H

#include "map/date.h"
#include "map/map.h"
#include "map/node.h"
#include "map/number.h"
#include "map/table.h"

/* A zone, and a stretch of local times that have one offset: most dates of a file lie in it. */
typedef struct pur_map_zone {
  const char *name;
  pur_timezone *zone;
  int64_t from, until; /* local seconds */
  int32_t offset;
  struct pur_map_zone *next;
} pur_map_zone;

/* Is it UTC, by any of its names? NULL is not. */
bool pur_map_zone_is_utc(const pur_map_zone *zone);

/* A text for a text. */
typedef struct pur_map_value {
  pur_text from;
  pur_text to; /* JSON */
} pur_map_value;

/* How cells are read. */
typedef struct pur_conversion {
  const pur_map *map;
  pur_number_style style;
  int round; /* places; -1: as many as there are */
  pur_date_format date;
  pur_map_zone *zone;          /* of a date; NULL: none */
  bool has_own_zone;           /* the rule names it, and not the map for all dates */
  signed char overlap;         /* which of two repeated times: 1, 2; 0: nobody says */
  const pur_map_value *values; /* in the order of pur_texts_compare; NULL: none */
  size_t value_count;
} pur_conversion;

/* A column of `where` or `unless`, with the texts it may have. */
typedef struct pur_map_filter {
  size_t slot;
  bool leaves_out; /* unless */
  const pur_text *texts;
  size_t count;
} pur_map_filter;

/* What only rows of series need. */
typedef struct pur_map_row {
  pur_rule time;
  pur_rule value;
  pur_map_zone *zone; /* the map's */
  size_t period;      /* slots */
  size_t dst;
  bool has_dst;
  const pur_text *dst_is; /* what tells the first of two repeated hours */
  size_t dst_is_count;
  int tens; /* value * factor * 10^tens is MW */
  int factor;
  bool has_unit;
  bool has_columns; /* some are not called as the API calls them */
  bool has_place;   /* somebody says whose times without an offset are: the rule, or a map of UTC */
  char *utc_name;   /* of the datetime column if it is named for UTC, else "", as far as is known */
} pur_map_row;

struct pur_map {
  unsigned references;
  pur_map_use use;
  pur_arena arena;
  pur_form form;
  pur_text list;
  char decimal, thousands;
  const pur_text *nulls;
  size_t null_count;
  pur_map_filter *filters;
  size_t filter_count;
  size_t filter_slots;       /* 0, 1, ... */
  pur_map_column *columns;   /* by slot */
  const char **column_paths; /* which field of the map names it first */
  size_t column_count;
  pur_map_zone *zones;
  pur_map_sales sales;
  pur_map_series series;
  pur_map_row row;
};

/* What a text in a column's name says about its values: see map/unit.c. */
typedef enum pur_unit {
  PUR_UNIT_NONE,
  PUR_UNIT_MW,
  PUR_UNIT_KW,
  PUR_UNIT_GW,
  PUR_UNIT_WH,
  PUR_UNIT_KWH,
  PUR_UNIT_MWH,
  PUR_UNIT_GWH,
  PUR_UNIT_PRICE /* behind a slash */
} pur_unit;

pur_unit pur_unit_find(const char *name, size_t length); /* as a map says it: "kWh" */
const char *pur_unit_name(pur_unit unit);
int pur_unit_tens(pur_unit unit); /* the power of ten that makes MW, or MWh, of it */
static inline bool pur_unit_is_energy(pur_unit unit) {
  return unit >= PUR_UNIT_WH;
}

/* The unit that a column's name has as a word of its own. */
pur_unit pur_unit_in_name(const char *name, size_t length);

/* Keeps the name of a datetime column that has UTC as a word of its own. */
#define PUR_UTC_NAME_SIZE 64
void pur_map_keep_utc_name(char *utc_name, pur_text name);

/* PUR_INVALID_MAP: whose times are these? */
pur_status pur_map_fail_utc(const pur_map *map, pur_error *error);

/* PUR_INVALID_MAP: the name of a value column says what the map does not, or another unit than that
 * of a column before it. `named` is the first one that has a unit in it, with a `text` of NULL to
 * begin with. */
pur_status pur_map_check_value_name(const pur_map *map, const char *path, pur_text name,
                                    pur_text *named, pur_error *error);

/* PUR_MISSING_COLUMN: no object of a list of `rows` has the slot's column; `row` is the text of the
 * first one, whose keys the message lists. 0 rows: there is no list of such objects, and that is
 * the first one of the longest. */
pur_status pur_map_fail_key(const pur_map *map, size_t slot, pur_text row, size_t rows,
                            pur_error *error);

/* The order of texts by their bytes, for qsort and bsearch over what begins with one. */
int pur_texts_compare(const void *left, const void *right);

/* Is any of the texts, which are in that order, the same as this one? */
bool pur_texts_have(const pur_text *texts, size_t count, const char *text, size_t length);

#endif

/* What a map says, compiled: how the rows of a file as people have it become purchases.
 *
 * A map comes as JSON: the caller's table, with {"function": N} in place of its N-th function. It
 * has a part about the file (pur_form), and a part about what is made of its rows: fields of sales,
 * or the time and the value of a purchase series. Columns are named by their header or by their
 * number, from 1; each one that a map names has a slot, from 0, and a row is handed over as the
 * cells of all slots. All texts are UTF-8.
 *
 * Blanks, which do not count around numbers, dates and a group's value, are spaces, tabs, U+00A0
 * and U+202F. */
#ifndef PURCHASES_MAP_H
#define PURCHASES_MAP_H

#include "base/buffer.h"
#include "base/text.h"
#include "map/exact.h"
#include "number/fixed.h"
#include "time/datetime.h"
#include "time/timezone.h"

struct pur_form; /* map/table.h */

/* Says always the same. It belongs to one thread: it keeps what makes the next cell cheaper. */
typedef struct pur_map pur_map;

typedef enum pur_map_use { PUR_MAP_SALES, PUR_MAP_SERIES } pur_map_use;

/* Compiles a map, whose text is not needed afterwards. The caller owns one reference.
 * PUR_INVALID_MAP: the message begins with the field, such as "purchase.createtime.tz: unknown time
 * zone Europe/Lodnon"; PUR_NO_MEMORY; errors of pur_json_next for what is no JSON. */
pur_status pur_map_compile(const char *json, size_t length, pur_map_use use, pur_map **map,
                           pur_error *error);
pur_map *pur_map_reference(pur_map *map);
void pur_map_release(pur_map *map); /* NULL is fine */

/* How the file's bytes are laid out; all it points at belongs to the map. */
const struct pur_form *pur_map_form(const pur_map *map);

/* JSON: the pointer (RFC 6901) to the list of rows; `text` NULL: not said. */
pur_text pur_map_list(const pur_map *map);

/* COLUMNS */

/* What a slot's column is called: a name, or, with a `text` of NULL, a number from 1. */
typedef struct pur_map_column {
  pur_text name;
  size_t number;
} pur_map_column;

size_t pur_map_slot_count(const pur_map *map);
const pur_map_column *pur_map_slot(const pur_map *map, size_t slot);

/* A cell of a row: its text, quotes undone. */
typedef struct pur_map_cell {
  const char *text; /* NULL: the row has none (JSON: no such member, or null) */
  size_t length;
  bool is_number; /* JSON: a number, written with a point whatever the map's `decimal` says */
  size_t place;   /* of a series: where it stands, in the row (CSV) or in the text (JSON) */
} pur_map_cell;

/* Finds the column, from 0, of each slot, and writes it to `columns`, which has room for all slots:
 * in a header, or in the form's names. Without any (`names` NULL) columns have numbers only, which
 * may be anything up to `count`, the width of the first row.
 *
 * PUR_MISSING_COLUMN: one is not there, or is there twice; the message names the field of the map,
 * and lists the columns there are, each in quotes. PUR_INVALID_MAP: a series' value column is named
 * for another unit, which the map does not say, or for a price. */
pur_status pur_map_bind(const pur_map *map, const pur_text *names, size_t count, size_t *columns,
                        pur_error *error);

/* The text without the blanks around it. */
pur_text pur_map_trim(const char *text, size_t length);

/* Is there no text, none but blanks (with `trim`), or one of the map's `null`? Of texts blanks
 * count, of numbers, dates and a group's value they do not. */
bool pur_map_is_empty(const pur_map *map, const pur_map_cell *cell, bool trim);

/* `where` and `unless`: is the row one of those that count? The slots they look at come first,
 * 0 to pur_map_filter_count - 1, so that a caller who groups rows can put what the rows above say
 * in the place of an empty cell. */
size_t pur_map_filter_count(const pur_map *map);
bool pur_map_wants(const pur_map *map, const pur_map_cell *cells);

/* RULES */

typedef enum pur_rule_kind {
  PUR_RULE_TEXT,
  PUR_RULE_NUMBER,
  PUR_RULE_DATE,
  PUR_RULE_CONSTANT,
  PUR_RULE_SUM,         /* of one column, or of several (`add`), over a purchase's rows */
  PUR_RULE_SUM_PRODUCT, /* of each row's product */
  PUR_RULE_FUNCTION,
  PUR_RULE_OBJECT
} pur_rule_kind;

struct pur_conversion; /* private to map/: how cells are read */

typedef struct pur_rule {
  pur_rule_kind kind;
  const char *path;    /* "prices.total", without control characters: for messages */
  pur_text name;       /* of an object's member */
  pur_text member;     /* the same as JSON, with its quotes and colon: "total": */
  const size_t *slots; /* of its columns; several of a text, number or date are joined by a blank */
  size_t slot_count;
  bool first;        /* the first row's value counts, whatever the others say */
  bool is_required;  /* a purchase without it is refused */
  size_t function;   /* PUR_RULE_FUNCTION: its number, from 1 */
  pur_text constant; /* JSON: of PUR_RULE_CONSTANT; otherwise in place of an empty cell, or NULL */
  const struct pur_rule *members; /* PUR_RULE_OBJECT: sorted by name */
  size_t member_count;
  const struct pur_conversion *conversion;
} pur_rule;

/* What a map of sales says. */
typedef struct pur_map_sales {
  const size_t *group; /* slots of the columns that make rows one purchase */
  size_t group_count;  /* 0: every row is one */
  bool blank_continues;
  pur_rule purchase; /* PUR_RULE_OBJECT */
  pur_text items;    /* the list's name; `text` NULL: there is none */
  pur_text member;   /* the same as JSON, with quotes and colon */
  size_t items_at;   /* how many of the purchase's members stand before the list */
  pur_rule item;     /* PUR_RULE_OBJECT, without members where there is none */
  size_t functions;  /* how many there are in all */
} pur_map_sales;

const pur_map_sales *pur_map_sales_of(const pur_map *map);

/* Appends what the rule makes of a row's cells, as JSON: of texts, numbers, dates (a sale's, in
 * UTC: "YYYY-MM-DD HH:MM:SS") and constants. An empty cell gives its default.
 *
 * PUR_END: the cell is empty, and nothing was appended. PUR_INVALID_CELL: the message says why, the
 * cell's text first and in single quotes, and then in words that are the same for all cells with
 * that fault: '1,5' is not a number: a decimal comma; say decimal = ","; `*slot` is the cell's.
 * PUR_NONEXISTENT_TIME, PUR_AMBIGUOUS_TIME: the same, of a date. PUR_NO_MEMORY sticks in `out`. */
pur_status pur_rule_write(const pur_rule *rule, const pur_map_cell *cells, pur_buffer *out,
                          size_t *slot, pur_error *error);

/* Adds up over rows: begins as {0}. */
typedef struct pur_rule_sum {
  pur_exact total;
  bool has_any; /* a cell that is not empty */
} pur_rule_sum;

/* Adds what a row says, for PUR_RULE_SUM and PUR_RULE_SUM_PRODUCT. Errors as pur_rule_write; empty
 * cells add nothing, but those that are to be multiplied must be empty all, or none. */
pur_status pur_rule_add(const pur_rule *rule, const pur_map_cell *cells, pur_rule_sum *sum,
                        size_t *slot, pur_error *error);

/* Appends the sum, rounded as the rule says. PUR_END: all cells were empty. */
pur_status pur_rule_write_sum(const pur_rule *rule, const pur_rule_sum *sum, pur_buffer *out);

/* SERIES */

/* What a map of a series says. */
typedef struct pur_map_series {
  const pur_timezone *zone; /* the map's `tz`; NULL: none */
  const char *zone_name;
  const pur_timezone *own_zone; /* the `tz` of the datetime rule itself; NULL: none */
  const char *own_zone_name;
  int step;        /* minutes; 0: no grid */
  int resolution;  /* minutes of a row of the file; as `step` unless said */
  bool ends;       /* label = "end" */
  bool sends_ends; /* the same of what is sent */
  bool is_wide;    /* value = { from, to }: see pur_map_read_day */
  bool has_period;
  const char *dst_name; /* the column of `dst`, for messages; NULL: there is none */
  bool is_plain; /* two columns, about which nothing else is said: times as pur_datetime_parse
                    reads them, numbers as JSON has them, in MW, each row of one step */
  const size_t *time_slots; /* of the datetime rule's columns */
  size_t time_slot_count;
  const size_t *value_slots; /* of the value's columns; of wide rows those of `from` and `to` */
  size_t value_slot_count;
} pur_map_series;

const pur_map_series *pur_map_series_of(const pur_map *map);

/* The time of a row. */
typedef struct pur_map_time {
  pur_datetime datetime; /* as written (with label "end" 24:00 is the next midnight); by `period`,
                            an instant (offset 0) or, without a zone, a civil time */
  signed char which;     /* of a repeated time: 0 nobody says, 1 the first, 2 the second */
  bool is_start;         /* counted by `period`: where the interval starts, whatever `label` says */
  pur_text flag;         /* the cell that told `which`, by `dst`; `text` NULL: none did */
} pur_map_time;

/* Reads it. Errors as pur_rule_write; PUR_INVALID_MAP: the column is named for UTC, and neither the
 * time nor the map says a zone. */
pur_status pur_map_read_time(const pur_map *map, const pur_map_cell *cells, pur_map_time *time,
                             size_t *slot, pur_error *error);

/* For a caller who knows what time must come next: writes a civil time, in minutes, as the datetime
 * rule's text has it in full width, and returns its length; 0: that cannot be told. Only of one
 * column without `period`. */
#define PUR_MAP_TIME_SIZE 64
size_t pur_map_write_time(const pur_map *map, int64_t minutes, char out[PUR_MAP_TIME_SIZE]);

/* Reads the value of a row, in MW, exactly, whatever the unit. Errors as pur_rule_write. */
pur_status pur_map_read_value(const pur_map *map, const pur_map_cell *cells, pur_exact *value,
                              size_t *slot, pur_error *error);

/* May a value be a text in JSON or in a Lua table? Only where the map says how it is written, or in
 * which unit: otherwise a text that holds a number is an error, as it is to the API. */
bool pur_map_takes_texts(const pur_map *map);

/* Appends a number as JSON has it plainly, without exponent; false: it has too many digits. */
bool pur_map_write_plain(const char *text, size_t length, pur_buffer *out);

/* A row that is a day: a column is an interval. */
typedef struct pur_map_day {
  int64_t start;  /* of its first interval, in minutes: UTC with a zone, civil without */
  size_t count;   /* intervals; those that have a cell */
  size_t skipped; /* the first cell of `skip` empty ones, whose time does not exist */
  size_t skip;
} pur_map_day;

/* Reads the date (the datetime rule; its time is 00:00) and sees whether the day's cells, those of
 * the columns `from` to `to`, are as many as that day has intervals: empty only at the end, or
 * where the time does not exist. */
pur_status pur_map_read_day(const pur_map *map, const pur_map_cell *cells,
                            const pur_map_cell *intervals, size_t count, pur_map_day *day,
                            size_t *slot, pur_error *error);

/* Interval `index` of it (from 0, less than `count`): its time, with is_start, its value and which
 * of `intervals` it is, also when that cannot be read. */
pur_status pur_map_read_interval(const pur_map *map, const pur_map_day *day,
                                 const pur_map_cell *intervals, size_t index, pur_map_time *time,
                                 pur_exact *value, size_t *cell, pur_error *error);

#endif

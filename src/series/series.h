/* A purchase series: quarter-hourly (or other) MW values, checked row by row, cut by delivery day,
 * written as the body of a submit-purchase request.
 *
 * A series is held in memory: 8 bytes a row as a rule, see columns.h; the times of a regular series
 * follow from its first one. The rows that were checked are the rows that are kept and written,
 * each with its label: where its interval starts, or where it ends. A series exists only when every
 * row passed every check. */
#ifndef PURCHASES_SERIES_H
#define PURCHASES_SERIES_H

#include "series/rules.h"

typedef struct pur_series pur_series;

/* Reads files ("-": standard input), one behind the other as one series: each CSV, JSON or NDJSON
 * as its first character tells, and what the map (of PUR_MAP_SERIES) makes of its rows. On
 * PUR_INVALID_SERIES `issues` holds what is wrong; on other errors (PUR_FILE_UNREADABLE,
 * PUR_MISSING_COLUMN, PUR_INVALID_MAP, PUR_INVALID_JSON and its kin with their position,
 * PUR_NO_MEMORY) it holds that one too, behind those of the rows before, and in `stop` its place in
 * the text. Each issue has its file's number. `issues` is initialised by the caller and freed by
 * it. The caller owns one reference to `*series`, which is NULL unless PUR_OK is returned. `error`
 * is not NULL. */
pur_status pur_series_read(const char *const *paths, size_t count, pur_map *map,
                           pur_series **series, pur_issues *issues, pur_error *error);

/* The same from a JSON text: a document with a list of rows, a bare array, or NDJSON. The text is
 * not kept. */
pur_status pur_series_decode(const char *text, size_t length, pur_map *map, pur_series **series,
                             pur_issues *issues, pur_error *error);

/* Builds a series row by row. */
typedef struct pur_series_builder {
  pur_series *series;
  const pur_map *map;
  const pur_map_series *says; /* the map does */
  size_t parts;               /* rows of the series that a row of the source becomes */
  pur_buffer plain;           /* a number that came with an exponent */
  bool is_plain; /* times are starts, and rows that stand where they should need no map */
  pur_check check;
} pur_series_builder;

/* Begins a series; ended by pur_series_builder_finish. PUR_NO_MEMORY, and then nothing is begun.
 */
pur_status pur_series_builder_begin(pur_series_builder *builder, pur_map *map, pur_error *error);

/* Reads a row as the map says, checks it and keeps it, or leaves it out. `row` has its place, and a
 * datetime or purchase that is known to be wrong; the others are PUR_CELL_MISSING and read from
 * `cells`, those of the map's slots. PUR_INVALID_MAP, PUR_NO_MEMORY: the reading must end. */
pur_status pur_series_builder_take(pur_series_builder *builder, pur_row *row,
                                   const pur_map_cell *cells, pur_error *error);

/* The same for a row that is a day: `intervals` are the `count` cells of its values. */
pur_status pur_series_builder_take_day(pur_series_builder *builder, pur_row *row,
                                       const pur_map_cell *cells, const pur_map_cell *intervals,
                                       size_t count, pur_error *error);

/* A row of values: its datetime, a text yet to be checked, and its purchase, finite, in MW. */
typedef struct pur_item {
  const char *datetime;
  size_t length;
  double purchase;
} pur_item;

/* The same for rows of values, where the builder is plain; their texts are not kept. */
void pur_series_builder_add_items(pur_series_builder *builder, const pur_item *items, size_t count);

/* Adds a row that cannot be read as one at all; it has no place in a text. */
void pur_series_builder_refuse(pur_series_builder *builder, const char *detail);

/* Ends the series, or, where `status` is that of an error, gives it up; outcome as pur_series_read.
 * What the builder found wrong is in `issues` then; an error is the last of them. */
pur_status pur_series_builder_finish(pur_series_builder *builder, pur_status status,
                                     pur_series **series, pur_issues *issues, pur_error *error);

void pur_series_reference(pur_series *series);
void pur_series_release(pur_series *series);

/* How many rows. */
size_t pur_series_rows(const pur_series *series);

/* Bytes it keeps in memory, about, without the body written last. */
size_t pur_series_memory(const pur_series *series);

/* How many local dates have rows, and the row (from 0) at which the n-th of them starts; for
 * n == the number of days, the number of rows. */
size_t pur_series_days(const pur_series *series);
size_t pur_series_day_start(const pur_series *series, size_t day);

/* The number of the day that a row belongs to. */
size_t pur_series_day_of(const pur_series *series, size_t row);

/* The local time of a row as YYYY-MM-DD HH:MM. */
void pur_series_time(const pur_series *series, size_t row, char text[PUR_GRID_TEXT]);

/* Where the row's interval starts, whatever is sent: the date is that of the delivery day. */
void pur_series_start(const pur_series *series, size_t row, char text[PUR_GRID_TEXT]);

#define PUR_SPAN_SIZE 17 /* YYYY-MM-DDTHH:MMZ */

/* Writes the first and the last minute that the intervals of `count` rows, at least 1, from `row`
 * on take up, whatever is sent: where there is a zone as an instant, YYYY-MM-DDTHH:MMZ, otherwise
 * as a local time, YYYY-MM-DD HH:MM. So these sort as they follow one another, and no two spans of
 * one kind that share a minute look as if they did not. Without a grid the last minute is the last
 * row's time. Returns their length. */
size_t pur_series_span(const pur_series *series, size_t row, size_t count,
                       char first[PUR_SPAN_SIZE], char last[PUR_SPAN_SIZE]);

/* Finds the first row that lies at or behind a time, which is a row's label: YYYY-MM-DD HH:MM, with
 * an offset or in local time, or YYYY-MM-DD, a delivery day: the first row of it, or with `behind`
 * the first one behind it. PUR_INVALID_DATETIME, PUR_NONEXISTENT_TIME, PUR_AMBIGUOUS_TIME. */
pur_status pur_series_find(const pur_series *series, const char *text, size_t length, bool behind,
                           size_t *row, pur_error *error);

/* Has it a zone, so that the lengths of its days were checked? Is the first day or the last not
 * whole, which may be where the times of the source are of another zone? How many rows of its
 * source did the map leave out? */
bool pur_series_has_zone(const pur_series *series);
bool pur_series_is_cut(const pur_series *series);
size_t pur_series_left_out(const pur_series *series);

/* Writes {"purchase":[{"datetime":"...","purchase":...},...]} for `count` rows from `row`.
 * Datetimes are local times; numbers keep the digits they were given with, less zeros that end a
 * fraction. The bytes belong to the series and hold until the next call, or until they are dropped.
 * PUR_NO_MEMORY. */
pur_status pur_series_encode(pur_series *series, size_t row, size_t count, const char **text,
                             size_t *length, pur_error *error);

/* The digest of that body's value (json/digest.h), without writing it. */
uint64_t pur_series_digest(const pur_series *series, size_t row, size_t count);

/* Gives back the memory of the body written last. */
void pur_series_drop_body(pur_series *series);

#endif

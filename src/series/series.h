/* A purchase series: quarter-hourly (or other) MW values, checked row by row, cut by delivery day,
 * written as the body of a submit-purchase request.
 *
 * A series is held in memory: 8 bytes a row as a rule, see columns.h; the times of a regular series
 * follow from its first one. The rows that were checked are the rows that are kept and written. A
 * series exists only when every row passed every check. */
#ifndef PURCHASES_SERIES_H
#define PURCHASES_SERIES_H

#include "series/rules.h"

typedef struct pur_series_options {
  const char *datetime; /* name of the column or key that holds it; NUL-terminated */
  const char *purchase;
  pur_timezone *zone; /* NULL: local times as given; the series keeps a reference of its own */
  const char *zone_name;
  int step; /* minutes, a divisor of 60; 0: no grid */
} pur_series_options;

typedef struct pur_series pur_series;

/* Reads a file ("-": standard input), CSV, JSON or NDJSON as its first character tells. On
 * PUR_INVALID_SERIES `issues` holds what is wrong; on other errors (PUR_FILE_UNREADABLE,
 * PUR_MISSING_COLUMN, PUR_INVALID_JSON and its kin with their position, PUR_NO_MEMORY) it holds
 * that one too, behind those of the rows before, and in `stop` its place in the text. `issues` is
 * initialised by the caller and freed by it. The caller owns one reference to `*series`, which is
 * NULL unless PUR_OK is returned. `error` is not NULL. */
pur_status pur_series_read(const char *path, const pur_series_options *options, pur_series **series,
                           pur_issues *issues, pur_error *error);

/* The same from a JSON text: {"purchase":[...]}, a bare array, or NDJSON. The text is not kept. */
pur_status pur_series_decode(const char *text, size_t length, const pur_series_options *options,
                             pur_series **series, pur_issues *issues, pur_error *error);

/* Builds a series row by row. */
typedef struct pur_series_builder {
  pur_series *series;
  pur_check check;
} pur_series_builder;

/* Begins a series; ended by pur_series_builder_finish. PUR_NO_MEMORY, and then nothing is begun.
 */
pur_status pur_series_builder_begin(pur_series_builder *builder, const pur_series_options *options,
                                    pur_error *error);

/* Checks a row of text and keeps it. */
void pur_series_builder_add(pur_series_builder *builder, const pur_row *row);

/* A row of values: its datetime, a text yet to be checked, and its purchase, finite, in MW. */
typedef struct pur_item {
  const char *datetime;
  size_t length;
  double purchase;
} pur_item;

/* The same for rows of values; their texts are not kept. */
void pur_series_builder_add_items(pur_series_builder *builder, const pur_item *items, size_t count);

/* Adds a row that cannot be read as one at all; it has no place in a text. */
void pur_series_builder_refuse(pur_series_builder *builder, const char *detail);

/* Ends the series, or, where `status` is that of an error, gives it up; outcome as pur_series_read.
 * What the builder found wrong is in `issues` then. */
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

/* Writes {"purchase":[{"datetime":"...","purchase":...},...]} for `count` rows from `row`.
 * Datetimes are local times; numbers keep the digits they were given with, less zeros that end a
 * fraction. The bytes belong to the series and hold until the next call, or until they are dropped.
 * PUR_NO_MEMORY. */
pur_status pur_series_encode(pur_series *series, size_t row, size_t count, const char **text,
                             size_t *length, pur_error *error);

/* Gives back the memory of the body written last. */
void pur_series_drop_body(pur_series *series);

#endif

/* A purchase series: quarter-hourly (or other) MW values, checked row by row, cut by delivery day,
 * written as the body of a submit-purchase request.
 *
 * Of a CSV file the numbers are kept, since a regular series' times follow from its first one. Rows
 * of a longer file, or of one without a grid, stay there: it is read again, and proved unchanged,
 * when they are sent, so that the series takes a few bytes a delivery day. Rows of JSON and of
 * tables are kept as the body they make. A series is never half good: it exists only when every row
 * passed every check. */
#ifndef PURCHASES_SERIES_H
#define PURCHASES_SERIES_H

#include "series/rules.h"

typedef struct pur_series_options {
  const char *datetime; /* name of the column or key that holds it; NUL-terminated */
  const char *purchase;
  pur_timezone *zone; /* NULL: local times as given; the series keeps a reference of its own */
  const char *zone_name;
  int step;           /* minutes, a divisor of 60; 0: no grid */
  uint64_t read_once; /* bytes: the numbers of a CSV file of up to that size are kept */
} pur_series_options;

/* For `read_once`: such a file's numbers take half as much at most, a third as a rule. */
#define PUR_READ_ONCE ((uint64_t)32 << 20)

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

/* Builds series row by row from values in memory, one after the other: the memory that one's rows
 * took is there for the next. */
typedef struct pur_series_builder {
  pur_series *series; /* NULL: none is begun */
  pur_check check;
  pur_buffer spare;
} pur_series_builder;

/* Allocates nothing. The owner ends it with pur_series_builder_free. */
void pur_series_builder_init(pur_series_builder *builder);
void pur_series_builder_free(pur_series_builder *builder);

/* Begins a series. PUR_NO_MEMORY. */
pur_status pur_series_builder_begin(pur_series_builder *builder, const pur_series_options *options,
                                    pur_error *error);

/* Gives up the series that was begun, if there is one. */
void pur_series_builder_drop(pur_series_builder *builder);

/* A row of values: its datetime, a text yet to be checked, and its purchase, finite, in MW. */
typedef struct pur_item {
  const char *datetime;
  size_t length;
  double purchase;
} pur_item;

/* Adds rows; their texts are not kept. */
void pur_series_builder_add(pur_series_builder *builder, const pur_item *items, size_t count);

/* Adds a row that is no such item: one of the two is missing or of a type that cannot hold it. */
void pur_series_builder_add_wrong(pur_series_builder *builder, const pur_cell *datetime,
                                  pur_cell_state purchase);

/* Adds an item that is no row at all. */
void pur_series_builder_refuse(pur_series_builder *builder, const char *detail);

/* Ends the series; outcome as pur_series_read. */
pur_status pur_series_builder_finish(pur_series_builder *builder, pur_series **series,
                                     pur_issues *issues, pur_error *error);

void pur_series_reference(pur_series *series);
void pur_series_release(pur_series *series);

/* How many rows. */
size_t pur_series_rows(const pur_series *series);

/* Bytes it keeps in memory, about. */
size_t pur_series_memory(const pur_series *series);

/* The body of all rows, where the series keeps that in memory; NULL where it reads a file. `length`
 * may be NULL. */
const char *pur_series_body(const pur_series *series, size_t *length);

/* From now on the series reads a copy of that body, which must outlive it. The memory of its own
 * goes to `spare`, a builder's, unless that is too much to keep. */
void pur_series_share(pur_series *series, const char *copy, pur_buffer *spare);

/* Does the series own nothing but itself? It can then live in memory of another's: move it to
 * `room` (pur_series_size bytes, for any type), where it is forgotten rather than released. A copy
 * is to be released again; NULL without memory. */
bool pur_series_is_light(const pur_series *series);
size_t pur_series_size(void);
pur_series *pur_series_move(pur_series *series, void *room);
pur_series *pur_series_copy(const pur_series *series);

/* How many local dates have rows, and the row (from 0) at which the n-th of them starts; for
 * n == the number of days, the number of rows. */
size_t pur_series_days(const pur_series *series);
size_t pur_series_day_start(const pur_series *series, size_t day);

/* The number of the day that a row belongs to. */
size_t pur_series_day_of(const pur_series *series, size_t row);

/* The local time of a row as YYYY-MM-DD HH:MM. Errors as pur_series_encode. */
pur_status pur_series_time(pur_series *series, size_t row, char text[PUR_GRID_TEXT],
                           pur_error *error);

/* Writes {"purchase":[{"datetime":"...","purchase":...},...]} for `count` rows from `row`.
 * Datetimes are local times; numbers keep the digits they were given with, less zeros that end a
 * fraction. The bytes belong to the series and hold until its next call. PUR_FILE_CHANGED,
 * PUR_FILE_UNREADABLE, PUR_NO_MEMORY. */
pur_status pur_series_encode(pur_series *series, size_t row, size_t count, const char **text,
                             size_t *length, pur_error *error);

#endif

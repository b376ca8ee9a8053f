/* A purchase series from its rows: of files, of a text, or one by one. */
#ifndef PURCHASES_SERIES_BUILD_H
#define PURCHASES_SERIES_BUILD_H

#include "map/table.h"
#include "series/rules.h"
#include "series/series.h"

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
  size_t intervals;           /* where a row is a day: cells that it has, to be set by the caller */
  pur_buffer plain;           /* a number that came with an exponent */
  bool is_plain; /* times are starts, and rows that stand where they should need no map */
  pur_check check;
} pur_series_builder;

/* Begins a series; ended by pur_series_builder_finish. PUR_NO_MEMORY, and then nothing is begun.
 */
pur_status pur_series_builder_begin(pur_series_builder *builder, pur_map *map, pur_error *error);

/* Reads a row as the map says, checks it and keeps it, or leaves it out. `row` has its place, and a
 * datetime or purchase that is known to be wrong; the others are PUR_CELL_MISSING and read from
 * `cells`, those of the map's slots; where a row is a day, behind them those of its intervals.
 * PUR_INVALID_MAP, PUR_NO_MEMORY: the reading must end. */
pur_status pur_series_builder_take(pur_series_builder *builder, pur_row *row,
                                   const pur_map_cell *cells, pur_error *error);

/* Takes `rows` rows whose values, of each of its parts, are in their column already and that stand
 * where the grid expects them; see pur_check_expected. */
void pur_series_builder_expected(pur_series_builder *builder, size_t rows, size_t line);

/* A row of values: its datetime, a text yet to be checked, and its purchase, finite, in MW. */
typedef struct pur_item {
  const char *datetime;
  size_t length;
  double purchase;
} pur_item;

/* Takes rows of values, where the builder is plain; their texts are not kept. */
void pur_series_builder_add_items(pur_series_builder *builder, const pur_item *items, size_t count);

/* Takes the rows of a table of CSV that was opened. */
pur_status pur_series_read_csv(pur_series_builder *builder, pur_table *table, pur_error *error);

/* Ends the series, or, where `status` is that of an error, gives it up; outcome as pur_series_read.
 * What the builder found wrong is in `issues` then; an error is the last of them. */
pur_status pur_series_builder_finish(pur_series_builder *builder, pur_status status,
                                     pur_series **series, pur_issues *issues, pur_error *error);

#endif

/* What a look at a row's fields tells: of two rows of a series with one time which column tells
 * them apart, so that a map's `where` can choose; of one with too many fields why. */
#ifndef PURCHASES_MAP_APART_H
#define PURCHASES_MAP_APART_H

#include "map/map.h"
#include "map/table.h"

#define PUR_APART_SIZE 256

/* What tells two rows of one time apart: a column in which they differ, and whose value the first
 * row shares with one of another time. Without that it merely counts rows. Begins as {0}. */
typedef struct pur_apart {
  pur_buffer first;  /* the series' first row, as its bytes */
  pur_buffer second; /* the one behind it, where that has another time */
  pur_buffer repeat; /* another one of the time of the first */
  size_t taken;      /* rows whose time can be told, as far as they are known */
  size_t looks;      /* at rows behind the repeat */
  bool is_good;      /* `told` is not to be bettered */
  bool is_closed;
  char told[PUR_APART_SIZE]; /* what to say of it; "": nothing */
} pur_apart;

/* Takes the row of CSV that was read last, if it is one more whose time can be told: so many were
 * `taken`; `repeats`: its time is that of the first one. `columns` are those of the map's slots. */
void pur_apart_take_fields(pur_apart *apart, const pur_map *map, const pur_table *table,
                           const size_t *columns, size_t taken, bool repeats);

/* The same of an object of JSON, which has been read before. */
void pur_apart_take_members(pur_apart *apart, const pur_map *map, pur_text row, size_t taken,
                            bool repeats);

/* Ends the look at a file, behind which others are not compared with it: what is told stays.
 * `status` is how the reading ended; in the place of PUR_OK and PUR_END comes PUR_OK, or
 * PUR_NO_MEMORY. */
pur_status pur_apart_close(pur_apart *apart, pur_status status, pur_error *error);

/* Is the row read last, which has too many fields, torn by decimal commas between commas? */
bool pur_map_tell_torn(const pur_table *table, char out[PUR_APART_SIZE]);

#endif

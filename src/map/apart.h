/* What a look at a row's fields tells: of two rows of a series with one time which column tells
 * them apart, so that a map's `where` can choose; of one with too many fields why. */
#ifndef PURCHASES_MAP_APART_H
#define PURCHASES_MAP_APART_H

#include "map/map.h"
#include "map/table.h"

#define PUR_APART_SIZE 256

/* Of CSV: a row that was kept, as its bytes, and the row read last. `columns` are those of the
 * map's slots. Writes what to say of it, or, where the rows differ in nothing else, nothing: false.
 */
bool pur_map_tell_fields(const pur_map *map, const pur_table *table, const size_t *columns,
                         const pur_buffer *kept, char out[PUR_APART_SIZE]);

/* The same of two objects of JSON, which have been read before. */
bool pur_map_tell_members(const pur_map *map, pur_text kept, pur_text row,
                          char out[PUR_APART_SIZE]);

/* Is the row read last, which has too many fields, torn by decimal commas between commas? */
bool pur_map_tell_torn(const pur_table *table, char out[PUR_APART_SIZE]);

#endif

/* Where the rows are in a document of JSON. */
#ifndef PURCHASES_MAP_LIST_H
#define PURCHASES_MAP_LIST_H

#include "json/json.h"
#include "map/map.h"

/* Finds the list of a series' rows, for a scanner at the start of the document: where the map's
 * `list` points to, or else the only list whose first element is an object with the columns of the
 * time. `position` is that of its bracket. The document is read to there, or to its end.
 *
 * PUR_INVALID_MAP: there is no list where `list` points to, or there are several, which the message
 * names; PUR_MISSING_COLUMN: there is none, and the map says how the columns of the time are
 * called; PUR_NOT_FOUND: there is none; errors of pur_json_next. */
pur_status pur_map_find_list(const pur_map *map, pur_json_scanner *scanner, size_t *position,
                             pur_error *error);

#endif

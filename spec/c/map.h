/* Maps of series for C tests. */
#ifndef PURCHASES_TEST_MAP_H
#define PURCHASES_TEST_MAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/map.h"

/* A map that says nothing but this: columns "datetime" and "purchase", a zone (NULL: none) and a
 * step (0: no grid). The caller releases it. */
static inline pur_map *test_series_map(const char *zone, int step) {
  char json[200], minutes[20];
  pur_map *map = NULL;
  pur_error error;
  (void)snprintf(minutes, sizeof minutes, step > 0 ? "%d" : "false", step);
  (void)snprintf(json, sizeof json, "{%s%s%s\"step\":%s}", zone != NULL ? "\"tz\":\"" : "",
                 zone != NULL ? zone : "", zone != NULL ? "\"," : "", minutes);
  if (pur_map_compile(json, strlen(json), PUR_MAP_SERIES, &map, &error) != PUR_OK) {
    fprintf(stderr, "%s: %s\n", json, error.message);
    abort();
  }
  return map;
}

#endif

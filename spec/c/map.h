/* Maps, and cells of rows, for C tests. */
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

#define TEST_MOST_CELLS 40

/* Cuts a row at |; the text is changed. Cells that it does not have are empty. Returns how many it
 * has. */
static inline size_t test_cut_cells(char *row, const size_t *columns, size_t slots,
                                    pur_map_cell *cells) {
  char *fields[TEST_MOST_CELLS];
  size_t count = 0;
  for (char *at = row; at != NULL && count < TEST_MOST_CELLS;) {
    char *end = strchr(at, '|');
    fields[count++] = at;
    if (end != NULL) *end++ = '\0';
    at = end;
  }
  for (size_t i = 0; i < slots; i++) {
    const char *text = columns[i] < count ? fields[columns[i]] : "";
    cells[i] = (pur_map_cell){.text = text, .length = strlen(text)};
  }
  return count;
}

#endif

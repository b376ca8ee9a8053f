/* Columns: where they stand in a file, and which rows count. */
#include <stdio.h>
#include <stdlib.h>

#include "base/issues.h"
#include "base/text.h"
#include "json/json.h"
#include "map/compiled.h"
#include "map/encode.h"

size_t pur_map_slot_count(const pur_map *map) {
  return map->column_count;
}

const pur_map_column *pur_map_slot(const pur_map *map, size_t slot) {
  return &map->columns[slot];
}

/* Binding */

/* The names there are, each in quotes, as many as fit. */
static void list_names(const pur_text *names, size_t count, char *out, size_t size) {
  size_t used = 0;
  *out = '\0';
  for (size_t i = 0; i < count; i++) {
    char shown[64];
    pur_text name = pur_blank_trim(names[i].text, names[i].length);
    pur_issue_quote(name.text, name.length, shown, sizeof shown);
    if (used + strlen(shown) + 8 > size) {
      (void)snprintf(out + used, size - used, ", ...");
      return;
    }
    used += (size_t)snprintf(out + used, size - used, "%s\"%s\"", i > 0 ? ", " : "", shown);
  }
}

/* The first name that is no text; NULL: all are. */
static const pur_text *find_no_text(const pur_text *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    for (size_t at = 0, step; at < names[i].length; at += step)
      if ((step = pur_utf8_length(names[i].text + at, names[i].length - at)) == 0) return &names[i];
  return NULL;
}

static pur_status fail_missing(const pur_map_column *column, const char *path,
                               const pur_text *names, size_t count, pur_error *error) {
  char shown[64], list[150];
  const pur_text *no_text;
  pur_issue_quote(column->name.text, column->name.length, shown, sizeof shown);
  if (names == NULL && column->name.text != NULL)
    return pur_error_set(error, PUR_MISSING_COLUMN, 0,
                         "%s: no column \"%s\", for there is no header: name columns by number, or "
                         "say their names",
                         path, shown);
  if (column->name.text == NULL) (void)snprintf(shown, sizeof shown, "%zu", column->number);
  if (names == NULL)
    return pur_error_set(error, PUR_MISSING_COLUMN, 0, "%s: no column %s; there are %zu", path,
                         shown, count);
  no_text = column->name.text != NULL ? find_no_text(names, count) : NULL;
  if (no_text != NULL)
    return pur_error_set(error, PUR_MISSING_COLUMN, 0, "%s: no column \"%s\"; the header has %s",
                         path, shown, pur_encoding_explain(no_text->text, no_text->length));
  list_names(names, count, list, sizeof list);
  return pur_error_set(error, PUR_MISSING_COLUMN, 0, "%s: no column %s%s%s; the columns are %s",
                       path, column->name.text != NULL ? "\"" : "", shown,
                       column->name.text != NULL ? "\"" : "", list);
}

#define MOST_KEYS 32 /* more than a message has room for */

pur_status pur_map_fail_key(const pur_map *map, size_t slot, pur_text row, size_t rows,
                            pur_error *error) {
  const pur_map_column *column = &map->columns[slot];
  pur_text keys[MOST_KEYS];
  size_t count = 0;
  char shown[64], list[150];
  pur_json_scanner scanner;
  pur_json_token token;
  pur_status status;
  pur_json_scanner_init(&scanner, row.text, row.length);
  status = pur_json_next(&scanner, &token, error);
  while (status == PUR_OK && count < MOST_KEYS) {
    status = pur_json_next(&scanner, &token, error);
    if (status != PUR_OK || token.kind != PUR_JSON_KEY) break;
    keys[count++] = (pur_text){token.text, token.length};
    status = pur_json_next(&scanner, &token, error);
    if (token.kind == PUR_JSON_OBJECT_BEGIN || token.kind == PUR_JSON_ARRAY_BEGIN)
      status = pur_json_leave(&scanner, error);
  }
  pur_json_scanner_free(&scanner);
  if (status != PUR_OK) return status;
  list_names(keys, count, list, sizeof list);
  if (column->name.text == NULL)
    return pur_error_set(error, PUR_MISSING_COLUMN, 0,
                         "%s: no column %zu: objects of JSON have no numbers for columns; the keys "
                         "are %s",
                         map->column_paths[slot], column->number, list);
  pur_issue_quote(column->name.text, column->name.length, shown, sizeof shown);
  if (rows == 0)
    return pur_error_set(error, PUR_MISSING_COLUMN, 0,
                         "%s: no list of objects that have \"%s\"; the keys in the longest are %s",
                         map->column_paths[slot], shown, list);
  return pur_error_set(error, PUR_MISSING_COLUMN, 0,
                       "%s: no \"%s\" in any of %zu rows; the keys are %s", map->column_paths[slot],
                       shown, rows, list);
}

static bool same_name(pur_text wanted, pur_text name) {
  name = pur_blank_trim(name.text, name.length);
  return name.length == wanted.length && memcmp(name.text, wanted.text, name.length) == 0;
}

static pur_status bind_column(const pur_map_column *column, const char *path, const pur_text *names,
                              size_t count, size_t *place, pur_error *error) {
  size_t found = 0;
  char shown[80];
  if (names != NULL && column->name.text != NULL)
    for (size_t i = 0; i < count; i++)
      if (same_name(column->name, names[i])) *place = i, found++;
  if (found == 0 && column->number > 0 && column->number <= count) {
    *place = column->number - 1;
    return PUR_OK;
  }
  if (found == 1) return PUR_OK;
  if (found == 0) return fail_missing(column, path, names, count, error);
  pur_issue_quote(column->name.text, column->name.length, shown, sizeof shown);
  return pur_error_set(error, PUR_MISSING_COLUMN, 0,
                       "%s: column \"%s\" is there %zu times; name it by its number", path, shown,
                       found);
}

/* A sale's time that is named for UTC must not be taken for a local one of the zone that the map
 * names for all dates. */
static pur_status check_utc_names(const pur_map *map, const pur_rule *rule, const pur_text *names,
                                  const size_t *columns, pur_error *error) {
  const pur_conversion *how = rule->conversion;
  for (size_t i = 0; i < rule->member_count; i++)
    if (check_utc_names(map, &rule->members[i], names, columns, error) != PUR_OK)
      return error->status;
  if (rule->kind != PUR_RULE_DATE || how->zone == NULL || how->has_own_zone ||
      how->date.has_offset || how->date.has_name || pur_map_zone_is_utc(how->zone))
    return PUR_OK;
  for (size_t i = 0; i < rule->slot_count; i++) {
    char name[PUR_UTC_NAME_SIZE] = "";
    pur_map_keep_utc_name(name, names[columns[rule->slots[i]]]);
    if (*name != '\0')
      return pur_error_set(error, PUR_INVALID_MAP, 0,
                           "%s: column \"%s\" is named for UTC, but its times have no offset, and "
                           "are taken as of %s; say whose they are: tz = \"UTC\" beside date",
                           rule->path, name, how->zone->name);
  }
  return PUR_OK;
}

/* Of a row that is a day also those between `from` and `to`. */
static pur_status check_value_names(const pur_map *map, const pur_text *names,
                                    const size_t *columns, pur_error *error) {
  const pur_map_series *series = &map->series;
  const size_t *slots = series->value_slots;
  const size_t from = series->is_wide ? columns[slots[0]] : 0;
  const size_t to = series->is_wide ? columns[slots[1]] + 1 : series->value_slot_count;
  pur_text named = {NULL, 0};
  for (size_t i = from; i < to; i++) {
    const size_t column = series->is_wide ? i : columns[slots[i]];
    pur_status status = pur_map_check_value_name(map, "value", names[column], &named, error);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

pur_status pur_map_bind(const pur_map *map, const pur_text *names, size_t count, size_t *columns,
                        pur_error *error) {
  const pur_map_series *series = &map->series;
  pur_status status = PUR_OK;
  for (size_t slot = 0; slot < map->column_count && status == PUR_OK; slot++)
    status = bind_column(&map->columns[slot], map->column_paths[slot], names, count, &columns[slot],
                         error);
  if (status != PUR_OK || names == NULL) return status;
  if (map->use == PUR_MAP_SALES) {
    status = check_utc_names(map, &map->sales.purchase, names, columns, error);
    if (status != PUR_OK) return status;
    return check_utc_names(map, &map->sales.item, names, columns, error);
  }
  *map->row.utc_name = '\0';
  for (size_t i = 0; i < series->time_slot_count; i++)
    pur_map_keep_utc_name(map->row.utc_name, names[columns[series->time_slots[i]]]);
  return check_value_names(map, names, columns, error);
}

/* Cells */

int pur_texts_compare(const void *left, const void *right) {
  const pur_text *a = left, *b = right;
  const size_t common = a->length < b->length ? a->length : b->length;
  const int order = common > 0 ? memcmp(a->text, b->text, common) : 0;
  return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

#define FEW 4 /* are looked through faster than halved */

bool pur_texts_have(const pur_text *texts, size_t count, const char *text, size_t length) {
  const pur_text wanted = {text, length};
  if (count > FEW) return bsearch(&wanted, texts, count, sizeof *texts, pur_texts_compare) != NULL;
  for (size_t i = 0; i < count; i++)
    if (pur_texts_compare(&wanted, &texts[i]) == 0) return true;
  return false;
}

pur_text pur_map_trim(const char *text, size_t length) {
  return pur_blank_trim(text, length);
}

bool pur_map_is_empty(const pur_map *map, const pur_map_cell *cell, bool trim) {
  pur_text text = {cell->text, cell->length};
  if (text.length == 0) return true;
  if (map->null_count > 0 && pur_texts_have(map->nulls, map->null_count, text.text, text.length))
    return true;
  if (!trim) return false;
  text = pur_blank_trim(text.text, text.length);
  if (text.length == 0) return true;
  return text.length < cell->length &&
         pur_texts_have(map->nulls, map->null_count, text.text, text.length);
}

size_t pur_map_filter_count(const pur_map *map) {
  return map->filter_slots;
}

/* A cell that the map takes for nothing is as good as the text that it has. */
bool pur_map_wants(const pur_map *map, const pur_map_cell *cells) {
  for (size_t i = 0; i < map->filter_count; i++) {
    const pur_map_filter *filter = &map->filters[i];
    const pur_map_cell *cell = &cells[filter->slot];
    bool has =
        cell->length > 0 && pur_texts_have(filter->texts, filter->count, cell->text, cell->length);
    if (!has && pur_map_is_empty(map, cell, false))
      has = pur_texts_have(filter->texts, filter->count, "", 0);
    if (has == filter->leaves_out) return false;
  }
  return true;
}

#include "map/compiler.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/issues.h"

#define MOST_COLUMNS 10000

/* Messages */

pur_status pur_map_compiler_fail(const pur_map_compiler *c, const char *key, const char *format,
                                 ...) {
  char message[PUR_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return pur_error_set(c->error, PUR_INVALID_MAP, 0, "%s%s%s: %.*s", c->path,
                       key != NULL && c->path_length > 0 ? "." : "",
                       key != NULL          ? key
                       : c->path_length > 0 ? ""
                                            : "map",
                       PUR_MESSAGE_SIZE - 1, message);
}

void pur_map_compiler_enter(pur_map_compiler *c, const char *name, size_t length) {
  char *at = c->path + c->path_length;
  if (c->path_length + 2 < sizeof c->path && c->path_length > 0) *at++ = '.';
  pur_issue_quote(name, length, at, (size_t)(c->path + sizeof c->path - at));
  c->path_length += strlen(c->path + c->path_length);
}

void pur_map_compiler_leave(pur_map_compiler *c, size_t path_length) {
  c->path_length = path_length;
  c->path[path_length] = '\0';
}

pur_status pur_map_compiler_check_used(const pur_map_compiler *c, const pur_node *object) {
  for (const pur_node *member = object->first; member != NULL; member = member->next) {
    char shown[64];
    if (member->used) continue;
    pur_issue_quote(member->name.text, member->name.length, shown, sizeof shown);
    if (object->kind != PUR_JSON_OBJECT_BEGIN)
      return pur_map_compiler_fail(c, NULL, "expected a table with names, got a list");
    return pur_map_compiler_fail(c, NULL, "unknown key '%s'", shown);
  }
  return PUR_OK;
}

/* Values */

static const char *kind_of(const pur_node *node) {
  switch (node->kind) {
  case PUR_JSON_STRING:
    return "a text";
  case PUR_JSON_NUMBER:
    return "a number";
  case PUR_JSON_TRUE:
    return "true";
  case PUR_JSON_FALSE:
    return "false";
  case PUR_JSON_NULL:
    return "null";
  case PUR_JSON_ARRAY_BEGIN:
    return "a list";
  default:
    return "a table";
  }
}

static pur_status fail_kind(const pur_map_compiler *c, const char *key, const char *wanted,
                            const pur_node *got) {
  return pur_map_compiler_fail(c, key, "expected %s, got %s", wanted, kind_of(got));
}

pur_status pur_map_compiler_text(const pur_map_compiler *c, pur_node *object, const char *key,
                                 pur_text *text) {
  const pur_node *node = pur_node_get(object, key);
  if (node == NULL) return PUR_OK;
  if (node->kind != PUR_JSON_STRING) return fail_kind(c, key, "a text", node);
  *text = node->text;
  return PUR_OK;
}

pur_status pur_map_compiler_flag(const pur_map_compiler *c, pur_node *object, const char *key,
                                 bool *flag) {
  const pur_node *node = pur_node_get(object, key);
  if (node == NULL) return PUR_OK;
  if (node->kind != PUR_JSON_TRUE && node->kind != PUR_JSON_FALSE)
    return fail_kind(c, key, "true or false", node);
  *flag = node->kind == PUR_JSON_TRUE;
  return PUR_OK;
}

pur_status pur_map_compiler_whole(const pur_map_compiler *c, pur_node *object, const char *key,
                                  long least, long most, long *number) {
  const pur_node *node = pur_node_get(object, key);
  if (node == NULL || pur_node_whole(node, least, most, number)) return PUR_OK;
  return pur_map_compiler_fail(c, key, "expected a whole number from %ld to %ld", least, most);
}

pur_status pur_map_compiler_texts(pur_map_compiler *c, const pur_node *node, const char *key,
                                  bool is_set, const pur_text **texts, size_t *count) {
  const bool is_list = node->kind == PUR_JSON_ARRAY_BEGIN;
  const pur_node *element = is_list ? node->first : node;
  pur_text *all = pur_arena_take(&c->map->arena, (node->count + 1) * sizeof *all);
  if (all == NULL) return pur_map_compiler_no_memory(c);
  *texts = all;
  *count = 0;
  if (node->kind == PUR_JSON_OBJECT_BEGIN && node->count == 0) return PUR_OK;
  for (; element != NULL; element = is_list ? element->next : NULL) {
    if (element->kind != PUR_JSON_STRING && element->kind != PUR_JSON_NUMBER)
      return fail_kind(c, key, "a text or a list of texts", element);
    all[(*count)++] = element->text;
  }
  if (is_set) qsort(all, *count, sizeof *all, pur_texts_compare);
  return PUR_OK;
}

/* Columns */

pur_status pur_map_compiler_column_named(pur_map_compiler *c, const char *key, pur_text name,
                                         size_t number, size_t *slot) {
  pur_map *map = c->map;
  char path[PUR_PATH_SIZE + 16];
  size_t at = 0;
  for (; at < map->column_count; at++) {
    const pur_map_column *column = &map->columns[at];
    if (column->number == number && column->name.length == name.length &&
        (column->name.text == NULL) == (name.text == NULL) &&
        (name.text == NULL || column->name.text == NULL ||
         memcmp(column->name.text, name.text, name.length) == 0))
      break;
  }
  *slot = at;
  if (at < map->column_count) return PUR_OK;
  if (at == MOST_COLUMNS)
    return pur_map_compiler_fail(c, key, "the map names more than %d columns", MOST_COLUMNS);
  (void)snprintf(path, sizeof path, "%s%s%s", c->path, key != NULL && c->path_length > 0 ? "." : "",
                 key != NULL ? key : "");
  map->column_paths[at] = pur_arena_copy(&map->arena, path, strlen(path));
  if (map->column_paths[at] == NULL) return pur_map_compiler_no_memory(c);
  map->columns[map->column_count++] = (pur_map_column){name, number};
  return PUR_OK;
}

pur_status pur_map_compiler_column(pur_map_compiler *c, const pur_node *node, const char *key,
                                   size_t *slot) {
  pur_text name = {NULL, 0};
  long number = 0;
  if (node->kind == PUR_JSON_STRING) {
    name = pur_blank_trim(node->text.text, node->text.length);
    if (name.length == 0) return pur_map_compiler_fail(c, key, "a column's name is empty");
  } else if (node->kind != PUR_JSON_NUMBER) {
    return fail_kind(c, key, "a column's name or number", node);
  } else if (!pur_node_whole(node, 1, 100000, &number)) {
    return pur_map_compiler_fail(c, key, "columns are numbered from 1");
  }
  return pur_map_compiler_column_named(c, key, name, (size_t)number, slot);
}

pur_status pur_map_compiler_columns(pur_map_compiler *c, const pur_node *node, const char *key,
                                    const size_t **slots, size_t *count) {
  const bool is_list = node->kind == PUR_JSON_ARRAY_BEGIN;
  const pur_node *element = is_list ? node->first : node;
  size_t *all = pur_arena_take(&c->map->arena, (node->count + 1) * sizeof *all);
  if (all == NULL) return pur_map_compiler_no_memory(c);
  *slots = all;
  *count = 0;
  if (is_list && element == NULL)
    return pur_map_compiler_fail(c, key, "the list of columns is empty");
  for (; element != NULL; element = is_list ? element->next : NULL) {
    pur_status status = pur_map_compiler_column(c, element, key, &all[(*count)++]);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

/* Zones */

pur_status pur_map_compiler_zone(pur_map_compiler *c, pur_node *object, pur_map_zone **zone) {
  pur_map *map = c->map;
  pur_text name = {NULL, 0};
  pur_error error;
  pur_status status = pur_map_compiler_text(c, object, "tz", &name);
  pur_map_zone *opened = map->zones;
  if (status != PUR_OK || name.text == NULL) return status;
  for (; opened != NULL; opened = opened->next)
    if (strlen(opened->name) == name.length && memcmp(opened->name, name.text, name.length) == 0)
      break;
  if (opened == NULL) {
    opened = pur_arena_take(&map->arena, sizeof *opened);
    if (opened == NULL) return pur_map_compiler_no_memory(c);
    opened->name = name.text;
    opened->from = opened->until = INT64_MIN;
    status = pur_timezone_open(name.text, name.length, &opened->zone, &error);
    if (status == PUR_NO_MEMORY) return pur_map_compiler_no_memory(c);
    if (status != PUR_OK) return pur_map_compiler_fail(c, "tz", "%s", error.message);
    opened->next = map->zones;
    map->zones = opened;
  }
  *zone = opened;
  return PUR_OK;
}

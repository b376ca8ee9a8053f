#include "map/list.h"

#include <string.h>

#include "base/issues.h"
#include "map/compiled.h"

/* One step of a JSON Pointer: ~1 is /, ~0 is ~. */
static void unescape(pur_buffer *name, const char *text, size_t length) {
  pur_buffer_clear(name);
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (c == '~' && i + 1 < length) c = text[++i] == '1' ? '/' : '~';
    pur_buffer_append(name, &c, 1);
  }
}

static size_t index_of(const char *text, size_t length) {
  size_t index = 0;
  if (length == 0 || length > 9) return SIZE_MAX;
  for (size_t i = 0; i < length; i++) {
    if (!pur_text_is_digit(text[i])) return SIZE_MAX;
    index = index * 10 + (size_t)(text[i] - '0');
  }
  return index;
}

/* Goes on to the value that a step names in an object or array: `text` becomes what begins with it.
 * PUR_NOT_FOUND: there is none. */
static pur_status step_into(pur_text *text, const pur_buffer *name, pur_error *error) {
  const char *plain = name->length > 0 ? name->data : "";
  size_t index = index_of(plain, name->length), length;
  pur_json_scanner scanner;
  pur_json_token token;
  pur_text value;
  pur_status status;
  pur_json_scanner_init(&scanner, text->text, text->length);
  status = pur_json_next(&scanner, &token, error);
  if (status == PUR_OK && token.kind == PUR_JSON_OBJECT_BEGIN) {
    status = pur_json_find_member(text->text, text->length, plain, name->length, &value.text,
                                  &length, error);
  } else if (status == PUR_OK && token.kind == PUR_JSON_ARRAY_BEGIN && index != SIZE_MAX) {
    for (status = pur_json_next(&scanner, &token, error); status == PUR_OK && index > 0; index--) {
      bool is_deep = token.kind == PUR_JSON_OBJECT_BEGIN || token.kind == PUR_JSON_ARRAY_BEGIN;
      if (is_deep) status = pur_json_leave(&scanner, error);
      if (token.kind == PUR_JSON_ARRAY_END) status = PUR_NOT_FOUND;
      if (status == PUR_OK) status = pur_json_next(&scanner, &token, error);
    }
    value.text = text->text + token.position;
  } else if (status == PUR_OK) {
    status = PUR_NOT_FOUND;
  }
  pur_json_scanner_free(&scanner);
  if (status != PUR_OK) return status;
  text->length -= (size_t)(value.text - text->text);
  text->text = value.text;
  return PUR_OK;
}

/* Goes where the pointer points. */
static pur_status follow(pur_text pointer, const pur_json_scanner *scanner, size_t *position,
                         pur_error *error) {
  const char *at = pointer.text, *end = at + pointer.length;
  char quoted[100];
  pur_text rest = {scanner->text, scanner->length};
  pur_buffer name = {0};
  pur_status status = PUR_OK;
  while (status == PUR_OK && at < end) {
    const char *next;
    at++; /* the slash */
    next = memchr(at, '/', (size_t)(end - at));
    if (next == NULL) next = end;
    unescape(&name, at, (size_t)(next - at));
    status = pur_buffer_check(&name, error);
    if (status == PUR_OK) status = step_into(&rest, &name, error);
    at = next;
  }
  pur_buffer_free(&name);
  while (status == PUR_OK && rest.length > 0 && memchr(" \t\r\n", *rest.text, 4) != NULL)
    rest.text++, rest.length--;
  if (status == PUR_OK && rest.length > 0 && *rest.text == '[') {
    *position = (size_t)(rest.text - scanner->text);
    return PUR_OK;
  }
  if (status != PUR_OK && status != PUR_NOT_FOUND) return status;
  pur_issue_quote(pointer.text, pointer.length, quoted, sizeof quoted);
  return pur_error_set(error, PUR_INVALID_MAP, 0, "list: there is no list at \"%s\"", quoted);
}

/* Is the object that begins here a row: has it the columns of the time? PUR_OK, PUR_NOT_FOUND or
 * PUR_NO_MEMORY; what else is wrong with it is told where it is read. */
static pur_status see_row(const pur_map *map, const char *text, size_t length, pur_error *error) {
  const pur_map_series *series = pur_map_series_of(map);
  for (size_t i = 0; i < series->time_slot_count; i++) {
    pur_text name = pur_map_slot(map, series->time_slots[i])->name, value;
    pur_status status = PUR_NOT_FOUND;
    if (name.text != NULL)
      status = pur_json_find_member(text, length, name.text, name.length, &value.text,
                                    &value.length, error);
    if (status != PUR_OK) return status == PUR_NO_MEMORY ? status : PUR_NOT_FOUND;
  }
  return series->time_slot_count > 0 ? PUR_OK : PUR_NOT_FOUND;
}

/* The way to where the scanner stands, as a JSON Pointer of at most some 200 bytes. */
typedef struct way {
  char text[200];
  size_t used[PUR_JSON_DEPTH + 2];  /* by depth: of a container's own way */
  size_t index[PUR_JSON_DEPTH + 2]; /* of an array: of the element read last, from 1 */
  size_t first[PUR_JSON_DEPTH + 2]; /* where its first one stands, if that is an object; else 0 */
} way;

/* The lists of objects that a document has. */
typedef struct lists {
  size_t count;    /* of rows */
  size_t position; /* where the last of these begins */
  char found[160]; /* their pointers, in quotes */
  size_t written;
  size_t other;    /* where the first object of the longest of other objects stands, */
  size_t elements; /* which has so many */
} lists;

static void add_step(way *w, unsigned depth, const char *text, size_t length) {
  size_t used = w->used[depth];
  if (used + length + 2 < sizeof w->text) {
    w->text[used++] = '/';
    memcpy(w->text + used, text, length);
    used += length;
  }
  w->used[depth + 1] = used;
}

/* Notes an element of a list, an object or another list: the first one tells whether it is of rows.
 */
static pur_status note_element(const pur_map *map, const pur_json_scanner *scanner,
                               const pur_json_token *token, way *w, lists *all, bool *is_of_rows,
                               pur_error *error) {
  const unsigned list = scanner->depth - 1;
  const size_t position = token->position;
  const bool is_first = w->index[list] == 2;
  pur_status status;
  *is_of_rows = false;
  if (is_first) w->first[list] = token->kind == PUR_JSON_OBJECT_BEGIN ? position : 0;
  if (w->first[list] == 0) return PUR_OK;
  if (is_first) {
    status = see_row(map, scanner->text + position, scanner->length - position, error);
    *is_of_rows = status == PUR_OK;
    if (status != PUR_NOT_FOUND) return status;
  }
  if (w->index[list] - 1 > all->elements) {
    all->elements = w->index[list] - 1;
    all->other = w->first[list];
  }
  return PUR_OK;
}

/* Reads the whole document. */
static pur_status search(const pur_map *map, pur_json_scanner *scanner, lists *all,
                         pur_error *error) {
  way w = {.used = {0}};
  unsigned inside = 0; /* the depth of a list of rows */
  size_t bracket = 0;
  pur_json_token token;
  pur_status status;
  while ((status = pur_json_next(scanner, &token, error)) == PUR_OK) {
    unsigned depth = scanner->depth;
    bool opens = token.kind == PUR_JSON_OBJECT_BEGIN || token.kind == PUR_JSON_ARRAY_BEGIN;
    bool in_array = opens && depth > 1 && w.index[depth - 1] > 0, is_of_rows;
    if (inside > 0 && depth < inside) inside = 0;
    if (inside > 0) continue;
    if (token.kind == PUR_JSON_KEY) add_step(&w, depth, token.text, token.length);
    if (in_array) {
      char number[24];
      int length = snprintf(number, sizeof number, "%zu", w.index[depth - 1]++ - 1);
      add_step(&w, depth - 1, number, (size_t)length);
    }
    if (opens) w.index[depth] = token.kind == PUR_JSON_ARRAY_BEGIN;
    if (token.kind == PUR_JSON_ARRAY_BEGIN) bracket = token.position;
    if (!in_array) continue;
    status = note_element(map, scanner, &token, &w, all, &is_of_rows, error);
    if (status != PUR_OK) return status;
    if (!is_of_rows) continue;
    inside = depth - 1;
    all->position = bracket;
    all->count++;
    if (all->written < sizeof all->found)
      all->written += (size_t)snprintf(all->found + all->written, sizeof all->found - all->written,
                                       "%s\"%.*s\"", all->count > 1 ? ", " : "",
                                       (int)w.used[depth - 1], w.text);
  }
  return status == PUR_END ? PUR_OK : status;
}

/* Of times that a map names says which column its longest list lacks. */
static pur_status fail_none(const pur_map *map, const pur_json_scanner *scanner, const lists *all,
                            pur_error *error) {
  const pur_map_series *series = pur_map_series_of(map);
  const pur_text row = {scanner->text + all->other, scanner->length - all->other};
  if (all->elements == 0 || !map->row.has_columns) return PUR_NOT_FOUND;
  for (size_t i = 0; i < series->time_slot_count; i++) {
    const size_t slot = series->time_slots[i];
    const pur_text name = pur_map_slot(map, slot)->name;
    pur_text value;
    pur_status status = PUR_NOT_FOUND;
    if (name.text != NULL)
      status = pur_json_find_member(row.text, row.length, name.text, name.length, &value.text,
                                    &value.length, error);
    if (status == PUR_NO_MEMORY) return status;
    if (status == PUR_OK) continue;
    if (pur_map_fail_key(map, slot, row, 0, error) == PUR_MISSING_COLUMN)
      error->position = all->other;
    return error->status;
  }
  return PUR_NOT_FOUND;
}

pur_status pur_map_find_list(const pur_map *map, pur_json_scanner *scanner, size_t *position,
                             pur_error *error) {
  lists all = {0};
  char quoted[160];
  pur_text pointer = pur_map_list(map);
  pur_status status;
  if (pointer.text != NULL) return follow(pointer, scanner, position, error);
  status = search(map, scanner, &all, error);
  if (status != PUR_OK) return status;
  *position = all.position;
  if (all.count == 1) return PUR_OK;
  if (all.count == 0) return fail_none(map, scanner, &all, error);
  pur_issue_quote(all.found, strlen(all.found), quoted, sizeof quoted);
  return pur_error_set(error, PUR_INVALID_MAP, 0,
                       "list: there are %zu lists of rows: %s; say which, as list = ...", all.count,
                       quoted);
}

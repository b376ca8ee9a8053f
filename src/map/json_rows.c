#include "map/json_rows.h"

#include <stdlib.h>
#include <string.h>

#include "map/compiled.h"
#include "map/list.h"

bool pur_map_takes_texts(const pur_map *map) {
  return map->decimal != '.' || map->thousands != 0 || map->row.has_unit ||
         map->row.value.conversion->style.has_currency;
}

static pur_status next(pur_json_rows *r, pur_json_token *token, pur_error *error) {
  return pur_json_next(&r->scanner, token, error);
}

/* Passes over the rest of a value whose first token was read. */
static pur_status skip_value(pur_json_rows *r, const pur_json_token *first, pur_error *error) {
  pur_json_token token;
  unsigned depth = r->scanner.depth;
  pur_status status = PUR_OK;
  if (first->kind != PUR_JSON_OBJECT_BEGIN && first->kind != PUR_JSON_ARRAY_BEGIN) return PUR_OK;
  while (status == PUR_OK && r->scanner.depth >= depth) status = next(r, &token, error);
  return status;
}

static bool has_slot(const size_t *slots, size_t count, size_t slot) {
  for (size_t i = 0; i < count; i++)
    if (slots[i] == slot) return true;
  return false;
}

/* Notes a value that can be no time, or no number, by its text: of an array or object its bracket,
 * of a string with its quotes. Of a map that says nothing of times they are texts. */
static void note_type(pur_json_rows *r, size_t slot, const pur_json_token *value) {
  const pur_map_series *says = pur_map_series_of(r->map);
  const bool is_text = value->kind == PUR_JSON_STRING, is_number = value->kind == PUR_JSON_NUMBER;
  pur_cell wrong = {PUR_CELL_WRONG, value->text, value->length, r->start + value->position};
  if (is_text) wrong.text--, wrong.length += 2;
  if (!is_text && (says->is_plain || !is_number) &&
      has_slot(says->time_slots, says->time_slot_count, slot))
    r->time = wrong;
  if (!is_number && (!is_text || !pur_map_takes_texts(r->map)) &&
      has_slot(says->value_slots, says->value_slot_count, slot))
    r->value = wrong;
}

/* Reads the value of a member of a row into the cells that are of its name. */
static pur_status read_member(pur_json_rows *r, const pur_json_token *key, pur_error *error) {
  pur_json_token value;
  pur_status status = next(r, &value, error);
  for (size_t slot = 0; status == PUR_OK && slot < pur_map_slot_count(r->map); slot++) {
    const pur_text name = pur_map_slot(r->map, slot)->name;
    pur_map_cell *cell = &r->cells[slot];
    if (name.text == NULL || !pur_json_string_equals(key, name.text, name.length)) continue;
    r->is_seen[slot] = true;
    *cell = (pur_map_cell){value.text, value.length, value.kind == PUR_JSON_NUMBER,
                           r->start + value.position};
    if (value.kind == PUR_JSON_NULL) cell->text = NULL, cell->length = 0;
    note_type(r, slot, &value);
  }
  return status == PUR_OK ? skip_value(r, &value, error) : status;
}

/* Undoes escapes: in a string, and nowhere else, there may be backslashes. */
static pur_status unescape(pur_json_rows *r, pur_error *error) {
  const size_t slots = pur_map_slot_count(r->map);
  size_t room = 0;
  for (size_t slot = 0; slot < slots; slot++)
    if (r->cells[slot].length > 0 &&
        memchr(r->cells[slot].text, '\\', r->cells[slot].length) != NULL)
      room += r->cells[slot].length;
  pur_buffer_clear(&r->unescaped);
  if (room == 0) return PUR_OK;
  if (pur_buffer_reserve(&r->unescaped, room) == NULL) return pur_error_no_memory(error);
  for (size_t slot = 0; slot < slots; slot++) {
    pur_map_cell *cell = &r->cells[slot];
    const size_t before = r->unescaped.length;
    if (cell->length == 0 || memchr(cell->text, '\\', cell->length) == NULL) continue;
    pur_json_string_unescape(cell->text, cell->length, &r->unescaped);
    cell->text = r->unescaped.data + before;
    cell->length = r->unescaped.length - before;
  }
  return PUR_OK;
}

/* Reads the members of an object whose first token was read. */
static pur_status read_row(pur_json_rows *r, const pur_json_token *first, pur_error *error) {
  const size_t slots = pur_map_slot_count(r->map);
  const size_t place = r->start + first->position;
  pur_json_token token;
  pur_status status;
  r->time.state = r->value.state = PUR_CELL_MISSING;
  for (size_t slot = 0; slot < slots; slot++) r->cells[slot] = (pur_map_cell){.place = place};
  status = next(r, &token, error);
  while (status == PUR_OK && token.kind == PUR_JSON_KEY) {
    status = read_member(r, &token, error);
    if (status == PUR_OK) status = next(r, &token, error);
  }
  r->row.text = r->scanner.text + first->position;
  r->row.length = r->scanner.position - first->position;
  if (status == PUR_OK && r->count++ == 0) {
    r->first = r->row;
    r->first_position = place;
  }
  return status == PUR_OK ? unescape(r, error) : status;
}

/* Reads the next element of the list, and behind its end the rest of the document. */
static pur_status next_element(pur_json_rows *r, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  if (status != PUR_OK) return status;
  if (token.kind == PUR_JSON_OBJECT_BEGIN) return read_row(r, &token, error);
  if (token.kind != PUR_JSON_ARRAY_END) {
    const size_t position = token.position;
    status = skip_value(r, &token, error);
    if (status != PUR_OK) return status;
    return pur_error_set(error, PUR_INVALID_CELL, position, "it is not an object");
  }
  while (status == PUR_OK) status = next(r, &token, error);
  return status;
}

static bool is_blank(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') return false;
  return true;
}

/* Reads the next line; what is wrong with it as JSON is wrong with this row alone. */
static pur_status next_line(pur_json_rows *r, pur_error *error) {
  pur_json_token token;
  pur_status status;
  const char *line = NULL, *end;
  size_t length = 0;
  do {
    if (r->next >= r->text.length) return PUR_END;
    r->start = r->next;
    line = r->text.text + r->start;
    end = memchr(line, '\n', r->text.length - r->start);
    length = end != NULL ? (size_t)(end - line) : r->text.length - r->start;
    r->next = r->start + length + 1;
  } while (is_blank(line, length));
  pur_json_scanner_restart(&r->scanner, line, length);
  status = next(r, &token, error);
  if (status == PUR_OK && token.kind != PUR_JSON_OBJECT_BEGIN)
    status = pur_error_set(error, PUR_INVALID_JSON, token.position, "it is not an object");
  if (status == PUR_OK) status = read_row(r, &token, error);
  if (status == PUR_OK) status = next(r, &token, error); /* nothing may follow */
  if (status == PUR_END) return PUR_OK;
  if (status == PUR_NO_MEMORY) return status;
  error->position += r->start;
  return error->status = PUR_INVALID_CELL;
}

/* Where the map names columns, each of them must be in some row; but that of `dst`, which matters
 * on one day of the year. */
static pur_status check_seen(const pur_json_rows *r, pur_error *error) {
  const pur_map_row *row = &r->map->row;
  const size_t slots = r->count > 0 && row->has_columns ? pur_map_slot_count(r->map) : 0;
  for (size_t slot = 0; slot < slots; slot++) {
    if (r->is_seen[slot] || (row->has_dst && slot == row->dst)) continue;
    if (pur_map_fail_key(r->map, slot, r->first, r->count, error) == PUR_MISSING_COLUMN)
      error->position = r->first_position;
    return error->status;
  }
  return PUR_END;
}

pur_status pur_json_rows_next(pur_json_rows *rows, pur_error *error) {
  pur_status status = rows->is_document ? next_element(rows, error) : next_line(rows, error);
  return status == PUR_END ? check_seen(rows, error) : status;
}

/* What the object that a text begins with has in it. */
typedef struct first_object {
  size_t items;  /* where its list "purchase" begins: it is the document; 0: there is none */
  bool purchase; /* is something else */
  bool row;      /* it has a datetime */
  bool whole;    /* it was read to its end */
} first_object;

/* Looks into an object that was opened, until it shows that it is the document. */
static pur_status look_into(pur_json_rows *r, first_object *found, pur_error *error) {
  const pur_text name = pur_map_slot(r->map, pur_map_series_of(r->map)->time_slots[0])->name;
  pur_json_token token;
  pur_status status = next(r, &token, error);
  bool items = false;
  while (status == PUR_OK && r->scanner.depth > 0 && found->items == 0) {
    bool member = r->scanner.depth == 1 && token.kind == PUR_JSON_KEY;
    if (items && token.kind == PUR_JSON_ARRAY_BEGIN) found->items = token.position;
    items = member && pur_json_string_is(&token, "purchase");
    found->purchase |= items;
    found->row |=
        member && name.text != NULL && pur_json_string_equals(&token, name.text, name.length);
    status = next(r, &token, error);
  }
  found->whole = status == PUR_OK && r->scanner.depth == 0;
  return status;
}

/* Tells whether the text is one document, and where the list of its rows begins, or NDJSON, whose
 * first line is a row: a row's members are no arrays. An object over several lines, or one that
 * stands alone and has no datetime, is no row; one that is malformed is told where it is read, at a
 * `position` beyond the text. PUR_INVALID_SERIES when the text is neither, in the API's words
 * (submit-purchase page). */
static pur_status tell_form(pur_json_rows *r, size_t *position, pur_error *error) {
  first_object found = {0};
  pur_json_token first, token;
  size_t length;
  bool is_row;
  pur_status status;
  *position = r->text.length;
  r->is_document = pur_map_list(r->map).text != NULL;
  if (r->is_document) return pur_map_find_list(r->map, &r->scanner, position, error);
  status = next(r, &first, error);
  r->is_document = status != PUR_OK || first.kind == PUR_JSON_ARRAY_BEGIN;
  if (status == PUR_OK && r->is_document) *position = first.position;
  if (status == PUR_OK && first.kind == PUR_JSON_OBJECT_BEGIN) {
    status = look_into(r, &found, error);
    r->is_document = found.items > 0;
    if (r->is_document) *position = found.items;
  }
  if (status == PUR_NO_MEMORY) return status;
  if (r->is_document || !found.whole) return PUR_OK;
  length = r->scanner.position - first.position;
  is_row = memchr(r->text.text + first.position, '\n', length) == NULL &&
           (found.row || next(r, &token, NULL) != PUR_END);
  if (is_row) return PUR_OK;
  if (!found.purchase && !found.row) {
    pur_json_scanner_restart(&r->scanner, r->text.text, r->text.length);
    status = pur_map_find_list(r->map, &r->scanner, position, error);
    r->is_document = status != PUR_NOT_FOUND;
    if (r->is_document) return status;
  }
  return pur_error_set(error, PUR_INVALID_SERIES, first.position,
                       found.purchase ? "Field \"purchase\" must be an array of objects."
                                      : "Missing required field \"purchase\".");
}

pur_status pur_json_rows_open(pur_json_rows *rows, const pur_map *map, const char *text,
                              size_t length, pur_error *error) {
  const size_t slots = pur_map_slot_count(map);
  pur_json_token token;
  size_t position;
  pur_status status;
  *rows = (pur_json_rows){.map = map, .text = {text, length}};
  pur_json_scanner_init(&rows->scanner, text, length);
  rows->cells = calloc(slots + 1, sizeof *rows->cells);
  rows->is_seen = calloc(slots + 1, sizeof *rows->is_seen);
  if (rows->cells == NULL || rows->is_seen == NULL) return pur_error_no_memory(error);
  status = tell_form(rows, &position, error);
  if (status != PUR_OK || !rows->is_document) return status;
  pur_json_scanner_restart(&rows->scanner, text, length);
  do status = next(rows, &token, error);
  while (status == PUR_OK && token.position != position);
  return status;
}

void pur_json_rows_close(pur_json_rows *rows) {
  pur_json_scanner_free(&rows->scanner);
  pur_buffer_free(&rows->unescaped);
  free(rows->cells);
  free(rows->is_seen);
}

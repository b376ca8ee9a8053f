/* A purchase series from JSON: a document with a list of rows, a bare array, or NDJSON. */
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

#include "map/list.h"
#include "series/store.h"

/* Rows on their way from JSON to the series. Their places are offsets into the whole text: lines
 * are told at the end. */
typedef struct reader {
  pur_series_builder *builder;
  pur_json_scanner scanner;
  size_t start;         /* of NDJSON: where the line begins */
  pur_map_cell *cells;  /* of the row, by slot */
  size_t *offsets;      /* where they stand */
  pur_text row, first;  /* the text of the row, and of the first one */
  pur_buffer unescaped; /* of the row: texts that were written with escapes */
} reader;

static pur_status next(reader *r, pur_json_token *token, pur_error *error) {
  return pur_json_next(&r->scanner, token, error);
}

/* Passes over the rest of a value whose first token was read. */
static pur_status skip_value(reader *r, const pur_json_token *first, pur_error *error) {
  pur_json_token token;
  unsigned depth = r->scanner.depth;
  pur_status status = PUR_OK;
  if (first->kind != PUR_JSON_OBJECT_BEGIN && first->kind != PUR_JSON_ARRAY_BEGIN) return PUR_OK;
  while (status == PUR_OK && r->scanner.depth >= depth) status = next(r, &token, error);
  return status;
}

/* Notes a value that can be no time, or no number. Of a map that says nothing of them times are
 * texts, and values numbers. */
static void note_type(reader *r, size_t slot, const pur_json_token *value, pur_row *row) {
  const pur_map_series *says = r->builder->says;
  bool is_text = value->kind == PUR_JSON_STRING, is_number = value->kind == PUR_JSON_NUMBER;
  bool is_value = false;
  size_t offset = r->start + value->position;
  for (size_t i = 0; i < says->time_slot_count; i++)
    if (says->time_slots[i] == slot && !is_text && (says->is_plain || !is_number))
      row->datetime = (pur_cell){PUR_CELL_WRONG, NULL, 0, offset};
  for (size_t i = 0; i < says->value_slot_count; i++) is_value |= says->value_slots[i] == slot;
  if (!is_value || is_number || (is_text && !says->is_plain)) return;
  row->purchase = (pur_cell){PUR_CELL_WRONG, value->text, value->length, offset};
  if (is_text) row->purchase.text--, row->purchase.length += 2; /* with its quotes */
}

/* Reads the value of a member of a row into the cells that are of its name. */
static pur_status read_member(reader *r, const pur_json_token *key, pur_row *row,
                              pur_error *error) {
  const pur_map *map = r->builder->map;
  pur_json_token value;
  pur_status status = next(r, &value, error);
  for (size_t slot = 0; status == PUR_OK && slot < pur_map_slot_count(map); slot++) {
    const pur_text name = pur_map_slot(map, slot)->name;
    pur_map_cell *cell = &r->cells[slot];
    if (name.text == NULL || !pur_json_string_equals(key, name.text, name.length)) continue;
    *cell = (pur_map_cell){value.text, value.length, value.kind == PUR_JSON_NUMBER};
    if (value.kind == PUR_JSON_NULL) cell->text = NULL, cell->length = 0;
    r->offsets[slot] = r->start + value.position;
    note_type(r, slot, &value, row);
  }
  return status == PUR_OK ? skip_value(r, &value, error) : status;
}

/* Reads the members of an object whose first token was read. */
static pur_status read_row(reader *r, const pur_json_token *first, pur_row *row, pur_error *error) {
  const size_t slots = pur_map_slot_count(r->builder->map);
  pur_json_token token;
  pur_status status;
  *row = (pur_row){0};
  for (size_t slot = 0; slot < slots; slot++) {
    r->cells[slot] = (pur_map_cell){NULL, 0, false};
    r->offsets[slot] = r->start + first->position;
  }
  row->datetime.offset = row->purchase.offset = r->start + first->position;
  status = next(r, &token, error);
  while (status == PUR_OK && token.kind == PUR_JSON_KEY) {
    status = read_member(r, &token, row, error);
    if (status == PUR_OK) status = next(r, &token, error);
  }
  r->row.text = r->scanner.text + first->position;
  r->row.length = r->scanner.position - first->position;
  return status;
}

/* Gives the row to the map, escapes undone. */
static pur_status take(reader *r, pur_row *row, pur_error *error) {
  const size_t slots = pur_map_slot_count(r->builder->map);
  pur_check *check = &r->builder->check;
  pur_status status;
  size_t room = 0;
  for (size_t slot = 0; slot < slots; slot++)
    if (r->cells[slot].length > 0 && memchr(r->cells[slot].text, '\\', r->cells[slot].length))
      room += r->cells[slot].length;
  pur_buffer_clear(&r->unescaped);
  if (room > 0 && pur_buffer_reserve(&r->unescaped, room) == NULL)
    return pur_error_no_memory(error);
  for (size_t slot = 0; room > 0 && slot < slots; slot++) {
    pur_map_cell *cell = &r->cells[slot];
    const size_t before = r->unescaped.length;
    if (cell->length == 0 || memchr(cell->text, '\\', cell->length) == NULL) continue;
    pur_json_string_unescape(cell->text, cell->length, &r->unescaped);
    *cell = (pur_map_cell){r->unescaped.data + before, r->unescaped.length - before, false};
  }
  status = pur_series_builder_take(r->builder, row, r->cells, r->offsets, error);
  if (check->order.taken == 1 && r->first.length == 0)
    r->first = r->row;
  else if (r->first.length > 0 && pur_check_repeats_first(check))
    (void)pur_map_tell_members(r->builder->map, r->first, r->row, check->apart);
  return status;
}

/* Reads the items of an array that was opened. */
static pur_status read_items(reader *r, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  while (status == PUR_OK && token.kind != PUR_JSON_ARRAY_END) {
    if (token.kind == PUR_JSON_OBJECT_BEGIN) {
      pur_row row;
      status = read_row(r, &token, &row, error);
      if (status == PUR_OK) status = take(r, &row, error);
    } else {
      pur_check_refuse(&r->builder->check, 0, token.position, "it is not an object");
      status = skip_value(r, &token, error);
    }
    if (status == PUR_OK) status = next(r, &token, error);
  }
  return status;
}

/* Reads one document, of which only the list whose bracket stands at `position` is looked at. */
static pur_status read_document(reader *r, size_t position, pur_error *error) {
  pur_json_token token;
  pur_status status;
  while ((status = next(r, &token, error)) == PUR_OK) {
    if (token.position == position) status = read_items(r, error);
    if (status != PUR_OK) break;
  }
  return status == PUR_END ? PUR_OK : status;
}

/* Reads one line of NDJSON; what is wrong with it as JSON is wrong with this row alone. */
static pur_status read_line(reader *r, const char *text, size_t length, pur_error *error) {
  pur_json_token token;
  pur_error why;
  pur_row row;
  pur_status status;
  pur_json_scanner_restart(&r->scanner, text, length);
  status = next(r, &token, &why);
  if (status == PUR_OK && token.kind != PUR_JSON_OBJECT_BEGIN)
    status = pur_error_set(&why, PUR_INVALID_JSON, token.position, "it is not an object");
  if (status == PUR_OK) status = read_row(r, &token, &row, &why);
  if (status == PUR_OK) status = next(r, &token, &why); /* nothing may follow */
  if (status == PUR_NO_MEMORY) return pur_error_no_memory(error);
  if (status == PUR_END) return take(r, &row, error);
  pur_check_refuse(&r->builder->check, 0, r->start + why.position, why.message);
  return PUR_OK;
}

static bool is_blank(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') return false;
  return true;
}

static pur_status read_lines(reader *r, const char *text, size_t length, pur_error *error) {
  const char *begin = text, *end = text + length, *line_end;
  for (; text < end; text = line_end + 1) {
    pur_status status = PUR_OK;
    line_end = memchr(text, '\n', (size_t)(end - text));
    if (line_end == NULL) line_end = end;
    r->start = (size_t)(text - begin);
    if (!is_blank(text, (size_t)(line_end - text)))
      status = read_line(r, text, (size_t)(line_end - text), error);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

/* What the object that a text begins with has in it. */
typedef struct first_object {
  size_t items;  /* where its list "purchase" begins: it is the document; 0: there is none */
  bool purchase; /* is something else */
  bool row;      /* it has a datetime */
  bool whole;    /* it was read to its end */
} first_object;

/* Looks into an object that was opened, until it shows that it is the document. */
static pur_status look_into(reader *r, first_object *found, pur_error *error) {
  const pur_map_series *says = r->builder->says;
  const pur_text name = pur_map_slot(r->builder->map, says->time_slots[0])->name;
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
 * stands alone and has no datetime, is no row; one that is malformed is told where it is read.
 * PUR_INVALID_SERIES when the text is neither, in the API's words (submit-purchase page). */
static pur_status tell_form(reader *r, const char *text, size_t size, bool *is_document,
                            size_t *position, pur_error *error) {
  first_object found = {0};
  pur_json_token first, token;
  size_t length;
  bool is_row;
  pur_status status;
  *is_document = pur_map_list(r->builder->map).text != NULL;
  if (*is_document) return pur_map_find_list(r->builder->map, &r->scanner, position, error);
  status = next(r, &first, error);
  *is_document = status != PUR_OK || first.kind == PUR_JSON_ARRAY_BEGIN;
  *position = *is_document && status == PUR_OK ? first.position : size;
  if (status == PUR_OK && first.kind == PUR_JSON_OBJECT_BEGIN) {
    status = look_into(r, &found, error);
    *is_document = found.items > 0;
    *position = found.items;
  }
  if (status == PUR_NO_MEMORY) return status;
  if (*is_document || !found.whole) return PUR_OK;
  length = r->scanner.position - first.position;
  is_row = memchr(text + first.position, '\n', length) == NULL &&
           (found.row || next(r, &token, NULL) != PUR_END);
  if (is_row) return PUR_OK;
  if (!found.purchase && !found.row) {
    pur_json_scanner_restart(&r->scanner, text, size);
    status = pur_map_find_list(r->builder->map, &r->scanner, position, error);
    *is_document = status != PUR_NOT_FOUND;
    if (*is_document) return status;
  }
  return pur_error_set(error, PUR_INVALID_SERIES, first.position,
                       found.purchase ? "Field \"purchase\" must be an array of objects."
                                      : "Missing required field \"purchase\".");
}

pur_status pur_series_read_json(pur_series_builder *builder, const char *text, size_t length,
                                pur_error *error) {
  const size_t slots = pur_map_slot_count(builder->map);
  reader r = {.builder = builder};
  bool is_document;
  size_t position;
  pur_status status;
  if (builder->says->is_wide)
    return pur_error_set(error, PUR_INVALID_MAP, 0, "value: rows of JSON have one value each");
  r.cells = calloc(slots + 1, sizeof *r.cells);
  r.offsets = calloc(slots + 1, sizeof *r.offsets);
  pur_json_scanner_init(&r.scanner, text, length);
  if (r.cells == NULL || r.offsets == NULL)
    status = pur_error_no_memory(error);
  else
    status = tell_form(&r, text, length, &is_document, &position, error);
  if (status == PUR_OK && is_document) {
    pur_json_scanner_restart(&r.scanner, text, length);
    status = read_document(&r, position, error);
  } else if (status == PUR_OK) {
    status = read_lines(&r, text, length, error);
  }
  pur_json_scanner_free(&r.scanner);
  pur_buffer_free(&r.unescaped);
  free(r.cells);
  free(r.offsets);
  return status;
}

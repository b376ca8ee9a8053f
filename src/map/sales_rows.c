#include "map/sales_rows.h"

#include <stdlib.h>
#include <string.h>

static pur_status allocate(pur_sales_rows *rows, pur_error *error) {
  size_t slots = pur_map_slot_count(rows->map), filters = pur_map_filter_count(rows->map);
  rows->columns = calloc(slots + 1, sizeof *rows->columns);
  rows->is_key = calloc(slots + 1, sizeof *rows->is_key);
  rows->is_shared = calloc(slots + 1, sizeof *rows->is_shared);
  rows->cells = calloc(slots + 1, sizeof *rows->cells);
  rows->filters = calloc(filters + 1, sizeof *rows->filters);
  rows->above = calloc(filters + 1, sizeof *rows->above);
  if (rows->columns == NULL || rows->is_key == NULL || rows->is_shared == NULL ||
      rows->cells == NULL || rows->filters == NULL || rows->above == NULL)
    return pur_error_no_memory(error);
  return PUR_OK;
}

pur_status pur_sales_rows_open(pur_sales_rows *rows, const pur_map *map, const char *path,
                               pur_error *error) {
  pur_status status;
  memset(rows, 0, sizeof *rows);
  rows->map = map;
  rows->sales = pur_map_sales_of(map);
  status = pur_table_open(&rows->table, path, error);
  if (status == PUR_OK) status = allocate(rows, error);
  if (status == PUR_OK) status = pur_sales_rows_prepare(rows, error);
  return status == PUR_END ? PUR_OK : status;
}

void pur_sales_rows_close(pur_sales_rows *rows) {
  pur_table_close(&rows->table);
  for (size_t i = 0; rows->above != NULL && i < pur_map_filter_count(rows->map); i++)
    pur_buffer_free(&rows->above[i]);
  free(rows->columns);
  free(rows->is_key);
  free(rows->is_shared);
  free(rows->cells);
  free(rows->filters);
  free(rows->above);
  pur_buffer_free(&rows->values);
  pur_buffer_free(&rows->others);
  pur_buffer_free(&rows->joined);
  pur_buffer_free(&rows->key);
  rows->columns = NULL;
  rows->is_key = rows->is_shared = NULL;
  rows->cells = rows->filters = NULL;
  rows->above = NULL;
}

/* Marks the slots that more than single fields of the purchase look at. */
static void mark_rule(pur_sales_rows *rows, const pur_rule *rule, bool is_item) {
  bool is_single =
      rule->slot_count == 1 && rule->kind != PUR_RULE_SUM && rule->kind != PUR_RULE_SUM_PRODUCT;
  for (size_t i = 0; i < rule->member_count; i++) mark_rule(rows, &rule->members[i], is_item);
  for (size_t i = 0; i < rule->slot_count; i++)
    if (is_item || !is_single) rows->is_shared[rule->slots[i]] = false;
}

static void find_uses(pur_sales_rows *rows) {
  const pur_map_sales *sales = rows->sales;
  size_t slots = pur_map_slot_count(rows->map);
  for (size_t slot = 0; slot < slots; slot++)
    rows->is_shared[slot] = slot >= pur_map_filter_count(rows->map);
  mark_rule(rows, &sales->purchase, false);
  mark_rule(rows, &sales->item, true);
  for (size_t i = 0; i < sales->group_count; i++) {
    size_t column = rows->columns[sales->group[i]];
    if (column >= rows->key_end) rows->key_end = column + 1;
    for (size_t slot = 0; slot < slots; slot++)
      if (rows->columns[slot] == column) rows->is_key[slot] = true;
  }
}

/* Takes signs that are no blanks until there are two. */
static size_t take_signs(const char *at, const char *end, char signs[2], size_t count) {
  for (; at < end && count < 2; at++)
    if (memchr(" \t\r\n", *at, 4) == NULL) signs[count++] = *at;
  return count;
}

/* Tells JSON by its first two signs: a header may well begin with one of them. */
static bool is_json(const pur_table *table) {
  const pur_input *input = &table->rows.input;
  const pur_buffer *head = &table->head;
  char signs[2];
  size_t count = 0;
  if (head->length > 0) count = take_signs(head->data, head->data + head->length, signs, 0);
  count = take_signs(input->start, input->end, signs, count);
  return count == 2 && ((signs[0] == '{' && memchr("\"}", signs[1], 2) != NULL) ||
                        (signs[0] == '[' && memchr("{[\"]", signs[1], 4) != NULL));
}

pur_status pur_sales_rows_prepare(pur_sales_rows *rows, pur_error *error) {
  pur_table *table = &rows->table;
  pur_status status = PUR_OK;
  bool is_kept = true;
  if (rows->is_bound) return PUR_OK;
  if (rows->sales->group_count > 0) status = pur_input_keep(&table->rows.input, &is_kept, error);
  if (status != PUR_OK) return status;
  if (!is_kept) return PUR_END;
  status = pur_table_begin(table, pur_map_form(rows->map), error);
  if ((status == PUR_OK || status == PUR_INVALID_CSV || status == PUR_MISSING_COLUMN) &&
      is_json(table))
    return pur_error_set(error, PUR_INVALID_MAP, 0,
                         "the file is JSON, but a map of sales reads CSV: leave the map out where "
                         "the JSON is of purchases as the API takes them, or save its rows as CSV");
  if (status != PUR_OK) return status;
  status = pur_map_bind(rows->map, table->names, table->width, rows->columns, error);
  if (status != PUR_OK) return status;
  find_uses(rows);
  rows->is_bound = true;
  return PUR_OK;
}

pur_status pur_sales_rows_rewind(pur_sales_rows *rows, pur_error *error) {
  rows->has_key = rows->is_lost = false;
  rows->same = 0;
  return pur_table_rewind(&rows->table, error);
}

/* CELLS */

/* Cells that a row does not have are empty: only one that cannot be read has too few. Blanks around
 * a group's value do not count, whatever is made of it. */
static pur_status fetch(pur_sales_rows *rows, pur_buffer *values, pur_error *error) {
  const pur_csv_row *row = rows->row;
  size_t slots = pur_map_slot_count(rows->map);
  for (size_t slot = 0; slot < slots; slot++) {
    pur_map_cell *cell = &rows->cells[slot];
    pur_csv_field *field;
    if (rows->columns[slot] < rows->same && rows->is_shared[slot]) continue;
    if (rows->columns[slot] >= row->count) {
      *cell = (pur_map_cell){.text = NULL};
      continue;
    }
    field = pur_csv_get(row, rows->columns[slot]);
    if (field->is_escaped) {
      if (values->length == 0) (void)pur_buffer_reserve(values, rows->length);
      pur_csv_value(field, values);
    }
    cell->text = field->text;
    cell->length = field->length;
    if (rows->is_key[slot]) {
      pur_text key = pur_map_trim(cell->text, cell->length);
      cell->text = key.text;
      cell->length = key.length;
    }
  }
  return pur_buffer_check(values, error);
}

pur_place pur_sales_rows_place(const pur_sales_rows *rows, size_t slot) {
  pur_place place = {0, rows->line, 0};
  if (slot >= pur_map_slot_count(rows->map) || rows->columns[slot] >= rows->row->count)
    return place;
  place.column = 1;
  pur_text_pass(rows->text, pur_csv_get(rows->row, rows->columns[slot])->place, &place.line,
                &place.column);
  return place;
}

const char *pur_sales_rows_name(const pur_sales_rows *rows, size_t slot, char *out, size_t size) {
  const pur_map_column *column = pur_map_slot(rows->map, slot);
  if (column->name.text != NULL)
    pur_issue_quote(column->name.text, column->name.length, out, size);
  else
    (void)snprintf(out, size, "column %zu", column->number);
  return out;
}

bool pur_sales_rows_lack(const pur_sales_rows *rows, const pur_rule *rule) {
  for (size_t i = 0; i < rule->slot_count; i++) {
    const pur_map_cell *cell = &rows->cells[rule->slots[i]];
    if (cell->length > 0 && !pur_map_is_empty(rows->map, cell, rule->kind != PUR_RULE_TEXT))
      return false;
  }
  return true;
}

/* WHOSE IT IS */

size_t pur_sales_rows_blank(const pur_sales_rows *rows) {
  const pur_map_sales *sales = rows->sales;
  for (size_t i = 0; i < sales->group_count; i++) {
    const pur_map_cell *cell = &rows->cells[sales->group[i]];
    if (cell->length == 0 || pur_map_is_empty(rows->map, cell, true)) return sales->group[i];
  }
  return sales->group[0];
}

/* Gathers the values of the group's columns into one text. False: one of them is empty. */
static bool find_key(pur_sales_rows *rows, pur_text *key) {
  const pur_map_sales *sales = rows->sales;
  pur_buffer_clear(&rows->joined);
  for (size_t i = 0; i < sales->group_count; i++) {
    const pur_map_cell *cell = &rows->cells[sales->group[i]];
    if (cell->length == 0 || pur_map_is_empty(rows->map, cell, true)) return false;
    *key = (pur_text){cell->text, cell->length};
    if (sales->group_count == 1) return true;
    if (i > 0) pur_buffer_append_literal(&rows->joined, PUR_KEY_MARK);
    pur_buffer_append(&rows->joined, key->text, key->length);
  }
  *key = (pur_text){rows->joined.data, rows->joined.length};
  return true;
}

/* Tells whether what an unfinished key says is what the key above says: of two columns, one that
 * continues may repeat the other. */
static bool continues(const pur_sales_rows *rows) {
  const pur_map_sales *sales = rows->sales;
  const char *at = rows->key.data, *end = rows->key.data + rows->key.length;
  for (size_t i = 0; i < sales->group_count; i++) {
    const pur_map_cell *cell = &rows->cells[sales->group[i]];
    const char *mark =
        i + 1 < sales->group_count ? memchr(at, *PUR_KEY_MARK, (size_t)(end - at)) : NULL;
    size_t length = (size_t)((mark != NULL ? mark : end) - at);
    if (cell->length > 0 && !pur_map_is_empty(rows->map, cell, true) &&
        (cell->length != length || memcmp(cell->text, at, length) != 0))
      return false;
    at += length + (mark != NULL);
  }
  return true;
}

/* Finds the owner. Returns whether it is that of the row above. */
static bool find_owner(pur_sales_rows *rows) {
  pur_text key;
  if (rows->sales->group_count == 0) {
    rows->owner = PUR_ROW_ALONE;
    return false;
  }
  if (rows->same > 0) return true;
  if (find_key(rows, &key)) {
    bool is_same = rows->has_key && rows->key.length == key.length &&
                   memcmp(rows->key.data, key.text, key.length) == 0;
    rows->owner = PUR_ROW_KEYED;
    if (!is_same) {
      pur_buffer_clear(&rows->key);
      pur_buffer_append(&rows->key, key.text, key.length);
    }
    rows->has_key = true;
    rows->is_lost = false;
    return is_same;
  }
  rows->owner = PUR_ROW_BLANK;
  if (rows->is_bad || (rows->is_lost && rows->sales->blank_continues)) {
    rows->owner = PUR_ROW_STRAY;
    rows->has_key = false;
    rows->is_lost = true;
    return false;
  }
  if (rows->sales->blank_continues && rows->has_key && continues(rows)) rows->owner = PUR_ROW_KEYED;
  return rows->has_key;
}

/* Holds a row against the filters; an empty cell means what the purchase's rows above say. A row
 * that is too short to have a key may be what stands under a table: its own cells are judged,
 * unless rows without a key go on with those above. */
static bool is_wanted(pur_sales_rows *rows, bool has_owner_above) {
  size_t count = pur_map_filter_count(rows->map);
  bool is_stray = rows->owner == PUR_ROW_STRAY;
  for (size_t i = 0; i < count; i++) {
    pur_map_cell *cell = &rows->filters[i];
    pur_buffer *above = &rows->above[i];
    *cell = rows->cells[i];
    if (rows->owner == PUR_ROW_ALONE || (is_stray && !rows->sales->blank_continues)) continue;
    if (!has_owner_above && !is_stray) pur_buffer_clear(above);
    if (pur_map_is_empty(rows->map, cell, false)) {
      if (above->length > 0) *cell = (pur_map_cell){.text = above->data, .length = above->length};
    } else if (!is_stray) {
      pur_buffer_clear(above);
      pur_buffer_append(above, cell->text, cell->length);
    }
  }
  return pur_map_wants(rows->map, rows->filters);
}

pur_status pur_sales_rows_reset(pur_sales_rows *rows, pur_error *error) {
  rows->row = &rows->table.rows.row;
  rows->text = pur_rows_text(&rows->table.rows, &rows->length);
  rows->line = rows->table.rows.line;
  return fetch(rows, &rows->values, error);
}

static pur_status check_memory(const pur_sales_rows *rows, pur_error *error) {
  pur_status status = rows->key.status == PUR_OK ? rows->joined.status : rows->key.status;
  for (size_t i = 0; status == PUR_OK && i < pur_map_filter_count(rows->map); i++)
    status = rows->above[i].status;
  return status == PUR_OK ? PUR_OK : pur_error_no_memory(error);
}

pur_status pur_sales_rows_next(pur_sales_rows *rows, pur_error *error) {
  const pur_csv_row *row = &rows->table.rows.row;
  bool may_follow =
      rows->owner == PUR_ROW_KEYED && rows->has_key && !rows->is_bad && !rows->is_left_out;
  pur_status status = pur_table_next(&rows->table, error);
  bool has_owner_above, has_key, is_lost;
  if (status != PUR_OK && status != PUR_INVALID_CSV) return status;
  rows->same = may_follow && status == PUR_OK && row->alike >= rows->key_end ? row->alike : 0;
  rows->is_bad = status == PUR_INVALID_CSV;
  if (rows->is_bad && !rows->table.is_uneven)
    rows->table.rows.row.count = 0; /* no cell is certain */
  if (rows->is_bad) rows->why = *error;
  pur_buffer_clear(&rows->values);
  status = pur_sales_rows_reset(rows, error);
  if (status != PUR_OK) return status;
  has_key = rows->has_key, is_lost = rows->is_lost;
  has_owner_above = find_owner(rows);
  rows->is_left_out = pur_map_filter_count(rows->map) > 0 &&
                      (rows->is_bad ? rows->table.is_uneven : rows->owner != PUR_ROW_STRAY) &&
                      !is_wanted(rows, has_owner_above);
  if (rows->is_left_out && rows->owner == PUR_ROW_STRAY) {
    rows->has_key = has_key;
    rows->is_lost = is_lost;
  }
  return check_memory(rows, error);
}

pur_status pur_sales_rows_set(pur_sales_rows *rows, const pur_csv_row *row, const char *text,
                              size_t length, uint64_t line, pur_error *error) {
  rows->row = row;
  rows->text = text;
  rows->length = length;
  rows->line = line;
  rows->same = 0;
  pur_buffer_clear(&rows->others);
  return fetch(rows, &rows->others, error);
}

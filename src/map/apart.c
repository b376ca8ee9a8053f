#include "map/apart.h"

#include <string.h>

#include "base/issues.h"
#include "json/json.h"

/* Decimals tell rows apart by chance: any other column that differs is the better one. */
static bool is_decimal(pur_text text) {
  size_t digits = 0, signs = 0;
  for (size_t i = 0; i < text.length; i++) {
    digits += pur_text_is_digit(text.text[i]);
    signs += text.text[i] == '.' || text.text[i] == ',';
  }
  return digits > 0 && signs > 0 && digits + signs >= text.length - 1;
}

static void tell(pur_text name, size_t number, pur_text value, char out[PUR_APART_SIZE]) {
  char column[50], key[60], text[50];
  pur_issue_quote(value.text, value.length, text, sizeof text);
  (void)snprintf(column, sizeof column, "%zu", number);
  (void)snprintf(key, sizeof key, "[%zu]", number);
  if (name.text != NULL) {
    pur_issue_quote(name.text, name.length, column, sizeof column);
    (void)snprintf(key, sizeof key, "[\"%s\"]", column);
  }
  (void)snprintf(out, PUR_APART_SIZE,
                 "column \"%s\" tells them apart; say which rows, as where = { %s = \"%s\" }",
                 column, key, text);
}

static bool is_used(const size_t *slots, size_t count, const size_t *columns, size_t column) {
  for (size_t i = 0; i < count; i++)
    if (columns[slots[i]] == column) return true;
  return false;
}

bool pur_map_tell_fields(const pur_map *map, const pur_table *table, const size_t *columns,
                         const pur_buffer *kept, char out[PUR_APART_SIZE]) {
  const pur_map_series *says = pur_map_series_of(map);
  const pur_csv_row *row = &table->rows.row;
  pur_csv_row before;
  bool found = false, is_good = false;
  pur_csv_init(&before, row->delimiter);
  if (pur_csv_parse(&before, kept->data, kept->length, true, NULL) == PUR_OK)
    for (size_t i = 0; i < table->width && i < before.count && i < row->count && !is_good; i++) {
      const pur_csv_field *one = pur_csv_get(&before, i), *other = pur_csv_get(row, i);
      const pur_text value = {one->text, one->length}, none = {NULL, 0};
      if (is_used(says->time_slots, says->time_slot_count, columns, i) ||
          is_used(says->value_slots, says->value_slot_count, columns, i) ||
          (one->length == other->length && memcmp(one->text, other->text, one->length) == 0))
        continue;
      is_good = !is_decimal(value);
      if (is_good || !found) tell(table->names != NULL ? table->names[i] : none, i + 1, value, out);
      found = true;
    }
  pur_csv_free(&before);
  return found;
}

static bool is_named(const pur_map *map, const size_t *slots, size_t count,
                     const pur_json_token *key) {
  for (size_t i = 0; i < count; i++) {
    const pur_text name = pur_map_slot(map, slots[i])->name;
    if (name.text != NULL && pur_json_string_equals(key, name.text, name.length)) return true;
  }
  return false;
}

bool pur_map_tell_members(const pur_map *map, pur_text kept, pur_text row,
                          char out[PUR_APART_SIZE]) {
  const pur_map_series *says = pur_map_series_of(map);
  bool found = false, is_good = false;
  pur_json_scanner scanner;
  pur_json_token token;
  pur_json_scanner_init(&scanner, kept.text, kept.length);
  (void)pur_json_next(&scanner, &token, NULL);
  while (!is_good && pur_json_next(&scanner, &token, NULL) == PUR_OK &&
         token.kind == PUR_JSON_KEY) {
    const pur_json_token key = token;
    pur_text other;
    if (pur_json_next(&scanner, &token, NULL) != PUR_OK) break;
    if (token.kind == PUR_JSON_OBJECT_BEGIN || token.kind == PUR_JSON_ARRAY_BEGIN) {
      if (pur_json_leave(&scanner, NULL) != PUR_OK) break;
      continue;
    }
    if (key.escaped || is_named(map, says->time_slots, says->time_slot_count, &key) ||
        is_named(map, says->value_slots, says->value_slot_count, &key) ||
        pur_json_find_member(row.text, row.length, key.text, key.length, &other.text, &other.length,
                             NULL) != PUR_OK)
      continue;
    if (token.kind == PUR_JSON_STRING && other.length > 1) other.text++, other.length -= 2;
    if (other.length == token.length && memcmp(other.text, token.text, token.length) == 0) continue;
    is_good = !is_decimal((pur_text){token.text, token.length});
    if (is_good || !found)
      tell((pur_text){key.text, key.length}, 0, (pur_text){token.text, token.length}, out);
    found = true;
  }
  pur_json_scanner_free(&scanner);
  return found;
}

bool pur_map_tell_torn(const pur_table *table, char out[PUR_APART_SIZE]) {
  const pur_csv_row *row = &table->rows.row;
  bool found = false;
  if (!table->is_uneven || row->delimiter != ',' || row->count <= table->width ||
      row->count >= 2 * table->width)
    return false;
  for (size_t i = 1; i < row->count; i++) {
    const pur_csv_field *whole = pur_csv_get(row, i - 1), *part = pur_csv_get(row, i);
    if (whole->length > 0 && pur_text_is_digit(whole->text[whole->length - 1]) &&
        part->length > 0 && pur_text_is_digit(part->text[0]) && !part->is_quoted)
      found = true;
  }
  if (found)
    (void)snprintf(out, PUR_APART_SIZE,
                   "%zu fields where the header has %zu: a decimal comma between commas? Put these "
                   "numbers in quotes, or another delimiter between the columns",
                   row->count, table->width);
  return found;
}

#include "map/apart.h"

#include <string.h>

#include "base/issues.h"
#include "json/json.h"
#include "map/compiled.h"

#define PUR_APART_LOOKS 1000 /* rows of one time and more are not looked through */

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

/* Keeps the rows that are held against each other. True: those of one time against another one. */
static bool take(pur_apart *apart, pur_text row, size_t taken, bool repeats, pur_text *other) {
  pur_buffer *keeper = apart->first.length == 0 ? &apart->first : &apart->second;
  *other = row;
  if (apart->is_closed || apart->taken == taken) return false;
  apart->taken = taken;
  if (apart->repeat.length > 0)
    return !repeats && !apart->is_good && apart->looks++ < PUR_APART_LOOKS;
  if (repeats && apart->first.length > 0) keeper = &apart->repeat;
  if (keeper->length == 0) pur_buffer_append(keeper, row.text, row.length);
  *other = (pur_text){apart->second.data, apart->second.length};
  return keeper == &apart->repeat && other->length > 0;
}

/* Does the column tell them apart? Notes it, unless a better one was. */
static void judge(pur_apart *apart, pur_text name, size_t number, pur_text first, pur_text repeat,
                  pur_text other) {
  const bool is_good = !is_decimal(first);
  if (apart->is_good || (apart->told[0] != '\0' && !is_good)) return;
  if (pur_texts_compare(&first, &repeat) == 0 || pur_texts_compare(&first, &other) != 0) return;
  apart->is_good = is_good;
  tell(name, number, first, apart->told);
}

static pur_text field_of(const pur_csv_row *row, size_t column) {
  const pur_csv_field *field = column < row->count ? pur_csv_get(row, column) : NULL;
  return field != NULL ? (pur_text){field->text, field->length} : (pur_text){"", 0};
}

void pur_apart_take_fields(pur_apart *apart, const pur_map *map, const pur_table *table,
                           const size_t *columns, size_t taken, bool repeats) {
  const pur_map_series *says = pur_map_series_of(map);
  const pur_rows *rows = &table->rows;
  const pur_text row = {rows->input.start, rows->row.length}, none = {NULL, 0};
  pur_text texts[3];
  pur_csv_row parsed[3];
  bool is_parsed = true;
  if (!take(apart, row, taken, repeats, &texts[2])) return;
  texts[0] = (pur_text){apart->first.data, apart->first.length};
  texts[1] = (pur_text){apart->repeat.data, apart->repeat.length};
  for (size_t i = 0; i < 3; i++) {
    parsed[i] = (pur_csv_row){.delimiter = rows->row.delimiter};
    is_parsed &= pur_csv_parse(&parsed[i], texts[i].text, texts[i].length, true, NULL) == PUR_OK;
  }
  for (size_t i = 0; is_parsed && i < table->width; i++)
    if (!is_used(says->time_slots, says->time_slot_count, columns, i) &&
        !is_used(says->value_slots, says->value_slot_count, columns, i))
      judge(apart, table->names != NULL ? table->names[i] : none, i + 1, field_of(&parsed[0], i),
            field_of(&parsed[1], i), field_of(&parsed[2], i));
  for (size_t i = 0; i < 3; i++) pur_csv_free(&parsed[i]);
}

static bool is_named(const pur_map *map, const size_t *slots, size_t count,
                     const pur_json_token *key) {
  for (size_t i = 0; i < count; i++) {
    const pur_text name = pur_map_slot(map, slots[i])->name;
    if (name.text != NULL && pur_json_string_equals(key, name.text, name.length)) return true;
  }
  return false;
}

/* A member's value that is no object or list: of a string what stands between its quotes. */
static bool find_value(pur_text row, const pur_json_token *key, pur_text *value) {
  if (pur_json_find_member(row.text, row.length, key->text, key->length, &value->text,
                           &value->length, NULL) != PUR_OK)
    return false;
  if (value->length > 1 && *value->text == '"') value->text++, value->length -= 2;
  return true;
}

void pur_apart_take_members(pur_apart *apart, const pur_map *map, pur_text row, size_t taken,
                            bool repeats) {
  const pur_map_series *says = pur_map_series_of(map);
  pur_json_scanner scanner;
  pur_json_token token;
  pur_text other;
  if (!take(apart, row, taken, repeats, &other)) return;
  pur_json_scanner_init(&scanner, apart->first.data, apart->first.length);
  (void)pur_json_next(&scanner, &token, NULL);
  while (pur_json_next(&scanner, &token, NULL) == PUR_OK && token.kind == PUR_JSON_KEY) {
    const pur_json_token key = token;
    const pur_text repeat = {apart->repeat.data, apart->repeat.length};
    pur_text values[2];
    if (pur_json_next(&scanner, &token, NULL) != PUR_OK) break;
    if (token.kind == PUR_JSON_OBJECT_BEGIN || token.kind == PUR_JSON_ARRAY_BEGIN) {
      if (pur_json_leave(&scanner, NULL) != PUR_OK) break;
      continue;
    }
    if (!key.escaped && !is_named(map, says->time_slots, says->time_slot_count, &key) &&
        !is_named(map, says->value_slots, says->value_slot_count, &key) &&
        find_value(repeat, &key, &values[0]) && find_value(other, &key, &values[1]))
      judge(apart, (pur_text){key.text, key.length}, 0, (pur_text){token.text, token.length},
            values[0], values[1]);
  }
  pur_json_scanner_free(&scanner);
}

pur_status pur_apart_close(pur_apart *apart, pur_status status, pur_error *error) {
  pur_buffer *buffers[] = {&apart->first, &apart->second, &apart->repeat};
  if (status == PUR_END) status = PUR_OK;
  for (size_t i = 0; i < 3; i++) {
    if (status == PUR_OK) status = pur_buffer_check(buffers[i], error);
    pur_buffer_free(buffers[i]);
  }
  apart->is_closed = true;
  return status;
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

#include "json/json.h"

/* Reads a value and leaves the scanner behind it. */
static pur_status read_value(pur_json_scanner *scanner, pur_json_token *value, pur_error *error) {
  pur_status status = pur_json_next(scanner, value, error);
  if (status != PUR_OK) return status;
  if (value->kind == PUR_JSON_OBJECT_BEGIN || value->kind == PUR_JSON_ARRAY_BEGIN)
    return pur_json_leave(scanner, error);
  return PUR_OK;
}

/* Reads up to the end of the member's value. */
static pur_status find(pur_json_scanner *scanner, const char *name, size_t length,
                       pur_json_token *value, pur_error *error) {
  pur_json_token key;
  pur_status status = pur_json_next(scanner, &key, error);
  if (status != PUR_OK) return status;
  if (key.kind != PUR_JSON_OBJECT_BEGIN) return PUR_NOT_FOUND;
  for (;;) {
    status = pur_json_next(scanner, &key, error);
    if (status != PUR_OK) return status;
    if (key.kind == PUR_JSON_OBJECT_END) return PUR_NOT_FOUND;
    status = read_value(scanner, value, error);
    if (status != PUR_OK || pur_json_string_equals(&key, name, length)) return status;
  }
}

pur_status pur_json_find_member(const char *text, size_t length, const char *name,
                                size_t name_length, const char **slice, size_t *slice_length,
                                pur_error *error) {
  pur_json_scanner scanner;
  pur_json_token value;
  pur_status status;
  pur_json_scanner_init(&scanner, text, length);
  status = find(&scanner, name, name_length, &value, error);
  if (status == PUR_OK) {
    *slice = text + value.position;
    *slice_length = scanner.position - value.position;
  }
  pur_json_scanner_free(&scanner);
  if (status == PUR_NOT_FOUND) return pur_error_set(error, status, 0, "there is no such member");
  return status;
}

#include "json/json.h"

pur_status pur_json_find_member(const char *text, size_t length, const char *name,
                                size_t name_length, const char **slice, size_t *slice_length,
                                pur_error *error) {
  pur_json_scanner scanner;
  pur_json_token key, value;
  pur_status status;
  bool found = false;
  pur_json_scanner_init(&scanner, text, length);
  status = pur_json_next(&scanner, &key, error);
  if (status == PUR_OK && key.kind != PUR_JSON_OBJECT_BEGIN) status = PUR_NOT_FOUND;
  while (status == PUR_OK && !found) {
    status = pur_json_next(&scanner, &key, error);
    if (status == PUR_OK && key.kind == PUR_JSON_OBJECT_END) status = PUR_NOT_FOUND;
    if (status == PUR_OK) status = pur_json_next_whole(&scanner, &value, error);
    if (status == PUR_OK) found = pur_json_string_equals(&key, name, name_length);
  }
  if (found) {
    *slice = text + value.position;
    *slice_length = scanner.position - value.position;
  }
  pur_json_scanner_free(&scanner);
  if (status == PUR_NOT_FOUND) return pur_error_set(error, status, 0, "there is no such member");
  return status;
}

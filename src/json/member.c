#include "json/json.h"

pur_status pur_json_seek(pur_json_scanner *scanner, const char *name, size_t length,
                         pur_error *error) {
  pur_json_token token;
  for (;;) {
    pur_status status = pur_json_next(scanner, &token, error);
    if (status == PUR_OK && token.kind == PUR_JSON_OBJECT_END) return PUR_NOT_FOUND;
    if (status != PUR_OK || pur_json_string_equals(&token, name, length)) return status;
    status = pur_json_next_whole(scanner, &token, error);
    if (status != PUR_OK) return status;
  }
}

pur_status pur_json_find_member(const char *text, size_t length, const char *name,
                                size_t name_length, const char **slice, size_t *slice_length,
                                pur_error *error) {
  pur_json_scanner scanner;
  pur_json_token token;
  pur_status status;
  pur_json_scanner_init(&scanner, text, length);
  status = pur_json_next(&scanner, &token, error);
  if (status == PUR_OK && token.kind != PUR_JSON_OBJECT_BEGIN) status = PUR_NOT_FOUND;
  if (status == PUR_OK) status = pur_json_seek(&scanner, name, name_length, error);
  if (status == PUR_OK) status = pur_json_next_whole(&scanner, &token, error);
  if (status == PUR_OK) {
    *slice = text + token.position;
    *slice_length = scanner.position - token.position;
  }
  pur_json_scanner_free(&scanner);
  if (status == PUR_NOT_FOUND) return pur_error_set(error, status, 0, "there is no such member");
  return status;
}

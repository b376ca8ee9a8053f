#include "json/scan.h"

#include "base/text.h"

/* Refusals */

pur_status pur_json_fail(const pur_json_scanner *scanner, size_t position, const char *expectation,
                         pur_error *error) {
  char found[PUR_FOUND_SIZE];
  return pur_error_set(error, PUR_INVALID_JSON, position, "%s, got %s", expectation,
                       pur_text_found(scanner->text, scanner->length, position, found));
}

pur_status pur_json_fail_at_value(const pur_json_scanner *scanner, size_t at,
                                  const char *expectation, pur_error *error) {
  if (at == 0 && scanner->length >= 3 && memcmp(scanner->text, "\xEF\xBB\xBF", 3) == 0)
    return pur_error_set(error, PUR_INVALID_JSON, at, "expected no byte order mark");
  return pur_json_fail(scanner, at, expectation, error);
}

pur_status pur_json_fail_twice(const pur_json_token *key, pur_error *error) {
  return pur_error_set(error, PUR_DUPLICATE_KEY, key->position,
                       "expected a name that the object does not have yet");
}

/* Strings */

/* Passes the one character at `at` that does not stand for itself. */
static pur_status pass_special(const pur_json_scanner *scanner, size_t *at, pur_error *error) {
  const char *text = scanner->text + *at;
  size_t left = scanner->length - *at, size;
  uint32_t surrogate;
  if (*text == '\\') {
    size = pur_json_escape_read(text, left, &surrogate);
    if (size == 0 && surrogate != 0)
      return pur_error_set(error, PUR_INVALID_JSON, *at,
                           "expected a pair of surrogates, got \\u%04x alone", surrogate);
    if (size == 0)
      return pur_error_set(error, PUR_INVALID_JSON, *at,
                           "expected one of \" \\ / b f n r t or uXXXX after '\\'");
  } else if ((unsigned char)*text < ' ') {
    return pur_json_fail(scanner, *at, "expected control characters in a string to be escaped",
                         error);
  } else {
    size = pur_utf8_length(text, left);
    if (size == 0) return pur_error_set(error, PUR_INVALID_UTF8, *at, "invalid UTF-8 in a string");
  }
  *at += size;
  return PUR_OK;
}

pur_status pur_json_read_special_string(pur_json_scanner *scanner, pur_json_token *token,
                                        pur_json_kind kind, size_t begin, size_t at,
                                        pur_error *error) {
  bool escaped = false;
  while (pur_json_byte(scanner, at) != '"') {
    pur_status status;
    if (at == scanner->length)
      return pur_json_fail(scanner, at, "expected '\"' to end a string", error);
    escaped |= scanner->text[at] == '\\';
    status = pass_special(scanner, &at, error);
    if (status != PUR_OK) return status;
    at += pur_json_plain_length(scanner->text + at, scanner->length - at);
  }
  return pur_json_take_string(scanner, token, kind, begin, at, escaped);
}

/* Names */

pur_status pur_json_add_name(pur_json_scanner *scanner, const pur_json_token *key,
                             pur_error *error) {
  pur_status status =
      pur_json_names_add(&scanner->names, key->position + 1, key->length, key->escaped);
  if (status == PUR_DUPLICATE_KEY) return pur_json_fail_twice(key, error);
  return status == PUR_OK ? PUR_OK : pur_error_no_memory(error);
}

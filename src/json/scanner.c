#include "json/json.h"

#include <string.h>

#include "json/scan_steps.h"
#include "json/skip.h"
#include "base/text.h"

void pur_json_scanner_init(pur_json_scanner *scanner, const char *text, size_t length) {
  pur_json_names_init(&scanner->names, text, length);
  pur_json_scanner_restart(scanner, text, length);
}

void pur_json_scanner_restart(pur_json_scanner *scanner, const char *text, size_t length) {
  pur_json_names_restart(&scanner->names, text, length);
  scanner->text = text;
  scanner->length = length;
  scanner->position = 0;
  scanner->depth = 0;
  scanner->expected = PUR_JSON_VALUE;
  scanner->after = PUR_JSON_AFTER_DOCUMENT;
}

void pur_json_scanner_free(pur_json_scanner *scanner) {
  pur_json_names_free(&scanner->names);
}

/* What is refused */

pur_status pur_json_fail(const pur_json_scanner *scanner, size_t position, const char *expectation,
                         pur_error *error) {
  const char *end = position >= scanner->length ? ", but the text ends" : "";
  return pur_error_set(error, PUR_INVALID_JSON, position, "%s%s", expectation, end);
}

pur_status pur_json_fail_at_value(const pur_json_scanner *scanner, size_t at,
                                  const char *expectation, pur_error *error) {
  if (at == 0 && scanner->length >= 3 && memcmp(scanner->text, "\xEF\xBB\xBF", 3) == 0)
    return pur_json_fail(scanner, at, "expected no byte order mark", error);
  return pur_json_fail(scanner, at, expectation, error);
}

/* Strings */

static pur_status fail_in_escape(size_t position, uint32_t surrogate, pur_error *error) {
  if (surrogate != 0)
    return pur_error_set(error, PUR_INVALID_JSON, position,
                         "expected a pair of surrogates, but \\u%04x stands alone", surrogate);
  return pur_error_set(error, PUR_INVALID_JSON, position,
                       "expected one of \" \\ / b f n r t or uXXXX after '\\'");
}

/* Passes the one character at `at` that does not stand for itself. */
static pur_status pass_special(const pur_json_scanner *scanner, size_t *at, pur_error *error) {
  const char *text = scanner->text + *at;
  size_t left = scanner->length - *at, size;
  uint32_t code_point;
  if (*text == '\\') {
    size = pur_json_escape_read(text, left, &code_point);
    if (size == 0) return fail_in_escape(*at, code_point, error);
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

/* Objects and arrays */

pur_status pur_json_fail_twice(const pur_json_token *key, pur_error *error) {
  return pur_error_set(error, PUR_DUPLICATE_KEY, key->position,
                       "expected a name that the object does not have yet");
}

pur_status pur_json_add_name(pur_json_scanner *scanner, const pur_json_token *key,
                             pur_error *error) {
  pur_status status =
      pur_json_names_add(&scanner->names, key->position + 1, key->length, key->escaped);
  if (status == PUR_DUPLICATE_KEY) return pur_json_fail_twice(key, error);
  return status == PUR_OK ? PUR_OK : pur_error_no_memory(error);
}

static pur_status after_name(pur_json_scanner *scanner, const pur_json_token *key,
                             pur_error *error) {
  pur_status status = pur_json_add_name(scanner, key, error);
  scanner->expected = PUR_JSON_VALUE;
  return status == PUR_OK ? pur_json_read_colon(scanner, error) : status;
}

static pur_status after_begin(pur_json_scanner *scanner, bool is_object, pur_error *error) {
  scanner->expected = is_object ? PUR_JSON_NAME_OR_END : PUR_JSON_ELEMENT_OR_END;
  scanner->after = is_object ? PUR_JSON_AFTER_MEMBER : PUR_JSON_AFTER_ELEMENT;
  if (is_object && pur_json_names_open(&scanner->names) != PUR_OK)
    return pur_error_no_memory(error);
  return PUR_OK;
}

static pur_status after_end(pur_json_scanner *scanner, bool was_object) {
  if (was_object) pur_json_names_close(&scanner->names);
  if (scanner->depth == 0)
    scanner->after = PUR_JSON_AFTER_DOCUMENT;
  else
    scanner->after =
        pur_json_is_in_object(scanner) ? PUR_JSON_AFTER_MEMBER : PUR_JSON_AFTER_ELEMENT;
  scanner->expected = scanner->after;
  return PUR_OK;
}

/* What comes after a token that was read. */
static inline pur_status settle(pur_json_scanner *scanner, const pur_json_token *token,
                                pur_status status, pur_error *error) {
  if (status != PUR_OK) return status;
  switch (token->kind) {
  case PUR_JSON_KEY:
    return after_name(scanner, token, error);
  case PUR_JSON_OBJECT_BEGIN:
  case PUR_JSON_ARRAY_BEGIN:
    return after_begin(scanner, token->kind == PUR_JSON_OBJECT_BEGIN, error);
  case PUR_JSON_OBJECT_END:
  case PUR_JSON_ARRAY_END:
    return after_end(scanner, token->kind == PUR_JSON_OBJECT_END);
  default:
    scanner->expected = scanner->after;
    return PUR_OK;
  }
}

static pur_status read_next(pur_json_scanner *scanner, pur_json_token *token, size_t at,
                            pur_error *error) {
  switch (scanner->expected) {
  case PUR_JSON_VALUE:
    return pur_json_read_value(scanner, token, at, "expected a value", error);
  case PUR_JSON_ELEMENT_OR_END:
    return pur_json_read_first_element(scanner, token, at, error);
  case PUR_JSON_NAME_OR_END:
    return pur_json_read_first_name(scanner, token, at, error);
  case PUR_JSON_AFTER_ELEMENT:
    return pur_json_read_next_element(scanner, token, at, error);
  case PUR_JSON_AFTER_MEMBER:
    return pur_json_read_next_name(scanner, token, at, error);
  default:
    if (at == scanner->length) return PUR_END;
    return pur_json_fail(scanner, at, "expected nothing after the document", error);
  }
}

pur_status pur_json_next(pur_json_scanner *scanner, pur_json_token *token, pur_error *error) {
  size_t at = pur_json_skip_space(scanner, scanner->position);
  return settle(scanner, token, read_next(scanner, token, at, error), error);
}

pur_status pur_json_pass(pur_json_scanner *scanner, bool is_object, pur_error *error) {
  unsigned depth = scanner->depth;
  pur_json_token token;
  pur_status status = after_begin(scanner, is_object, error);
  while (status == PUR_OK && scanner->depth >= depth)
    status = pur_json_next(scanner, &token, error);
  return status;
}

pur_status pur_json_leave(pur_json_scanner *scanner, pur_error *error) {
  const char *bracket = pur_json_is_in_object(scanner) ? "expected '}' to end an object"
                                                       : "expected ']' to end an array";
  size_t after = scanner->position;
  if (!pur_json_skip(scanner->text, scanner->length, &after))
    return pur_json_fail(scanner, scanner->length, bracket, error);
  if ((scanner->text[after - 1] == '}') != pur_json_is_in_object(scanner))
    return pur_json_fail(scanner, after - 1, bracket, error);
  scanner->position = after;
  scanner->depth--;
  return after_end(scanner, scanner->text[after - 1] == '}');
}

pur_status pur_json_check(const char *text, size_t length, pur_error *error) {
  pur_json_scanner scanner;
  pur_json_token token = {.kind = PUR_JSON_NULL};
  pur_status status;
  pur_json_scanner_init(&scanner, text, length);
  do status = pur_json_next(&scanner, &token, error);
  while (status == PUR_OK);
  pur_json_scanner_free(&scanner);
  return status == PUR_END ? PUR_OK : status;
}

#include "json/scan.h"

/* Refusals */

pur_status pur_json_fail(const pur_json_scanner *scanner, size_t position, const char *expectation,
                         pur_error *error) {
  char found[PUR_FOUND_SIZE];
  if (position == 0 && scanner->length >= 3 && memcmp(scanner->text, "\xEF\xBB\xBF", 3) == 0)
    return pur_error_set(error, PUR_INVALID_JSON, 0, "expected no byte order mark");
  return pur_error_set(error, PUR_INVALID_JSON, position, "%s, got %s", expectation,
                       pur_text_found(scanner->text, scanner->length, position, found));
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

/* What the scanner reads next: a value, of the document or behind a name; what is first in an
 * object or array; what stands behind a value. */
enum { PUR_JSON_VALUE, PUR_JSON_FIRST, PUR_JSON_BEHIND };

void pur_json_scanner_init(pur_json_scanner *scanner, const char *text, size_t length) {
  *scanner = (pur_json_scanner){.text = NULL};
  pur_json_scanner_restart(scanner, text, length);
}

void pur_json_scanner_restart(pur_json_scanner *scanner, const char *text, size_t length) {
  pur_buffer_clear(&scanner->open);
  pur_buffer_clear(&scanner->names);
  pur_buffer_clear(&scanner->unescaped);
  scanner->text = text;
  scanner->length = length;
  scanner->position = 0;
  scanner->depth = 0;
  scanner->expected = PUR_JSON_VALUE;
}

void pur_json_scanner_free(pur_json_scanner *scanner) {
  pur_buffer_free(&scanner->open);
  pur_buffer_free(&scanner->names);
  pur_buffer_free(&scanner->unescaped);
  pur_buffer_free(&scanner->merged);
}

static pur_status after_begin(pur_json_scanner *scanner, bool is_object, pur_error *error) {
  scanner->expected = PUR_JSON_FIRST;
  return is_object ? pur_json_open_names(scanner, error) : PUR_OK;
}

static pur_status after_end(pur_json_scanner *scanner, bool was_object) {
  if (was_object) pur_json_close_names(scanner);
  scanner->expected = PUR_JSON_BEHIND;
  return PUR_OK;
}

static inline pur_status read_next(pur_json_scanner *scanner, pur_json_token *token,
                                   pur_error *error) {
  size_t at = pur_json_skip_space(scanner, scanner->position);
  bool first = scanner->expected == PUR_JSON_FIRST;
  if (scanner->expected == PUR_JSON_VALUE)
    return pur_json_read_value(scanner, token, at, "expected a value", error);
  if (scanner->depth > 0)
    return pur_json_is_in_object(scanner) ? pur_json_read_name(scanner, token, at, first, error)
                                          : pur_json_read_element(scanner, token, at, first, error);
  if (at == scanner->length) return PUR_END;
  return pur_json_fail(scanner, at, "expected nothing after the document", error);
}

pur_status pur_json_next(pur_json_scanner *scanner, pur_json_token *token, pur_error *error) {
  pur_status status = read_next(scanner, token, error);
  if (status != PUR_OK) return status;
  switch (token->kind) {
  case PUR_JSON_KEY:
    status = pur_json_add_name(scanner, token, error);
    scanner->expected = PUR_JSON_VALUE;
    return status == PUR_OK ? pur_json_read_colon(scanner, error) : status;
  case PUR_JSON_OBJECT_BEGIN:
  case PUR_JSON_ARRAY_BEGIN:
    return after_begin(scanner, token->kind == PUR_JSON_OBJECT_BEGIN, error);
  case PUR_JSON_OBJECT_END:
  case PUR_JSON_ARRAY_END:
    return after_end(scanner, token->kind == PUR_JSON_OBJECT_END);
  default:
    scanner->expected = PUR_JSON_BEHIND;
    return PUR_OK;
  }
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

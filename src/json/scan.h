/* The scanner's steps, for those who know what they read next: private to json/ and schema/.
 *
 * Each reads one token that starts at byte `at`, behind any white space, and leaves the scanner
 * behind it. None looks at names: who reads keys must refuse those that come twice, with
 * pur_json_add_name or otherwise. Errors as pur_json_next. */
#ifndef PURCHASES_JSON_SCAN_H
#define PURCHASES_JSON_SCAN_H

#include "json/json.h"
#include "json/plain.h"

/* Reads the escape that starts with the backslash at `text`: returns its length, or 0 if it is
 * wrong. Then the code point is 0, or a surrogate without its pair. */
size_t pur_json_escape_read(const char *text, size_t length, uint32_t *code_point);

/* Refuses what stands at a position: "expected ..., got ...". */
pur_status pur_json_fail(const pur_json_scanner *scanner, size_t position, const char *expectation,
                         pur_error *error);

/* Reads a string whose first byte that is not plain stands at `at`. */
pur_status pur_json_read_special_string(pur_json_scanner *scanner, pur_json_token *token,
                                        pur_json_kind kind, size_t begin, size_t at,
                                        pur_error *error);

/* An object begins whose names are to be kept. */
pur_status pur_json_open_names(pur_json_scanner *scanner, pur_error *error);

/* Keeps a name of the innermost of these objects, or refuses it for coming twice. */
pur_status pur_json_add_name(pur_json_scanner *scanner, const pur_json_token *key,
                             pur_error *error);

/* The innermost of these objects ends. */
void pur_json_close_names(pur_json_scanner *scanner);

/* Refuses a name for coming twice. */
pur_status pur_json_fail_twice(const pur_json_token *key, pur_error *error);

/* The byte at a position; at the end of the text a NUL, which is expected nowhere. */
static inline char pur_json_byte(const pur_json_scanner *scanner, size_t at) {
  return at < scanner->length ? scanner->text[at] : '\0';
}

/* The position is handed from function to function, and kept in the scanner only between tokens: to
 * store it costs more than to read a byte. */
static inline size_t pur_json_skip_space(const pur_json_scanner *scanner, size_t at) {
  for (;; at++) {
    char byte = pur_json_byte(scanner, at);
    if (byte > ' ') return at;
    if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return at;
  }
}

static inline pur_status pur_json_take(pur_json_scanner *scanner, pur_json_token *token,
                                       pur_json_kind kind, size_t begin, size_t end) {
  token->kind = kind;
  token->escaped = false;
  token->text = scanner->text + begin;
  token->length = end - begin;
  token->position = begin;
  scanner->position = end;
  return PUR_OK;
}

/* Strings */

/* Takes a key or string from the quote at `begin` to the one at `end`. */
static inline pur_status pur_json_take_string(pur_json_scanner *scanner, pur_json_token *token,
                                              pur_json_kind kind, size_t begin, size_t end,
                                              bool escaped) {
  pur_json_take(scanner, token, kind, begin, end + 1);
  token->text++;
  token->length -= 2;
  token->escaped = escaped;
  return PUR_OK;
}

static inline pur_status pur_json_read_string(pur_json_scanner *scanner, pur_json_token *token,
                                              pur_json_kind kind, size_t begin, pur_error *error) {
  size_t at = begin + 1;
  at += pur_json_plain_length(scanner->text + at, scanner->length - at);
  if (pur_json_byte(scanner, at) != '"')
    return pur_json_read_special_string(scanner, token, kind, begin, at, error);
  return pur_json_take_string(scanner, token, kind, begin, at, false);
}

/* Passes the colon behind a name. */
static inline pur_status pur_json_read_colon(pur_json_scanner *scanner, pur_error *error) {
  size_t at = pur_json_skip_space(scanner, scanner->position);
  if (pur_json_byte(scanner, at) != ':')
    return pur_json_fail(scanner, at, "expected ':' after a name", error);
  scanner->position = at + 1;
  return PUR_OK;
}

/* Numbers and words */

static inline size_t pur_json_pass_digits(const pur_json_scanner *scanner, size_t at) {
  while (at < scanner->length && (unsigned char)(scanner->text[at] - '0') < 10) at++;
  return at;
}

static inline pur_status pur_json_read_number(pur_json_scanner *scanner, pur_json_token *token,
                                              size_t begin, pur_error *error) {
  size_t digits = begin + (scanner->text[begin] == '-'), at = pur_json_pass_digits(scanner, digits);
  if (at == digits) return pur_json_fail(scanner, at, "expected a digit after '-'", error);
  if (scanner->text[digits] == '0' && at > digits + 1)
    return pur_json_fail(scanner, digits + 1, "expected no digit after a leading 0", error);
  if (pur_json_byte(scanner, at) == '.') {
    digits = at + 1;
    at = pur_json_pass_digits(scanner, digits);
    if (at == digits) return pur_json_fail(scanner, at, "expected a digit after '.'", error);
  }
  if ((pur_json_byte(scanner, at) | 0x20) == 'e') {
    char sign = pur_json_byte(scanner, at + 1);
    digits = at + 1 + (sign == '+' || sign == '-');
    at = pur_json_pass_digits(scanner, digits);
    if (at == digits) return pur_json_fail(scanner, at, "expected a digit in the exponent", error);
  }
  return pur_json_take(scanner, token, PUR_JSON_NUMBER, begin, at);
}

static inline pur_status pur_json_read_word(pur_json_scanner *scanner, pur_json_token *token,
                                            pur_json_kind kind, size_t begin, const char *word,
                                            pur_error *error) {
  size_t length = strlen(word);
  if (scanner->length - begin < length || memcmp(scanner->text + begin, word, length) != 0)
    return pur_error_set(error, PUR_INVALID_JSON, begin, "expected '%s'", word);
  return pur_json_take(scanner, token, kind, begin, begin + length);
}

/* Objects and arrays */

static inline bool pur_json_is_in_object(const pur_json_scanner *scanner) {
  unsigned level = scanner->depth - 1;
  return (scanner->objects[level / 64] >> level % 64 & 1) != 0;
}

/* Goes one level down and notes what is there. */
static inline pur_status pur_json_enter(pur_json_scanner *scanner, pur_json_token *token,
                                        pur_json_kind kind, size_t at, pur_error *error) {
  unsigned level = scanner->depth;
  uint64_t bit = (uint64_t)1 << level % 64;
  if (level == PUR_JSON_DEPTH)
    return pur_error_set(error, PUR_TOO_DEEP, at, "expected at most %d levels", PUR_JSON_DEPTH);
  if (kind == PUR_JSON_OBJECT_BEGIN)
    scanner->objects[level / 64] |= bit;
  else
    scanner->objects[level / 64] &= ~bit;
  scanner->depth = level + 1;
  return pur_json_take(scanner, token, kind, at, at + 1);
}

static inline pur_status pur_json_leave_level(pur_json_scanner *scanner, pur_json_token *token,
                                              pur_json_kind kind, size_t at) {
  scanner->depth--;
  return pur_json_take(scanner, token, kind, at, at + 1);
}

/* Reads any value; of an object or array, its bracket. */
static inline pur_status pur_json_read_value(pur_json_scanner *scanner, pur_json_token *token,
                                             size_t at, const char *expectation, pur_error *error) {
  char first = pur_json_byte(scanner, at);
  switch (first) {
  case '{':
    return pur_json_enter(scanner, token, PUR_JSON_OBJECT_BEGIN, at, error);
  case '[':
    return pur_json_enter(scanner, token, PUR_JSON_ARRAY_BEGIN, at, error);
  case '"':
    return pur_json_read_string(scanner, token, PUR_JSON_STRING, at, error);
  case 't':
    return pur_json_read_word(scanner, token, PUR_JSON_TRUE, at, "true", error);
  case 'f':
    return pur_json_read_word(scanner, token, PUR_JSON_FALSE, at, "false", error);
  case 'n':
    return pur_json_read_word(scanner, token, PUR_JSON_NULL, at, "null", error);
  default:
    if (first == '-' || (first >= '0' && first <= '9'))
      return pur_json_read_number(scanner, token, at, error);
    return pur_json_fail(scanner, at, expectation, error);
  }
}

/* Reads a name or the end: of an object that has just begun, or, not `first`, behind a member. */
static inline pur_status pur_json_read_name(pur_json_scanner *scanner, pur_json_token *token,
                                            size_t at, bool first, pur_error *error) {
  char byte = pur_json_byte(scanner, at);
  const char *expectation = "expected a name in quotes or '}'";
  if (byte == '}') return pur_json_leave_level(scanner, token, PUR_JSON_OBJECT_END, at);
  if (!first) {
    if (byte != ',') return pur_json_fail(scanner, at, "expected ',' or '}' after a member", error);
    at = pur_json_skip_space(scanner, at + 1);
    byte = pur_json_byte(scanner, at);
    expectation = "expected a name in quotes after ','";
  }
  if (byte == '"') return pur_json_read_string(scanner, token, PUR_JSON_KEY, at, error);
  return pur_json_fail(scanner, at, expectation, error);
}

/* Reads a value or the end: of an array that has just begun, or, not `first`, behind an element. */
static inline pur_status pur_json_read_element(pur_json_scanner *scanner, pur_json_token *token,
                                               size_t at, bool first, pur_error *error) {
  char byte = pur_json_byte(scanner, at);
  const char *expectation = "expected a value or ']'";
  if (byte == ']') return pur_json_leave_level(scanner, token, PUR_JSON_ARRAY_END, at);
  if (!first) {
    if (byte != ',')
      return pur_json_fail(scanner, at, "expected ',' or ']' after an element", error);
    at = pur_json_skip_space(scanner, at + 1);
    expectation = "expected a value after ','";
  }
  return pur_json_read_value(scanner, token, at, expectation, error);
}

#endif

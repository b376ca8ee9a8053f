#include "json.h"

#include <string.h>

#include "json_skip.h"
#include "json_text.h"
#include "utf8.h"

/* What the scanner can read next. */
enum { VALUE, ELEMENT_OR_END, NAME_OR_END, AFTER_ELEMENT, AFTER_MEMBER, AFTER_DOCUMENT };

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
  scanner->expected = VALUE;
  scanner->after = AFTER_DOCUMENT;
}

void pur_json_scanner_free(pur_json_scanner *scanner) {
  pur_json_names_free(&scanner->names);
}

/* The text is not what was expected: at its end, that is said too. */
static pur_status fail(const pur_json_scanner *scanner, size_t position, const char *expectation,
                       pur_error *error) {
  const char *end = position >= scanner->length ? ", but the text ends" : "";
  return pur_error_set(error, PUR_INVALID_JSON, position, "%s%s", expectation, end);
}

/* A NUL at the end of the text, where, as in the text, it is never what is expected. */
static inline char byte_at(const pur_json_scanner *scanner, size_t at) {
  return at < scanner->length ? scanner->text[at] : '\0';
}

/* The position is handed from function to function and kept in the scanner only between tokens:
 * what goes through memory on its way to the next byte costs more than reading that byte. */
static inline size_t skip_space(const pur_json_scanner *scanner, size_t at) {
  for (;; at++) {
    char byte = byte_at(scanner, at);
    if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return at;
  }
}

static inline void take(pur_json_scanner *scanner, pur_json_token *token, pur_json_kind kind,
                        size_t begin, size_t end) {
  token->kind = kind;
  token->escaped = false;
  token->text = scanner->text + begin;
  token->length = end - begin;
  token->position = begin;
  scanner->position = end;
}

static inline pur_status take_value(pur_json_scanner *scanner, pur_json_token *token,
                                    pur_json_kind kind, size_t begin, size_t end) {
  take(scanner, token, kind, begin, end);
  scanner->expected = scanner->after;
  return PUR_OK;
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
    return fail(scanner, *at, "expected control characters in a string to be escaped", error);
  } else {
    size = pur_utf8_length(text, left);
    if (size == 0) return pur_error_set(error, PUR_INVALID_UTF8, *at, "invalid UTF-8 in a string");
  }
  *at += size;
  return PUR_OK;
}

/* A key or string from the quote at `begin` to the one at `end`. */
static inline pur_status take_string(pur_json_scanner *scanner, pur_json_token *token,
                                     pur_json_kind kind, size_t begin, size_t end, bool escaped) {
  take_value(scanner, token, kind, begin, end + 1);
  token->text++;
  token->length -= 2;
  token->escaped = escaped;
  return PUR_OK;
}

/* A string that is not all plain: at `at` is its first byte that is not. */
static pur_status read_special_string(pur_json_scanner *scanner, pur_json_token *token,
                                      pur_json_kind kind, size_t begin, size_t at,
                                      pur_error *error) {
  bool escaped = false;
  while (byte_at(scanner, at) != '"') {
    pur_status status;
    if (at == scanner->length) return fail(scanner, at, "expected '\"' to end a string", error);
    escaped |= scanner->text[at] == '\\';
    status = pass_special(scanner, &at, error);
    if (status != PUR_OK) return status;
    at += pur_json_plain_length(scanner->text + at, scanner->length - at);
  }
  return take_string(scanner, token, kind, begin, at, escaped);
}

static inline pur_status read_string(pur_json_scanner *scanner, pur_json_token *token,
                                     pur_json_kind kind, size_t begin, pur_error *error) {
  size_t at = begin + 1;
  at += pur_json_plain_length(scanner->text + at, scanner->length - at);
  if (byte_at(scanner, at) != '"')
    return read_special_string(scanner, token, kind, begin, at, error);
  return take_string(scanner, token, kind, begin, at, false);
}

static pur_status add_name(pur_json_scanner *scanner, const pur_json_token *key, pur_error *error) {
  pur_status status =
      pur_json_names_add(&scanner->names, key->position + 1, key->length, key->escaped);
  if (status == PUR_DUPLICATE_KEY)
    return pur_error_set(error, status, key->position,
                         "expected a name that the object does not have yet");
  return status == PUR_OK ? PUR_OK : pur_error_no_memory(error);
}

static pur_status read_key(pur_json_scanner *scanner, pur_json_token *token, size_t begin,
                           pur_error *error) {
  pur_status status = read_string(scanner, token, PUR_JSON_KEY, begin, error);
  size_t at;
  if (status == PUR_OK) status = add_name(scanner, token, error);
  if (status != PUR_OK) return status;
  at = skip_space(scanner, scanner->position);
  if (byte_at(scanner, at) != ':') return fail(scanner, at, "expected ':' after a name", error);
  scanner->position = at + 1;
  scanner->expected = VALUE;
  return PUR_OK;
}

/* Numbers and words */

static size_t pass_digits(const pur_json_scanner *scanner, size_t at) {
  while (at < scanner->length && scanner->text[at] >= '0' && scanner->text[at] <= '9') at++;
  return at;
}

/* Of the fraction and the exponent, whichever `*at` is at; digits must follow. */
static bool pass_part(const pur_json_scanner *scanner, size_t *at) {
  char mark = byte_at(scanner, (*at)++), sign = byte_at(scanner, *at);
  size_t begin;
  if (mark != '.' && (sign == '+' || sign == '-')) ++*at;
  begin = *at;
  *at = pass_digits(scanner, begin);
  return *at > begin;
}

static pur_status read_number(pur_json_scanner *scanner, pur_json_token *token, size_t begin,
                              pur_error *error) {
  size_t digits = begin + (scanner->text[begin] == '-'), at = pass_digits(scanner, digits);
  if (at == digits) return fail(scanner, at, "expected a digit after '-'", error);
  if (scanner->text[digits] == '0' && at > digits + 1)
    return fail(scanner, digits + 1, "expected no digit after a leading 0", error);
  if (byte_at(scanner, at) == '.' && !pass_part(scanner, &at))
    return fail(scanner, at, "expected a digit after '.'", error);
  if ((byte_at(scanner, at) | 0x20) == 'e' && !pass_part(scanner, &at))
    return fail(scanner, at, "expected a digit in the exponent", error);
  return take_value(scanner, token, PUR_JSON_NUMBER, begin, at);
}

static pur_status read_word(pur_json_scanner *scanner, pur_json_token *token, pur_json_kind kind,
                            size_t begin, const char *word, pur_error *error) {
  size_t length = strlen(word);
  if (scanner->length - begin < length || memcmp(scanner->text + begin, word, length) != 0)
    return pur_error_set(error, PUR_INVALID_JSON, begin, "expected '%s'", word);
  return take_value(scanner, token, kind, begin, begin + length);
}

/* Objects and arrays */

static bool is_in_object(const pur_json_scanner *scanner) {
  unsigned level = scanner->depth - 1;
  return (scanner->objects[level / 64] >> level % 64 & 1) != 0;
}

/* One level down, with the bit that tells what is there. */
static void descend(pur_json_scanner *scanner, bool is_object) {
  unsigned level = scanner->depth++;
  uint64_t bit = (uint64_t)1 << level % 64;
  if (is_object)
    scanner->objects[level / 64] |= bit;
  else
    scanner->objects[level / 64] &= ~bit;
  scanner->expected = is_object ? NAME_OR_END : ELEMENT_OR_END;
  scanner->after = is_object ? AFTER_MEMBER : AFTER_ELEMENT;
}

static void ascend(pur_json_scanner *scanner) {
  if (is_in_object(scanner)) pur_json_names_close(&scanner->names);
  scanner->depth--;
  if (scanner->depth == 0)
    scanner->after = AFTER_DOCUMENT;
  else
    scanner->after = is_in_object(scanner) ? AFTER_MEMBER : AFTER_ELEMENT;
  scanner->expected = scanner->after;
}

static pur_status read_begin(pur_json_scanner *scanner, pur_json_token *token, pur_json_kind kind,
                             size_t at, pur_error *error) {
  bool is_object = kind == PUR_JSON_OBJECT_BEGIN;
  if (scanner->depth == PUR_JSON_DEPTH)
    return pur_error_set(error, PUR_TOO_DEEP, at, "expected at most %d levels", PUR_JSON_DEPTH);
  if (is_object && pur_json_names_open(&scanner->names) != PUR_OK)
    return pur_error_no_memory(error);
  take(scanner, token, kind, at, at + 1);
  descend(scanner, is_object);
  return PUR_OK;
}

static pur_status read_end(pur_json_scanner *scanner, pur_json_token *token, pur_json_kind kind,
                           size_t at) {
  take(scanner, token, kind, at, at + 1);
  ascend(scanner);
  return PUR_OK;
}

/* What comes next */

static pur_status fail_at_value(const pur_json_scanner *scanner, size_t at, const char *expectation,
                                pur_error *error) {
  if (at == 0 && scanner->length >= 3 && memcmp(scanner->text, "\xEF\xBB\xBF", 3) == 0)
    return fail(scanner, at, "expected no byte order mark", error);
  return fail(scanner, at, expectation, error);
}

static pur_status read_value(pur_json_scanner *scanner, pur_json_token *token, size_t at,
                             const char *expectation, pur_error *error) {
  char first = byte_at(scanner, at);
  switch (first) {
  case '{':
    return read_begin(scanner, token, PUR_JSON_OBJECT_BEGIN, at, error);
  case '[':
    return read_begin(scanner, token, PUR_JSON_ARRAY_BEGIN, at, error);
  case '"':
    return read_string(scanner, token, PUR_JSON_STRING, at, error);
  case 't':
    return read_word(scanner, token, PUR_JSON_TRUE, at, "true", error);
  case 'f':
    return read_word(scanner, token, PUR_JSON_FALSE, at, "false", error);
  case 'n':
    return read_word(scanner, token, PUR_JSON_NULL, at, "null", error);
  default:
    if (first == '-' || (first >= '0' && first <= '9'))
      return read_number(scanner, token, at, error);
    return fail_at_value(scanner, at, expectation, error);
  }
}

static pur_status read_element_or_end(pur_json_scanner *scanner, pur_json_token *token, size_t at,
                                      pur_error *error) {
  if (byte_at(scanner, at) == ']') return read_end(scanner, token, PUR_JSON_ARRAY_END, at);
  return read_value(scanner, token, at, "expected a value or ']'", error);
}

static pur_status read_name_or_end(pur_json_scanner *scanner, pur_json_token *token, size_t at,
                                   pur_error *error) {
  char byte = byte_at(scanner, at);
  if (byte == '"') return read_key(scanner, token, at, error);
  if (byte == '}') return read_end(scanner, token, PUR_JSON_OBJECT_END, at);
  return fail(scanner, at, "expected a name in quotes or '}'", error);
}

static pur_status read_after_element(pur_json_scanner *scanner, pur_json_token *token, size_t at,
                                     pur_error *error) {
  char byte = byte_at(scanner, at);
  if (byte == ']') return read_end(scanner, token, PUR_JSON_ARRAY_END, at);
  if (byte != ',') return fail(scanner, at, "expected ',' or ']' after an element", error);
  at = skip_space(scanner, at + 1);
  return read_value(scanner, token, at, "expected a value after ','", error);
}

static pur_status read_after_member(pur_json_scanner *scanner, pur_json_token *token, size_t at,
                                    pur_error *error) {
  char byte = byte_at(scanner, at);
  if (byte == '}') return read_end(scanner, token, PUR_JSON_OBJECT_END, at);
  if (byte != ',') return fail(scanner, at, "expected ',' or '}' after a member", error);
  at = skip_space(scanner, at + 1);
  if (byte_at(scanner, at) == '"') return read_key(scanner, token, at, error);
  return fail(scanner, at, "expected a name in quotes after ','", error);
}

pur_status pur_json_next(pur_json_scanner *scanner, pur_json_token *token, pur_error *error) {
  size_t at = skip_space(scanner, scanner->position);
  switch (scanner->expected) {
  case VALUE:
    return read_value(scanner, token, at, "expected a value", error);
  case ELEMENT_OR_END:
    return read_element_or_end(scanner, token, at, error);
  case NAME_OR_END:
    return read_name_or_end(scanner, token, at, error);
  case AFTER_ELEMENT:
    return read_after_element(scanner, token, at, error);
  case AFTER_MEMBER:
    return read_after_member(scanner, token, at, error);
  default:
    if (at == scanner->length) return PUR_END;
    return fail(scanner, at, "expected nothing after the document", error);
  }
}

pur_status pur_json_leave(pur_json_scanner *scanner, pur_error *error) {
  const char *bracket =
      is_in_object(scanner) ? "expected '}' to end an object" : "expected ']' to end an array";
  size_t after = scanner->position;
  if (!pur_json_skip(scanner->text, scanner->length, &after))
    return fail(scanner, scanner->length, bracket, error);
  if ((scanner->text[after - 1] == '}') != is_in_object(scanner))
    return fail(scanner, after - 1, bracket, error);
  scanner->position = after;
  ascend(scanner);
  return PUR_OK;
}

pur_status pur_json_check(const char *text, size_t length, pur_error *error) {
  pur_json_scanner scanner;
  pur_json_token token;
  pur_status status;
  pur_json_scanner_init(&scanner, text, length);
  do status = pur_json_next(&scanner, &token, error);
  while (status == PUR_OK);
  pur_json_scanner_free(&scanner);
  return status == PUR_END ? PUR_OK : status;
}

void pur_text_place(const char *text, size_t length, size_t offset, size_t *line, size_t *column) {
  const char *begin = text, *place = text + (offset < length ? offset : length), *feed;
  *line = 1;
  while ((feed = memchr(begin, '\n', (size_t)(place - begin))) != NULL) {
    begin = feed + 1;
    ++*line;
  }
  *column = pur_utf8_count(begin, (size_t)(place - begin)) + 1;
}

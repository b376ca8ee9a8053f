/* Searches that look at as little as they can. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "json/json.h"
#include "number/number.h"

/* Reads the next token and, where it begins an object or array, jumps to the end of that. */
static pur_status next_whole(pur_json_scanner *scanner, pur_json_token *token, pur_error *error) {
  pur_status status = pur_json_next(scanner, token, error);
  if (status != PUR_OK) return status;
  if (token->kind == PUR_JSON_OBJECT_BEGIN || token->kind == PUR_JSON_ARRAY_BEGIN)
    return pur_json_leave(scanner, error);
  return PUR_OK;
}

/* Reads on in the innermost open object, behind whole members, to just before the value of the one
 * with a name. PUR_NOT_FOUND: the object has none of that name, and is over. */
static pur_status seek(pur_json_scanner *scanner, const char *name, size_t length,
                       pur_error *error) {
  pur_json_token token;
  for (;;) {
    pur_status status = pur_json_next(scanner, &token, error);
    if (status == PUR_OK && token.kind == PUR_JSON_OBJECT_END) return PUR_NOT_FOUND;
    if (status != PUR_OK || pur_json_string_equals(&token, name, length)) return status;
    status = next_whole(scanner, &token, error);
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
  if (status == PUR_OK) status = seek(&scanner, name, name_length, error);
  if (status == PUR_OK) status = next_whole(&scanner, &token, error);
  if (status == PUR_OK) {
    *slice = text + token.position;
    *slice_length = scanner.position - token.position;
  }
  pur_json_scanner_free(&scanner);
  if (status == PUR_NOT_FOUND) return pur_error_set(error, status, 0, "there is no such member");
  return status;
}

/* Models */

typedef struct search {
  pur_json_scanner scanner;
  const char *id; /* that is wanted, and its value if it is a number */
  size_t id_length;
  bool is_number;
  double number;
  bool is_empty; /* there is nothing to search in */
  bool found;
  size_t begin, end; /* of the model found */
} search;

/* Below this no two integers are the same double; from here on, ids are compared as texts. */
#define LARGEST_INTEGER 9007199254740992.0

#define SHOWN 64 /* bytes of an id in a message */

static bool is_wanted(const search *wanted, const pur_json_token *id) {
  double number;
  if (id->kind != PUR_JSON_NUMBER && id->kind != PUR_JSON_STRING) return false;
  if (pur_json_string_equals(id, wanted->id, wanted->id_length)) return true;
  return wanted->is_number && pur_number_read(id->text, id->length, &number) &&
         number == wanted->number;
}

/* Tries the object that begins at `begin`, behind its bracket. PUR_NOT_FOUND: it is no model. */
static pur_status try_model(search *wanted, size_t begin, pur_error *error) {
  pur_json_token id;
  pur_status status = seek(&wanted->scanner, "idmodel", strlen("idmodel"), error);
  if (status == PUR_OK) status = next_whole(&wanted->scanner, &id, error);
  if (status == PUR_OK) status = pur_json_leave(&wanted->scanner, error);
  if (status != PUR_OK) return status;
  wanted->found = is_wanted(wanted, &id);
  wanted->begin = begin;
  wanted->end = wanted->scanner.position;
  return PUR_OK;
}

/* Tries a list of models, or one model. PUR_NOT_FOUND: an object that is none. */
static pur_status try_output(search *wanted, pur_error *error) {
  pur_json_token value;
  pur_status status = pur_json_next(&wanted->scanner, &value, error);
  if (status != PUR_OK) return status;
  wanted->is_empty = value.kind == PUR_JSON_NULL;
  if (value.kind == PUR_JSON_OBJECT_BEGIN) return try_model(wanted, value.position, error);
  if (value.kind != PUR_JSON_ARRAY_BEGIN) return PUR_OK;
  do {
    status = pur_json_next(&wanted->scanner, &value, error);
    if (status == PUR_OK && value.kind == PUR_JSON_OBJECT_BEGIN)
      status = try_model(wanted, value.position, error);
    else if (status == PUR_OK && value.kind == PUR_JSON_ARRAY_BEGIN)
      status = pur_json_leave(&wanted->scanner, error);
    if (status != PUR_OK && status != PUR_NOT_FOUND) return status;
  } while (value.kind != PUR_JSON_ARRAY_END && !wanted->found);
  return PUR_OK;
}

/* Tries an answer. What has no strategy_output is read again, as the value of one. */
static pur_status try_text(search *wanted, pur_error *error) {
  static const char name[] = "strategy_output";
  pur_json_scanner *scanner = &wanted->scanner;
  pur_json_token first;
  pur_status status = pur_json_next(scanner, &first, error);
  if (status != PUR_OK) return status;
  if (first.kind == PUR_JSON_OBJECT_BEGIN) {
    status = seek(scanner, name, sizeof name - 1, error);
    if (status == PUR_OK) return try_output(wanted, error);
    if (status != PUR_NOT_FOUND) return status;
  }
  pur_json_scanner_restart(scanner, scanner->text, scanner->length);
  status = try_output(wanted, error);
  wanted->is_empty |= status == PUR_NOT_FOUND;
  return status;
}

/* Reads on to the end first: only a text that is whole can be said not to have a model. */
static pur_status fail_not_found(search *wanted, pur_error *error) {
  pur_json_token token;
  pur_status status;
  do status = pur_json_next(&wanted->scanner, &token, error);
  while (status == PUR_OK);
  if (status != PUR_END) return status;
  if (wanted->is_empty) return pur_error_set(error, PUR_NOT_FOUND, 0, "strategy_output is empty");
  return pur_error_set(error, PUR_NOT_FOUND, 0, "no model with idmodel %.*s in strategy_output",
                       (int)pur_utf8_clip(wanted->id, wanted->id_length, SHOWN), wanted->id);
}

pur_status pur_json_find_model(const char *text, size_t length, const char *id, size_t id_length,
                               const char **slice, size_t *slice_length, pur_error *error) {
  search wanted = {.id = id, .id_length = id_length};
  pur_status status;
  wanted.is_number =
      pur_number_read(id, id_length, &wanted.number) && fabs(wanted.number) < LARGEST_INTEGER;
  pur_json_scanner_init(&wanted.scanner, text, length);
  status = try_text(&wanted, error);
  if ((status == PUR_OK && !wanted.found) || status == PUR_NOT_FOUND)
    status = fail_not_found(&wanted, error);
  pur_json_scanner_free(&wanted.scanner);
  if (status != PUR_OK) return status;
  *slice = text + wanted.begin;
  *slice_length = wanted.end - wanted.begin;
  status = pur_json_check(*slice, *slice_length, error);
  if (status != PUR_OK && error != NULL) error->position += wanted.begin;
  return status;
}

/* A purchase series from JSON: {"purchase":[...]}, a bare array, or NDJSON. */
#include <string.h>

#include "json/json.h"
#include "series/store.h"

/* Rows on their way from JSON to the series. */
typedef struct reader {
  pur_series_builder *builder;
  const pur_series_options *options;
  pur_json_scanner scanner;
  size_t start;         /* of NDJSON: where the line begins */
  pur_buffer unescaped; /* a datetime that was written with escapes */
} reader;

static pur_status next(reader *r, pur_json_token *token, pur_error *error) {
  return pur_json_next(&r->scanner, token, error);
}

static bool opens(const pur_json_token *token) {
  return token->kind == PUR_JSON_OBJECT_BEGIN || token->kind == PUR_JSON_ARRAY_BEGIN;
}

/* Passes over the rest of a value whose first token was read. */
static pur_status skip_value(reader *r, const pur_json_token *first, pur_error *error) {
  pur_json_token token;
  unsigned depth = r->scanner.depth;
  pur_status status = PUR_OK;
  if (!opens(first)) return PUR_OK;
  while (status == PUR_OK && r->scanner.depth >= depth) status = next(r, &token, error);
  return status;
}

/* Places are offsets into the whole text: lines are told at the end. */
static size_t place_of(const reader *r, const pur_json_token *token) {
  return r->start + token->position;
}

static pur_cell new_cell(const reader *r, const pur_json_token *token, bool fits) {
  pur_cell cell = {fits ? PUR_CELL_TEXT : PUR_CELL_WRONG, token->text, token->length, 0};
  cell.column = place_of(r, token);
  return cell;
}

static pur_status datetime_cell(reader *r, const pur_json_token *token, pur_cell *cell,
                                pur_error *error) {
  *cell = new_cell(r, token, token->kind == PUR_JSON_STRING);
  if (cell->state != PUR_CELL_TEXT || !token->escaped) return PUR_OK;
  pur_buffer_clear(&r->unescaped);
  pur_json_string_unescape(token->text, token->length, &r->unescaped);
  cell->text = r->unescaped.data;
  cell->length = r->unescaped.length;
  return pur_buffer_check(&r->unescaped, error);
}

/* Another value than a number is shown as it stands: "12", with its quotes. */
static pur_cell purchase_cell(const reader *r, const pur_json_token *token) {
  pur_cell cell = new_cell(r, token, token->kind == PUR_JSON_NUMBER);
  if (token->kind == PUR_JSON_STRING) cell.text--, cell.length += 2;
  return cell;
}

static bool is_named(const pur_json_token *key, const char *name) {
  return pur_json_string_equals(key, name, strlen(name));
}

static pur_status read_member(reader *r, const pur_json_token *key, pur_row *row,
                              pur_error *error) {
  pur_json_token value;
  pur_status status = next(r, &value, error);
  if (status != PUR_OK) return status;
  if (is_named(key, r->options->datetime))
    status = datetime_cell(r, &value, &row->datetime, error);
  else if (is_named(key, r->options->purchase))
    row->purchase = purchase_cell(r, &value);
  return status == PUR_OK ? skip_value(r, &value, error) : status;
}

/* The members of an object whose first token was read. They point into the text and into
 * `unescaped`. */
static pur_status read_row(reader *r, const pur_json_token *first, pur_row *row, pur_error *error) {
  pur_cell missing = {PUR_CELL_MISSING, NULL, 0, place_of(r, first)};
  pur_json_token token;
  pur_status status = next(r, &token, error);
  row->line = 0;
  row->datetime = row->purchase = missing;
  while (status == PUR_OK && token.kind == PUR_JSON_KEY) {
    status = read_member(r, &token, row, error);
    if (status == PUR_OK) status = next(r, &token, error);
  }
  return status;
}

static pur_status read_item(reader *r, const pur_json_token *first, pur_error *error) {
  pur_place place = {r->builder->check.rows, 0, first->position};
  pur_row row;
  pur_status status;
  if (first->kind != PUR_JSON_OBJECT_BEGIN) {
    pur_check_refuse(&r->builder->check, &place, "it is not an object");
    return skip_value(r, first, error);
  }
  status = read_row(r, first, &row, error);
  if (status == PUR_OK) pur_series_builder_add(r->builder, &row);
  return status;
}

static pur_status read_items(reader *r, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  while (status == PUR_OK && token.kind != PUR_JSON_ARRAY_END) {
    status = read_item(r, &token, error);
    if (status == PUR_OK) status = next(r, &token, error);
  }
  return status;
}

/* The members of {"purchase":[...]}, of which only that one is of interest. */
static pur_status read_wrapper(reader *r, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  while (status == PUR_OK && token.kind == PUR_JSON_KEY) {
    bool items = is_named(&token, "purchase");
    status = next(r, &token, error);
    if (status != PUR_OK) return status;
    status = items ? read_items(r, error) : skip_value(r, &token, error);
    if (status == PUR_OK) status = next(r, &token, error);
  }
  return status;
}

static pur_status read_document(reader *r, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  if (status == PUR_OK)
    status = token.kind == PUR_JSON_ARRAY_BEGIN ? read_items(r, error) : read_wrapper(r, error);
  if (status == PUR_OK) status = next(r, &token, error);
  return status == PUR_END ? PUR_OK : status;
}

static bool is_blank(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0') return false;
  return true;
}

/* The one row of a line, which nothing may follow: PUR_END, as that is what comes next. */
static pur_status read_only_row(reader *r, pur_row *row, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  if (status != PUR_OK) return status;
  if (token.kind != PUR_JSON_OBJECT_BEGIN)
    return pur_error_set(error, PUR_INVALID_JSON, token.position, "it is not an object");
  status = read_row(r, &token, row, error);
  return status == PUR_OK ? next(r, &token, error) : status;
}

/* One line of NDJSON; what is wrong with it as JSON is wrong with this row alone. */
static pur_status read_line(reader *r, const char *text, size_t length) {
  pur_error error;
  pur_row row;
  pur_status status;
  pur_json_scanner_restart(&r->scanner, text, length);
  status = read_only_row(r, &row, &error);
  if (status == PUR_NO_MEMORY) return status;
  if (status == PUR_END) {
    pur_series_builder_add(r->builder, &row);
  } else {
    pur_place place = {r->builder->check.rows, 0, r->start + error.position};
    pur_check_refuse(&r->builder->check, &place, error.message);
  }
  return PUR_OK;
}

static pur_status read_lines(reader *r, const char *text, size_t length, pur_error *error) {
  const char *begin = text, *end = text + length, *line_end;
  for (; text < end; text = line_end + 1) {
    line_end = memchr(text, '\n', (size_t)(end - text));
    if (line_end == NULL) line_end = end;
    r->start = (size_t)(text - begin);
    if (is_blank(text, (size_t)(line_end - text))) continue;
    if (read_line(r, text, (size_t)(line_end - text)) != PUR_OK) return pur_error_no_memory(error);
  }
  return PUR_OK;
}

/* What the object that a text begins with has in it. */
typedef struct first_object {
  bool items;    /* it is the document: its "purchase" is an array */
  bool purchase; /* is something else */
  bool row;      /* it has a datetime */
  bool whole;    /* it was read to its end: */
  size_t end;
} first_object;

/* Of an object that was opened; its other members are passed over. */
static pur_status look_into(reader *r, first_object *found, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  bool items = false;
  while (status == PUR_OK && r->scanner.depth > 0 && !found->items) {
    bool member = r->scanner.depth == 1 && token.kind == PUR_JSON_KEY;
    found->items = items && token.kind == PUR_JSON_ARRAY_BEGIN;
    items = member && is_named(&token, "purchase");
    found->purchase |= items;
    found->row |= member && is_named(&token, r->options->datetime);
    status = next(r, &token, error);
  }
  found->whole = status == PUR_OK && r->scanner.depth == 0;
  found->end = r->scanner.position;
  return status;
}

/* An object over several lines, or one that stands alone and has no datetime, is no row. */
static bool is_row(reader *r, const first_object *found, const char *text, size_t start) {
  pur_json_token token;
  if (!found->whole) return true; /* what is malformed is told where it is read */
  if (memchr(text + start, '\n', found->end - start) != NULL) return false;
  return found->row || next(r, &token, NULL) != PUR_END;
}

/* The wordings are the API's (submit-purchase page). */
static pur_status no_items(const first_object *found, size_t position, pur_error *error) {
  return pur_error_set(error, PUR_INVALID_SERIES, position,
                       found->purchase ? "Field \"purchase\" must be an array of objects."
                                       : "Missing required field \"purchase\".");
}

/* Is the text one document, or NDJSON, whose first line is a row? A row's members are no arrays.
 * PUR_INVALID_SERIES when it is neither. */
static pur_status tell_form(reader *r, const char *text, bool *document, pur_error *error) {
  first_object found = {false};
  pur_json_token token;
  pur_status status = next(r, &token, error);
  *document = status != PUR_OK || token.kind == PUR_JSON_ARRAY_BEGIN;
  if (status != PUR_OK || token.kind != PUR_JSON_OBJECT_BEGIN)
    return status == PUR_NO_MEMORY ? status : PUR_OK;
  status = look_into(r, &found, error);
  if (status == PUR_NO_MEMORY) return status;
  *document = found.items;
  if (found.items || is_row(r, &found, text, token.position)) return PUR_OK;
  return no_items(&found, token.position, error);
}

static pur_status read_form(reader *r, const char *text, size_t length, pur_error *error) {
  bool document;
  pur_status status = tell_form(r, text, &document, error);
  if (status != PUR_OK) return status;
  if (!document) return read_lines(r, text, length, error);
  pur_json_scanner_restart(&r->scanner, text, length);
  return read_document(r, error);
}

pur_status pur_series_read_json(pur_series_builder *builder, const pur_series_options *options,
                                const char *text, size_t length, pur_error *error) {
  reader r = {.builder = builder, .options = options};
  pur_status status;
  pur_json_scanner_init(&r.scanner, text, length);
  pur_buffer_init(&r.unescaped, 0);
  status = read_form(&r, text, length, error);
  pur_json_scanner_free(&r.scanner);
  pur_buffer_free(&r.unescaped);
  return status;
}

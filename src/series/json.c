/* A purchase series from JSON: {"purchase":[...]}, a bare array, or NDJSON. */
#include "json/json.h"

#include <string.h>

#include "series/store.h"

/* Rows on their way from JSON to the series. Their places are offsets into the whole text: lines
 * are told at the end. */
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

/* Passes over the rest of a value whose first token was read. */
static pur_status skip_value(reader *r, const pur_json_token *first, pur_error *error) {
  pur_json_token token;
  unsigned depth = r->scanner.depth;
  pur_status status = PUR_OK;
  if (first->kind != PUR_JSON_OBJECT_BEGIN && first->kind != PUR_JSON_ARRAY_BEGIN) return PUR_OK;
  while (status == PUR_OK && r->scanner.depth >= depth) status = next(r, &token, error);
  return status;
}

/* Reads the value of a member of a row into its cell, if it has one. */
static pur_status read_member(reader *r, const pur_json_token *key, pur_row *row,
                              pur_error *error) {
  bool is_datetime = pur_json_string_is(key, r->options->datetime);
  pur_cell *cell = is_datetime ? &row->datetime : &row->purchase;
  pur_json_token value;
  pur_status status = next(r, &value, error);
  if (status != PUR_OK) return status;
  if (!is_datetime && !pur_json_string_is(key, r->options->purchase))
    return skip_value(r, &value, error);
  *cell = (pur_cell){PUR_CELL_WRONG, value.text, value.length, r->start + value.position};
  if (value.kind == (is_datetime ? PUR_JSON_STRING : PUR_JSON_NUMBER)) cell->state = PUR_CELL_TEXT;
  if (is_datetime && cell->state == PUR_CELL_TEXT && value.escaped) {
    pur_buffer_clear(&r->unescaped);
    pur_json_string_unescape(value.text, value.length, &r->unescaped);
    cell->text = r->unescaped.data;
    cell->length = r->unescaped.length;
    status = pur_buffer_check(&r->unescaped, error);
  } else if (!is_datetime && value.kind == PUR_JSON_STRING) {
    cell->text--; /* it is shown as it stands: "12", with its quotes */
    cell->length += 2;
  }
  return status == PUR_OK ? skip_value(r, &value, error) : status;
}

/* Reads the members of an object whose first token was read. They point into the text and into
 * `unescaped`. */
static pur_status read_row(reader *r, const pur_json_token *first, pur_row *row, pur_error *error) {
  pur_cell missing = {PUR_CELL_MISSING, NULL, 0, r->start + first->position};
  pur_json_token token;
  pur_status status = next(r, &token, error);
  *row = (pur_row){0, missing, missing};
  while (status == PUR_OK && token.kind == PUR_JSON_KEY) {
    status = read_member(r, &token, row, error);
    if (status == PUR_OK) status = next(r, &token, error);
  }
  return status;
}

/* Reads the items of an array that was opened. */
static pur_status read_items(reader *r, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  while (status == PUR_OK && token.kind != PUR_JSON_ARRAY_END) {
    if (token.kind == PUR_JSON_OBJECT_BEGIN) {
      pur_row row;
      status = read_row(r, &token, &row, error);
      if (status == PUR_OK) pur_series_builder_add(r->builder, &row);
    } else {
      pur_check_refuse(&r->builder->check, 0, token.position, "it is not an object");
      status = skip_value(r, &token, error);
    }
    if (status == PUR_OK) status = next(r, &token, error);
  }
  return status;
}

/* Reads one document: an array, or an object with an array "purchase", whose other members are
 * passed over. */
static pur_status read_document(reader *r, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  if (status == PUR_OK && token.kind == PUR_JSON_ARRAY_BEGIN) {
    status = read_items(r, error);
  } else if (status == PUR_OK) {
    status = next(r, &token, error);
    while (status == PUR_OK && token.kind == PUR_JSON_KEY) {
      bool is_items = pur_json_string_is(&token, "purchase");
      status = next(r, &token, error);
      if (status == PUR_OK) status = is_items ? read_items(r, error) : skip_value(r, &token, error);
      if (status == PUR_OK) status = next(r, &token, error);
    }
  }
  if (status == PUR_OK) status = next(r, &token, error);
  return status == PUR_END ? PUR_OK : status;
}

/* Reads one line of NDJSON; what is wrong with it as JSON is wrong with this row alone. */
static pur_status read_line(reader *r, const char *text, size_t length, pur_error *error) {
  pur_json_token token;
  pur_error why;
  pur_row row;
  pur_status status;
  pur_json_scanner_restart(&r->scanner, text, length);
  status = next(r, &token, &why);
  if (status == PUR_OK && token.kind != PUR_JSON_OBJECT_BEGIN)
    status = pur_error_set(&why, PUR_INVALID_JSON, token.position, "it is not an object");
  if (status == PUR_OK) status = read_row(r, &token, &row, &why);
  if (status == PUR_OK) status = next(r, &token, &why); /* nothing may follow */
  if (status == PUR_NO_MEMORY) return pur_error_no_memory(error);
  if (status == PUR_END)
    pur_series_builder_add(r->builder, &row);
  else
    pur_check_refuse(&r->builder->check, 0, r->start + why.position, why.message);
  return PUR_OK;
}

static bool is_blank(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') return false;
  return true;
}

static pur_status read_lines(reader *r, const char *text, size_t length, pur_error *error) {
  const char *begin = text, *end = text + length, *line_end;
  for (; text < end; text = line_end + 1) {
    pur_status status = PUR_OK;
    line_end = memchr(text, '\n', (size_t)(end - text));
    if (line_end == NULL) line_end = end;
    r->start = (size_t)(text - begin);
    if (!is_blank(text, (size_t)(line_end - text)))
      status = read_line(r, text, (size_t)(line_end - text), error);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

/* What the object that a text begins with has in it. */
typedef struct first_object {
  bool items;    /* it is the document: its "purchase" is an array */
  bool purchase; /* is something else */
  bool row;      /* it has a datetime */
  bool whole;    /* it was read to its end */
} first_object;

/* Looks into an object that was opened, until it shows that it is the document. */
static pur_status look_into(reader *r, first_object *found, pur_error *error) {
  pur_json_token token;
  pur_status status = next(r, &token, error);
  bool items = false;
  while (status == PUR_OK && r->scanner.depth > 0 && !found->items) {
    bool member = r->scanner.depth == 1 && token.kind == PUR_JSON_KEY;
    found->items = items && token.kind == PUR_JSON_ARRAY_BEGIN;
    items = member && pur_json_string_is(&token, "purchase");
    found->purchase |= items;
    found->row |= member && pur_json_string_is(&token, r->options->datetime);
    status = next(r, &token, error);
  }
  found->whole = status == PUR_OK && r->scanner.depth == 0;
  return status;
}

/* Tells whether the text is one document or NDJSON, whose first line is a row: a row's members are
 * no arrays. An object over several lines, or one that stands alone and has no datetime, is no row;
 * one that is malformed is told where it is read. PUR_INVALID_SERIES when the text is neither, in
 * the API's words (submit-purchase page). */
static pur_status tell_form(reader *r, const char *text, bool *is_document, pur_error *error) {
  first_object found = {false};
  pur_json_token first, token;
  size_t length;
  bool is_row;
  pur_status status = next(r, &first, error);
  *is_document = status != PUR_OK || first.kind == PUR_JSON_ARRAY_BEGIN;
  if (status == PUR_OK && first.kind == PUR_JSON_OBJECT_BEGIN) {
    status = look_into(r, &found, error);
    *is_document = found.items;
  }
  if (status == PUR_NO_MEMORY) return status;
  if (*is_document || !found.whole) return PUR_OK;
  length = r->scanner.position - first.position;
  is_row = memchr(text + first.position, '\n', length) == NULL &&
           (found.row || next(r, &token, NULL) != PUR_END);
  if (is_row) return PUR_OK;
  return pur_error_set(error, PUR_INVALID_SERIES, first.position,
                       found.purchase ? "Field \"purchase\" must be an array of objects."
                                      : "Missing required field \"purchase\".");
}

pur_status pur_series_read_json(pur_series_builder *builder, const pur_series_options *options,
                                const char *text, size_t length, pur_error *error) {
  reader r = {.builder = builder, .options = options};
  bool is_document;
  pur_status status;
  pur_json_scanner_init(&r.scanner, text, length);
  status = tell_form(&r, text, &is_document, error);
  if (status == PUR_OK && is_document) {
    pur_json_scanner_restart(&r.scanner, text, length);
    status = read_document(&r, error);
  } else if (status == PUR_OK) {
    status = read_lines(&r, text, length, error);
  }
  pur_json_scanner_free(&r.scanner);
  pur_buffer_free(&r.unescaped);
  return status;
}

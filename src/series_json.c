/* A purchase series from JSON: {"purchase":[...]}, a bare array, or NDJSON. */
#include <string.h>

#include "json.h"
#include "series_store.h"

/* Rows on their way from JSON to the series. */
typedef struct reader {
  pur_series *series;
  const pur_series_options *options;
  pur_check *check;
  pur_json_scanner scanner;
  size_t line;          /* of NDJSON; 0: places are offsets, and lines are told at the end */
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

static pur_cell new_cell(const reader *r, const pur_json_token *token, bool fits) {
  pur_cell cell = {fits ? PUR_CELL_TEXT : PUR_CELL_WRONG, token->text, token->length, 0};
  cell.column = token->position + (r->line > 0);
  return cell;
}

static pur_cell datetime_cell(reader *r, const pur_json_token *token) {
  pur_cell cell = new_cell(r, token, token->kind == PUR_JSON_STRING);
  if (cell.state == PUR_CELL_TEXT && token->escaped) {
    pur_buffer_clear(&r->unescaped);
    pur_json_string_unescape(token->text, token->length, &r->unescaped);
    cell.text = r->unescaped.data;
    cell.length = r->unescaped.length;
  }
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
    row->datetime = datetime_cell(r, &value);
  else if (is_named(key, r->options->purchase))
    row->purchase = new_cell(r, &value, value.kind == PUR_JSON_NUMBER);
  return skip_value(r, &value, error);
}

static pur_status read_row(reader *r, const pur_json_token *first, pur_error *error) {
  size_t column = first->position + (r->line > 0);
  pur_row row = {r->line, {PUR_CELL_MISSING, NULL, 0, column}, {PUR_CELL_MISSING, NULL, 0, column}};
  pur_json_token token;
  pur_status status = next(r, &token, error);
  while (status == PUR_OK && token.kind == PUR_JSON_KEY) {
    status = read_member(r, &token, &row, error);
    if (status == PUR_OK) status = next(r, &token, error);
  }
  if (status == PUR_OK) pur_series_append(r->series, r->check, &row);
  return status;
}

static pur_status read_item(reader *r, const pur_json_token *first, pur_error *error) {
  pur_place place = {r->check->rows, r->line, first->position + (r->line > 0)};
  if (first->kind == PUR_JSON_OBJECT_BEGIN) return read_row(r, first, error);
  pur_check_refuse(r->check, &place, "it is not an object");
  return skip_value(r, first, error);
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

/* One line of NDJSON; what is wrong with it as JSON is wrong with this row alone. */
static pur_status read_line(reader *r, const char *text, size_t length) {
  pur_json_token token;
  pur_error error;
  pur_status status;
  size_t rows = r->check->rows;
  pur_json_scanner_restart(&r->scanner, text, length);
  status = next(r, &token, &error);
  if (status == PUR_OK) status = read_item(r, &token, &error);
  if (status == PUR_OK) status = next(r, &token, &error);
  if (status == PUR_END) return PUR_OK;
  if (status == PUR_NO_MEMORY) return status;
  if (r->check->rows == rows) {
    pur_place place = {rows, r->line, error.position + 1};
    pur_check_refuse(r->check, &place, error.message);
  }
  return PUR_OK;
}

static pur_status read_lines(reader *r, const char *text, size_t length, pur_error *error) {
  const char *end = text + length, *line_end;
  for (; text < end; text = line_end + 1) {
    line_end = memchr(text, '\n', (size_t)(end - text));
    if (line_end == NULL) line_end = end;
    r->line++;
    if (is_blank(text, (size_t)(line_end - text))) continue;
    if (read_line(r, text, (size_t)(line_end - text)) != PUR_OK) return pur_error_no_memory(error);
  }
  return PUR_OK;
}

/* Is the text one document, or NDJSON, whose first line is a row? A row's members are no arrays. */
static bool is_document(pur_json_scanner *scanner, const char *text, size_t length) {
  pur_json_token token;
  bool items = false;
  pur_json_scanner_restart(scanner, text, length);
  if (pur_json_next(scanner, &token, NULL) != PUR_OK) return true;
  if (token.kind != PUR_JSON_OBJECT_BEGIN) return token.kind == PUR_JSON_ARRAY_BEGIN;
  while (pur_json_next(scanner, &token, NULL) == PUR_OK && scanner->depth > 0) {
    if (items && token.kind == PUR_JSON_ARRAY_BEGIN) return true;
    items = scanner->depth == 1 && token.kind == PUR_JSON_KEY && is_named(&token, "purchase");
  }
  return false;
}

pur_status pur_series_read_json(pur_series *series, const pur_series_options *options,
                                pur_check *check, const char *text, size_t length,
                                pur_error *error) {
  reader r = {.series = series, .options = options, .check = check};
  pur_status status;
  pur_json_scanner_init(&r.scanner, text, length);
  pur_buffer_init(&r.unescaped, 0);
  if (is_document(&r.scanner, text, length)) {
    pur_json_scanner_restart(&r.scanner, text, length);
    status = read_document(&r, error);
  } else {
    status = read_lines(&r, text, length, error);
  }
  pur_json_scanner_free(&r.scanner);
  pur_buffer_free(&r.unescaped);
  return status;
}

#include "bulk/splitter.h"

#include <string.h>

#include "base/text.h"
#include "input/rows.h"
#include "json/json.h"

#define HEAD 1000 /* bytes within which an object shows that it holds the purchases */

void pur_splitter_init(pur_splitter *splitter) {
  memset(splitter, 0, sizeof *splitter);
  pur_input_init(&splitter->input);
  splitter->line = splitter->column = 1;
}

/* Moving on */

static bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* Gives up so many bytes, counting lines and columns. */
static void pass(pur_splitter *splitter, size_t length) {
  pur_text_pass(splitter->input.start, length, &splitter->line, &splitter->column);
  pur_input_skip(&splitter->input, length);
}

/* Skips white space. PUR_END: nothing follows it. */
static pur_status skip_space(pur_splitter *splitter, pur_error *error) {
  for (;;) {
    const char *at = splitter->input.start;
    pur_status status;
    while (at < splitter->input.end && is_space(*at)) at++;
    if (at > splitter->input.start) pass(splitter, (size_t)(at - splitter->input.start));
    if (pur_input_unread(&splitter->input) > 0) return PUR_OK;
    status = pur_input_more(&splitter->input, error);
    if (status != PUR_OK) return status;
  }
}

/* The bytes of the value at the start of the text, or of what stands in its place; 0: the text ends
 * before it does. */
static size_t value_length(const char *text, size_t length) {
  size_t at = 1;
  if (length == 0) return 0;
  if (*text == '{' || *text == '[') return pur_json_skip(text, length, &at) ? at : 0;
  if (*text == '"') {
    for (; at < length; at++) {
      if (text[at] == '"') return at + 1;
      if (text[at] == '\\') at++;
    }
    return 0;
  }
  for (at = 0; at < length; at++)
    if (is_space(text[at]) || memchr(",[]{}", text[at], 5) != NULL) return at;
  return 0;
}

/* PUR_END: the file ends before the value does; PUR_TOO_LARGE. */
static pur_status find_value(pur_splitter *splitter, size_t *length, pur_error *error) {
  pur_status status;
  do {
    *length = value_length(splitter->input.start, pur_input_unread(&splitter->input));
    if (*length > 0) return PUR_OK;
    status = pur_input_widen(&splitter->input, error);
  } while (status == PUR_OK);
  return status;
}

/* The forms */

static pur_status next_line(pur_splitter *splitter, pur_span *span, pur_error *error) {
  size_t line;
  pur_status status = skip_space(splitter, error);
  if (status != PUR_OK) return status;
  status = pur_input_line(&splitter->input, &line, error);
  span->length = line;
  span->is_cut = status == PUR_TOO_LARGE;
  if (status != PUR_OK) return span->is_cut ? PUR_OK : status;
  while (is_space(splitter->input.start[span->length - 1])) span->length--;
  span->after = line - span->length;
  return PUR_OK;
}

/* A value that does not end takes others along: it is cut where the next one seems to begin, at the
 * start of a line. */
static pur_status next_value(pur_splitter *splitter, pur_span *span, pur_error *error) {
  const char *text, *next;
  pur_status status = skip_space(splitter, error);
  if (status != PUR_OK) return status;
  if (*splitter->input.start != '{' && *splitter->input.start != '[')
    return next_line(splitter, span, error);
  status = find_value(splitter, &span->length, error);
  if (status != PUR_END && status != PUR_TOO_LARGE) return status;
  text = splitter->input.start;
  next = memmem(text, pur_input_unread(&splitter->input), "\n{", 2);
  span->length = next != NULL ? (size_t)(next - text) : pur_input_unread(&splitter->input);
  span->is_cut = next == NULL && status == PUR_TOO_LARGE;
  return PUR_OK;
}

static pur_status fail(const char *expectation, pur_error *error) {
  return pur_error_set(error, PUR_INVALID_JSON, 0, "%s", expectation);
}

/* Nothing stands behind an array but the end of the object around it. Comes to the same when it is
 * asked again. */
static pur_status end_array(pur_splitter *splitter, pur_error *error) {
  pur_status status = skip_space(splitter, error);
  if (status == PUR_OK && splitter->is_wrapped && *splitter->input.start == '}') {
    pass(splitter, 1);
    splitter->is_wrapped = false;
    status = skip_space(splitter, error);
  }
  if (splitter->is_wrapped && (status == PUR_OK || status == PUR_END))
    return fail("expected '}' after the purchases, and nothing else", error);
  if (status == PUR_OK) return fail("expected nothing after the array", error);
  return status;
}

static pur_status next_element(pur_splitter *splitter, pur_span *span, pur_error *error) {
  pur_status status;
  if (splitter->is_closed) return end_array(splitter, error);
  status = skip_space(splitter, error);
  if (status == PUR_OK && splitter->wants_comma && *splitter->input.start == ',') {
    pass(splitter, 1);
    splitter->wants_comma = false;
    splitter->wants_value = true;
    status = skip_space(splitter, error);
  }
  if (status == PUR_END) return fail("the array is not closed: the file was cut off", error);
  if (status != PUR_OK) return status;
  if (*splitter->input.start == ']' && !splitter->wants_value) {
    pass(splitter, 1);
    splitter->is_closed = true;
    return end_array(splitter, error);
  }
  if (splitter->wants_comma) return fail("expected ',' or ']' after a purchase", error);
  if (memchr(",]}", *splitter->input.start, 3) != NULL) return fail("expected a value", error);
  status = find_value(splitter, &span->length, error);
  if (status == PUR_TOO_LARGE)
    return fail("a purchase goes on for more than " PUR_ROW_MAX_TEXT, error);
  if (status != PUR_END) return status;
  span->length = pur_input_unread(&splitter->input); /* it was cut off here: this is not JSON */
  return PUR_OK;
}

/* Which form it is */

/* The bytes of {"purchases":[ at the start, whatever its white space; 0: it is not there. */
static size_t wrapper_length(const pur_splitter *splitter) {
  static const char *const parts[] = {"{", "\"purchases\"", ":", "["};
  const char *at = splitter->input.start, *end = splitter->input.end;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    size_t length = strlen(parts[i]);
    while (at < end && is_space(*at)) at++;
    if ((size_t)(end - at) < length || memcmp(at, parts[i], length) != 0) return 0;
    at += length;
  }
  return (size_t)(at - splitter->input.start);
}

/* Tells the form of a file that begins with an object: lines, if its first line holds a purchase,
 * or if no value longer than that line can be read. */
static pur_status tell_lines_from_values(pur_splitter *splitter, pur_error *error) {
  size_t line, length;
  pur_status status = pur_input_line(&splitter->input, &line, error);
  splitter->form = PUR_SPLITTER_LINES;
  if (status != PUR_OK) return status == PUR_TOO_LARGE ? PUR_OK : status;
  length = value_length(splitter->input.start, line);
  if (length > 0) {
    while (length < line && is_space(splitter->input.start[length])) length++;
    if (length < line) splitter->form = PUR_SPLITTER_VALUES;
    return PUR_OK;
  }
  status = find_value(splitter, &length, error);
  if (status == PUR_END || status == PUR_TOO_LARGE) return PUR_OK;
  if (status == PUR_OK) status = pur_json_check(splitter->input.start, length, error);
  if (status == PUR_OK) splitter->form = PUR_SPLITTER_VALUES;
  return status == PUR_NO_MEMORY || status == PUR_FILE_UNREADABLE ? status : PUR_OK;
}

static pur_status begin(pur_splitter *splitter, pur_error *error) {
  size_t wrapper;
  pur_status status = pur_input_begin(&splitter->input, PUR_ENCODING_ANY, error);
  if (status == PUR_OK) status = skip_space(splitter, error);
  if (status != PUR_OK) return status;
  while (status == PUR_OK && pur_input_unread(&splitter->input) < HEAD)
    status = pur_input_more(&splitter->input, error);
  if (status != PUR_OK && status != PUR_END) return status;
  if (!pur_input_is_json(&splitter->input))
    return fail("not JSON: purchases begin with '{' or '[' (CSV needs a map)", error);
  wrapper = wrapper_length(splitter);
  if (*splitter->input.start == '[' || wrapper > 0) {
    splitter->form = PUR_SPLITTER_ARRAY;
    splitter->is_wrapped = wrapper > 0;
    pass(splitter, wrapper > 0 ? wrapper : 1);
    status = PUR_OK;
  } else {
    status = tell_lines_from_values(splitter, error);
  }
  splitter->has_begun = status == PUR_OK;
  return status;
}

/* Finds the next piece of the rest of a line that was too long. */
static pur_status next_rest(pur_splitter *splitter, pur_span *span, pur_error *error) {
  pur_status status =
      pur_input_unread(&splitter->input) > 0 ? PUR_OK : pur_input_more(&splitter->input, error);
  const char *text = splitter->input.start, *feed;
  if (status != PUR_OK) return status;
  feed = memchr(text, '\n', pur_input_unread(&splitter->input));
  span->length = feed != NULL ? (size_t)(feed + 1 - text) : pur_input_unread(&splitter->input);
  span->is_rest = true;
  return PUR_OK;
}

pur_status pur_splitter_next(pur_splitter *splitter, pur_span *span, pur_error *error) {
  pur_status status = PUR_OK;
  *span = (pur_span){0};
  if (!splitter->has_begun) status = begin(splitter, error);
  if (status != PUR_OK) return status;
  if (splitter->is_in_rest) return next_rest(splitter, span, error);
  if (splitter->form == PUR_SPLITTER_LINES) return next_line(splitter, span, error);
  if (splitter->form == PUR_SPLITTER_VALUES) return next_value(splitter, span, error);
  return next_element(splitter, span, error);
}

void pur_splitter_pass(pur_splitter *splitter, const pur_span *span) {
  pass(splitter, span->length + span->after);
  splitter->is_in_rest = span->is_cut || (span->is_rest && splitter->column > 1);
  splitter->wants_comma = true;
  splitter->wants_value = false;
}

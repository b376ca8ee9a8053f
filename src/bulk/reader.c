#include "bulk/reader.h"

#include <string.h>

#include "json/json.h"
#include "json/skip.h"
#include "base/text.h"
#include "input/rows.h"

#define KEPT 1000 /* bytes of a line that is too long */

#define MOST_DEFERRED 1000
#define HEAD 1000 /* bytes within which an object shows that it holds the purchases */

/* A purchase in the input's window. */
typedef struct piece {
  size_t before; /* bytes of white space */
  size_t length;
  size_t after;
  bool is_cut; /* its line goes on beyond what is looked at */
} piece;

pur_status pur_bulk_reader_init(pur_bulk_reader *reader, const pur_bulk_rules *rules,
                                pur_error *error) {
  memset(reader, 0, sizeof *reader);
  reader->rules = *rules;
  pur_issues_init(&reader->issues);
  pur_buffer_init(&reader->unescaped, 0);
  pur_key_set_init(&reader->sent);
  pur_bulk_init(&reader->deferred);
  pur_input_open_memory(&reader->input, "", 0);
  reader->line = reader->column = 1;
  reader->run = pur_schema_run_new();
  if (reader->run == NULL) return pur_error_no_memory(error);
  pur_schema_run_watch(reader->run, rules->key, rules->key_length);
  return PUR_OK;
}

pur_status pur_bulk_reader_open(pur_bulk_reader *reader, const char *path, pur_error *error) {
  return pur_input_open_once(&reader->input, path, error);
}

void pur_bulk_reader_close(pur_bulk_reader *reader) {
  pur_input_close(&reader->input);
  pur_schema_run_destroy(reader->run);
  reader->run = NULL;
  pur_issues_free(&reader->issues);
  pur_buffer_free(&reader->unescaped);
  pur_key_set_free(&reader->sent);
  pur_bulk_free(&reader->deferred);
  while (reader->spares > 0) pur_bulk_free(&reader->spare[--reader->spares]);
}

void pur_bulk_reader_lend(pur_bulk_reader *reader, pur_bulk *bulk) {
  if (reader->spares == 0)
    pur_bulk_init(bulk);
  else
    *bulk = reader->spare[--reader->spares];
}

void pur_bulk_reader_give_back(pur_bulk_reader *reader, pur_bulk *bulk) {
  if (reader->spares == PUR_BULK_SPARE) {
    pur_bulk_free(bulk);
    return;
  }
  pur_bulk_clear(bulk);
  reader->spare[reader->spares++] = *bulk;
  pur_bulk_init(bulk);
}

/* What is checked */

static pur_status check(pur_bulk_reader *reader, const char *text, size_t length,
                        pur_error *error) {
  static const pur_place start = {0, 1, 1};
  pur_status status = PUR_OK;
  for (int i = 0; i < PUR_BULK_SCHEMAS && status == PUR_OK; i++)
    if (reader->rules.schemas[i] != NULL)
      status = pur_schema_check(reader->rules.schemas[i], reader->run, text, length, &start,
                                &reader->issues, error);
  if (status != PUR_OK) pur_issues_free(&reader->issues);
  return status;
}

/* 1 and "1" are one key: the servers keep them as texts. */
static pur_status hash_key(pur_bulk_reader *reader, const char *text, pur_bulk_purchase *purchase,
                           pur_error *error) {
  const char *key = text + purchase->key;
  size_t length = purchase->key_length;
  pur_buffer *unescaped = &reader->unescaped;
  pur_status status = PUR_OK;
  if (length == 0) return PUR_OK;
  if (*key == '"') key++, length -= 2;
  if (memchr(key, '\\', length) != NULL) {
    pur_buffer_clear(unescaped);
    pur_json_string_unescape(key, length, unescaped);
    status = pur_buffer_check(unescaped, error);
    key = unescaped->data, length = unescaped->length;
  }
  if (status == PUR_OK) purchase->hash = pur_key_hash(key, length);
  return status;
}

/* Gathering */

static bool is_full(const pur_bulk_reader *reader, const pur_bulk *bulk) {
  const pur_bulk_rules *rules = &reader->rules;
  return bulk->count == rules->max_count || bulk->refused_count == rules->max_count ||
         bulk->refused.length >= rules->max_size;
}

static bool has_room(const pur_bulk_reader *reader, const pur_bulk *bulk, size_t length) {
  return bulk->count == 0 || pur_bulk_size(bulk) + length + 1 <= reader->rules.max_size;
}

static bool may_defer(const pur_bulk_reader *reader) {
  const pur_bulk *deferred = &reader->deferred;
  return deferred->count < MOST_DEFERRED && deferred->text.length < reader->rules.max_size;
}

static bool is_sent(const pur_bulk_reader *reader, uint64_t hash) {
  return hash != 0 && pur_key_set_find(&reader->sent, hash) != NULL;
}

/* Adds a purchase whose key is in no bulk. */
static pur_status add(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                      const pur_bulk_purchase *purchase, pur_error *error) {
  pur_status status = PUR_OK;
  if (purchase->hash != 0)
    status = pur_key_set_add(&reader->sent, purchase->hash, purchase->line, error);
  if (status != PUR_OK) return status;
  status = pur_bulk_add(bulk, text, purchase, error);
  if (status != PUR_OK) pur_key_set_remove(&reader->sent, purchase->hash);
  return status;
}

static pur_status gather(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                         pur_bulk_purchase *purchase, pur_error *error) {
  size_t offset, length;
  pur_status status;
  if (pur_schema_run_watched(reader->run, &offset, &length))
    purchase->key = offset, purchase->key_length = length;
  status = hash_key(reader, text, purchase, error);
  if (status != PUR_OK) return status;
  if (!is_sent(reader, purchase->hash)) return add(reader, bulk, text, purchase, error);
  if (!may_defer(reader)) return PUR_END;
  return pur_bulk_add(&reader->deferred, text, purchase, error);
}

static pur_status take(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                       pur_bulk_purchase *purchase, pur_error *error) {
  size_t length = purchase->length;
  pur_status status = PUR_TOO_LARGE;
  if (is_full(reader, bulk) || !has_room(reader, bulk, length)) return PUR_END;
  if (length <= reader->rules.max_purchase) status = check(reader, text, length, error);
  if (status == PUR_OK) return gather(reader, bulk, text, purchase, error);
  return status == PUR_NO_MEMORY ? status : pur_bulk_refuse(bulk, text, length, purchase, error);
}

pur_status pur_bulk_reader_take(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                                size_t length, uint64_t line, pur_error *error) {
  pur_bulk_purchase purchase = {.length = length, .line = line, .column = 1};
  return take(reader, bulk, text, &purchase, error);
}

pur_status pur_bulk_reader_take_deferred(pur_bulk_reader *reader, pur_bulk *bulk,
                                         pur_error *error) {
  pur_bulk *deferred = &reader->deferred;
  for (size_t i = 0; i < deferred->count;) {
    const pur_bulk_purchase *purchase = pur_bulk_purchase_at(deferred, i);
    pur_status status;
    if (is_sent(reader, purchase->hash)) {
      i++;
      continue;
    }
    if (is_full(reader, bulk) || !has_room(reader, bulk, purchase->length)) return PUR_END;
    status = add(reader, bulk, deferred->text.data + purchase->start, purchase, error);
    if (status != PUR_OK) return status;
    pur_bulk_remove(deferred, i);
  }
  if (deferred->count == 0) pur_bulk_clear(deferred);
  return PUR_OK;
}

void pur_bulk_reader_release(pur_bulk_reader *reader, const pur_bulk *bulk, size_t first,
                             size_t last) {
  for (size_t i = first; i <= last && i < bulk->count; i++)
    pur_key_set_remove(&reader->sent, pur_bulk_purchase_at(bulk, i)->hash);
}

/* Moving on in the file */

static size_t unread(const pur_bulk_reader *reader) {
  return (size_t)(reader->input.end - reader->input.start);
}

static uint64_t count_lines(const char *text, size_t length) {
  const char *end = text + length;
  uint64_t lines = 0;
  while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
    text++;
    lines++;
  }
  return lines;
}

static void pass(pur_bulk_reader *reader, size_t length) {
  const char *text = reader->input.start, *feed = memrchr(text, '\n', length);
  if (feed != NULL) {
    reader->line += count_lines(text, length);
    reader->column = 1;
  }
  text = feed != NULL ? feed + 1 : text;
  reader->column += pur_utf8_count(text, (size_t)(reader->input.start + length - text));
  pur_input_skip(&reader->input, length);
}

static bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* Moves to what is no white space. PUR_END: there is no more. */
static pur_status skip_space(pur_bulk_reader *reader, pur_error *error) {
  for (;;) {
    const char *at = reader->input.start;
    pur_status status;
    while (at < reader->input.end && is_space(*at)) at++;
    pass(reader, (size_t)(at - reader->input.start));
    if (unread(reader) > 0) return PUR_OK;
    status = pur_input_more(&reader->input, error);
    if (status != PUR_OK) return status;
  }
}

/* The bytes to the end of the line, its line feed included. PUR_END: there is no line left;
 * PUR_TOO_LARGE. */
static pur_status find_line(pur_bulk_reader *reader, size_t *length, pur_error *error) {
  size_t searched = 0;
  for (;;) {
    const char *from = reader->input.start + searched;
    const char *feed = memchr(from, '\n', unread(reader) - searched);
    pur_status status;
    *length = feed != NULL ? (size_t)(feed + 1 - reader->input.start) : unread(reader);
    if (feed != NULL) return PUR_OK;
    searched = *length;
    status = pur_input_widen(&reader->input, error);
    if (status == PUR_END && *length > 0) return PUR_OK;
    if (status != PUR_OK) return status;
  }
}

static size_t string_length(const char *text, size_t length) {
  for (size_t i = 1; i < length; i++) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') i++;
  }
  return 0;
}

static size_t word_length(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (is_space(text[i]) || memchr(",[]{}", text[i], 5) != NULL) return i;
  return 0;
}

/* The bytes of the value at the start of the text, which may be none; 0: the text ends before. */
static size_t value_length(const char *text, size_t length) {
  size_t at = 1;
  if (length == 0) return 0;
  if (*text == '"') return string_length(text, length);
  if (*text != '{' && *text != '[') return word_length(text, length);
  return pur_json_skip(text, length, &at) ? at : 0;
}

/* PUR_END: the file ends before the value does; PUR_TOO_LARGE. */
static pur_status find_value(pur_bulk_reader *reader, size_t *length, pur_error *error) {
  pur_status status;
  do {
    *length = value_length(reader->input.start, unread(reader));
    if (*length > 0) return PUR_OK;
    status = pur_input_widen(&reader->input, error);
  } while (status == PUR_OK);
  return status;
}

/* A purchase a line */

/* What is left of a line of which the beginning was refused. */
static pur_status skip_rest(pur_bulk_reader *reader, pur_error *error) {
  pur_status status = pur_input_skip_line(&reader->input, error);
  if (status != PUR_OK) return status;
  reader->is_in_rest = false;
  reader->line++;
  reader->column = 1;
  return PUR_OK;
}

static pur_status cut_line(const pur_bulk_reader *reader, piece *p) {
  *p = (piece){0, unread(reader), 0, true};
  return PUR_OK;
}

static pur_status next_line(pur_bulk_reader *reader, piece *p, pur_error *error) {
  size_t length, begin, end;
  pur_status status;
  for (;;) {
    status = find_line(reader, &length, error);
    if (status == PUR_TOO_LARGE) return cut_line(reader, p);
    if (status != PUR_OK) return status;
    begin = 0, end = length;
    while (begin < end && is_space(reader->input.start[begin])) begin++;
    while (end > begin && is_space(reader->input.start[end - 1])) end--;
    if (begin < end) break;
    pass(reader, length);
  }
  *p = (piece){begin, end - begin, length - end, false};
  return PUR_OK;
}

/* One after another */

/* A value that does not end takes others along: it is cut where the next one seems to begin, at the
 * start of a line. */
static pur_status broken_value(const pur_bulk_reader *reader, bool is_at_end, piece *p) {
  const char *text = reader->input.start, *next = memmem(text, unread(reader), "\n{", 2);
  if (next == NULL && !is_at_end) return cut_line(reader, p);
  *p = (piece){0, next != NULL ? (size_t)(next - text) : unread(reader), 0, false};
  return PUR_OK;
}

static pur_status next_value(pur_bulk_reader *reader, piece *p, pur_error *error) {
  size_t length;
  pur_status status = skip_space(reader, error);
  if (status != PUR_OK) return status;
  if (*reader->input.start != '{' && *reader->input.start != '[')
    return next_line(reader, p, error);
  status = find_value(reader, &length, error);
  if (status == PUR_END || status == PUR_TOO_LARGE)
    return broken_value(reader, status == PUR_END, p);
  if (status == PUR_OK) *p = (piece){0, length, 0, false};
  return status;
}

/* An array */

static pur_status fail(const char *expectation, pur_error *error) {
  return pur_error_set(error, PUR_INVALID_JSON, 0, "%s", expectation);
}

/* Behind an array: nothing but the end of the object around it. Comes to the same when it is asked
 * again. */
static pur_status end_array(pur_bulk_reader *reader, pur_error *error) {
  pur_status status = skip_space(reader, error);
  if (status == PUR_OK && reader->is_wrapped && *reader->input.start == '}') {
    pass(reader, 1);
    reader->is_wrapped = false;
    status = skip_space(reader, error);
  }
  if (reader->is_wrapped && (status == PUR_OK || status == PUR_END))
    return fail("expected '}' after the purchases, and nothing else", error);
  if (status == PUR_OK) return fail("expected nothing after the array", error);
  return status;
}

static pur_status find_element(pur_bulk_reader *reader, piece *p, pur_error *error) {
  size_t length;
  pur_status status = find_value(reader, &length, error);
  if (status == PUR_TOO_LARGE)
    return fail("an element goes on for more than " PUR_ROW_MAX_TEXT, error);
  if (status == PUR_END) length = unread(reader); /* cut off: it is no JSON */
  if (status != PUR_OK && status != PUR_END) return status;
  *p = (piece){0, length, 0, false};
  return PUR_OK;
}

static pur_status next_element(pur_bulk_reader *reader, piece *p, pur_error *error) {
  pur_status status;
  if (reader->is_closed) return end_array(reader, error);
  status = skip_space(reader, error);
  if (status == PUR_END) return fail("the array is not closed: the file was cut off", error);
  if (status != PUR_OK) return status;
  if (*reader->input.start == ']' && !reader->wants_value) {
    pass(reader, 1);
    reader->is_closed = true;
    return end_array(reader, error);
  }
  if (reader->wants_comma) {
    if (*reader->input.start != ',') return fail("expected ',' or ']' after an element", error);
    pass(reader, 1);
    reader->wants_comma = false;
    reader->wants_value = true;
    return next_element(reader, p, error);
  }
  if (memchr(",]}", *reader->input.start, 3) != NULL) return fail("expected a value", error);
  return find_element(reader, p, error);
}

/* Which form it is */

static bool take_literal(const char **at, const char *end, const char *literal) {
  size_t length = strlen(literal);
  while (*at < end && is_space(**at)) ++*at;
  if ((size_t)(end - *at) < length || memcmp(*at, literal, length) != 0) return false;
  *at += length;
  return true;
}

/* The bytes of {"purchases":[ at the start; 0: it is none. */
static size_t wrapper_length(const pur_bulk_reader *reader) {
  const char *at = reader->input.start, *end = reader->input.end;
  bool is_one = take_literal(&at, end, "{") && take_literal(&at, end, "\"purchases\"") &&
                take_literal(&at, end, ":") && take_literal(&at, end, "[");
  return is_one ? (size_t)(at - reader->input.start) : 0;
}

static bool is_blank(const char *text, size_t length) {
  while (length > 0 && is_space(*text)) text++, length--;
  return length == 0;
}

/* Lines, if the first one holds a purchase, or if there is no way to read more than it as one. */
static pur_status tell_values(pur_bulk_reader *reader, pur_error *error) {
  size_t line, length;
  pur_status status = find_line(reader, &line, error);
  reader->form = PUR_BULK_LINES;
  if (status != PUR_OK) return status == PUR_TOO_LARGE ? PUR_OK : status;
  length = value_length(reader->input.start, line);
  if (length > 0) {
    if (!is_blank(reader->input.start + length, line - length)) reader->form = PUR_BULK_VALUES;
    return PUR_OK;
  }
  status = find_value(reader, &length, error);
  if (status == PUR_END || status == PUR_TOO_LARGE) return PUR_OK;
  if (status == PUR_OK) status = pur_json_check(reader->input.start, length, error);
  if (status == PUR_OK) reader->form = PUR_BULK_VALUES;
  return status == PUR_NO_MEMORY || status == PUR_FILE_UNREADABLE ? status : PUR_OK;
}

/* As many bytes as it may take to see what the file is. */
static pur_status read_head(pur_bulk_reader *reader, pur_error *error) {
  pur_status status = PUR_OK;
  while (status == PUR_OK && unread(reader) < HEAD) status = pur_input_more(&reader->input, error);
  return status == PUR_END ? PUR_OK : status;
}

static pur_status tell_form(pur_bulk_reader *reader, pur_error *error) {
  size_t wrapper = wrapper_length(reader);
  if (*reader->input.start == '[' || wrapper > 0) {
    reader->form = PUR_BULK_ARRAY;
    reader->is_wrapped = wrapper > 0;
    pass(reader, wrapper > 0 ? wrapper : 1);
    return PUR_OK;
  }
  if (*reader->input.start == '{') return tell_values(reader, error);
  return fail("no JSON: purchases begin with '{' or '[' (CSV needs a map)", error);
}

static pur_status begin(pur_bulk_reader *reader, pur_error *error) {
  pur_status status = PUR_OK;
  if (reader->input.offset == 0 && unread(reader) == 0)
    status = pur_input_begin(&reader->input, error);
  if (status == PUR_OK) status = skip_space(reader, error);
  if (status == PUR_OK) status = read_head(reader, error);
  if (status == PUR_OK) status = tell_form(reader, error);
  reader->begun = status == PUR_OK;
  return status;
}

/* Records of any form */

static pur_status next_piece(pur_bulk_reader *reader, piece *p, pur_error *error) {
  pur_status status = PUR_OK;
  *p = (piece){0, 0, 0, false};
  if (!reader->begun) status = begin(reader, error);
  if (status == PUR_OK && reader->is_in_rest) status = skip_rest(reader, error);
  if (status != PUR_OK) return status;
  if (reader->form == PUR_BULK_LINES) return next_line(reader, p, error);
  if (reader->form == PUR_BULK_VALUES) return next_value(reader, p, error);
  return next_element(reader, p, error);
}

static void pass_piece(pur_bulk_reader *reader, const piece *p) {
  pass(reader, p->before + p->length + p->after);
  reader->is_in_rest = p->is_cut;
  reader->wants_comma = true;
  reader->wants_value = false;
}

static pur_status take_piece(pur_bulk_reader *reader, pur_bulk *bulk, const piece *p,
                             pur_error *error) {
  const char *text = reader->input.start;
  pur_bulk_purchase purchase = {.length = p->length, .line = reader->line};
  purchase.column = reader->column + pur_utf8_count(text, p->before);
  if (reader->line < reader->rules.first_line) return PUR_OK;
  if (!p->is_cut) return take(reader, bulk, text + p->before, &purchase, error);
  if (is_full(reader, bulk)) return PUR_END;
  return pur_bulk_refuse(bulk, text + p->before, KEPT, &purchase, error);
}

static pur_status take_pieces(pur_bulk_reader *reader, pur_bulk *bulk, bool *is_taken,
                              pur_error *error) {
  for (;;) {
    piece p;
    pur_status status = next_piece(reader, &p, error);
    *is_taken = false;
    if (status != PUR_OK) return status;
    status = take_piece(reader, bulk, &p, error);
    if (status != PUR_OK) {
      *is_taken = status == PUR_END;
      return status;
    }
    pass_piece(reader, &p);
  }
}

pur_status pur_bulk_reader_read(pur_bulk_reader *reader, pur_bulk *bulk, pur_error *error) {
  bool is_left = true;
  pur_status status = pur_bulk_reader_take_deferred(reader, bulk, error);
  if (status == PUR_OK) status = take_pieces(reader, bulk, &is_left, error);
  if (bulk->count > 0 || bulk->refused_count > 0) return PUR_OK;
  if (status == PUR_END && (is_left || reader->deferred.count > 0)) return PUR_OK;
  return status;
}

pur_status pur_bulk_reader_count(pur_bulk_reader *reader, uint64_t *count, pur_error *error) {
  pur_status status;
  piece p;
  *count = reader->deferred.count;
  while ((status = next_piece(reader, &p, error)) == PUR_OK) {
    pass_piece(reader, &p);
    ++*count;
  }
  return status == PUR_END ? PUR_OK : status;
}

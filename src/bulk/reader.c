#include "bulk/reader.h"

#include <string.h>

#include "json/json.h"
#include "json/skip.h"
#include "base/utf8.h"
#include "input/rows.h"

#define KEPT 1000 /* bytes of a line that is too long */

#define MOST_DEFERRED 1000
#define HEAD 1000 /* bytes within which an object shows that it holds the purchases */

/* A record in the input's window. */
typedef struct piece {
  size_t before; /* bytes of white space */
  size_t length;
  size_t after;
  bool is_cut; /* its line goes on beyond what is looked at */
} piece;

pur_status pur_records_init(pur_records *records, const pur_records_rules *rules,
                            pur_error *error) {
  memset(records, 0, sizeof *records);
  records->rules = *rules;
  pur_issues_init(&records->issues);
  pur_buffer_init(&records->unescaped, 0);
  pur_keys_init(&records->sent);
  pur_bulk_init(&records->deferred);
  pur_input_open_memory(&records->input, "", 0);
  records->line = records->column = 1;
  records->run = pur_schema_run_new();
  if (records->run == NULL) return pur_error_no_memory(error);
  pur_schema_run_watch(records->run, rules->key, rules->key_length);
  return PUR_OK;
}

pur_status pur_records_open(pur_records *records, const char *path, pur_error *error) {
  return pur_input_open_once(&records->input, path, error);
}

void pur_records_close(pur_records *records) {
  pur_input_close(&records->input);
  pur_schema_run_destroy(records->run);
  records->run = NULL;
  pur_issues_free(&records->issues);
  pur_buffer_free(&records->unescaped);
  pur_keys_free(&records->sent);
  pur_bulk_free(&records->deferred);
  while (records->spares > 0) pur_bulk_free(&records->spare[--records->spares]);
}

void pur_records_lend(pur_records *records, pur_bulk *bulk) {
  if (records->spares == 0)
    pur_bulk_init(bulk);
  else
    *bulk = records->spare[--records->spares];
}

void pur_records_give_back(pur_records *records, pur_bulk *bulk) {
  if (records->spares == PUR_RECORDS_SPARE) {
    pur_bulk_free(bulk);
    return;
  }
  pur_bulk_clear(bulk);
  records->spare[records->spares++] = *bulk;
  pur_bulk_init(bulk);
}

/* What is checked */

static pur_status check(pur_records *records, const char *text, size_t length, pur_error *error) {
  static const pur_place start = {0, 1, 1};
  pur_status status = PUR_OK;
  for (int i = 0; i < PUR_RECORDS_SCHEMAS && status == PUR_OK; i++)
    if (records->rules.schemas[i] != NULL)
      status = pur_schema_check(records->rules.schemas[i], records->run, text, length, &start,
                                &records->issues, error);
  if (status != PUR_OK) pur_issues_free(&records->issues);
  return status;
}

/* 1 and "1" are one key: the servers keep them as texts. */
static pur_status hash_key(pur_records *records, const char *text, pur_bulk_record *record,
                           pur_error *error) {
  const char *key = text + record->key;
  size_t length = record->key_length;
  pur_buffer *unescaped = &records->unescaped;
  pur_status status = PUR_OK;
  if (length == 0) return PUR_OK;
  if (*key == '"') key++, length -= 2;
  if (memchr(key, '\\', length) != NULL) {
    pur_buffer_clear(unescaped);
    pur_json_string_unescape(key, length, unescaped);
    status = pur_buffer_check(unescaped, error);
    key = unescaped->data, length = unescaped->length;
  }
  if (status == PUR_OK) record->hash = pur_key_hash(key, length);
  return status;
}

/* Gathering */

static bool is_full(const pur_records *records, const pur_bulk *bulk) {
  const pur_records_rules *rules = &records->rules;
  return bulk->count == rules->max_count || bulk->refused_count == rules->max_count ||
         bulk->refused.length >= rules->max_size;
}

static bool has_room(const pur_records *records, const pur_bulk *bulk, size_t length) {
  return bulk->count == 0 || pur_bulk_size(bulk) + length + 1 <= records->rules.max_size;
}

static bool may_defer(const pur_records *records) {
  const pur_bulk *deferred = &records->deferred;
  return deferred->count < MOST_DEFERRED && deferred->text.length < records->rules.max_size;
}

static bool is_sent(const pur_records *records, uint64_t hash) {
  return hash != 0 && pur_keys_find(&records->sent, hash) != NULL;
}

/* Adds a record whose key is in no bulk. */
static pur_status add(pur_records *records, pur_bulk *bulk, const char *text,
                      const pur_bulk_record *record, pur_error *error) {
  pur_status status = PUR_OK;
  if (record->hash != 0) status = pur_keys_add(&records->sent, record->hash, record->line, error);
  if (status != PUR_OK) return status;
  status = pur_bulk_add(bulk, text, record, error);
  if (status != PUR_OK) pur_keys_remove(&records->sent, record->hash);
  return status;
}

static pur_status gather(pur_records *records, pur_bulk *bulk, const char *text,
                         pur_bulk_record *record, pur_error *error) {
  size_t offset, length;
  pur_status status;
  if (pur_schema_run_watched(records->run, &offset, &length))
    record->key = offset, record->key_length = length;
  status = hash_key(records, text, record, error);
  if (status != PUR_OK) return status;
  if (!is_sent(records, record->hash)) return add(records, bulk, text, record, error);
  if (!may_defer(records)) return PUR_END;
  return pur_bulk_add(&records->deferred, text, record, error);
}

static pur_status take(pur_records *records, pur_bulk *bulk, const char *text,
                       pur_bulk_record *record, pur_error *error) {
  size_t length = record->length;
  pur_status status = PUR_TOO_LARGE;
  if (is_full(records, bulk) || !has_room(records, bulk, length)) return PUR_END;
  if (length <= records->rules.max_record) status = check(records, text, length, error);
  if (status == PUR_OK) return gather(records, bulk, text, record, error);
  return status == PUR_NO_MEMORY ? status : pur_bulk_refuse(bulk, text, length, record, error);
}

pur_status pur_records_take(pur_records *records, pur_bulk *bulk, const char *text, size_t length,
                            uint64_t line, pur_error *error) {
  pur_bulk_record record = {.length = length, .line = line, .column = 1};
  return take(records, bulk, text, &record, error);
}

pur_status pur_records_take_deferred(pur_records *records, pur_bulk *bulk, pur_error *error) {
  pur_bulk *deferred = &records->deferred;
  for (size_t i = 0; i < deferred->count;) {
    const pur_bulk_record *record = pur_bulk_record_at(deferred, i);
    pur_status status;
    if (is_sent(records, record->hash)) {
      i++;
      continue;
    }
    if (is_full(records, bulk) || !has_room(records, bulk, record->length)) return PUR_END;
    status = add(records, bulk, deferred->text.data + record->start, record, error);
    if (status != PUR_OK) return status;
    pur_bulk_remove(deferred, i);
  }
  if (deferred->count == 0) pur_bulk_clear(deferred);
  return PUR_OK;
}

void pur_records_release(pur_records *records, const pur_bulk *bulk, size_t first, size_t last) {
  for (size_t i = first; i <= last && i < bulk->count; i++)
    pur_keys_remove(&records->sent, pur_bulk_record_at(bulk, i)->hash);
}

/* Moving on in the file */

static size_t unread(const pur_records *records) {
  return (size_t)(records->input.end - records->input.start);
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

static void pass(pur_records *records, size_t length) {
  const char *text = records->input.start, *feed = memrchr(text, '\n', length);
  if (feed != NULL) {
    records->line += count_lines(text, length);
    records->column = 1;
  }
  text = feed != NULL ? feed + 1 : text;
  records->column += pur_utf8_count(text, (size_t)(records->input.start + length - text));
  pur_input_skip(&records->input, length);
}

static bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* Moves to what is no white space. PUR_END: there is no more. */
static pur_status skip_space(pur_records *records, pur_error *error) {
  for (;;) {
    const char *at = records->input.start;
    pur_status status;
    while (at < records->input.end && is_space(*at)) at++;
    pass(records, (size_t)(at - records->input.start));
    if (unread(records) > 0) return PUR_OK;
    status = pur_input_more(&records->input, error);
    if (status != PUR_OK) return status;
  }
}

/* The bytes to the end of the line, its line feed included. PUR_END: there is no line left;
 * PUR_TOO_LARGE. */
static pur_status find_line(pur_records *records, size_t *length, pur_error *error) {
  size_t searched = 0;
  for (;;) {
    const char *from = records->input.start + searched;
    const char *feed = memchr(from, '\n', unread(records) - searched);
    pur_status status;
    *length = feed != NULL ? (size_t)(feed + 1 - records->input.start) : unread(records);
    if (feed != NULL) return PUR_OK;
    searched = *length;
    status = pur_input_widen(&records->input, error);
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
static pur_status find_value(pur_records *records, size_t *length, pur_error *error) {
  pur_status status;
  do {
    *length = value_length(records->input.start, unread(records));
    if (*length > 0) return PUR_OK;
    status = pur_input_widen(&records->input, error);
  } while (status == PUR_OK);
  return status;
}

/* A record a line */

/* What is left of a line of which the beginning was refused. */
static pur_status skip_rest(pur_records *records, pur_error *error) {
  pur_status status = pur_input_skip_line(&records->input, error);
  if (status != PUR_OK) return status;
  records->is_in_rest = false;
  records->line++;
  records->column = 1;
  return PUR_OK;
}

static pur_status cut_line(const pur_records *records, piece *p) {
  *p = (piece){0, unread(records), 0, true};
  return PUR_OK;
}

static pur_status next_line(pur_records *records, piece *p, pur_error *error) {
  size_t length, begin, end;
  pur_status status;
  for (;;) {
    status = find_line(records, &length, error);
    if (status == PUR_TOO_LARGE) return cut_line(records, p);
    if (status != PUR_OK) return status;
    begin = 0, end = length;
    while (begin < end && is_space(records->input.start[begin])) begin++;
    while (end > begin && is_space(records->input.start[end - 1])) end--;
    if (begin < end) break;
    pass(records, length);
  }
  *p = (piece){begin, end - begin, length - end, false};
  return PUR_OK;
}

/* One after another */

/* A value that does not end takes others along: it is cut where the next one seems to begin, at the
 * start of a line. */
static pur_status broken_value(const pur_records *records, bool is_at_end, piece *p) {
  const char *text = records->input.start, *next = memmem(text, unread(records), "\n{", 2);
  if (next == NULL && !is_at_end) return cut_line(records, p);
  *p = (piece){0, next != NULL ? (size_t)(next - text) : unread(records), 0, false};
  return PUR_OK;
}

static pur_status next_value(pur_records *records, piece *p, pur_error *error) {
  size_t length;
  pur_status status = skip_space(records, error);
  if (status != PUR_OK) return status;
  if (*records->input.start != '{' && *records->input.start != '[')
    return next_line(records, p, error);
  status = find_value(records, &length, error);
  if (status == PUR_END || status == PUR_TOO_LARGE)
    return broken_value(records, status == PUR_END, p);
  if (status == PUR_OK) *p = (piece){0, length, 0, false};
  return status;
}

/* An array */

static pur_status fail(const char *expectation, pur_error *error) {
  return pur_error_set(error, PUR_INVALID_JSON, 0, "%s", expectation);
}

/* Behind an array: nothing but the end of the object around it. Comes to the same when it is asked
 * again. */
static pur_status end_array(pur_records *records, pur_error *error) {
  pur_status status = skip_space(records, error);
  if (status == PUR_OK && records->is_wrapped && *records->input.start == '}') {
    pass(records, 1);
    records->is_wrapped = false;
    status = skip_space(records, error);
  }
  if (records->is_wrapped && (status == PUR_OK || status == PUR_END))
    return fail("expected '}' after the purchases, and nothing else", error);
  if (status == PUR_OK) return fail("expected nothing after the array", error);
  return status;
}

static pur_status find_element(pur_records *records, piece *p, pur_error *error) {
  size_t length;
  pur_status status = find_value(records, &length, error);
  if (status == PUR_TOO_LARGE)
    return fail("an element goes on for more than " PUR_ROW_MAX_TEXT, error);
  if (status == PUR_END) length = unread(records); /* cut off: it is no JSON */
  if (status != PUR_OK && status != PUR_END) return status;
  *p = (piece){0, length, 0, false};
  return PUR_OK;
}

static pur_status next_element(pur_records *records, piece *p, pur_error *error) {
  pur_status status;
  if (records->is_closed) return end_array(records, error);
  status = skip_space(records, error);
  if (status == PUR_END) return fail("the array is not closed: the file was cut off", error);
  if (status != PUR_OK) return status;
  if (*records->input.start == ']' && !records->wants_value) {
    pass(records, 1);
    records->is_closed = true;
    return end_array(records, error);
  }
  if (records->wants_comma) {
    if (*records->input.start != ',') return fail("expected ',' or ']' after an element", error);
    pass(records, 1);
    records->wants_comma = false;
    records->wants_value = true;
    return next_element(records, p, error);
  }
  if (memchr(",]}", *records->input.start, 3) != NULL) return fail("expected a value", error);
  return find_element(records, p, error);
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
static size_t wrapper_length(const pur_records *records) {
  const char *at = records->input.start, *end = records->input.end;
  bool is_one = take_literal(&at, end, "{") && take_literal(&at, end, "\"purchases\"") &&
                take_literal(&at, end, ":") && take_literal(&at, end, "[");
  return is_one ? (size_t)(at - records->input.start) : 0;
}

static bool is_blank(const char *text, size_t length) {
  while (length > 0 && is_space(*text)) text++, length--;
  return length == 0;
}

/* Lines, if the first one holds a record, or if there is no way to read more than it as one. */
static pur_status tell_values(pur_records *records, pur_error *error) {
  size_t line, length;
  pur_status status = find_line(records, &line, error);
  records->form = PUR_RECORDS_LINES;
  if (status != PUR_OK) return status == PUR_TOO_LARGE ? PUR_OK : status;
  length = value_length(records->input.start, line);
  if (length > 0) {
    if (!is_blank(records->input.start + length, line - length)) records->form = PUR_RECORDS_VALUES;
    return PUR_OK;
  }
  status = find_value(records, &length, error);
  if (status == PUR_END || status == PUR_TOO_LARGE) return PUR_OK;
  if (status == PUR_OK) status = pur_json_check(records->input.start, length, error);
  if (status == PUR_OK) records->form = PUR_RECORDS_VALUES;
  return status == PUR_NO_MEMORY || status == PUR_FILE_UNREADABLE ? status : PUR_OK;
}

/* As many bytes as it may take to see what the file is. */
static pur_status read_head(pur_records *records, pur_error *error) {
  pur_status status = PUR_OK;
  while (status == PUR_OK && unread(records) < HEAD)
    status = pur_input_more(&records->input, error);
  return status == PUR_END ? PUR_OK : status;
}

static pur_status tell_form(pur_records *records, pur_error *error) {
  size_t wrapper = wrapper_length(records);
  if (*records->input.start == '[' || wrapper > 0) {
    records->form = PUR_RECORDS_ARRAY;
    records->is_wrapped = wrapper > 0;
    pass(records, wrapper > 0 ? wrapper : 1);
    return PUR_OK;
  }
  if (*records->input.start == '{') return tell_values(records, error);
  return fail("no JSON: purchases begin with '{' or '[' (CSV needs a map)", error);
}

static pur_status begin(pur_records *records, pur_error *error) {
  pur_status status = PUR_OK;
  if (records->input.offset == 0 && unread(records) == 0)
    status = pur_input_begin(&records->input, error);
  if (status == PUR_OK) status = skip_space(records, error);
  if (status == PUR_OK) status = read_head(records, error);
  if (status == PUR_OK) status = tell_form(records, error);
  records->begun = status == PUR_OK;
  return status;
}

/* Records of any form */

static pur_status next_piece(pur_records *records, piece *p, pur_error *error) {
  pur_status status = PUR_OK;
  *p = (piece){0, 0, 0, false};
  if (!records->begun) status = begin(records, error);
  if (status == PUR_OK && records->is_in_rest) status = skip_rest(records, error);
  if (status != PUR_OK) return status;
  if (records->form == PUR_RECORDS_LINES) return next_line(records, p, error);
  if (records->form == PUR_RECORDS_VALUES) return next_value(records, p, error);
  return next_element(records, p, error);
}

static void pass_piece(pur_records *records, const piece *p) {
  pass(records, p->before + p->length + p->after);
  records->is_in_rest = p->is_cut;
  records->wants_comma = true;
  records->wants_value = false;
}

static pur_status take_piece(pur_records *records, pur_bulk *bulk, const piece *p,
                             pur_error *error) {
  const char *text = records->input.start;
  pur_bulk_record record = {.length = p->length, .line = records->line};
  record.column = records->column + pur_utf8_count(text, p->before);
  if (records->line < records->rules.first_line) return PUR_OK;
  if (!p->is_cut) return take(records, bulk, text + p->before, &record, error);
  if (is_full(records, bulk)) return PUR_END;
  return pur_bulk_refuse(bulk, text + p->before, KEPT, &record, error);
}

static pur_status take_pieces(pur_records *records, pur_bulk *bulk, bool *is_taken,
                              pur_error *error) {
  for (;;) {
    piece p;
    pur_status status = next_piece(records, &p, error);
    *is_taken = false;
    if (status != PUR_OK) return status;
    status = take_piece(records, bulk, &p, error);
    if (status != PUR_OK) {
      *is_taken = status == PUR_END;
      return status;
    }
    pass_piece(records, &p);
  }
}

pur_status pur_records_read(pur_records *records, pur_bulk *bulk, pur_error *error) {
  bool is_left = true;
  pur_status status = pur_records_take_deferred(records, bulk, error);
  if (status == PUR_OK) status = take_pieces(records, bulk, &is_left, error);
  if (bulk->count > 0 || bulk->refused_count > 0) return PUR_OK;
  if (status == PUR_END && (is_left || records->deferred.count > 0)) return PUR_OK;
  return status;
}

pur_status pur_records_count(pur_records *records, uint64_t *count, pur_error *error) {
  pur_status status;
  piece p;
  *count = records->deferred.count;
  while ((status = next_piece(records, &p, error)) == PUR_OK) {
    pass_piece(records, &p);
    ++*count;
  }
  return status == PUR_END ? PUR_OK : status;
}

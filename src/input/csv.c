#include "input/csv.h"

#include <string.h>

/* A row's bytes while it is being split. */
typedef struct scan {
  const char *text;
  const char *at;
  const char *end;
  bool last;
} scan;

void pur_csv_init(pur_csv_row *row, char delimiter) {
  *row = (pur_csv_row){.delimiter = delimiter};
}

void pur_csv_free(pur_csv_row *row) {
  pur_buffer_free(&row->fields);
  row->count = 0;
}

const pur_csv_field *pur_csv_get(const pur_csv_row *row, size_t index) {
  return (const pur_csv_field *)(const void *)row->fields.data + index;
}

static void add_field(pur_csv_row *row, const char *text, size_t length) {
  pur_csv_field field = {text, length};
  pur_buffer_append(&row->fields, &field, sizeof field);
  row->count++;
}

/* After an error the reader goes on at the next line: the row is cut there. */
static pur_status refuse(pur_csv_row *row, const scan *s, const char *why, pur_error *error) {
  const char *newline = memchr(s->text, '\n', (size_t)(s->end - s->text));
  row->length = (size_t)((newline != NULL ? newline + 1 : s->end) - s->text);
  row->lines = newline != NULL;
  return pur_error_set(error, PUR_INVALID_CSV, (size_t)(s->at - s->text), "%s", why);
}

static pur_status plain_field(pur_csv_row *row, scan *s, pur_error *error) {
  const char *start = s->at;
  while (s->at < s->end && *s->at != row->delimiter && *s->at != '\n' && *s->at != '\r') {
    if (*s->at == '"') return refuse(row, s, "a quote inside an unquoted field", error);
    s->at++;
  }
  add_field(row, start, (size_t)(s->at - start));
  return PUR_OK;
}

static pur_status quoted_field(pur_csv_row *row, scan *s, pur_error *error) {
  const char *start = ++s->at;
  for (; s->at < s->end; s->at++) {
    if (*s->at == '\n') row->lines++;
    if (*s->at != '"') continue;
    if (s->at + 1 == s->end && !s->last) return PUR_END;
    if (s->at + 1 == s->end || s->at[1] != '"') {
      add_field(row, start, (size_t)(s->at++ - start));
      return PUR_OK;
    }
    s->at++;
  }
  s->at = start - 1;
  return s->last ? refuse(row, s, "a quoted field is never closed", error) : PUR_END;
}

/* Ends the row at LF, CRLF or the end of the text. PUR_END: nobody can tell yet. */
static pur_status line_end(pur_csv_row *row, scan *s, pur_error *error) {
  if (s->at == s->end && !s->last) return PUR_END;
  if (s->at < s->end && *s->at == '\r') {
    if (s->at + 1 == s->end && !s->last) return PUR_END;
    if (s->at + 1 == s->end || s->at[1] != '\n')
      return refuse(row, s, "a carriage return without a line feed", error);
    s->at++;
  }
  if (s->at < s->end) {
    if (*s->at != '\n') return refuse(row, s, "text after a closing quote", error);
    s->at++;
    row->lines++;
  }
  row->length = (size_t)(s->at - s->text);
  return PUR_OK;
}

pur_status pur_csv_parse(pur_csv_row *row, const char *text, size_t length, bool last,
                         pur_error *error) {
  scan s = {text, text, text + length, last};
  pur_status status;
  pur_buffer_clear(&row->fields);
  row->count = row->lines = row->length = 0;
  if (length == 0) return PUR_END;
  for (;;) {
    bool quoted = s.at < s.end && *s.at == '"';
    status = quoted ? quoted_field(row, &s, error) : plain_field(row, &s, error);
    if (status != PUR_OK) return status;
    if (s.at == s.end || *s.at != row->delimiter) break;
    s.at++;
  }
  status = line_end(row, &s, error);
  return status == PUR_OK ? pur_buffer_check(&row->fields, error) : status;
}

bool pur_csv_is_blank(const pur_csv_row *row) {
  return row->count == 1 && pur_csv_get(row, 0)->length == 0;
}

char pur_csv_delimiter(const char *header, size_t length) {
  static const char candidates[] = {',', ';', '\t'};
  size_t counts[sizeof candidates] = {0}, best = 0;
  bool quoted = false;
  for (size_t i = 0; i < length && (quoted || header[i] != '\n'); i++) {
    if (header[i] == '"') quoted = !quoted;
    for (size_t c = 0; !quoted && c < sizeof candidates; c++)
      if (header[i] == candidates[c]) counts[c]++;
  }
  for (size_t c = 1; c < sizeof candidates; c++)
    if (counts[c] > counts[best]) best = c;
  return candidates[best];
}

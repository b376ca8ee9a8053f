#include "input/csv.h"

#include <string.h>

#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
#include <emmintrin.h>
#endif

/* A row's bytes while it is being split. */
typedef struct scan {
  const char *text;
  const char *at;
  const char *end;
  bool last;
  const char *block; /* BLOCK bytes, or those that are left, and which of them end a field */
  uint64_t ends;
} scan;

#define BLOCK 64

void pur_csv_free(pur_csv_row *row) {
  pur_buffer_free(&row->fields);
  row->count = 0;
}

/* Which of the first BLOCK bytes are one of three, as bits. To look at so many at once makes the
 * splitting of a row three times as fast. */
static inline uint64_t find(const char *text, const char *end, char a, char b, char c) {
  size_t length = (size_t)(end - text);
  uint64_t found = 0;
#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
  if (length >= BLOCK) {
    for (int i = 0; i < BLOCK; i += 16) {
      __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
      __m128i is_one = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(a)),
                                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b))),
                                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
      found |= (uint64_t)(unsigned)_mm_movemask_epi8(is_one) << i;
    }
    return found;
  }
#endif
  for (size_t i = 0; i < length && i < BLOCK; i++)
    found |= (uint64_t)(text[i] == a || text[i] == b || text[i] == c) << i;
  return found;
}

static inline void add_field(pur_csv_row *row, const scan *s, const char *text, const char *end,
                             bool is_quoted, bool is_escaped) {
  size_t used = row->count * sizeof(pur_csv_field);
  row->fields.length = used;
  if (used + sizeof(pur_csv_field) > row->fields.capacity &&
      pur_buffer_reserve(&row->fields, sizeof(pur_csv_field)) == NULL)
    return;
  *pur_csv_get(row, row->count++) = (pur_csv_field){
      text, (size_t)(end - text), (uint32_t)(text - s->text), is_quoted, is_escaped};
}

static pur_status refuse(const scan *s, const char *why, pur_error *error) {
  return pur_error_set(error, PUR_INVALID_CSV, (size_t)(s->at - s->text), "%s", why);
}

static bool is_formula(const char *text, size_t length) {
  return length >= 3 && text[0] == '=' && text[1] == '"' && text[length - 1] == '"';
}

static void plain_field(pur_csv_row *row, scan *s) {
  const char *start = s->at;
  while (s->ends == 0 && s->end - s->block > BLOCK) {
    s->block += BLOCK;
    s->ends = find(s->block, s->end, row->delimiter, '\n', '\r');
  }
  s->at = s->ends != 0 ? s->block + __builtin_ctzll(s->ends) : s->end;
  s->ends &= s->ends - 1;
  add_field(row, s, start, s->at, false, is_formula(start, (size_t)(s->at - start)));
}

/* Has the plain fields that follow begin their search here. */
static void look_from(const pur_csv_row *row, scan *s) {
  size_t passed = (size_t)(s->at - s->block);
  if (passed < BLOCK) {
    s->ends &= UINT64_MAX << passed;
  } else {
    s->block = s->at;
    s->ends = find(s->at, s->end, row->delimiter, '\n', '\r');
  }
}

static pur_status quoted_field(pur_csv_row *row, scan *s, pur_error *error) {
  const char *start = ++s->at, *block = start;
  bool is_escaped = false;
  for (; block < s->end; block += BLOCK) {
    uint64_t found = find(block, s->end, '"', '\n', '\n');
    for (; found != 0; found &= found - 1) {
      const char *at = block + __builtin_ctzll(found);
      if (at < s->at) continue; /* the second of two quotes */
      if (*at == '\n') {
        row->lines++;
        continue;
      }
      if (at + 1 == s->end && !s->last) return PUR_END;
      if (at + 1 == s->end || at[1] != '"') {
        add_field(row, s, start, at, true, is_escaped);
        s->at = at + 1;
        return PUR_OK;
      }
      is_escaped = true;
      s->at = at + 2;
    }
  }
  s->at = start - 1;
  return s->last ? refuse(s, "a quoted field is never closed", error) : PUR_END;
}

/* Ends the row at LF, CRLF or the end of the text. PUR_END: nobody can tell yet. */
static pur_status line_end(pur_csv_row *row, scan *s, pur_error *error) {
  if (s->at == s->end && !s->last) return PUR_END;
  if (s->at < s->end && *s->at == '\r') {
    if (s->at + 1 == s->end && !s->last) return PUR_END;
    if (s->at + 1 == s->end || s->at[1] != '\n')
      return refuse(s, "a carriage return without a line feed", error);
    s->at++;
  }
  if (s->at < s->end) {
    if (*s->at != '\n') return refuse(s, "text after a closing quote", error);
    s->at++;
    row->lines++;
  }
  row->length = (size_t)(s->at - s->text);
  return PUR_OK;
}

/* Takes over fields of the row before, up to one that goes on behind what both have in common, or
 * whose text is no longer that of the row: see pur_csv_value. */
static void take_alike(pur_csv_row *row, scan *s, size_t common) {
  for (row->count = 0; row->count + 1 < row->split; row->count++) {
    pur_csv_field *field = pur_csv_get(row, row->count);
    size_t next = field[1].place - field[1].is_quoted;
    if (next > common || field->text != row->text + field->place) break;
    field->text = s->text + field->place;
    s->at = s->text + next;
  }
  row->alike = row->count;
}

pur_status pur_csv_parse_like(pur_csv_row *row, size_t common, const char *text, size_t length,
                              bool last, pur_error *error) {
  scan s = {text, text, text + length, last, text, 0};
  pur_status status;
  take_alike(row, &s, common);
  pur_buffer_clear(&row->fields);
  row->text = text;
  row->split = row->lines = row->length = 0;
  if (length == 0) return PUR_END;
  s.block = s.at;
  s.ends = find(s.at, s.end, row->delimiter, '\n', '\r');
  for (;;) {
    if (s.at < s.end && *s.at == '"') {
      status = quoted_field(row, &s, error);
      if (status != PUR_OK) return status;
      look_from(row, &s);
      if (s.at < s.end && *s.at == row->delimiter) s.ends &= s.ends - 1;
    } else {
      plain_field(row, &s);
    }
    if (s.at == s.end || *s.at != row->delimiter) break;
    s.at++;
  }
  status = line_end(row, &s, error);
  if (status == PUR_OK) status = pur_buffer_check(&row->fields, error);
  if (status == PUR_OK) row->split = row->count;
  return status;
}

pur_status pur_csv_parse(pur_csv_row *row, const char *text, size_t length, bool last,
                         pur_error *error) {
  row->split = 0;
  return pur_csv_parse_like(row, 0, text, length, last, error);
}

/* Writes a text with its doubled quotes undone, over itself if need be; SIZE_MAX: one quote stands
 * alone. */
static size_t undouble(const char *text, size_t length, char *out) {
  size_t used = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"' && (++i == length || text[i] != '"')) return SIZE_MAX;
    out[used++] = text[i];
  }
  return used;
}

void pur_csv_value(pur_csv_field *field, pur_buffer *out) {
  char *value;
  size_t length = field->length, inside;
  if (!field->is_escaped || (value = pur_buffer_reserve(out, length)) == NULL) return;
  memcpy(value, field->text, length);
  if (field->is_quoted) length = undouble(value, length, value);
  if (is_formula(value, length)) {
    inside = undouble(value + 2, length - 3, value);
    if (inside == SIZE_MAX && !field->is_quoted) memcpy(value, field->text, length);
    if (inside == SIZE_MAX && field->is_quoted) (void)undouble(field->text, field->length, value);
    if (inside != SIZE_MAX) length = inside;
  }
  out->length += length;
  field->text = value;
  field->length = length;
  field->is_escaped = false;
}

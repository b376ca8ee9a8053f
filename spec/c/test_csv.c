/* csv.h: every short text, at every split, against a parser that is as plain as the rules. */
#include <stdbool.h>
#include <string.h>

#include "input/csv.h"
#include "test.h"

#define FIELDS 16

/* What a row is, for comparison: fields as places in the text. */
typedef struct parsed {
  pur_status status;
  size_t position; /* of an error */
  size_t length, lines, count;
  size_t start[FIELDS], end[FIELDS];
} parsed;

/* A copy without a byte to spare, so that a sanitizer sees any read beyond the end. */
static parsed parse(char delimiter, const char *text, size_t length, bool last) {
  parsed result = {0};
  pur_csv_row row = {.delimiter = delimiter};
  pur_error error = {0};
  char *copy = malloc(length != 0 ? length : 1);
  if (copy == NULL) abort();
  memcpy(copy, text, length);
  result.status = pur_csv_parse(&row, copy, length, last, &error);
  if (result.status == PUR_OK) result.count = row.count;
  if (result.status == PUR_INVALID_CSV) result.position = error.position;
  if (result.status != PUR_END) result.length = row.length, result.lines = row.lines;
  for (size_t i = 0; i < result.count && i < FIELDS; i++) {
    result.start[i] = (size_t)(pur_csv_get(&row, i)->text - copy);
    result.end[i] = result.start[i] + pur_csv_get(&row, i)->length;
  }
  pur_csv_free(&row);
  free(copy);
  return result;
}

static bool same(const parsed *a, const parsed *b) {
  return a->status == b->status && a->position == b->position && a->length == b->length &&
         a->lines == b->lines && a->count == b->count &&
         memcmp(a->start, b->start, sizeof a->start) == 0 &&
         memcmp(a->end, b->end, sizeof a->end) == 0;
}

/* The text with line ends made visible. */
static const char *shown(const char *text, size_t length) {
  static char out[200];
  size_t used = 0;
  for (size_t i = 0; i < length && used + 3 < sizeof out; i++) {
    bool hidden = text[i] == '\n' || text[i] == '\r';
    if (hidden) out[used++] = '\\';
    out[used++] = text[i] == '\n' ? 'n' : text[i] == '\r' ? 'r' : text[i];
  }
  out[used] = '\0';
  return out;
}

/* The rules, one character after the other. */
typedef struct plain_parser {
  enum { FIELD_START, IN_PLAIN, IN_QUOTES, AFTER_QUOTE, AFTER_CR, DONE, WRONG } state;
  size_t field;
  parsed *out;
} plain_parser;

static void end_field(plain_parser *p, size_t end) {
  if (p->out->count < FIELDS) {
    p->out->start[p->out->count] = p->field;
    p->out->end[p->out->count] = end;
  }
  p->out->count++;
}

static void take_between(plain_parser *p, char delimiter, char c, size_t at) {
  if (c == '\n') {
    p->state = DONE;
    p->out->lines++;
  } else if (c == '\r') {
    p->state = AFTER_CR;
  } else if (c == delimiter) {
    p->state = FIELD_START;
    p->field = at + 1;
  } else {
    p->state = WRONG;
  }
}

static void take_character(plain_parser *p, char delimiter, char c, size_t at) {
  bool ends = c == '\n' || c == '\r' || c == delimiter;
  switch (p->state) {
  case FIELD_START:
  case IN_PLAIN:
    if (c == '"' && p->state == FIELD_START) {
      p->state = IN_QUOTES;
      p->field = at + 1;
    } else if (ends) {
      end_field(p, at);
      take_between(p, delimiter, c, at);
    } else {
      p->state = IN_PLAIN;
    }
    break;
  case IN_QUOTES:
    if (c == '\n') p->out->lines++;
    if (c == '"') p->state = AFTER_QUOTE;
    break;
  case AFTER_QUOTE:
    if (c == '"') {
      p->state = IN_QUOTES;
      break;
    }
    end_field(p, at - 1);
    take_between(p, delimiter, c, at);
    break;
  case AFTER_CR:
    p->state = c == '\n' ? DONE : WRONG;
    p->out->lines += c == '\n';
    break;
  default:
    break;
  }
}

static parsed parse_plainly(char delimiter, const char *text, size_t length, bool last) {
  parsed result = {0}, none = {0};
  plain_parser p = {FIELD_START, 0, &result};
  size_t at = 0;
  for (; at < length && p.state != DONE && p.state != WRONG; at++)
    take_character(&p, delimiter, text[at], at);
  none.status = PUR_END;
  if (length == 0 || (!last && p.state != DONE && p.state != WRONG)) return none;
  if (p.state == FIELD_START || p.state == IN_PLAIN) end_field(&p, at);
  if (p.state == AFTER_QUOTE) end_field(&p, at - 1);
  result.length = at;
  if (p.state == WRONG || p.state == IN_QUOTES || p.state == AFTER_CR)
    result.status = PUR_INVALID_CSV;
  return result;
}

static void compare(char delimiter, const char *text, size_t length, bool last) {
  parsed got = parse(delimiter, text, length, last);
  parsed want = parse_plainly(delimiter, text, length, last);
  EXPECT(got.status == want.status, "%s: %s instead of %s", shown(text, length),
         pur_status_name(got.status), pur_status_name(want.status));
  if (got.status == PUR_OK && want.status == PUR_OK)
    EXPECT(same(&got, &want), "%s: %zu fields, %zu bytes, %zu lines", shown(text, length),
           got.count, got.length, got.lines);
  if (got.status == PUR_INVALID_CSV)
    EXPECT(got.position <= length, "%s: position %zu", shown(text, length), got.position);
}

/* Fed piece by piece, a row is not there until it is, and then it is the same one. */
static void compare_splits(char delimiter, const char *text, size_t length) {
  parsed whole = parse(delimiter, text, length, true);
  for (size_t split = 0; split <= length; split++) {
    parsed part = parse(delimiter, text, split, false);
    if (part.status == PUR_END || part.status == PUR_INVALID_CSV) continue;
    EXPECT(same(&part, &whole), "%s split at %zu: %zu fields, %zu bytes", shown(text, length),
           split, part.count, part.length);
    EXPECT(split >= whole.length, "%s split at %zu: a row out of thin air", shown(text, length),
           split);
  }
  if (whole.status == PUR_OK && whole.length < length) {
    parsed part = parse(delimiter, text, whole.length + 1, false);
    EXPECT(same(&part, &whole), "%s: %s when more is there", shown(text, length),
           pur_status_name(part.status));
  }
}

static void test_all_short_texts(void) {
  static const char alphabet[] = "a,\"\n\r";
  enum { LONGEST = 7, LETTERS = sizeof alphabet - 1 };
  char text[LONGEST];
  for (size_t length = 0, total = 1; length <= LONGEST; length++, total *= LETTERS) {
    for (size_t number = 0; number < total; number++) {
      size_t rest = number;
      for (size_t i = 0; i < length; i++, rest /= LETTERS) text[i] = alphabet[rest % LETTERS];
      compare(',', text, length, true);
      compare(',', text, length, false);
      if (length < LONGEST) compare_splits(',', text, length);
    }
  }
}

static void test_random_texts(void) {
  static const char letters[] = "aaab;,\t\"\"\n\r\xC3\xA9\xE9 '";
  char text[60];
  for (int i = 0; i < 300000; i++) {
    size_t length = test_random() % sizeof text;
    char delimiter = ",;\t"[test_random() % 3];
    for (size_t at = 0; at < length; at++)
      text[at] = letters[test_random() % (sizeof letters)]; /* NUL is a letter too */
    compare(delimiter, text, length, test_random() % 2 == 0);
    compare_splits(delimiter, text, length);
  }
}

/* Splits a row by itself, and as one that begins as the row before does: both must be the same. */
static void compare_alike(pur_csv_row *row, size_t common, const char *text, size_t length) {
  pur_csv_row alone = {.delimiter = row->delimiter};
  pur_error error = {0}, error_alone = {0};
  pur_status status = pur_csv_parse_like(row, common, text, length, true, &error);
  pur_status expected = pur_csv_parse(&alone, text, length, true, &error_alone);
  EXPECT(status == expected && error.position == error_alone.position, "%s: %s, alone %s",
         shown(text, length), pur_status_name(status), pur_status_name(expected));
  if (status == PUR_OK) {
    EXPECT(row->length == alone.length && row->lines == alone.lines && row->count == alone.count,
           "%s: %zu fields, alone %zu", shown(text, length), row->count, alone.count);
    for (size_t i = 0; i < row->count && i < alone.count; i++) {
      const pur_csv_field *field = pur_csv_get(row, i), *other = pur_csv_get(&alone, i);
      EXPECT(field->text == other->text && field->length == other->length &&
                 field->place == other->place && field->is_quoted == other->is_quoted &&
                 field->is_escaped == other->is_escaped,
             "%s: field %zu", shown(text, length), i);
    }
  }
  pur_csv_free(&alone);
}

/* Rows that begin as the one before, some of whose values were undone, or that got a field added.
 */
static void test_alike(void) {
  static const char letters[] = "aab;;;;\"\"=\"\n";
  size_t taken = 0;
  char text[80];
  for (int i = 0; i < 300000; i++) {
    size_t above = 1 + test_random() % 30, length = test_random() % 40, common = 0;
    size_t copied = test_random() % (above < length ? above : length + 1);
    pur_csv_row row = {.delimiter = ';'};
    pur_buffer values = {0};
    for (size_t at = 0; at < above + length; at++)
      text[at] = letters[test_random() % (sizeof letters - 1)];
    text[above - 1] = '\n';
    memcpy(text + above, text, copied);
    while (common < above && common < length && text[common] == text[above + common]) common++;
    if (pur_csv_parse(&row, text, above, true, NULL) == PUR_OK && row.length == above &&
        row.lines == 1) {
      for (size_t field = test_random() % 4; field < row.count; field += 1 + test_random() % 4)
        pur_csv_value(pur_csv_get(&row, field), &values);
      if (test_random() % 4 == 0 && row.fields.capacity > (row.count + 1) * sizeof(pur_csv_field))
        *pur_csv_get(&row, row.count++) =
            (pur_csv_field){.text = text + above - 1, .place = (uint32_t)above - 1};
      compare_alike(&row, common, text + above, length);
      taken += row.alike;
    }
    pur_csv_free(&row);
    pur_buffer_free(&values);
  }
  EXPECT(taken > 10000, "%zu fields were taken over", taken);
}

static void test_positions(void) {
  static const struct {
    const char *text;
    size_t position;
    const char *message;
  } cases[] = {
      {"a,\"b\"c\nd\n", 5, "text after a closing quote"},
      {"a,\"b\nc", 2, "a quoted field is never closed"},
      {"a,\"b", 2, "a quoted field is never closed"},
      {"a\rb\n", 1, "a carriage return without a line feed"},
      {"a,\"b\"\rc\n", 5, "a carriage return without a line feed"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pur_csv_row row = {.delimiter = ','};
    pur_error error = {0};
    pur_status status;
    status = pur_csv_parse(&row, cases[i].text, strlen(cases[i].text), true, &error);
    EXPECT(status == PUR_INVALID_CSV, "%s: %s", cases[i].text, pur_status_name(status));
    EXPECT(error.position == cases[i].position, "%s: position %zu", cases[i].text, error.position);
    EXPECT(strcmp(error.message, cases[i].message) == 0, "%s: %s", cases[i].text, error.message);
    pur_csv_free(&row);
  }
}

/* A row's field list grows with it, and is used again. */
static void test_many_fields(void) {
  enum { MANY = 20000 };
  static char text[2 * MANY];
  pur_csv_row row;
  for (size_t i = 0; i < MANY; i++) memcpy(text + 2 * i, "x,", 2);
  text[2 * MANY - 1] = '\n';
  row = (pur_csv_row){.delimiter = ','};
  for (int round = 0; round < 2; round++) {
    EXPECT(pur_csv_parse(&row, text, sizeof text, false, NULL) == PUR_OK, "round %d", round);
    EXPECT(row.count == MANY, "%zu fields", row.count);
    EXPECT(pur_csv_get(&row, MANY - 1)->text == text + 2 * MANY - 2, "the last field");
  }
  pur_csv_free(&row);
}

int main(void) {
  test_all_short_texts();
  test_random_texts();
  test_alike();
  test_positions();
  test_many_fields();
  return test_result();
}

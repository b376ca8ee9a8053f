#include "map/number.h"

#include "map/compiled.h"

#include <stdio.h>
#include <string.h>

#include "base/issues.h"

/* Blanks */

size_t pur_blank_length(const char *text, size_t length) {
  if (length == 0) return 0;
  if (*text == ' ' || *text == '\t') return 1;
  if (length >= 2 && memcmp(text, "\xC2\xA0", 2) == 0) return 2;
  return length >= 3 && memcmp(text, "\xE2\x80\xAF", 3) == 0 ? 3 : 0;
}

/* Is it ASCII and no blank? Then the text around it needs no closer look. */
static bool is_solid(char c) {
  return (unsigned char)c - 0x21u < 0x7F - 0x21u;
}

pur_text pur_blank_trim(const char *text, size_t length) {
  size_t blank;
  if (length > 0 && is_solid(text[0]) && is_solid(text[length - 1]))
    return (pur_text){text, length};
  while ((blank = pur_blank_length(text, length)) > 0) text += blank, length -= blank;
  while (length > 0) {
    if (pur_blank_length(text + length - 1, 1) == 1)
      blank = 1;
    else if (length >= 2 && pur_blank_length(text + length - 2, 2) == 2)
      blank = 2;
    else if (length >= 3 && pur_blank_length(text + length - 3, 3) == 3)
      blank = 3;
    else
      break;
    length -= blank;
  }
  return (pur_text){text, length};
}

/* Reading */

#define SMALL_DIGITS 18
#define BEYOND 100000 /* an exponent that is too long, whatever the digits */

typedef struct reader {
  const pur_number_style *style;
  const char *at, *end;
  pur_numeral *number;
  size_t zeros; /* behind the digits so far */
} reader;

/* The form that most have: no more than 18 digits, a decimal sign or none, thousands of one byte.
 * What is left to the long way is not always wrong. */
static bool read_small(const pur_number_style *style, const char *text, size_t length,
                       pur_numeral *number) {
  const char *at = text + (*text == '-'), *end = text + length, *point = NULL;
  const char *group = NULL; /* begins behind a sign between thousands */
  uint64_t value = 0;
  size_t digits = 0;
  if (end - at > SMALL_DIGITS + SMALL_DIGITS / 3) return false;
  for (const char *begin = at; at < end; at++) {
    if (pur_text_is_digit(*at)) {
      value = value * 10 + (uint64_t)(*at - '0');
      digits++;
    } else if (*at == style->decimal && point == NULL) {
      point = at;
      if (group != NULL && at - group != 3) return false;
    } else if (*at == style->thousands && *at != '\0' && point == NULL) {
      if (group != NULL ? at - group != 3 : at == begin || at - begin > 3 || *begin == '0')
        return false;
      group = at + 1;
    } else {
      return false;
    }
  }
  if (digits == 0 || digits > SMALL_DIGITS || (point != NULL && point + 1 == end)) return false;
  if (point == NULL && group != NULL && end - group != 3) return false;
  number->negative = *text == '-' && value != 0;
  number->is_small = true;
  number->places = point != NULL ? (int)(end - point - 1) : 0;
  number->small = value;
  return true;
}

/* Keeps a digit, unless it is a zero in front; zeros wait until a digit follows them. */
static bool keep_digit(reader *in, char digit) {
  pur_numeral *number = in->number;
  if (digit == '0') {
    in->zeros += number->count > 0;
    return true;
  }
  if (number->count + in->zeros >= PUR_NUMERAL_DIGITS) return false;
  memset(number->digits + number->count, '0', in->zeros);
  number->count += in->zeros;
  number->digits[number->count++] = digit;
  in->zeros = 0;
  return true;
}

/* Reads digits, at least one; returns how many, or 0. */
static size_t read_digits(reader *in) {
  const char *begin = in->at;
  for (; in->at < in->end && pur_text_is_digit(*in->at); in->at++)
    if (!keep_digit(in, *in->at)) return 0;
  return (size_t)(in->at - begin);
}

/* How many bytes a sign between thousands has; 0: it is none, or nothing stands behind it that
 * could be a group. */
static size_t separator_length(const reader *in) {
  const size_t left = (size_t)(in->end - in->at);
  size_t length = 0;
  if (left == 0 || in->style->thousands == 0) return 0;
  if (in->style->thousands == ' ' && *in->at != '\t')
    length = pur_blank_length(in->at, left);
  else if (*in->at == in->style->thousands)
    length = 1;
  else if (in->style->thousands == '\'' && left >= 3 && memcmp(in->at, "\xE2\x80\x99", 3) == 0)
    length = 3;
  return length < left && pur_text_is_digit(in->at[length]) ? length : 0;
}

/* Reads what stands before the decimal sign, in groups of exactly three or without any. Nobody
 * writes thousands behind a zero: 0.500 is a half, whatever the style says. */
static bool read_whole(reader *in) {
  const char *begin = in->at;
  size_t length, digits = read_digits(in);
  if (digits == 0 || separator_length(in) == 0) return digits > 0;
  if (digits > 3 || *begin == '0') return false;
  while ((length = separator_length(in)) > 0) {
    in->at += length;
    if (read_digits(in) != 3) return false;
  }
  return true;
}

/* Reads an exponent if one is next. */
static void read_exponent(reader *in, int *exponent) {
  const char *at = in->at;
  bool negative;
  if (at == in->end || (*at | 0x20) != 'e') return;
  at++;
  negative = at < in->end && *at == '-';
  at += at < in->end && (*at == '-' || *at == '+');
  if (at == in->end || !pur_text_is_digit(*at)) return;
  for (*exponent = 0; at < in->end && pur_text_is_digit(*at); at++)
    if (*exponent < BEYOND) *exponent = *exponent * 10 + (*at - '0');
  if (negative) *exponent = -*exponent;
  in->at = at;
}

/* Reads digits, decimal sign and exponent. */
static bool read_size(reader *in) {
  pur_numeral *number = in->number;
  const char *begin = in->at;
  size_t places = 0;
  int exponent = 0;
  bool has_whole = in->at < in->end && pur_text_is_digit(*in->at);
  if (has_whole && !read_whole(in)) return false;
  if (in->at < in->end && *in->at == in->style->decimal) {
    in->at++;
    places = read_digits(in);
    if (places == 0) return false;
  }
  if (in->at == begin) return false;
  read_exponent(in, &exponent);
  if (number->count == 0) return true;
  if (places >= BEYOND || in->zeros >= BEYOND) return false;
  number->places = (int)places - exponent - (int)in->zeros;
  return number->places <= PUR_NUMERAL_DIGITS &&
         (int)number->count - number->places <= PUR_NUMERAL_DIGITS;
}

static bool take(reader *in, const char *text, size_t length) {
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, text, length) != 0) return false;
  in->at += length;
  return true;
}

static void pass_blanks(reader *in) {
  size_t blank;
  while ((blank = pur_blank_length(in->at, (size_t)(in->end - in->at))) > 0) in->at += blank;
}

/* Reads a number with what may stand beside it: each of a sign, brackets and the currency once. */
static bool read_amount(reader *in) {
  const pur_text *currency = &in->style->currency;
  bool has_sign = false, has_bracket = false, has_currency = false, negative = false;
  for (;; pass_blanks(in)) {
    if (!has_sign && take(in, "-", 1))
      has_sign = negative = true;
    else if (!has_sign && take(in, "+", 1))
      has_sign = true;
    else if (!has_sign && take(in, "(", 1))
      has_sign = has_bracket = negative = true;
    else if (!has_currency && take(in, currency->text, currency->length))
      has_currency = true;
    else
      break;
  }
  if (!read_size(in)) return false;
  for (pass_blanks(in); in->at < in->end; pass_blanks(in)) {
    if (has_bracket && take(in, ")", 1))
      has_bracket = false;
    else if (!has_sign && take(in, "-", 1))
      has_sign = negative = true;
    else if (has_currency || !take(in, currency->text, currency->length))
      return false;
    else
      has_currency = true;
  }
  in->number->negative = negative && in->number->count > 0;
  return !has_bracket;
}

bool pur_numeral_read(const pur_number_style *style, const char *text, size_t length,
                      pur_numeral *number) {
  reader in = {.style = style, .at = text, .number = number};
  bool negative;
  if (length == 0) return false;
  in.end = text + length;
  if (read_small(style, text, length, number)) return true;
  number->negative = number->is_small = false;
  number->places = 0;
  number->count = 0;
  if (style->has_currency) return read_amount(&in);
  negative = *text == '-';
  in.at += negative || *text == '+';
  if (!read_size(&in) || in.at < in.end) return false;
  number->negative = negative && number->count > 0;
  return true;
}

/* Explaining */

size_t pur_dash_length(const char *text, size_t length) {
  static const char *const dashes[] = {
      "\xE2\x88\x92", "\xE2\x80\x90", "\xE2\x80\x91", "\xE2\x80\x92", "\xE2\x80\x93",
      "\xE2\x80\x94", "\xE2\x80\x95", "\xEF\xB9\xA3", "\xEF\xBC\x8D", "\xC2\xAD"};
  for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
    const size_t size = strlen(dashes[i]);
    if (length >= size && memcmp(text, dashes[i], size) == 0) return size;
  }
  return 0;
}

/* Is there a dash that is to be a minus? */
static bool has_dash(pur_text text) {
  for (size_t i = 0; i < text.length; i++)
    if (pur_dash_length(text.text + i, text.length - i) > 0) return true;
  return false;
}

/* Says what to do about a comma or a point that the style does not have there. */
static void explain_sign(const pur_number_style *style, char sign, const char *text, size_t length,
                         char *out, size_t size) {
  const char *name = sign == ',' ? "comma" : "point", *end = text + length;
  const char *first = memchr(text, sign, length), *last = memrchr(text, sign, length);
  const char other = sign == ',' ? '.' : ',';
  const char *point = memchr(text, other, length);
  size_t behind = 0;
  while (last + 1 + behind < end && pur_text_is_digit(last[1 + behind])) behind++;
  if (style->thousands == sign)
    (void)snprintf(out, size, "a %s that is %s; say decimal = \"%c\" if it is one", name,
                   text[*text == '-'] == '0' ? "behind a zero" : "not before three digits", sign);
  else if (point != NULL && point < first && style->decimal != sign)
    (void)snprintf(out, size, "a decimal %s; say decimal = \"%c\", thousands = \"%c\"", name, sign,
                   other);
  else if (first != last || (point != NULL && point > last))
    (void)snprintf(out, size, "a %s between thousands; say thousands = \"%c\"", name, sign);
  else if (behind == 3 && first > text && *text != '0')
    (void)snprintf(out, size, "a %s; say decimal = \"%c\" or thousands = \"%c\"", name, sign, sign);
  else
    (void)snprintf(out, size, "a decimal %s; say decimal = \"%c\"", name, sign);
}

/* Says what stands beside power or energy. */
static void explain_unit(const pur_number_style *style, pur_text beside, char *out, size_t size) {
  const pur_unit unit = pur_unit_in_name(beside.text, beside.length);
  if (style->unit.text != NULL)
    (void)snprintf(out, size, "something other than unit = \"%.*s\" stands beside it",
                   (int)style->unit.length, style->unit.text);
  else if (unit == PUR_UNIT_NONE || unit == PUR_UNIT_PRICE)
    (void)snprintf(out, size, "what stands beside it is no unit of power or energy");
  else
    (void)snprintf(out, size, "its unit stands beside it; say unit = \"%s\"", pur_unit_name(unit));
}

/* Says what stands before or behind the digits. */
static void explain_beside(const pur_number_style *style, pur_text beside, char *out, size_t size) {
  char shown[16];
  if (has_dash(beside)) {
    (void)snprintf(out, size, "its minus is not - (U+002D) but a dash that looks like it");
    return;
  }
  if (style->has_currency) {
    pur_issue_quote(style->currency.text, style->currency.length, shown, sizeof shown);
    (void)snprintf(out, size, "something other than currency = \"%s\" stands beside it", shown);
    return;
  }
  if (beside.length == 1 && (*beside.text == '-' || *beside.text == '(')) {
    (void)snprintf(out, size, "brackets or a sign behind it are read with currency alone");
    return;
  }
  while (beside.length > 0 && memchr("-+(", *beside.text, 3) != NULL)
    beside = pur_blank_trim(beside.text + 1, beside.length - 1);
  if (style->is_power) {
    explain_unit(style, beside, out, size);
    return;
  }
  pur_issue_quote(beside.text, beside.length, shown, sizeof shown);
  (void)snprintf(out, size, "say currency = \"%s\" if that is one", shown);
}

/* What stands between the first digit and the last. */
typedef struct pur_numeral_look {
  bool has_blank, has_apostrophe, has_exponent;
  bool has_other; /* that no number has */
} look;

static look look_at(const char *at, const char *end) {
  look seen = {0};
  while (at < end) {
    size_t blank = pur_blank_length(at, (size_t)(end - at)), length = 1;
    if (blank > 0)
      seen.has_blank = true, length = blank;
    else if (end - at > 3 && memcmp(at, "\xE2\x80\x99", 3) == 0)
      seen.has_apostrophe = true, length = 3;
    else if (*at == '\'')
      seen.has_apostrophe = true;
    else if (*at == 'e' || *at == 'E')
      seen.has_exponent = true;
    else
      seen.has_other |= !pur_text_is_digit(*at) && *at != '.' && *at != ',' &&
                        !(seen.has_exponent && (*at == '-' || *at == '+'));
    at += length;
  }
  return seen;
}

void pur_numeral_explain(const pur_number_style *style, const char *text, size_t length, char *out,
                         size_t size) {
  const char *end = text + length, *first = text, *last = end;
  pur_text before, behind;
  look seen;
  *out = '\0';
  while (first < end && !pur_text_is_digit(*first)) first++;
  if (first == end) {
    char shown[40];
    pur_issue_quote(text, length, shown, sizeof shown);
    (void)snprintf(out, size, "where it stands for nothing, say null = { \"%s\" }", shown);
    return;
  }
  while (!pur_text_is_digit(last[-1])) last--;
  seen = look_at(first, last);
  before = pur_blank_trim(text, (size_t)(first - text));
  behind = pur_blank_trim(last, (size_t)(end - last));
  if (seen.has_other) return;
  if (seen.has_blank && style->thousands != ' ')
    (void)snprintf(out, size, "a blank between thousands; say thousands = \" \"");
  else if (seen.has_apostrophe && style->thousands != '\'')
    (void)snprintf(out, size, "an apostrophe between thousands; say thousands = \"'\"");
  else if (style->decimal == '.' && memchr(text, ',', length) != NULL)
    explain_sign(style, ',', text, length, out, size);
  else if (style->decimal == ',' && memchr(text, '.', length) != NULL)
    explain_sign(style, '.', text, length, out, size);
  else if (before.length > 0 && memchr("-+.,", before.text[before.length - 1], 4) == NULL)
    explain_beside(style, before, out, size);
  else if (behind.length > 0 && *behind.text != '.' && *behind.text != ',')
    explain_beside(style, behind, out, size);
  else if (length > PUR_NUMERAL_DIGITS || seen.has_exponent)
    (void)snprintf(out, size, "longer than %d digits", PUR_NUMERAL_DIGITS);
}

/* Rounding and writing */

static void round_small(pur_numeral *number, int places) {
  const uint64_t unit = pur_tens[number->places - places];
  number->small = (number->small + unit / 2) / unit;
  number->places = places;
  if (number->small == 0) number->negative = false;
}

static void round_digits(pur_numeral *number, int places) {
  const size_t drop = (size_t)(number->places - places);
  size_t kept = drop > number->count ? 0 : number->count - drop;
  bool up = drop <= number->count && number->digits[kept] >= '5';
  number->places = places;
  while (up && kept > 0 && number->digits[kept - 1] == '9') kept--, number->places--;
  if (up && kept > 0) {
    number->digits[kept - 1]++;
  } else if (up) {
    number->digits[0] = '1';
    kept = 1;
    number->places = places - (int)(number->count - drop);
  }
  while (kept > 0 && number->digits[kept - 1] == '0') kept--, number->places--;
  number->count = kept;
  if (kept > 0) return;
  number->negative = false;
  number->places = 0;
}

void pur_numeral_round(pur_numeral *number, int places) {
  if (number->places <= places) return;
  if (number->is_small)
    round_small(number, places);
  else
    round_digits(number, places);
}

static void append_zeros(pur_buffer *out, size_t count) {
  char *to = count > 0 ? pur_buffer_reserve(out, count) : NULL;
  if (to == NULL) return;
  memset(to, '0', count);
  out->length += count;
}

void pur_numeral_write(const pur_numeral *number, pur_buffer *out) {
  int whole;
  if (number->is_small) {
    char *to = pur_buffer_reserve(out, PUR_FIXED_SIZE);
    int64_t value = (int64_t)number->small;
    if (to == NULL) return;
    out->length +=
        (size_t)(pur_fixed_write(to, number->negative ? -value : value, (unsigned)number->places) -
                 to);
    return;
  }
  whole = (int)number->count - number->places;
  if (number->negative) pur_buffer_append_literal(out, "-");
  if (whole <= 0) pur_buffer_append_literal(out, "0");
  if (whole <= 0 && number->count > 0) {
    pur_buffer_append_literal(out, ".");
    append_zeros(out, (size_t)-whole);
    pur_buffer_append(out, number->digits, number->count);
  } else if (whole >= (int)number->count) {
    pur_buffer_append(out, number->digits, number->count);
    append_zeros(out, (size_t)whole - number->count);
  } else if (whole > 0) {
    pur_buffer_append(out, number->digits, (size_t)whole);
    pur_buffer_append_literal(out, ".");
    pur_buffer_append(out, number->digits + whole, number->count - (size_t)whole);
  }
}

bool pur_numeral_to_exact(const pur_numeral *number, pur_exact *exact) {
  pur_int128 value = 0;
  if (number->is_small) {
    value = (pur_int128)number->small;
    *exact = (pur_exact){number->negative ? -value : value, (unsigned)number->places};
    return true;
  }
  if (number->count > PUR_EXACT_DIGITS || number->places > PUR_EXACT_DIGITS) return false;
  for (size_t i = 0; i < number->count; i++) value = value * 10 + (number->digits[i] - '0');
  *exact = (pur_exact){number->negative ? -value : value, 0};
  if (number->places < 0) return pur_exact_shift(exact, -number->places);
  exact->places = (unsigned)number->places;
  return true;
}

bool pur_map_write_plain(const char *text, size_t length, pur_buffer *out) {
  static const pur_number_style style = {.decimal = '.'};
  pur_numeral number;
  if (!pur_numeral_read(&style, text, length, &number)) return false;
  pur_numeral_write(&number, out);
  return true;
}

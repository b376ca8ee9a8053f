/* Numbers as people write them: a decimal sign, thousands, a currency. Private to map/. */
#ifndef PURCHASES_MAP_NUMBER_H
#define PURCHASES_MAP_NUMBER_H

#include "base/buffer.h"
#include "base/text.h"
#include "map/exact.h"

#define PUR_NUMERAL_DIGITS 100 /* the most that one may have before its point, or behind it */

typedef struct pur_number_style {
  char decimal;      /* . or , */
  char thousands;    /* . , space ' or 0: none */
  bool has_currency; /* then brackets and a sign behind mean less than zero */
  pur_text currency; /* that is passed over */
  bool is_power;     /* a series' value: what stands beside it is a unit, not a currency */
  pur_text unit;     /* that is said of it; `text` NULL: none */
} pur_number_style;

/* A number, of any length: small / 10^places, or its digits, without zeros at either end, where the
 * last is at 10^-places. Zero has no sign. */
typedef struct pur_numeral {
  bool negative;
  bool is_small; /* places are then 0..18 */
  int places;
  uint64_t small; /* up to 18 digits */
  size_t count;
  char digits[PUR_NUMERAL_DIGITS];
} pur_numeral;

/* Reads a text without blanks around it. */
bool pur_numeral_read(const pur_number_style *style, const char *text, size_t length,
                      pur_numeral *number);

/* Says why a text is no number, in words that are the same for all texts with that fault; `out` is
 * empty where there is nothing to say but that. */
void pur_numeral_explain(const pur_number_style *style, const char *text, size_t length, char *out,
                         size_t size);

/* How many bytes a sign at the start of the text has that looks like the minus - but is another:
 * U+2212 and the dashes; 0: it is none. */
size_t pur_dash_length(const char *text, size_t length);

/* Rounds half away from zero. */
void pur_numeral_round(pur_numeral *number, int places);

/* Appends the number plainly. */
void pur_numeral_write(const pur_numeral *number, pur_buffer *out);

/* False: it has more digits or places than an exact decimal. */
bool pur_numeral_to_exact(const pur_numeral *number, pur_exact *exact);

/* How many bytes a blank at the start of the text has: a space, a tab, U+00A0, U+202F; 0: none. */
size_t pur_blank_length(const char *text, size_t length);

/* The text without blanks around it. */
pur_text pur_blank_trim(const char *text, size_t length);

#endif

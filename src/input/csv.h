/* CSV as RFC 4180 writes it, and as people have it: one row's bytes → its fields.
 *
 * Pure: it sees only the bytes it is given and keeps nothing between rows but the memory of its
 * field list. Beyond the RFC it takes LF alone as a line end, a missing last line end, and any
 * delimiter. A quote inside an unquoted field is text. Behind a closing quote the field ends, or
 * the row is refused. */
#ifndef PURCHASES_INPUT_CSV_H
#define PURCHASES_INPUT_CSV_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/text.h"

/* A field's bytes within the row, without its outer quotes. */
typedef struct pur_csv_field {
  const char *text;
  size_t length;
  uint32_t place;  /* where the text begins, in bytes from the row's first */
  bool is_quoted;  /* it stands in quotes */
  bool is_escaped; /* the text is not yet its value: see pur_csv_value */
} pur_csv_field;

/* Begins with its delimiter alone. */
typedef struct pur_csv_row {
  char delimiter;
  const char *text;
  size_t length; /* bytes of the row with its line end */
  size_t lines;  /* line ends in it: more than 1 where quotes hold some */
  size_t count;  /* fields */
  size_t split;  /* of them, those that it was split into: a caller may add others */
  size_t alike;  /* of them, those that were taken over from the row before */
  pur_buffer fields;
} pur_csv_row;

void pur_csv_free(pur_csv_row *row);

/* Splits the row at the start of [text, text + length). `last`: nothing follows these bytes.
 * PUR_OK; PUR_END when the bytes end within the row and more may come (or none are left);
 * PUR_INVALID_CSV with the offset of the byte that breaks the rules; PUR_NO_MEMORY. The fields
 * point into `text`. */
pur_status pur_csv_parse(pur_csv_row *row, const char *text, size_t length, bool last,
                         pur_error *error);

/* The same for a row whose first `common` bytes are those of the row split last, which is one line
 * and still stands where it stood: fields that end within them are taken over. */
pur_status pur_csv_parse_like(pur_csv_row *row, size_t common, const char *text, size_t length,
                              bool last, pur_error *error);

/* Field `index` (from 0, less than `count`) of the row parsed last. */
static inline pur_csv_field *pur_csv_get(const pur_csv_row *row, size_t index) {
  return (pur_csv_field *)(void *)row->fields.data + index;
}

/* Undoes what a field's text is escaped with: doubled quotes, and ="001", as spreadsheets write a
 * text that looks like a number. The text is then the value, and stands in `out`, behind what is
 * there; the values of a row need no more than the row's bytes. A failure sticks in the buffer, and
 * the field stays. */
void pur_csv_value(pur_csv_field *field, pur_buffer *out);

#endif

/* CSV as RFC 4180 writes it: one row's bytes → its fields.
 *
 * Pure: it sees only the bytes it is given and keeps nothing between rows but the memory of its
 * field list. Beyond the RFC it takes LF alone as a line end, a missing last line end, and `;` or
 * tab as the delimiter. Quotes are where the RFC allows them, or the row is refused. */
#ifndef PURCHASES_INPUT_CSV_H
#define PURCHASES_INPUT_CSV_H

#include <stdbool.h>

#include "base/buffer.h"

/* A field's bytes within the row, without its outer quotes; doubled quotes are left as they
 * stand. */
typedef struct pur_csv_field {
  const char *text;
  size_t length;
} pur_csv_field;

typedef struct pur_csv_row {
  char delimiter;
  size_t length; /* bytes of the row with its line end */
  size_t lines;  /* line ends in it: more than 1 where quotes hold some */
  size_t count;  /* fields */
  pur_buffer fields;
} pur_csv_row;

void pur_csv_init(pur_csv_row *row, char delimiter);
void pur_csv_free(pur_csv_row *row);

/* Splits the row at the start of [text, text + length). `last`: nothing follows these bytes.
 * PUR_OK; PUR_END when the bytes end within the row and more may come (or none are left);
 * PUR_INVALID_CSV with the offset of the byte that breaks the rules (the row then spans its
 * first line); PUR_NO_MEMORY. The fields point into `text`. */
pur_status pur_csv_parse(pur_csv_row *row, const char *text, size_t length, bool last,
                         pur_error *error);

/* Field `index` (from 0, less than `count`) of the row parsed last. */
const pur_csv_field *pur_csv_get(const pur_csv_row *row, size_t index);

/* Tells whether the row is an empty line, which is not a row of the table. */
bool pur_csv_is_blank(const pur_csv_row *row);

/* Guesses the delimiter of a file: whichever of `,` `;` tab stands most often outside quotes in its
 * header.
 */
char pur_csv_delimiter(const char *header, size_t length);

#endif

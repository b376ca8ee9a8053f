/* How a file's bytes are laid out in rows, as its user says; zeros: as the file itself tells. */
#ifndef PURCHASES_INPUT_FORM_H
#define PURCHASES_INPUT_FORM_H

#include <stdbool.h>

#include "base/text.h"
#include "input/encoding.h"

typedef struct pur_form {
  pur_encoding encoding; /* PUR_ENCODING_ANY: that of a byte order mark, else UTF-8 */
  char delimiter;        /* ASCII, no quote and no line end; 0: whichever of `,` `;` tab stands most
                            often in the header, `|` where none of them does, or as a `sep=` line
                            says, which may come first and is no row */
  bool no_header;        /* there is none: rows begin behind `skip` lines */
  size_t header;         /* the line of the header, from 1; 0: the first that is not blank, behind
                            a `sep=` line and `skip` lines */
  size_t skip;           /* lines before the rows; these are raw: quotes do not count in them */
  const pur_text *names; /* in place of the header's, or where there is none; NULL: none; must live
                            as long as the rows do */
  size_t name_count;
} pur_form;

#endif

/* JSON as RFC 8259 has it: a strict scanner that copies nothing, strings in and out, and the search
 * for one model in a big answer.
 *
 * Texts are UTF-8 without a byte order mark. The scanner refuses, besides what the grammar refuses,
 * nesting deeper than PUR_JSON_DEPTH, invalid UTF-8, escaped surrogates that do not pair, and a
 * name that an object has twice. It passes numbers of any size; see pur_number_read. */
#ifndef PURCHASES_JSON_H
#define PURCHASES_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

#define PUR_JSON_DEPTH 512

typedef enum pur_json_kind {
  PUR_JSON_OBJECT_BEGIN,
  PUR_JSON_OBJECT_END,
  PUR_JSON_ARRAY_BEGIN,
  PUR_JSON_ARRAY_END,
  PUR_JSON_KEY, /* a member's name; its value is next */
  PUR_JSON_STRING,
  PUR_JSON_NUMBER,
  PUR_JSON_TRUE,
  PUR_JSON_FALSE,
  PUR_JSON_NULL
} pur_json_kind;

typedef struct pur_json_token {
  pur_json_kind kind;
  bool escaped;     /* a key or string with a backslash in it */
  const char *text; /* into the scanned text; of a key or string what is between the quotes */
  size_t length;
  size_t position; /* of the token's first byte, quotes included, from 0 */
} pur_json_token;

typedef struct pur_json_scanner {
  const char *text;
  size_t length;
  size_t position; /* of the next byte to read */
  unsigned depth;
  unsigned char expected;                    /* next */
  uint64_t objects[PUR_JSON_DEPTH / 64];     /* bit d: the container at depth d + 1 is an object */
  pur_buffer open, names, unescaped, merged; /* of the objects that are open: names.c */
} pur_json_scanner;

/* Starts at the first byte of a text that outlives the scanner. pur_json_scanner_free ends it. */
void pur_json_scanner_init(pur_json_scanner *scanner, const char *text, size_t length);

/* The same for a scanner that was used before, keeping its memory. */
void pur_json_scanner_restart(pur_json_scanner *scanner, const char *text, size_t length);
void pur_json_scanner_free(pur_json_scanner *scanner);

/* Reads the next token. PUR_END: the document is over, and nothing but white space follows it.
 * Errors: PUR_INVALID_JSON, PUR_INVALID_UTF8, PUR_TOO_DEEP, PUR_DUPLICATE_KEY (at the second of the
 * two names), PUR_NO_MEMORY (for the names of open objects). After an error the scanner can only be
 * restarted or freed. */
pur_status pur_json_next(pur_json_scanner *scanner, pur_json_token *token, pur_error *error);

/* Reads on to the end of the object or array whose bracket was read last, without the scanner's
 * knowing (json/scan.h). Errors as pur_json_next. */
pur_status pur_json_pass(pur_json_scanner *scanner, bool is_object, pur_error *error);

/* Jumps over what is left of the innermost open object or array (there must be one), its end
 * included, at several bytes per nanosecond, looking at quotes and brackets only. PUR_INVALID_JSON:
 * the text ends before, or the last bracket is of the other kind. */
pur_status pur_json_leave(pur_json_scanner *scanner, pur_error *error);

/* Moves `position`, which is inside a container and outside strings, behind the bracket that closes
 * the container. False, with `position` as it was: the text ends before. Any [ or { opens and any ]
 * or } closes; a backslash counts in strings only. */
bool pur_json_skip(const char *text, size_t length, size_t *position);

/* Tells whether a text is one whole document: PUR_OK, or the errors of pur_json_next. */
pur_status pur_json_check(const char *text, size_t length, pur_error *error);

/* Strings, in and out */

/* Appends what the text of a key or string stands for, in UTF-8. The scanner must have passed it.
 */
void pur_json_string_unescape(const char *text, size_t length, pur_buffer *out);

/* What a key or string stands for: its own text, or, of one with escapes, `scratch`, which is
 * emptied before and good until it is used again. PUR_OK or PUR_NO_MEMORY. */
pur_status pur_json_string_text(const pur_json_token *token, pur_buffer *scratch, pur_text *text,
                                pur_error *error);

/* Tells whether a key, string or other token stands for exactly these bytes. */
bool pur_json_string_equals(const pur_json_token *token, const char *plain, size_t length);

static inline bool pur_json_string_is(const pur_json_token *token, const char *plain) {
  return pur_json_string_equals(token, plain, strlen(plain));
}

/* Appends a string with its quotes, escaping only what must be. PUR_INVALID_UTF8, with nothing
 * appended and the position of the first wrong byte; PUR_NO_MEMORY and PUR_TOO_LARGE as the buffer
 * has it. */
pur_status pur_json_write_string(pur_buffer *out, const char *text, size_t length,
                                 pur_error *error);

/* Appends one step of a JSON Pointer (RFC 6901). */
void pur_json_pointer_add_name(pur_buffer *out, const pur_json_token *key);
void pur_json_pointer_add_index(pur_buffer *out, size_t index);

/* Searches */

/* Finds the model with an `idmodel` in an answer that has `strategy_output`, or in the value of
 * that alone: a list of models or one model. `slice` becomes its bytes in `text`, checked as
 * pur_json_check does.
 *
 * `id` is a number's or a string's text: 1, 1.0 and "1" are the same id. The search takes the first
 * match, jumps over the other models as pur_json_leave does, and does not look at what follows.
 *
 * PUR_NOT_FOUND: there is no such model, and the text was read to its end. */
pur_status pur_json_find_model(const char *text, size_t length, const char *id, size_t id_length,
                               const char **slice, size_t *slice_length, pur_error *error);

/* Finds the value of an object's own member: its bytes in `text`, quotes and escapes included.
 * Looks only at what stands before it, and at that as little as pur_json_leave does.
 *
 * PUR_NOT_FOUND: there is no such member, or no object. Errors as pur_json_next. */
pur_status pur_json_find_member(const char *text, size_t length, const char *name,
                                size_t name_length, const char **slice, size_t *slice_length,
                                pur_error *error);

#endif

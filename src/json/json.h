/* JSON as RFC 8259 has it: a strict scanner that copies nothing, strings in and out, and the search
 * for one model in a big answer.
 *
 * Texts are UTF-8 without a byte order mark. The scanner refuses, besides what the grammar refuses,
 * nesting deeper than PUR_JSON_DEPTH, invalid UTF-8, escaped surrogates that do not pair, and a
 * name that an object has twice. It passes numbers of any size; see pur_number_read. */
#ifndef PURCHASES_JSON_H
#define PURCHASES_JSON_H

#include "json/string.h"
#include "json/token.h"

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

/* Reads the next token and, where it begins an object or array, jumps to the end of that. */
pur_status pur_json_next_whole(pur_json_scanner *scanner, pur_json_token *token, pur_error *error);

/* Reads on in the innermost open object, behind whole members, to just before the value of the one
 * with a name. PUR_NOT_FOUND: the object has none of that name, and is over. */
pur_status pur_json_seek(pur_json_scanner *scanner, const char *name, size_t length,
                         pur_error *error);

/* Tells whether a text is one whole document: PUR_OK, or the errors of pur_json_next. */
pur_status pur_json_check(const char *text, size_t length, pur_error *error);

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

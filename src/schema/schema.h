/* JSON Schema, draft 4: compiled once, then run over the bytes of JSON documents in one pass.
 *
 * Keywords: type, enum, required, properties, additionalProperties, items, minItems, maxItems,
 * minLength, maxLength, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf,
 * anyOf, oneOf, allOf, format, $ref within the document, definitions. The annotations $schema, id,
 * title, description and default are let through. A schema with any other keyword is refused: a
 * rule that is not kept must not look like one that is.
 *
 * Choices where the specification leaves it open or implementations differ:
 * - An integer is a number without a fraction and without an exponent: 1.0 and 1e2 are none, as in
 *   draft 4 (section 3.5 of its core) and in Python's Draft4Validator.
 * - Numbers are compared, and divided by multipleOf, as the decimals they are written as, however
 *   long: 19.99 is a multiple of 0.01, and 9007199254740993 is not at most 9007199254740992.
 * - Values in an enum are equal as JSON values: 1 and 1.0 are, 1 and true are not, "\u0061" and "a"
 *   are; objects whatever the order of their members.
 * - A length is counted in code points.
 * - A pattern is a regular expression in ECMA's manner, found anywhere in the string; `$` matches
 * at the very end only. \d, \w and \b know ASCII.
 * - format: email is RFC 5321's Mailbox, beyond ASCII too (RFC 6531); date-time is RFC 3339's; uri
 * is RFC 3986's, with a scheme. Other formats refuse the schema.
 *
 * Documents are strict JSON as json.h has it (depth, UTF-8, surrogates, names that come twice),
 * told in the same pass. */
#ifndef PURCHASES_SCHEMA_H
#define PURCHASES_SCHEMA_H

#include <stdbool.h>

#include "base/issues.h"

/* Never written to once it is compiled: any number of threads may check with one. */
typedef struct pur_schema pur_schema;

/* The memory of a check, for one at a time: used again, it allocates nothing more. */
typedef struct pur_schema_run pur_schema_run;

/* Compiles the schema that stands in a text, which may go afterwards. The caller ends it with
 * pur_schema_destroy (NULL is fine).
 *
 * PUR_INVALID_SCHEMA: the message names the keyword and, as a JSON Pointer, where in the schema it
 * stands; so does `position`. PUR_TOO_LARGE: more than a mebibyte of text. PUR_NO_MEMORY, and the
 * errors of pur_json_next. */
pur_status pur_schema_compile(const char *text, size_t length, pur_schema **schema,
                              pur_error *error);
void pur_schema_destroy(pur_schema *schema);

/* NULL: out of memory. Serves any schema. pur_schema_run_destroy ends it (NULL is fine). */
pur_schema_run *pur_schema_run_new(void);
void pur_schema_run_destroy(pur_schema_run *run);

#define PUR_SCHEMA_WATCHED 2

/* Makes checks look out for the document's own member of that name, which must outlive the
 * run: the natural key of a purchase. `which`, below PUR_SCHEMA_WATCHED, tells one from another.
 * NULL: no more. */
void pur_schema_run_watch(pur_schema_run *run, size_t which, const char *name, size_t length);

/* The value of that member in the document checked last, as it stands there, quotes and escapes
 * included: `*length` bytes from `*offset` on in its text. False: it has none, or the check did not
 * come to its end. */
bool pur_schema_run_watched(const pur_schema_run *run, size_t which, size_t *offset,
                            size_t *length);

/* Checks one whole document.
 *
 * All that is wrong is added to `issues`: their index is `start->index`, their line and column
 * count on from `start`, where the text begins ({0, 1, 1} for a text of its own); their code is the
 * keyword, their field a JSON Pointer (RFC 6901; cut at 4,000 bytes). A value of the wrong type is
 * not looked into any further. Other codes: `pattern_limit`, a pattern that takes too long on a
 * string, or on the strings of a document; `too_complex`, alternatives within alternatives that
 * take too long on a document; and the names of the errors of pur_json_next, which end the check.
 *
 * PUR_OK: nothing is wrong. PUR_SCHEMA_MISMATCH: issues were added. The errors of pur_json_next:
 * `position` is an offset into the text; it is among the issues too. PUR_NO_MEMORY. */
pur_status pur_schema_check(const pur_schema *schema, pur_schema_run *run, const char *text,
                            size_t length, const pur_place *start, pur_issues *issues,
                            pur_error *error);

#endif

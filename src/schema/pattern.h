/* Regular expressions: private to the schema*.c files. Only this part knows of PCRE2. */
#ifndef PURCHASES_SCHEMA_PATTERN_H
#define PURCHASES_SCHEMA_PATTERN_H

#include "schema/names.h"

typedef struct pur_schema_pattern pur_schema_pattern;

/* What matching needs, for one match at a time. */
typedef struct pur_matcher pur_matcher;

/* Compiles a regular expression in ECMA's manner, UTF-8 without a wrong byte. The text must live as
 * long; the pattern is put before those in `*all`. PUR_INVALID_SCHEMA: the message says what is
 * wrong, and at which character. PUR_NO_MEMORY. */
pur_status pur_schema_pattern_new(const char *text, size_t length, pur_schema_pattern **all,
                                  pur_error *error);

/* As it was given. */
pur_text pur_schema_pattern_text(const pur_schema_pattern *pattern);

/* Ends all patterns of a list; NULL: none. */
void pur_schema_patterns_destroy(pur_schema_pattern *all);

/* NULL: out of memory. */
pur_matcher *pur_matcher_new(void);
void pur_matcher_destroy(pur_matcher *matcher);

/* Does the pattern match somewhere in a text of valid UTF-8? PUR_OK: yes; PUR_NOT_FOUND: no;
 * PUR_TOO_LARGE: a limit was reached before that could be told; PUR_NO_MEMORY. */
pur_status pur_schema_pattern_match(const pur_schema_pattern *pattern, pur_matcher *matcher,
                                    const char *text, size_t length);

#endif

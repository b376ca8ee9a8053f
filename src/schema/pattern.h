/* Regular expressions: private to the schema folder. Only pattern.c knows of PCRE2. */
#ifndef PURCHASES_SCHEMA_PATTERN_H
#define PURCHASES_SCHEMA_PATTERN_H

#include "base/error.h"
#include "base/text.h"

typedef struct pur_schema_pattern pur_schema_pattern;

/* The memory of a match, for one at a time. */
typedef struct pur_matcher pur_matcher;

/* Compiles a regular expression in ECMA's manner, which is valid UTF-8 and must live as long, and
 * puts the pattern before those in `*all`. PUR_INVALID_SCHEMA: the message says what is wrong, and
 * at which byte. PUR_NO_MEMORY. */
pur_status pur_schema_pattern_new(const char *text, size_t length, pur_schema_pattern **all,
                                  pur_error *error);

/* The expression as it was given. */
pur_text pur_schema_pattern_text(const pur_schema_pattern *pattern);

/* Ends all patterns of a list; NULL: none. */
void pur_schema_patterns_destroy(pur_schema_pattern *all);

/* NULL: out of memory. */
pur_matcher *pur_matcher_new(void);
void pur_matcher_destroy(pur_matcher *matcher);

/* Another document begins, whose matches may take as much as those of any other. To be called
 * before the first match, too. */
void pur_matcher_restart(pur_matcher *matcher);

/* Tells whether the pattern matches somewhere in a text of valid UTF-8. PUR_OK: yes; PUR_NOT_FOUND:
 * no; PUR_TOO_LARGE: a limit, of this match or of the document's, was reached before that could be
 * told; PUR_NO_MEMORY. */
pur_status pur_schema_pattern_match(const pur_schema_pattern *pattern, pur_matcher *matcher,
                                    const char *text, size_t length);

#endif

/* Regular expressions, over PCRE2. */
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/node.h"

/* Steps of one match: some five milliseconds. A pattern without nested repeats needs a small
 * multiple of the text's length: that much is free, and what is more comes out of what all matches
 * of one document may take. PCRE2 does not tell how many steps a match took, only that they were
 * more than a limit, which therefore grows. */
#define MATCH_LIMIT 1000000
#define DOCUMENT_LIMIT 5000000
#define FREE_STEPS 16 /* for each byte */
#define GROWTH 8
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT 20000 /* kibibytes */

typedef int match(const pcre2_code *code, PCRE2_SPTR text, PCRE2_SIZE length, PCRE2_SIZE start,
                  uint32_t options, pcre2_match_data *data, pcre2_match_context *context);

struct pur_matcher {
  uint32_t left; /* of the document's steps */
  pcre2_match_context *context;
  pcre2_match_data *data;
};

/* PCRE2 allocates with these, so that tests can make allocations fail. */
static void *allocate(size_t size, void *unused) {
  (void)unused;
  return malloc(size);
}

static void release(void *memory, void *unused) {
  (void)unused;
  free(memory);
}

/* Compiles in ECMA's manner: `$` is the very end, [] matches nothing, \uXXXX is a character, and a
 * group that took no part has matched the empty text. */
static pur_status compile(pur_schema_pattern *pattern, pur_error *error) {
  static const uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY |
                                  PCRE2_ALLOW_EMPTY_CLASS | PCRE2_ALT_BSUX |
                                  PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
  pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
  pcre2_compile_context *context = general != NULL ? pcre2_compile_context_create(general) : NULL;
  PCRE2_UCHAR message[128] = "";
  int reason = PCRE2_ERROR_NOMEMORY;
  size_t position = 0;
  if (context != NULL) {
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    (void)pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    pattern->code = pcre2_compile((PCRE2_SPTR)pattern->text.text, pattern->text.length, options,
                                  &reason, &position, context);
  }
  pcre2_compile_context_free(context);
  pcre2_general_context_free(general);
  if (pattern->code != NULL) {
    pattern->is_native = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0;
    return PUR_OK;
  }
  if (reason == PCRE2_ERROR_NOMEMORY || reason == PCRE2_ERROR_HEAP_FAILED)
    return pur_error_no_memory(error);
  (void)pcre2_get_error_message(reason, message, sizeof message);
  return pur_error_set(error, PUR_INVALID_SCHEMA, 0, "%s, at byte %zu of it", (char *)message,
                       position + 1);
}

pur_status pur_schema_pattern_new(const char *text, size_t length, pur_schema_pattern **all,
                                  pur_error *error) {
  pur_schema_pattern *pattern = calloc(1, sizeof *pattern);
  if (pattern == NULL) return pur_error_no_memory(error);
  pattern->text = (pur_text){text, length};
  pattern->next = *all;
  *all = pattern;
  return compile(pattern, error);
}

void pur_schema_patterns_destroy(pur_schema_pattern *all) {
  while (all != NULL) {
    pur_schema_pattern *next = all->next;
    pcre2_code_free(all->code);
    free(all);
    all = next;
  }
}

/* Matching */

pur_matcher *pur_matcher_new(void) {
  pcre2_general_context *general = pcre2_general_context_create(allocate, release, NULL);
  pur_matcher *matcher = calloc(1, sizeof *matcher);
  if (general != NULL && matcher != NULL) {
    matcher->context = pcre2_match_context_create(general);
    matcher->data = pcre2_match_data_create(1, general);
  }
  pcre2_general_context_free(general);
  if (matcher == NULL || matcher->context == NULL || matcher->data == NULL) {
    pur_matcher_destroy(matcher);
    return NULL;
  }
  (void)pcre2_set_depth_limit(matcher->context, DEPTH_LIMIT);
  (void)pcre2_set_heap_limit(matcher->context, HEAP_LIMIT);
  return matcher;
}

void pur_matcher_destroy(pur_matcher *matcher) {
  if (matcher == NULL) return;
  pcre2_match_data_free(matcher->data);
  pcre2_match_context_free(matcher->context);
  free(matcher);
}

void pur_matcher_restart(pur_matcher *matcher) {
  matcher->left = DOCUMENT_LIMIT;
}

pur_status pur_schema_pattern_match(const pur_schema_pattern *pattern, pur_matcher *matcher,
                                    const char *text, size_t length) {
  match *match_with = pattern->is_native ? pcre2_jit_match : pcre2_match;
  size_t limit = FREE_STEPS * (length + GROWTH);
  int found;
  for (;;) {
    if (limit > MATCH_LIMIT) limit = MATCH_LIMIT;
    (void)pcre2_set_match_limit(matcher->context, (uint32_t)limit);
    found = match_with(pattern->code, (PCRE2_SPTR)text, length, 0, PCRE2_NO_UTF_CHECK,
                       matcher->data, matcher->context);
    if (found != PCRE2_ERROR_MATCHLIMIT || limit == MATCH_LIMIT) break;
    limit *= GROWTH;
    if (limit > matcher->left) break;
    matcher->left -= (uint32_t)limit;
  }
  if (found >= 0) return PUR_OK;
  if (found == PCRE2_ERROR_NOMATCH) return PUR_NOT_FOUND;
  return found == PCRE2_ERROR_NOMEMORY ? PUR_NO_MEMORY : PUR_TOO_LARGE;
}

/* Checks of values by themselves, and messages about all that a schema refuses. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/run.h"

#define POINTER_LIMIT 4000
#define SHOWN 64 /* bytes of a value in a message */

/* Values in messages */

typedef struct shown {
  char text[SHOWN + sizeof "..."];
} shown;

/* As much of a text as a message has room for. */
static shown show(pur_text text) {
  shown out = {{0}};
  size_t length;
  pur_issue_quote(text.text, text.length, out.text, SHOWN);
  length = strlen(out.text);
  if (length < text.length) memcpy(out.text + length, "...", sizeof "...");
  return out;
}

/* The same of a value, as the document has it. */
static shown show_value(const pur_json_token *token) {
  size_t quote = token->kind == PUR_JSON_STRING;
  return show((pur_text){token->text - quote, token->length + 2 * quote});
}

/* A list that grows piece by piece and is cut when it is too long. */
typedef struct line {
  char text[PUR_MESSAGE_SIZE];
  size_t length;
} line;

static void add(line *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(line *to, const char *format, ...) {
  va_list arguments;
  int length;
  va_start(arguments, format);
  length = vsnprintf(to->text + to->length, sizeof to->text - to->length, format, arguments);
  va_end(arguments);
  to->length += length > 0 ? (size_t)length : 0;
  if (to->length >= sizeof to->text) to->length = sizeof to->text - 1;
}

/* Places */

static void add_steps(pur_buffer *out, const pur_frame *at, const pur_frame *from) {
  if (at == from || at == NULL) return;
  add_steps(out, at->up, from);
  if (out->length > POINTER_LIMIT) return;
  if (at->key != NULL)
    pur_json_pointer_add_name(out, at->key);
  else
    pur_json_pointer_add_index(out, at->number);
}

/* The JSON Pointer to a place, cut between characters. */
static pur_text pointer_to(pur_schema_run *run, const pur_frame *at, const pur_frame *from) {
  size_t length;
  pur_buffer_clear(&run->pointer);
  add_steps(&run->pointer, at, from);
  run->lacks_memory |= run->pointer.status != PUR_OK;
  length = pur_utf8_clip(run->pointer.data, run->pointer.length, POINTER_LIMIT);
  return (pur_text){length != 0 ? run->pointer.data : "", length};
}

/* Issues and trials */

/* Counts a failure of a trial whose message nobody wants, as most are. */
static bool is_counted_only(pur_schema_run *run) {
  if (run->trial == NULL || (run->trial->message != NULL && run->trial->failures == 0))
    return false;
  run->trial->failures++;
  return true;
}

void pur_report(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                const char *format, ...) {
  pur_place place = {run->index, 0, position};
  pur_trial *trial = run->trial;
  char message[PUR_MESSAGE_SIZE];
  int used = 0;
  va_list arguments;
  pur_issue *issue;
  pur_text pointer;
  if (is_counted_only(run)) return;
  if (trial != NULL && at != trial->from)
    used = snprintf(message, sizeof message, "%s ", show(pointer_to(run, at, trial->from)).text);
  va_start(arguments, format);
  (void)vsnprintf(message + used, sizeof message - (size_t)used, format, arguments);
  va_end(arguments);
  if (trial != NULL) {
    trial->failures++;
    memcpy(trial->message, message, sizeof message);
    return;
  }
  issue = pur_issues_add(run->issues, &place, NULL, code, "%s", message);
  if (issue == NULL) return;
  pointer = pointer_to(run, at, NULL);
  pur_issue_set_pointer(run->issues, issue, pointer.text, pointer.length);
}

void pur_report_refusal(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                        const char *message) {
  pur_trial *trial = run->trial;
  run->trial = NULL;
  pur_report(run, at, position, code, "%s", message);
  run->trial = trial;
}

bool pur_run_spend(pur_schema_run *run, const pur_frame *at, size_t position, size_t length) {
  if (!run->is_spent && run->work >= length) {
    run->work -= length;
    return true;
  }
  if (!run->is_spent)
    pur_report_refusal(run, at, position, "too_complex",
                       "takes too long to check against the schema's alternatives");
  run->is_spent = true;
  return false;
}

/* Types */

void pur_report_type(pur_schema_run *run, const pur_frame *at, const pur_schema_node *node,
                     const pur_json_token *token) {
  static const char *const names[] = {"an array", "a boolean", "an integer", "null",
                                      "a number", "an object", "a string"};
  unsigned types = node->types;
  line list = {.length = 0};
  if (is_counted_only(run)) return;
  if ((types & PUR_TYPE_NUMBER) != 0) types &= ~(unsigned)PUR_TYPE_INTEGER;
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    if ((types >> i & 1) == 0) continue;
    types &= ~(1u << i);
    add(&list, "%s%s", list.length == 0 ? "" : types != 0 ? ", " : " or ", names[i]);
  }
  if (token->kind == PUR_JSON_OBJECT_BEGIN || token->kind == PUR_JSON_ARRAY_BEGIN)
    pur_report(run, at, token->position, node->keyword, "must be %s, not an %s", list.text,
               token->kind == PUR_JSON_OBJECT_BEGIN ? "object" : "array");
  else
    pur_report(run, at, token->position, node->keyword, "must be %s, not %s%s", list.text,
               token->kind == PUR_JSON_STRING ? "the string " : "", show_value(token).text);
}

/* Names */

/* Adds the names of a set, "a, b"; returns how many. */
static size_t add_names(line *to, const pur_object_rule *rule, const pur_name_set *set,
                        const char *between) {
  size_t count = 0;
  for (size_t i = 0; i < rule->count; i++)
    if (pur_name_set_has(set, i))
      add(to, "%s\"%s\"", count++ > 0 ? between : "", show(rule->names[i]).text);
  return count;
}

void pur_report_missing(pur_schema_run *run, const pur_frame *at, size_t position, pur_text name) {
  pur_report(run, at, position, "required", "\"%s\" is missing", show(name).text);
}

void pur_report_unknown(pur_schema_run *run, const pur_frame *at, const pur_object_rule *rule) {
  line names = {.length = 0};
  size_t count;
  if (is_counted_only(run)) return;
  count = add_names(&names, rule, &rule->allowed, ", ");
  pur_report(run, at, at->key->position, "additionalProperties", "is not allowed here; %s %s",
             count > 0 ? names.text : "no name", count > 0 ? "are" : "is");
}

static pur_name_set difference(const pur_name_set *a, const pur_name_set *b) {
  pur_name_set result;
  for (size_t i = 0; i < sizeof a->bits / sizeof *a->bits; i++)
    result.bits[i] = a->bits[i] & ~b->bits[i];
  return result;
}

/* Adds what each set has beyond the common names: "a", "b" and "c" together, "d". */
static void add_alternatives(line *to, const pur_object_rule *rule, const pur_name_set *sets,
                             size_t count, const pur_name_set *common) {
  for (size_t i = 0; i < count; i++) {
    pur_name_set own = difference(&sets[i], common);
    if (i > 0) add(to, ", ");
    if (add_names(to, rule, &own, " and ") > 1) add(to, " together");
  }
}

/* Adds the common names that are missing and, unless all else of one set is there, what the sets
 * have beyond them. */
static void add_missing(line *to, const pur_object_rule *rule, const pur_required_choice *choice,
                        const pur_name_set *seen) {
  pur_name_set common = choice->sets[0], own;
  size_t count;
  bool has_rest = false;
  for (size_t i = 1; i < choice->count; i++) {
    own = difference(&common, &choice->sets[i]);
    common = difference(&common, &own);
  }
  for (size_t i = 0; i < choice->count; i++) {
    own = difference(&choice->sets[i], &common);
    has_rest |= pur_name_set_within(&own, seen, rule->words);
  }
  own = difference(&common, seen);
  count = add_names(to, rule, &own, ", ");
  if (has_rest) return;
  add(to, "%s", count > 0 ? " and one of " : choice->count > 1 ? "one of " : "");
  add_alternatives(to, rule, choice->sets, choice->count, &common);
}

void pur_report_required_choice(pur_schema_run *run, const pur_frame *at, size_t position,
                                const pur_object_rule *rule, const pur_required_choice *choice,
                                const pur_name_set *seen, size_t had, size_t empty) {
  static const pur_name_set none;
  line text = {.length = 0};
  if (is_counted_only(run)) return;
  if (had > 1) {
    add(&text, "only one of ");
    add_alternatives(&text, rule, choice->sets, choice->count, &none);
    add(&text, ", has %zu", had);
  } else if (empty > 0) {
    add(&text, "one of ");
    add_alternatives(&text, rule, choice->filled, choice->count, &none);
    add(&text, " that is not empty");
  } else {
    add_missing(&text, rule, choice, seen);
  }
  pur_report(run, at, position, choice->keyword, "must have %s", text.text);
}

/* Values by themselves */

void pur_check_count(pur_schema_run *run, const pur_frame *at, size_t position,
                     const char *const codes[2], const size_t range[2], size_t count,
                     const char *noun) {
  for (int i = 0; i < 2; i++) {
    size_t bound = range[i];
    if (i == 0 ? count >= bound : count <= bound) continue;
    pur_report(run, at, position, codes[i], "must have %s %zu %s%s, has %zu",
               i == 0 ? "at least" : "at most", bound, noun, bound == 1 ? "" : "s", count);
  }
}

/* Prefers the schema's own words, where it has some: few people read patterns. */
static void report_pattern(pur_schema_run *run, const pur_frame *at, const pur_json_token *token,
                           const pur_string_rule *rule) {
  char words[PUR_MESSAGE_SIZE / 2];
  if (is_counted_only(run)) return;
  pur_issue_quote(rule->description.text, rule->description.length, words, sizeof words);
  if (rule->description.length != 0)
    pur_report(run, at, token->position, "pattern",
               "must match its pattern (%s), which %s does not", words, show_value(token).text);
  else
    pur_report(run, at, token->position, "pattern", "must match the pattern %s, which %s does not",
               show(rule->pattern->text).text, show_value(token).text);
}

pur_status pur_check_string(pur_schema_run *run, const pur_string_rule *rule, const pur_frame *at,
                            const pur_json_token *token, pur_error *error) {
  static const char *const codes[] = {"minLength", "maxLength"};
  pur_text text;
  pur_status status = pur_json_string_text(token, &run->unescaped, &text, error);
  if (status != PUR_OK) return status;
  /* A character has 1 to 4 bytes. */
  if (text.length / 4 < rule->length[0] || text.length > rule->length[1])
    pur_check_count(run, at, token->position, codes, rule->length,
                    pur_utf8_count(text.text, text.length), "character");
  if (rule->format != NULL && !rule->format->holds(text.text, text.length))
    pur_report(run, at, token->position, "format", "must be %s, not %s", rule->format->description,
               show_value(token).text);
  if (rule->pattern == NULL) return PUR_OK;
  switch (pur_schema_pattern_match(rule->pattern, run->matcher, text.text, text.length)) {
  case PUR_OK:
    break;
  case PUR_NOT_FOUND:
    report_pattern(run, at, token, rule);
    break;
  case PUR_NO_MEMORY:
    return pur_error_no_memory(error);
  default:
    pur_report_refusal(run, at, token->position, "pattern_limit",
                       "takes too long to match against the schema's pattern");
  }
  return PUR_OK;
}

static void report_number(pur_schema_run *run, const pur_frame *at, const pur_json_token *token,
                          const char *code, const char *wanted, pur_text bound) {
  pur_report(run, at, token->position, code, "must be %s %s, not %s", wanted, show(bound).text,
             show_value(token).text);
}

void pur_check_number(pur_schema_run *run, const pur_number_rule *rule, const pur_frame *at,
                      const pur_json_token *token) {
  pur_decimal value;
  (void)pur_decimal_read(token->text, token->length, &value);
  if (rule->minimum.is_there) {
    int order = pur_decimal_compare(&value, &rule->minimum.value);
    if (order < 0 || (order == 0 && rule->minimum.is_exclusive))
      report_number(run, at, token, order < 0 ? "minimum" : "exclusiveMinimum",
                    rule->minimum.is_exclusive ? "more than" : "at least", rule->minimum.text);
  }
  if (rule->maximum.is_there) {
    int order = pur_decimal_compare(&value, &rule->maximum.value);
    if (order > 0 || (order == 0 && rule->maximum.is_exclusive))
      report_number(run, at, token, order > 0 ? "maximum" : "exclusiveMaximum",
                    rule->maximum.is_exclusive ? "less than" : "at most", rule->maximum.text);
  }
  if (rule->divisor.is_there && !pur_decimal_is_multiple(&value, &rule->divisor.value))
    report_number(run, at, token, "multipleOf", "a multiple of", rule->divisor.text);
}

static void report_enum(pur_schema_run *run, const pur_frame *at, size_t position, pur_text list,
                        pur_text value) {
  char values[PUR_MESSAGE_SIZE - SHOWN - 55]; /* what the rest of the message leaves */
  if (is_counted_only(run)) return;
  pur_issue_quote(list.text + 1, list.length - 2, values, sizeof values); /* inside its brackets */
  pur_report(run, at, position, "enum", "must be one of %s%s, not %s", values,
             strlen(values) < list.length - 2 ? "..." : "", show(value).text);
}

/* A string without escapes stands there in its canonical form already. */
pur_status pur_check_enum(pur_schema_run *run, const pur_enum *values, const pur_frame *at,
                          const pur_json_token *token, size_t length, pur_error *error) {
  pur_text own = {run->scanner.text + token->position, length};
  pur_text value = own;
  if (token->kind != PUR_JSON_STRING || token->escaped) {
    if (!pur_run_spend(run, at, token->position, length)) return PUR_OK;
    if (pur_canonical_write(&run->canonical, value.text, length) != PUR_OK)
      return pur_error_no_memory(error);
    value = (pur_text){run->canonical.text.data, run->canonical.text.length};
  }
  if (bsearch(&value, values->values, values->count, sizeof value, pur_canonical_compare) == NULL)
    report_enum(run, at, token->position, values->text, own);
  return PUR_OK;
}

/* Checks of values by themselves, and messages about all that a schema refuses. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/run.h"

#define POINTER_LIMIT 4000
#define SHOWN 64 /* bytes of a value in a message */

/* A message that grows piece by piece and is cut when it is too long. */
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

static void add_quoted(line *to, pur_text text) {
  char shown[SHOWN];
  pur_issue_quote(text.text, text.length, shown, sizeof shown);
  add(to, "%s%s", shown, strlen(shown) < text.length ? "..." : "");
}

/* The text of a value as the document has it. */
static pur_text value_text(const pur_json_token *token) {
  size_t quote = token->kind == PUR_JSON_STRING;
  return (pur_text){token->text - quote, token->length + 2 * quote};
}

/* Places */

static void add_steps(pur_buffer *out, const pur_frame *at, const pur_frame *from) {
  if (at == from || at == NULL) return;
  add_steps(out, at->up, from);
  if (out->length > POINTER_LIMIT) return;
  if (at->is_array)
    pur_json_pointer_add_index(out, at->number);
  else
    pur_json_pointer_add_name(out, at->key);
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

static void note(pur_schema_run *run, const pur_frame *at, const char *message) {
  pur_trial *trial = run->trial;
  line text = {.length = 0};
  if (trial->failures++ > 0 || trial->message == NULL) return;
  if (at != trial->from) {
    add_quoted(&text, pointer_to(run, at, trial->from));
    add(&text, " ");
  }
  add(&text, "%s", message);
  memcpy(trial->message, text.text, sizeof text.text);
}

static void report(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                   const char *message) {
  pur_place place = {run->index, 0, position};
  pur_issue *issue;
  pur_text pointer;
  if (run->trial != NULL) {
    note(run, at, message);
    return;
  }
  issue = pur_issues_add(run->issues, &place, NULL, code, "%s", message);
  if (issue == NULL) return;
  pointer = pointer_to(run, at, NULL);
  pur_issue_set_pointer(run->issues, issue, pointer.text, pointer.length);
}

/* Counts a failure of a trial whose message nobody wants, as most are. */
static bool is_counted_only(pur_schema_run *run) {
  if (run->trial == NULL || (run->trial->message != NULL && run->trial->failures == 0))
    return false;
  run->trial->failures++;
  return true;
}

void pur_report(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                const char *format, ...) {
  char message[PUR_MESSAGE_SIZE];
  va_list arguments;
  if (is_counted_only(run)) return;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  report(run, at, position, code, message);
}

void pur_report_refusal(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                        const char *message) {
  pur_trial *trial = run->trial;
  run->trial = NULL;
  report(run, at, position, code, message);
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

static const char *const type_names[] = {"an array", "a boolean", "an integer", "null",
                                         "a number", "an object", "a string"};

/* Adds "a, b or c". */
static void add_types(line *to, unsigned types) {
  bool first = true;
  if ((types & PUR_TYPE_NUMBER) != 0) types &= ~(unsigned)PUR_TYPE_INTEGER;
  for (unsigned i = 0; i < sizeof type_names / sizeof *type_names; i++) {
    if ((types >> i & 1) == 0) continue;
    types &= ~(1u << i);
    add(to, "%s%s", first ? "" : types != 0 ? ", " : " or ", type_names[i]);
    first = false;
  }
}

void pur_report_type(pur_schema_run *run, const pur_frame *at, const pur_schema_node *node,
                     const pur_json_token *token) {
  line text = {.length = 0};
  if (is_counted_only(run)) return;
  add(&text, "must be ");
  add_types(&text, node->types);
  if (token->kind == PUR_JSON_OBJECT_BEGIN) {
    add(&text, ", not an object");
  } else if (token->kind == PUR_JSON_ARRAY_BEGIN) {
    add(&text, ", not an array");
  } else {
    add(&text, token->kind == PUR_JSON_STRING ? ", not the string " : ", not ");
    add_quoted(&text, value_text(token));
  }
  report(run, at, token->position, node->keyword, text.text);
}

/* Names */

static void add_name(line *to, pur_text name) {
  add(to, "\"");
  add_quoted(to, name);
  add(to, "\"");
}

/* Adds the names of a set, "a, b"; returns how many. */
static size_t add_names(line *to, const pur_object_rule *rule, const pur_name_set *set,
                        const char *between) {
  size_t count = 0;
  for (size_t i = 0; i < rule->count; i++) {
    if (!pur_name_set_has(set, i)) continue;
    if (count++ > 0) add(to, "%s", between);
    add_name(to, rule->names[i]);
  }
  return count;
}

void pur_report_missing(pur_schema_run *run, const pur_frame *at, size_t position, pur_text name) {
  line text = {.length = 0};
  add_name(&text, name);
  pur_report(run, at, position, "required", "%s is missing", text.text);
}

void pur_report_unknown(pur_schema_run *run, const pur_frame *at, const pur_object_rule *rule) {
  line text = {.length = 0};
  if (is_counted_only(run)) return;
  add(&text, "is not allowed here; ");
  if (add_names(&text, rule, &rule->allowed, ", ") == 0)
    add(&text, "no name is");
  else
    add(&text, " are");
  report(run, at, at->key->position, "additionalProperties", text.text);
}

static pur_name_set difference(const pur_name_set *a, const pur_name_set *b) {
  pur_name_set result;
  for (size_t i = 0; i < sizeof a->bits / sizeof *a->bits; i++)
    result.bits[i] = a->bits[i] & ~b->bits[i];
  return result;
}

/* The number of sets that an object has, not counting the names in `besides`. */
static size_t count_had(const pur_required_choice *choice, const pur_name_set *seen,
                        const pur_name_set *besides) {
  size_t count = 0;
  for (size_t i = 0; i < choice->count; i++) {
    pur_name_set left = difference(&choice->sets[i], seen);
    uint64_t any = 0;
    left = difference(&left, besides);
    for (size_t j = 0; j < sizeof left.bits / sizeof *left.bits; j++) any |= left.bits[j];
    count += any == 0;
  }
  return count;
}

/* Adds what each set has beyond the common names: "a", "b" and "c" together, "d". */
static void add_alternatives(line *to, const pur_object_rule *rule,
                             const pur_required_choice *choice, const pur_name_set *common) {
  for (size_t i = 0; i < choice->count; i++) {
    pur_name_set own = difference(&choice->sets[i], common);
    if (i > 0) add(to, ", ");
    if (add_names(to, rule, &own, " and ") > 1) add(to, " together");
  }
}

/* None of a choice is there, or only with texts that are empty. */
void pur_report_empty(pur_schema_run *run, const pur_frame *at, size_t position,
                      const pur_object_rule *rule, const pur_required_choice *choice) {
  line text = {.length = 0};
  if (is_counted_only(run)) return;
  add(&text, "must have one of ");
  for (size_t i = 0; i < choice->count; i++) {
    if (i > 0) add(&text, ", ");
    (void)add_names(&text, rule, &choice->filled[i], " and ");
  }
  add(&text, " that is not empty");
  report(run, at, position, choice->keyword, text.text);
}

void pur_report_required_choice(pur_schema_run *run, const pur_frame *at, size_t position,
                                const pur_object_rule *rule, const pur_required_choice *choice,
                                const pur_name_set *seen) {
  static const pur_name_set none;
  pur_name_set common = choice->sets[0], missing;
  size_t had = count_had(choice, seen, &none);
  line text = {.length = 0};
  if (is_counted_only(run)) return;
  for (size_t i = 1; i < choice->count; i++) {
    pur_name_set own = difference(&common, &choice->sets[i]);
    common = difference(&common, &own);
  }
  missing = difference(&common, seen);
  if (had > 1) {
    add(&text, "must have only one of ");
    add_alternatives(&text, rule, choice, &none);
    add(&text, ", has %zu", had);
  } else {
    size_t count;
    add(&text, "must have ");
    count = add_names(&text, rule, &missing, ", ");
    if (count_had(choice, seen, &common) == 0) {
      add(&text, "%s", count > 0 ? " and one of " : choice->count > 1 ? "one of " : "");
      add_alternatives(&text, rule, choice, &common);
    }
  }
  report(run, at, position, choice->keyword, text.text);
}

/* Values by themselves */

void pur_check_count(pur_schema_run *run, const pur_frame *at, size_t position,
                     const char *const codes[2], size_t least, size_t most, size_t count,
                     const char *noun) {
  for (int i = 0; i < 2; i++) {
    size_t bound = i == 0 ? least : most;
    if (i == 0 ? count >= bound : count <= bound) continue;
    pur_report(run, at, position, codes[i], "must have %s %zu %s%s, has %zu",
               i == 0 ? "at least" : "at most", bound, noun, bound == 1 ? "" : "s", count);
  }
}

static void report_enum(pur_schema_run *run, const pur_frame *at, const pur_enum *values,
                        size_t position, size_t length) {
  pur_text list = {values->text.text + 1, values->text.length - 2}; /* inside its brackets */
  line text = {.length = 0};
  char shown[PUR_MESSAGE_SIZE];
  if (is_counted_only(run)) return;
  add(&text, "must be one of ");
  pur_issue_quote(list.text, list.length, shown, sizeof text.text - SHOWN - 40 - text.length);
  add(&text, "%s%s, not ", shown, strlen(shown) < list.length ? "..." : "");
  add_quoted(&text, (pur_text){run->scanner.text + position, length});
  report(run, at, position, "enum", text.text);
}

/* Prefers the schema's own words, where it has some: few people read patterns. */
static void report_pattern(pur_schema_run *run, const pur_frame *at, const pur_json_token *token,
                           const pur_string_rule *rule) {
  pur_text words = rule->description;
  line text = {.length = 0};
  char shown[PUR_MESSAGE_SIZE / 2];
  if (is_counted_only(run)) return;
  pur_issue_quote(words.text, words.length, shown, sizeof shown);
  if (words.length != 0) {
    add(&text, "must match its pattern (%s), which ", shown);
  } else {
    add(&text, "must match the pattern ");
    add_quoted(&text, pur_schema_pattern_text(rule->pattern));
    add(&text, ", which ");
  }
  add_quoted(&text, value_text(token));
  add(&text, " does not");
  report(run, at, token->position, "pattern", text.text);
}

static void report_format(pur_schema_run *run, const pur_frame *at, const pur_json_token *token,
                          pur_format format) {
  line found = {.length = 0};
  add_quoted(&found, value_text(token));
  pur_report(run, at, token->position, "format", "must be %s, not %s", pur_format_describe(format),
             found.text);
}

static void report_number(pur_schema_run *run, const pur_frame *at, const pur_json_token *token,
                          const char *code, const char *wanted, pur_text bound) {
  line limit = {.length = 0}, found = {.length = 0};
  add_quoted(&limit, bound);
  add_quoted(&found, value_text(token));
  pur_report(run, at, token->position, code, "must be %s %s, not %s", wanted, limit.text,
             found.text);
}

pur_status pur_check_string(pur_schema_run *run, const pur_string_rule *rule, const pur_frame *at,
                            const pur_json_token *token, pur_error *error) {
  static const char *const codes[] = {"minLength", "maxLength"};
  pur_text text;
  pur_status status = pur_json_string_text(token, &run->unescaped, &text, error);
  if (status != PUR_OK) return status;
  /* A character has 1 to 4 bytes. */
  if (text.length / 4 < rule->least || text.length > rule->most)
    pur_check_count(run, at, token->position, codes, rule->least, rule->most,
                    pur_utf8_count(text.text, text.length), "character");
  if (rule->format != PUR_FORMAT_NONE && !pur_format_holds(rule->format, text.text, text.length))
    report_format(run, at, token, rule->format);
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

void pur_check_number(pur_schema_run *run, const pur_number_rule *rule, const pur_frame *at,
                      const pur_json_token *token) {
  pur_decimal value;
  (void)pur_decimal_read(token->text, token->length, &value);
  if (rule->minimum.is_there) {
    int order = pur_decimal_compare(&value, &rule->minimum.value);
    if (order < 0 || (order == 0 && rule->above_minimum))
      report_number(run, at, token, order < 0 ? "minimum" : "exclusiveMinimum",
                    rule->above_minimum ? "more than" : "at least", rule->minimum.text);
  }
  if (rule->maximum.is_there) {
    int order = pur_decimal_compare(&value, &rule->maximum.value);
    if (order > 0 || (order == 0 && rule->below_maximum))
      report_number(run, at, token, order > 0 ? "maximum" : "exclusiveMaximum",
                    rule->below_maximum ? "less than" : "at most", rule->maximum.text);
  }
  if (rule->divisor.is_there && !pur_decimal_is_multiple(&value, &rule->divisor.value))
    report_number(run, at, token, "multipleOf", "a multiple of", rule->divisor.text);
}

/* A string without escapes stands there in its canonical form already. */
pur_status pur_check_enum(pur_schema_run *run, const pur_enum *values, const pur_frame *at,
                          const pur_json_token *token, size_t length, pur_error *error) {
  pur_text value = {run->scanner.text + token->position, length};
  if (token->kind != PUR_JSON_STRING || token->escaped) {
    if (!pur_run_spend(run, at, token->position, length)) return PUR_OK;
    if (pur_canonical_write(&run->canonical, value.text, length) != PUR_OK)
      return pur_error_no_memory(error);
    value = (pur_text){run->canonical.text.data, run->canonical.text.length};
  }
  if (bsearch(&value, values->values, values->count, sizeof value, pur_canonical_compare) == NULL)
    report_enum(run, at, values, token->position, length);
  return PUR_OK;
}

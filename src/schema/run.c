#include <stdlib.h>
#include <string.h>

#include "json/scan.h"
#include "number/plain.h"
#include "schema/run.h"
#include "base/text.h"

/* Choices read a value again, those in them once more: so many times a document's length, and this
 * much, in all. */
#define WORK_FACTOR 64
#define WORK_LEAST 1048576

/* Calls within calls: of containers, of which a scanner bounds the depth, and of choices. */
#define LEVELS 1500

static pur_status check_value(pur_schema_run *run, const pur_schema_node *node, const pur_frame *up,
                              const pur_json_token *token, pur_error *error);

/* Runs */

pur_schema_run *pur_schema_run_new(void) {
  pur_schema_run *run = calloc(1, sizeof *run);
  if (run == NULL) return NULL;
  pur_json_scanner_init(&run->scanner, NULL, 0);
  pur_canonical_init(&run->canonical);
  pur_buffer_init(&run->unescaped, 0);
  pur_buffer_init(&run->pointer, 0);
  pur_buffer_init(&run->hints, 0);
  run->matcher = pur_matcher_new();
  if (run->matcher != NULL) return run;
  pur_schema_run_destroy(run);
  return NULL;
}

void pur_schema_run_destroy(pur_schema_run *run) {
  if (run == NULL) return;
  pur_json_scanner_free(&run->scanner);
  pur_canonical_free(&run->canonical);
  pur_buffer_free(&run->unescaped);
  pur_buffer_free(&run->pointer);
  pur_buffer_free(&run->hints);
  pur_matcher_destroy(run->matcher);
  free(run);
}

void pur_schema_run_watch(pur_schema_run *run, const char *name, size_t length) {
  run->watched = (pur_text){name, length};
}

bool pur_schema_run_watched(const pur_schema_run *run, size_t *offset, size_t *length) {
  *offset = run->watched_offset;
  *length = run->watched_length;
  return run->watched_is_there;
}

/* What a document cannot be judged by is no matter of a trial's. */
static void refuse(pur_schema_run *run, const pur_frame *at, size_t position, const char *code,
                   const char *message) {
  pur_trial *trial = run->trial;
  run->trial = NULL;
  pur_report(run, at, position, code, "%s", message);
  run->trial = trial;
}

/* Strings */

/* A key's or string's own text. */
static pur_status plain_text(pur_schema_run *run, const pur_json_token *token, pur_text *text,
                             pur_error *error) {
  *text = (pur_text){token->text, token->length};
  if (!token->escaped) return PUR_OK;
  pur_buffer_clear(&run->unescaped);
  pur_json_string_unescape(token->text, token->length, &run->unescaped);
  if (pur_buffer_check(&run->unescaped, error) != PUR_OK) return PUR_NO_MEMORY;
  *text = (pur_text){run->unescaped.length != 0 ? run->unescaped.data : "", run->unescaped.length};
  return PUR_OK;
}

static void check_length(pur_schema_run *run, const pur_string_rule *rule, const pur_frame *up,
                         const pur_json_token *token, pur_text text) {
  size_t count;
  if (text.length / 4 >= rule->least && text.length <= rule->most) return;
  count = pur_utf8_count(text.text, text.length);
  if (count < rule->least)
    pur_report_count(run, up, token->position, "minLength", "at least", rule->least, count,
                     "character");
  if (count > rule->most)
    pur_report_count(run, up, token->position, "maxLength", "at most", rule->most, count,
                     "character");
}

static pur_status check_pattern(pur_schema_run *run, const pur_string_rule *rule,
                                const pur_frame *up, const pur_json_token *token, pur_text text,
                                pur_error *error) {
  switch (pur_schema_pattern_match(rule->pattern, run->matcher, text.text, text.length)) {
  case PUR_OK:
    return PUR_OK;
  case PUR_NOT_FOUND:
    pur_report_pattern(run, up, token, rule);
    return PUR_OK;
  case PUR_NO_MEMORY:
    return pur_error_no_memory(error);
  default:
    refuse(run, up, token->position, "pattern_limit",
           "takes too long to match against the schema's pattern");
    return PUR_OK;
  }
}

static pur_status check_string(pur_schema_run *run, const pur_string_rule *rule,
                               const pur_frame *up, const pur_json_token *token, pur_error *error) {
  pur_text text;
  pur_status status = plain_text(run, token, &text, error);
  if (status != PUR_OK) return status;
  check_length(run, rule, up, token, text);
  if (rule->format != PUR_FORMAT_NONE && !pur_format_holds(rule->format, text.text, text.length))
    pur_report_format(run, up, token, rule->format);
  if (rule->pattern == NULL) return PUR_OK;
  return check_pattern(run, rule, up, token, text, error);
}

/* Numbers */

static bool is_integer(const pur_json_token *token) {
  for (size_t i = 0; i < token->length; i++)
    if (token->text[i] == '.' || (token->text[i] | 0x20) == 'e') return false;
  return true;
}

static void check_minimum(pur_schema_run *run, const pur_number_rule *rule, const pur_frame *up,
                          const pur_json_token *token, const pur_decimal *value) {
  int order = pur_decimal_compare(value, &rule->minimum);
  if (order > 0 || (order == 0 && !rule->above_minimum)) return;
  pur_report_number(run, up, token, order < 0 ? "minimum" : "exclusiveMinimum",
                    rule->above_minimum ? "more than" : "at least", rule->minimum_text);
}

static void check_maximum(pur_schema_run *run, const pur_number_rule *rule, const pur_frame *up,
                          const pur_json_token *token, const pur_decimal *value) {
  int order = pur_decimal_compare(value, &rule->maximum);
  if (order < 0 || (order == 0 && !rule->below_maximum)) return;
  pur_report_number(run, up, token, order > 0 ? "maximum" : "exclusiveMaximum",
                    rule->below_maximum ? "less than" : "at most", rule->maximum_text);
}

static void check_number(pur_schema_run *run, const pur_number_rule *rule, const pur_frame *up,
                         const pur_json_token *token) {
  pur_decimal value;
  if (rule->divisor_is_one && !rule->has_minimum && !rule->has_maximum && is_integer(token)) return;
  value = pur_decimal_read(token->text, token->length);
  if (rule->has_minimum) check_minimum(run, rule, up, token, &value);
  if (rule->has_maximum) check_maximum(run, rule, up, token, &value);
  if (rule->has_divisor && !pur_decimal_is_multiple(&value, &rule->divisor))
    pur_report_number(run, up, token, "multipleOf", "a multiple of", rule->divisor_text);
}

/* Enums: `length` bytes from `position` on are the value's. */

static bool has_number(const pur_enum *values, const pur_json_token *token) {
  pur_decimal value = pur_decimal_read(token->text, token->length);
  for (size_t i = 0; i < values->number_count; i++)
    if (pur_decimal_compare(&value, &values->numbers[i]) == 0) return true;
  return false;
}

static pur_status has_string(pur_schema_run *run, const pur_enum *values,
                             const pur_json_token *token, bool *has, pur_error *error) {
  pur_text text;
  pur_status status = plain_text(run, token, &text, error);
  if (status == PUR_OK) *has = pur_schema_names_find(&values->strings, text.text, text.length) >= 0;
  return status;
}

/* False: as many bytes have been read again as may be. */
static bool spend(pur_schema_run *run, const pur_frame *up, size_t position, size_t length) {
  if (!run->is_spent && run->work >= length) {
    run->work -= length;
    return true;
  }
  if (!run->is_spent)
    refuse(run, up, position, "too_complex",
           "takes too long to check against the schema's alternatives");
  run->is_spent = true;
  return false;
}

static pur_status has_other(pur_schema_run *run, const pur_enum *values, const pur_frame *up,
                            size_t position, size_t length, bool *has, pur_error *error) {
  pur_buffer *canonical = &run->canonical.text;
  *has = false;
  if (values->others.count == 0 || !spend(run, up, position, length)) return PUR_OK;
  if (pur_canonical_write(&run->canonical, run->scanner.text + position, length) != PUR_OK)
    return pur_error_no_memory(error);
  *has = pur_schema_names_find(&values->others, canonical->data, canonical->length) >= 0;
  return PUR_OK;
}

static pur_status check_enum(pur_schema_run *run, const pur_enum *values, const pur_frame *up,
                             const pur_json_token *token, size_t length, pur_error *error) {
  bool has = (values->kinds & PUR_KIND_BIT(token->kind)) != 0;
  pur_status status = PUR_OK;
  if (token->kind == PUR_JSON_STRING)
    status = has_string(run, values, token, &has, error);
  else if (token->kind == PUR_JSON_NUMBER)
    has = has_number(values, token);
  else if ((PUR_KIND_BIT(token->kind) & PUR_KIND_SCALARS) == 0)
    status = has_other(run, values, up, token->position, length, &has, error);
  if (status == PUR_OK && !has) pur_report_enum(run, up, values, token->position, length);
  return status;
}

/* Choices */

/* Checks the value at `position` with a branch, and leaves the scanner behind it. */
static pur_status read_again(pur_schema_run *run, const pur_schema_node *branch,
                             const pur_frame *up, size_t position, pur_error *error) {
  pur_json_token token;
  pur_status status = pur_json_read_value(&run->scanner, &token, position, "", error);
  return status == PUR_OK ? check_value(run, branch, up, &token, error) : status;
}

/* Is the value what a branch wants? Where it is not, the first reason goes to `message`, if that is
 * not NULL. */
static pur_status try_branch(pur_schema_run *run, const pur_schema_node *branch,
                             const pur_frame *up, size_t position, char *message, bool *fits,
                             pur_error *error) {
  pur_trial trial = {0, up, message}, *outer = run->trial;
  pur_status status;
  run->trial = &trial;
  status = read_again(run, branch, up, position, error);
  run->trial = outer;
  *fits = trial.failures == 0;
  return status;
}

/* How many branches fit, up to `enough`; which ones, in `which`. */
static pur_status count_fits(pur_schema_run *run, const pur_choice *choice, const pur_frame *up,
                             size_t position, size_t length, size_t enough, size_t which[2],
                             size_t *count, pur_error *error) {
  *count = 0;
  for (size_t i = 0; i < choice->count && *count < enough; i++) {
    bool fits;
    pur_status status;
    if (!spend(run, up, position, length)) return PUR_END;
    status = try_branch(run, choice->branches[i], up, position, NULL, &fits, error);
    if (status != PUR_OK) return status;
    if (fits) which[(*count)++] = i;
  }
  return PUR_OK;
}

/* Why no branch fits: what the first thing is that is wrong for each. */
static pur_status report_reasons(pur_schema_run *run, const pur_choice *choice, const pur_frame *up,
                                 size_t position, size_t length, pur_error *error) {
  char reasons[PUR_MESSAGE_SIZE] = "", reason[PUR_MESSAGE_SIZE];
  size_t used = 0;
  for (size_t i = 0; i < choice->count && used + 1 < sizeof reasons; i++) {
    bool fits;
    pur_status status;
    if (!spend(run, up, position, length)) return PUR_END;
    *reason = '\0';
    status = try_branch(run, choice->branches[i], up, position, reason, &fits, error);
    if (status != PUR_OK) return status;
    used += (size_t)snprintf(reasons + used, sizeof reasons - used, "%s(%zu) %s", i > 0 ? "; " : "",
                             i + 1, reason);
  }
  pur_report(run, up, position, choice->keyword, "fits none of %zu alternatives: %s", choice->count,
             reasons);
  return PUR_OK;
}

static pur_status check_alternatives(pur_schema_run *run, const pur_choice *choice,
                                     const pur_frame *up, size_t position, size_t length,
                                     pur_error *error) {
  size_t count, which[2], enough = choice->kind == PUR_ONE_OF ? 2 : 1;
  pur_status status = count_fits(run, choice, up, position, length, enough, which, &count, error);
  if (status != PUR_OK) return status;
  if (count == 0 && run->trial != NULL && run->trial->message == NULL)
    run->trial->failures++;
  else if (count == 0)
    return report_reasons(run, choice, up, position, length, error);
  else if (count == 2)
    pur_report(run, up, position, choice->keyword,
               "must fit exactly one of %zu alternatives, fits (%zu) and (%zu)", choice->count,
               which[0] + 1, which[1] + 1);
  return PUR_OK;
}

static pur_status check_all(pur_schema_run *run, const pur_choice *choice, const pur_frame *up,
                            size_t position, size_t length, pur_error *error) {
  for (size_t i = 0; i < choice->count; i++) {
    pur_status status;
    if (!spend(run, up, position, length)) return PUR_END;
    status = read_again(run, choice->branches[i], up, position, error);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

/* PUR_END, where the work allowed came to its end, is reported and ends the choices of this value:
 * the scanner goes on behind it in any case. */
static pur_status check_choices(pur_schema_run *run, const pur_choice *choice, const pur_frame *up,
                                size_t position, size_t length, pur_error *error) {
  pur_status status = PUR_OK;
  for (; choice != NULL && status == PUR_OK; choice = choice->next) {
    if (choice->kind == PUR_ALL_OF)
      status = check_all(run, choice, up, position, length, error);
    else
      status = check_alternatives(run, choice, up, position, length, error);
  }
  run->scanner.position = position + length;
  return status == PUR_END ? PUR_OK : status;
}

/* What is judged when the whole value is known, which is behind the scanner now. */
static pur_status check_again(pur_schema_run *run, const pur_schema_node *node, const pur_frame *up,
                              const pur_json_token *token, pur_error *error) {
  size_t length = run->scanner.position - token->position;
  pur_status status = PUR_OK;
  if (node->values != NULL) status = check_enum(run, node->values, up, token, length, error);
  if (status != PUR_OK || node->choices == NULL) return status;
  return check_choices(run, node->choices, up, token->position, length, error);
}

/* Arrays */

static pur_status check_array(pur_schema_run *run, const pur_array_rule *rule, const pur_frame *up,
                              const pur_json_token *begin, pur_error *error) {
  pur_json_scanner *scanner = &run->scanner;
  pur_frame here = {up, true, 0, NULL};
  pur_json_token token;
  pur_status status = pur_json_read_first_element(
      scanner, &token, pur_json_skip_space(scanner, scanner->position), error);
  while (status == PUR_OK && token.kind != PUR_JSON_ARRAY_END) {
    bool first = here.number < rule->first_count;
    status =
        check_value(run, first ? rule->first[here.number] : rule->others, &here, &token, error);
    if (status != PUR_OK) return status;
    here.number++;
    status = pur_json_read_next_element(scanner, &token,
                                        pur_json_skip_space(scanner, scanner->position), error);
  }
  if (status != PUR_OK) return status;
  if (here.number < rule->least)
    pur_report_count(run, up, begin->position, "minItems", "at least", rule->least, here.number,
                     "item");
  if (here.number > rule->most)
    pur_report_count(run, up, begin->position, "maxItems", "at most", rule->most, here.number,
                     "item");
  return PUR_OK;
}

/* Objects */

/* An object that is being read. */
typedef struct object {
  const pur_object_rule *rule;
  pur_frame here;
  size_t position;
  pur_name_set seen; /* of the names that the rule knows */
  bool has_others;   /* the scanner keeps the names that it does not */
  uint16_t *hint;    /* where the name that comes next is noted */
  int number;        /* of the name read last; -1: the rule does not know it */
  pur_json_token key;
} object;

static bool is_watched(const pur_schema_run *run, const pur_json_token *key) {
  return run->scanner.depth == 1 && run->watched.text != NULL &&
         pur_json_string_equals(key, run->watched.text, run->watched.length);
}

/* Names: where there is nothing unusual, they come in the same order in one document after the
 * other. So the one that came last time is looked for first, which needs one comparison. */

static uint16_t *hint_after(pur_schema_run *run, const object *o, size_t number) {
  return (uint16_t *)(void *)run->hints.data + o->rule->first_hint + number;
}

/* Does the name stand behind the quote at `at`, as it is nearly always spelled? */
static inline bool is_spelled_at(const pur_json_scanner *scanner, size_t at,
                                 const pur_spelling *name) {
  const char *text = scanner->text + at + 1;
  uint64_t difference;
  if (scanner->length - at <= sizeof name->bytes) return false;
  difference = ((pur_load_8(text) ^ name->bytes[0]) & name->masks[0]) |
               ((pur_load_8(text + 8) ^ name->bytes[1]) & name->masks[1]);
  if (name->length <= 16) return difference == 0 && name->length != 0;
  return (difference | ((pur_load_8(text + 16) ^ name->bytes[2]) & name->masks[2]) |
          ((pur_load_8(text + 24) ^ name->bytes[3]) & name->masks[3])) == 0;
}

/* Takes the name at `at`, and its colon, if it is the one that came here last time. */
static inline bool take_expected_name(pur_schema_run *run, object *o, size_t at) {
  size_t number = *o->hint;
  const pur_spelling *name;
  if (number >= o->rule->names.count || pur_name_set_has(&o->seen, number)) return false;
  name = &o->rule->spellings[number];
  if (!is_spelled_at(&run->scanner, at, name)) return false;
  pur_json_take_string(&run->scanner, &o->key, PUR_JSON_KEY, at, at + name->length - 1, false);
  run->scanner.position = at + 1 + name->length;
  pur_name_set_add(&o->seen, number);
  o->number = (int)number;
  o->hint = hint_after(run, o, number + 1);
  return true;
}

/* A name the rule does not know, which must not come twice either. */
static pur_status take_other_name(pur_schema_run *run, object *o, pur_error *error) {
  if (!o->has_others && pur_json_names_open(&run->scanner.names) != PUR_OK)
    return pur_error_no_memory(error);
  o->has_others = true;
  return pur_json_add_name(&run->scanner, &o->key, error);
}

/* Any name, and its colon. */
static pur_status take_name(pur_schema_run *run, object *o, pur_error *error) {
  pur_text text;
  pur_status status = plain_text(run, &o->key, &text, error);
  if (status != PUR_OK) return status;
  o->number = pur_schema_names_find(&o->rule->names, text.text, text.length);
  if (o->number < 0) {
    status = take_other_name(run, o, error);
  } else {
    size_t number = (size_t)o->number;
    if (pur_name_set_has(&o->seen, number)) return pur_json_fail_twice(&o->key, error);
    pur_name_set_add(&o->seen, number);
    *o->hint = (uint16_t)number;
    o->hint = hint_after(run, o, number + 1);
  }
  return status == PUR_OK ? pur_json_read_colon(&run->scanner, error) : status;
}

/* Reads what comes next, whatever it is. Apart from next_name, which is fast for being small. */
static __attribute__((noinline)) pur_status read_name(pur_schema_run *run, object *o, bool first,
                                                      size_t at, pur_error *error) {
  pur_status status = first ? pur_json_read_first_name(&run->scanner, &o->key, at, error)
                            : pur_json_read_next_name(&run->scanner, &o->key, at, error);
  if (status != PUR_OK || o->key.kind != PUR_JSON_KEY) return status;
  return take_name(run, o, error);
}

/* The next name, or the end of the object: o->key tells which. */
static inline __attribute__((always_inline)) pur_status next_name(pur_schema_run *run, object *o,
                                                                  bool first, pur_error *error) {
  pur_json_scanner *scanner = &run->scanner;
  size_t begin = pur_json_skip_space(scanner, scanner->position), at = begin;
  if (!first && pur_json_byte(scanner, at) == ',') at = pur_json_skip_space(scanner, at + 1);
  if ((first || at > begin) && pur_json_byte(scanner, at) == '"' && take_expected_name(run, o, at))
    return PUR_OK;
  return read_name(run, o, first, begin, error);
}

/* Members */

/* The end of a number without an exponent and of no more than 15 characters, where nothing follows
 * that could belong to it; 0 for any other. `whole`: it must be an integer. */
static inline size_t pass_plain_number(const pur_json_scanner *scanner, size_t at, bool whole) {
  const char *text = scanner->text + at;
  unsigned digits, points, length;
  if (scanner->length - at < PUR_PLAIN_SIZE) return 0;
  digits = pur_plain_digits(text);
  points = pur_plain_find(text, '.');
  length = (unsigned)__builtin_ctz(~(digits | points | (*text == '-')));
  if (length == 0 || length >= PUR_PLAIN_SIZE || !pur_plain_is_number(text, length)) return 0;
  if ((text[length] | 0x20) == 'e' || (whole && (points & ((1u << length) - 1)) != 0)) return 0;
  return at + length;
}

/* The end of a value that needs no look into it; 0: it is not such a one. */
static inline size_t pass_plain_value(const pur_json_scanner *scanner, size_t at,
                                      const pur_schema_node *node) {
  if (pur_json_byte(scanner, at) == '"') {
    if (!node->is_plain_string) return 0;
    at += 1 + pur_json_plain_length(scanner->text + at + 1, scanner->length - at - 1);
    return pur_json_byte(scanner, at) == '"' ? at + 1 : 0;
  }
  return node->is_plain_number ? pass_plain_number(scanner, at, node->whole) : 0;
}

static __attribute__((noinline)) pur_status read_value(pur_schema_run *run, object *o, size_t at,
                                                       const pur_schema_node *node,
                                                       pur_error *error) {
  pur_json_token value;
  pur_status status = pur_json_read_value(&run->scanner, &value, at, "expected a value", error);
  if (status != PUR_OK) return status;
  o->here.key = &o->key;
  return check_value(run, node, &o->here, &value, error);
}

/* The value behind a name. */
static inline pur_status check_member(pur_schema_run *run, object *o, pur_error *error) {
  pur_json_scanner *scanner = &run->scanner;
  const pur_schema_node *node = o->number < 0 ? o->rule->others : o->rule->members[o->number];
  size_t at = pur_json_skip_space(scanner, scanner->position), end;
  pur_status status = PUR_OK;
  if (node == NULL) {
    o->here.key = &o->key;
    pur_report_unknown(run, &o->here, o->rule);
    node = &pur_schema_anything;
  }
  end = pass_plain_value(scanner, at, node);
  if (end != 0)
    scanner->position = end;
  else
    status = read_value(run, o, at, node, error);
  if (status != PUR_OK || !is_watched(run, &o->key)) return status;
  run->watched_is_there = true;
  run->watched_offset = at;
  run->watched_length = scanner->position - at;
  return PUR_OK;
}

static bool has_all(const object *o, const pur_name_set *set) {
  uint64_t missing = 0;
  for (size_t i = 0; i < o->rule->words; i++) missing |= set->bits[i] & ~o->seen.bits[i];
  return missing == 0;
}

static void report_missing(pur_schema_run *run, const object *o) {
  const pur_schema_names *names = &o->rule->names;
  for (size_t i = 0; i < names->count; i++)
    if (pur_name_set_has(&o->rule->required, i) && !pur_name_set_has(&o->seen, i))
      pur_report_missing(run, o->here.up, o->position, &names->names[i]);
}

static void check_required_choice(pur_schema_run *run, const object *o,
                                  const pur_required_choice *choice) {
  size_t had = 0;
  for (size_t i = 0; i < choice->count; i++) {
    had += has_all(o, &choice->sets[i]);
    if (had > 0 && !choice->only_one) return;
  }
  if (had != 1) pur_report_required_choice(run, o->here.up, o->position, o->rule, choice, &o->seen);
}

static void check_required(pur_schema_run *run, const object *o) {
  if (!has_all(o, &o->rule->required)) report_missing(run, o);
  for (const pur_required_choice *choice = o->rule->choices; choice != NULL; choice = choice->next)
    check_required_choice(run, o, choice);
}

static pur_status check_object(pur_schema_run *run, const pur_object_rule *rule,
                               const pur_frame *up, const pur_json_token *begin, pur_error *error) {
  object o = {.rule = rule, .here = {up, false, 0, NULL}, .position = begin->position};
  pur_status status;
  o.hint = hint_after(run, &o, 0);
  status = next_name(run, &o, true, error);
  while (status == PUR_OK && o.key.kind == PUR_JSON_KEY) {
    status = check_member(run, &o, error);
    if (status == PUR_OK) status = next_name(run, &o, false, error);
  }
  if (status != PUR_OK) return status;
  if (o.has_others) pur_json_names_close(&run->scanner.names);
  check_required(run, &o);
  return PUR_OK;
}

/* Values */

static const pur_spelling no_spelling;
static const pur_object_rule no_rule = {.others = &pur_schema_anything, .spellings = &no_spelling};

/* Without a rule, only the document's own object is gone through by its names: for the one that is
 * watched. */
static pur_status check_container(pur_schema_run *run, const pur_schema_node *node,
                                  const pur_frame *up, const pur_json_token *token,
                                  pur_error *error) {
  bool is_object = token->kind == PUR_JSON_OBJECT_BEGIN;
  const pur_object_rule *rule = node->object;
  pur_status status;
  if (rule == NULL && run->scanner.depth == 1) rule = &no_rule;
  if (is_object ? rule == NULL : node->array == NULL)
    return pur_json_pass(&run->scanner, is_object, error);
  if (run->levels == LEVELS) {
    refuse(run, up, token->position, "too_complex", "lies too deep in the schema's alternatives");
    return pur_json_pass(&run->scanner, is_object, error);
  }
  run->levels++;
  status = is_object ? check_object(run, rule, up, token, error)
                     : check_array(run, node->array, up, token, error);
  run->levels--;
  return status;
}

/* The node that a value's kind leads to, or the one that refuses it. */
static bool choose(const pur_schema_node **node, pur_json_kind kind) {
  while (((*node)->kinds >> kind & 1) != 0) {
    if ((*node)->by_kind == NULL) return true;
    *node = (*node)->by_kind[kind];
  }
  return false;
}

/* Checks a value whose first token was read, and leaves the scanner behind it. */
static pur_status check_value(pur_schema_run *run, const pur_schema_node *node, const pur_frame *up,
                              const pur_json_token *token, pur_error *error) {
  pur_json_kind kind = token->kind;
  pur_status status = PUR_OK;
  if (!choose(&node, kind) || (kind == PUR_JSON_NUMBER && node->whole && !is_integer(token))) {
    pur_report_type(run, up, node, token);
    node = &pur_schema_anything;
  }
  if ((PUR_KIND_BIT(kind) & PUR_KIND_SCALARS) == 0)
    status = check_container(run, node, up, token, error);
  else if (kind == PUR_JSON_STRING && node->string != NULL)
    status = check_string(run, node->string, up, token, error);
  else if (kind == PUR_JSON_NUMBER && node->number != NULL)
    check_number(run, node->number, up, token);
  if (status != PUR_OK || !node->is_again) return status;
  return check_again(run, node, up, token, error);
}

/* Documents */

static pur_status check_document(pur_schema_run *run, const pur_schema_node *root,
                                 pur_error *error) {
  pur_json_scanner *scanner = &run->scanner;
  pur_json_token token = {.kind = PUR_JSON_NULL};
  size_t at = pur_json_skip_space(scanner, 0);
  pur_status status = pur_json_read_value(scanner, &token, at, "expected a value", error);
  if (status == PUR_OK) status = check_value(run, root, NULL, &token, error);
  if (status != PUR_OK) return status;
  at = pur_json_skip_space(scanner, scanner->position);
  if (at == scanner->length) return PUR_OK;
  return pur_json_fail(scanner, at, "expected nothing after the document", error);
}

/* What is no JSON is among the issues too. */
static void report_stop(pur_schema_run *run, pur_status status, const pur_error *error) {
  pur_place place = {run->index, 0, error->position};
  pur_issue *issue = pur_issues_add(run->issues, &place, NULL, pur_status_name(status));
  run->watched_is_there = false;
  if (issue != NULL) pur_issue_write(issue->message, "%s", error->message);
}

static pur_status fail(const pur_issues *issues, size_t first, pur_error *error) {
  const pur_issue *issue = first < issues->count ? pur_issues_get(issues, first) : NULL;
  return pur_error_set(error, PUR_SCHEMA_MISMATCH, issue != NULL ? issue->place.column : 0, "%s",
                       issue != NULL ? issue->message : "the document does not fit the schema");
}

/* Hints that were left by another schema mislead no more than those of another document. */
static pur_status make_hints(pur_schema_run *run, const pur_schema *schema) {
  size_t size = (schema->hints + 1) * sizeof(uint16_t), more;
  if (run->hints.length >= size) return PUR_OK;
  more = size - run->hints.length;
  if (pur_buffer_reserve(&run->hints, more) == NULL) {
    pur_buffer_free(&run->hints);
    return PUR_NO_MEMORY;
  }
  memset(run->hints.data + run->hints.length, 0, more);
  run->hints.length = size;
  return PUR_OK;
}

static void begin(pur_schema_run *run, const char *text, size_t length, const pur_place *start,
                  pur_issues *issues) {
  pur_json_scanner_restart(&run->scanner, text, length);
  run->issues = issues;
  run->index = start->index;
  run->trial = NULL;
  run->levels = 0;
  run->is_spent = false;
  run->lacks_memory = false;
  run->work = length < SIZE_MAX / WORK_FACTOR / 2 ? WORK_LEAST + WORK_FACTOR * length : SIZE_MAX;
  run->watched_is_there = false;
}

pur_status pur_schema_check(const pur_schema *schema, pur_schema_run *run, const char *text,
                            size_t length, const pur_place *start, pur_issues *issues,
                            pur_error *error) {
  size_t first = issues->count, total = issues->total;
  pur_error stop;
  pur_status status;
  if (make_hints(run, schema) != PUR_OK) return pur_error_no_memory(error);
  begin(run, text, length, start, issues);
  status = check_document(run, schema->root, &stop);
  if (status == PUR_OK && issues->total == total) return PUR_OK;
  if (status != PUR_OK && status != PUR_NO_MEMORY) report_stop(run, status, &stop);
  if (status == PUR_NO_MEMORY || run->lacks_memory || issues->kept.status != PUR_OK ||
      issues->pointers.status != PUR_OK)
    return pur_error_no_memory(error);
  if (status == PUR_OK)
    status = fail(issues, first, error);
  else
    (void)pur_error_set(error, status, stop.position, "%s", stop.message);
  pur_issues_locate(issues, first, text, length, start);
  return status;
}

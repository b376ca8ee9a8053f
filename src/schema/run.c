/* Checks a document in one pass: objects, arrays and choices, down to its single values. */
#include <stdlib.h>
#include <string.h>

#include "json/scan.h"
#include "map/number.h"
#include "number/plain.h"
#include "schema/run.h"

/* Choices read a value again, and those in them once more. The sum of these bytes is limited to so
 * many times a document's length, and this much. */
#define WORK_FACTOR 64
#define WORK_LEAST 1048576

/* Calls within calls: of containers, whose depth the scanner limits, and of choices. */
#define LEVELS 1500

static pur_status check_value(pur_schema_run *run, const pur_schema_node *node, const pur_frame *at,
                              const pur_json_token *token, pur_error *error);

/* Runs */

pur_schema_run *pur_schema_run_new(void) {
  pur_schema_run *run = calloc(1, sizeof *run);
  if (run == NULL) return NULL;
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

void pur_schema_run_watch(pur_schema_run *run, size_t which, const char *name, size_t length) {
  run->watched[which] = (pur_watched){.name = {name, length}};
}

bool pur_schema_run_watched(const pur_schema_run *run, size_t which, size_t *offset,
                            size_t *length) {
  const pur_text *value = &run->watched[which].value;
  if (value->text == NULL) return false;
  *offset = (size_t)(value->text - run->scanner.text);
  *length = value->length;
  return true;
}

static void forget_watched(pur_schema_run *run) {
  for (size_t i = 0; i < PUR_SCHEMA_WATCHED; i++) run->watched[i].value.text = NULL;
}

/* Choices: `length` bytes from `position` on are the value's. */

/* Checks the value with a branch and leaves the scanner behind it. PUR_END: no work is left. */
static pur_status read_again(pur_schema_run *run, const pur_schema_node *branch,
                             const pur_frame *at, size_t position, size_t length,
                             pur_error *error) {
  pur_json_token token;
  pur_status status;
  if (!pur_run_spend(run, at, position, length)) return PUR_END;
  status = pur_json_read_value(&run->scanner, &token, position, "", error);
  return status == PUR_OK ? check_value(run, branch, at, &token, error) : status;
}

/* Tells whether the value fits a branch. If it does not, the first reason goes to `message`, unless
 * that is NULL. */
static pur_status try_branch(pur_schema_run *run, const pur_schema_node *branch,
                             const pur_frame *at, size_t position, size_t length, char *message,
                             bool *fits, pur_error *error) {
  pur_trial trial = {0, at, message}, *outer = run->trial;
  pur_status status;
  run->trial = &trial;
  status = read_again(run, branch, at, position, length, error);
  run->trial = outer;
  *fits = trial.failures == 0;
  return status;
}

/* anyOf and oneOf. The branches are tried once more for their reasons only when none fits. */
static pur_status check_alternatives(pur_schema_run *run, const pur_choice *choice,
                                     const pur_frame *at, size_t position, size_t length,
                                     pur_error *error) {
  size_t count = 0, fitting[2], enough = choice->kind == PUR_ONE_OF ? 2 : 1, used = 0;
  char reasons[PUR_MESSAGE_SIZE] = "";
  bool fits;
  for (size_t i = 0; i < choice->count && count < enough; i++) {
    pur_status status =
        try_branch(run, choice->branches[i], at, position, length, NULL, &fits, error);
    if (status != PUR_OK) return status;
    if (fits) fitting[count++] = i + 1;
  }
  if (count == 2)
    pur_report(run, at, position, choice->keyword,
               "must fit exactly one of %zu alternatives, fits (%zu) and (%zu)", choice->count,
               fitting[0], fitting[1]);
  if (count > 0) return PUR_OK;
  if (run->trial != NULL && run->trial->message == NULL) {
    run->trial->failures++;
    return PUR_OK;
  }
  for (size_t i = 0; i < choice->count && used + 1 < sizeof reasons; i++) {
    char reason[PUR_MESSAGE_SIZE] = "";
    pur_status status =
        try_branch(run, choice->branches[i], at, position, length, reason, &fits, error);
    if (status != PUR_OK) return status;
    used += (size_t)snprintf(reasons + used, sizeof reasons - used, "%s(%zu) %s", i > 0 ? "; " : "",
                             i + 1, reason);
  }
  pur_report(run, at, position, choice->keyword, "fits none of %zu alternatives: %s", choice->count,
             reasons);
  return PUR_OK;
}

/* Checks what is judged when the whole value was read. Without work left, which was reported, the
 * choices of this value end, and the scanner goes on behind it. */
static pur_status check_again(pur_schema_run *run, const pur_schema_node *node, const pur_frame *at,
                              const pur_json_token *token, pur_error *error) {
  size_t position = token->position, length = run->scanner.position - position;
  pur_status status = PUR_OK;
  if (node->values != NULL) status = pur_check_enum(run, node->values, at, token, length, error);
  for (const pur_choice *choice = node->choices; choice != NULL && status == PUR_OK;
       choice = choice->next) {
    if (choice->kind != PUR_ALL_OF)
      status = check_alternatives(run, choice, at, position, length, error);
    else
      for (size_t i = 0; i < choice->count && status == PUR_OK; i++)
        status = read_again(run, choice->branches[i], at, position, length, error);
  }
  run->scanner.position = position + length;
  return status == PUR_END ? PUR_OK : status;
}

/* Arrays */

static pur_status check_array(pur_schema_run *run, const pur_array_rule *rule, const pur_frame *up,
                              const pur_json_token *begin, pur_error *error) {
  pur_json_scanner *scanner = &run->scanner;
  static const char *const codes[] = {"minItems", "maxItems"};
  pur_frame here = {up, NULL, 0};
  for (;; here.number++) {
    bool has_own = here.number < rule->first_count;
    size_t at = pur_json_skip_space(scanner, scanner->position);
    pur_json_token token = {.kind = PUR_JSON_NULL};
    pur_status status = pur_json_read_element(scanner, &token, at, here.number == 0, error);
    if (status == PUR_OK && token.kind == PUR_JSON_ARRAY_END) break;
    if (status == PUR_OK)
      status =
          check_value(run, has_own ? rule->first[here.number] : rule->others, &here, &token, error);
    if (status != PUR_OK) return status;
  }
  pur_check_count(run, up, begin->position, codes, rule->count, here.number, "item");
  return PUR_OK;
}

/* Objects */

/* An object that is being read. */
typedef struct object {
  const pur_object_rule *rule;
  pur_frame here;
  pur_name_set seen;  /* of the names that the rule knows */
  pur_name_set empty; /* those of them whose text is blank, if the rule heeds that */
  bool has_others;    /* the scanner keeps the names that it does not */
  uint16_t *hint;     /* where the name that comes next is noted */
  size_t number;      /* of the name read last; rule->count: the rule does not know it */
  pur_json_token key;
} object;

static uint16_t *hint_after(pur_schema_run *run, const object *o, size_t number) {
  return (uint16_t *)(void *)run->hints.data + o->rule->first_hint + number;
}

/* Takes the name at `at`, and its colon, if it is the one that came here last time. */
static inline bool take_expected_name(pur_schema_run *run, object *o, size_t at) {
  pur_json_scanner *scanner = &run->scanner;
  const size_t number = *o->hint;
  pur_text name;
  if (number >= o->rule->count || pur_name_set_has(&o->seen, number)) return false;
  name = o->rule->spelled[number];
  if (!pur_json_begins_with(scanner->text + at, scanner->length - at, name)) return false;
  pur_json_take_string(scanner, &o->key, PUR_JSON_KEY, at, at + name.length - 2, false);
  scanner->position = at + name.length;
  pur_name_set_add(&o->seen, number);
  o->number = number;
  o->hint = hint_after(run, o, number + 1);
  return true;
}

/* Takes any name, which was read already, and its colon. A name that the rule does not know must
 * not come twice either. */
static pur_status take_name(pur_schema_run *run, object *o, pur_error *error) {
  pur_text text;
  pur_status status = pur_json_string_text(&o->key, &run->unescaped, &text, error);
  if (status != PUR_OK) return status;
  o->number = pur_name_find(o->rule->names, o->rule->count, text);
  if (o->number == o->rule->count) {
    if (!o->has_others) status = pur_json_open_names(&run->scanner, error);
    o->has_others = true;
    if (status == PUR_OK) status = pur_json_add_name(&run->scanner, &o->key, error);
  } else {
    if (pur_name_set_has(&o->seen, o->number)) return pur_json_fail_twice(&o->key, error);
    pur_name_set_add(&o->seen, o->number);
    *o->hint = (uint16_t)o->number;
    o->hint = hint_after(run, o, o->number + 1);
  }
  return status == PUR_OK ? pur_json_read_colon(&run->scanner, error) : status;
}

/* Reads the next name, or the end of the object: o->key tells which.
 *
 * Names come in the same order in one document after the other, so the one that came last time is
 * tried first, which needs one comparison: worth a third of a check, and to stand inline a tenth.
 */
static inline __attribute__((always_inline)) pur_status next_name(pur_schema_run *run, object *o,
                                                                  bool first, pur_error *error) {
  pur_json_scanner *scanner = &run->scanner;
  size_t begin = pur_json_skip_space(scanner, scanner->position), at = begin;
  pur_status status;
  if (!first && pur_json_byte(scanner, at) == ',') at = pur_json_skip_space(scanner, at + 1);
  if ((first || at > begin) && take_expected_name(run, o, at)) return PUR_OK;
  status = pur_json_read_name(scanner, &o->key, begin, first, error);
  if (status != PUR_OK || o->key.kind != PUR_JSON_KEY) return status;
  return take_name(run, o, error);
}

/* Passes a string or number that needs no further look: returns its end, or 0 for any other value.
 * Reading no token for it is worth a sixth of a check. */
static inline size_t pass_plain_value(const pur_json_scanner *scanner, size_t at, unsigned plain) {
  const char *text = scanner->text + at;
  unsigned length;
  if (pur_json_byte(scanner, at) == '"') {
    if ((plain & PUR_KIND_BIT(PUR_JSON_STRING)) == 0) return 0;
    at += 1 + pur_json_plain_length(text + 1, scanner->length - at - 1);
    return pur_json_byte(scanner, at) == '"' ? at + 1 : 0;
  }
  if ((plain & PUR_KIND_BIT(PUR_JSON_NUMBER)) == 0 || scanner->length - at < PUR_PLAIN_SIZE)
    return 0;
  length = pur_plain_span(text);
  if (length == 0 || length >= PUR_PLAIN_SIZE || !pur_plain_is_number(text, length)) return 0;
  return (text[length] | 0x20) != 'e' ? at + length : 0;
}

/* Notes the value at `at`, which was read, if its name is one to look out for. */
static void note_watched(pur_schema_run *run, const pur_json_token *key, size_t at) {
  for (size_t i = 0; i < PUR_SCHEMA_WATCHED; i++) {
    pur_watched *watched = &run->watched[i];
    if (watched->name.text != NULL && (key->escaped || key->length == watched->name.length) &&
        pur_json_string_equals(key, watched->name.text, watched->name.length))
      watched->value = (pur_text){run->scanner.text + at, run->scanner.position - at};
  }
}

/* Checks the value behind a name. */
static pur_status check_member(pur_schema_run *run, object *o, pur_error *error) {
  pur_json_scanner *scanner = &run->scanner;
  const pur_schema_node *node = o->rule->members[o->number];
  size_t at = pur_json_skip_space(scanner, scanner->position), end;
  pur_json_token value;
  pur_status status;
  if (node == NULL) {
    pur_report_unknown(run, &o->here, o->rule);
    node = &pur_schema_anything;
  }
  end = pass_plain_value(scanner, at, node->plain);
  if (end != 0) {
    scanner->position = end;
  } else {
    status = pur_json_read_value(scanner, &value, at, "expected a value", error);
    if (status == PUR_OK) status = check_value(run, node, &o->here, &value, error);
    if (status != PUR_OK) return status;
  }
  if (o->rule->heeds_empty && o->number < o->rule->count && scanner->text[at] == '"' &&
      pur_blank_trim(scanner->text + at + 1, scanner->position - at - 2).length == 0)
    pur_name_set_add(&o->empty, o->number);
  if (scanner->depth == 1) note_watched(run, &o->key, at);
  return PUR_OK;
}

static bool is_empty(const object *o, const pur_name_set *set) {
  uint64_t empty = 0;
  for (size_t i = 0; i < o->rule->words; i++) empty |= set->bits[i] & o->empty.bits[i];
  return empty != 0;
}

static void check_required(pur_schema_run *run, const object *o, size_t position) {
  const pur_object_rule *rule = o->rule;
  if (!pur_name_set_within(&rule->required, &o->seen, rule->words))
    for (size_t i = 0; i < rule->count; i++)
      if (pur_name_set_has(&rule->required, i) && !pur_name_set_has(&o->seen, i))
        pur_report_missing(run, o->here.up, position, rule->names[i]);
  for (const pur_required_choice *choice = rule->choices; choice != NULL; choice = choice->next) {
    size_t had = 0, empty = 0;
    for (size_t i = 0; i < choice->count; i++) {
      if (!pur_name_set_within(&choice->sets[i], &o->seen, rule->words)) continue;
      if (is_empty(o, &choice->filled[i]))
        empty++;
      else
        had++;
    }
    if (had == 0 || (had > 1 && choice->only_one))
      pur_report_required_choice(run, o->here.up, position, rule, choice, &o->seen, had, empty);
  }
}

static pur_status check_object(pur_schema_run *run, const pur_object_rule *rule,
                               const pur_frame *up, const pur_json_token *begin, pur_error *error) {
  object o; /* not set to zeros as a whole, which takes a tenth of the check */
  pur_status status;
  o.rule = rule;
  o.here = (pur_frame){up, &o.key, 0};
  o.seen = o.empty = (pur_name_set){0};
  o.has_others = false;
  o.key.kind = PUR_JSON_OBJECT_END;
  o.hint = hint_after(run, &o, 0);
  status = next_name(run, &o, true, error);
  while (status == PUR_OK && o.key.kind == PUR_JSON_KEY) {
    status = check_member(run, &o, error);
    if (status == PUR_OK) status = next_name(run, &o, false, error);
  }
  if (status != PUR_OK) return status;
  if (o.has_others) pur_json_close_names(&run->scanner);
  check_required(run, &o, begin->position);
  return PUR_OK;
}

/* Values */

/* Goes by rules, and through the document's own object even without one, for the name that is
 * watched. */
static pur_status check_container(pur_schema_run *run, const pur_schema_node *node,
                                  const pur_frame *at, const pur_json_token *token,
                                  pur_error *error) {
  static const pur_schema_node *anything[] = {&pur_schema_anything};
  static const pur_object_rule no_rule = {.members = anything};
  bool is_object = token->kind == PUR_JSON_OBJECT_BEGIN;
  const pur_object_rule *rule = node->object;
  pur_status status;
  if (rule == NULL && run->scanner.depth == 1) rule = &no_rule;
  if (is_object ? rule == NULL : node->array == NULL)
    return pur_json_pass(&run->scanner, is_object, error);
  if (run->levels == LEVELS) {
    pur_report_refusal(run, at, token->position, "too_complex",
                       "lies too deep in the schema's alternatives");
    return pur_json_pass(&run->scanner, is_object, error);
  }
  run->levels++;
  status = is_object ? check_object(run, rule, at, token, error)
                     : check_array(run, node->array, at, token, error);
  run->levels--;
  return status;
}

static bool is_integer(const pur_json_token *token) {
  for (size_t i = 0; i < token->length; i++)
    if (token->text[i] == '.' || (token->text[i] | 0x20) == 'e') return false;
  return true;
}

/* Checks a value whose first token was read, and leaves the scanner behind it. */
static pur_status check_value(pur_schema_run *run, const pur_schema_node *node, const pur_frame *at,
                              const pur_json_token *token, pur_error *error) {
  pur_json_kind kind = token->kind;
  pur_status status = PUR_OK;
  while ((node->kinds & PUR_KIND_BIT(kind)) != 0 && node->by_kind != NULL)
    node = node->by_kind[kind];
  if ((node->kinds & PUR_KIND_BIT(kind)) == 0 ||
      (kind == PUR_JSON_NUMBER && node->whole && !is_integer(token))) {
    pur_report_type(run, at, node, token);
    node = &pur_schema_anything;
  }
  if (kind == PUR_JSON_OBJECT_BEGIN || kind == PUR_JSON_ARRAY_BEGIN)
    status = check_container(run, node, at, token, error);
  else if (kind == PUR_JSON_STRING && node->string != NULL)
    status = pur_check_string(run, node->string, at, token, error);
  else if (kind == PUR_JSON_NUMBER && node->number != NULL)
    pur_check_number(run, node->number, at, token);
  if (status != PUR_OK || (node->values == NULL && node->choices == NULL)) return status;
  return check_again(run, node, at, token, error);
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

/* Makes room for the hints of a schema. What another schema left in them misleads no more than
 * another document does. */
static pur_status make_hints(pur_schema_run *run, const pur_schema *schema) {
  static const uint16_t first;
  pur_status status;
  while (run->hints.length <= schema->hints * sizeof first && run->hints.status == PUR_OK)
    pur_buffer_append(&run->hints, &first, sizeof first);
  status = run->hints.status;
  if (status != PUR_OK) pur_buffer_free(&run->hints);
  return status;
}

pur_status pur_schema_check(const pur_schema *schema, pur_schema_run *run, const char *text,
                            size_t length, const pur_place *start, pur_issues *issues,
                            pur_error *error) {
  size_t first = issues->count, total = issues->total;
  pur_error stop;
  pur_status status;
  if (make_hints(run, schema) != PUR_OK) return pur_error_no_memory(error);
  pur_json_scanner_restart(&run->scanner, text, length);
  run->issues = issues;
  run->index = start->index;
  run->trial = NULL;
  run->levels = 0;
  pur_matcher_restart(run->matcher);
  run->is_spent = run->lacks_memory = false;
  forget_watched(run);
  run->work = length < SIZE_MAX / WORK_FACTOR / 2 ? WORK_LEAST + WORK_FACTOR * length : SIZE_MAX;

  status = check_document(run, schema->root, &stop);
  if (status == PUR_OK && issues->total == total) return PUR_OK;
  if (status != PUR_OK && status != PUR_NO_MEMORY) { /* it is not JSON, which is an issue too */
    pur_place place = {run->index, 0, stop.position};
    (void)pur_issues_add(issues, &place, NULL, pur_status_name(status), "%s", stop.message);
    forget_watched(run);
  }
  if (status == PUR_NO_MEMORY || run->lacks_memory || issues->kept.status != PUR_OK ||
      issues->pointers.status != PUR_OK)
    return pur_error_no_memory(error);
  if (status == PUR_OK) {
    const pur_issue *issue = first < issues->count ? pur_issues_get(issues, first) : NULL;
    status =
        pur_error_set(error, PUR_SCHEMA_MISMATCH, issue != NULL ? issue->place.column : 0, "%s",
                      issue != NULL ? issue->message : "the document does not fit the schema");
  } else {
    (void)pur_error_set(error, status, stop.position, "%s", stop.message);
  }
  pur_issues_locate(issues, first, text, length, start);
  return status;
}

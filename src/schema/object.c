/* Rules for objects: properties, additionalProperties, required, and choices of required alone. */
#include <string.h>

#include "json/scan.h"
#include "schema/drafts.h"

/* An object's rule while it is made: the names that any keyword mentions, numbered in the order in
 * which they come, and what is said of them. */
typedef struct maker {
  pur_compiler *compiler;
  const pur_draft *draft;
  pur_object_rule *rule;
  pur_required_choice **next_choice;
  size_t count;
  pur_text names[PUR_SCHEMA_NAMED];
  const pur_schema_node *members[PUR_SCHEMA_NAMED]; /* of the names that have values */
} maker;

/* The number of a name, which may be new: then it is kept. */
static pur_status take_name(maker *m, size_t item, size_t *number) {
  pur_text name;
  pur_status status = pur_compiler_unescape(m->compiler, item, &name);
  if (status != PUR_OK) return status;
  *number = pur_name_find(m->names, m->count, name);
  if (*number < m->count) return PUR_OK;
  if (m->count == PUR_SCHEMA_NAMED)
    return pur_compiler_fail(m->compiler, item, "an object can have rules for at most %d names",
                             PUR_SCHEMA_NAMED);
  status = pur_compiler_keep(m->compiler, name.text, name.length, &name);
  m->names[m->count++] = name;
  return status;
}

/* Takes the names of a `required`, which is a list of strings, one at least. */
static pur_status take_required(maker *m, size_t list, pur_name_set *set) {
  const pur_tape *tape = &m->compiler->tape;
  size_t at = pur_tape_first(list), number;
  if (pur_tape_is_end(tape, at))
    return pur_compiler_fail(m->compiler, list, "\"required\" must have at least one name");
  for (; !pur_tape_is_end(tape, at); at = pur_tape_next(tape, at)) {
    pur_status status;
    if (pur_tape_kind(tape, at) != PUR_JSON_STRING)
      return pur_compiler_fail(m->compiler, at, "\"required\" must be a list of names");
    status = take_name(m, at, &number);
    if (status != PUR_OK) return status;
    if (pur_name_set_has(set, number))
      return pur_compiler_fail(m->compiler, at, "\"required\" names it twice");
    pur_name_set_add(set, number);
  }
  return PUR_OK;
}

/* Choices of required alone */

static bool is_type_object(const pur_compiler *compiler, const pur_draft *draft) {
  const pur_tape *tape = &compiler->tape;
  return pur_draft_has(draft, PUR_KEYWORD_TYPE) &&
         pur_json_string_is(&pur_tape_at(tape, draft->at[PUR_KEYWORD_TYPE])->token, "object");
}

/* Tells whether `properties` say nothing but {"pattern": "\\S"}. */
static bool is_filled_alone(const pur_tape *tape, size_t properties) {
  size_t key = pur_tape_first(properties);
  for (; !pur_tape_is_end(tape, key); key = pur_tape_next(tape, key)) {
    size_t rule = pur_tape_first(key + 1);
    if (pur_tape_kind(tape, key + 1) != PUR_JSON_OBJECT_BEGIN || pur_tape_is_end(tape, rule) ||
        !pur_json_string_is(&pur_tape_at(tape, rule)->token, "pattern") ||
        !pur_json_string_is(&pur_tape_at(tape, rule + 1)->token, "\\S") ||
        !pur_tape_is_end(tape, pur_tape_next(tape, rule)))
      return false;
  }
  return true;
}

/* Tells whether a draft has `required` and no other rule but that of texts that are not blank and,
 * `typed`, that of being an object. */
static bool is_required_alone(const pur_compiler *compiler, const pur_draft *draft, bool typed) {
  if (!pur_draft_has(draft, PUR_KEYWORD_REQUIRED) || pur_draft_has(draft, PUR_KEYWORD_ENUM) ||
      pur_draft_has_any(draft, PUR_KEYWORD_ADDITIONAL_PROPERTIES, PUR_KEYWORD_ONE_OF))
    return false;
  if (pur_draft_has(draft, PUR_KEYWORD_PROPERTIES) &&
      !is_filled_alone(&compiler->tape, draft->at[PUR_KEYWORD_PROPERTIES]))
    return false;
  return !pur_draft_has(draft, PUR_KEYWORD_TYPE) || (typed && is_type_object(compiler, draft));
}

/* An object is the one type for which `required` says something: a choice that any other value
 * passes matters to oneOf, but not to anyOf. allOf has a rule for each branch anyway. */
pur_status pur_compiler_required_alone(pur_compiler *compiler, const pur_draft *draft,
                                       pur_keyword keyword, bool *alone) {
  const pur_tape *tape = &compiler->tape;
  bool typed = is_type_object(compiler, draft);
  size_t at;
  *alone = pur_draft_has(draft, keyword) &&
           (keyword == PUR_KEYWORD_ANY_OF || (keyword == PUR_KEYWORD_ONE_OF && typed));
  if (!*alone) return PUR_OK;
  at = pur_tape_first(draft->at[keyword]);
  *alone = !pur_tape_is_end(tape, at);
  for (; *alone && !pur_tape_is_end(tape, at); at = pur_tape_next(tape, at)) {
    const pur_draft *branch;
    pur_status status = pur_compiler_draft(compiler, at, &branch);
    if (status != PUR_OK) return status;
    *alone = is_required_alone(compiler, branch, typed);
  }
  return PUR_OK;
}

/* Takes the names of the texts that must not be empty. */
static pur_status take_filled(maker *m, size_t properties, pur_name_set *filled) {
  const pur_tape *tape = &m->compiler->tape;
  size_t key, number;
  if (properties == PUR_TAPE_NOWHERE) return PUR_OK;
  m->rule->heeds_empty = true;
  for (key = pur_tape_first(properties); !pur_tape_is_end(tape, key);
       key = pur_tape_next(tape, key)) {
    pur_status status = take_name(m, key, &number);
    if (status != PUR_OK) return status;
    pur_name_set_add(filled, number);
  }
  return PUR_OK;
}

static pur_status take_choice(maker *m, pur_keyword keyword) {
  const pur_tape *tape = &m->compiler->tape;
  size_t list = m->draft->at[keyword], at = pur_tape_first(list);
  pur_required_choice *choice = pur_compiler_new(m->compiler, 1, sizeof *choice);
  pur_status status = PUR_OK;
  if (choice == NULL) return PUR_NO_MEMORY;
  choice->keyword = pur_keyword_name(keyword);
  choice->only_one = keyword == PUR_KEYWORD_ONE_OF;
  choice->count = pur_compiler_count(m->compiler, list);
  choice->sets = pur_compiler_new(m->compiler, choice->count, sizeof *choice->sets);
  choice->filled = pur_compiler_new(m->compiler, choice->count, sizeof *choice->filled);
  if (choice->sets == NULL || choice->filled == NULL) return PUR_NO_MEMORY;
  *m->next_choice = choice;
  m->next_choice = &choice->next;
  for (size_t i = 0; status == PUR_OK && i < choice->count; i++, at = pur_tape_next(tape, at)) {
    const pur_draft *branch;
    status = pur_compiler_draft(m->compiler, at, &branch);
    if (status == PUR_OK)
      status = take_filled(m, branch->at[PUR_KEYWORD_PROPERTIES], &choice->filled[i]);
    if (status == PUR_OK)
      status = take_required(m, branch->at[PUR_KEYWORD_REQUIRED], &choice->sets[i]);
  }
  return status;
}

/* The rule */

static pur_status take_properties(maker *m) {
  const pur_tape *tape = &m->compiler->tape;
  size_t key = m->draft->at[PUR_KEYWORD_PROPERTIES];
  if (key == PUR_TAPE_NOWHERE) return PUR_OK;
  for (key = pur_tape_first(key); !pur_tape_is_end(tape, key); key = pur_tape_next(tape, key)) {
    pur_schema_node *node;
    size_t number;
    pur_status status = pur_compiler_node(m->compiler, key + 1, &node);
    if (status == PUR_OK) status = take_name(m, key, &number);
    if (status != PUR_OK) return status;
    m->members[number] = node;
    pur_name_set_add(&m->rule->allowed, number);
  }
  return PUR_OK;
}

/* Reads what the value of a name that `properties` lacks must be; NULL: it is refused. */
static pur_status read_others(const maker *m, const pur_schema_node **others) {
  size_t item = m->draft->at[PUR_KEYWORD_ADDITIONAL_PROPERTIES];
  pur_schema_node *node;
  pur_status status;
  *others = &pur_schema_anything;
  if (item == PUR_TAPE_NOWHERE) return PUR_OK;
  switch (pur_tape_kind(&m->compiler->tape, item)) {
  case PUR_JSON_TRUE:
    return PUR_OK;
  case PUR_JSON_FALSE:
    *others = NULL;
    return PUR_OK;
  case PUR_JSON_OBJECT_BEGIN:
    status = pur_compiler_node(m->compiler, item, &node);
    if (status == PUR_OK) *others = node;
    return status;
  default:
    return pur_compiler_fail(m->compiler, item,
                             "\"additionalProperties\" must be true, false or a schema");
  }
}

/* Keeps a name as documents nearly always have it. One that needs escapes is spelled in no way. */
static pur_status spell(maker *m, pur_text name, pur_text *spelled) {
  static const char padding[PUR_JSON_PADDING];
  pur_buffer *text = &m->compiler->text;
  pur_status status;
  *spelled = (pur_text){"", SIZE_MAX};
  pur_buffer_clear(text);
  status = pur_json_write_string(text, name.text, name.length, m->compiler->error);
  if (status != PUR_OK || text->length > name.length + 2) return status;
  pur_buffer_append_literal(text, ":");
  pur_buffer_append(text, padding, sizeof padding);
  status = pur_buffer_check(text, m->compiler->error);
  if (status == PUR_OK) status = pur_compiler_keep(m->compiler, text->data, text->length, spelled);
  if (status == PUR_OK) spelled->length -= sizeof padding;
  return status;
}

/* Makes the tables of the names, which all are known by now. */
static pur_status make_tables(maker *m) {
  pur_object_rule *rule = m->rule;
  pur_text *names = pur_compiler_new(m->compiler, m->count + 1, sizeof *names);
  pur_text *spelled = pur_compiler_new(m->compiler, m->count + 1, sizeof *spelled);
  const pur_schema_node *others;
  pur_status status = read_others(m, &others);
  if (status != PUR_OK) return status;
  rule->members = pur_compiler_new(m->compiler, m->count + 1, sizeof *rule->members);
  if (names == NULL || spelled == NULL || rule->members == NULL) return PUR_NO_MEMORY;
  memcpy(names, m->names, m->count * sizeof *names);
  for (size_t i = 0; i < m->count && status == PUR_OK; i++) {
    rule->members[i] = pur_name_set_has(&rule->allowed, i) ? m->members[i] : others;
    status = spell(m, names[i], &spelled[i]);
  }
  rule->members[m->count] = others;
  rule->names = names;
  rule->spelled = spelled;
  rule->count = m->count;
  rule->words = (m->count + 63) / 64;
  rule->first_hint = m->compiler->schema->hints;
  m->compiler->schema->hints += m->count + 1;
  return status;
}

pur_status pur_compile_object(pur_compiler *compiler, const pur_draft *draft) {
  maker m = {.compiler = compiler, .draft = draft};
  size_t required = draft->at[PUR_KEYWORD_REQUIRED];
  bool any_of, one_of;
  pur_status status = pur_compiler_required_alone(compiler, draft, PUR_KEYWORD_ANY_OF, &any_of);
  if (status == PUR_OK)
    status = pur_compiler_required_alone(compiler, draft, PUR_KEYWORD_ONE_OF, &one_of);
  if (status != PUR_OK) return status;
  if (!any_of && !one_of &&
      !pur_draft_has_any(draft, PUR_KEYWORD_REQUIRED, PUR_KEYWORD_ADDITIONAL_PROPERTIES))
    return PUR_OK;
  m.rule = pur_compiler_new(compiler, 1, sizeof *m.rule);
  if (m.rule == NULL) return PUR_NO_MEMORY;
  draft->node->object = m.rule;
  m.next_choice = &m.rule->choices;

  status = take_properties(&m);
  if (status == PUR_OK && required != PUR_TAPE_NOWHERE)
    status = take_required(&m, required, &m.rule->required);
  if (status == PUR_OK && any_of) status = take_choice(&m, PUR_KEYWORD_ANY_OF);
  if (status == PUR_OK && one_of) status = take_choice(&m, PUR_KEYWORD_ONE_OF);
  return status == PUR_OK ? make_tables(&m) : status;
}

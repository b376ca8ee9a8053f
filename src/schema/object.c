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

/* The number of a member's name, or of the name that a string is, which may be new: then it is
 * kept. */
static pur_status take_name(maker *m, const pur_item *item, size_t *number) {
  const pur_json_token *token = item->key.text != NULL ? &item->key : &item->token;
  pur_text name;
  char *copy;
  pur_status status = pur_json_string_text(token, &m->compiler->text, &name, m->compiler->error);
  if (status != PUR_OK) return status;
  *number = pur_name_find(m->names, m->count, name);
  if (*number < m->count) return PUR_OK;
  if (m->count == PUR_SCHEMA_NAMED)
    return pur_compiler_fail(m->compiler, item, "an object can have rules for at most %d names",
                             PUR_SCHEMA_NAMED);
  copy = pur_compiler_new(m->compiler, name.length + 1, 1);
  if (copy == NULL) return PUR_NO_MEMORY;
  memcpy(copy, name.text, name.length);
  m->names[m->count++] = (pur_text){copy, name.length};
  return PUR_OK;
}

/* Takes the names of a `required`, which is a list of strings, one at least. */
static pur_status take_required(maker *m, const pur_item *list, pur_name_set *set) {
  size_t number;
  if (list->count == 0)
    return pur_compiler_fail(m->compiler, list, "\"required\" must have at least one name");
  for (const pur_item *item = list->first; item != NULL; item = item->next) {
    pur_status status;
    if (item->token.kind != PUR_JSON_STRING)
      return pur_compiler_fail(m->compiler, item, "\"required\" must be a list of names");
    status = take_name(m, item, &number);
    if (status != PUR_OK) return status;
    if (pur_name_set_has(set, number))
      return pur_compiler_fail(m->compiler, item, "\"required\" names it twice");
    pur_name_set_add(set, number);
  }
  return PUR_OK;
}

/* Choices of required alone */

static bool is_type_object(const pur_draft *draft) {
  const pur_item *type = draft->at[PUR_KEYWORD_TYPE];
  return type != NULL && pur_json_string_is(&type->token, "object");
}

/* Tells whether `properties` say nothing but {"pattern": "\\S"}. */
static bool is_filled_alone(const pur_item *properties) {
  for (const pur_item *member = properties->first; member != NULL; member = member->next) {
    const pur_item *rule = member->first;
    if (member->token.kind != PUR_JSON_OBJECT_BEGIN || member->count != 1 ||
        !pur_json_string_is(&rule->key, "pattern") || !pur_json_string_is(&rule->token, "\\S"))
      return false;
  }
  return true;
}

/* Tells whether a draft has `required` and no other rule but that of texts that are not blank and,
 * `typed`, that of being an object. */
static bool is_required_alone(const pur_draft *draft, bool typed) {
  const pur_item *properties = draft->at[PUR_KEYWORD_PROPERTIES];
  if (draft->at[PUR_KEYWORD_REQUIRED] == NULL || draft->at[PUR_KEYWORD_ENUM] != NULL ||
      pur_draft_has_any(draft, PUR_KEYWORD_ADDITIONAL_PROPERTIES, PUR_KEYWORD_ONE_OF) ||
      (properties != NULL && !is_filled_alone(properties)))
    return false;
  return draft->at[PUR_KEYWORD_TYPE] == NULL || (typed && is_type_object(draft));
}

/* Tells whether a choice consists of nothing but `required`. An object is the one type for which
 * that says something: a choice that any other value passes matters to oneOf, but not to anyOf. */
static pur_status find_alone(pur_compiler *compiler, pur_draft *draft, pur_choice_kind kind) {
  const pur_item *list = draft->at[PUR_KEYWORD_ALL_OF + kind];
  bool typed = is_type_object(draft), alone = list != NULL && list->count > 0;
  if (!alone || (kind == PUR_ONE_OF && !typed)) return PUR_OK;
  for (pur_item *item = list->first; alone && item != NULL; item = item->next) {
    pur_draft *branch;
    pur_status status = pur_compiler_draft(compiler, item, &branch);
    if (status != PUR_OK) return status;
    alone = is_required_alone(branch, typed);
  }
  draft->alone[kind] = alone;
  return PUR_OK;
}

/* Takes the names of the texts that must not be empty. */
static pur_status take_filled(maker *m, const pur_item *properties, pur_name_set *filled) {
  size_t number;
  if (properties == NULL) return PUR_OK;
  m->rule->heeds_empty = true;
  for (const pur_item *member = properties->first; member != NULL; member = member->next) {
    pur_status status = take_name(m, member, &number);
    if (status != PUR_OK) return status;
    pur_name_set_add(filled, number);
  }
  return PUR_OK;
}

static pur_status take_choice(maker *m, pur_choice_kind kind) {
  const pur_item *list = m->draft->at[PUR_KEYWORD_ALL_OF + kind];
  pur_required_choice *choice = pur_compiler_new(m->compiler, 1, sizeof *choice);
  pur_status status = PUR_OK;
  if (choice == NULL) return PUR_NO_MEMORY;
  choice->keyword = pur_keyword_name(PUR_KEYWORD_ALL_OF + kind);
  choice->only_one = kind == PUR_ONE_OF;
  choice->sets = pur_compiler_new(m->compiler, list->count, sizeof *choice->sets);
  choice->filled = pur_compiler_new(m->compiler, list->count, sizeof *choice->filled);
  if (choice->sets == NULL || choice->filled == NULL) return PUR_NO_MEMORY;
  *m->next_choice = choice;
  m->next_choice = &choice->next;
  for (pur_item *item = list->first; status == PUR_OK && item != NULL; item = item->next) {
    pur_draft *branch;
    size_t i = choice->count++;
    status = pur_compiler_draft(m->compiler, item, &branch);
    if (status == PUR_OK)
      status = take_filled(m, branch->at[PUR_KEYWORD_PROPERTIES], &choice->filled[i]);
    if (status == PUR_OK)
      status = take_required(m, branch->at[PUR_KEYWORD_REQUIRED], &choice->sets[i]);
  }
  return status;
}

/* The rule */

static pur_status take_properties(maker *m) {
  const pur_item *properties = m->draft->at[PUR_KEYWORD_PROPERTIES];
  pur_item *member = properties != NULL ? properties->first : NULL;
  for (; member != NULL; member = member->next) {
    pur_schema_node *node;
    size_t number;
    pur_status status = pur_compiler_node(m->compiler, member, &node);
    if (status == PUR_OK) status = take_name(m, member, &number);
    if (status != PUR_OK) return status;
    m->members[number] = node;
    pur_name_set_add(&m->rule->allowed, number);
  }
  return PUR_OK;
}

/* Reads what the value of a name that `properties` lacks must be; NULL: it is refused. */
static pur_status read_others(const maker *m, const pur_schema_node **others) {
  pur_item *item = m->draft->at[PUR_KEYWORD_ADDITIONAL_PROPERTIES];
  pur_json_kind kind = item != NULL ? item->token.kind : PUR_JSON_TRUE;
  pur_schema_node *node = NULL;
  pur_status status = PUR_OK;
  if (kind == PUR_JSON_OBJECT_BEGIN)
    status = pur_compiler_node(m->compiler, item, &node);
  else if (kind != PUR_JSON_TRUE && kind != PUR_JSON_FALSE)
    status = pur_compiler_fail(m->compiler, item,
                               "\"additionalProperties\" must be true, false or a schema");
  *others = kind == PUR_JSON_TRUE ? &pur_schema_anything : node;
  return status;
}

/* Keeps a name as documents nearly always have it. One that needs escapes is spelled in no way. */
static pur_status spell(maker *m, pur_text name, pur_text *spelled) {
  pur_buffer *text = &m->compiler->text;
  pur_status status;
  char *copy;
  *spelled = (pur_text){"", SIZE_MAX};
  pur_buffer_clear(text);
  status = pur_json_write_string(text, name.text, name.length, m->compiler->error);
  if (status != PUR_OK || text->length > name.length + 2) return status;
  copy = pur_compiler_new(m->compiler, text->length + 1 + PUR_JSON_PADDING, 1);
  if (copy == NULL) return PUR_NO_MEMORY;
  memcpy(copy, text->data, text->length);
  copy[text->length] = ':';
  *spelled = (pur_text){copy, text->length + 1};
  return PUR_OK;
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

pur_status pur_compile_object(pur_compiler *compiler, pur_draft *draft) {
  maker m = {.compiler = compiler, .draft = draft};
  const pur_item *required = draft->at[PUR_KEYWORD_REQUIRED];
  pur_status status = find_alone(compiler, draft, PUR_ANY_OF);
  if (status == PUR_OK) status = find_alone(compiler, draft, PUR_ONE_OF);
  if (status != PUR_OK) return status;
  if (!draft->alone[PUR_ANY_OF] && !draft->alone[PUR_ONE_OF] &&
      !pur_draft_has_any(draft, PUR_KEYWORD_REQUIRED, PUR_KEYWORD_ADDITIONAL_PROPERTIES))
    return PUR_OK;
  m.rule = pur_compiler_new(compiler, 1, sizeof *m.rule);
  if (m.rule == NULL) return PUR_NO_MEMORY;
  draft->node->object = m.rule;
  m.next_choice = &m.rule->choices;

  status = take_properties(&m);
  if (status == PUR_OK && required != NULL) status = take_required(&m, required, &m.rule->required);
  if (status == PUR_OK && draft->alone[PUR_ANY_OF]) status = take_choice(&m, PUR_ANY_OF);
  if (status == PUR_OK && draft->alone[PUR_ONE_OF]) status = take_choice(&m, PUR_ONE_OF);
  return status == PUR_OK ? make_tables(&m) : status;
}

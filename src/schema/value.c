/* Rules for values by themselves: types, enums, numbers, strings, and how many elements an array
 * has. */
#include <stdlib.h>

#include "schema/drafts.h"

const pur_schema_node pur_schema_anything = {
    .kinds = PUR_KIND_ALL, .types = PUR_TYPE_ALL, .plain = PUR_KIND_ALL};

/* Types */

typedef struct type {
  const char *name;
  unsigned char bit;
  unsigned kinds;
} type;

static const type types[] = {
    {"array", PUR_TYPE_ARRAY, PUR_KIND_BIT(PUR_JSON_ARRAY_BEGIN)},
    {"boolean", PUR_TYPE_BOOLEAN, PUR_KIND_BIT(PUR_JSON_TRUE) | PUR_KIND_BIT(PUR_JSON_FALSE)},
    {"integer", PUR_TYPE_INTEGER, PUR_KIND_BIT(PUR_JSON_NUMBER)},
    {"null", PUR_TYPE_NULL, PUR_KIND_BIT(PUR_JSON_NULL)},
    {"number", PUR_TYPE_NUMBER, PUR_KIND_BIT(PUR_JSON_NUMBER)},
    {"object", PUR_TYPE_OBJECT, PUR_KIND_BIT(PUR_JSON_OBJECT_BEGIN)},
    {"string", PUR_TYPE_STRING, PUR_KIND_BIT(PUR_JSON_STRING)},
};

static pur_status add_type(pur_compiler *compiler, pur_schema_node *node, size_t item) {
  const pur_json_token *name = &pur_tape_at(&compiler->tape, item)->token;
  const type *named = NULL;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (name->kind == PUR_JSON_STRING && pur_json_string_is(name, types[i].name)) named = &types[i];
  if (named == NULL)
    return pur_compiler_fail(
        compiler, item,
        "\"type\" must be array, boolean, integer, null, number, object, string "
        "or a list of these");
  if ((node->types & named->bit) != 0)
    return pur_compiler_fail(compiler, item, "\"type\" has \"%s\" twice", named->name);
  node->types |= named->bit;
  node->kinds |= named->kinds;
  node->whole = (node->types & (PUR_TYPE_INTEGER | PUR_TYPE_NUMBER)) == PUR_TYPE_INTEGER;
  return PUR_OK;
}

pur_status pur_compile_type(pur_compiler *compiler, const pur_draft *draft) {
  size_t item = draft->at[PUR_KEYWORD_TYPE], at;
  pur_status status = PUR_OK;
  if (!pur_draft_has(draft, PUR_KEYWORD_TYPE)) return PUR_OK;
  draft->node->types = 0;
  draft->node->kinds = 0;
  draft->node->keyword = "type";
  if (pur_tape_kind(&compiler->tape, item) != PUR_JSON_ARRAY_BEGIN)
    return add_type(compiler, draft->node, item);
  for (at = pur_tape_first(item); status == PUR_OK && !pur_tape_is_end(&compiler->tape, at);
       at = pur_tape_next(&compiler->tape, at))
    status = add_type(compiler, draft->node, at);
  if (status == PUR_OK && draft->node->types == 0)
    return pur_compiler_fail(compiler, item, "\"type\" must name at least one type");
  return status;
}

/* Enums */

#define VALUES 60000 /* the most that an enum can have */

static pur_status take_value(pur_compiler *compiler, size_t item, pur_text *text) {
  const pur_buffer *canonical = &compiler->canonical.text;
  pur_text value = pur_compiler_value(compiler, item);
  if (pur_canonical_write(&compiler->canonical, value.text, value.length) != PUR_OK)
    return pur_error_no_memory(compiler->error);
  return pur_compiler_keep(compiler, canonical->data, canonical->length, text);
}

pur_status pur_compile_enum(pur_compiler *compiler, const pur_draft *draft) {
  size_t list = draft->at[PUR_KEYWORD_ENUM], at = pur_tape_first(list), count;
  pur_enum *values;
  pur_status status;
  if (!pur_draft_has(draft, PUR_KEYWORD_ENUM)) return PUR_OK;
  count = pur_compiler_count(compiler, list);
  if (count == 0 || count > VALUES)
    return pur_compiler_fail(compiler, list, "\"enum\" must have 1 to %d values", VALUES);
  values = pur_compiler_new(compiler, 1, sizeof *values);
  if (values == NULL) return PUR_NO_MEMORY;
  values->count = count;
  values->values = pur_compiler_new(compiler, count, sizeof *values->values);
  if (values->values == NULL) return PUR_NO_MEMORY;
  draft->node->values = values;
  status = pur_compiler_slice(compiler, list, &values->text);
  for (size_t i = 0; status == PUR_OK && i < count; i++, at = pur_tape_next(&compiler->tape, at))
    status = take_value(compiler, at, &values->values[i]);
  if (status == PUR_OK) qsort(values->values, count, sizeof *values->values, pur_canonical_compare);
  return status;
}

/* Counts */

/* Reads a whole number as draft 4 has it. A huge one stays above every real count. */
static pur_status read_count(pur_compiler *compiler, const pur_draft *draft, pur_keyword keyword,
                             size_t *count) {
  const pur_json_token *token;
  if (!pur_draft_has(draft, keyword)) return PUR_OK;
  token = &pur_tape_at(&compiler->tape, draft->at[keyword])->token;
  *count = 0;
  for (size_t i = 0; i < token->length; i++) {
    if (token->text[i] < '0' || token->text[i] > '9')
      return pur_compiler_fail(compiler, draft->at[keyword],
                               "\"%s\" must be a whole number, 0 or more",
                               pur_keyword_name(keyword));
    if (*count < SIZE_MAX / 16) *count = *count * 10 + (size_t)(token->text[i] - '0');
  }
  return PUR_OK;
}

/* Arrays */

pur_status pur_compile_array(pur_compiler *compiler, const pur_draft *draft) {
  size_t items = draft->at[PUR_KEYWORD_ITEMS];
  pur_array_rule *rule;
  pur_schema_node **nodes, *node;
  pur_status status;
  if (!pur_draft_has_any(draft, PUR_KEYWORD_ITEMS, PUR_KEYWORD_MAX_ITEMS)) return PUR_OK;
  rule = pur_compiler_new(compiler, 1, sizeof *rule);
  if (rule == NULL) return PUR_NO_MEMORY;
  draft->node->array = rule;
  rule->most = SIZE_MAX;
  rule->others = &pur_schema_anything;
  status = read_count(compiler, draft, PUR_KEYWORD_MIN_ITEMS, &rule->least);
  if (status == PUR_OK) status = read_count(compiler, draft, PUR_KEYWORD_MAX_ITEMS, &rule->most);
  if (status != PUR_OK || items == PUR_TAPE_NOWHERE) return status;
  if (pur_tape_kind(&compiler->tape, items) == PUR_JSON_ARRAY_BEGIN) {
    status = pur_compiler_nodes(compiler, items, &nodes, &rule->first_count);
    if (status == PUR_OK) rule->first = (const pur_schema_node *const *)nodes;
  } else {
    status = pur_compiler_node(compiler, items, &node);
    if (status == PUR_OK) rule->others = node;
  }
  return status;
}

/* Strings */

static pur_status read_pattern(pur_compiler *compiler, const pur_draft *draft,
                               pur_string_rule *rule) {
  size_t item = draft->at[PUR_KEYWORD_PATTERN];
  pur_text text;
  pur_error error;
  pur_status status;
  if (item == PUR_TAPE_NOWHERE) return PUR_OK;
  status = pur_compiler_text(compiler, item, &text);
  if (status != PUR_OK) return status;
  status = pur_schema_pattern_new(text.text, text.length, &compiler->schema->patterns, &error);
  if (status == PUR_NO_MEMORY) return pur_error_no_memory(compiler->error);
  if (status != PUR_OK)
    return pur_compiler_fail(compiler, item, "\"pattern\" is not a regular expression: %s",
                             error.message);
  rule->pattern = compiler->schema->patterns;
  if (!pur_draft_has(draft, PUR_KEYWORD_DESCRIPTION)) return PUR_OK;
  return pur_compiler_text(compiler, draft->at[PUR_KEYWORD_DESCRIPTION], &rule->description);
}

pur_status pur_compile_string(pur_compiler *compiler, const pur_draft *draft) {
  size_t format = draft->at[PUR_KEYWORD_FORMAT];
  pur_string_rule *rule;
  pur_text name;
  pur_status status;
  if (!pur_draft_has_any(draft, PUR_KEYWORD_MIN_LENGTH, PUR_KEYWORD_FORMAT)) return PUR_OK;
  rule = pur_compiler_new(compiler, 1, sizeof *rule);
  if (rule == NULL) return PUR_NO_MEMORY;
  draft->node->string = rule;
  rule->most = SIZE_MAX;
  status = read_count(compiler, draft, PUR_KEYWORD_MIN_LENGTH, &rule->least);
  if (status == PUR_OK) status = read_count(compiler, draft, PUR_KEYWORD_MAX_LENGTH, &rule->most);
  if (status == PUR_OK) status = read_pattern(compiler, draft, rule);
  if (status != PUR_OK || format == PUR_TAPE_NOWHERE) return status;
  status = pur_compiler_text(compiler, format, &name);
  if (status != PUR_OK) return status;
  rule->format = pur_format_named(name.text, name.length);
  if (rule->format == PUR_FORMAT_COUNT) {
    char shown[64];
    pur_issue_quote(name.text, name.length, shown, sizeof shown);
    return pur_compiler_fail(compiler, format,
                             "\"format\" must be email, date-time or uri, not \"%s\"", shown);
  }
  return PUR_OK;
}

/* Numbers */

static pur_status read_bound(pur_compiler *compiler, const pur_draft *draft, pur_keyword keyword,
                             pur_bound *bound) {
  pur_status status;
  bound->is_there = pur_draft_has(draft, keyword);
  if (!bound->is_there) return PUR_OK;
  status = pur_compiler_slice(compiler, draft->at[keyword], &bound->text);
  if (status == PUR_OK) (void)pur_decimal_read(bound->text.text, bound->text.length, &bound->value);
  return status;
}

/* exclusiveMinimum and exclusiveMaximum say how to take the bound beside them. */
static pur_status read_exclusive(pur_compiler *compiler, const pur_draft *draft,
                                 pur_keyword keyword, const char *name, const pur_bound *bound,
                                 bool *set) {
  size_t item = draft->at[keyword];
  pur_json_kind kind;
  if (!pur_draft_has(draft, keyword)) return PUR_OK;
  kind = pur_tape_kind(&compiler->tape, item);
  if (kind != PUR_JSON_TRUE && kind != PUR_JSON_FALSE)
    return pur_compiler_fail(compiler, item, "\"exclusive%s\" must be true or false", name);
  if (!bound->is_there)
    return pur_compiler_fail(compiler, item, "\"exclusive%s\" needs a \"m%s\" beside it", name,
                             name + 1);
  *set = kind == PUR_JSON_TRUE;
  return PUR_OK;
}

pur_status pur_compile_number(pur_compiler *compiler, const pur_draft *draft) {
  pur_number_rule *rule;
  pur_status status;
  if (!pur_draft_has_any(draft, PUR_KEYWORD_MINIMUM, PUR_KEYWORD_MULTIPLE_OF)) return PUR_OK;
  rule = pur_compiler_new(compiler, 1, sizeof *rule);
  if (rule == NULL) return PUR_NO_MEMORY;
  draft->node->number = rule;
  status = read_bound(compiler, draft, PUR_KEYWORD_MINIMUM, &rule->minimum);
  if (status == PUR_OK) status = read_bound(compiler, draft, PUR_KEYWORD_MAXIMUM, &rule->maximum);
  if (status == PUR_OK)
    status = read_exclusive(compiler, draft, PUR_KEYWORD_EXCLUSIVE_MINIMUM, "Minimum",
                            &rule->minimum, &rule->above_minimum);
  if (status == PUR_OK)
    status = read_exclusive(compiler, draft, PUR_KEYWORD_EXCLUSIVE_MAXIMUM, "Maximum",
                            &rule->maximum, &rule->below_maximum);
  if (status == PUR_OK)
    status = read_bound(compiler, draft, PUR_KEYWORD_MULTIPLE_OF, &rule->divisor);
  if (status != PUR_OK || !rule->divisor.is_there || pur_decimal_is_divisor(&rule->divisor.value))
    return status;
  return pur_compiler_fail(compiler, draft->at[PUR_KEYWORD_MULTIPLE_OF],
                           "\"multipleOf\" must be more than 0 and have at most 18 digits");
}

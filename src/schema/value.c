/* Rules for values by themselves: types, enums, numbers, strings, and how many elements an array
 * has. */
#include <stdlib.h>

#include "schema/drafts.h"

const pur_schema_node pur_schema_anything = {
    .kinds = PUR_KIND_ALL, .types = PUR_TYPE_ALL, .plain = PUR_KIND_ALL};

/* Types */

/* In the order of the bits. */
static const struct type {
  const char *name;
  unsigned kinds;
} types[] = {
    {"array", PUR_KIND_BIT(PUR_JSON_ARRAY_BEGIN)},
    {"boolean", PUR_KIND_BIT(PUR_JSON_TRUE) | PUR_KIND_BIT(PUR_JSON_FALSE)},
    {"integer", PUR_KIND_BIT(PUR_JSON_NUMBER)},
    {"null", PUR_KIND_BIT(PUR_JSON_NULL)},
    {"number", PUR_KIND_BIT(PUR_JSON_NUMBER)},
    {"object", PUR_KIND_BIT(PUR_JSON_OBJECT_BEGIN)},
    {"string", PUR_KIND_BIT(PUR_JSON_STRING)},
};
#define TYPES (sizeof types / sizeof *types)

static pur_status add_type(pur_compiler *compiler, pur_schema_node *node, const pur_item *item) {
  size_t i = 0;
  if (item->token.kind == PUR_JSON_STRING)
    while (i < TYPES && !pur_json_string_is(&item->token, types[i].name)) i++;
  if (item->token.kind != PUR_JSON_STRING || i == TYPES)
    return pur_compiler_fail(
        compiler, item,
        "\"type\" must be array, boolean, integer, null, number, object, string "
        "or a list of these");
  if ((node->types >> i & 1) != 0)
    return pur_compiler_fail(compiler, item, "\"type\" has \"%s\" twice", types[i].name);
  node->types |= (unsigned char)(1u << i);
  node->kinds |= types[i].kinds;
  node->whole = (node->types & (PUR_TYPE_INTEGER | PUR_TYPE_NUMBER)) == PUR_TYPE_INTEGER;
  return PUR_OK;
}

pur_status pur_compile_type(pur_compiler *compiler, pur_draft *draft) {
  const pur_item *list = draft->at[PUR_KEYWORD_TYPE], *item;
  pur_status status = PUR_OK;
  if (list == NULL) return PUR_OK;
  draft->node->types = 0;
  draft->node->kinds = 0;
  draft->node->keyword = "type";
  if (list->token.kind != PUR_JSON_ARRAY_BEGIN) return add_type(compiler, draft->node, list);
  for (item = list->first; status == PUR_OK && item != NULL; item = item->next)
    status = add_type(compiler, draft->node, item);
  if (list->count == 0)
    return pur_compiler_fail(compiler, list, "\"type\" must name at least one type");
  return status;
}

/* Enums */

#define VALUES 60000 /* the most that an enum can have */

static pur_status take_value(pur_compiler *compiler, const pur_item *item, pur_text *value) {
  const pur_buffer *canonical = &compiler->canonical.text;
  if (pur_canonical_write(&compiler->canonical, item->json.text, item->json.length) != PUR_OK)
    return pur_error_no_memory(compiler->error);
  return pur_compiler_keep(compiler, (pur_text){canonical->data, canonical->length}, value);
}

pur_status pur_compile_enum(pur_compiler *compiler, pur_draft *draft) {
  const pur_item *list = draft->at[PUR_KEYWORD_ENUM], *item;
  pur_enum *values;
  pur_status status;
  if (list == NULL) return PUR_OK;
  if (list->count == 0 || list->count > VALUES)
    return pur_compiler_fail(compiler, list, "\"enum\" must have 1 to %d values", VALUES);
  values = pur_compiler_new(compiler, 1, sizeof *values);
  if (values == NULL) return PUR_NO_MEMORY;
  values->values = pur_compiler_new(compiler, list->count, sizeof *values->values);
  if (values->values == NULL) return PUR_NO_MEMORY;
  draft->node->values = values;
  status = pur_compiler_keep(compiler, list->json, &values->text);
  for (item = list->first; status == PUR_OK && item != NULL; item = item->next)
    status = take_value(compiler, item, &values->values[values->count++]);
  if (status == PUR_OK)
    qsort(values->values, values->count, sizeof *values->values, pur_canonical_compare);
  return status;
}

/* Counts */

/* Reads the least and the most of something, two keywords in a row, as whole numbers as draft 4 has
 * them. A huge one stays above every real count. */
static pur_status read_range(pur_compiler *compiler, const pur_draft *draft, pur_keyword first,
                             size_t range[2]) {
  range[1] = SIZE_MAX;
  for (int i = 0; i < 2; i++) {
    const pur_item *item = draft->at[first + i];
    if (item == NULL) continue;
    range[i] = 0;
    for (size_t at = 0; at < item->json.length; at++) {
      char digit = item->json.text[at];
      if (!pur_text_is_digit(digit))
        return pur_compiler_fail(compiler, item, "\"%s\" must be a whole number, 0 or more",
                                 pur_keyword_name(first + i));
      if (range[i] < SIZE_MAX / 16) range[i] = range[i] * 10 + (size_t)(digit - '0');
    }
  }
  return PUR_OK;
}

/* Arrays */

pur_status pur_compile_array(pur_compiler *compiler, pur_draft *draft) {
  pur_item *items = draft->at[PUR_KEYWORD_ITEMS];
  pur_array_rule *rule;
  pur_schema_node **nodes, *node;
  pur_status status;
  if (!pur_draft_has_any(draft, PUR_KEYWORD_ITEMS, PUR_KEYWORD_MAX_ITEMS)) return PUR_OK;
  rule = pur_compiler_new(compiler, 1, sizeof *rule);
  if (rule == NULL) return PUR_NO_MEMORY;
  draft->node->array = rule;
  rule->others = &pur_schema_anything;
  status = read_range(compiler, draft, PUR_KEYWORD_MIN_ITEMS, rule->count);
  if (status != PUR_OK || items == NULL) return status;
  if (items->token.kind == PUR_JSON_ARRAY_BEGIN) {
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
  const pur_item *item = draft->at[PUR_KEYWORD_PATTERN];
  const pur_item *description = draft->at[PUR_KEYWORD_DESCRIPTION];
  pur_text text;
  pur_error error;
  pur_status status;
  if (item == NULL) return PUR_OK;
  status = pur_compiler_text(compiler, item, &text);
  if (status != PUR_OK) return status;
  status = pur_schema_pattern_new(text.text, text.length, &compiler->schema->patterns, &error);
  if (status == PUR_NO_MEMORY) return pur_error_no_memory(compiler->error);
  if (status != PUR_OK)
    return pur_compiler_fail(compiler, item, "\"pattern\" is not a regular expression: %s",
                             error.message);
  rule->pattern = compiler->schema->patterns;
  if (description == NULL) return PUR_OK;
  return pur_compiler_text(compiler, description, &rule->description);
}

pur_status pur_compile_string(pur_compiler *compiler, pur_draft *draft) {
  const pur_item *format = draft->at[PUR_KEYWORD_FORMAT];
  pur_string_rule *rule;
  pur_text name;
  pur_status status;
  if (!pur_draft_has_any(draft, PUR_KEYWORD_MIN_LENGTH, PUR_KEYWORD_FORMAT)) return PUR_OK;
  rule = pur_compiler_new(compiler, 1, sizeof *rule);
  if (rule == NULL) return PUR_NO_MEMORY;
  draft->node->string = rule;
  status = read_range(compiler, draft, PUR_KEYWORD_MIN_LENGTH, rule->length);
  if (status == PUR_OK) status = read_pattern(compiler, draft, rule);
  if (status != PUR_OK || format == NULL) return status;
  status = pur_compiler_text(compiler, format, &name);
  if (status != PUR_OK) return status;
  rule->format = pur_format_named(name);
  if (rule->format == NULL) {
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
  const pur_item *item = draft->at[keyword];
  pur_status status;
  bound->is_there = item != NULL;
  if (item == NULL) return PUR_OK;
  status = pur_compiler_keep(compiler, item->json, &bound->text);
  if (status == PUR_OK) (void)pur_decimal_read(bound->text.text, bound->text.length, &bound->value);
  return status;
}

/* exclusiveMinimum and exclusiveMaximum say how to take the bound beside them. */
static pur_status read_exclusive(pur_compiler *compiler, const pur_draft *draft,
                                 pur_keyword keyword, pur_keyword beside, pur_bound *bound) {
  const pur_item *item = draft->at[keyword];
  const char *name = pur_keyword_name(keyword);
  if (item == NULL) return PUR_OK;
  if (item->token.kind != PUR_JSON_TRUE && item->token.kind != PUR_JSON_FALSE)
    return pur_compiler_fail(compiler, item, "\"%s\" must be true or false", name);
  if (!bound->is_there)
    return pur_compiler_fail(compiler, item, "\"%s\" needs a \"%s\" beside it", name,
                             pur_keyword_name(beside));
  bound->is_exclusive = item->token.kind == PUR_JSON_TRUE;
  return PUR_OK;
}

pur_status pur_compile_number(pur_compiler *compiler, pur_draft *draft) {
  pur_number_rule *rule;
  pur_status status;
  if (!pur_draft_has_any(draft, PUR_KEYWORD_MINIMUM, PUR_KEYWORD_MULTIPLE_OF)) return PUR_OK;
  rule = pur_compiler_new(compiler, 1, sizeof *rule);
  if (rule == NULL) return PUR_NO_MEMORY;
  draft->node->number = rule;
  status = read_bound(compiler, draft, PUR_KEYWORD_MINIMUM, &rule->minimum);
  if (status == PUR_OK) status = read_bound(compiler, draft, PUR_KEYWORD_MAXIMUM, &rule->maximum);
  if (status == PUR_OK)
    status = read_exclusive(compiler, draft, PUR_KEYWORD_EXCLUSIVE_MINIMUM, PUR_KEYWORD_MINIMUM,
                            &rule->minimum);
  if (status == PUR_OK)
    status = read_exclusive(compiler, draft, PUR_KEYWORD_EXCLUSIVE_MAXIMUM, PUR_KEYWORD_MAXIMUM,
                            &rule->maximum);
  if (status == PUR_OK)
    status = read_bound(compiler, draft, PUR_KEYWORD_MULTIPLE_OF, &rule->divisor);
  if (status != PUR_OK || !rule->divisor.is_there || pur_decimal_is_divisor(&rule->divisor.value))
    return status;
  return pur_compiler_fail(compiler, draft->at[PUR_KEYWORD_MULTIPLE_OF],
                           "\"multipleOf\" must be more than 0 and have at most 18 digits");
}

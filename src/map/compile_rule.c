/* Rules: what a column, a sum, a constant, a function or a table of these makes of rows. */
#include <stdlib.h>

#include "base/issues.h"
#include "map/compiler.h"

/* The kinds of tables that are a rule by themselves, by the key that only they have. */
static const char *const kinds[] = {"column", "constant", "sum", "add", "sum_product"};

pur_conversion *pur_map_compile_conversion(pur_map_compiler *c) {
  const pur_map *map = c->map;
  pur_conversion *made = pur_arena_take(&c->map->arena, sizeof *made);
  if (made == NULL) return NULL;
  made->map = map;
  made->style = (pur_number_style){
      .decimal = map->decimal, .thousands = map->thousands, .is_power = map->use == PUR_MAP_SERIES};
  made->round = -1;
  made->zone = c->zone;
  return made;
}

bool pur_map_compile_json(pur_map_compiler *c, pur_text text, const char *behind, pur_text *json) {
  pur_buffer out = {0};
  pur_status status = pur_json_write_string(&out, text.text, text.length, NULL);
  pur_buffer_append(&out, behind, strlen(behind));
  if (status == PUR_OK && out.status == PUR_OK)
    *json = (pur_text){pur_arena_copy(&c->map->arena, out.data, out.length), out.length};
  pur_buffer_free(&out);
  return json->text != NULL;
}

/* A text, a number, true or false, as JSON. */
static pur_status compile_scalar(pur_map_compiler *c, const pur_node *node, const char *key,
                                 pur_text *json) {
  switch (node->kind) {
  case PUR_JSON_STRING:
    return pur_map_compile_json(c, node->text, "", json) ? PUR_OK : pur_map_compiler_no_memory(c);
  case PUR_JSON_NUMBER:
  case PUR_JSON_TRUE:
  case PUR_JSON_FALSE:
    *json = node->text;
    return PUR_OK;
  default:
    return pur_map_compiler_fail(c, key, "expected a text, a number, true or false");
  }
}

/* Currency, rounding, dates */

/* What may stand beside a number must not be taken for a part of it, a dash not for a minus. */
static bool is_currency(pur_text text) {
  for (size_t i = 0; i < text.length; i++)
    if (pur_text_is_digit(text.text[i]) || strchr("+-()", text.text[i]) != NULL ||
        pur_dash_length(text.text + i, text.length - i) > 0)
      return false;
  return text.length > 0;
}

/* A unit that is passed over would be taken for MW. */
static pur_status check_no_unit(const pur_map_compiler *c, pur_text currency) {
  pur_unit unit = pur_unit_in_name(currency.text, currency.length);
  char shown[32];
  pur_issue_quote(currency.text, currency.length, shown, sizeof shown);
  if (unit != PUR_UNIT_NONE && unit != PUR_UNIT_PRICE)
    return pur_map_compiler_fail(c, "currency", "'%s' is a unit; say unit = \"%s\"", shown,
                                 pur_unit_name(unit));
  if (unit == PUR_UNIT_PRICE || memchr(currency.text, '/', currency.length) != NULL)
    return pur_map_compiler_fail(c, "currency", "'%s' is of a price, not of power or energy",
                                 shown);
  if (currency.length == 1 && memchr("WwkKM%", *currency.text, 6) != NULL)
    return pur_map_compiler_fail(
        c, "currency",
        "'%s' changes what the number means; units are MW, kW, GW, MWh, kWh, Wh, GWh", shown);
  return PUR_OK;
}

pur_status pur_map_compile_number(pur_map_compiler *c, pur_node *node, bool is_number,
                                  pur_rule *rule) {
  pur_conversion *made = pur_map_compile_conversion(c);
  pur_text currency = {NULL, 0};
  long round = -1;
  bool says = is_number;
  pur_status status = made != NULL ? PUR_OK : pur_map_compiler_no_memory(c);
  if (status == PUR_OK) status = pur_map_compiler_flag(c, node, "number", &says);
  if (status == PUR_OK) status = pur_map_compiler_text(c, node, "currency", &currency);
  if (status == PUR_OK && made->style.is_power)
    status = pur_map_compiler_text(c, node, "unit", &made->style.unit);
  if (status == PUR_OK) status = pur_map_compiler_whole(c, node, "round", 0, 18, &round);
  if (status != PUR_OK) return status;
  rule->conversion = made;
  if (!says && currency.text != NULL)
    return pur_map_compiler_fail(c, "currency", "goes with number = true");
  if (!says && round >= 0) return pur_map_compiler_fail(c, "round", "goes with number = true");
  if (!says) return is_number ? pur_map_compiler_fail(c, "number", "this is always one") : PUR_OK;
  rule->kind = PUR_RULE_NUMBER;
  made->round = (int)round;
  if (currency.text == NULL) return PUR_OK;
  made->style.has_currency = true;
  made->style.currency = pur_blank_trim(currency.text, currency.length);
  if (!is_currency(made->style.currency))
    return pur_map_compiler_fail(
        c, "currency", "expected a sign or a code, such as '$' or 'EUR', without + - ( )");
  return made->style.is_power ? check_no_unit(c, made->style.currency) : PUR_OK;
}

/* Whose time a date is: its own `tz`, or the map's. */
static pur_status compile_place(pur_map_compiler *c, pur_node *node, pur_conversion *made) {
  pur_map_zone *zone = NULL;
  pur_text overlap = {NULL, 0};
  char utc[PUR_UTC_NAME_SIZE] = "";
  pur_status status = pur_map_compiler_zone(c, node, &zone);
  if (status == PUR_OK) status = pur_map_compiler_text(c, node, "overlap", &overlap);
  if (status != PUR_OK) return status;
  if (zone != NULL && made->date.has_offset)
    return pur_map_compiler_fail(c, "tz", "the date has its offset already (%%z)");
  made->has_own_zone = zone != NULL;
  if (zone != NULL) made->zone = zone;
  if (made->date.text != NULL)
    pur_map_keep_utc_name(utc, (pur_text){made->date.text, strlen(made->date.text)});
  if (*utc != '\0' && made->zone != NULL && !pur_map_zone_is_utc(made->zone))
    return pur_map_compiler_fail(c, "date", "'%s' is a time in UTC, not of %s; say tz = \"UTC\"",
                                 utc, made->zone->name);
  if (made->date.has_name && made->zone == NULL)
    return pur_map_compiler_fail(c, "date", "%%Z needs the zone whose abbreviations it reads: tz");
  if (overlap.text == NULL) return PUR_OK;
  if (overlap.length == 5 && memcmp(overlap.text, "first", 5) == 0)
    made->overlap = 1;
  else if (overlap.length == 6 && memcmp(overlap.text, "second", 6) == 0)
    made->overlap = 2;
  else
    return pur_map_compiler_fail(c, "overlap", "expected 'first' or 'second'");
  if (made->date.has_offset)
    return pur_map_compiler_fail(c, "overlap", "the date has its offset already (%%z)");
  return PUR_OK;
}

pur_status pur_map_compile_date(pur_map_compiler *c, pur_node *node, bool is_date, pur_rule *rule) {
  pur_conversion *made = pur_map_compile_conversion(c);
  pur_text date = {NULL, 0};
  const char *why = NULL;
  pur_status status = made != NULL ? PUR_OK : pur_map_compiler_no_memory(c);
  if (status == PUR_OK) status = pur_map_compiler_text(c, node, "date", &date);
  if (status != PUR_OK) return status;
  if (date.text == NULL && !is_date) {
    if (pur_node_get(node, "tz") != NULL) return pur_map_compiler_fail(c, "tz", "goes with date");
    if (pur_node_get(node, "overlap") == NULL) return PUR_OK;
    return pur_map_compiler_fail(c, "overlap", "goes with date");
  }
  if (rule->kind == PUR_RULE_NUMBER)
    return pur_map_compiler_fail(c, NULL, "a column is a number or a date, not both");
  if (date.text != NULL && !pur_date_compile(date, &c->map->arena, &made->date, &why)) {
    if (why == NULL) return pur_map_compiler_no_memory(c);
    return pur_map_compiler_fail(c, "date", "'%s' has %s", made->date.text, why);
  }
  rule->kind = PUR_RULE_DATE;
  rule->conversion = made;
  return compile_place(c, node, made);
}

/* Columns */

/* A list comes from a table with keys of 1, 2, 3. */
static pur_status compile_values(pur_map_compiler *c, pur_node *node, pur_rule *rule) {
  pur_node *table = pur_node_get(node, "values");
  pur_conversion *made = pur_map_compile_conversion(c);
  pur_map_value *values;
  size_t count = 0;
  int64_t number = 0;
  if (table == NULL) return PUR_OK;
  if (rule->kind != PUR_RULE_TEXT)
    return pur_map_compiler_fail(c, "values", "goes with texts, not with number or date");
  if (table->first == NULL)
    return pur_map_compiler_fail(c, "values", "expected { text = another text }");
  values = pur_arena_take(&c->map->arena, table->count * sizeof *values);
  if (values == NULL || made == NULL) return pur_map_compiler_no_memory(c);
  for (const pur_node *member = table->first; member != NULL; member = member->next) {
    pur_map_value *value = &values[count];
    char digits[PUR_FIXED_SIZE];
    size_t length;
    pur_status status;
    number++;
    if (member->kind == PUR_JSON_NULL) continue;
    count++;
    status = compile_scalar(c, member, "values", &value->to);
    if (status != PUR_OK) return status;
    value->from = member->name;
    if (table->kind == PUR_JSON_OBJECT_BEGIN) continue;
    length = (size_t)(pur_fixed_write(digits, number, 0) - digits);
    value->from = (pur_text){pur_arena_copy(&c->map->arena, digits, length), length};
    if (value->from.text == NULL) return pur_map_compiler_no_memory(c);
  }
  qsort(values, count, sizeof *values, pur_texts_compare);
  made->values = values;
  made->value_count = count;
  rule->conversion = made;
  return PUR_OK;
}

pur_status pur_map_compile_default(pur_map_compiler *c, pur_node *node, pur_rule *rule) {
  const pur_node *value = pur_node_get(node, "default");
  const bool is_number = value != NULL && value->kind == PUR_JSON_NUMBER;
  const size_t first_slot = 0;
  pur_conversion how = *rule->conversion;
  const pur_rule one = {
      .kind = rule->kind, .slots = &first_slot, .slot_count = 1, .conversion = &how};
  pur_buffer made = {0};
  pur_error why;
  pur_map_cell cell;
  size_t slot;
  pur_status status;
  if (value == NULL) return PUR_OK;
  if (rule->kind == PUR_RULE_TEXT) return compile_scalar(c, value, "default", &rule->constant);
  if (!is_number && value->kind != PUR_JSON_STRING)
    return pur_map_compiler_fail(c, "default", "expected a text or a number");
  if (c->map->use == PUR_MAP_SERIES) how.round = -1; /* that is of MW */
  cell = (pur_map_cell){value->text.text, value->text.length, is_number, 0};
  status = pur_rule_write(&one, &cell, &made, &slot, &why);
  if (status == PUR_OK) status = pur_buffer_check(&made, &why);
  if (status == PUR_OK)
    rule->constant =
        (pur_text){pur_arena_copy(&c->map->arena, made.data, made.length), made.length};
  pur_buffer_free(&made);
  if (status == PUR_END) return pur_map_compiler_fail(c, "default", "is empty itself");
  if (status != PUR_OK && status != PUR_NO_MEMORY)
    return pur_map_compiler_fail(c, "default", "%s", why.message);
  return rule->constant.text != NULL ? PUR_OK : pur_map_compiler_no_memory(c);
}

static pur_status compile_column(pur_map_compiler *c, pur_node *node, pur_rule *rule) {
  pur_status status = pur_map_compiler_columns(c, pur_node_get(node, "column"), "column",
                                               &rule->slots, &rule->slot_count);
  rule->kind = PUR_RULE_TEXT;
  if (status == PUR_OK) status = pur_map_compile_number(c, node, false, rule);
  if (status == PUR_OK) status = pur_map_compile_date(c, node, false, rule);
  if (status == PUR_OK) status = compile_values(c, node, rule);
  if (status == PUR_OK) status = pur_map_compile_default(c, node, rule);
  if (status == PUR_OK) status = pur_map_compiler_flag(c, node, "first", &rule->first);
  if (status == PUR_OK && rule->first && c->is_item)
    return pur_map_compiler_fail(c, "first", "every row has an item of its own");
  if (status == PUR_OK && rule->kind == PUR_RULE_NUMBER && rule->slot_count > 1)
    return pur_map_compiler_fail(c, "column",
                                 "a number has one column; add = { ... } adds several");
  return status;
}

static pur_status compile_constant(pur_map_compiler *c, pur_node *node, pur_rule *rule) {
  rule->kind = PUR_RULE_CONSTANT;
  return compile_scalar(c, pur_node_get(node, "constant"), "constant", &rule->constant);
}

/* `sum`, `add` or `sum_product`. */
static pur_status compile_sum(pur_map_compiler *c, pur_node *node, const char *key,
                              pur_rule *rule) {
  const pur_node *columns = pur_node_get(node, key);
  pur_status status;
  if (c->is_item)
    return pur_map_compiler_fail(c, key, "is of all rows of a purchase: say it in purchase");
  if (strcmp(key, "sum") == 0 && columns->kind != PUR_JSON_STRING &&
      columns->kind != PUR_JSON_NUMBER)
    return pur_map_compiler_fail(c, "sum",
                                 "takes one column; of several, add adds them and sum_product "
                                 "multiplies them");
  if (strcmp(key, "sum") != 0 && columns->kind != PUR_JSON_ARRAY_BEGIN)
    return pur_map_compiler_fail(c, key, "expected a list of columns");
  status = pur_map_compiler_columns(c, columns, key, &rule->slots, &rule->slot_count);
  if (status == PUR_OK) status = pur_map_compile_number(c, node, true, rule);
  rule->kind = strcmp(key, "sum_product") == 0 ? PUR_RULE_SUM_PRODUCT : PUR_RULE_SUM;
  return status;
}

/* Objects */

static int compare_names(const void *left, const void *right) {
  return pur_texts_compare(&((const pur_rule *)left)->name, &((const pur_rule *)right)->name);
}

pur_status pur_map_compile_object(pur_map_compiler *c, pur_node *node, pur_rule *rule) {
  pur_rule *members = pur_arena_take(&c->map->arena, (node->count + 1) * sizeof *members);
  const size_t saved = c->path_length;
  if (members == NULL) return pur_map_compiler_no_memory(c);
  rule->kind = PUR_RULE_OBJECT;
  if (node->kind == PUR_JSON_ARRAY_BEGIN && node->first != NULL)
    return pur_map_compiler_fail(c, NULL, "expected a table of rules by name, got a list");
  for (pur_node *member = node->first; member != NULL; member = member->next) {
    pur_rule *made = &members[rule->member_count];
    pur_status status;
    member->used = true;
    if (member->kind == PUR_JSON_NULL) continue;
    pur_map_compiler_enter(c, member->name.text, member->name.length);
    made->name = member->name;
    made->is_required =
        rule == &c->map->sales.purchase && c->required_count > 0 &&
        pur_texts_have(c->required, c->required_count, member->name.text, member->name.length);
    if (!pur_map_compile_json(c, member->name, ":", &made->member))
      return pur_map_compiler_no_memory(c);
    status = pur_map_compile_rule(c, member, made);
    if (status != PUR_OK) return status;
    pur_map_compiler_leave(c, saved);
    rule->member_count++;
  }
  qsort(members, rule->member_count, sizeof *members, compare_names);
  rule->members = members;
  return PUR_OK;
}

/* {"function": N} */
static pur_status compile_function(pur_map_compiler *c, pur_node *function, pur_rule *rule) {
  long number = 0;
  function->used = true;
  if (c->map->use == PUR_MAP_SERIES)
    return pur_map_compiler_fail(c, NULL, "a series is read without functions");
  if (!pur_node_whole(function, 1, 1000000, &number))
    return pur_map_compiler_fail(c, NULL, "expected the number of a function");
  rule->kind = PUR_RULE_FUNCTION;
  rule->function = (size_t)number;
  if (rule->function > c->map->sales.functions) c->map->sales.functions = rule->function;
  return PUR_OK;
}

static char lower(char c) {
  return pur_text_is_letter(c) ? (char)(c | 0x20) : c;
}

/* Is a name this word, but for its case and one letter too many, left out, wrong, or swapped with
 * the next? It must have all of a short one's: `num` and `and` are names of their own. */
static bool is_near(pur_text name, const char *word) {
  const char *text = name.text;
  size_t left = name.length, missing = strlen(word);
  const bool is_short = missing <= 3;
  for (; left > 0 && missing > 0 && lower(*text) == *word; text++, word++) left--, missing--;
  while (left > 0 && missing > 0 && lower(text[left - 1]) == word[missing - 1]) left--, missing--;
  if (is_short) return left <= 1 && missing == 0;
  if (left == 2 && missing == 2) return lower(text[0]) == word[1] && lower(text[1]) == word[0];
  return left <= 1 && missing <= 1;
}

/* Nobody who misspells a rule's word means an object with a member of that name. */
static pur_status check_words(const pur_map_compiler *c, const pur_node *node) {
  for (const pur_node *member = node->first; member != NULL; member = member->next) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
      char shown[64];
      if (!is_near(member->name, kinds[i])) continue;
      pur_issue_quote(member->name.text, member->name.length, shown, sizeof shown);
      return pur_map_compiler_fail(c, NULL, "unknown key '%s'; did you mean '%s'?", shown,
                                   kinds[i]);
    }
  }
  return PUR_OK;
}

static pur_status compile_table(pur_map_compiler *c, pur_node *node, pur_rule *rule) {
  const char *kind = NULL;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (pur_node_get(node, kinds[i]) == NULL) continue;
    if (kind != NULL)
      return pur_map_compiler_fail(c, NULL, "has both '%s' and '%s'", kind, kinds[i]);
    kind = kinds[i];
  }
  if (kind == NULL && node->count == 1 && node->first->kind == PUR_JSON_NUMBER &&
      node->first->name.length == 8 && memcmp(node->first->name.text, "function", 8) == 0)
    return compile_function(c, node->first, rule);
  if (kind == NULL) {
    pur_status status = check_words(c, node);
    return status == PUR_OK ? pur_map_compile_object(c, node, rule) : status;
  }
  if (strcmp(kind, "column") == 0) return compile_column(c, node, rule);
  if (strcmp(kind, "constant") == 0) return compile_constant(c, node, rule);
  return compile_sum(c, node, kind, rule);
}

pur_status pur_map_compile_rule(pur_map_compiler *c, pur_node *node, pur_rule *rule) {
  pur_status status;
  rule->path = pur_arena_copy(&c->map->arena, c->path, c->path_length);
  rule->conversion = pur_map_compile_conversion(c);
  if (rule->path == NULL || rule->conversion == NULL) return pur_map_compiler_no_memory(c);
  switch (node->kind) {
  case PUR_JSON_STRING:
  case PUR_JSON_NUMBER:
    rule->kind = PUR_RULE_TEXT;
    return pur_map_compiler_columns(c, node, NULL, &rule->slots, &rule->slot_count);
  case PUR_JSON_OBJECT_BEGIN:
  case PUR_JSON_ARRAY_BEGIN:
    status = compile_table(c, node, rule);
    return status == PUR_OK ? pur_map_compiler_check_used(c, node) : status;
  default:
    return pur_map_compiler_fail(c, NULL,
                                 "expected a column's name or number, a table or a function");
  }
}

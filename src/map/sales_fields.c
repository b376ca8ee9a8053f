#include "map/sales_fields.h"

#include <stdlib.h>
#include <string.h>

#define INVALID_CELL "invalid_cell"

static size_t count_of(const pur_rule *object) {
  size_t count = 0;
  for (size_t i = 0; i < object->member_count; i++) {
    const pur_rule *rule = &object->members[i];
    count += rule->kind == PUR_RULE_OBJECT ? count_of(rule) : 1;
  }
  return count;
}

static void list(pur_fields *fields, const pur_rule *object) {
  for (size_t i = 0; i < object->member_count; i++) {
    const pur_rule *rule = &object->members[i];
    if (rule->kind == PUR_RULE_OBJECT)
      list(fields, rule);
    else
      fields->fields[fields->count++] = (pur_field){.rule = rule, .column = SIZE_MAX};
  }
}

pur_status pur_fields_init(pur_fields *fields, pur_sales_rows *rows, pur_error *error) {
  const pur_rule *purchase = &rows->sales->purchase;
  memset(fields, 0, sizeof *fields);
  fields->rows = rows;
  fields->fields = calloc(count_of(purchase) + 1, sizeof *fields->fields);
  if (fields->fields == NULL) return pur_error_no_memory(error);
  list(fields, purchase);
  return PUR_OK;
}

void pur_fields_free(pur_fields *fields) {
  free(fields->fields);
  fields->fields = NULL;
  fields->count = 0;
  pur_buffer_free(&fields->values);
  pur_buffer_free(&fields->scratch);
  pur_buffer_free(&fields->items);
  pur_buffer_free(&fields->text);
  pur_buffer_free(&fields->answers[PUR_ANSWER_PURCHASE]);
  pur_buffer_free(&fields->answers[PUR_ANSWER_ITEM]);
  pur_issues_free(&fields->issues);
}

static bool comes_of_cells(const pur_rule *rule) {
  return rule->kind == PUR_RULE_TEXT || rule->kind == PUR_RULE_NUMBER ||
         rule->kind == PUR_RULE_DATE;
}

void pur_fields_bind(pur_fields *fields) {
  for (size_t i = 0; i < fields->count; i++) {
    const pur_rule *rule = fields->fields[i].rule;
    if (comes_of_cells(rule) && rule->slot_count == 1)
      fields->fields[i].column = fields->rows->columns[rule->slots[0]];
  }
}

void pur_fields_begin(pur_fields *fields) {
  for (size_t i = 0; i < fields->count; i++) {
    pur_field *field = &fields->fields[i];
    field->length = 0;
    field->is_wrong = field->differs = false;
    field->sum = (pur_rule_sum){0};
  }
  pur_buffer_clear(&fields->values);
  pur_buffer_clear(&fields->items);
  pur_buffer_clear(&fields->text);
  for (int i = 0; i < 2; i++) {
    pur_buffer_clear(&fields->answers[i]);
    fields->taken[i] = 0;
  }
  fields->row_count = 0;
  fields->is_long = false;
  pur_issues_free(&fields->issues);
}

/* WHAT IS WRONG */

/* Adds an issue about a cell of the current row; its field is the column's name. What is wrong with
 * one cell is told once, whatever is made of it. */
static void add_issue(pur_fields *fields, size_t slot, const char *name, const char *code,
                      const char *message) {
  pur_place place = pur_sales_rows_place(fields->rows, slot);
  pur_issues *issues = &fields->issues;
  pur_issue *issue;
  for (size_t i = issues->count; i > 0; i--) {
    const pur_issue *other = pur_issues_get(issues, i - 1);
    if (other->place.line != place.line) break;
    if (other->place.column == place.column && strcmp(other->message, message) == 0) return;
  }
  issue = pur_issues_add(issues, &place, NULL, code, "%s", message);
  if (issue != NULL) pur_issue_set_pointer(issues, issue, name, strlen(name));
}

/* A cell that cannot be converted. */
static void complain(pur_fields *fields, size_t slot, const pur_error *why) {
  char name[PUR_FIELD_SHOWN * 2], message[PUR_MESSAGE_SIZE];
  (void)pur_sales_rows_name(fields->rows, slot, name, sizeof name);
  (void)snprintf(message, sizeof message, "%s: %.*s", name, (int)(sizeof message - sizeof name - 3),
                 why->message);
  add_issue(fields, slot, name, INVALID_CELL, message);
}

/* Copies what a row says of a field, for a message: the cell, or what is made of several. */
static void show(const pur_fields *fields, const pur_field *field, bool is_first,
                 char out[PUR_FIELD_SHOWN]) {
  const pur_map_cell *cell = &fields->rows->cells[field->rule->slots[0]];
  if (field->rule->slot_count > 1 && is_first)
    pur_issue_quote(fields->values.data + field->start, field->length, out, PUR_FIELD_SHOWN);
  else if (field->rule->slot_count > 1)
    pur_issue_quote(fields->scratch.data, fields->scratch.length, out, PUR_FIELD_SHOWN);
  else if (is_first)
    pur_issue_quote(fields->values.data + field->raw, field->raw_length, out, PUR_FIELD_SHOWN);
  else
    pur_issue_quote(cell->text, cell->length, out, PUR_FIELD_SHOWN);
}

/* Two rows of one purchase that do not say the same. */
static void complain_of_two(pur_fields *fields, const pur_field *field) {
  size_t slot = field->rule->slots[0];
  char name[PUR_FIELD_SHOWN * 2], first[PUR_FIELD_SHOWN], second[PUR_FIELD_SHOWN];
  char message[PUR_MESSAGE_SIZE];
  (void)pur_sales_rows_name(fields->rows, slot, name, sizeof name);
  show(fields, field, true, first);
  show(fields, field, false, second);
  (void)snprintf(message, sizeof message,
                 "%s: '%s' on line %llu, '%s' on line %llu: rows of one purchase must agree", name,
                 first, (unsigned long long)field->line, second,
                 (unsigned long long)fields->rows->line);
  add_issue(fields, slot, name, "rows_disagree", message);
}

/* FIELDS OF THE PURCHASE */

typedef enum said { SAID_NOTHING, SAID_THE_SAME, SAID_ANOTHER, SAID_WRONG } said;

/* Remembers the first thing that a row says, which stands in the values from `start` on. */
static void keep(pur_fields *fields, pur_field *field, size_t start) {
  const pur_rule *rule = field->rule;
  const pur_map_cell *cell = &fields->rows->cells[rule->slots[0]];
  field->start = start;
  field->length = fields->values.length - start;
  field->line = fields->rows->line;
  field->raw = fields->values.length;
  field->raw_length = rule->slot_count == 1 ? cell->length : SIZE_MAX;
  if (rule->slot_count == 1) pur_buffer_append(&fields->values, cell->text, cell->length);
}

/* Holds the current row against what rows before it said of a field; another thing that it says is
 * in `scratch`. SAID_WRONG: `slot` and `error` tell why. */
static said hear(pur_fields *fields, pur_field *field, size_t *slot, pur_error *error) {
  const pur_rule *rule = field->rule;
  const pur_map_cell *cell = &fields->rows->cells[rule->slots[0]];
  pur_buffer *to = field->length == 0 ? &fields->values : &fields->scratch;
  size_t start;
  pur_status status;
  if (field->length > 0 && cell->length == field->raw_length && fields->values.status == PUR_OK &&
      memcmp(cell->text, fields->values.data + field->raw, cell->length) == 0)
    return SAID_THE_SAME;
  if (rule->first && fields->row_count > 0) return SAID_NOTHING;
  if (rule->constant.text != NULL && pur_sales_rows_lack(fields->rows, rule)) return SAID_NOTHING;
  pur_buffer_clear(&fields->scratch);
  start = to->length;
  status = pur_rule_write(rule, fields->rows->cells, to, slot, error);
  if (status == PUR_END || status == PUR_NO_MEMORY) return SAID_NOTHING;
  if (status != PUR_OK) return SAID_WRONG;
  if (field->length == 0) {
    keep(fields, field, start);
    return SAID_THE_SAME;
  }
  if (fields->values.status != PUR_OK || fields->scratch.status != PUR_OK) return SAID_NOTHING;
  return fields->scratch.length == field->length &&
                 memcmp(fields->scratch.data, fields->values.data + field->start, field->length) ==
                     0
             ? SAID_THE_SAME
             : SAID_ANOTHER;
}

static void take_field(pur_fields *fields, pur_field *field) {
  const pur_rule *rule = field->rule;
  pur_error why;
  size_t slot = 0;
  said what = SAID_NOTHING;
  if (field->is_wrong) return;
  if (comes_of_cells(rule)) {
    what = hear(fields, field, &slot, &why);
  } else if (rule->kind == PUR_RULE_SUM || rule->kind == PUR_RULE_SUM_PRODUCT) {
    pur_status status = pur_rule_add(rule, fields->rows->cells, &field->sum, &slot, &why);
    if (status != PUR_OK && status != PUR_END) what = SAID_WRONG;
  }
  if (rule->is_required && fields->row_count == 0 && field->length == 0) {
    field->place = (pur_place){0, fields->rows->line, 0};
    if (rule->slot_count > 0) field->place = pur_sales_rows_place(fields->rows, rule->slots[0]);
  }
  if (what == SAID_WRONG) complain(fields, slot, &why);
  if (what == SAID_ANOTHER) complain_of_two(fields, field);
  field->is_wrong = what == SAID_WRONG || what == SAID_ANOTHER;
}

/* So many columns have what the purchase's row above has, byte by byte, and say the same. */
static size_t count_same(const pur_fields *fields) {
  return fields->row_count > 0 ? fields->rows->same : 0;
}

void pur_fields_compare(pur_fields *fields) {
  const size_t same = count_same(fields);
  for (size_t i = 0; i < fields->count; i++) {
    pur_field *field = &fields->fields[i];
    pur_error why;
    size_t slot;
    if (field->rule->kind != PUR_RULE_NUMBER || field->rule->first || field->differs) continue;
    if (field->column < same) continue;
    if (hear(fields, field, &slot, &why) != SAID_ANOTHER) continue;
    field->differs = true;
    if (field->purchases++ > 0) continue;
    field->lines[0] = field->line;
    field->lines[1] = fields->rows->line;
    field->place = pur_sales_rows_place(fields->rows, field->rule->slots[0]);
    show(fields, field, true, field->shown[0]);
    show(fields, field, false, field->shown[1]);
  }
  fields->row_count++;
}

/* WRITING */

void pur_fields_answer(pur_fields *fields, pur_answer_of of, const char *text, size_t length) {
  pur_buffer *answers = &fields->answers[of];
  if (text == NULL) length = 0;
  pur_buffer_append(answers, &length, sizeof length);
  if (length > 0) pur_buffer_append(answers, text, length);
}

/* Appends the next answer of a function. False: it made nothing. */
static bool write_answer(pur_fields *fields, pur_answer_of of, pur_buffer *out) {
  const pur_buffer *answers = &fields->answers[of];
  size_t length, *taken = &fields->taken[of];
  if (answers->status != PUR_OK || answers->length - *taken < sizeof length) return false;
  memcpy(&length, answers->data + *taken, sizeof length);
  *taken += sizeof length;
  if (length > 0) pur_buffer_append(out, answers->data + *taken, length);
  *taken += length;
  return length > 0;
}

/* Appends what a row makes of a rule of an item. False: nothing. */
static bool write_cell(pur_fields *fields, const pur_rule *rule, pur_buffer *out) {
  pur_error why;
  size_t slot = 0;
  pur_status status;
  if (rule->kind == PUR_RULE_FUNCTION) return write_answer(fields, PUR_ANSWER_ITEM, out);
  status = pur_rule_write(rule, fields->rows->cells, out, &slot, &why);
  if (status != PUR_OK && status != PUR_END && status != PUR_NO_MEMORY)
    complain(fields, slot, &why);
  return status == PUR_OK;
}

/* Appends what all rows made of a field of the purchase. False: nothing. */
static bool write_field(pur_fields *fields, const pur_field *field, pur_buffer *out) {
  const pur_rule *rule = field->rule;
  if (rule->kind == PUR_RULE_FUNCTION) return write_answer(fields, PUR_ANSWER_PURCHASE, out);
  if (field->length > 0) {
    pur_buffer_append(out, fields->values.data + field->start, field->length);
    return true;
  }
  if (!comes_of_cells(rule) && rule->kind != PUR_RULE_CONSTANT &&
      pur_rule_write_sum(rule, &field->sum, out) != PUR_END)
    return true;
  if (rule->constant.text == NULL) return false;
  pur_buffer_append(out, rule->constant.text, rule->constant.length);
  return true;
}

/* Says of a required field that no row says anything of it. */
static void complain_of_none(pur_fields *fields, const pur_field *field) {
  const pur_rule *rule = field->rule;
  const char *path = strchr(rule->path, '.') + 1; /* behind "purchase" */
  char name[PUR_FIELD_SHOWN * 2];
  pur_issue *issue;
  (void)snprintf(name, sizeof name, "%s", path);
  if (rule->slot_count > 0)
    (void)pur_sales_rows_name(fields->rows, rule->slots[0], name, sizeof name);
  issue = pur_issues_add(&fields->issues, &field->place, NULL, "required",
                         "%s: is empty, but a purchase needs its %s", name, path);
  if (issue != NULL) pur_issue_set_pointer(&fields->issues, issue, name, strlen(name));
}

static bool write_object(pur_fields *fields, const pur_rule *object, pur_field **next,
                         pur_buffer *out);

/* Appends a member of the object that begins at `start`, or nothing. `next` is the next field of
 * the purchase; NULL: it is the current row's item. */
static void write_member(pur_fields *fields, const pur_rule *rule, pur_field **next, size_t start,
                         pur_buffer *out) {
  size_t mark = out->length, length = rule->member.length;
  char *to = pur_buffer_reserve(out, length + 1);
  bool is_there;
  if (to == NULL) return;
  if (mark > start + 1) *to++ = ',', out->length++;
  memcpy(to, rule->member.text, length);
  out->length += length;
  if (rule->kind == PUR_RULE_OBJECT)
    is_there = write_object(fields, rule, next, out);
  else if (next != NULL) {
    is_there = write_field(fields, *next, out);
    if (!is_there && rule->is_required) complain_of_none(fields, *next);
    ++*next;
  } else
    is_there = write_cell(fields, rule, out);
  if (!is_there && out->status == PUR_OK) out->length = mark;
}

/* Appends an object of those members that are something. False: none is, and nothing was appended.
 */
static bool write_object(pur_fields *fields, const pur_rule *object, pur_field **next,
                         pur_buffer *out) {
  size_t start = out->length;
  pur_buffer_append_literal(out, "{");
  for (size_t i = 0; i < object->member_count; i++)
    write_member(fields, &object->members[i], next, start, out);
  if (out->status == PUR_OK && out->length == start + 1) {
    out->length = start;
    return false;
  }
  pur_buffer_append_literal(out, "}");
  return true;
}

static void take_item(pur_fields *fields) {
  pur_buffer *items = &fields->items;
  fields->is_long = fields->is_long || items->length > PUR_ROW_MAX;
  if (fields->is_long) return;
  if (fields->row_count > 0) pur_buffer_append_literal(items, ",");
  if (!write_object(fields, &fields->rows->sales->item, NULL, items))
    pur_buffer_append_literal(items, "{}");
}

void pur_fields_take(pur_fields *fields) {
  const size_t same = count_same(fields);
  for (size_t i = 0; i < fields->count; i++)
    if (fields->fields[i].column >= same) take_field(fields, &fields->fields[i]);
  if (fields->rows->sales->items.text != NULL) take_item(fields);
  fields->row_count++;
}

/* Appends the list of items. */
static void write_list(pur_fields *fields, pur_buffer *out) {
  const pur_map_sales *sales = fields->rows->sales;
  if (out->length > 1) pur_buffer_append_literal(out, ",");
  pur_buffer_append(out, sales->member.text, sales->member.length);
  pur_buffer_append_literal(out, "[");
  pur_buffer_append(out, fields->items.data, fields->items.length);
  pur_buffer_append_literal(out, "]");
}

static void write_purchase(pur_fields *fields) {
  const pur_map_sales *sales = fields->rows->sales;
  const size_t list_at = sales->items.text != NULL ? sales->items_at : SIZE_MAX;
  pur_buffer *out = &fields->text;
  pur_field *next = fields->fields;
  pur_buffer_append_literal(out, "{");
  for (size_t i = 0; i < sales->purchase.member_count; i++) {
    if (i == list_at) write_list(fields, out);
    write_member(fields, &sales->purchase.members[i], &next, 0, out);
  }
  if (list_at == sales->purchase.member_count) write_list(fields, out);
  pur_buffer_append_literal(out, "}");
}

pur_status pur_fields_end(pur_fields *fields, pur_error *error) {
  const pur_buffer *buffers[] = {&fields->values, &fields->scratch, &fields->items,
                                 &fields->answers[0], &fields->answers[1]};
  pur_place place = {0, fields->rows->line, 0};
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
    if (buffers[i]->status != PUR_OK) return pur_buffer_check(buffers[i], error);
  if (fields->is_long)
    (void)pur_issues_add(&fields->issues, &place, NULL, pur_status_name(PUR_TOO_LARGE),
                         "a purchase of more than " PUR_ROW_MAX_TEXT);
  if (fields->issues.total == 0) write_purchase(fields);
  if (fields->issues.kept.status != PUR_OK) return pur_buffer_check(&fields->issues.kept, error);
  return pur_buffer_check(&fields->text, error);
}

#include "map/sales.h"

#include <string.h>

#include "json/json.h"

#define KEY_COST 240 /* of a key that is looked for, where there are many */

static bool is_grouped(const pur_sales *sales) {
  return sales->rows.sales->group_count > 0;
}

pur_status pur_sales_open(pur_sales *sales, pur_map *map, const char *path, uint64_t first_line,
                          pur_error *error) {
  pur_status status;
  memset(sales, 0, sizeof *sales);
  sales->map = pur_map_reference(map);
  sales->first_line = first_line;
  pur_sales_keys_init(&sales->keys);
  status = pur_sales_rows_open(&sales->rows, map, path, error);
  if (status == PUR_OK) status = pur_fields_init(&sales->fields, &sales->rows, error);
  if (status != PUR_OK) return status;
  if (sales->rows.is_bound) pur_fields_bind(&sales->fields);
  sales->stage = is_grouped(sales) ? PUR_SALES_FIRST : PUR_SALES_SECOND;
  return PUR_OK;
}

void pur_sales_close(pur_sales *sales) {
  pur_sales_rows_close(&sales->rows);
  pur_fields_free(&sales->fields);
  pur_sales_keys_free(&sales->keys);
  pur_sales_member_leave(&sales->member);
  pur_buffer_free(&sales->run.key);
  pur_buffer_free(&sales->run.text);
  pur_buffer_free(&sales->run.held);
  pur_csv_free(&sales->again);
  pur_buffer_free(&sales->values);
  pur_map_release(sales->map);
  sales->map = NULL;
}

pur_status pur_sales_join(pur_sales *sales, const pur_sales *before, const char *name,
                          pur_error *error) {
  return pur_sales_member_join(&sales->member, before != NULL ? &before->member : NULL, name,
                               error);
}

/* THE FIRST READING */

#define COUNT_SIZE 32

/* Writes a number with commas between its thousands. */
static const char *count_text(uint64_t count, char out[COUNT_SIZE]) {
  char digits[COUNT_SIZE];
  size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
  size_t at = 0;
  for (size_t i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) out[at++] = ',';
    out[at++] = digits[i];
  }
  out[at] = '\0';
  return out;
}

#define GROUP_SIZE (2 * PUR_FIELD_SHOWN)

/* Writes what the columns are called that rows are grouped by. */
static const char *group_name(const pur_sales *sales, char out[GROUP_SIZE]) {
  const pur_map_sales *map = sales->rows.sales;
  size_t length = 0;
  for (size_t i = 0; i < map->group_count; i++) {
    char one[PUR_FIELD_SHOWN];
    (void)pur_sales_rows_name(&sales->rows, map->group[i], one, sizeof one);
    if (length + strlen(one) + sizeof " and " > GROUP_SIZE) break;
    length +=
        (size_t)snprintf(out + length, GROUP_SIZE - length, "%s%s", i > 0 ? " and " : "", one);
  }
  return out;
}

/* Refuses a map that takes for the purchase's what differs from row to row, and a file that has
 * purchases of one before it. */
static pur_status judge_map(pur_sales *sales, pur_error *error) {
  pur_fields *fields = &sales->fields;
  char name[GROUP_SIZE];
  pur_issues_free(&fields->issues);
  for (size_t i = 0; i < fields->count; i++) {
    const pur_field *field = &fields->fields[i];
    char within[COUNT_SIZE], of[COUNT_SIZE];
    unsigned long long first = field->lines[0], second = field->lines[1];
    const char *path = strchr(field->rule->path, '.'); /* behind "purchase" */
    if (field->purchases == 0) continue;
    (void)pur_sales_rows_name(&sales->rows, field->rule->slots[0], name, sizeof name);
    (void)pur_issues_add(&fields->issues, &field->place, NULL, pur_status_name(PUR_INVALID_MAP),
                         "%s: %s differs within %s of %s purchases (first: lines %llu and %llu): "
                         "sum it, or say first = true (%s on line %llu, %s on line %llu)",
                         path != NULL ? path + 1 : field->rule->path, name,
                         count_text(field->purchases, within),
                         count_text(sales->keys.purchases, of), first, second, field->shown[0],
                         first, field->shown[1], second);
  }
  if (fields->issues.kept.status != PUR_OK) return pur_buffer_check(&fields->issues.kept, error);
  if (fields->issues.count == 0)
    return pur_sales_member_judge(&sales->member, group_name(sales, name), error);
  return pur_error_set(error, PUR_INVALID_MAP, 0, "%s",
                       pur_issues_get(&fields->issues, 0)->message);
}

/* Finds the columns that the first reading looks at. */
static void find_look_end(pur_sales *sales) {
  const pur_fields *fields = &sales->fields;
  const pur_sales_rows *rows = &sales->rows;
  pur_fields_bind(&sales->fields);
  sales->look_end = rows->key_end;
  for (size_t i = 0; i < fields->count; i++) {
    const pur_rule *rule = fields->fields[i].rule;
    if (rule->kind != PUR_RULE_NUMBER || rule->first) continue;
    for (size_t slot = 0; slot < rule->slot_count; slot++)
      if (rows->columns[rule->slots[slot]] >= sales->look_end)
        sales->look_end = rows->columns[rule->slots[slot]] + 1;
  }
}

/* Goes on with the first reading. Where the stage is still that, the budget is used up. */
static pur_status read_first(pur_sales *sales, size_t *budget, pur_error *error) {
  pur_sales_run *run = &sales->run;
  pur_status status = pur_sales_rows_prepare(&sales->rows, error);
  bool is_whole;
  if (status == PUR_END) *budget = 0;
  if (status == PUR_OK && sales->look_end == 0) find_look_end(sales);
  while (status == PUR_OK && *budget > 0) {
    status = pur_sales_run_gather(sales, budget, &is_whole, error);
    if (status != PUR_OK || !is_whole) break;
    status = pur_sales_run_check(run, error);
    if (status != PUR_OK) return status;
    status = pur_sales_keys_end(&sales->keys, run->hash, run->before, run->line, run->text.data,
                                run->text.length, run->is_cut, error);
    if (status == PUR_OK) run->is_open = false;
    pur_sales_spend(budget, KEY_COST);
  }
  if (status != PUR_END || *budget == 0) return status == PUR_END ? PUR_OK : status;
  status = judge_map(sales, error);
  if (status == PUR_OK) status = pur_sales_rows_rewind(&sales->rows, error);
  if (status != PUR_OK) return status;
  run->ends_stray = sales->is_over = false;
  sales->left_out = 0;
  sales->stage = PUR_SALES_SECOND;
  return PUR_OK;
}

pur_status pur_sales_prepare(pur_sales *sales, size_t *budget, pur_error *error) {
  return sales->stage == PUR_SALES_FIRST ? read_first(sales, budget, error) : PUR_OK;
}

/* HELD ROWS */

size_t pur_sales_row_count(const pur_sales *sales) {
  return pur_sales_run_count(&sales->run);
}

/* Parses a held row, unless it was parsed last. */
static pur_status parse_again(pur_sales *sales, size_t row, pur_error *error) {
  const pur_held_row *held = pur_sales_run_at(&sales->run, row);
  pur_status status;
  if (sales->again_row == row + 1) return PUR_OK;
  sales->again_row = 0;
  sales->again.delimiter = sales->rows.table.rows.row.delimiter;
  pur_buffer_clear(&sales->values);
  status =
      pur_csv_parse(&sales->again, sales->run.text.data + held->start, held->length, true, error);
  if (status == PUR_OK) sales->again_row = row + 1;
  return status;
}

pur_status pur_sales_cell(pur_sales *sales, size_t row, size_t column, pur_text *text,
                          pur_error *error) {
  pur_csv_field *field;
  pur_status status;
  if (row >= pur_sales_row_count(sales)) return PUR_END;
  status = parse_again(sales, row, error);
  if (status != PUR_OK) return status;
  if (column >= sales->again.count) return PUR_END;
  field = pur_csv_get(&sales->again, column);
  if (field->is_escaped) {
    if (sales->values.length == 0)
      (void)pur_buffer_reserve(&sales->values, pur_sales_run_at(&sales->run, row)->length);
    pur_csv_value(field, &sales->values);
  }
  *text = (pur_text){field->text, field->length};
  return pur_buffer_check(&sales->values, error);
}

void pur_sales_answer(pur_sales *sales, pur_answer_of of, const char *json, size_t length) {
  pur_fields_answer(&sales->fields, of, json, length);
}

void pur_sales_complain(pur_sales *sales, size_t row, const char *path, const char *code,
                        const char *message) {
  pur_place place = {0, sales->run.line, 0};
  pur_issues *issues = &sales->fields.issues;
  pur_issue *issue;
  if (row < pur_sales_row_count(sales)) place.line = pur_sales_run_at(&sales->run, row)->line;
  issue = pur_issues_add(issues, &place, NULL, code, "%s: %s", path, message);
  if (issue != NULL) pur_issue_set_pointer(issues, issue, path, strlen(path));
  sales->run.is_bad = true;
}

/* Takes the held rows, now that what functions make of them is known. */
static pur_status replay(pur_sales *sales, size_t *budget, pur_error *error) {
  size_t count = sales->run.is_bad ? 0 : pur_sales_row_count(sales);
  for (; sales->replayed<count && * budget> 0; sales->replayed++) {
    const pur_held_row *held = pur_sales_run_at(&sales->run, sales->replayed);
    size_t cost = held->length + PUR_ROW_COST;
    pur_status status;
    sales->again_row = 0; /* undoing quotes changes its fields */
    status = parse_again(sales, sales->replayed, error);
    if (status == PUR_OK)
      status = pur_sales_rows_set(&sales->rows, &sales->again, sales->run.text.data + held->start,
                                  held->length, held->line, error);
    if (status != PUR_OK) return status;
    pur_fields_take(&sales->fields);
    pur_sales_spend(budget, cost);
  }
  if (sales->replayed < count) return PUR_OK;
  sales->again_row = 0;
  return sales->has_row ? pur_sales_rows_reset(&sales->rows, error) : PUR_OK;
}

/* THE SECOND READING */

/* Puts blanks between the columns of the run's key, for people. Nobody looks for it any more. */
static void show_key(pur_sales_run *run) {
  pur_sales_key_show(run->key.data, run->key.length);
}

/* Refuses a purchase whose rows do not follow one another. */
static void complain_of_pieces(pur_sales *sales, const pur_pieces *pieces) {
  char message[PUR_MESSAGE_SIZE], name[GROUP_SIZE], key[PUR_FIELD_SHOWN];
  size_t length;
  uint64_t named = pieces->count < PUR_PIECE_LINES ? pieces->count : PUR_PIECE_LINES;
  (void)group_name(sales, name);
  show_key(&sales->run);
  pur_issue_quote(sales->run.key.data, sales->run.key.length, key, sizeof key);
  length = (size_t)snprintf(message, sizeof message, "%s %s stands at lines %llu", name, key,
                            (unsigned long long)sales->run.line);
  for (uint64_t i = 0; i < named; i++)
    length += (size_t)snprintf(message + length, sizeof message - length, "%s %llu",
                               i + 1 == pieces->count ? " and" : ",",
                               (unsigned long long)pieces->lines[i]);
  if (named < pieces->count)
    length += (size_t)snprintf(message + length, sizeof message - length, " and %llu more",
                               (unsigned long long)(pieces->count - named));
  (void)snprintf(message + length, sizeof message - length,
                 ": its rows must follow one another; sort the file by %s", name);
  pur_sales_run_complain(sales, (pur_place){0, sales->run.line, 0}, "invoice_returns", message);
}

/* Makes of a run that is whole what is told of it. Without a sale the run is passed over. */
static pur_status close(pur_sales *sales, pur_error *error) {
  pur_sales_run *run = &sales->run;
  pur_piece_kind kind;
  pur_pieces pieces;
  pur_status status = pur_sales_run_check(run, error);
  if (status != PUR_OK || sales->is_closed) return status;
  status =
      pur_sales_keys_find(&sales->keys, run->hash, &kind, &pieces, &run->text, PUR_ROW_MAX, error);
  if (status != PUR_OK) return status;
  if (kind == PUR_PIECE_LATER || run->line < sales->first_line) {
    sales->passed += kind != PUR_PIECE_LATER;
    run->is_open = false;
    return PUR_OK;
  }
  sales->is_closed = true;
  run->is_cut = run->is_cut || pieces.is_cut;
  if (kind == PUR_PIECE_FIRST) complain_of_pieces(sales, &pieces);
  if (sales->rows.sales->functions > 0 && run->is_cut && !run->is_bad)
    pur_sales_run_complain(sales, (pur_place){0, run->line, 0}, pur_status_name(PUR_TOO_LARGE),
                           "the rows of a purchase have more than " PUR_ROW_MAX_TEXT);
  return PUR_OK;
}

/* Ends a purchase: it is made, or refused, with its key behind its rows. */
static pur_status end(pur_sales *sales, pur_error *error) {
  pur_sales_run *run = &sales->run;
  pur_fields *fields = &sales->fields;
  pur_sale sale = {.kind = PUR_SALE_GOOD, .line = run->line};
  pur_error ignored;
  pur_status status = pur_fields_end(fields, error);
  if (status != PUR_OK) return status;
  sale.text = fields->text.data;
  sale.length = fields->text.length;
  if (fields->issues.total > 0) {
    sale.kind = PUR_SALE_REFUSED;
    sale.length = run->text.length;
    sale.wrong = &fields->issues;
    sale.is_cut = run->is_cut;
    show_key(run);
    if (run->has_key)
      (void)pur_json_write_string(&run->text, run->key.data, run->key.length, &ignored);
    status = pur_sales_run_check(run, error);
    if (status != PUR_OK) return status;
    sale.key_length = run->text.length - sale.length;
    sale.text = run->text.data;
  }
  sales->sale = sale;
  return PUR_OK;
}

pur_status pur_sales_next(pur_sales *sales, size_t *budget, const pur_sale **sale,
                          pur_error *error) {
  pur_status status;
  bool is_whole;
  *sale = &sales->sale;
  if (sales->sale.kind == PUR_SALE_GOOD || sales->sale.kind == PUR_SALE_REFUSED) return PUR_OK;
  status = pur_sales_prepare(sales, budget, error);
  if (status != PUR_OK || sales->stage == PUR_SALES_FIRST) return status;
  sales->is_called = sales->is_called || sales->sale.kind == PUR_SALE_CALLS;
  sales->sale.kind = PUR_SALE_NONE;
  while (!sales->is_closed) {
    status = pur_sales_run_gather(sales, budget, &is_whole, error);
    if (status != PUR_OK || !is_whole) return status;
    status = close(sales, error);
    if (status != PUR_OK) return status;
    if (sales->keys.store >= 0) pur_sales_spend(budget, KEY_COST);
  }
  if (sales->rows.sales->functions > 0) {
    if (!sales->is_called && !sales->run.is_bad) {
      sales->sale.kind = PUR_SALE_CALLS;
      return PUR_OK;
    }
    status = replay(sales, budget, error);
    if (status != PUR_OK || *budget == 0) return status;
  }
  return end(sales, error);
}

void pur_sales_pass(pur_sales *sales) {
  sales->passed++;
  sales->run.is_open = sales->is_closed = sales->is_called = false;
  sales->replayed = 0;
  sales->sale = (pur_sale){.kind = PUR_SALE_NONE};
}

pur_status pur_sales_count(pur_sales *sales, size_t *budget, uint64_t *count, pur_error *error) {
  pur_status status = pur_sales_prepare(sales, budget, error);
  *count = 0;
  if (status != PUR_OK || sales->stage == PUR_SALES_FIRST || *budget == 0) return status;
  if (is_grouped(sales)) {
    *count = sales->keys.purchases - sales->passed;
    sales->passed = sales->keys.purchases;
    return PUR_OK;
  }
  *count = (uint64_t)sales->run.is_open + sales->has_row;
  sales->run.is_open = sales->has_row = false;
  while (*budget > 0) {
    size_t cost;
    status = pur_sales_rows_next(&sales->rows, error);
    if (status != PUR_OK) return status == PUR_END ? PUR_OK : status;
    cost = PUR_ROW_COST + sales->rows.length;
    pur_sales_spend(budget, cost);
    *count += !sales->rows.is_left_out;
  }
  return PUR_OK;
}

uint64_t pur_sales_line(const pur_sales *sales) {
  const pur_rows *rows = &sales->rows.table.rows;
  if (sales->stage == PUR_SALES_FIRST) return 1;
  if (sales->run.is_open) return sales->run.line;
  return sales->has_row ? sales->rows.line : rows->line + rows->row.lines + rows->is_cut;
}

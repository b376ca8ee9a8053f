#include "map/sales.h"

#include <string.h>

#include "json/json.h"

#define ROW_COST 16  /* of any row, in bytes */
#define KEY_COST 240 /* of a key that is looked for, where there are many */
#define INVALID_CSV pur_status_name(PUR_INVALID_CSV)

/* A row in a run's text. */
typedef struct held_row {
  size_t start;
  size_t length;
  uint64_t line;
} held_row;

static void spend(size_t *budget, size_t cost) {
  *budget -= *budget < cost ? *budget : cost;
}

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
  pur_buffer_free(&sales->run.key);
  pur_buffer_free(&sales->run.text);
  pur_buffer_free(&sales->run.held);
  pur_csv_free(&sales->again);
  pur_buffer_free(&sales->values);
  pur_map_release(sales->map);
  sales->map = NULL;
}

/* RUNS: rows that belong together */

/* Says what is wrong with a run, about a place in it; without a column, about a whole line. */
static void complain(pur_sales *sales, pur_place place, const char *code, const char *message) {
  (void)pur_issues_add(&sales->fields.issues, &place, NULL, code, "%s", message);
  sales->run.is_bad = true;
}

static pur_place line_place(uint64_t line) {
  return (pur_place){0, line, 0};
}

/* Tells whether the current row belongs to the run. */
static bool belongs(const pur_sales *sales) {
  const pur_sales_run *run = &sales->run;
  const pur_buffer *key = &sales->rows.key;
  if (sales->rows.owner == PUR_ROW_ALONE) return false;
  if (sales->rows.owner != PUR_ROW_KEYED || sales->rows.same > 0) return true;
  if (!run->has_key) return run->ends_stray;
  return run->key.length == key->length && memcmp(run->key.data, key->data, key->length) == 0;
}

/* A row of an unknown purchase, with which the run before ended, may be the first of this one. */
static void begin(pur_sales *sales) {
  pur_sales_run *run = &sales->run;
  bool follows_stray = run->ends_stray;
  run->is_open = true;
  run->before = 0;
  run->has_key = run->is_bad = run->ends_stray = run->is_cut = false;
  run->line = sales->rows.line;
  pur_buffer_clear(&run->text);
  pur_buffer_clear(&run->held);
  pur_fields_begin(&sales->fields);
  if (follows_stray) complain(sales, line_place(run->stray_line), INVALID_CSV, run->stray_why);
}

/* Keeps a row as it came, up to a limit. */
static void keep_text(pur_sales *sales) {
  pur_sales_run *run = &sales->run;
  const pur_sales_rows *rows = &sales->rows;
  held_row held = {run->text.length + (run->text.length > 0), rows->length, rows->line};
  char *to;
  run->is_cut = run->is_cut || rows->rows.is_cut || held.start + held.length > PUR_ROW_MAX;
  if (run->is_cut) return;
  to = pur_buffer_reserve(&run->text, rows->length + 1);
  if (to == NULL) return;
  if (held.start > 0) *to++ = '\n';
  memcpy(to, rows->text, rows->length);
  run->text.length = held.start + rows->length;
  if (rows->sales->functions > 0) pur_buffer_append(&run->held, &held, sizeof held);
}

/* Notes what keeps the current row from being one of the run's. */
static void refuse_row(pur_sales *sales) {
  pur_sales_run *run = &sales->run;
  const pur_sales_rows *rows = &sales->rows;
  char blank[PUR_MESSAGE_SIZE] = "", name[PUR_FIELD_SHOWN * 2];
  pur_place place = line_place(rows->line);
  run->ends_stray = rows->owner == PUR_ROW_STRAY;
  if (rows->is_bad) {
    pur_rows_place(&rows->rows, rows->why.position, &place.line, &place.column);
    complain(sales, place, INVALID_CSV, rows->why.message);
  } else {
    size_t slot = rows->sales->group[0];
    (void)snprintf(blank, sizeof blank,
                   "%s is empty: whose row is it? Say blank = \"continues\" if it goes on with the "
                   "rows above",
                   pur_sales_rows_name(rows, slot, name, sizeof name));
    complain(sales, pur_sales_rows_place(rows, slot), "empty_group", blank);
  }
  if (!run->ends_stray) return;
  run->stray_line = place.line;
  memcpy(run->stray_why, rows->is_bad ? rows->why.message : blank, sizeof run->stray_why);
}

static uint64_t hash_of(const pur_sales_run *run) {
  return run->has_key ? pur_key_hash(run->key.data, run->key.length) : 0;
}

/* Takes the key of the current row for the run's. */
static pur_status take_key(pur_sales *sales, pur_error *error) {
  pur_sales_run *run = &sales->run;
  const pur_buffer *key = &sales->rows.key;
  pur_buffer_clear(&run->key);
  pur_buffer_append(&run->key, key->data, key->length);
  run->has_key = true;
  if (sales->stage == PUR_SALES_SECOND) return PUR_OK;
  return pur_sales_keys_begin(&sales->keys, hash_of(run), run->line, &run->before, error);
}

/* Takes the current row into the run. The first reading keeps a run's rows only where it may need
 * them. */
static pur_status take(pur_sales *sales, pur_error *error) {
  pur_sales_run *run = &sales->run;
  const pur_sales_rows *rows = &sales->rows;
  if (!run->is_open) begin(sales);
  if (rows->owner == PUR_ROW_KEYED && !run->has_key) {
    pur_status status = take_key(sales, error);
    if (status != PUR_OK) {
      run->has_key = false;
      return status;
    }
  }
  if (sales->stage == PUR_SALES_SECOND || !run->has_key || run->before != 0) keep_text(sales);
  sales->has_row = run->ends_stray = false;
  if (rows->is_bad || rows->owner == PUR_ROW_BLANK || rows->owner == PUR_ROW_STRAY) {
    refuse_row(sales);
    return PUR_OK;
  }
  if (sales->stage == PUR_SALES_FIRST)
    pur_fields_compare(&sales->fields);
  else if (!run->is_bad && rows->sales->functions == 0 && run->line >= sales->first_line)
    pur_fields_take(&sales->fields);
  return PUR_OK;
}

/* Passes over the rows in the window that begin as the current one does, up to the last column that
 * the first reading looks at: they are of the same purchase, and say nothing else. */
static void follow(pur_sales *sales, size_t *budget) {
  pur_rows *csv = &sales->rows.rows;
  const pur_input *input = &csv->input;
  const char *first = input->start;
  const pur_csv_field *behind;
  size_t need;
  if (sales->rows.owner != PUR_ROW_KEYED || sales->rows.is_bad || sales->run.before != 0) return;
  if (sales->look_end >= csv->row.count || csv->row.lines != 1) return;
  if (pur_map_filter_count(sales->map) > 0) return;
  behind = pur_csv_get(&csv->row, sales->look_end);
  need = behind->place - behind->is_quoted;
  pur_rows_pass(csv);
  while (*budget > 0) {
    const char *at = input->start, *end;
    size_t left = pur_input_unread(input), length;
    if (left <= need || memcmp(first, at, need) != 0) return;
    end = memchr(at + need, '\n', left - need);
    if (end == NULL || memchr(at + need, '"', (size_t)(end - at) - need) != NULL) return;
    length = (size_t)(end + 1 - at);
    pur_rows_skip(csv, length, 1);
    spend(budget, length);
  }
}

/* Reads rows into a run until it is whole, which it is when the row behind it is there, or none is.
 * PUR_END: no run is left. `is_whole` false: the budget is used up. */
static pur_status gather(pur_sales *sales, size_t *budget, bool *is_whole, pur_error *error) {
  *is_whole = false;
  while (*budget > 0) {
    if (!sales->has_row && !sales->is_over) {
      pur_status status = pur_sales_rows_next(&sales->rows, error);
      size_t cost = ROW_COST + sales->rows.length;
      if (status != PUR_OK && status != PUR_END) return status;
      sales->is_over = status == PUR_END;
      if (!sales->is_over) {
        spend(budget, cost);
        sales->has_row = !sales->rows.is_left_out;
        sales->left_out += sales->rows.is_left_out;
        continue;
      }
    }
    *is_whole = sales->run.is_open && (sales->is_over || !belongs(sales));
    if (*is_whole) return PUR_OK;
    if (sales->is_over) return PUR_END;
    {
      pur_status status = take(sales, error);
      if (status != PUR_OK) return status;
    }
    if (sales->stage == PUR_SALES_FIRST) follow(sales, budget);
  }
  return PUR_OK;
}

/* A failure to remember something of a run stays: what is lost cannot be had again. */
static pur_status check_run(const pur_sales_run *run, pur_error *error) {
  pur_status status = pur_buffer_check(&run->text, error);
  if (status == PUR_OK) status = pur_buffer_check(&run->key, error);
  return status == PUR_OK ? pur_buffer_check(&run->held, error) : status;
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

/* Refuses a map that takes for the purchase's what differs from row to row. */
static pur_status judge_map(pur_sales *sales, pur_error *error) {
  pur_fields *fields = &sales->fields;
  pur_issues_free(&fields->issues);
  for (size_t i = 0; i < fields->count; i++) {
    const pur_field *field = &fields->fields[i];
    char within[COUNT_SIZE], of[COUNT_SIZE], name[PUR_FIELD_SHOWN * 2];
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
  if (fields->issues.count == 0) return PUR_OK;
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
    status = gather(sales, budget, &is_whole, error);
    if (status != PUR_OK || !is_whole) break;
    status = check_run(run, error);
    if (status != PUR_OK) return status;
    status = pur_sales_keys_end(&sales->keys, hash_of(run), run->before, run->line, run->text.data,
                                run->text.length, run->is_cut, error);
    if (status == PUR_OK) run->is_open = false;
    spend(budget, KEY_COST);
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
  return sales->run.held.length / sizeof(held_row);
}

static const held_row *held_at(const pur_sales *sales, size_t row) {
  return (const held_row *)(const void *)sales->run.held.data + row;
}

/* Parses a held row, unless it was parsed last. */
static pur_status parse_again(pur_sales *sales, size_t row, pur_error *error) {
  const held_row *held = held_at(sales, row);
  pur_status status;
  if (sales->again_row == row + 1) return PUR_OK;
  sales->again_row = 0;
  sales->again.delimiter = sales->rows.rows.row.delimiter;
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
      (void)pur_buffer_reserve(&sales->values, held_at(sales, row)->length);
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
  if (row < pur_sales_row_count(sales)) place.line = held_at(sales, row)->line;
  issue = pur_issues_add(issues, &place, NULL, code, "%s: %s", path, message);
  if (issue != NULL) pur_issue_set_pointer(issues, issue, path, strlen(path));
  sales->run.is_bad = true;
}

/* Takes the held rows, now that what functions make of them is known. */
static pur_status replay(pur_sales *sales, size_t *budget, pur_error *error) {
  size_t count = sales->run.is_bad ? 0 : pur_sales_row_count(sales);
  for (; sales->replayed<count && * budget> 0; sales->replayed++) {
    const held_row *held = held_at(sales, sales->replayed);
    size_t cost = held->length + ROW_COST;
    pur_status status;
    sales->again_row = 0; /* undoing quotes changes its fields */
    status = parse_again(sales, sales->replayed, error);
    if (status == PUR_OK)
      status = pur_sales_rows_set(&sales->rows, &sales->again, sales->run.text.data + held->start,
                                  held->length, held->line, error);
    if (status != PUR_OK) return status;
    pur_fields_take(&sales->fields);
    spend(budget, cost);
  }
  if (sales->replayed < count) return PUR_OK;
  sales->again_row = 0;
  return sales->has_row ? pur_sales_rows_reset(&sales->rows, error) : PUR_OK;
}

/* THE SECOND READING */

/* Refuses a purchase whose rows do not follow one another. */
static void complain_of_pieces(pur_sales *sales, const pur_pieces *pieces) {
  const pur_map_sales *map = sales->rows.sales;
  char message[PUR_MESSAGE_SIZE], name[PUR_FIELD_SHOWN * 2], key[PUR_FIELD_SHOWN];
  size_t length;
  uint64_t named = pieces->count < PUR_PIECE_LINES ? pieces->count : PUR_PIECE_LINES;
  (void)pur_sales_rows_name(&sales->rows, map->group[0], name, sizeof name);
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
  complain(sales, line_place(sales->run.line), "invoice_returns", message);
}

/* Makes of a run that is whole what is told of it. Without a sale the run is passed over. */
static pur_status close(pur_sales *sales, pur_error *error) {
  pur_sales_run *run = &sales->run;
  pur_piece_kind kind;
  pur_pieces pieces;
  pur_status status = check_run(run, error);
  if (status != PUR_OK || sales->is_closed) return status;
  status = pur_sales_keys_find(&sales->keys, hash_of(run), &kind, &pieces, &run->text, PUR_ROW_MAX,
                               error);
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
    complain(sales, line_place(run->line), pur_status_name(PUR_TOO_LARGE),
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
    for (size_t i = 0; i < run->key.length; i++)
      if (run->key.data[i] == *PUR_KEY_MARK) run->key.data[i] = ' ';
    if (run->has_key)
      (void)pur_json_write_string(&run->text, run->key.data, run->key.length, &ignored);
    status = check_run(run, error);
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
    status = gather(sales, budget, &is_whole, error);
    if (status != PUR_OK || !is_whole) return status;
    status = close(sales, error);
    if (status != PUR_OK) return status;
    if (sales->keys.store >= 0) spend(budget, KEY_COST);
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
    cost = ROW_COST + sales->rows.length;
    spend(budget, cost);
    *count += !sales->rows.is_left_out;
  }
  return PUR_OK;
}

uint64_t pur_sales_line(const pur_sales *sales) {
  const pur_rows *rows = &sales->rows.rows;
  if (sales->stage == PUR_SALES_FIRST) return 1;
  if (sales->run.is_open) return sales->run.line;
  return sales->has_row ? sales->rows.line : rows->line + rows->row.lines + rows->is_cut;
}

#include "map/sales_run.h"

#include <string.h>

#define INVALID_CSV pur_status_name(PUR_INVALID_CSV)

void pur_sales_run_complain(pur_sales *sales, pur_place place, const char *code,
                            const char *message) {
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
  return run->has_key && run->key.length == key->length &&
         memcmp(run->key.data, key->data, key->length) == 0;
}

/* Says of a row that may belong to a purchase that this one is refused for it. */
static void complain_of_stray(pur_sales *sales, pur_place place, const char *why) {
  char message[PUR_MESSAGE_SIZE];
  (void)snprintf(message, sizeof message,
                 "%.*s; nobody can tell whose row it is: the purchase at line %llu is refused, too",
                 PUR_MESSAGE_SIZE - 100, why, (unsigned long long)sales->run.line);
  pur_sales_run_complain(sales, place, INVALID_CSV, message);
}

/* A row of an unknown purchase, with which the run before ended, may be the first of this one. */
static void begin(pur_sales *sales) {
  pur_sales_run *run = &sales->run;
  bool follows_stray = run->ends_stray;
  run->is_open = true;
  run->before = run->hash = 0;
  run->has_key = run->is_bad = run->ends_stray = run->is_cut = false;
  run->line = sales->rows.line;
  pur_buffer_clear(&run->text);
  pur_buffer_clear(&run->held);
  pur_fields_begin(&sales->fields);
  if (follows_stray) complain_of_stray(sales, line_place(run->stray_line), run->stray_why);
}

/* Keeps a row as it came, up to a limit. */
static void keep_text(pur_sales *sales) {
  pur_sales_run *run = &sales->run;
  const pur_sales_rows *rows = &sales->rows;
  pur_held_row held = {run->text.length + (run->text.length > 0), rows->length, rows->line};
  char *to;
  run->is_cut = run->is_cut || rows->table.rows.is_cut || held.start + held.length > PUR_ROW_MAX;
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
    pur_rows_place(&rows->table.rows, rows->why.position, &place.line, &place.column);
    if (run->ends_stray && run->has_key && run->line < rows->line)
      complain_of_stray(sales, place, rows->why.message);
    else
      pur_sales_run_complain(sales, place, INVALID_CSV, rows->why.message);
  } else {
    size_t slot = pur_sales_rows_blank(rows);
    (void)snprintf(blank, sizeof blank,
                   "%s is empty: whose row is it? Say blank = \"continues\" if it goes on with the "
                   "rows above",
                   pur_sales_rows_name(rows, slot, name, sizeof name));
    pur_sales_run_complain(sales, pur_sales_rows_place(rows, slot), "empty_group", blank);
  }
  if (!run->ends_stray) return;
  run->stray_line = place.line;
  memcpy(run->stray_why, rows->is_bad ? rows->why.message : blank, sizeof run->stray_why);
}

/* Takes the key of the current row for the run's. */
static pur_status take_key(pur_sales *sales, pur_error *error) {
  pur_sales_run *run = &sales->run;
  const pur_buffer *key = &sales->rows.key;
  pur_status status;
  pur_buffer_clear(&run->key);
  pur_buffer_append(&run->key, key->data, key->length);
  run->has_key = true;
  run->hash = pur_key_hash(key->data, key->length);
  if (sales->stage == PUR_SALES_SECOND) return PUR_OK;
  status =
      pur_sales_member_note(&sales->member, run->hash, key->data, key->length, run->line, error);
  if (status != PUR_OK) return status;
  return pur_sales_keys_begin(&sales->keys, run->hash, run->line, &run->before, error);
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
  pur_rows *csv = &sales->rows.table.rows;
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
    pur_sales_spend(budget, length);
  }
}

pur_status pur_sales_run_gather(pur_sales *sales, size_t *budget, bool *is_whole,
                                pur_error *error) {
  *is_whole = false;
  while (*budget > 0) {
    if (!sales->has_row && !sales->is_over) {
      pur_status status = pur_sales_rows_next(&sales->rows, error);
      size_t cost = PUR_ROW_COST + sales->rows.length;
      if (status != PUR_OK && status != PUR_END) return status;
      sales->is_over = status == PUR_END;
      if (!sales->is_over) {
        pur_sales_spend(budget, cost);
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

pur_status pur_sales_run_check(const pur_sales_run *run, pur_error *error) {
  pur_status status = pur_buffer_check(&run->text, error);
  if (status == PUR_OK) status = pur_buffer_check(&run->key, error);
  return status == PUR_OK ? pur_buffer_check(&run->held, error) : status;
}

size_t pur_sales_run_count(const pur_sales_run *run) {
  return run->held.length / sizeof(pur_held_row);
}

const pur_held_row *pur_sales_run_at(const pur_sales_run *run, size_t row) {
  return (const pur_held_row *)(const void *)run->held.data + row;
}

#include "bulk/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "input/rows.h"
#include "json/json.h"

#define KEPT 1000 /* bytes of a purchase that is longer than PUR_ROW_MAX */
#define MOST_DEFERRED 1000
#define SPAN_COST 16      /* of what is taken or passed over, in bytes checked */
#define PASSED_FOR_ONE 16 /* bytes that are passed over in the time of one that is checked */
#define MOST_ISSUES 1000  /* of a bulk: to hand one out takes a thousandth of a millisecond */

/* What a check looks out for. */
enum { KEY, WITHIN };

pur_status pur_bulk_reader_init(pur_bulk_reader *reader, const pur_bulk_rules *rules,
                                pur_error *error) {
  memset(reader, 0, sizeof *reader);
  reader->rules = *rules;
  if (rules->max_purchase > PUR_ROW_MAX) reader->rules.max_purchase = PUR_ROW_MAX;
  pur_splitter_init(&reader->splitter);
  reader->run = pur_schema_run_new();
  if (reader->run == NULL) return pur_error_no_memory(error);
  pur_schema_run_watch(reader->run, KEY, rules->key, rules->key_length);
  pur_schema_run_watch(reader->run, WITHIN, rules->within, rules->within_length);
  return PUR_OK;
}

pur_status pur_bulk_reader_open(pur_bulk_reader *reader, const char *path, pur_error *error) {
  return pur_input_open(&reader->splitter.input, path, error);
}

pur_status pur_bulk_reader_open_sales(pur_bulk_reader *reader, const char *path, pur_map *map,
                                      pur_error *error) {
  reader->sales = malloc(sizeof *reader->sales);
  if (reader->sales == NULL) return pur_error_no_memory(error);
  return pur_sales_open(reader->sales, map, path, reader->rules.first_line, error);
}

void pur_bulk_reader_close(pur_bulk_reader *reader) {
  if (reader->sales != NULL) pur_sales_close(reader->sales);
  free(reader->sales);
  reader->sales = NULL;
  pur_input_close(&reader->splitter.input);
  pur_schema_run_destroy(reader->run);
  reader->run = NULL;
  pur_issues_free(&reader->issues);
  pur_buffer_free(&reader->key);
  pur_key_set_free(&reader->sent);
  pur_bulk_free(&reader->deferred);
  while (reader->spares > 0) pur_bulk_free(&reader->spare[--reader->spares]);
}

void pur_bulk_reader_lend(pur_bulk_reader *reader, pur_bulk *bulk) {
  *bulk = reader->spares > 0 ? reader->spare[--reader->spares] : (pur_bulk){0};
}

void pur_bulk_reader_give_back(pur_bulk_reader *reader, pur_bulk *bulk) {
  if (reader->spares == PUR_BULK_SPARE) {
    pur_bulk_free(bulk);
    return;
  }
  pur_bulk_clear(bulk);
  reader->spare[reader->spares++] = *bulk;
  pur_bulk_init(bulk);
}

/* Checking */

/* Holds a purchase against the limit and the schemas. `reader->issues` then tells all that is wrong
 * with it, with places in its file. */
static pur_status check(pur_bulk_reader *reader, const char *text,
                        const pur_bulk_purchase *purchase, pur_error *why) {
  pur_place start = {0, purchase->line, purchase->column};
  pur_issues *issues = &reader->issues;
  pur_status status = PUR_OK;
  pur_issues_free(issues); /* of a purchase that could not be put aside for lack of memory */
  if (purchase->length > reader->rules.max_purchase) {
    (void)pur_error_set(why, PUR_TOO_LARGE, 0, "%zu bytes, and a purchase may have %zu",
                        purchase->length, reader->rules.max_purchase);
    if (pur_issues_add(issues, &start, NULL, pur_status_name(PUR_TOO_LARGE), "%s", why->message) ==
        NULL)
      return pur_error_no_memory(why);
    return PUR_TOO_LARGE;
  }
  for (int i = 0; i < PUR_BULK_SCHEMAS && status == PUR_OK; i++)
    if (reader->rules.schemas[i] != NULL)
      status = pur_schema_check(reader->rules.schemas[i], reader->run, text, purchase->length,
                                &start, issues, why);
  if (status == PUR_OK || status == PUR_SCHEMA_MISMATCH || status == PUR_NO_MEMORY) return status;
  issues->stop = start;
  pur_text_pass(text, why->position, &issues->stop.line, &issues->stop.column);
  return status;
}

/* Puts a purchase aside, with its key where that can be told. */
static pur_status refuse(pur_bulk_reader *reader, pur_bulk *bulk, const char *text, size_t kept,
                         pur_bulk_purchase *purchase, const pur_error *why, pur_error *error) {
  const char *key;
  size_t length;
  pur_status status = pur_json_find_member(text, kept, reader->rules.key, reader->rules.key_length,
                                           &key, &length, error);
  if (status == PUR_NO_MEMORY) return status;
  if (status == PUR_OK && memchr("\"-0123456789", *key, 12) != NULL) {
    purchase->key = (size_t)(key - text);
    purchase->key_length = length;
  }
  return pur_bulk_refuse(bulk, text, kept, purchase, why, &reader->issues, error);
}

/* Finds the key of a purchase that passed the check. */
static pur_status find_key(pur_bulk_reader *reader, const char *text, pur_bulk_purchase *purchase,
                           pur_error *error) {
  pur_buffer *key = &reader->key;
  size_t length;
  pur_status status;
  if (!pur_schema_run_watched(reader->run, KEY, &purchase->key, &length)) return PUR_OK;
  purchase->key_length = length;
  if (pur_schema_run_watched(reader->run, WITHIN, &purchase->within, &length))
    purchase->within_length = length;
  pur_buffer_clear(key);
  pur_bulk_write_key(text, purchase, key);
  status = pur_buffer_check(key, error);
  if (status == PUR_OK) purchase->hash = pur_key_hash(key->data, key->length);
  return status;
}

/* Gathering */

static bool is_full(const pur_bulk_reader *reader, const pur_bulk *bulk) {
  const pur_bulk_rules *rules = &reader->rules;
  return bulk->count == rules->max_count || bulk->refused_count == rules->max_count ||
         bulk->refused.length >= rules->max_size || bulk->issues_kept >= MOST_ISSUES;
}

static bool has_room(const pur_bulk_reader *reader, const pur_bulk *bulk, size_t length) {
  return bulk->count == 0 || bulk->text.length + length + 1 <= reader->rules.max_size;
}

static bool is_sent(const pur_bulk_reader *reader, uint64_t hash) {
  return hash != 0 && pur_key_set_find(&reader->sent, hash) != NULL;
}

/* Adds a purchase whose key is in no bulk. */
static pur_status add(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                      const pur_bulk_purchase *purchase, pur_error *error) {
  pur_status status = PUR_OK;
  if (purchase->hash != 0)
    status = pur_key_set_add(&reader->sent, purchase->hash, purchase->line, error);
  if (status != PUR_OK) return status;
  status = pur_bulk_add(bulk, text, purchase, error);
  if (status != PUR_OK) pur_key_set_remove(&reader->sent, purchase->hash);
  return status;
}

/* Takes a purchase, with its line and column, into the bulk, to those that wait, or aside. PUR_END:
 * it has no room there. */
static pur_status take(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                       pur_bulk_purchase *purchase, pur_error *error) {
  size_t length = purchase->length;
  pur_bulk *deferred = &reader->deferred;
  pur_error why;
  pur_status status;
  if (is_full(reader, bulk) || !has_room(reader, bulk, length)) return PUR_END;
  status = check(reader, text, purchase, &why);
  if (status == PUR_NO_MEMORY) return pur_error_no_memory(error);
  if (status != PUR_OK) return refuse(reader, bulk, text, length, purchase, &why, error);
  status = find_key(reader, text, purchase, error);
  if (status != PUR_OK) return status;
  if (!is_sent(reader, purchase->hash)) return add(reader, bulk, text, purchase, error);
  if (deferred->count == MOST_DEFERRED || deferred->text.length >= reader->rules.max_size)
    return PUR_END;
  return pur_bulk_add(deferred, text, purchase, error);
}

pur_status pur_bulk_reader_take(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                                size_t length, uint64_t line, pur_error *error) {
  pur_bulk_purchase purchase = {.length = length, .line = line, .column = 1};
  return take(reader, bulk, text, &purchase, error);
}

pur_status pur_bulk_reader_take_deferred(pur_bulk_reader *reader, pur_bulk *bulk,
                                         pur_error *error) {
  pur_bulk *deferred = &reader->deferred;
  for (size_t i = 0; i < deferred->count;) {
    const pur_bulk_purchase *purchase = pur_bulk_purchase_at(deferred, i);
    pur_status status;
    if (is_sent(reader, purchase->hash)) {
      i++;
      continue;
    }
    if (is_full(reader, bulk) || !has_room(reader, bulk, purchase->length)) return PUR_END;
    status = add(reader, bulk, deferred->text.data + purchase->start, purchase, error);
    if (status != PUR_OK) return status;
    pur_bulk_remove(deferred, i);
  }
  if (deferred->count == 0) pur_bulk_clear(deferred);
  return PUR_OK;
}

void pur_bulk_reader_release(pur_bulk_reader *reader, const pur_bulk *bulk, size_t first,
                             size_t last) {
  for (size_t i = first; i <= last && i < bulk->count; i++)
    pur_key_set_remove(&reader->sent, pur_bulk_purchase_at(bulk, i)->hash);
}

void pur_bulk_reader_keep(pur_bulk_reader *reader, pur_bulk *bulk, const size_t *kept,
                          size_t count) {
  for (size_t i = 0, next = 0; i < bulk->count; i++)
    if (next < count && kept[next] == i)
      next++;
    else
      pur_key_set_remove(&reader->sent, pur_bulk_purchase_at(bulk, i)->hash);
  pur_bulk_keep(bulk, kept, count);
}

static pur_status take_span(pur_bulk_reader *reader, pur_bulk *bulk, const pur_span *span,
                            pur_error *error) {
  const pur_splitter *splitter = &reader->splitter;
  const char *text = splitter->input.start;
  pur_bulk_purchase purchase = {
      .length = span->length, .line = splitter->line, .column = splitter->column};
  pur_error why;
  if (!span->is_cut) return take(reader, bulk, text, &purchase, error);
  if (is_full(reader, bulk)) return PUR_END;
  if (check(reader, text, &purchase, &why) == PUR_NO_MEMORY) return pur_error_no_memory(error);
  return refuse(reader, bulk, text, KEPT, &purchase, &why, error);
}

/* Adds what a span has cost, in bytes checked. Tells whether that makes a slice. */
static bool is_slice(pur_bulk_reader *reader, size_t *cost, const pur_span *span, bool is_checked) {
  *cost += SPAN_COST + span->length / (is_checked ? 1 : PASSED_FOR_ONE);
  reader->is_paused = reader->rules.slice > 0 && *cost >= reader->rules.slice;
  return reader->is_paused;
}

/* Takes a purchase that was made of rows, or one that could not be. */
static pur_status take_sale(pur_bulk_reader *reader, pur_bulk *bulk, const pur_sale *sale,
                            pur_error *error) {
  pur_bulk_purchase purchase = {.length = sale->length, .line = sale->line, .column = 1};
  pur_error why;
  if (sale->kind == PUR_SALE_GOOD) return take(reader, bulk, sale->text, &purchase, error);
  if (is_full(reader, bulk)) return PUR_END;
  (void)pur_error_set(&why, PUR_INVALID_CELL, 0, "%s", pur_issues_get(sale->wrong, 0)->message);
  purchase.length += sale->is_cut;
  purchase.key = sale->length;
  purchase.key_length = sale->key_length;
  purchase.is_rows = true;
  return pur_bulk_refuse(bulk, sale->text, sale->length, &purchase, &why, sale->wrong, error);
}

/* Reads purchases that are made of rows, until the bulk is full or the slice is over. */
static pur_status read_sales(pur_bulk_reader *reader, pur_bulk *bulk, bool *is_left,
                             pur_error *error) {
  size_t slice = reader->rules.slice > 0 ? reader->rules.slice : SIZE_MAX;
  for (;;) {
    const pur_sale *sale;
    pur_status status = pur_sales_next(reader->sales, &slice, &sale, error);
    size_t cost;
    *is_left = status == PUR_OK;
    if (status != PUR_OK) return status;
    reader->is_paused = sale->kind == PUR_SALE_NONE || sale->kind == PUR_SALE_CALLS;
    if (reader->is_paused) return PUR_OK;
    cost = sale->length;
    status = take_sale(reader, bulk, sale, error);
    if (status != PUR_OK) return status;
    pur_sales_pass(reader->sales);
    slice -= slice < cost ? slice : cost;
  }
}

/* The same of purchases that a file holds as they are. */
static pur_status read_spans(pur_bulk_reader *reader, pur_bulk *bulk, bool *is_left,
                             pur_error *error) {
  pur_splitter *splitter = &reader->splitter;
  size_t cost = 0;
  for (;;) {
    pur_span span;
    bool is_checked;
    pur_status status = pur_splitter_next(splitter, &span, error);
    *is_left = status == PUR_OK;
    is_checked = *is_left && !span.is_rest && splitter->line >= reader->rules.first_line;
    if (is_checked) status = take_span(reader, bulk, &span, error);
    if (status != PUR_OK) return status;
    pur_splitter_pass(splitter, &span);
    if (is_slice(reader, &cost, &span, is_checked)) return PUR_OK;
  }
}

pur_status pur_bulk_reader_read(pur_bulk_reader *reader, pur_bulk *bulk, pur_error *error) {
  bool is_left = true; /* in the file */
  pur_status status = pur_bulk_reader_take_deferred(reader, bulk, error);
  reader->is_paused = false;
  if (status == PUR_OK)
    status = (reader->sales != NULL ? read_sales : read_spans)(reader, bulk, &is_left, error);
  if (reader->is_paused || bulk->count > 0 || bulk->refused_count > 0) return PUR_OK;
  if (status == PUR_END && (is_left || reader->deferred.count > 0)) return PUR_OK;
  return status;
}

pur_status pur_bulk_reader_count(pur_bulk_reader *reader, uint64_t *count, pur_error *error) {
  pur_status status;
  pur_span span;
  size_t cost = 0, slice = reader->rules.slice > 0 ? reader->rules.slice : SIZE_MAX;
  *count = 0;
  reader->is_paused = false;
  if (reader->sales != NULL) {
    status = pur_sales_count(reader->sales, &slice, count, error);
    reader->is_paused = slice == 0;
    if (status != PUR_OK || reader->is_paused) return status;
    *count += reader->deferred.count;
    return PUR_OK;
  }
  while ((status = pur_splitter_next(&reader->splitter, &span, error)) == PUR_OK) {
    pur_splitter_pass(&reader->splitter, &span);
    *count += !span.is_rest;
    if (is_slice(reader, &cost, &span, false)) return PUR_OK;
  }
  *count += reader->deferred.count;
  return status == PUR_END ? PUR_OK : status;
}

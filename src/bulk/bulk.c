#include "bulk/bulk.h"

#include <string.h>

#include "json/digest.h"
#include "json/json.h"

void pur_bulk_init(pur_bulk *bulk) {
  memset(bulk, 0, sizeof *bulk);
}

void pur_bulk_clear_refusals(pur_bulk *bulk) {
  pur_bulk_refusal *refusals = (pur_bulk_refusal *)(void *)bulk->refusals.data;
  for (size_t i = 0; i < bulk->refused_count; i++) pur_issues_free(&refusals[i].issues);
  pur_buffer_clear(&bulk->refused);
  pur_buffer_clear(&bulk->refusals);
  bulk->refused_count = bulk->issues_kept = 0;
}

void pur_bulk_free(pur_bulk *bulk) {
  pur_bulk_clear_refusals(bulk);
  pur_buffer_free(&bulk->text);
  pur_buffer_free(&bulk->purchases);
  pur_buffer_free(&bulk->refused);
  pur_buffer_free(&bulk->refusals);
  pur_buffer_free(&bulk->scratch);
  pur_bulk_init(bulk);
}

void pur_bulk_clear(pur_bulk *bulk) {
  pur_bulk_clear_refusals(bulk);
  pur_buffer_clear(&bulk->text);
  pur_buffer_clear(&bulk->purchases);
  bulk->count = bulk->opened = bulk->closed = 0;
}

/* Appends bytes and their entry in a list, or neither. */
static pur_status append(pur_buffer *bytes, size_t before, pur_buffer *list, const void *entry,
                         size_t entry_size, pur_error *error) {
  pur_status status = pur_buffer_check(bytes, error);
  if (status == PUR_OK) {
    pur_buffer_append(list, entry, entry_size);
    status = pur_buffer_check(list, error);
  }
  if (status == PUR_OK) return PUR_OK;
  bytes->length = before;
  bytes->status = list->status = PUR_OK;
  return status;
}

/* Every purchase has a byte before it and one behind, which are commas until it is the first or the
 * last of a body. */
pur_status pur_bulk_add(pur_bulk *bulk, const char *text, const pur_bulk_purchase *purchase,
                        pur_error *error) {
  pur_bulk_purchase entry = *purchase;
  size_t before = bulk->text.length;
  pur_status status;
  if (before == 0) pur_buffer_append_literal(&bulk->text, ",");
  entry.start = bulk->text.length;
  pur_buffer_append(&bulk->text, text, purchase->length);
  pur_buffer_append_literal(&bulk->text, ",");
  status = append(&bulk->text, before, &bulk->purchases, &entry, sizeof entry, error);
  if (status == PUR_OK) bulk->count++;
  return status;
}

pur_status pur_bulk_refuse(pur_bulk *bulk, const char *text, size_t kept,
                           const pur_bulk_purchase *purchase, const pur_error *why,
                           pur_issues *issues, pur_error *error) {
  size_t before = bulk->refused.length;
  pur_bulk_refusal entry = {*purchase, purchase->length, *why, *issues};
  pur_status status;
  entry.purchase.start = before;
  entry.purchase.length = kept;
  pur_buffer_append(&bulk->refused, text, kept + (purchase->is_rows ? purchase->key_length : 0));
  status = append(&bulk->refused, before, &bulk->refusals, &entry, sizeof entry, error);
  if (status != PUR_OK) return status;
  bulk->refused_count++;
  bulk->issues_kept += issues->count;
  pur_issues_init(issues);
  return PUR_OK;
}

const pur_bulk_purchase *pur_bulk_purchase_at(const pur_bulk *bulk, size_t index) {
  return (const pur_bulk_purchase *)(const void *)bulk->purchases.data + index;
}

const pur_bulk_refusal *pur_bulk_refusal_at(const pur_bulk *bulk, size_t index) {
  return (const pur_bulk_refusal *)(const void *)bulk->refusals.data + index;
}

const char *pur_bulk_body(pur_bulk *bulk, size_t first, size_t last, size_t *length) {
  const pur_bulk_purchase *end = pur_bulk_purchase_at(bulk, last);
  char *text = bulk->text.data;
  text[bulk->opened] = text[bulk->closed] = ',';
  bulk->opened = pur_bulk_purchase_at(bulk, first)->start - 1;
  bulk->closed = end->start + end->length;
  text[bulk->opened] = '[';
  text[bulk->closed] = ']';
  *length = bulk->closed + 1 - bulk->opened;
  return text + bulk->opened;
}

static void write_value(const char *json, size_t length, pur_buffer *out) {
  if (*json == '"')
    pur_json_string_unescape(json + 1, length - 2, out);
  else
    pur_buffer_append(out, json, length);
}

void pur_bulk_write_key(const char *text, const pur_bulk_purchase *purchase, pur_buffer *out) {
  if (purchase->key_length == 0) return;
  write_value(text + purchase->key, purchase->key_length, out);
  if (purchase->within_length == 0) return;
  pur_buffer_append_literal(out, "\0");
  write_value(text + purchase->within, purchase->within_length, out);
}

pur_status pur_bulk_key(pur_bulk *bulk, size_t index, pur_text *key, pur_error *error) {
  const pur_bulk_purchase *purchase = pur_bulk_purchase_at(bulk, index);
  pur_buffer_clear(&bulk->scratch);
  pur_bulk_write_key(bulk->text.data + purchase->start, purchase, &bulk->scratch);
  *key = (pur_text){bulk->scratch.length > 0 ? bulk->scratch.data : "", bulk->scratch.length};
  return pur_buffer_check(&bulk->scratch, error);
}

pur_status pur_bulk_digest(pur_bulk *bulk, pur_error *error) {
  pur_bulk_purchase *purchases = (pur_bulk_purchase *)(void *)bulk->purchases.data;
  for (size_t i = 0; i < bulk->count; i++) {
    pur_bulk_purchase *purchase = &purchases[i];
    pur_status status = PUR_OK;
    if (!purchase->has_digest)
      status = pur_json_digest(bulk->text.data + purchase->start, purchase->length, &bulk->scratch,
                               &purchase->digest, error);
    if (status != PUR_OK) return status;
    purchase->has_digest = true;
  }
  return PUR_OK;
}

void pur_bulk_keep(pur_bulk *bulk, const size_t *kept, size_t count) {
  pur_bulk_purchase *purchases = (pur_bulk_purchase *)(void *)bulk->purchases.data;
  char *text = bulk->text.data;
  size_t end = 0; /* where the comma stands behind what is kept so far */
  for (size_t i = 0; i < count; i++) {
    pur_bulk_purchase *purchase = &purchases[i];
    *purchase = purchases[kept[i]];
    text[end] = ',';
    memmove(text + end + 1, text + purchase->start, purchase->length);
    purchase->start = end + 1;
    end = purchase->start + purchase->length;
  }
  if (count > 0) text[end++] = ',';
  bulk->text.length = end;
  bulk->purchases.length = count * sizeof *purchases;
  bulk->count = count;
  bulk->opened = bulk->closed = 0;
}

void pur_bulk_remove(pur_bulk *bulk, size_t index) {
  pur_bulk_purchase *purchases = (pur_bulk_purchase *)(void *)bulk->purchases.data;
  bulk->count--;
  memmove(purchases + index, purchases + index + 1, (bulk->count - index) * sizeof *purchases);
  bulk->purchases.length -= sizeof *purchases;
}

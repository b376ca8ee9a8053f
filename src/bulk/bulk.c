#include "bulk/bulk.h"

#include <string.h>

void pur_bulk_init(pur_bulk *bulk) {
  pur_buffer_init(&bulk->text, 0);
  pur_buffer_init(&bulk->records, 0);
  pur_buffer_init(&bulk->refused, 0);
  pur_buffer_init(&bulk->refusals, 0);
  bulk->count = bulk->refused_count = 0;
  bulk->opened = bulk->closed = 0;
}

void pur_bulk_free(pur_bulk *bulk) {
  pur_buffer_free(&bulk->text);
  pur_buffer_free(&bulk->records);
  pur_buffer_free(&bulk->refused);
  pur_buffer_free(&bulk->refusals);
  pur_bulk_init(bulk);
}

void pur_bulk_clear(pur_bulk *bulk) {
  pur_buffer_clear(&bulk->text);
  pur_buffer_clear(&bulk->records);
  pur_buffer_clear(&bulk->refused);
  pur_buffer_clear(&bulk->refusals);
  bulk->count = bulk->refused_count = 0;
  bulk->opened = bulk->closed = 0;
}

/* Appends bytes and what is told of them, or neither. */
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

/* Every record has a byte before it and one behind, which are commas until it is the first or the
 * last of a body. */
pur_status pur_bulk_add(pur_bulk *bulk, const char *text, const pur_bulk_record *record,
                        pur_error *error) {
  pur_bulk_record entry = *record;
  size_t before = bulk->text.length;
  pur_status status;
  if (before == 0) pur_buffer_append_literal(&bulk->text, ",");
  entry.start = bulk->text.length;
  pur_buffer_append(&bulk->text, text, record->length);
  pur_buffer_append_literal(&bulk->text, ",");
  status = append(&bulk->text, before, &bulk->records, &entry, sizeof entry, error);
  if (status == PUR_OK) bulk->count++;
  return status;
}

pur_status pur_bulk_refuse(pur_bulk *bulk, const char *text, size_t kept,
                           const pur_bulk_record *record, pur_error *error) {
  pur_bulk_refusal entry = {bulk->refused.length, kept, record->length, record->line,
                            record->column};
  size_t before = bulk->refused.length;
  pur_status status;
  pur_buffer_append(&bulk->refused, text, kept);
  status = append(&bulk->refused, before, &bulk->refusals, &entry, sizeof entry, error);
  if (status == PUR_OK) bulk->refused_count++;
  return status;
}

const pur_bulk_record *pur_bulk_record_at(const pur_bulk *bulk, size_t index) {
  return (const pur_bulk_record *)(const void *)bulk->records.data + index;
}

const pur_bulk_refusal *pur_bulk_refusal_at(const pur_bulk *bulk, size_t index) {
  return (const pur_bulk_refusal *)(const void *)bulk->refusals.data + index;
}

size_t pur_bulk_size(const pur_bulk *bulk) {
  return bulk->text.length;
}

const char *pur_bulk_body(pur_bulk *bulk, size_t first, size_t last, size_t *length) {
  const pur_bulk_record *end = pur_bulk_record_at(bulk, last);
  char *text = bulk->text.data;
  text[bulk->opened] = text[bulk->closed] = ',';
  bulk->opened = pur_bulk_record_at(bulk, first)->start - 1;
  bulk->closed = end->start + end->length;
  text[bulk->opened] = '[';
  text[bulk->closed] = ']';
  *length = bulk->closed + 1 - bulk->opened;
  return text + bulk->opened;
}

void pur_bulk_remove(pur_bulk *bulk, size_t index) {
  pur_bulk_record *records = (pur_bulk_record *)(void *)bulk->records.data;
  bulk->count--;
  memmove(records + index, records + index + 1, (bulk->count - index) * sizeof *records);
  bulk->records.length -= sizeof *records;
}

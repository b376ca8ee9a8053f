/* Purchases, one JSON object each, checked and gathered into bulks as the bytes they came in: from
 * a file, as splitter.h finds them there or sales.h makes them of its rows, or handed in one by
 * one.
 */
#ifndef PURCHASES_BULK_READER_H
#define PURCHASES_BULK_READER_H

#include "bulk/bulk.h"
#include "map/sales.h"
#include "bulk/splitter.h"
#include "schema/schema.h"

#define PUR_BULK_SCHEMAS 2
#define PUR_BULK_SPARE 16

/* The rules that every purchase is held against, and how many make a bulk. Schemas and names
 * are borrowed. */
typedef struct pur_bulk_rules {
  const pur_schema *schemas[PUR_BULK_SCHEMAS]; /* it must pass each; or NULL */
  const char *key;                             /* the member that is the natural key */
  size_t key_length;
  const char *within; /* the member within whose value it is one; NULL: it is one by itself */
  size_t within_length;
  size_t max_purchase; /* bytes, at most PUR_ROW_MAX; longer ones are refused */
  size_t max_count;    /* purchases in a bulk */
  size_t max_size;     /* bytes of its body, unless a single purchase needs more */
  uint64_t first_line; /* of a file; purchases that begin before it are passed over unseen */
  size_t slice;        /* bytes to check in one call; to pass a byte over costs less. 0: no limit */
} pur_bulk_rules;

typedef struct pur_bulk_reader {
  pur_bulk_rules rules;
  pur_schema_run *run;
  pur_issues issues;              /* of the purchase that is being checked */
  pur_buffer key;                 /* of the purchase that is being taken */
  pur_key_set sent;               /* keys of purchases in bulks that nobody has released */
  pur_bulk deferred;              /* purchases whose key is among those */
  pur_bulk spare[PUR_BULK_SPARE]; /* memory of bulks that are done */
  size_t spares;
  pur_splitter splitter;
  pur_sales *sales; /* in its place; NULL: no map says how */
  bool is_paused;   /* the last call ended with its slice, and is to be made again */
} pur_bulk_reader;

/* Without a file: purchases come by pur_bulk_reader_take. PUR_NO_MEMORY. pur_bulk_reader_close ends
 * it. */
pur_status pur_bulk_reader_init(pur_bulk_reader *reader, const pur_bulk_rules *rules,
                                pur_error *error);

/* Opens the file that they come from; `path` as in pur_input_open, "-" is standard input. Nothing
 * is read yet. PUR_FILE_UNREADABLE. */
pur_status pur_bulk_reader_open(pur_bulk_reader *reader, const char *path, pur_error *error);

/* The same for a file of rows; errors of pur_sales_open. Where `sales->sale` then is
 * PUR_SALE_CALLS, a paused reader waits for answers. */
pur_status pur_bulk_reader_open_sales(pur_bulk_reader *reader, const char *path, pur_map *map,
                                      pur_error *error);

void pur_bulk_reader_close(pur_bulk_reader *reader);

/* An empty bulk, with the memory of one that was given back. */
void pur_bulk_reader_lend(pur_bulk_reader *reader, pur_bulk *bulk);
void pur_bulk_reader_give_back(pur_bulk_reader *reader, pur_bulk *bulk);

/* Gathers the next purchases into a bulk until it is full: those that are fine, and aside those
 * that are not. A key stands in one bulk at a time: a purchase whose key is in another, or in this
 * one, waits until that is released.
 *
 * PUR_OK: the bulk may be as it was, when it is full or all that is left has to wait, and, if it
 * has purchases, when nothing is left. If the reader is paused, the next call goes on with the same
 * bulk. PUR_END: nothing is left, and nothing is in the bulk.
 * PUR_INVALID_JSON: the file cannot be read on, at the splitter's line; errors of pur_sales_next;
 * PUR_FILE_UNREADABLE, PUR_NO_MEMORY (then the bulk holds what was gathered, and it may be tried
 * again). An error comes only when what stands before it is gathered. */
pur_status pur_bulk_reader_read(pur_bulk_reader *reader, pur_bulk *bulk, pur_error *error);

/* The same for what does not come from a file: first the purchases that wait, then one by one.
 * PUR_END from take: the bulk is full, or too many wait: not taken. */
pur_status pur_bulk_reader_take_deferred(pur_bulk_reader *reader, pur_bulk *bulk, pur_error *error);
pur_status pur_bulk_reader_take(pur_bulk_reader *reader, pur_bulk *bulk, const char *text,
                                size_t length, uint64_t line, pur_error *error);

/* The outcome of a bulk's purchases `first` to `last`, both included, is known: others with their
 * keys may be sent. */
void pur_bulk_reader_release(pur_bulk_reader *reader, const pur_bulk *bulk, size_t first,
                             size_t last);

/* Keeps the purchases at `count` indexes, ascending, and drops the others: somebody knows that they
 * need not be sent. Others with their keys may be; and pur_bulk_reader_read or _take fill the bulk
 * up again. */
void pur_bulk_reader_keep(pur_bulk_reader *reader, pur_bulk *bulk, const size_t *kept,
                          size_t count);

/* Reads to the end without checking, or as far as a slice goes. `count`: the purchases that were
 * passed, and at the end those that wait. Errors as pur_bulk_reader_read, with those counted that
 * stand before. */
pur_status pur_bulk_reader_count(pur_bulk_reader *reader, uint64_t *count, pur_error *error);

#endif

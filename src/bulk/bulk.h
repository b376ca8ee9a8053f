/* Purchases on their way into one request, as the bytes they came in.
 *
 * Those that may be sent stand in `text` as a JSON array that is not closed yet, so that any run of
 * them can be had as a body of its own. Those that may not stand in `refused`, each with all that
 * is wrong with it. */
#ifndef PURCHASES_BULK_H
#define PURCHASES_BULK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/issues.h"
#include "base/text.h"

typedef struct pur_bulk_purchase {
  size_t start; /* in the bulk's text */
  size_t length;
  size_t key;           /* where the key's value starts in the purchase, a JSON string or number */
  size_t key_length;    /* 0: it has none */
  size_t within;        /* the same of the member that it is a key within */
  size_t within_length; /* 0: it has none */
  uint64_t hash;        /* of the key, as pur_bulk_write_key writes it; 0: it has none */
  uint64_t digest;      /* see pur_bulk_digest */
  bool has_digest;
  bool is_rows;    /* refused: no JSON but rows, behind which the key stands */
  uint64_t line;   /* where it begins, from 1 */
  uint64_t column; /* in characters, from 1 */
} pur_bulk_purchase;

typedef struct pur_bulk_refusal {
  pur_bulk_purchase purchase; /* its start and what was kept of its length: in the refused bytes */
  size_t size;                /* of the whole purchase: more where only its beginning was kept */
  pur_error error;            /* why it was refused */
  pur_issues issues;          /* all reasons */
} pur_bulk_refusal;

typedef struct pur_bulk {
  pur_buffer text; /* as long as the body of all purchases */
  pur_buffer purchases;
  size_t count;
  pur_buffer refused;
  pur_buffer refusals;
  size_t refused_count;
  size_t issues_kept;    /* of all that were refused */
  size_t opened, closed; /* where the body that was handed out last has its brackets */
  pur_buffer scratch;
} pur_bulk;

/* An empty bulk. Allocates nothing; pur_bulk_free ends it. */
void pur_bulk_init(pur_bulk *bulk);
void pur_bulk_free(pur_bulk *bulk);

/* Empties it, or of those that were refused alone, keeping the memory for their bytes. */
void pur_bulk_clear(pur_bulk *bulk);
void pur_bulk_clear_refusals(pur_bulk *bulk);

/* Appends a copy of the `purchase->length` bytes at `text`; `purchase->start` is filled in here.
 * PUR_NO_MEMORY, with the bulk as it was. */
pur_status pur_bulk_add(pur_bulk *bulk, const char *text, const pur_bulk_purchase *purchase,
                        pur_error *error);

/* Puts a purchase aside that must not be sent, with its first `kept` bytes (of rows, and the key
 * behind them) and why. On success the
 * issues are moved here, and the caller's are empty. PUR_NO_MEMORY, with the bulk as it was. */
pur_status pur_bulk_refuse(pur_bulk *bulk, const char *text, size_t kept,
                           const pur_bulk_purchase *purchase, const pur_error *why,
                           pur_issues *issues, pur_error *error);

/* The purchase, or refusal, at an index from 0, less than their count. */
const pur_bulk_purchase *pur_bulk_purchase_at(const pur_bulk *bulk, size_t index);
const pur_bulk_refusal *pur_bulk_refusal_at(const pur_bulk *bulk, size_t index);

/* Returns the purchases from `first` to `last`, both included, as a JSON array. It holds until the
 * bulk's next call. */
const char *pur_bulk_body(pur_bulk *bulk, size_t first, size_t last, size_t *length);

/* Appends the key of a purchase whose bytes are at `text`, as the API compares keys: what its value
 * stands for, so that 7 and "7" are one key, and behind a NUL the same of the member that it is a
 * key within, where there is one. Nothing, where it has none. */
void pur_bulk_write_key(const char *text, const pur_bulk_purchase *purchase, pur_buffer *out);

/* The same as a text, which holds until the bulk's next call. PUR_NO_MEMORY. */
pur_status pur_bulk_key(pur_bulk *bulk, size_t index, pur_text *key, pur_error *error);

/* Gives each purchase that has none its digest (json/digest.h). PUR_NO_MEMORY, and then it may be
 * called again. */
pur_status pur_bulk_digest(pur_bulk *bulk, pur_error *error);

/* Keeps the purchases at `count` indexes, ascending, and drops the others with their bytes, so that
 * more may be added. */
void pur_bulk_keep(pur_bulk *bulk, const size_t *kept, size_t count);

/* Forgets a purchase; its bytes stay until the bulk is cleared. */
void pur_bulk_remove(pur_bulk *bulk, size_t index);

#endif

/* Where the purchases of a file stand: which of them do so in one piece. Private to map/.
 *
 * The first of two readings notes every piece. Of a purchase that stands in several, the second one
 * gets the rows of all of them with its first piece. About 2 MB of memory are used, however large
 * the file is; see key_file.h. */
#ifndef PURCHASES_MAP_SALES_KEYS_H
#define PURCHASES_MAP_SALES_KEYS_H

#include "base/buffer.h"
#include "map/key_file.h"

#define PUR_PIECE_LINES 4 /* that a message names */

typedef struct pur_sales_keys {
  pur_key_file file;
  int store;           /* of the pieces behind the first ones; -1: there are none */
  uint64_t store_size; /* bytes of it */
  uint64_t purchases;  /* how many were noted */
} pur_sales_keys;

/* What the second reading is told of a piece. */
typedef enum pur_piece_kind { PUR_PIECE_WHOLE, PUR_PIECE_FIRST, PUR_PIECE_LATER } pur_piece_kind;

typedef struct pur_pieces {
  uint64_t count;                  /* behind the first */
  uint64_t lines[PUR_PIECE_LINES]; /* where the first of these begin */
  bool is_cut;                     /* their rows were not kept whole */
} pur_pieces;

/* Allocates nothing; pur_sales_keys_free ends it. */
void pur_sales_keys_init(pur_sales_keys *keys);
void pur_sales_keys_free(pur_sales_keys *keys);

/* Notes that a piece begins: the hash of its key and its first line. `before` is for
 * pur_sales_keys_end, or 0: it is the first piece. PUR_NO_MEMORY; PUR_FILE_UNREADABLE: the
 * temporary files cannot be kept. */
pur_status pur_sales_keys_begin(pur_sales_keys *keys, uint64_t hash, uint64_t line,
                                uint64_t *before, pur_error *error);

/* Notes that a piece has ended: where it is not the first, with its rows. The hash is 0 where it
 * has no key, and is a purchase of its own. Errors as before. */
pur_status pur_sales_keys_end(pur_sales_keys *keys, uint64_t hash, uint64_t before, uint64_t line,
                              const char *text, size_t length, bool is_cut, pur_error *error);

/* Tells in the second reading, in which pieces come in the same order, what a piece is. Where it is
 * the first of several, `pieces` tells of the others, and their rows are appended to `rows`, each
 * behind a line feed, as long as these have at most `most` bytes. Errors as pur_sales_keys_begin.
 */
pur_status pur_sales_keys_find(pur_sales_keys *keys, uint64_t hash, pur_piece_kind *kind,
                               pur_pieces *pieces, pur_buffer *rows, size_t most, pur_error *error);

#endif

/* SQLite, as far as a ledger needs it: a connection whose log is synced with every commit, and
 * prepared queries. The only header of SQLite's that anything else sees.
 *
 * A connection belongs to the process that opened it: in a forked child every call is refused with
 * PUR_FORKED, and closing closes nothing that the parent uses. After PUR_IO (the disk failed; what
 * was written before may be gone, and a repeated fsync would not say so) the connection is given
 * up: every later call fails the same, and nothing is written any more. PUR_DISK_FULL, PUR_BUSY
 * (another process held on to the file for longer than the connection waits) and PUR_READ_ONLY
 * leave it usable; PUR_DAMAGED says that the file is no database or a broken one, PUR_DATABASE
 * everything else, which is a mistake of the caller's. */
#ifndef PURCHASES_LEDGER_SQLITE_H
#define PURCHASES_LEDGER_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct pur_sqlite pur_sqlite;
typedef struct pur_query pur_query;

/* The version of SQLite that runs, such as 3040001. Less than PUR_SQLITE_OLDEST knows no UPSERT. */
#define PUR_SQLITE_OLDEST 3024000
int pur_sqlite_version(void);

/* Opens the database in the file at `path`, which must be there; an empty one is an empty database.
 * Waits up to `patience` milliseconds for other processes, here and whenever it writes. On PUR_OK
 * the caller closes it with pur_sqlite_close. */
pur_status pur_sqlite_open(pur_sqlite **db, const char *path, int patience, pur_error *error);

/* Closes the connection and finishes its queries, which remain to be destroyed; NULL: nothing. The
 * last connection to a file moves its log into it, unless this one was given up or `keeps_log`. */
void pur_sqlite_close(pur_sqlite *db, bool keeps_log);

/* Runs SQL text, of one statement or several, without parameters or rows. */
pur_status pur_sqlite_execute(pur_sqlite *db, const char *sql, pur_error *error);

/* Takes back the transaction that is open, if one is: SQLite ends some by itself. */
pur_status pur_sqlite_roll_back(pur_sqlite *db, pur_error *error);

/* Moves the log into the file as far as no reader is in the way, once it has `pages` or more. */
pur_status pur_sqlite_checkpoint(pur_sqlite *db, int pages, pur_error *error);

/* The id of the row that this connection has inserted last. */
int64_t pur_sqlite_last_id(const pur_sqlite *db);

/* Prepares one statement, to be run many times. The caller destroys it. */
pur_status pur_query_new(pur_query **query, pur_sqlite *db, const char *sql, size_t length,
                         pur_error *error);

/* Frees a query, before or after its connection was closed; NULL: nothing. */
void pur_query_destroy(pur_query *query);

/* The numbers of its parameters and of its columns. */
int pur_query_parameters(const pur_query *query);
int pur_query_columns(const pur_query *query);

/* Begins a run: what was left of the last one is dropped. Every parameter has to be set anew. */
pur_status pur_query_begin(pur_query *query, pur_error *error);

/* Sets a parameter, counted from 1, before the first step. The query borrows the text, which may
 * hold NUL, until pur_query_end. */
void pur_query_bind_null(pur_query *query, int parameter);
void pur_query_bind_integer(pur_query *query, int parameter, int64_t value);
void pur_query_bind_text(pur_query *query, int parameter, const char *text, size_t length);

/* Goes to the next row: PUR_OK, or PUR_END when there is none. */
pur_status pur_query_step(pur_query *query, pur_error *error);

/* Ends a run, which unlocks what it read, and tells how many rows it has changed. */
int pur_query_end(pur_query *query);

typedef enum pur_value_type { PUR_VALUE_NULL, PUR_VALUE_INTEGER, PUR_VALUE_TEXT } pur_value_type;

/* A column of the row, counted from 0; `text` is valid until the next step. Bytes are texts, too.
 */
typedef struct pur_value {
  pur_value_type type;
  int64_t integer;
  const char *text;
  size_t length;
} pur_value;

pur_value pur_query_column(pur_query *query, int column);

#endif

#include "ledger/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

struct pur_sqlite {
  sqlite3 *handle;
  pid_t process;
  int log_pages;     /* after the last commit */
  pur_error failure; /* why it was given up; PUR_OK: it was not */
  pur_query *queries;
};

struct pur_query {
  sqlite3_stmt *statement; /* NULL once the connection is closed */
  pur_sqlite *db;
  pur_query *next, **link; /* among those of its connection */
};

int pur_sqlite_version(void) {
  return sqlite3_libversion_number();
}

/* A full disk shows as an I/O error, too, where a quota or a limit to the size of files ends a
 * write, or where the log's index finds no room. What sqlite3_system_errno tells of a commit is of
 * an earlier error. */
static bool is_full(int code, int reason) {
  return code != SQLITE_IOERR_FSYNC && code != SQLITE_IOERR_DIR_FSYNC &&
         (reason == ENOSPC || reason == EDQUOT || reason == EFBIG);
}

static pur_status status_of(int code, int reason) {
  switch (code & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_PROTOCOL:
    return PUR_BUSY;
  case SQLITE_FULL:
    return PUR_DISK_FULL;
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
  case SQLITE_AUTH:
    return PUR_READ_ONLY;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return PUR_DAMAGED;
  case SQLITE_NOMEM:
    return PUR_NO_MEMORY;
  case SQLITE_IOERR:
    if (code == SQLITE_IOERR_NOMEM) return PUR_NO_MEMORY;
    return is_full(code, reason) ? PUR_DISK_FULL : PUR_IO;
  default:
    return PUR_DATABASE;
  }
}

/* After a call of SQLite's before which errno was 0. */
static pur_status fail(pur_sqlite *db, pur_error *error) {
  int reason = errno, code = sqlite3_extended_errcode(db->handle);
  pur_status status = status_of(code, reason);
  pur_error_set(error, status, 0, "%s", sqlite3_errmsg(db->handle));
  if (status == PUR_IO) pur_error_set(&db->failure, status, 0, "%s", sqlite3_errmsg(db->handle));
  return status;
}

/* May the connection be used, by this process and still? */
static pur_status check(const pur_sqlite *db, pur_error *error) {
  if (db == NULL) return pur_error_set(error, PUR_CLOSED, 0, "the database is closed");
  if (db->process != getpid())
    return pur_error_set(error, PUR_FORKED, 0, "it belongs to the process that opened it");
  if (db->failure.status != PUR_OK)
    return pur_error_set(error, db->failure.status, 0, "%s", db->failure.message);
  return PUR_OK;
}

/* In the place of SQLite's own, which does not tell when moving the log into the file fails. */
static int note_log(void *db, sqlite3 *handle, const char *name, int pages) {
  (void)handle;
  (void)name;
  ((pur_sqlite *)db)->log_pages = pages;
  return SQLITE_OK;
}

pur_status pur_sqlite_open(pur_sqlite **db, const char *path, int patience, pur_error *error) {
  pur_sqlite *made = calloc(1, sizeof *made);
  if (made == NULL) return pur_error_no_memory(error);
  made->process = getpid();
  errno = 0;
  if (sqlite3_open_v2(path, &made->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
      SQLITE_OK) {
    pur_status status = made->handle != NULL ? fail(made, error) : pur_error_no_memory(error);
    pur_sqlite_close(made, true);
    return status;
  }
  (void)sqlite3_extended_result_codes(made->handle, 1);
  (void)sqlite3_busy_timeout(made->handle, patience);
  (void)sqlite3_wal_hook(made->handle, note_log, made);
  *db = made;
  return PUR_OK;
}

void pur_sqlite_close(pur_sqlite *db, bool keeps_log) {
  if (db == NULL) return;
  for (pur_query *query = db->queries; query != NULL; query = query->next) {
    /* What a child inherited is its parent's: finishing it would unlock and write the file. */
    if (db->process == getpid()) (void)sqlite3_finalize(query->statement);
    query->statement = NULL;
    query->db = NULL;
  }
  if (db->process == getpid() && db->handle != NULL) {
    if (keeps_log || db->failure.status != PUR_OK)
      (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    (void)sqlite3_close(db->handle);
  }
  free(db);
}

pur_status pur_sqlite_execute(pur_sqlite *db, const char *sql, pur_error *error) {
  pur_status status = check(db, error);
  if (status != PUR_OK) return status;
  errno = 0;
  if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK) return PUR_OK;
  return fail(db, error);
}

pur_status pur_sqlite_roll_back(pur_sqlite *db, pur_error *error) {
  pur_status status = check(db, error);
  if (status != PUR_OK || sqlite3_get_autocommit(db->handle)) return status;
  return pur_sqlite_execute(db, "ROLLBACK", error);
}

pur_status pur_sqlite_checkpoint(pur_sqlite *db, int pages, pur_error *error) {
  pur_status status = check(db, error);
  int code;
  if (status != PUR_OK || db->log_pages < pages) return status;
  errno = 0;
  code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  if (code != SQLITE_OK && code != SQLITE_BUSY) return fail(db, error);
  db->log_pages = 0; /* until the next commit says how many are left */
  return PUR_OK;
}

int64_t pur_sqlite_last_id(const pur_sqlite *db) {
  return check(db, NULL) == PUR_OK ? sqlite3_last_insert_rowid(db->handle) : 0;
}

pur_status pur_query_new(pur_query **query, pur_sqlite *db, const char *sql, size_t length,
                         pur_error *error) {
  pur_query *made;
  pur_status status = check(db, error);
  if (status != PUR_OK) return status;
  made = calloc(1, sizeof *made);
  if (made == NULL) return pur_error_no_memory(error);
  errno = 0;
  if (sqlite3_prepare_v3(db->handle, sql, (int)length, SQLITE_PREPARE_PERSISTENT, &made->statement,
                         NULL) != SQLITE_OK) {
    status = fail(db, error);
    free(made);
    return status;
  }
  made->db = db;
  made->next = db->queries;
  made->link = &db->queries;
  if (made->next != NULL) made->next->link = &made->next;
  db->queries = made;
  *query = made;
  return PUR_OK;
}

void pur_query_destroy(pur_query *query) {
  if (query == NULL) return;
  if (query->db != NULL) {
    *query->link = query->next;
    if (query->next != NULL) query->next->link = query->link;
    if (query->db->process == getpid()) (void)sqlite3_finalize(query->statement);
  }
  free(query);
}

int pur_query_parameters(const pur_query *query) {
  return sqlite3_bind_parameter_count(query->statement);
}

int pur_query_columns(const pur_query *query) {
  return sqlite3_column_count(query->statement);
}

pur_status pur_query_begin(pur_query *query, pur_error *error) {
  pur_status status = check(query->db, error);
  if (status != PUR_OK) return status;
  (void)sqlite3_reset(query->statement);
  return PUR_OK;
}

/* None can fail where the parameter is there and the text shorter than SQLite's limit of 1 GB,
 * beyond which the step complains of a NULL. */
void pur_query_bind_null(pur_query *query, int parameter) {
  (void)sqlite3_bind_null(query->statement, parameter);
}

void pur_query_bind_integer(pur_query *query, int parameter, int64_t value) {
  (void)sqlite3_bind_int64(query->statement, parameter, value);
}

void pur_query_bind_text(pur_query *query, int parameter, const char *text, size_t length) {
  (void)sqlite3_bind_text64(query->statement, parameter, text, length, SQLITE_STATIC, SQLITE_UTF8);
}

pur_status pur_query_step(pur_query *query, pur_error *error) {
  pur_status status;
  errno = 0;
  switch (sqlite3_step(query->statement)) {
  case SQLITE_ROW:
    return PUR_OK;
  case SQLITE_DONE:
    return PUR_END;
  default:
    status = fail(query->db, error);
    (void)pur_query_end(query);
    return status;
  }
}

int pur_query_end(pur_query *query) {
  int changes = sqlite3_changes(query->db->handle);
  (void)sqlite3_reset(query->statement);
  return changes;
}

pur_value pur_query_column(pur_query *query, int column) {
  pur_value value = {PUR_VALUE_NULL, 0, NULL, 0};
  switch (sqlite3_column_type(query->statement, column)) {
  case SQLITE_NULL:
    break;
  case SQLITE_INTEGER:
    value.type = PUR_VALUE_INTEGER;
    value.integer = sqlite3_column_int64(query->statement, column);
    break;
  default:
    value.type = PUR_VALUE_TEXT;
    value.text = sqlite3_column_blob(query->statement, column);
    value.length = (size_t)sqlite3_column_bytes(query->statement, column);
  }
  return value;
}

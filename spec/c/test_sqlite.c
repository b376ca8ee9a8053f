/* ledger/sqlite.h: what happens to a connection that is closed, or left to a forked child. */
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/sqlite.c"
#include "test.h"

static char folder[] = "/tmp/purchases-sqlite-XXXXXX";
static char path[64];

static pur_sqlite *open_database(void) {
  pur_sqlite *db = NULL;
  pur_error error;
  EXPECT(pur_sqlite_open(&db, path, 0, &error) == PUR_OK, "%s", error.message);
  return db;
}

static void execute(pur_sqlite *db, const char *sql) {
  pur_error error;
  EXPECT(pur_sqlite_execute(db, sql, &error) == PUR_OK, "%s: %s", sql, error.message);
}

static pur_query *prepare(pur_sqlite *db, const char *sql) {
  pur_query *query = NULL;
  pur_error error;
  EXPECT(pur_query_new(&query, db, sql, strlen(sql), &error) == PUR_OK, "%s", error.message);
  return query;
}

/* The number in the only column of the only row. */
static int64_t number_of(pur_query *query) {
  int64_t number = -1;
  EXPECT(pur_query_begin(query, NULL) == PUR_OK, "does not begin");
  while (pur_query_step(query, NULL) == PUR_OK) number = pur_query_column(query, 0).integer;
  (void)pur_query_end(query);
  return number;
}

static void test_values(pur_sqlite *db) {
  pur_query *query = prepare(db, "SELECT ?1, ?2, ?3, ?2 || 'x'");
  pur_value value;
  EXPECT(pur_query_parameters(query) == 3 && pur_query_columns(query) == 4, "%d, %d",
         pur_query_parameters(query), pur_query_columns(query));
  for (int i = 0; i < 2; i++) {
    EXPECT(pur_query_begin(query, NULL) == PUR_OK, "does not begin");
    pur_query_bind_integer(query, 1, INT64_MIN + i);
    pur_query_bind_text(query, 2, "a\0b", 3);
    pur_query_bind_null(query, 3);
    EXPECT(pur_query_step(query, NULL) == PUR_OK, "no row");
    value = pur_query_column(query, 0);
    EXPECT(value.type == PUR_VALUE_INTEGER && value.integer == INT64_MIN + i, "another number");
    value = pur_query_column(query, 1);
    EXPECT(value.type == PUR_VALUE_TEXT && value.length == 3 && memcmp(value.text, "a\0b", 3) == 0,
           "another text, of %d bytes", (int)value.length);
    EXPECT(pur_query_column(query, 2).type == PUR_VALUE_NULL, "no NULL");
    /* What is left of a run is dropped when the next one begins. */
  }
  pur_query_destroy(query);
}

static void test_close(void) {
  pur_sqlite *db = open_database();
  pur_query *first = prepare(db, "SELECT 1"), *second = prepare(db, "SELECT 2");
  pur_query *third = prepare(db, "SELECT 3");
  pur_query_destroy(second);
  EXPECT(pur_query_begin(first, NULL) == PUR_OK && pur_query_step(first, NULL) == PUR_OK, "no row");
  pur_sqlite_close(db, false);
  EXPECT(pur_query_begin(first, NULL) == PUR_CLOSED, "begins after its connection was closed");
  pur_query_destroy(third);
  pur_query_destroy(first);
  pur_query_destroy(NULL);
  pur_sqlite_close(NULL, false);
}

static void expect_forked(pur_status status, const char *call) {
  EXPECT(status == PUR_FORKED, "%s gives %s", call, pur_status_name(status));
}

static void use_as_child(pur_sqlite *db, pur_query *query, pur_query *other) {
  pur_sqlite *own;
  expect_forked(pur_sqlite_execute(db, "DELETE FROM t", NULL), "execute");
  expect_forked(pur_sqlite_roll_back(db, NULL), "roll_back");
  expect_forked(pur_sqlite_checkpoint(db, 0, NULL), "checkpoint");
  expect_forked(pur_query_new(&(pur_query *){NULL}, db, "SELECT 1", 8, NULL), "new");
  expect_forked(pur_query_begin(query, NULL), "begin");
  EXPECT(pur_sqlite_last_id(db) == 0, "has an id");
  pur_query_destroy(other);
  pur_sqlite_close(db, false);
  pur_query_destroy(query);
  own = open_database();
  query = prepare(own, "SELECT count(*) FROM t");
  EXPECT(number_of(query) == 1, "its own sees %d rows", (int)number_of(query));
  pur_query_destroy(query);
  pur_sqlite_close(own, false);
}

static void test_fork(pur_sqlite *db) {
  pur_query *query, *other;
  pid_t child;
  int status;
  execute(db, "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (7)");
  EXPECT(pur_sqlite_last_id(db) == 7, "id %d", (int)pur_sqlite_last_id(db));
  query = prepare(db, "SELECT count(*) FROM t");
  other = prepare(db, "SELECT 1");
  execute(db, "BEGIN; INSERT INTO t VALUES (8)");
  child = fork();
  if (child == 0) {
    use_as_child(db, query, other);
    _exit(test_result());
  }
  EXPECT(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
         "status %d of the child", status);
  execute(db, "COMMIT");
  EXPECT(number_of(query) == 2, "%d rows", (int)number_of(query));
  pur_query_destroy(query);
  pur_query_destroy(other);
}

static void test_errors(pur_sqlite *db) {
  pur_sqlite *other = open_database();
  pur_error error;
  pur_query *query = NULL;
  EXPECT(pur_query_new(&query, db, "SELEKT", 6, &error) == PUR_DATABASE && query == NULL, "%s",
         error.message);
  EXPECT(strstr(error.message, "SELEKT") != NULL, "%s", error.message);
  execute(db, "BEGIN IMMEDIATE");
  EXPECT(pur_sqlite_execute(other, "BEGIN IMMEDIATE", &error) == PUR_BUSY, "%s", error.message);
  EXPECT(pur_sqlite_roll_back(db, &error) == PUR_OK, "%s", error.message);
  EXPECT(pur_sqlite_roll_back(db, &error) == PUR_OK, "%s", error.message);
  execute(other, "BEGIN IMMEDIATE; ROLLBACK");
  pur_sqlite_close(other, false);
  EXPECT(pur_sqlite_open(&other, "/nowhere/job.db", 0, &error) == PUR_READ_ONLY, "%s",
         error.message);
}

static void test_log(pur_sqlite *db) {
  struct stat about;
  char name[80];
  pur_sqlite *other = open_database();
  execute(db, "CREATE TABLE log (id); INSERT INTO log VALUES (1)");
  EXPECT(pur_sqlite_checkpoint(db, 1000000, NULL) == PUR_OK, "no checkpoint");
  EXPECT(pur_sqlite_checkpoint(db, 0, NULL) == PUR_OK, "no checkpoint");
  pur_sqlite_close(db, true);
  pur_sqlite_close(other, true);
  snprintf(name, sizeof name, "%s-wal", path);
  EXPECT(stat(name, &about) == 0 && about.st_size > 0, "the log is gone");
  pur_sqlite_close(open_database(), false);
}

int main(void) {
  pur_sqlite *db;
  FILE *file;
  if (mkdtemp(folder) == NULL) return 1;
  snprintf(path, sizeof path, "%s/t.db", folder);
  file = fopen(path, "wb");
  fclose(file);
  EXPECT(pur_sqlite_version() >= PUR_SQLITE_OLDEST, "SQLite %d", pur_sqlite_version());
  db = open_database();
  execute(db, "PRAGMA journal_mode = WAL");
  test_values(db);
  test_close();
  test_fork(db);
  test_errors(db);
  test_log(db);
  snprintf(path, sizeof path, "rm -rf %s", folder);
  return system(path) == 0 ? test_result() : 1;
}

/* table.h without memory: every allocation fails in turn, and what comes of it is PUR_NO_MEMORY, no
 * leak, and every row exactly once, at its line, when there is memory again; of a pipe that is
 * kept, too, and in another encoding. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc.h"
#include "map/table.h"
#include "test.h"

#define ROWS 300
#define LONG 300000 /* bytes of the row in the middle: the window has to grow for it */

static char path[32];

static int file;
static bool is_pipe;

/* Rows of two lines behind a header; the one in the middle is long and has many fields, and one has
 * a value that is escaped. */
static void write_rows(FILE *out) {
  fprintf(out, "title\nNumber; \"Te\"\"xt\" \n");
  for (int row = 0; row < ROWS; row++) {
    fprintf(out, "%d;\"\xE9\x80\"\"%0*d\n\"", row, 300, row);
    if (row == ROWS / 2)
      for (int i = 0; i < LONG; i += 100) fprintf(out, ";%98s", "");
    fprintf(out, "\n");
  }
  if (fflush(out) != 0) abort();
}

/* The path of the file anew, or of a pipe that a child writes it to. */
static void begin_file(void) {
  int ends[2];
  if (is_pipe) {
    if (file > 0) (void)close(file);
    if (pipe(ends) != 0) abort();
    file = ends[0];
    if (fork() == 0) {
      FILE *out = fdopen(ends[1], "wb");
      if (out != NULL) write_rows(out);
      _exit(0);
    }
    (void)close(ends[1]);
  } else if (file == 0) {
    FILE *out = fdopen(file = memfd_create("table", 0), "wb");
    if (out == NULL) abort();
    write_rows(out);
  }
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
  (void)lseek(file, 0, SEEK_SET);
}

static pur_status open_table(pur_table *table, pur_error *error) {
  const pur_form form = {.encoding = PUR_ENCODING_WINDOWS_1252, .header = 2};
  bool is_kept = !is_pipe;
  pur_status status = pur_table_open(table, path, error);
  while (status == PUR_OK && !is_kept) status = pur_input_keep(&table->rows.input, &is_kept, error);
  return status == PUR_OK ? pur_table_begin(table, &form, error) : status;
}

/* Counts the rows, whatever fails on the way. */
static size_t count_rows(pur_table *table, bool *was_short) {
  pur_rows *rows = &table->rows;
  size_t row = 0;
  for (;;) {
    pur_error error = {PUR_OK, 0, ""};
    const pur_csv_field *field;
    pur_status read = pur_table_next(table, &error);
    if (read == PUR_END) return row;
    if (read == PUR_OK) {
      EXPECT(rows->line == 2 * row + 3, "row %zu at line %zu", row, rows->line);
      read = pur_rows_value(rows, 1, &field, &error);
      if (read == PUR_OK)
        EXPECT(memcmp(field->text, "\u00E9\u20AC\"0", 7) == 0, "row %zu: %s", row, field->text);
      row++;
    }
    if (read != PUR_OK) EXPECT(read == PUR_NO_MEMORY && failed, "%s", error.message);
    *was_short |= failed;
    if (failed) stop_failing();
  }
}

static bool read_without_memory(long allocations, bool for_good) {
  pur_table table;
  pur_error error = {PUR_OK, 0, ""};
  pur_status status;
  bool was_short;
  long before = blocks;
  begin_file();
  fail_after(allocations, for_good);
  status = open_table(&table, &error);
  was_short = failed;
  if (status != PUR_OK) EXPECT(status == PUR_NO_MEMORY && failed, "%s", error.message);
  for (int i = 0; i < 2 && status == PUR_OK; i++) {
    size_t count = count_rows(&table, &was_short);
    EXPECT(count == ROWS, "allocation %ld: %zu rows", allocations, count);
    status = pur_table_rewind(&table, &error);
    EXPECT(status == PUR_OK, "%s", error.message);
  }
  stop_failing();
  pur_table_close(&table);
  EXPECT(blocks == before, "allocation %ld: %ld blocks leak", allocations, blocks - before);
  return was_short;
}

int main(void) {
  (void)signal(SIGCHLD, SIG_IGN);
  for (int i = 0; i < 2; i++) {
    long n = 0;
    begin_file();
    while (read_without_memory(n, n % 2 != 0)) n++;
    EXPECT(n > 9, "only %ld allocations", n);
    is_pipe = true;
  }
  return test_result();
}

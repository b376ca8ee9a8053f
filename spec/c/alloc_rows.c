/* rows.h without memory: every allocation fails in turn, and what comes of it is PUR_NO_MEMORY, no
 * leak, and every row exactly once, at its line, when there is memory again. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc.h"
#include "input/rows.h"
#include "test.h"

#define ROWS 300
#define LONG 300000 /* bytes of the row in the middle: the window has to grow for it */

static char path[32];

/* Rows of two lines; the one in the middle is long and has many fields. */
static void write_file(void) {
  int file = memfd_create("rows", 0);
  FILE *out = fdopen(file, "wb");
  if (out == NULL) abort();
  for (int row = 0; row < ROWS; row++) {
    fprintf(out, "%d,\"%0*d\n\"", row, 300, row);
    if (row == ROWS / 2)
      for (int i = 0; i < LONG; i += 100) fprintf(out, ",%099d", i);
    fprintf(out, "\n");
  }
  if (fflush(out) != 0) abort();
  (void)snprintf(path, sizeof path, "/dev/fd/%d", file);
}

static bool read_without_memory(long allocations, bool for_good) {
  pur_rows rows;
  pur_error error = {PUR_OK, 0, ""};
  pur_status status;
  size_t row = 0;
  bool was_short;
  long before = blocks;
  (void)lseek(atoi(path + strlen("/dev/fd/")), 0, SEEK_SET);
  fail_after(allocations, for_good);
  status = pur_rows_open(&rows, path, ',', &error);
  was_short = failed;
  if (status != PUR_OK) EXPECT(status == PUR_NO_MEMORY && failed, "%s", pur_status_name(status));
  while (status == PUR_OK) {
    pur_status read = pur_rows_next(&rows, &error);
    if (read == PUR_END) break;
    if (read == PUR_OK) {
      EXPECT(rows.line == 2 * row + 1, "allocation %ld: row %zu at line %zu", allocations, row,
             rows.line);
      row++;
    } else {
      EXPECT(read == PUR_NO_MEMORY && failed, "%s", pur_status_name(read));
    }
    if (failed) {
      was_short = true;
      stop_failing();
    }
  }
  stop_failing();
  if (status == PUR_OK) {
    EXPECT(row == ROWS, "allocation %ld: %zu rows", allocations, row);
    pur_rows_close(&rows);
  }
  EXPECT(blocks == before, "allocation %ld: %ld blocks leak", allocations, blocks - before);
  return was_short;
}

int main(void) {
  long n = 0;
  write_file();
  while (read_without_memory(n, n % 2 != 0)) n++;
  EXPECT(n > 6, "only %ld allocations", n);
  return test_result();
}

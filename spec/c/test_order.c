/* order.h: series of slips, each with what must be said of it. */
#include <stdbool.h>
#include <string.h>

#include "series/order.h"
#include "test.h"

/* Rows are the numbers of their quarter-hours; "x" is one whose time cannot be told. Issues are
 * "index:code", a gap's also with the number of missing rows, and those of several rows with that
 * number. */
typedef struct slips {
  const char *rows;
  const char *issues;
} slips;

static const slips stepped[] = {
    /* all is well */
    {"", ""},
    {"5", ""},
    {"0 1 2 3", ""},
    {"-3 -2 -1 0 1", ""},
    /* repeated */
    {"0 1 1 2", "2:repeated"},
    {"0 1 1 1 2", "2:repeatedx2"},
    {"0 0 1 2", "1:repeated"},
    {"0 1 2 2", "3:repeated"},
    {"0 1 1 3 4", "2:repeated"}, /* should have been 2 */
    {"0 1 3 3 4", "3:repeated"}, /* should have been 2, too */
    {"0 1 x 4 4 5", "4:repeated"},
    {"0 1 4 4 5", "2:gap-2 3:repeated"},
    {"0 1 2 3 2 3 4", "4:repeatedx2"},
    {"0 1 2 3 0 1 2 3 4 5", "4:repeatedx4"},
    {"0 1 2 3 1 2", "4:repeatedx2"}, /* it ends before the others did */
    {"0 1 2 2 3 4 3 4 5", "3:repeated 6:repeatedx2"},
    /* all of them backwards */
    {"5 4 3 2 1 0", "1:out_of_orderx5"},
    {"9 7 6 5 4 3 3 2 1 0 -1 -2 -3", "1:out_of_orderx11"},
    /* missing */
    {"0 2 3", "1:gap-1"},
    {"0 1 9 10", "2:gap-7"},
    {"0 2 4 5", "1:gap-1 2:gap-1"},
    {"0 1 9", "2:gap-7"},
    {"0 4 8 12", "1:gap-3x3"}, /* hours among quarter-hours */
    {"0 1 5 5 6", "2:gap-3 3:repeated"},
    {"0 1 5 x 7", "2:gap-3"},
    {"0 1 5 x", "2:gap-3"},
    /* one row with a wrong time */
    {"0 1 2 99 4 5", "3:out_of_order"},
    {"0 1 2 -99 4 5", "3:out_of_order"},
    {"0 1 2 0 4 5", "3:out_of_order"},
    {"0 1 99 3 98 5 6", "2:out_of_orderx2"},
    {"0 1 99 98 4 5", "2:out_of_orderx2"},
    {"0 99 2 3", "1:out_of_order"},
    {"99 1 2 3 4", "1:out_of_order"}, /* the first: all others lie before it */
    {"-99 1 2 3", "1:gap-99"},
    {"0 1 2 99", "3:gap-96"}, /* the last: nothing shows which */
    {"0 1 2 -9", "3:out_of_order"},
    /* two rows that changed places */
    {"0 2 1 3", "2:out_of_order"},
    {"0 1 3 2 4 5", "3:out_of_order"},
    {"0 2 1 4 3 5", "2:out_of_orderx2"},
    {"1 0 2 3", "1:out_of_order"},
    {"0 1 3 2", "3:out_of_order"},
    /* a row that is elsewhere */
    {"0 1 3 4 2 5", "2:gap-1 4:out_of_order"},
    {"0 3 1 2 4", "1:out_of_order"},
    {"0 3 1 2 5 6", "1:out_of_order 4:gap-1"},
    {"0 4 1 5 2 3 6", "1:out_of_orderx2"},
    {"0 5 1 4 2 3 6", "1:out_of_orderx2"},
    {"0 9 1 2 4 5", "1:out_of_order 4:gap-1"},
    /* a part that is elsewhere */
    {"10 11 12 13 0 1 2 3", "4:out_of_order"},
    {"0 1 2 3 7 8 9 4 5 6 10 11", "4:gap-3 7:out_of_order 10:gap-3"},
    /* rows that cannot be read stand for missing ones */
    {"0 x 2 3", ""},
    {"x 1 2", ""},
    {"x x", ""},
    {"0 1 x", ""},
    {"0 x x 3", ""},
    {"0 x x 2 3", ""}, /* one of them was a row too many */
    {"0 x 1 2", ""},
    {"0 x 3 4", "2:gap-1"},
    {"0 x 1 3 4", "3:gap-1"},
    {"0 x 0 1", "2:repeated"},
    {"0 x x 9 10", "3:gap-6"},
    {"0 1 x 99 4 5", "3:out_of_order"},
    {"0 1 99 x 4 5", "2:gap-97 4:out_of_order"},
    /* a wrong row, and rows that are missing */
    {"0 1 99 5 6", "2:out_of_order 3:gap-2"},
    {"0 1 -9 5 6", "2:out_of_order 3:gap-2"},
};

/* Without a grid any later time will do. */
static const slips unstepped[] = {
    {"", ""},
    {"0 1 7 8 30", ""},
    {"0 x 7", ""},
    {"0 7 7 8", "2:repeated"},
    {"0 7 3 8", "1:out_of_order"},
    {"5 7 3 8", "2:out_of_order"},
    {"0 2 99 4 5 6", "2:out_of_order"},
    {"0 2 -99 4 5 6", "2:out_of_order"},
    {"99 1 2 3 4", "1:out_of_order"},
    {"0 1 2 99", ""},
    {"0 2 1 3", "1:out_of_order"},
    {"10 20 30 1 2 3 4", "3:out_of_order"},
    {"0 1 x 99 2 3", "3:out_of_order"},
};

static void append_issue(char *out, size_t size, const pur_issue *issue) {
  size_t used = strlen(out);
  const char *missing = strstr(issue->message, ": ");
  bool gap = strcmp(issue->code, "gap") == 0;
  size_t code = strcmp(issue->code, "repeated_datetime") == 0 ? 8 : strlen(issue->code);
  (void)snprintf(out + used, size - used, "%s%zu:%.*s", used > 0 ? " " : "", issue->place.index,
                 (int)code, issue->code);
  used = strlen(out);
  if (gap && missing != NULL)
    (void)snprintf(out + used, size - used, "-%ld", strtol(missing + 2, NULL, 10));
  used = strlen(out);
  if (issue->count > 1) (void)snprintf(out + used, size - used, "x%zu", issue->count);
}

/* What is said of the rows; true for a row means that nothing is said of it then. */
static void judge(int step, const char *rows, char *out, size_t size) {
  pur_order order;
  pur_issues issues;
  pur_place place = {0, 0, 0};
  char *next;
  size_t rows_told = 0;
  out[0] = '\0';
  pur_issues_init(&issues);
  order = (pur_order){.issues = &issues, .step = step};
  for (; *rows != '\0'; place.index++) {
    if (*rows == 'x') {
      pur_order_take_unread(&order);
      next = (char *)(uintptr_t)rows + 1;
    } else {
      int64_t instant = 15 * strtol(rows, &next, 10);
      bool good = pur_order_take(&order, instant, &place);
      bool reported =
          issues.count > 0 && pur_issues_get(&issues, issues.count - 1)->place.index == place.index;
      EXPECT(!good || !reported, "%s: row %zu", rows, place.index);
    }
    rows = next + strspn(next, " ");
  }
  pur_order_finish(&order);
  for (size_t i = 0; i < issues.count; i++) {
    append_issue(out, size, pur_issues_get(&issues, i));
    rows_told += pur_issues_get(&issues, i)->count;
  }
  EXPECT(issues.total == rows_told, "%zu of %zu rows", rows_told, issues.total);
  pur_issues_free(&issues);
}

static void test_slips(int step, const slips *cases, size_t count) {
  char said[500];
  for (size_t i = 0; i < count; i++) {
    judge(step, cases[i].rows, said, sizeof said);
    EXPECT(strcmp(said, cases[i].issues) == 0, "step %d, %s: \"%s\" instead of \"%s\"", step,
           cases[i].rows, said, cases[i].issues);
  }
}

/* Whatever comes, a row is reported once at most, and a series is without issues exactly if every
 * row is one step after the row before it. */
static void test_random_rows(int step) {
  for (int round = 0; round < 200000; round++) {
    pur_order order;
    pur_issues issues;
    int64_t before = 0;
    bool clean = true;
    size_t rows = 1 + test_random() % 8;
    pur_issues_init(&issues);
    order = (pur_order){.issues = &issues, .step = step};
    for (size_t i = 0; i < rows; i++) {
      pur_place place = {i, i + 1, 1};
      int64_t instant = 15 * (int64_t)(test_random() % 3 != 0 ? i : test_random() % 9);
      if (i > 0) clean = clean && (step != 0 ? instant == before + step : instant > before);
      before = instant;
      (void)pur_order_take(&order, instant, &place);
    }
    pur_order_finish(&order);
    EXPECT((issues.total == 0) == clean, "%zu issues in a series that is %s", issues.total,
           clean ? "clean" : "not");
    for (size_t i = 1; i < issues.count; i++)
      EXPECT(pur_issues_get(&issues, i - 1)->place.index < pur_issues_get(&issues, i)->place.index,
             "row %zu twice", pur_issues_get(&issues, i)->place.index);
    pur_issues_free(&issues);
  }
}

/* Issues that are found late stand where their row does; the first are kept, all are counted. */
static void test_kept_issues(void) {
  pur_issues issues;
  size_t last = 0;
  pur_issues_init(&issues);
  for (size_t i = 0; i < 3000; i++) {
    pur_place place = {i % 7 == 6 ? i - 6 : i, 0, i};
    (void)pur_issues_add(&issues, &place, NULL, "code", "%zu", i);
  }
  EXPECT(issues.total == 3000 && issues.count == PUR_ISSUES_KEPT, "%zu", issues.count);
  for (size_t i = 0; i < issues.count; i++) {
    const pur_issue *issue = pur_issues_get(&issues, i);
    EXPECT(issue->place.index >= last, "%zu after %zu", issue->place.index, last);
    EXPECT(strtoul(issue->message, NULL, 10) == issue->place.column, "%s", issue->message);
    EXPECT(issue->place.index != last || i == 0 || issue->place.column == last + 6,
           "%zu is before an issue of the same row", issue->place.column);
    last = issue->place.index;
  }
  EXPECT(last == 999 || last == 1000 || last == 998, "the last row is %zu", last);
  pur_issues_free(&issues);
}

static void expect_quote(const char *text, size_t length, size_t size, const char *want) {
  char *out = malloc(size);
  if (out == NULL) abort();
  pur_issue_quote(text, length, out, size);
  EXPECT(strcmp(out, want) == 0, "\"%s\" instead of \"%s\"", out, want);
  free(out);
}

static void test_quote(void) {
  expect_quote("abc", 3, 100, "abc");
  expect_quote("abc", 3, 4, "abc");
  expect_quote("abcd", 4, 4, "abc");
  expect_quote("", 0, 1, "");
  expect_quote("abc", 3, 1, "");
  expect_quote("12\xE9\n\0\x1B[\x7F", 8, 100, "12????[?");
  expect_quote("caf\xC3\xA9s", 6, 100, "caf\xC3\xA9s");
  expect_quote("caf\xC3\xA9s", 6, 6, "caf\xC3\xA9");
  expect_quote("caf\xC3\xA9s", 6, 5, "caf");
  expect_quote("caf\xC3\xA9", 4, 100, "caf?");
}

int main(void) {
  test_slips(15, stepped, sizeof stepped / sizeof *stepped);
  test_slips(0, unstepped, sizeof unstepped / sizeof *unstepped);
  test_random_rows(15);
  test_random_rows(0);
  test_kept_issues();
  test_quote();
  return test_result();
}

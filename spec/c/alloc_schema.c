/* schema.h without memory: every allocation fails in turn, and what comes of it is PUR_NO_MEMORY,
 * no leak, and the same verdicts as ever when there is memory again. */
#include <string.h>

#include "schema/schema.h"
#include "alloc.h"
#include "test.h"

static const char schema_text[] =
    "{\"description\":\"x\",\"definitions\":{\"name\":{\"type\":\"string\",\"pattern\":\"^\\\\w+$"
    "\","
    "\"description\":\"a word\"}},\"type\":\"object\",\"required\":[\"a\"],"
    "\"anyOf\":[{\"required\":[\"b\"]},{\"required\":[\"c\"]}],"
    "\"properties\":{\"a\":{\"$ref\":\"#/definitions/"
    "name\"},\"\\u0062\":{\"enum\":[1,\"x\",{\"y\":[1]}]},"
    "\"c\":{\"items\":{\"oneOf\":[{\"minimum\":3},{\"multipleOf\":2,\"maximum\":9}]}},"
    "\"d\":{\"oneOf\":[{\"type\":\"string\",\"format\":\"email\"},{\"type\":\"null\"}]}}}";

/* All good, and bad in many ways. */
static const char *const documents[] = {
    "{\"\\u0061\":\"w\\u006f\",\"b\":{\"\\u0079\":[1.0]},\"c\":[2,5],\"d\":null,\"other\":{\"x\":1,"
    "\"y\":2}}",
    "{\"a\":\"word\",\"c\":[5]}",
    "{\"\\u0061\":\"no "
    "word\",\"b\":{\"z\":[1]},\"c\":[1,4,\"\"],\"d\":\"\\u0040\",\"\\u0065\":{\"f\":[[]]}}",
    "{\"a\":1,\"d\":5}",
    "{\"a\":{\"x\":{\"y\":1,\"y\":2}}}",
};

static const pur_place start = {0, 1, 1};

/* Compiling with one allocation after the other failing, until none does. */
static void compile_without_memory(bool for_good) {
  int failures = 0;
  for (long n = 0;; n++) {
    pur_schema *schema = NULL;
    pur_error error;
    pur_status status;
    bool in_vain;
    long before = blocks;
    fail_after(n, for_good);
    status = pur_schema_compile(schema_text, sizeof schema_text - 1, &schema, &error);
    in_vain = failed;
    stop_failing();
    /* A pattern that cannot be made machine code is interpreted. */
    EXPECT(status == PUR_OK || (in_vain && status == PUR_NO_MEMORY), "allocation %ld: %s", n,
           pur_status_name(status));
    failures += status == PUR_NO_MEMORY;
    pur_schema_destroy(status == PUR_OK ? schema : NULL);
    EXPECT(blocks == before, "allocation %ld: %ld blocks leak", n, blocks - before);
    if (!in_vain) break;
  }
  EXPECT(failures > 10, "%d failures", failures);
}

static pur_status check(const pur_schema *schema, pur_schema_run *run, const char *document,
                        size_t *total) {
  pur_issues issues;
  pur_error error;
  pur_status status;
  pur_issues_init(&issues);
  status = pur_schema_check(schema, run, document, strlen(document), &start, &issues, &error);
  *total = issues.total;
  pur_issues_free(&issues);
  return status;
}

static void check_without_memory(const pur_schema *schema, const char *document, bool for_good) {
  for (long n = 0;; n++) {
    pur_schema_run *run;
    pur_status status = PUR_NO_MEMORY, wanted;
    size_t total, wanted_total;
    bool in_vain;
    long before = blocks;
    fail_after(n, for_good);
    run = pur_schema_run_new();
    if (run != NULL) status = check(schema, run, document, &total);
    in_vain = failed;
    stop_failing();
    EXPECT((status == PUR_NO_MEMORY) == in_vain, "%s, allocation %ld: %s", document, n,
           pur_status_name(status));
    if (run == NULL) run = pur_schema_run_new();
    wanted = check(schema, run, document, &wanted_total);
    EXPECT(in_vain || (status == wanted && total == wanted_total), "%s: %s", document,
           pur_status_name(status));
    pur_schema_run_destroy(run);
    EXPECT(blocks == before, "allocation %ld: %ld blocks leak", n, blocks - before);
    if (!in_vain) return;
  }
}

/* A good document after others like it: no allocation at all. */
static void check_at_no_cost(const pur_schema *schema, pur_schema_run *run) {
  size_t total;
  EXPECT(check(schema, run, documents[0], &total) == PUR_OK, "%zu issues", total);
  fail_after(0, true);
  EXPECT(check(schema, run, documents[0], &total) == PUR_OK, "%zu issues", total);
  EXPECT(!failed, "something was allocated");
  stop_failing();
}

int main(void) {
  pur_schema *schema;
  pur_schema_run *run;
  pur_error error;
  compile_without_memory(false);
  compile_without_memory(true);
  if (pur_schema_compile(schema_text, sizeof schema_text - 1, &schema, &error) != PUR_OK) abort();
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    check_without_memory(schema, documents[i], false);
    check_without_memory(schema, documents[i], true);
  }
  run = pur_schema_run_new();
  check_at_no_cost(schema, run);
  pur_schema_run_destroy(run);
  pur_schema_destroy(schema);
  EXPECT(blocks == 0, "%ld blocks are still in use", blocks);
  return test_result();
}

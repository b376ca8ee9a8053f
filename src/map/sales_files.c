#include "map/sales_files.h"

#include <stdlib.h>
#include <string.h>

#include "map/sales_rows.h"

#define LINE_BITS 40
#define LINE_MASK ((UINT64_C(1) << LINE_BITS) - 1)
#define NAME_SHOWN 80 /* bytes of a file's name that a message shows */

struct pur_sales_files {
  size_t references;
  uint64_t count;
  pur_buffer names; /* each with a zero behind it */
  pur_key_file keys;
};

pur_status pur_sales_member_join(pur_sales_member *member, const pur_sales_member *before,
                                 const char *name, pur_error *error) {
  pur_sales_files *files = before != NULL ? before->all : NULL;
  pur_sales_member_leave(member);
  if (files == NULL) {
    files = calloc(1, sizeof *files);
    if (files == NULL) return pur_error_no_memory(error);
    pur_key_file_init(&files->keys);
  }
  files->references++;
  *member = (pur_sales_member){.all = files, .number = files->count++};
  pur_buffer_append(&files->names, name, strlen(name) + 1);
  return pur_buffer_check(&files->names, error);
}

void pur_sales_member_leave(pur_sales_member *member) {
  pur_sales_files *files = member->all;
  member->all = NULL;
  if (files == NULL || --files->references > 0) return;
  pur_buffer_free(&files->names);
  pur_key_file_free(&files->keys);
  free(files);
}

pur_status pur_sales_member_note(pur_sales_member *member, uint64_t hash, const char *key,
                                 size_t length, uint64_t line, pur_error *error) {
  uint64_t before = 0;
  char shown[PUR_FILE_KEY + 4]; /* and what may be the rest of a letter */
  pur_status status;
  if (member->all == NULL) return PUR_OK;
  status = pur_key_file_note(&member->all->keys, hash,
                             member->number << LINE_BITS | (line & LINE_MASK), &before, error);
  if (status != PUR_OK || before == 0 || before >> LINE_BITS == member->number) return status;
  if (member->repeats++ > 0) return PUR_OK;
  member->line = line;
  member->before = before;
  if (length > sizeof shown) length = sizeof shown;
  memcpy(shown, key, length);
  pur_sales_key_show(shown, length);
  pur_issue_quote(shown, length, member->key, sizeof member->key);
  return PUR_OK;
}

pur_status pur_sales_member_judge(const pur_sales_member *member, const char *column,
                                  pur_error *error) {
  char more[40] = "", name[NAME_SHOWN];
  const char *at;
  if (member->repeats == 0) return PUR_OK;
  at = member->all->names.data;
  for (uint64_t i = member->before >> LINE_BITS; i > 0; i--) at += strlen(at) + 1;
  pur_issue_quote(at, strlen(at), name, sizeof name);
  if (member->repeats > 1)
    (void)snprintf(more, sizeof more, " (and %llu more so)",
                   (unsigned long long)(member->repeats - 1));
  return pur_error_set(error, PUR_DUPLICATE_KEY, 0,
                       "%s %s stands here at line %llu and in %s at line %llu%s: the rows of a "
                       "purchase must stand in one file",
                       column, member->key, (unsigned long long)member->line, name,
                       (unsigned long long)(member->before & LINE_MASK), more);
}

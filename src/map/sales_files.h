/* Several files of one upload: a purchase whose rows stand in two of them would be sent in parts.
 * Private to map/. */
#ifndef PURCHASES_MAP_SALES_FILES_H
#define PURCHASES_MAP_SALES_FILES_H

#include "base/buffer.h"
#include "map/key_file.h"

#define PUR_FILE_KEY 40 /* bytes of a key that a message shows */

typedef struct pur_sales_files pur_sales_files; /* all of them; each member keeps it */

/* One of them. */
typedef struct pur_sales_member {
  pur_sales_files *all; /* NULL: it is alone */
  uint64_t number;      /* from 0 */

  /* Keys that stand in files before it, too; of the first one: */
  uint64_t repeats;
  uint64_t line;
  uint64_t before; /* the same line there, and above it the file's number */
  char key[PUR_FILE_KEY];
} pur_sales_member;

/* Makes a member, all zeros, the next one behind another, or the first: NULL. `name` is for
 * messages. PUR_NO_MEMORY. pur_sales_member_leave ends it. */
pur_status pur_sales_member_join(pur_sales_member *member, const pur_sales_member *before,
                                 const char *name, pur_error *error);
void pur_sales_member_leave(pur_sales_member *member);

/* Notes a key with its hash and first line. Errors of pur_key_file_note. */
pur_status pur_sales_member_note(pur_sales_member *member, uint64_t hash, const char *key,
                                 size_t length, uint64_t line, pur_error *error);

/* PUR_DUPLICATE_KEY: some stand in files before it, too. `column` is what keys are called. */
pur_status pur_sales_member_judge(const pur_sales_member *member, const char *column,
                                  pur_error *error);

#endif

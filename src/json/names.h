/* The names of the objects that are open while a text is scanned, to refuse one that comes twice.
 *
 * A stack, since objects close in the reverse of the order in which they open: what an object's
 * names need is given back when it closes. No input makes it slow: few names are compared one by
 * one, many stand in sorted runs. */
#ifndef PURCHASES_JSON_NAMES_H
#define PURCHASES_JSON_NAMES_H

#include <stdbool.h>

#include "base/buffer.h"

typedef struct pur_json_names {
  const char *text; /* the text that is scanned: names without escapes stay in it */
  size_t length;
  pur_buffer objects;
  pur_buffer names;
  pur_buffer unescaped;
  pur_buffer merged;
} pur_json_names;

/* No object is open. The text must outlive the names, which are zeros at first and keep their
 * memory for the next text. pur_json_names_free ends them. */
void pur_json_names_restart(pur_json_names *names, const char *text, size_t length);
void pur_json_names_free(pur_json_names *names);

/* An object begins: PUR_OK or PUR_NO_MEMORY. */
pur_status pur_json_names_open(pur_json_names *names);

/* The innermost object has the name of `length` bytes that starts at byte `start` of the text;
 * `escaped` when there are (valid) escapes in it. PUR_OK, PUR_DUPLICATE_KEY or PUR_NO_MEMORY. */
pur_status pur_json_names_add(pur_json_names *names, size_t start, size_t length, bool escaped);

/* The innermost object ends. */
void pur_json_names_close(pur_json_names *names);

#endif

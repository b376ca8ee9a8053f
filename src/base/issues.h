/* The issues of an input, counted in full and kept up to a limit, in the order of its rows. */
#ifndef PURCHASES_BASE_ISSUES_H
#define PURCHASES_BASE_ISSUES_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"

#define PUR_ISSUES_KEPT 1000

/* The place of a row. `index` counts purchase items from 0, as the API does; line and column count
 * from 1 and are 0 where the rows come from no text. */
typedef struct pur_place {
  size_t index;
  size_t line;
  size_t column;
} pur_place;

typedef struct pur_issue {
  pur_place place;
  const char *field; /* "datetime", "purchase", or NULL: static; see pur_issue_field */
  size_t pointer;    /* of a JSON Pointer: one more than where it starts in `pointers` */
  size_t pointer_length;
  const char *code;               /* stable, static */
  size_t file;                    /* of several that are read as one: its number, from 0 */
  size_t count;                   /* of rows with the same cause, the first of which is the place */
  size_t marked;                  /* the count when it was noted; see pur_cause_mark */
  uint32_t cause;                 /* tells causes of one code apart; see map/cause.h */
  char message[PUR_MESSAGE_SIZE]; /* in the API's own wording where it has one */
  char detail[PUR_MESSAGE_SIZE];  /* what exactly is wrong, for people; may be empty */
} pur_issue;

typedef struct pur_issues {
  pur_buffer kept; /* the first PUR_ISSUES_KEPT, as pur_issue, by their rows' index */
  pur_buffer pointers;
  size_t count;   /* how many are kept */
  size_t total;   /* how many there are */
  pur_place stop; /* where the reading had to end; line 0: nowhere in particular */
} pur_issues;

void pur_issues_init(pur_issues *issues);
void pur_issues_free(pur_issues *issues);

/* Counts an issue, with a message in printf's format, and returns it for its detail and pointer to
 * be set before the next call, or NULL when it is only counted. A lack of memory sticks in
 * `kept.status`. */
pur_issue *pur_issues_add(pur_issues *issues, const pur_place *place, const char *field,
                          const char *code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Writes an issue's detail as printf does; NULL: nothing. */
#define pur_issue_explain(issue, ...)                                                              \
  ((issue) != NULL ? (void)snprintf((issue)->detail, sizeof(issue)->detail, __VA_ARGS__) : (void)0)

const pur_issue *pur_issues_get(const pur_issues *issues, size_t index);

/* Gives an issue a JSON Pointer (RFC 6901) for its field: a copy of its bytes, which may hold NULs.
 */
void pur_issue_set_pointer(pur_issues *issues, pur_issue *issue, const char *pointer,
                           size_t length);

/* The field or JSON Pointer that an issue is about; NULL: the whole row. */
const char *pur_issue_field(const pur_issues *issues, const pur_issue *issue, size_t *length);

/* Turns the places that are offsets into a text (line 0, column the offset) into lines and columns,
 * from the kept issue `first` on. The text begins at line `start->line`, column `start->column`. */
void pur_issues_locate(pur_issues *issues, size_t first, const char *text, size_t length,
                       const pur_place *start);

/* Copies as much of a text as `size` bytes hold, NUL included, for a message: as UTF-8, with `?`
 * for wrong bytes and control characters. */
void pur_issue_quote(const char *text, size_t length, char *out, size_t size);

#endif

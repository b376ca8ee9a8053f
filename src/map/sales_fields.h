/* One purchase that is being put together of its rows. Private to map/. */
#ifndef PURCHASES_MAP_SALES_FIELDS_H
#define PURCHASES_MAP_SALES_FIELDS_H

#include "map/sales_rows.h"

#define PUR_FIELD_SHOWN 40 /* bytes of a value that a message shows */

/* A field of the purchase that comes of cells. */
typedef struct pur_field {
  const pur_rule *rule;
  size_t column; /* the only one that it comes of, once the columns are known; SIZE_MAX: none */
  size_t start, length; /* of what it says, JSON in `values`; length 0: no row has said anything */
  size_t raw, raw_length; /* of the cell that said it, there too: the same bytes say the same */
  uint64_t line;          /* where it stood */
  bool is_wrong;          /* told already */
  pur_rule_sum sum;

  /* Of numbers, in the first of two readings. */
  bool differs;       /* within this purchase */
  uint64_t purchases; /* within which it differs */
  uint64_t lines[2];  /* where it did first */
  pur_place place;    /* the second cell's */
  char shown[2][PUR_FIELD_SHOWN];
} pur_field;

typedef struct pur_fields {
  pur_sales_rows *rows;
  pur_field *fields; /* in the order of their rules */
  size_t count;
  pur_buffer values;
  pur_buffer scratch;
  pur_buffer items; /* as JSON, with commas between */
  pur_buffer text;  /* the purchase */
  size_t row_count;
  bool is_long;      /* too long: not written on */
  pur_issues issues; /* all that is wrong with the purchase */

  /* What functions made, as JSON, of the purchase and of its items, each in the order of the rules;
   * each is a pur_answer and its bytes. */
  pur_buffer answers[2];
  size_t taken[2]; /* bytes of these that have been used */
} pur_fields;

/* Functions' answers are of the purchase or of its items. */
typedef enum pur_answer_of { PUR_ANSWER_PURCHASE, PUR_ANSWER_ITEM } pur_answer_of;

/* For the rows of a map; borrowed. PUR_NO_MEMORY. pur_fields_free ends it. */
pur_status pur_fields_init(pur_fields *fields, pur_sales_rows *rows, pur_error *error);
void pur_fields_free(pur_fields *fields);

/* To be called when the rows' columns are known. */
void pur_fields_bind(pur_fields *fields);

/* Begins a purchase. */
void pur_fields_begin(pur_fields *fields);

/* Takes the current row; what is wrong with it becomes an issue. */
void pur_fields_take(pur_fields *fields);

/* Of the current row, holds the numbers alone against those of the purchase's rows before: for the
 * first reading. */
void pur_fields_compare(pur_fields *fields);

/* Writes the purchase into `text`, unless there are issues. PUR_NO_MEMORY, also of any call before.
 */
pur_status pur_fields_end(pur_fields *fields, pur_error *error);

/* Adds what a function made: JSON, or nothing (NULL). */
void pur_fields_answer(pur_fields *fields, pur_answer_of of, const char *text, size_t length);

#endif

/* One spelling for each JSON value: private to the schema folder. */
#ifndef PURCHASES_SCHEMA_CANONICAL_H
#define PURCHASES_SCHEMA_CANONICAL_H

#include "base/text.h"
#include "json/json.h"

/* Memory for the work, kept from call to call: zeros at first. */
typedef struct pur_canonical {
  pur_json_scanner scanner;
  pur_buffer text;
  pur_buffer members;
  pur_buffer unescaped;
} pur_canonical;

/* The order of canonical texts, pur_text, for qsort and bsearch. */
int pur_canonical_compare(const void *a, const void *b);

void pur_canonical_free(pur_canonical *canonical);

/* Writes a value that is known to be valid into `canonical->text`, which is emptied before: equal
 * values, and only these, give equal bytes. Members are sorted, numbers stand without zeros at
 * their ends, and strings with no escapes but those that must be. PUR_OK or PUR_NO_MEMORY. */
pur_status pur_canonical_write(pur_canonical *canonical, const char *text, size_t length);

#endif

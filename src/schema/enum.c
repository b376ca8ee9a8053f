/* The values of an enum. */
#include <stdlib.h>

#include "schema/drafts.h"

#define VALUES 60000 /* the most that an enum can have */

static pur_status take_value(pur_compiler *compiler, size_t item, pur_text *text) {
  const pur_buffer *canonical = &compiler->canonical.text;
  pur_text value = pur_compiler_value(compiler, item);
  if (pur_canonical_write(&compiler->canonical, value.text, value.length) != PUR_OK)
    return pur_error_no_memory(compiler->error);
  return pur_compiler_keep(compiler, canonical->data, canonical->length, text);
}

pur_status pur_compile_enum(pur_compiler *compiler, const pur_draft *draft) {
  size_t list = draft->at[PUR_KEYWORD_ENUM], at = pur_tape_first(list), count;
  pur_enum *values;
  pur_status status;
  if (!pur_draft_has(draft, PUR_KEYWORD_ENUM)) return PUR_OK;
  count = pur_compiler_count(compiler, list);
  if (count == 0 || count > VALUES)
    return pur_compiler_fail(compiler, list, "\"enum\" must have 1 to %d values", VALUES);
  values = pur_compiler_new(compiler, 1, sizeof *values);
  if (values == NULL) return PUR_NO_MEMORY;
  values->count = count;
  values->values = pur_compiler_new(compiler, count, sizeof *values->values);
  if (values->values == NULL) return PUR_NO_MEMORY;
  draft->node->values = values;
  status = pur_compiler_slice(compiler, list, &values->text);
  for (size_t i = 0; status == PUR_OK && i < count; i++, at = pur_tape_next(&compiler->tape, at))
    status = take_value(compiler, at, &values->values[i]);
  if (status == PUR_OK) qsort(values->values, count, sizeof *values->values, pur_canonical_compare);
  return status;
}

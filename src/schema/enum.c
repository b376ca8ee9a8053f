/* The values of an enum, sorted by what they are. */
#include <string.h>

#include "schema/drafts.h"

/* Texts on their way into a set of names. */
typedef struct texts {
  pur_text *list;
  size_t count;
} texts;

static pur_status take_canonical(pur_compiler *compiler, size_t item, pur_text *text) {
  const pur_buffer *canonical = &compiler->canonical.text;
  pur_text value = pur_compiler_value(compiler, item);
  char *copy;
  if (pur_canonical_write(&compiler->canonical, value.text, value.length) != PUR_OK)
    return pur_error_no_memory(compiler->error);
  copy = pur_compiler_new(compiler, canonical->length, 1);
  if (copy == NULL) return PUR_NO_MEMORY;
  memcpy(copy, canonical->data, canonical->length);
  *text = (pur_text){copy, canonical->length};
  return PUR_OK;
}

static pur_status take_value(pur_compiler *compiler, size_t item, pur_enum *values,
                             pur_decimal *numbers, texts *strings, texts *others) {
  pur_json_kind kind = pur_tape_kind(&compiler->tape, item);
  pur_text text;
  pur_status status;
  switch (kind) {
  case PUR_JSON_STRING:
    return pur_compiler_text(compiler, item, &strings->list[strings->count++]);
  case PUR_JSON_NUMBER:
    status = pur_compiler_slice(compiler, item, &text);
    if (status == PUR_OK)
      numbers[values->number_count++] = pur_decimal_read(text.text, text.length);
    return status;
  case PUR_JSON_OBJECT_BEGIN:
  case PUR_JSON_ARRAY_BEGIN:
    return take_canonical(compiler, item, &others->list[others->count++]);
  default:
    values->kinds |= PUR_KIND_BIT(kind);
    return PUR_OK;
  }
}

pur_status pur_compile_enum(pur_compiler *compiler, const pur_draft *draft) {
  pur_arena *arena = &compiler->schema->arena;
  size_t list = draft->at[PUR_KEYWORD_ENUM], count;
  texts strings = {0}, others = {0};
  pur_enum *values;
  pur_decimal *numbers;
  pur_status status;
  if (!pur_draft_has(draft, PUR_KEYWORD_ENUM)) return PUR_OK;
  count = pur_compiler_count(compiler, list);
  if (count == 0 || count > PUR_SCHEMA_NAMES)
    return pur_compiler_fail(compiler, list, "\"enum\" must have 1 to %d values", PUR_SCHEMA_NAMES);
  values = pur_compiler_new(compiler, 1, sizeof *values);
  strings.list = pur_compiler_new(compiler, count, sizeof *strings.list);
  others.list = pur_compiler_new(compiler, count, sizeof *others.list);
  numbers = pur_compiler_new(compiler, count, sizeof *numbers);
  if (values == NULL || strings.list == NULL || others.list == NULL || numbers == NULL)
    return PUR_NO_MEMORY;
  draft->node->values = values;
  values->numbers = numbers;
  status = pur_compiler_slice(compiler, list, &values->text);
  for (size_t at = pur_tape_first(list); status == PUR_OK && !pur_tape_is_end(&compiler->tape, at);
       at = pur_tape_next(&compiler->tape, at))
    status = take_value(compiler, at, values, numbers, &strings, &others);
  if (status != PUR_OK) return status;
  if (pur_schema_names_make(&values->strings, strings.list, strings.count, arena) != PUR_OK ||
      pur_schema_names_make(&values->others, others.list, others.count, arena) != PUR_OK)
    return pur_error_no_memory(compiler->error);
  return PUR_OK;
}

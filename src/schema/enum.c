/* The values of an enum, sorted by what they are. */
#include <string.h>

#include "schema/drafts.h"

/* Texts on their way into a set of names. */
typedef struct texts {
  pur_text *list;
  size_t count;
} texts;

typedef struct lists {
  texts strings;
  texts others;
  pur_decimal *numbers;
  size_t number_count;
} lists;

static pur_status take_canonical(pur_compiler *compiler, size_t item, pur_text *text) {
  pur_text value = pur_compiler_value(compiler, item);
  char *copy;
  if (pur_canonical_write(&compiler->canonical, value.text, value.length) != PUR_OK)
    return pur_compiler_no_memory(compiler);
  copy = pur_compiler_new(compiler, compiler->canonical.text.length, 1);
  if (copy == NULL) return pur_compiler_no_memory(compiler);
  memcpy(copy, compiler->canonical.text.data, compiler->canonical.text.length);
  *text = (pur_text){copy, compiler->canonical.text.length};
  return PUR_OK;
}

static pur_status take_number(pur_compiler *compiler, size_t item, lists *to) {
  pur_text text;
  pur_status status = pur_compiler_slice(compiler, item, &text);
  if (status == PUR_OK) to->numbers[to->number_count++] = pur_decimal_read(text.text, text.length);
  return status;
}

static pur_status take_value(pur_compiler *compiler, size_t item, pur_enum *values, lists *to) {
  pur_json_kind kind = pur_tape_kind(&compiler->tape, item);
  switch (kind) {
  case PUR_JSON_STRING:
    return pur_compiler_text(compiler, item, &to->strings.list[to->strings.count++]);
  case PUR_JSON_NUMBER:
    return take_number(compiler, item, to);
  case PUR_JSON_OBJECT_BEGIN:
  case PUR_JSON_ARRAY_BEGIN:
    return take_canonical(compiler, item, &to->others.list[to->others.count++]);
  default:
    values->kinds |= PUR_KIND_BIT(kind);
    return PUR_OK;
  }
}

static pur_status take_values(pur_compiler *compiler, size_t list, pur_enum *values, lists *to) {
  size_t at = pur_tape_first(list);
  pur_status status = PUR_OK;
  for (; status == PUR_OK && !pur_tape_is_end(&compiler->tape, at);
       at = pur_tape_next(&compiler->tape, at))
    status = take_value(compiler, at, values, to);
  return status;
}

static pur_status make_sets(pur_compiler *compiler, pur_enum *values, const lists *from) {
  pur_arena *arena = &compiler->schema->arena;
  values->numbers = from->numbers;
  values->number_count = from->number_count;
  if (pur_schema_names_make(&values->strings, from->strings.list, from->strings.count, arena) !=
          PUR_OK ||
      pur_schema_names_make(&values->others, from->others.list, from->others.count, arena) !=
          PUR_OK)
    return pur_compiler_no_memory(compiler);
  return PUR_OK;
}

pur_status pur_compile_enum(pur_compiler *compiler, const pur_draft *draft) {
  size_t list = draft->at[PUR_KEYWORD_ENUM], count;
  pur_enum *values;
  lists to = {0};
  pur_status status;
  if (!pur_draft_has(draft, PUR_KEYWORD_ENUM)) return PUR_OK;
  count = pur_compiler_count(compiler, list);
  if (count == 0 || count > PUR_SCHEMA_NAMES)
    return pur_compiler_fail(compiler, list, "\"enum\" must have 1 to %d values", PUR_SCHEMA_NAMES);
  values = pur_compiler_new(compiler, 1, sizeof *values);
  to.strings.list = pur_compiler_new(compiler, count, sizeof *to.strings.list);
  to.others.list = pur_compiler_new(compiler, count, sizeof *to.others.list);
  to.numbers = pur_compiler_new(compiler, count, sizeof *to.numbers);
  if (values == NULL || to.strings.list == NULL || to.others.list == NULL || to.numbers == NULL)
    return pur_compiler_no_memory(compiler);
  draft->node->values = values;
  status = pur_compiler_slice(compiler, list, &values->text);
  if (status == PUR_OK) status = take_values(compiler, list, values, &to);
  return status == PUR_OK ? make_sets(compiler, values, &to) : status;
}

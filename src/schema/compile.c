#include <stdlib.h>

#include "schema/drafts.h"

#define TEXT_LIMIT 1048576

/* Begins a draft for each definition, since what nothing refers to must be right, too. */
static pur_status compile_definitions(pur_compiler *compiler, const pur_draft *draft) {
  const pur_tape *tape = &compiler->tape;
  size_t at = draft->at[PUR_KEYWORD_DEFINITIONS];
  pur_status status = PUR_OK;
  pur_schema_node *unused;
  if (at == PUR_TAPE_NOWHERE) return PUR_OK;
  for (at = pur_tape_first(at); status == PUR_OK && !pur_tape_is_end(tape, at);
       at = pur_tape_next(tape, at))
    status = pur_compiler_node(compiler, at + 1, &unused);
  return status;
}

/* Compiles the root and, one after the other, the drafts that it and they begin, which makes the
 * drafts move. */
static pur_status compile_text(pur_compiler *compiler, const char *text, size_t length) {
  static pur_status (*const parts[])(pur_compiler *, const pur_draft *) = {
      pur_compile_type,  pur_compile_enum,   pur_compile_number,  pur_compile_string,
      pur_compile_array, pur_compile_object, pur_compile_choices, compile_definitions,
  };
  pur_schema_node *root;
  pur_status status = pur_tape_read(&compiler->tape, text, length, compiler->error);
  if (status != PUR_OK) return status;
  compiler->draft_of =
      calloc(compiler->tape.items.length / sizeof(pur_tape_item), sizeof *compiler->draft_of);
  if (compiler->draft_of == NULL) return pur_error_no_memory(compiler->error);
  status = pur_compiler_node(compiler, 0, &root);
  for (size_t i = 0; status == PUR_OK && i < compiler->drafts.length / sizeof(pur_draft); i++) {
    pur_draft draft = ((const pur_draft *)(const void *)compiler->drafts.data)[i];
    for (size_t part = 0; status == PUR_OK && part < sizeof parts / sizeof *parts; part++)
      status = parts[part](compiler, &draft);
  }
  if (status != PUR_OK) return status;
  compiler->schema->root = root;
  return pur_compile_simpler(compiler);
}

pur_status pur_schema_compile(const char *text, size_t length, pur_schema **schema,
                              pur_error *error) {
  pur_compiler compiler = {.error = error};
  pur_status status;
  if (length > TEXT_LIMIT)
    return pur_error_set(error, PUR_TOO_LARGE, 0, "a schema has at most %d bytes", TEXT_LIMIT);
  compiler.schema = calloc(1, sizeof **schema);
  if (compiler.schema == NULL) return pur_error_no_memory(error);
  status = compile_text(&compiler, text, length);
  pur_tape_free(&compiler.tape);
  pur_buffer_free(&compiler.drafts);
  pur_buffer_free(&compiler.text);
  pur_canonical_free(&compiler.canonical);
  free(compiler.draft_of);
  if (status == PUR_OK)
    *schema = compiler.schema;
  else
    pur_schema_destroy(compiler.schema);
  return status;
}

void pur_schema_destroy(pur_schema *schema) {
  if (schema == NULL) return;
  pur_schema_patterns_destroy(schema->patterns);
  while (schema->memory != NULL) {
    pur_schema_memory *older = schema->memory->older;
    free(schema->memory);
    schema->memory = older;
  }
  free(schema);
}

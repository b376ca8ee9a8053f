/* From a text to a schema, and its anyOf, oneOf and allOf. */
#include <stdlib.h>

#include "schema/drafts.h"

#define TEXT_LIMIT 1048576
#define NESTING 32 /* choices within choices, on one value */

/* The one that comes last is checked first. */
static pur_status compile_choices(pur_compiler *compiler, pur_draft *draft) {
  pur_status status = PUR_OK;
  for (int kind = PUR_ONE_OF; kind >= PUR_ALL_OF && status == PUR_OK; kind--) {
    const pur_item *list = draft->at[PUR_KEYWORD_ALL_OF + kind];
    pur_choice *choice;
    if (list == NULL || draft->alone[kind]) continue;
    choice = pur_compiler_new(compiler, 1, sizeof *choice);
    if (choice == NULL) return PUR_NO_MEMORY;
    choice->kind = (pur_choice_kind)kind;
    choice->keyword = pur_keyword_name(PUR_KEYWORD_ALL_OF + kind);
    choice->next = (pur_choice *)draft->node->choices;
    draft->node->choices = choice;
    status = pur_compiler_nodes(compiler, list, &choice->branches, &choice->count);
  }
  return status;
}

#define UNDER_WAY 255

/* Notes in the node how many choices lie within one another below it, and one more. False when they
 * lead back to themselves, or `depth` and those below are more than NESTING. */
static bool measure(pur_schema_node *node, unsigned depth) {
  unsigned most = 0;
  if (node->nesting == UNDER_WAY || depth > NESTING) return false;
  if (node->nesting != 0) return depth + node->nesting <= NESTING + 1;
  node->nesting = UNDER_WAY;
  for (const pur_choice *choice = node->choices; choice != NULL; choice = choice->next) {
    for (size_t i = 0; i < choice->count; i++) {
      if (!measure(choice->branches[i], depth + 1)) return false;
      if (choice->branches[i]->nesting > most) most = choice->branches[i]->nesting;
    }
  }
  node->nesting = (unsigned char)(most + 1);
  return true;
}

/* Returns the one choice that is all the draft says; NULL: it says more, or something else. */
static const pur_choice *only_choice(const pur_draft *draft) {
  const pur_choice *choice = draft->node->choices;
  if (choice == NULL || choice->next != NULL || choice->kind == PUR_ALL_OF) return NULL;
  if (pur_draft_has_any(draft, PUR_KEYWORD_TYPE, PUR_KEYWORD_ALL_OF)) return NULL;
  return draft->node->object == NULL ? choice : NULL;
}

/* Lets a value's kind decide which branch it must fit, where no two branches let in values of the
 * same kind. */
static pur_status simplify(pur_compiler *compiler, pur_schema_node *node,
                           const pur_choice *choice) {
  const pur_schema_node **by_kind = pur_compiler_new(compiler, PUR_JSON_NULL + 1, sizeof *by_kind);
  unsigned kinds = 0;
  unsigned char types = 0;
  if (by_kind == NULL) return PUR_NO_MEMORY;
  for (size_t i = 0; i < choice->count; i++) {
    const pur_schema_node *branch = choice->branches[i];
    if ((branch->kinds & kinds) != 0) return PUR_OK;
    kinds |= branch->kinds;
    types |= branch->types;
    for (unsigned kind = 0; kind <= PUR_JSON_NULL; kind++)
      if ((branch->kinds & PUR_KIND_BIT(kind)) != 0) by_kind[kind] = branch;
  }
  node->by_kind = by_kind;
  node->keyword = choice->keyword;
  node->types = types;
  node->kinds = kinds;
  node->choices = NULL;
  return PUR_OK;
}

/* Lets a value's kind decide the choices that it can, so that the value is not read again, and
 * notes what needs no further look. */
static pur_status compile_simpler(pur_compiler *compiler) {
  for (const pur_draft *draft = compiler->first; draft != NULL; draft = draft->next)
    if (!measure(draft->node, 0))
      return pur_compiler_fail(compiler, draft->item,
                               "allOf, anyOf and oneOf lead back to themselves or lie more than %d "
                               "deep in one another",
                               NESTING);
  for (const pur_draft *draft = compiler->first; draft != NULL; draft = draft->next) {
    pur_schema_node *node = draft->node;
    const pur_choice *choice = only_choice(draft);
    pur_status status = choice != NULL ? simplify(compiler, node, choice) : PUR_OK;
    if (status != PUR_OK) return status;
    if (node->values != NULL || node->choices != NULL || node->by_kind != NULL) continue;
    node->plain = node->kinds;
    if (node->string != NULL) node->plain &= ~PUR_KIND_BIT(PUR_JSON_STRING);
    if (node->number != NULL || node->whole) node->plain &= ~PUR_KIND_BIT(PUR_JSON_NUMBER);
  }
  return PUR_OK;
}

/* All of it */

/* Begins a draft for each definition, since what nothing refers to must be right, too. */
static pur_status compile_definitions(pur_compiler *compiler, pur_draft *draft) {
  const pur_item *definitions = draft->at[PUR_KEYWORD_DEFINITIONS];
  pur_item *item = definitions != NULL ? definitions->first : NULL;
  pur_status status = PUR_OK;
  pur_draft *unused;
  for (; status == PUR_OK && item != NULL; item = item->next)
    status = pur_compiler_draft(compiler, item, &unused);
  return status;
}

/* Compiles the root and, one after the other, the drafts that it and they begin. */
static pur_status compile_text(pur_compiler *compiler, const char *text, size_t length) {
  static pur_status (*const parts[])(pur_compiler *, pur_draft *) = {
      pur_compile_type,  pur_compile_enum,   pur_compile_number, pur_compile_string,
      pur_compile_array, pur_compile_object, compile_choices,    compile_definitions,
  };
  pur_schema_node *root;
  pur_status status =
      pur_items_read(text, length, &compiler->arena, &compiler->root, compiler->error);
  if (status == PUR_OK) status = pur_compiler_node(compiler, compiler->root, &root);
  for (pur_draft *draft = compiler->first; status == PUR_OK && draft != NULL; draft = draft->next)
    for (size_t part = 0; status == PUR_OK && part < sizeof parts / sizeof *parts; part++)
      status = parts[part](compiler, draft);
  if (status != PUR_OK) return status;
  compiler->schema->root = root;
  return compile_simpler(compiler);
}

pur_status pur_schema_compile(const char *text, size_t length, pur_schema **schema,
                              pur_error *error) {
  pur_compiler compiler = {.next = &compiler.first, .error = error};
  pur_status status;
  if (length > TEXT_LIMIT)
    return pur_error_set(error, PUR_TOO_LARGE, 0, "a schema has at most %d bytes", TEXT_LIMIT);
  compiler.schema = calloc(1, sizeof **schema);
  if (compiler.schema == NULL) return pur_error_no_memory(error);
  status = compile_text(&compiler, text, length);
  pur_arena_free(&compiler.arena);
  pur_buffer_free(&compiler.text);
  pur_buffer_free(&compiler.step);
  pur_canonical_free(&compiler.canonical);
  if (status == PUR_OK)
    *schema = compiler.schema;
  else
    pur_schema_destroy(compiler.schema);
  return status;
}

void pur_schema_destroy(pur_schema *schema) {
  if (schema == NULL) return;
  pur_schema_patterns_destroy(schema->patterns);
  pur_arena_free(&schema->memory);
  free(schema);
}

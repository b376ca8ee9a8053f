/* anyOf, oneOf and allOf. */
#include "schema/drafts.h"

#define NESTING 32 /* choices within choices, on one value */

/* The one that comes last is checked first. */
pur_status pur_compile_choices(pur_compiler *compiler, const pur_draft *draft) {
  for (int kind = PUR_ONE_OF; kind >= PUR_ALL_OF; kind--) {
    pur_keyword keyword = (pur_keyword)(PUR_KEYWORD_ALL_OF + kind);
    pur_choice *choice;
    bool alone;
    pur_status status = pur_compiler_required_alone(compiler, draft, keyword, &alone);
    if (status == PUR_OK && !alone && pur_draft_has(draft, keyword)) {
      choice = pur_compiler_new(compiler, 1, sizeof *choice);
      if (choice == NULL) return PUR_NO_MEMORY;
      choice->kind = (pur_choice_kind)kind;
      choice->keyword = pur_keyword_name(keyword);
      choice->next = (pur_choice *)draft->node->choices;
      draft->node->choices = choice;
      status = pur_compiler_nodes(compiler, draft->at[keyword], &choice->branches, &choice->count);
    }
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
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

pur_status pur_compile_simpler(pur_compiler *compiler) {
  const pur_draft *drafts = (const pur_draft *)(const void *)compiler->drafts.data;
  size_t count = compiler->drafts.length / sizeof *drafts;
  for (size_t i = 0; i < count; i++)
    if (!measure(drafts[i].node, 0))
      return pur_compiler_fail(compiler, drafts[i].item,
                               "allOf, anyOf and oneOf lead back to themselves or lie more than %d "
                               "deep in one another",
                               NESTING);
  for (size_t i = 0; i < count; i++) {
    pur_schema_node *node = drafts[i].node;
    const pur_choice *choice = only_choice(&drafts[i]);
    pur_status status = choice != NULL ? simplify(compiler, node, choice) : PUR_OK;
    if (status != PUR_OK) return status;
    if (node->values != NULL || node->choices != NULL || node->by_kind != NULL) continue;
    node->plain = node->kinds;
    if (node->string != NULL) node->plain &= ~PUR_KIND_BIT(PUR_JSON_STRING);
    if (node->number != NULL || node->whole) node->plain &= ~PUR_KIND_BIT(PUR_JSON_NUMBER);
  }
  return PUR_OK;
}

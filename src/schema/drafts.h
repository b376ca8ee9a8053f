/* The drafts of a schema under way to its rules: private to the files that compile.
 *
 *     text → tape → drafts, one for each schema in it → rules → simple choices resolved
 *
 * Each draft knows where its keywords stand on the tape; the parts below make rules of them, one
 * file for each kind of rule. */
#ifndef PURCHASES_SCHEMA_DRAFTS_H
#define PURCHASES_SCHEMA_DRAFTS_H

#include "schema/canonical.h"
#include "schema/node.h"
#include "schema/tape.h"

typedef enum pur_keyword {
  PUR_KEYWORD_TYPE,
  PUR_KEYWORD_ENUM,
  PUR_KEYWORD_REQUIRED,
  PUR_KEYWORD_PROPERTIES,
  PUR_KEYWORD_ADDITIONAL_PROPERTIES,
  PUR_KEYWORD_ITEMS,
  PUR_KEYWORD_MIN_ITEMS,
  PUR_KEYWORD_MAX_ITEMS,
  PUR_KEYWORD_MIN_LENGTH,
  PUR_KEYWORD_MAX_LENGTH,
  PUR_KEYWORD_PATTERN,
  PUR_KEYWORD_FORMAT,
  PUR_KEYWORD_MINIMUM,
  PUR_KEYWORD_MAXIMUM,
  PUR_KEYWORD_EXCLUSIVE_MINIMUM,
  PUR_KEYWORD_EXCLUSIVE_MAXIMUM,
  PUR_KEYWORD_MULTIPLE_OF,
  PUR_KEYWORD_ALL_OF,
  PUR_KEYWORD_ANY_OF,
  PUR_KEYWORD_ONE_OF,
  PUR_KEYWORD_RULES, /* those above are rules */
  PUR_KEYWORD_DEFINITIONS = PUR_KEYWORD_RULES,
  PUR_KEYWORD_SCHEMA,
  PUR_KEYWORD_ID,
  PUR_KEYWORD_TITLE,
  PUR_KEYWORD_DESCRIPTION,
  PUR_KEYWORD_DEFAULT,
  PUR_KEYWORD_COUNT
} pur_keyword;

typedef struct pur_draft {
  pur_schema_node *node;
  size_t item;
  size_t at[PUR_KEYWORD_COUNT]; /* of each keyword's value; PUR_TAPE_NOWHERE: not there */
} pur_draft;

typedef struct pur_compiler {
  pur_schema *schema;
  pur_tape tape;
  pur_buffer drafts;  /* pur_draft */
  uint32_t *draft_of; /* by item: the number of its draft, from 1 */
  pur_canonical canonical;
  pur_buffer text; /* scratch */
  pur_error *error;
} pur_compiler;

/* Refuses an item with a message, which gets its JSON Pointer. Returns PUR_INVALID_SCHEMA. */
pur_status pur_compiler_fail(pur_compiler *compiler, size_t item, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Memory for `count` things of `size` bytes, all zeros, for as long as the schema lives; NULL: out
 * of memory, and the error says so. */
void *pur_compiler_new(pur_compiler *compiler, size_t count, size_t size);

/* Copies a text, for as long as the schema lives. */
pur_status pur_compiler_keep(pur_compiler *compiler, const char *text, size_t length,
                             pur_text *kept);

/* A key's or string's own text, without escapes, which stands in compiler->text until that is used
 * again. */
pur_status pur_compiler_unescape(pur_compiler *compiler, size_t item, pur_text *text);

/* The same, for as long as the schema lives. */
pur_status pur_compiler_text(pur_compiler *compiler, size_t item, pur_text *text);

/* The bytes of a whole value, as the schema has them. */
pur_text pur_compiler_value(const pur_compiler *compiler, size_t item);

/* The same, for as long as the schema lives. */
pur_status pur_compiler_slice(pur_compiler *compiler, size_t item, pur_text *text);

/* The draft of the schema at an item, behind all of its $ref, which is begun if there is none yet.
 * Good until the next one is begun. */
pur_status pur_compiler_draft(pur_compiler *compiler, size_t item, const pur_draft **draft);

/* The same, its node only. */
pur_status pur_compiler_node(pur_compiler *compiler, size_t item, pur_schema_node **node);

/* The nodes of a list of schemas, one at least. */
pur_status pur_compiler_nodes(pur_compiler *compiler, size_t list, pur_schema_node ***nodes,
                              size_t *count);

/* The number of keys or elements in a container. */
size_t pur_compiler_count(const pur_compiler *compiler, size_t container);

/* The parts. Each makes its rules from a draft; a keyword that is not there makes none. */
pur_status pur_compile_type(pur_compiler *compiler, const pur_draft *draft);
pur_status pur_compile_enum(pur_compiler *compiler, const pur_draft *draft);
pur_status pur_compile_number(pur_compiler *compiler, const pur_draft *draft);
pur_status pur_compile_string(pur_compiler *compiler, const pur_draft *draft);
pur_status pur_compile_array(pur_compiler *compiler, const pur_draft *draft);
pur_status pur_compile_object(pur_compiler *compiler, const pur_draft *draft);
pur_status pur_compile_choices(pur_compiler *compiler, const pur_draft *draft);

/* Tells whether a choice consists of nothing but `required`: then it is part of the object's rule.
 */
pur_status pur_compiler_required_alone(pur_compiler *compiler, const pur_draft *draft,
                                       pur_keyword keyword, bool *alone);

/* To be called when all drafts are compiled: lets a value's kind decide the choices that it can, so
 * that the value is not read again. Refuses choices that lead back to themselves. */
pur_status pur_compile_simpler(pur_compiler *compiler);

static inline bool pur_draft_has(const pur_draft *draft, pur_keyword keyword) {
  return draft->at[keyword] != PUR_TAPE_NOWHERE;
}

#endif

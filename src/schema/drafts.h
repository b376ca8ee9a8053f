/* The drafts of a schema under way to its rules: private to the files that compile.
 *
 *     text → items → drafts, one for each schema in it → rules → simple choices resolved
 *
 * Each draft knows where its keywords stand; the parts below make rules of them, one file for each
 * kind of rule. */
#ifndef PURCHASES_SCHEMA_DRAFTS_H
#define PURCHASES_SCHEMA_DRAFTS_H

#include "map/node.h"
#include "schema/node.h"

struct pur_draft;

/* A value in the schema's JSON. */
typedef struct pur_item {
  pur_json_token key;   /* of an object's member; `text` NULL: it is none */
  pur_json_token token; /* the value's first */
  pur_text json;        /* the whole value */
  size_t count;         /* of members or elements */
  size_t number;        /* of an element, from 0 */
  struct pur_item *up, *first, *next;
  struct pur_draft *draft; /* of the schema that it is; NULL: none yet */
} pur_item;

/* Reads a whole document into items that live as long as the arena and the text. Errors as
 * pur_json_next. */
pur_status pur_items_read(const char *text, size_t length, pur_arena *arena, pur_item **root,
                          pur_error *error);

/* The item that a JSON Pointer leads to; NULL: to none, or no memory, as `step`, scratch, says. */
pur_item *pur_item_find(pur_item *root, pur_text pointer, pur_buffer *step);

/* Appends the JSON Pointer of an item. */
void pur_item_pointer(const pur_item *item, pur_buffer *out);

/* Every keyword: its name, the kind of its value (KEY: its part looks itself), and what that must
 * be. Those from definitions on are no rules. */
#define PUR_KEYWORDS(KEYWORD)                                                                      \
  KEYWORD(PUR_KEYWORD_TYPE, "type", PUR_JSON_KEY, NULL)                                            \
  KEYWORD(PUR_KEYWORD_ENUM, "enum", PUR_JSON_ARRAY_BEGIN, "a list of values")                      \
  KEYWORD(PUR_KEYWORD_REQUIRED, "required", PUR_JSON_ARRAY_BEGIN, "a list of names")               \
  KEYWORD(PUR_KEYWORD_PROPERTIES, "properties", PUR_JSON_OBJECT_BEGIN, "an object of schemas")     \
  KEYWORD(PUR_KEYWORD_ADDITIONAL_PROPERTIES, "additionalProperties", PUR_JSON_KEY, NULL)           \
  KEYWORD(PUR_KEYWORD_ITEMS, "items", PUR_JSON_KEY, NULL)                                          \
  KEYWORD(PUR_KEYWORD_MIN_ITEMS, "minItems", PUR_JSON_NUMBER, "a whole number, 0 or more")         \
  KEYWORD(PUR_KEYWORD_MAX_ITEMS, "maxItems", PUR_JSON_NUMBER, "a whole number, 0 or more")         \
  KEYWORD(PUR_KEYWORD_MIN_LENGTH, "minLength", PUR_JSON_NUMBER, "a whole number, 0 or more")       \
  KEYWORD(PUR_KEYWORD_MAX_LENGTH, "maxLength", PUR_JSON_NUMBER, "a whole number, 0 or more")       \
  KEYWORD(PUR_KEYWORD_PATTERN, "pattern", PUR_JSON_STRING, "a regular expression in a string")     \
  KEYWORD(PUR_KEYWORD_FORMAT, "format", PUR_JSON_STRING, "a format's name in a string")            \
  KEYWORD(PUR_KEYWORD_MINIMUM, "minimum", PUR_JSON_NUMBER, "a number")                             \
  KEYWORD(PUR_KEYWORD_MAXIMUM, "maximum", PUR_JSON_NUMBER, "a number")                             \
  KEYWORD(PUR_KEYWORD_EXCLUSIVE_MINIMUM, "exclusiveMinimum", PUR_JSON_KEY, NULL)                   \
  KEYWORD(PUR_KEYWORD_EXCLUSIVE_MAXIMUM, "exclusiveMaximum", PUR_JSON_KEY, NULL)                   \
  KEYWORD(PUR_KEYWORD_MULTIPLE_OF, "multipleOf", PUR_JSON_NUMBER, "a number above 0")              \
  KEYWORD(PUR_KEYWORD_ALL_OF, "allOf", PUR_JSON_ARRAY_BEGIN, "a list of schemas")                  \
  KEYWORD(PUR_KEYWORD_ANY_OF, "anyOf", PUR_JSON_ARRAY_BEGIN, "a list of schemas")                  \
  KEYWORD(PUR_KEYWORD_ONE_OF, "oneOf", PUR_JSON_ARRAY_BEGIN, "a list of schemas")                  \
  KEYWORD(PUR_KEYWORD_DEFINITIONS, "definitions", PUR_JSON_OBJECT_BEGIN, "an object of schemas")   \
  KEYWORD(PUR_KEYWORD_SCHEMA, "$schema", PUR_JSON_STRING, "a string")                              \
  KEYWORD(PUR_KEYWORD_ID, "id", PUR_JSON_STRING, "a string")                                       \
  KEYWORD(PUR_KEYWORD_TITLE, "title", PUR_JSON_STRING, "a string")                                 \
  KEYWORD(PUR_KEYWORD_DESCRIPTION, "description", PUR_JSON_STRING, "a string")                     \
  KEYWORD(PUR_KEYWORD_DEFAULT, "default", PUR_JSON_KEY, NULL)

#define PUR_KEYWORD_ITSELF(keyword, name, kind, wanted) keyword,
typedef enum pur_keyword { PUR_KEYWORDS(PUR_KEYWORD_ITSELF) PUR_KEYWORD_COUNT } pur_keyword;

typedef struct pur_draft {
  pur_schema_node *node;
  pur_item *item;
  pur_item *at[PUR_KEYWORD_COUNT]; /* each keyword's value; NULL: not there */
  bool alone[PUR_ONE_OF + 1];      /* nothing but required: part of the object's rule */
  struct pur_draft *next;
} pur_draft;

typedef struct pur_compiler {
  pur_schema *schema;
  pur_arena arena; /* for as long as it is compiled: items and drafts */
  pur_item *root;
  pur_draft *first, **next; /* the drafts, and where the one that comes next goes */
  pur_canonical canonical;
  pur_buffer text, step; /* scratch */
  pur_error *error;
} pur_compiler;

/* Refuses an item with a message, which gets its JSON Pointer. Returns PUR_INVALID_SCHEMA. */
pur_status pur_compiler_fail(pur_compiler *compiler, const pur_item *item, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Memory for `count` things of `size` bytes, all zeros, for as long as the schema lives; NULL: out
 * of memory, and the error says so. */
void *pur_compiler_new(pur_compiler *compiler, size_t count, size_t size);

/* Copies a text, for as long as the schema lives. */
pur_status pur_compiler_keep(pur_compiler *compiler, pur_text text, pur_text *kept);

/* What a string stands for, for as long as the schema lives. */
pur_status pur_compiler_text(pur_compiler *compiler, const pur_item *item, pur_text *text);

/* The draft of the schema at an item, behind all of its $ref, which is begun if there is none yet.
 */
pur_status pur_compiler_draft(pur_compiler *compiler, pur_item *item, pur_draft **draft);

/* The same, its node only. */
pur_status pur_compiler_node(pur_compiler *compiler, pur_item *item, pur_schema_node **node);

/* The nodes of a list of schemas, one at least. */
pur_status pur_compiler_nodes(pur_compiler *compiler, const pur_item *list,
                              pur_schema_node ***nodes, size_t *count);

const char *pur_keyword_name(pur_keyword keyword);

/* The parts. Each makes its rules from a draft; a keyword that is not there makes none. */
pur_status pur_compile_type(pur_compiler *compiler, pur_draft *draft);
pur_status pur_compile_enum(pur_compiler *compiler, pur_draft *draft);
pur_status pur_compile_number(pur_compiler *compiler, pur_draft *draft);
pur_status pur_compile_string(pur_compiler *compiler, pur_draft *draft);
pur_status pur_compile_array(pur_compiler *compiler, pur_draft *draft);
pur_status pur_compile_object(pur_compiler *compiler, pur_draft *draft);

/* Has it one of the keywords from `first` to `last`, in the order above? */
static inline bool pur_draft_has_any(const pur_draft *draft, pur_keyword first, pur_keyword last) {
  int keyword = first;
  while (keyword <= (int)last && draft->at[keyword] == NULL) keyword++;
  return keyword <= (int)last;
}

#endif

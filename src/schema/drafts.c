#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/drafts.h"
#include "schema/pointer.h"

/* Helpers of all parts */

pur_status pur_compiler_no_memory(pur_compiler *compiler) {
  return pur_error_no_memory(compiler->error);
}

pur_status pur_compiler_fail(pur_compiler *compiler, size_t item, const char *format, ...) {
  const pur_json_token *token = &pur_tape_at(&compiler->tape, item)->token;
  char what[PUR_MESSAGE_SIZE], where[PUR_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  pur_buffer_clear(&compiler->text);
  pur_tape_pointer(&compiler->tape, item, &compiler->text);
  if (pur_buffer_check(&compiler->text, compiler->error) != PUR_OK) return PUR_NO_MEMORY;
  pur_issue_quote(compiler->text.data, compiler->text.length, where, sizeof where);
  return pur_error_set(compiler->error, PUR_INVALID_SCHEMA, token->position, "%s%s%s", what,
                       *where != '\0' ? ", at " : "", where);
}

void *pur_compiler_new(pur_compiler *compiler, size_t count, size_t size) {
  return pur_arena_new(&compiler->schema->arena, count, size);
}

static pur_status keep(pur_compiler *compiler, const char *text, size_t length, pur_text *kept) {
  char *copy = pur_compiler_new(compiler, length + 1, 1);
  if (copy == NULL) return pur_compiler_no_memory(compiler);
  if (length != 0) memcpy(copy, text, length);
  *kept = (pur_text){copy, length};
  return PUR_OK;
}

pur_status pur_compiler_text(pur_compiler *compiler, size_t item, pur_text *text) {
  const pur_json_token *token = &pur_tape_at(&compiler->tape, item)->token;
  pur_buffer_clear(&compiler->text);
  pur_json_string_unescape(token->text, token->length, &compiler->text);
  if (pur_buffer_check(&compiler->text, compiler->error) != PUR_OK) return PUR_NO_MEMORY;
  return keep(compiler, compiler->text.data, compiler->text.length, text);
}

pur_text pur_compiler_value(const pur_compiler *compiler, size_t item) {
  const pur_json_token *first = &pur_tape_at(&compiler->tape, item)->token;
  const pur_json_token *last =
      &pur_tape_at(&compiler->tape, pur_tape_at(&compiler->tape, item)->next - 1)->token;
  size_t quotes = last->kind == PUR_JSON_STRING ? 2 : 0;
  const char *begin = first->text - (first->kind == PUR_JSON_STRING);
  return (pur_text){begin, last->position + last->length + quotes - first->position};
}

pur_status pur_compiler_slice(pur_compiler *compiler, size_t item, pur_text *text) {
  pur_text value = pur_compiler_value(compiler, item);
  return keep(compiler, value.text, value.length, text);
}

pur_status pur_compiler_want(pur_compiler *compiler, size_t item, pur_json_kind kind,
                             const char *wanted) {
  if (pur_tape_kind(&compiler->tape, item) == kind) return PUR_OK;
  return pur_compiler_fail(compiler, item, "%s", wanted);
}

size_t pur_compiler_count(const pur_compiler *compiler, size_t container) {
  size_t count = 0, at = pur_tape_first(container);
  for (; !pur_tape_is_end(&compiler->tape, at); at = pur_tape_next(&compiler->tape, at)) count++;
  return count;
}

/* Keywords */

typedef struct keyword {
  const char *name;
  pur_json_kind kind; /* of its value; KEY: its part looks itself */
  const char *wanted;
} keyword;

static const keyword keywords[PUR_KEYWORD_COUNT] = {
    [PUR_KEYWORD_TYPE] = {"type", PUR_JSON_KEY, NULL},
    [PUR_KEYWORD_ENUM] = {"enum", PUR_JSON_ARRAY_BEGIN, "a list of values"},
    [PUR_KEYWORD_REQUIRED] = {"required", PUR_JSON_ARRAY_BEGIN, "a list of names"},
    [PUR_KEYWORD_PROPERTIES] = {"properties", PUR_JSON_OBJECT_BEGIN, "an object of schemas"},
    [PUR_KEYWORD_ADDITIONAL_PROPERTIES] = {"additionalProperties", PUR_JSON_KEY, NULL},
    [PUR_KEYWORD_ITEMS] = {"items", PUR_JSON_KEY, NULL},
    [PUR_KEYWORD_MIN_ITEMS] = {"minItems", PUR_JSON_NUMBER, "a whole number, 0 or more"},
    [PUR_KEYWORD_MAX_ITEMS] = {"maxItems", PUR_JSON_NUMBER, "a whole number, 0 or more"},
    [PUR_KEYWORD_MIN_LENGTH] = {"minLength", PUR_JSON_NUMBER, "a whole number, 0 or more"},
    [PUR_KEYWORD_MAX_LENGTH] = {"maxLength", PUR_JSON_NUMBER, "a whole number, 0 or more"},
    [PUR_KEYWORD_PATTERN] = {"pattern", PUR_JSON_STRING, "a regular expression in a string"},
    [PUR_KEYWORD_FORMAT] = {"format", PUR_JSON_STRING, "a format's name in a string"},
    [PUR_KEYWORD_MINIMUM] = {"minimum", PUR_JSON_NUMBER, "a number"},
    [PUR_KEYWORD_MAXIMUM] = {"maximum", PUR_JSON_NUMBER, "a number"},
    [PUR_KEYWORD_EXCLUSIVE_MINIMUM] = {"exclusiveMinimum", PUR_JSON_KEY, NULL},
    [PUR_KEYWORD_EXCLUSIVE_MAXIMUM] = {"exclusiveMaximum", PUR_JSON_KEY, NULL},
    [PUR_KEYWORD_MULTIPLE_OF] = {"multipleOf", PUR_JSON_NUMBER, "a number above 0"},
    [PUR_KEYWORD_ALL_OF] = {"allOf", PUR_JSON_ARRAY_BEGIN, "a list of schemas"},
    [PUR_KEYWORD_ANY_OF] = {"anyOf", PUR_JSON_ARRAY_BEGIN, "a list of schemas"},
    [PUR_KEYWORD_ONE_OF] = {"oneOf", PUR_JSON_ARRAY_BEGIN, "a list of schemas"},
    [PUR_KEYWORD_DEFINITIONS] = {"definitions", PUR_JSON_OBJECT_BEGIN, "an object of schemas"},
    [PUR_KEYWORD_SCHEMA] = {"$schema", PUR_JSON_STRING, "a string"},
    [PUR_KEYWORD_ID] = {"id", PUR_JSON_STRING, "a string"},
    [PUR_KEYWORD_TITLE] = {"title", PUR_JSON_STRING, "a string"},
    [PUR_KEYWORD_DESCRIPTION] = {"description", PUR_JSON_STRING, "a string"},
    [PUR_KEYWORD_DEFAULT] = {"default", PUR_JSON_KEY, NULL},
};

static pur_status note_keyword(pur_compiler *compiler, pur_draft *draft, size_t key) {
  const pur_json_token *name = &pur_tape_at(&compiler->tape, key)->token;
  char shown[64];
  for (int i = 0; i < PUR_KEYWORD_COUNT; i++) {
    if (!pur_json_string_equals(name, keywords[i].name, strlen(keywords[i].name))) continue;
    draft->at[i] = key + 1;
    if (keywords[i].kind == PUR_JSON_KEY) return PUR_OK;
    if (keywords[i].kind == pur_tape_kind(&compiler->tape, key + 1)) return PUR_OK;
    return pur_compiler_fail(compiler, key, "\"%s\" must be %s", keywords[i].name,
                             keywords[i].wanted);
  }
  pur_issue_quote(name->text, name->length, shown, sizeof shown);
  return pur_compiler_fail(compiler, key, "keyword \"%s\" is not supported", shown);
}

static pur_status note_keywords(pur_compiler *compiler, pur_draft *draft) {
  size_t at = pur_tape_first(draft->item);
  pur_status status = PUR_OK;
  for (int i = 0; i < PUR_KEYWORD_COUNT; i++) draft->at[i] = PUR_TAPE_NOWHERE;
  for (; status == PUR_OK && !pur_tape_is_end(&compiler->tape, at);
       at = pur_tape_next(&compiler->tape, at))
    status = note_keyword(compiler, draft, at);
  return status;
}

/* References */

/* Where "#..." in the string at an item leads to. */
static pur_status follow(pur_compiler *compiler, size_t item, size_t *target) {
  pur_buffer *text = &compiler->text;
  const pur_json_token *token = &pur_tape_at(&compiler->tape, item)->token;
  size_t length;
  pur_buffer_clear(text);
  pur_json_string_unescape(token->text, token->length, text);
  if (pur_buffer_check(text, compiler->error) != PUR_OK) return PUR_NO_MEMORY;
  *target = PUR_TAPE_NOWHERE;
  if (text->length == 0 || text->data[0] != '#')
    return pur_compiler_fail(compiler, item,
                             "\"$ref\" must lead to a place in this document, \"#...\"");
  length = text->length - 1;
  if (pur_percent_unescape(text->data + 1, &length))
    *target = pur_tape_find(&compiler->tape, text->data + 1, length);
  if (*target != PUR_TAPE_NOWHERE) return PUR_OK;
  return pur_compiler_fail(compiler, item, "\"$ref\" leads nowhere");
}

/* Goes behind all $ref. A schema that has one has no other keyword: draft 4 ignores them. */
static pur_status resolve(pur_compiler *compiler, size_t *item) {
  size_t steps = 0, start = *item, limit = compiler->tape.items.length / sizeof(pur_tape_item);
  for (; steps < limit; steps++) {
    size_t reference;
    pur_status status =
        pur_compiler_want(compiler, *item, PUR_JSON_OBJECT_BEGIN, "a schema must be an object");
    if (status != PUR_OK) return status;
    reference = pur_tape_member(&compiler->tape, *item, "$ref", 4);
    if (reference == PUR_TAPE_NOWHERE) return PUR_OK;
    status = pur_compiler_want(compiler, reference, PUR_JSON_STRING, "\"$ref\" must be a string");
    if (status == PUR_OK) status = follow(compiler, reference, item);
    if (status != PUR_OK) return status;
  }
  return pur_compiler_fail(compiler, start, "\"$ref\" leads back to itself");
}

/* Drafts */

static pur_draft *draft_at(const pur_compiler *compiler, size_t number) {
  return (pur_draft *)(void *)compiler->drafts.data + number;
}

static size_t count_drafts(const pur_compiler *compiler) {
  return compiler->drafts.length / sizeof(pur_draft);
}

static pur_status begin_draft(pur_compiler *compiler, size_t item) {
  pur_draft *draft = (pur_draft *)(void *)pur_buffer_reserve(&compiler->drafts, sizeof *draft);
  pur_schema_node *node = pur_compiler_new(compiler, 1, sizeof *node);
  if (draft == NULL || node == NULL) return pur_compiler_no_memory(compiler);
  node->kinds = PUR_KIND_ALL;
  node->types = PUR_TYPE_ALL;
  draft->node = node;
  draft->item = item;
  compiler->drafts.length += sizeof *draft;
  compiler->draft_of[item] = (uint32_t)count_drafts(compiler);
  return note_keywords(compiler, draft);
}

pur_status pur_compiler_draft(pur_compiler *compiler, size_t item, const pur_draft **draft) {
  pur_status status = resolve(compiler, &item);
  if (status == PUR_OK && compiler->draft_of[item] == 0) status = begin_draft(compiler, item);
  if (status == PUR_OK) *draft = draft_at(compiler, compiler->draft_of[item] - 1);
  return status;
}

pur_status pur_compiler_node(pur_compiler *compiler, size_t item, pur_schema_node **node) {
  const pur_draft *draft;
  pur_status status = pur_compiler_draft(compiler, item, &draft);
  if (status == PUR_OK) *node = draft->node;
  return status;
}

pur_status pur_compiler_nodes(pur_compiler *compiler, size_t list, pur_schema_node ***nodes,
                              size_t *count) {
  size_t at = pur_tape_first(list), number = 0;
  *count = pur_compiler_count(compiler, list);
  if (*count == 0) return pur_compiler_fail(compiler, list, "there must be at least one schema");
  *nodes = pur_compiler_new(compiler, *count, sizeof **nodes);
  if (*nodes == NULL) return pur_compiler_no_memory(compiler);
  for (; number < *count; at = pur_tape_next(&compiler->tape, at)) {
    pur_status status = pur_compiler_node(compiler, at, &(*nodes)[number++]);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

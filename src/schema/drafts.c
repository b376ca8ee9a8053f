#include "schema/drafts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Helpers of all parts */

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

/* No product is too large: there are no more things than the text has bytes. */
void *pur_compiler_new(pur_compiler *compiler, size_t count, size_t size) {
  pur_schema_memory *added = calloc(1, sizeof *added + count * size);
  if (added == NULL) {
    (void)pur_error_no_memory(compiler->error);
    return NULL;
  }
  added->older = compiler->schema->memory;
  compiler->schema->memory = added;
  return added->bytes;
}

pur_status pur_compiler_keep(pur_compiler *compiler, const char *text, size_t length,
                             pur_text *kept) {
  char *copy = pur_compiler_new(compiler, length + 1, 1);
  if (copy == NULL) return PUR_NO_MEMORY;
  if (length != 0) memcpy(copy, text, length);
  *kept = (pur_text){copy, length};
  return PUR_OK;
}

pur_status pur_compiler_unescape(pur_compiler *compiler, size_t item, pur_text *text) {
  const pur_json_token *token = &pur_tape_at(&compiler->tape, item)->token;
  pur_buffer_clear(&compiler->text);
  pur_json_string_unescape(token->text, token->length, &compiler->text);
  *text = (pur_text){compiler->text.length != 0 ? compiler->text.data : "", compiler->text.length};
  return pur_buffer_check(&compiler->text, compiler->error);
}

pur_status pur_compiler_text(pur_compiler *compiler, size_t item, pur_text *text) {
  pur_status status = pur_compiler_unescape(compiler, item, text);
  return status == PUR_OK ? pur_compiler_keep(compiler, text->text, text->length, text) : status;
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
  return pur_compiler_keep(compiler, value.text, value.length, text);
}

size_t pur_compiler_count(const pur_compiler *compiler, size_t container) {
  const pur_tape *tape = &compiler->tape;
  size_t count = 0, at = pur_tape_first(container);
  for (; !pur_tape_is_end(tape, at); at = pur_tape_next(tape, at)) count++;
  return count;
}

/* Keywords */

typedef struct known_keyword {
  const char *name;
  pur_json_kind kind;
  const char *wanted;
} known_keyword;

#define KNOWN(keyword, name, kind, wanted) {name, kind, wanted},
static const known_keyword keywords[PUR_KEYWORD_COUNT] = {PUR_KEYWORDS(KNOWN)};

const char *pur_keyword_name(pur_keyword keyword) {
  return keywords[keyword].name;
}

/* Notes where the values of a draft's keywords stand. */
static pur_status note_keywords(pur_compiler *compiler, pur_draft *draft) {
  const pur_tape *tape = &compiler->tape;
  for (int i = 0; i < PUR_KEYWORD_COUNT; i++) draft->at[i] = PUR_TAPE_NOWHERE;
  for (size_t key = pur_tape_first(draft->item); !pur_tape_is_end(tape, key);
       key = pur_tape_next(tape, key)) {
    const pur_json_token *name = &pur_tape_at(tape, key)->token;
    const known_keyword *found = keywords;
    while (found < keywords + PUR_KEYWORD_COUNT && !pur_json_string_is(name, found->name)) found++;
    if (found == keywords + PUR_KEYWORD_COUNT) {
      char shown[64];
      pur_issue_quote(name->text, name->length, shown, sizeof shown);
      return pur_compiler_fail(compiler, key, "keyword \"%s\" is not supported", shown);
    }
    if (found->kind != PUR_JSON_KEY && found->kind != pur_tape_kind(tape, key + 1))
      return pur_compiler_fail(compiler, key, "\"%s\" must be %s", found->name, found->wanted);
    draft->at[found - keywords] = key + 1;
  }
  return PUR_OK;
}

/* References */

/* Undoes a URI's %XX in place; false: % stands there otherwise. */
static bool unescape_percent(char *text, size_t *length) {
  size_t to = 0;
  for (size_t i = 0; i < *length; i++) {
    char byte = text[i];
    if (byte == '%') {
      int high = i + 2 < *length ? pur_text_hex_digit(text[i + 1]) : -1;
      int low = i + 2 < *length ? pur_text_hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      byte = (char)(high << 4 | low);
      i += 2;
    }
    text[to++] = byte;
  }
  *length = to;
  return true;
}

/* Finds the item that "#..." in the string at an item leads to. */
static pur_status follow(pur_compiler *compiler, size_t item, size_t *target) {
  const pur_buffer *text = &compiler->text;
  pur_text own;
  size_t length;
  pur_status status = pur_compiler_unescape(compiler, item, &own);
  if (status != PUR_OK) return status;
  if (text->length == 0 || text->data[0] != '#')
    return pur_compiler_fail(compiler, item,
                             "\"$ref\" must lead to a place in this document, \"#...\"");
  *target = PUR_TAPE_NOWHERE;
  length = text->length - 1;
  if (unescape_percent(text->data + 1, &length))
    *target = pur_tape_find(&compiler->tape, text->data + 1, length);
  if (*target != PUR_TAPE_NOWHERE) return PUR_OK;
  return pur_compiler_fail(compiler, item, "\"$ref\" leads nowhere");
}

/* Goes behind all $ref. A schema that has one has no other keyword: draft 4 ignores them. */
static pur_status resolve(pur_compiler *compiler, size_t *item) {
  const pur_tape *tape = &compiler->tape;
  size_t start = *item, limit = tape->items.length / sizeof(pur_tape_item);
  for (size_t steps = 0; steps < limit; steps++) {
    size_t reference;
    pur_status status;
    if (pur_tape_kind(tape, *item) != PUR_JSON_OBJECT_BEGIN)
      return pur_compiler_fail(compiler, *item, "a schema must be an object");
    reference = pur_tape_member(tape, *item, "$ref", 4);
    if (reference == PUR_TAPE_NOWHERE) return PUR_OK;
    if (pur_tape_kind(tape, reference) != PUR_JSON_STRING)
      return pur_compiler_fail(compiler, reference, "\"$ref\" must be a string");
    status = follow(compiler, reference, item);
    if (status != PUR_OK) return status;
  }
  return pur_compiler_fail(compiler, start, "\"$ref\" leads back to itself");
}

/* Drafts */

pur_status pur_compiler_draft(pur_compiler *compiler, size_t item, const pur_draft **draft) {
  pur_buffer *drafts = &compiler->drafts;
  pur_status status = resolve(compiler, &item);
  if (status != PUR_OK) return status;
  if (compiler->draft_of[item] == 0) {
    pur_draft *begun = (pur_draft *)(void *)pur_buffer_reserve(drafts, sizeof *begun);
    pur_schema_node *node = pur_compiler_new(compiler, 1, sizeof *node);
    if (begun == NULL || node == NULL) {
      (void)pur_error_no_memory(compiler->error);
      return PUR_NO_MEMORY;
    }
    node->kinds = PUR_KIND_ALL;
    node->types = PUR_TYPE_ALL;
    begun->node = node;
    begun->item = item;
    drafts->length += sizeof *begun;
    compiler->draft_of[item] = (uint32_t)(drafts->length / sizeof *begun);
    status = note_keywords(compiler, begun);
  }
  *draft = (const pur_draft *)(const void *)drafts->data + compiler->draft_of[item] - 1;
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
  size_t at = pur_tape_first(list);
  *count = pur_compiler_count(compiler, list);
  if (*count == 0) return pur_compiler_fail(compiler, list, "there must be at least one schema");
  *nodes = pur_compiler_new(compiler, *count, sizeof **nodes);
  if (*nodes == NULL) return PUR_NO_MEMORY;
  for (size_t i = 0; i < *count; i++, at = pur_tape_next(&compiler->tape, at)) {
    pur_status status = pur_compiler_node(compiler, at, &(*nodes)[i]);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

#include "schema/drafts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Helpers of all parts */

pur_status pur_compiler_fail(pur_compiler *compiler, const pur_item *item, const char *format,
                             ...) {
  const pur_json_token *token = item->key.text != NULL ? &item->key : &item->token;
  char what[PUR_MESSAGE_SIZE], where[PUR_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  pur_buffer_clear(&compiler->text);
  pur_item_pointer(item, &compiler->text);
  if (pur_buffer_check(&compiler->text, compiler->error) != PUR_OK) return PUR_NO_MEMORY;
  pur_issue_quote(compiler->text.data, compiler->text.length, where, sizeof where);
  return pur_error_set(compiler->error, PUR_INVALID_SCHEMA, token->position, "%s%s%s", what,
                       *where != '\0' ? ", at " : "", where);
}

/* No product is too large: there are no more things than the text has bytes. */
void *pur_compiler_new(pur_compiler *compiler, size_t count, size_t size) {
  void *added = pur_arena_take(&compiler->schema->memory, count * size);
  if (added == NULL) (void)pur_error_no_memory(compiler->error);
  return added;
}

pur_status pur_compiler_keep(pur_compiler *compiler, pur_text text, pur_text *kept) {
  char *copy = pur_arena_copy(&compiler->schema->memory, text.text, text.length);
  if (copy == NULL) return pur_error_no_memory(compiler->error);
  *kept = (pur_text){copy, text.length};
  return PUR_OK;
}

pur_status pur_compiler_text(pur_compiler *compiler, const pur_item *item, pur_text *text) {
  pur_status status = pur_json_string_text(&item->token, &compiler->text, text, compiler->error);
  return status == PUR_OK ? pur_compiler_keep(compiler, *text, text) : status;
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

static pur_status note_keywords(pur_compiler *compiler, pur_draft *draft) {
  for (pur_item *item = draft->item->first; item != NULL; item = item->next) {
    const known_keyword *found = keywords;
    while (found < keywords + PUR_KEYWORD_COUNT && !pur_json_string_is(&item->key, found->name))
      found++;
    if (found == keywords + PUR_KEYWORD_COUNT) {
      char shown[64];
      pur_issue_quote(item->key.text, item->key.length, shown, sizeof shown);
      return pur_compiler_fail(compiler, item, "keyword \"%s\" is not supported", shown);
    }
    if (found->kind != PUR_JSON_KEY && found->kind != item->token.kind)
      return pur_compiler_fail(compiler, item, "\"%s\" must be %s", found->name, found->wanted);
    draft->at[found - keywords] = item;
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

/* The item that "#..." in the string at an item leads to; NULL: a failure. */
static pur_item *follow(pur_compiler *compiler, const pur_item *item, pur_status *status) {
  pur_buffer *text = &compiler->text;
  pur_item *target = NULL;
  size_t length;
  pur_buffer_clear(text);
  pur_json_string_unescape(item->token.text, item->token.length, text);
  *status = pur_buffer_check(text, compiler->error);
  if (*status != PUR_OK) return NULL;
  if (text->length == 0 || text->data[0] != '#') {
    *status = pur_compiler_fail(compiler, item,
                                "\"$ref\" must lead to a place in this document, \"#...\"");
    return NULL;
  }
  length = text->length - 1;
  if (unescape_percent(text->data + 1, &length))
    target = pur_item_find(compiler->root, (pur_text){text->data + 1, length}, &compiler->step);
  if (target != NULL) return target;
  *status = pur_buffer_check(&compiler->step, compiler->error);
  if (*status == PUR_OK) *status = pur_compiler_fail(compiler, item, "\"$ref\" leads nowhere");
  return NULL;
}

/* Goes behind all $ref, of which there are fewer than bytes. A schema that has one has no other
 * keyword: draft 4 ignores them. */
static pur_status resolve(pur_compiler *compiler, pur_item **item) {
  const pur_item *start = *item;
  for (size_t steps = 0; steps < compiler->root->json.length; steps++) {
    const pur_item *reference = (*item)->first;
    pur_status status;
    if ((*item)->token.kind != PUR_JSON_OBJECT_BEGIN)
      return pur_compiler_fail(compiler, *item, "a schema must be an object");
    while (reference != NULL && !pur_json_string_is(&reference->key, "$ref"))
      reference = reference->next;
    if (reference == NULL) return PUR_OK;
    if (reference->token.kind != PUR_JSON_STRING)
      return pur_compiler_fail(compiler, reference, "\"$ref\" must be a string");
    *item = follow(compiler, reference, &status);
    if (*item == NULL) return status;
  }
  return pur_compiler_fail(compiler, start, "\"$ref\" leads back to itself");
}

/* Drafts */

pur_status pur_compiler_draft(pur_compiler *compiler, pur_item *item, pur_draft **draft) {
  pur_status status = resolve(compiler, &item);
  if (status != PUR_OK) return status;
  *draft = item->draft;
  if (item->draft != NULL) return PUR_OK;
  *draft = item->draft = pur_arena_take(&compiler->arena, sizeof **draft);
  if (*draft == NULL) return pur_error_no_memory(compiler->error);
  (*draft)->item = item;
  (*draft)->node = pur_compiler_new(compiler, 1, sizeof *(*draft)->node);
  if ((*draft)->node == NULL) return PUR_NO_MEMORY;
  (*draft)->node->kinds = PUR_KIND_ALL;
  (*draft)->node->types = PUR_TYPE_ALL;
  *compiler->next = *draft;
  compiler->next = &(*draft)->next;
  return note_keywords(compiler, *draft);
}

pur_status pur_compiler_node(pur_compiler *compiler, pur_item *item, pur_schema_node **node) {
  pur_draft *draft;
  pur_status status = pur_compiler_draft(compiler, item, &draft);
  if (status == PUR_OK) *node = draft->node;
  return status;
}

pur_status pur_compiler_nodes(pur_compiler *compiler, const pur_item *list,
                              pur_schema_node ***nodes, size_t *count) {
  pur_schema_node **next = pur_compiler_new(compiler, list->count, sizeof *next);
  if (next == NULL) return PUR_NO_MEMORY;
  if (list->count == 0)
    return pur_compiler_fail(compiler, list, "there must be at least one schema");
  *nodes = next;
  *count = list->count;
  for (pur_item *item = list->first; item != NULL; item = item->next) {
    pur_status status = pur_compiler_node(compiler, item, next++);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

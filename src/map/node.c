#include "map/node.h"

#include <stdlib.h>

/* Memory */

#define BLOCK 4096
#define ALIGNMENT 16

struct pur_arena_block {
  struct pur_arena_block *before;
  size_t used, size;
  _Alignas(ALIGNMENT) char bytes[];
};

void *pur_arena_take(pur_arena *arena, size_t size) {
  struct pur_arena_block *block = arena->last;
  size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  void *taken;
  if (rounded < size) return NULL;
  if (block == NULL || block->size - block->used < rounded) {
    size_t room = rounded > BLOCK ? rounded : BLOCK;
    block = calloc(1, sizeof *block + room);
    if (block == NULL) return NULL;
    block->before = arena->last;
    block->size = room;
    arena->last = block;
  }
  taken = block->bytes + block->used;
  block->used += rounded;
  return taken;
}

char *pur_arena_copy(pur_arena *arena, const char *text, size_t length) {
  char *copy = pur_arena_take(arena, length + 1);
  if (copy != NULL && length > 0) memcpy(copy, text, length);
  return copy;
}

void pur_arena_free(pur_arena *arena) {
  while (arena->last != NULL) {
    struct pur_arena_block *before = arena->last->before;
    free(arena->last);
    arena->last = before;
  }
}

/* Reading */

typedef struct reader {
  pur_json_scanner scanner;
  pur_arena *arena;
  pur_buffer scratch;
  pur_node *open[PUR_NODE_DEPTH];  /* the tables around, from the outermost */
  pur_node **tail[PUR_NODE_DEPTH]; /* where the next member of each goes */
  size_t depth;
} reader;

static bool keep_text(reader *r, const pur_json_token *token, pur_text *text) {
  bool is_text = token->kind == PUR_JSON_KEY || token->kind == PUR_JSON_STRING;
  const char *from = token->text;
  size_t length = token->length;
  if (is_text && token->escaped) {
    pur_buffer_clear(&r->scratch);
    pur_json_string_unescape(token->text, token->length, &r->scratch);
    if (r->scratch.status != PUR_OK) return false;
    from = r->scratch.data, length = r->scratch.length;
  }
  *text = (pur_text){pur_arena_copy(r->arena, from, length), length};
  return text->text != NULL;
}

/* Hangs a value into the table around it. */
static pur_node *add_node(reader *r, const pur_text *name, const pur_json_token *token) {
  pur_node *node = pur_arena_take(r->arena, sizeof *node);
  if (node == NULL) return NULL;
  node->name = *name;
  node->kind = token->kind;
  if (token->kind > PUR_JSON_KEY && !keep_text(r, token, &node->text)) return NULL;
  if (r->depth > 0) {
    *r->tail[r->depth - 1] = node;
    r->tail[r->depth - 1] = &node->next;
    r->open[r->depth - 1]->count++;
  }
  return node;
}

static pur_status read_values(reader *r, pur_node **root, pur_error *error) {
  pur_text name = {NULL, 0};
  pur_json_token token;
  pur_status status;
  while ((status = pur_json_next(&r->scanner, &token, error)) == PUR_OK) {
    pur_node *node;
    if (token.kind == PUR_JSON_KEY) {
      if (!keep_text(r, &token, &name)) return pur_error_no_memory(error);
      continue;
    }
    if (token.kind == PUR_JSON_OBJECT_END || token.kind == PUR_JSON_ARRAY_END) {
      r->depth--;
      continue;
    }
    node = add_node(r, &name, &token);
    name = (pur_text){NULL, 0};
    if (node == NULL) return pur_error_no_memory(error);
    if (r->depth == 0) *root = node;
    if (token.kind != PUR_JSON_OBJECT_BEGIN && token.kind != PUR_JSON_ARRAY_BEGIN) continue;
    if (r->depth == PUR_NODE_DEPTH)
      return pur_error_set(error, PUR_INVALID_MAP, token.position,
                           "map: tables in more than %d others", PUR_NODE_DEPTH - 1);
    r->open[r->depth] = node;
    r->tail[r->depth++] = &node->first;
  }
  return status == PUR_END ? PUR_OK : status;
}

pur_status pur_node_read(const char *json, size_t length, pur_arena *arena, pur_node **root,
                         pur_error *error) {
  reader r = {.arena = arena};
  pur_status status;
  pur_json_scanner_init(&r.scanner, json, length);
  status = read_values(&r, root, error);
  pur_json_scanner_free(&r.scanner);
  pur_buffer_free(&r.scratch);
  return status;
}

/* Asking */

pur_node *pur_node_get(pur_node *object, const char *name) {
  size_t length = strlen(name);
  for (pur_node *member = object->first; member != NULL; member = member->next) {
    if (member->name.length != length || memcmp(member->name.text, name, length) != 0) continue;
    member->used = true;
    return member->kind == PUR_JSON_NULL ? NULL : member;
  }
  return NULL;
}

bool pur_node_whole(const pur_node *node, long least, long most, long *number) {
  pur_fixed fixed;
  if (node->kind != PUR_JSON_NUMBER) return false;
  if (!pur_fixed_read(node->text.text, node->text.length, &fixed) || fixed.places > 0) return false;
  if (fixed.value < least || fixed.value > most) return false;
  *number = (long)fixed.value;
  return true;
}

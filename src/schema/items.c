/* The JSON of a schema as items, and JSON Pointers to them. */
#include "schema/drafts.h"

static bool is_container(pur_json_kind kind) {
  return kind == PUR_JSON_OBJECT_BEGIN || kind == PUR_JSON_ARRAY_BEGIN;
}

/* Adds items as long as there are tokens: `next` is where the one that comes next goes. */
static pur_status read_items(pur_json_scanner *scanner, pur_arena *arena, pur_item **next,
                             pur_error *error) {
  pur_json_token token, key = {.text = NULL};
  pur_item *up = NULL, *item;
  pur_status status;
  while ((status = pur_json_next(scanner, &token, error)) == PUR_OK) {
    if (up != NULL && (token.kind == PUR_JSON_OBJECT_END || token.kind == PUR_JSON_ARRAY_END)) {
      up->json.length = token.position + 1 - up->token.position;
      next = &up->next;
      up = up->up;
    } else if (token.kind == PUR_JSON_KEY) {
      key = token;
    } else {
      size_t quote = token.kind == PUR_JSON_STRING;
      *next = item = pur_arena_take(arena, sizeof *item);
      if (item == NULL) return pur_error_no_memory(error);
      *item = (pur_item){.key = key, .token = token, .up = up};
      item->json = (pur_text){token.text - quote, token.length + 2 * quote};
      item->number = up != NULL ? up->count++ : 0;
      key.text = NULL;
      next = is_container(token.kind) ? &item->first : &item->next;
      if (is_container(token.kind)) up = item;
    }
  }
  return status == PUR_END ? PUR_OK : status;
}

pur_status pur_items_read(const char *text, size_t length, pur_arena *arena, pur_item **root,
                          pur_error *error) {
  pur_json_scanner scanner;
  pur_status status;
  pur_json_scanner_init(&scanner, text, length);
  status = read_items(&scanner, arena, root, error);
  pur_json_scanner_free(&scanner);
  return status;
}

static void add_step(const pur_item *item, pur_buffer *out) {
  if (item->key.text != NULL)
    pur_json_pointer_add_name(out, &item->key);
  else
    pur_json_pointer_add_index(out, item->number);
}

void pur_item_pointer(const pur_item *item, pur_buffer *out) {
  if (item->up == NULL) return;
  pur_item_pointer(item->up, out);
  add_step(item, out);
}

pur_item *pur_item_find(pur_item *root, pur_text pointer, pur_buffer *step) {
  pur_item *at = root;
  while (pointer.length > 0 && at != NULL) {
    const char *slash = memchr(pointer.text + 1, '/', pointer.length - 1);
    size_t length = slash != NULL ? (size_t)(slash - pointer.text) : pointer.length;
    for (at = at->first; at != NULL; at = at->next) {
      pur_buffer_clear(step);
      add_step(at, step);
      if (step->status != PUR_OK) return NULL;
      if (step->length == length && memcmp(step->data, pointer.text, length) == 0) break;
    }
    pointer = (pur_text){pointer.text + length, pointer.length - length};
  }
  return at;
}

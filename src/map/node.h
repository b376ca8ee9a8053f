/* A map's JSON as a tree, in memory that is given back all at once. The tree is private to map/. */
#ifndef PURCHASES_MAP_NODE_H
#define PURCHASES_MAP_NODE_H

#include "base/text.h"
#include "json/json.h"
#include "number/fixed.h"

/* Memory that goes with its arena: begins as zeros, ends with pur_arena_free. */
typedef struct pur_arena {
  struct pur_arena_block *last;
} pur_arena;

/* Zeros of that many bytes, aligned for anything; NULL: no memory. */
void *pur_arena_take(pur_arena *arena, size_t size);
char *pur_arena_copy(pur_arena *arena, const char *text, size_t length); /* with a NUL behind */
void pur_arena_free(pur_arena *arena);

/* A table in a map may be as deep. */
#define PUR_NODE_DEPTH 32

/* A value, and where it is an object's member its name. A table without anything in it comes from
 * Lua as [] or {}. */
typedef struct pur_node {
  pur_text name;
  pur_json_kind kind; /* OBJECT_BEGIN, ARRAY_BEGIN, STRING, NUMBER, TRUE, FALSE or NULL */
  pur_text text;      /* of a string, escapes undone; of other values their JSON */
  struct pur_node *first,
      *next; /* its members or elements, as they come; the next of its own list */
  size_t count;
  bool used; /* somebody has asked for this member */
} pur_node;

/* Reads a document. Errors of pur_json_next; PUR_INVALID_MAP: tables in more than PUR_NODE_DEPTH
 * others; PUR_NO_MEMORY. The tree lives as long as the arena. */
pur_status pur_node_read(const char *json, size_t length, pur_arena *arena, pur_node **root,
                         pur_error *error);

/* The member of a name, which from then on counts as used; NULL: it has none, or is null. */
pur_node *pur_node_get(pur_node *object, const char *name);

/* A whole number from `least` to `most`. */
bool pur_node_whole(const pur_node *node, long least, long most, long *number);

#endif

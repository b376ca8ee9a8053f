/* What the parts of the map compiler share. Private to map/. */
#ifndef PURCHASES_MAP_COMPILER_H
#define PURCHASES_MAP_COMPILER_H

#include "map/compiled.h"

#define PUR_PATH_SIZE 96

typedef struct pur_map_compiler {
  pur_map *map;
  pur_error *error;
  pur_map_zone *zone;       /* of dates that name none */
  char path[PUR_PATH_SIZE]; /* of what is being compiled, for messages */
  size_t path_length;
  bool is_item;             /* in `item`: a rule sees one row */
  const pur_text *required; /* names of the purchase's fields, in the order of pur_texts_compare */
  size_t required_count;
} pur_map_compiler;

/* PUR_INVALID_MAP with a message that begins with the path, and a member of it unless `key` is
 * NULL. */
pur_status pur_map_compiler_fail(const pur_map_compiler *c, const char *key, const char *format,
                                 ...) __attribute__((format(printf, 3, 4)));
static inline pur_status pur_map_compiler_no_memory(const pur_map_compiler *c) {
  return pur_error_no_memory(c->error);
}

/* Goes into a member; the path is `path_length` long again when its compilation is over. */
void pur_map_compiler_enter(pur_map_compiler *c, const char *name, size_t length);
void pur_map_compiler_leave(pur_map_compiler *c, size_t path_length);

/* Refuses members that nobody asked for. */
pur_status pur_map_compiler_check_used(const pur_map_compiler *c, const pur_node *object);

/* Each reads a member that may be missing: then the result is left alone. */
pur_status pur_map_compiler_text(const pur_map_compiler *c, pur_node *object, const char *key,
                                 pur_text *text);
pur_status pur_map_compiler_flag(const pur_map_compiler *c, pur_node *object, const char *key,
                                 bool *flag);
pur_status pur_map_compiler_whole(const pur_map_compiler *c, pur_node *object, const char *key,
                                  long least, long most, long *number);

/* A text, or a list of texts; `is_set`: in the order of pur_texts_compare. */
pur_status pur_map_compiler_texts(pur_map_compiler *c, const pur_node *node, const char *key,
                                  bool is_set, const pur_text **texts, size_t *count);

/* The slot of a column: a name, or a number. */
pur_status pur_map_compiler_column(pur_map_compiler *c, const pur_node *node, const char *key,
                                   size_t *slot);
pur_status pur_map_compiler_column_named(pur_map_compiler *c, const char *key, pur_text name,
                                         size_t number, size_t *slot);

/* The slots of a column, or of a list of columns. */
pur_status pur_map_compiler_columns(pur_map_compiler *c, const pur_node *node, const char *key,
                                    const size_t **slots, size_t *count);

/* `tz`, in any table. */
pur_status pur_map_compiler_zone(pur_map_compiler *c, pur_node *object, pur_map_zone **zone);

/* map/compile_rule.c */

/* A rule of any kind; functions only for sales. */
pur_status pur_map_compile_rule(pur_map_compiler *c, pur_node *node, pur_rule *rule);
/* An object of rules, whatever its members are called. */
pur_status pur_map_compile_object(pur_map_compiler *c, pur_node *node, pur_rule *rule);
/* `number`, `currency` and `round`, `date` and `overlap` of a table with columns; `is_number`,
 * `is_date`: it is one though its table does not say so. */
pur_status pur_map_compile_number(pur_map_compiler *c, pur_node *node, bool is_number,
                                  pur_rule *rule);
pur_status pur_map_compile_date(pur_map_compiler *c, pur_node *node, bool is_date, pur_rule *rule);
/* `default`: of a number or a date it is read as a cell is, and made what the rule makes of it. */
pur_status pur_map_compile_default(pur_map_compiler *c, pur_node *node, pur_rule *rule);
pur_conversion *pur_map_compile_conversion(pur_map_compiler *c);
/* A text as JSON, with its quotes and what follows them. */
bool pur_map_compile_json(pur_map_compiler *c, pur_text text, const char *behind, pur_text *json);

/* The file part, the filters, and what is made of rows. */
pur_status pur_map_compile_file(pur_map_compiler *c, pur_node *root);
pur_status pur_map_compile_series(pur_map_compiler *c, pur_node *root);

#endif

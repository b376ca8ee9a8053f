/* A map's JSON → a compiled map. */
#include <stdlib.h>

#include "base/issues.h"
#include "map/compiler.h"

static pur_status compile_group(pur_map_compiler *c, pur_node *root) {
  pur_map_sales *sales = &c->map->sales;
  const pur_node *group = pur_node_get(root, "group");
  pur_text blank = {NULL, 0};
  pur_status status = PUR_OK;
  if (group != NULL)
    status = pur_map_compiler_columns(c, group, "group", &sales->group, &sales->group_count);
  if (status == PUR_OK) status = pur_map_compiler_text(c, root, "blank", &blank);
  if (status != PUR_OK || blank.text == NULL) return status;
  if (blank.length != 9 || memcmp(blank.text, "continues", 9) != 0)
    return pur_map_compiler_fail(c, "blank", "expected 'continues'");
  if (group == NULL) return pur_map_compiler_fail(c, "blank", "goes with group");
  sales->blank_continues = true;
  return PUR_OK;
}

/* `purchase` or `item`: whatever its members are called, it is an object. */
static pur_status compile_fields(pur_map_compiler *c, pur_node *root, const char *key,
                                 pur_rule *rule) {
  pur_node *node = pur_node_get(root, key);
  const size_t saved = c->path_length;
  pur_status status;
  if (node == NULL || (node->kind != PUR_JSON_OBJECT_BEGIN && node->kind != PUR_JSON_ARRAY_BEGIN))
    return pur_map_compiler_fail(c, key, "expected a table of rules by name");
  pur_map_compiler_enter(c, key, strlen(key));
  rule->path = key;
  status = pur_map_compile_object(c, node, rule);
  if (status == PUR_OK) pur_map_compiler_leave(c, saved);
  return status;
}

/* `required`: fields of the purchase without which it is refused. */
static pur_status check_required(pur_map_compiler *c) {
  const pur_rule *purchase = &c->map->sales.purchase;
  for (size_t i = 0; i < c->required_count; i++) {
    char shown[64];
    size_t at = 0;
    pur_issue_quote(c->required[i].text, c->required[i].length, shown, sizeof shown);
    while (at < purchase->member_count &&
           pur_texts_compare(&purchase->members[at].name, &c->required[i]) != 0)
      at++;
    if (at == purchase->member_count)
      return pur_map_compiler_fail(c, "required", "purchase has no field '%s'", shown);
    if (purchase->members[at].kind == PUR_RULE_OBJECT)
      return pur_map_compiler_fail(c, "required", "'%s' is a table of fields", shown);
  }
  return PUR_OK;
}

static pur_status compile_sales(pur_map_compiler *c, pur_node *root) {
  pur_map_sales *sales = &c->map->sales;
  pur_status status = compile_group(c, root);
  const pur_node *required = pur_node_get(root, "required");
  sales->purchase.kind = sales->item.kind = PUR_RULE_OBJECT;
  if (status == PUR_OK && required != NULL)
    status =
        pur_map_compiler_texts(c, required, "required", true, &c->required, &c->required_count);
  if (status == PUR_OK) status = compile_fields(c, root, "purchase", &sales->purchase);
  if (status == PUR_OK) status = check_required(c);
  if (status == PUR_OK) status = pur_map_compiler_text(c, root, "items", &sales->items);
  if (status != PUR_OK) return status;
  if ((sales->items.text != NULL) != (pur_node_get(root, "item") != NULL))
    return pur_map_compiler_fail(c, NULL,
                                 "'items', the list's name, and 'item', its rules, go together");
  if (sales->items.text == NULL) return PUR_OK;
  for (size_t i = 0; i < sales->purchase.member_count; i++) {
    int order = pur_texts_compare(&sales->purchase.members[i].name, &sales->items);
    if (order == 0) return pur_map_compiler_fail(c, "items", "purchase has a field of that name");
    if (order < 0) sales->items_at = i + 1;
  }
  if (!pur_map_compile_json(c, sales->items, ":", &sales->member))
    return pur_map_compiler_no_memory(c);
  c->is_item = true;
  return compile_fields(c, root, "item", &sales->item);
}

/* How many columns and filters a map can name at most. */
static size_t count_nodes(const pur_node *node) {
  size_t count = 1;
  for (const pur_node *member = node->first; member != NULL; member = member->next)
    count += count_nodes(member);
  return count;
}

/* A key that nobody knows is told first: where it is a slip, what it should have been is missing.
 */
static pur_status check_keys(pur_map_compiler *c, pur_node *root) {
  static const char *const file[] = {"encoding", "delimiter", "header",    "skip",
                                     "names",    "decimal",   "thousands", "null",
                                     "where",    "unless",    "list",      "tz"};
  static const char *const sales[] = {"group", "blank", "purchase", "required", "items", "item"};
  static const char *const series[] = {"datetime",   "value",      "label",
                                       "send_label", "resolution", "step"};
  const bool is_sales = c->map->use == PUR_MAP_SALES;
  const char *const *own = is_sales ? sales : series;
  const size_t count = is_sales ? sizeof sales / sizeof *sales : sizeof series / sizeof *series;
  for (size_t i = 0; i < sizeof file / sizeof *file; i++) (void)pur_node_get(root, file[i]);
  for (size_t i = 0; i < count; i++) (void)pur_node_get(root, own[i]);
  return pur_map_compiler_check_used(c, root);
}

static pur_status compile(pur_map_compiler *c, pur_node *root) {
  pur_map *map = c->map;
  const size_t room = count_nodes(root) + 2;
  pur_status status;
  if (root->kind != PUR_JSON_OBJECT_BEGIN && root->first != NULL)
    return pur_map_compiler_fail(c, NULL, "expected a table with names, got a list");
  map->columns = pur_arena_take(&map->arena, room * sizeof *map->columns);
  map->column_paths = pur_arena_take(&map->arena, room * sizeof *map->column_paths);
  map->filters = pur_arena_take(&map->arena, room * sizeof *map->filters);
  if (map->columns == NULL || map->column_paths == NULL || map->filters == NULL)
    return pur_map_compiler_no_memory(c);
  status = check_keys(c, root);
  if (status == PUR_OK) status = pur_map_compile_file(c, root);
  if (status == PUR_OK) status = pur_map_compiler_zone(c, root, &c->zone);
  if (status != PUR_OK) return status;
  return map->use == PUR_MAP_SALES ? compile_sales(c, root) : pur_map_compile_series(c, root);
}

pur_status pur_map_compile(const char *json, size_t length, pur_map_use use, pur_map **map,
                           pur_error *error) {
  pur_map_compiler c = {.error = error, .map = calloc(1, sizeof *c.map)};
  pur_node *root = NULL;
  pur_status status;
  if (c.map == NULL) return pur_error_no_memory(error);
  c.map->references = 1;
  c.map->use = use;
  status = pur_node_read(json, length, &c.map->arena, &root, error);
  if (status == PUR_OK) status = compile(&c, root);
  if (status == PUR_OK)
    *map = c.map;
  else
    pur_map_release(c.map);
  return status;
}

pur_map *pur_map_reference(pur_map *map) {
  map->references++;
  return map;
}

void pur_map_release(pur_map *map) {
  if (map == NULL || --map->references > 0) return;
  for (pur_map_zone *zone = map->zones; zone != NULL; zone = zone->next)
    pur_timezone_close(zone->zone);
  pur_arena_free(&map->arena);
  free(map);
}

const pur_form *pur_map_form(const pur_map *map) {
  return &map->form;
}

pur_text pur_map_list(const pur_map *map) {
  return map->list;
}

const pur_map_sales *pur_map_sales_of(const pur_map *map) {
  return &map->sales;
}

const pur_map_series *pur_map_series_of(const pur_map *map) {
  return &map->series;
}

/* What a map says of a series: its times, its values, its grid. */
#include "base/issues.h"
#include "map/compiler.h"

static pur_status compile_label(pur_map_compiler *c, pur_node *root, const char *key, bool *ends) {
  pur_text label = {NULL, 0};
  pur_status status = pur_map_compiler_text(c, root, key, &label);
  if (status != PUR_OK || label.text == NULL) return status;
  *ends = label.length == 3 && memcmp(label.text, "end", 3) == 0;
  if (*ends || (label.length == 5 && memcmp(label.text, "start", 5) == 0)) return PUR_OK;
  return pur_map_compiler_fail(c, key, "expected 'start' or 'end'");
}

/* The step, the file's own, and what a time names. */
static pur_status compile_grid(pur_map_compiler *c, pur_node *root) {
  pur_map_series *series = &c->map->series;
  const pur_node *given = pur_node_get(root, "step");
  long step = 15, resolution;
  pur_status status;
  if (given != NULL && given->kind == PUR_JSON_FALSE)
    step = 0;
  else if (given != NULL && (!pur_node_whole(given, 1, 60, &step) || 60 % step != 0))
    return pur_map_compiler_fail(c, "step", "expected minutes that divide 60, or false");
  resolution = step;
  status = pur_map_compiler_whole(c, root, "resolution", 1, 60, &resolution);
  if (status == PUR_OK) status = compile_label(c, root, "label", &series->ends);
  series->sends_ends = series->ends;
  if (status == PUR_OK) status = compile_label(c, root, "send_label", &series->sends_ends);
  if (status != PUR_OK) return status;
  series->step = (int)step;
  series->resolution = (int)resolution;
  if (step == 0 && resolution != 0)
    return pur_map_compiler_fail(c, "resolution", "rows on no grid (step = false) have no length");
  if (step != 0 && (resolution % step != 0 || 60 % resolution != 0))
    return pur_map_compiler_fail(
        c, "resolution", "expected minutes that divide 60 and are a multiple of step, %ld", step);
  if (step == 0 && (series->ends || series->sends_ends))
    return pur_map_compiler_fail(c, series->ends ? "label" : "send_label",
                                 "rows on no grid (step = false) have no end");
  return PUR_OK;
}

/* Time */

static pur_status compile_dst(pur_map_compiler *c, pur_node *dst) {
  pur_map_row *row = &c->map->row;
  pur_node *column, *is;
  char name[80];
  pur_status status;
  if (dst->kind != PUR_JSON_OBJECT_BEGIN)
    return pur_map_compiler_fail(c, "dst", "expected { column = name, is = text }");
  pur_map_compiler_enter(c, "dst", 3);
  column = pur_node_get(dst, "column");
  is = pur_node_get(dst, "is");
  if (column == NULL || is == NULL)
    return pur_map_compiler_fail(c, NULL, "expected { column = name, is = text }");
  row->has_dst = true;
  status = pur_map_compiler_column(c, column, "column", &row->dst);
  if (status == PUR_OK)
    status = pur_map_compiler_texts(c, is, "is", true, &row->dst_is, &row->dst_is_count);
  if (status != PUR_OK) return status;
  pur_issue_quote(column->text.text, column->text.length, name, sizeof name);
  c->map->series.dst_name = pur_arena_copy(&c->map->arena, name, strlen(name));
  if (c->map->series.dst_name == NULL) return pur_map_compiler_no_memory(c);
  return pur_map_compiler_check_used(c, dst);
}

static pur_status compile_time_table(pur_map_compiler *c, pur_node *node) {
  pur_map *map = c->map;
  pur_rule *rule = &map->row.time;
  pur_node *period = pur_node_get(node, "period"), *dst = pur_node_get(node, "dst");
  const pur_node *column = pur_node_get(node, "column");
  const size_t saved = c->path_length;
  const bool has_zone = pur_node_get(node, "tz") != NULL;
  pur_status status;
  if (column == NULL)
    return pur_map_compiler_fail(c, NULL, "expected a column, or { column = ... }");
  status = pur_map_compiler_columns(c, column, "column", &rule->slots, &rule->slot_count);
  if (status == PUR_OK) status = pur_map_compile_date(c, node, true, rule);
  if (status == PUR_OK && period != NULL) {
    map->series.has_period = true;
    status = pur_map_compiler_column(c, period, "period", &map->row.period);
  }
  if (status == PUR_OK && dst != NULL) {
    status = compile_dst(c, dst);
    if (status == PUR_OK) pur_map_compiler_leave(c, saved);
  }
  if (status != PUR_OK) return status;
  if (dst != NULL && (period != NULL || rule->conversion->overlap != 0 ||
                      rule->conversion->date.has_offset || rule->conversion->date.has_name))
    return pur_map_compiler_fail(c, "dst", "something else tells repeated hours already");
  if (has_zone) {
    map->series.own_zone = rule->conversion->zone->zone;
    map->series.own_zone_name = rule->conversion->zone->name;
  }
  return pur_map_compiler_check_used(c, node);
}

/* A column that is named for UTC must not be taken for local times. */
static pur_status check_utc(pur_map_compiler *c) {
  pur_map *map = c->map;
  const pur_rule *rule = &map->row.time;
  const pur_date_format *date = &rule->conversion->date;
  map->row.utc_name = pur_arena_take(&map->arena, PUR_UTC_NAME_SIZE);
  if (map->row.utc_name == NULL) return pur_map_compiler_no_memory(c);
  for (size_t i = 0; i < rule->slot_count; i++)
    pur_map_keep_utc_name(map->row.utc_name, map->columns[rule->slots[i]].name);
  map->row.has_place = map->series.own_zone != NULL || pur_map_zone_is_utc(rule->conversion->zone);
  if (*map->row.utc_name == '\0' || map->row.has_place || date->text == NULL || date->has_offset ||
      date->has_name)
    return PUR_OK;
  return pur_map_fail_utc(map, c->error);
}

static pur_status compile_time(pur_map_compiler *c, pur_node *root) {
  pur_map *map = c->map;
  pur_rule *rule = &map->row.time;
  static const pur_node unsaid = {.kind = PUR_JSON_STRING, .text = {"datetime", 8}};
  pur_node *node = pur_node_get(root, "datetime");
  const size_t saved = c->path_length;
  pur_status status;
  pur_map_compiler_enter(c, "datetime", 8);
  rule->path = "datetime";
  rule->kind = PUR_RULE_DATE;
  rule->conversion = pur_map_compile_conversion(c);
  if (rule->conversion == NULL) return pur_map_compiler_no_memory(c);
  if (node != NULL && node->kind == PUR_JSON_OBJECT_BEGIN)
    status = compile_time_table(c, node);
  else
    status = pur_map_compiler_columns(c, node != NULL ? node : &unsaid, NULL, &rule->slots,
                                      &rule->slot_count);
  if (status == PUR_OK && map->series.has_period && map->series.resolution == 0)
    return pur_map_compiler_fail(c, "period", "counts intervals of step or resolution");
  if (status == PUR_OK) status = check_utc(c);
  if (status != PUR_OK) return status;
  map->series.time_slots = rule->slots;
  map->series.time_slot_count = rule->slot_count;
  pur_map_compiler_leave(c, saved);
  return PUR_OK;
}

/* Value */

static pur_status compile_unit(pur_map_compiler *c, pur_node *node) {
  pur_map_row *row = &c->map->row;
  const int resolution = c->map->series.resolution;
  pur_text name = {NULL, 0};
  pur_status status = pur_map_compiler_text(c, node, "unit", &name);
  pur_unit unit;
  if (status != PUR_OK || name.text == NULL) return status;
  unit = pur_unit_find(name.text, name.length);
  if (unit == PUR_UNIT_NONE)
    return pur_map_compiler_fail(c, "unit", "expected MW, kW, GW, MWh, kWh, Wh or GWh");
  row->has_unit = true;
  row->tens = pur_unit_tens(unit);
  if (!pur_unit_is_energy(unit)) return PUR_OK;
  if (resolution == 0)
    return pur_map_compiler_fail(c, "unit", "energy in rows on no grid (step = false) is no power");
  row->factor = 60 / resolution;
  return PUR_OK;
}

static pur_status compile_wide(pur_map_compiler *c, pur_node *node, const pur_node *from,
                               const pur_node *to) {
  pur_map *map = c->map;
  pur_rule *rule = &map->row.value;
  size_t *slots = pur_arena_take(&map->arena, 2 * sizeof *slots);
  pur_status status;
  if (slots == NULL) return pur_map_compiler_no_memory(c);
  if (from == NULL || to == NULL || pur_node_get(node, "column") != NULL)
    return pur_map_compiler_fail(c, NULL, "a row that is a day has { from = column, to = column }");
  rule->slots = slots;
  rule->slot_count = 2;
  status = pur_map_compiler_column(c, from, "from", &slots[0]);
  if (status == PUR_OK) status = pur_map_compiler_column(c, to, "to", &slots[1]);
  if (status != PUR_OK) return status;
  map->series.is_wide = true;
  if (map->series.resolution == 0)
    return pur_map_compiler_fail(c, NULL,
                                 "a row that is a day counts intervals of step or resolution");
  if (map->series.has_period || map->row.has_dst)
    return pur_map_compiler_fail(c, NULL, "a row that is a day has neither period nor dst");
  return PUR_OK;
}

/* A column, or several that are added. */
static pur_status compile_value_table(pur_map_compiler *c, pur_node *node) {
  pur_rule *rule = &c->map->row.value;
  const pur_node *from = pur_node_get(node, "from"), *to = pur_node_get(node, "to");
  const pur_node *add = pur_node_get(node, "add"), *column = pur_node_get(node, "column");
  pur_status status;
  if (from != NULL || to != NULL)
    status = compile_wide(c, node, from, to);
  else if ((add == NULL) == (column == NULL))
    return pur_map_compiler_fail(c, NULL, "expected a column, { column = ... } or { add = ... }");
  else if (column != NULL && column->kind == PUR_JSON_ARRAY_BEGIN)
    return pur_map_compiler_fail(c, "column", "a value has one column; add = { ... } adds several");
  else
    status = pur_map_compiler_columns(c, add != NULL ? add : column, add != NULL ? "add" : "column",
                                      &rule->slots, &rule->slot_count);
  if (status == PUR_OK) status = pur_map_compile_number(c, node, true, rule);
  if (status == PUR_OK) status = compile_unit(c, node);
  if (status == PUR_OK) status = pur_map_compile_default(c, node, rule);
  return status == PUR_OK ? pur_map_compiler_check_used(c, node) : status;
}

static pur_status compile_value(pur_map_compiler *c, pur_node *root) {
  pur_map *map = c->map;
  pur_rule *rule = &map->row.value;
  static const pur_node unsaid = {.kind = PUR_JSON_STRING, .text = {"purchase", 8}};
  pur_text named = {NULL, 0};
  pur_node *node = pur_node_get(root, "value");
  const size_t saved = c->path_length;
  pur_status status;
  map->row.factor = 1;
  pur_map_compiler_enter(c, "value", 5);
  rule->path = "value";
  rule->kind = PUR_RULE_NUMBER;
  rule->conversion = pur_map_compile_conversion(c);
  if (rule->conversion == NULL) return pur_map_compiler_no_memory(c);
  if (node != NULL && node->kind == PUR_JSON_OBJECT_BEGIN)
    status = compile_value_table(c, node);
  else if (node != NULL && node->kind == PUR_JSON_ARRAY_BEGIN)
    return pur_map_compiler_fail(c, NULL, "expected a column, or { column = ... }");
  else
    status = pur_map_compiler_columns(c, node != NULL ? node : &unsaid, NULL, &rule->slots,
                                      &rule->slot_count);
  for (size_t i = 0; status == PUR_OK && i < rule->slot_count; i++) {
    pur_text name = map->columns[rule->slots[i]].name;
    if (name.text != NULL) status = pur_map_check_value_name(map, "value", name, &named, c->error);
  }
  map->series.value_slots = rule->slots;
  map->series.value_slot_count = rule->slot_count;
  pur_map_compiler_leave(c, saved);
  return status;
}

/* Does the map say nothing of times and values but their columns' names? */
static bool is_plain(const pur_map *map) {
  const pur_map_series *series = &map->series;
  const pur_conversion *time = map->row.time.conversion, *value = map->row.value.conversion;
  return map->null_count == 0 && map->filter_count == 0 && map->decimal == '.' &&
         map->thousands == 0 && !series->ends && !series->sends_ends && !series->is_wide &&
         !series->has_period && series->own_zone == NULL && series->resolution == series->step &&
         series->time_slot_count == 1 && series->value_slot_count == 1 && !map->row.has_dst &&
         (*map->row.utc_name == '\0' || map->row.has_place) && time->date.text == NULL &&
         time->overlap == 0 && !value->style.has_currency && value->round < 0 &&
         map->row.tens == 0 && map->row.factor == 1 && map->row.value.constant.text == NULL &&
         map->columns[series->time_slots[0]].name.text != NULL &&
         map->columns[series->value_slots[0]].name.text != NULL;
}

/* Is it called as the API calls it? */
static bool is_own_name(const pur_map_column *column) {
  const pur_text name = column->name;
  return name.text != NULL && name.length == 8 &&
         (memcmp(name.text, "datetime", 8) == 0 || memcmp(name.text, "purchase", 8) == 0);
}

pur_status pur_map_compile_series(pur_map_compiler *c, pur_node *root) {
  pur_map *map = c->map;
  pur_status status = compile_grid(c, root);
  if (c->zone != NULL) {
    map->series.zone = c->zone->zone;
    map->series.zone_name = c->zone->name;
  }
  map->row.zone = c->zone;
  if (status == PUR_OK) status = compile_time(c, root);
  if (status == PUR_OK) status = compile_value(c, root);
  if (status == PUR_OK) map->series.is_plain = is_plain(map);
  for (size_t i = 0; status == PUR_OK && i < map->column_count; i++)
    if (!is_own_name(&map->columns[i])) map->row.has_columns = true;
  return status;
}

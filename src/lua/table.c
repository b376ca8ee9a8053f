/* The rows of a Lua table on their way into a purchase series. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "number/number.h"
#include "series/build.h"
#include "compat.h"

#define ITEMS 100 /* a delivery day of quarter-hours at its longest */

/* Rows on their way to the builder. Good ones go by the hundred, which is faster by many than one
 * by one. Their texts stay in the caller's table: nothing of Lua's runs, and nothing is collected,
 * meanwhile. Their values, three each, stay on the stack: to take them off row by row would have
 * each wait for the last. */
typedef struct row_list {
  pur_series_builder *builder;
  bool is_plain; /* rows go by the hundred */
  int keys; /* where on the stack the name of slot 0 stands, and behind it those of the others */
  int datetime, purchase; /* the keys of these */
  pur_map_cell *cells;
  char (*numbers)[PUR_NUMBER_SIZE];
  pur_status status;
  pur_error *error;
  size_t count;
  pur_item items[ITEMS];
} row_list;

static void hand_over(row_list *list) {
  pur_series_builder_add_items(list->builder, list->items, list->count);
  list->count = 0;
}

/* Takes the values of the row at the top of the stack, and leaves them above it; false: one of them
 * is not what nearly all are. An integer of Lua 5.3 and later that may be no double is none. */
static inline bool take_item(lua_State *L, row_list *list, pur_item *item) {
  lua_pushvalue(L, list->datetime);
  if (pur_lua_rawget(L, -2) != LUA_TSTRING) return false;
  item->datetime = lua_tolstring(L, -1, &item->length);
  if (item->length != PUR_GRID_TEXT) return false;
  lua_pushvalue(L, list->purchase);
  if (pur_lua_rawget(L, -3) != LUA_TNUMBER) return false;
  item->purchase = lua_tonumber(L, -1);
  if (fabs(item->purchase) < 9007199254740992.0) return true;
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, -1)) return false;
#endif
  return isfinite(item->purchase);
}

#define FOUND_SIZE 72 /* bytes of a purchase that a message may show */

/* Says of the value at the top of the stack, which is no number, what it is. */
static void describe(lua_State *L, pur_cell *cell, char text[FOUND_SIZE]) {
  const char *found = lua_typename(L, lua_type(L, -1));
  double value = lua_tonumber(L, -1);
  *cell = (pur_cell){PUR_CELL_WRONG, text, 0, 0};
  if (lua_type(L, -1) == LUA_TNUMBER) {
    found = value > 0 ? "inf" : value < 0 ? "-inf" : "nan";
    cell->length = (size_t)snprintf(text, FOUND_SIZE, "%s", found);
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    found = lua_tolstring(L, -1, &cell->length);
    if (cell->length > FOUND_SIZE - 2) cell->length = FOUND_SIZE - 2;
    text[0] = '"';
    memcpy(text + 1, found, cell->length);
    text[++cell->length] = '"';
    cell->length++;
  } else {
    cell->length = (size_t)snprintf(text, FOUND_SIZE, "a %s", found);
  }
}

/* Adds the row at `index` as the map has it. */
static void take_row(lua_State *L, int index, row_list *list) {
  const pur_map_series *says = list->builder->says;
  const size_t slots = pur_map_slot_count(list->builder->map);
  pur_row row = {0};
  char found[FOUND_SIZE];
  for (size_t slot = 0; slot < slots; slot++) {
    pur_map_cell *cell = &list->cells[slot];
    bool is_value = false, is_time = false;
    int type;
    *cell = (pur_map_cell){.text = NULL};
    for (size_t i = 0; i < says->time_slot_count; i++) is_time |= says->time_slots[i] == slot;
    for (size_t i = 0; i < says->value_slot_count; i++) is_value |= says->value_slots[i] == slot;
    lua_pushvalue(L, list->keys + (int)slot);
    type = pur_lua_rawget(L, index);
    if (type == LUA_TNUMBER) cell->length = pur_lua_write_number(L, -1, list->numbers[slot]);
    cell->is_number = cell->length > 0;
    if (cell->is_number) cell->text = list->numbers[slot];
    if (type == LUA_TSTRING) cell->text = lua_tolstring(L, -1, &cell->length);
    if (is_time && type != LUA_TNIL && type != LUA_TSTRING && (says->is_plain || !cell->is_number))
      row.datetime.state = PUR_CELL_WRONG;
    if (is_value && type != LUA_TNIL && !cell->is_number &&
        (type != LUA_TSTRING || !pur_map_takes_texts(list->builder->map)))
      describe(L, &row.purchase, found);
    lua_pop(L, 1); /* the row keeps it */
  }
  list->status = pur_series_builder_take(list->builder, &row, list->cells, list->error);
}

/* Adds the row at the top of the stack, which is at `index`, and leaves values above it while the
 * list has rows. */
static inline void add_row(lua_State *L, int type, int index, row_list *list) {
  if (type != LUA_TTABLE) {
    hand_over(list);
    pur_check_refuse(&list->builder->check, 0, 0, "it is not a table");
  } else if (list->is_plain && take_item(L, list, &list->items[list->count])) {
    if (++list->count == ITEMS) hand_over(list);
  } else {
    hand_over(list);
    take_row(L, index, list);
  }
}

/* Adds the rows of the table. Metamethods have no say, and nothing is raised. No row may be lost in
 * silence: where more keys are numbers than rows were found, some stand elsewhere. */
static void add_rows(lua_State *L, row_list *list) {
  size_t length = lua_rawlen(L, 1), found = 0, numbers = 0;
  int top = lua_gettop(L), type;
  for (size_t i = 1; (type = pur_lua_rawgeti(L, 1, (int)i)) != LUA_TNIL || i <= length; i++) {
    add_row(L, type, top + 3 * (int)list->count + 1, list);
    if (list->count == 0) lua_settop(L, top);
    found += type != LUA_TNIL;
    if (list->status != PUR_OK) return;
  }
  hand_over(list);
  lua_settop(L, top);
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) numbers += lua_type(L, -2) == LUA_TNUMBER;
  if (numbers > found)
    pur_check_refuse(&list->builder->check, 0, 0, "rows are counted from 1, without a hole");
}

/* Pushes the names of the map's columns and room for a row's cells. */
static void push_keys(lua_State *L, const pur_map *map, row_list *list) {
  const pur_map_series *says = pur_map_series_of(map);
  const size_t slots = pur_map_slot_count(map);
  luaL_checkstack(L, ITEMS * 3 + (int)slots + LUA_MINSTACK, NULL);
  list->cells = lua_newuserdatauv(L, slots * (sizeof *list->cells + sizeof *list->numbers) + 1, 0);
  list->numbers = (char(*)[PUR_NUMBER_SIZE])(void *)(list->cells + slots);
  list->keys = lua_gettop(L) + 1;
  for (size_t slot = 0; slot < slots; slot++) {
    const pur_map_column *column = pur_map_slot(map, slot);
    if (column->name.text != NULL)
      lua_pushlstring(L, column->name.text, column->name.length);
    else
      lua_pushinteger(L, (lua_Integer)column->number);
  }
  list->datetime = list->keys + (int)says->time_slots[0];
  list->purchase = list->keys + (int)says->value_slots[0];
}

pur_status pur_lua_read_rows(lua_State *L, pur_map *map, pur_series **series, pur_issues *issues,
                             pur_error *error) {
  const int top = lua_gettop(L);
  pur_series_builder builder;
  row_list list;
  list.builder = &builder;
  list.error = error;
  list.count = 0;
  push_keys(L, map, &list);
  list.status = pur_series_builder_begin(&builder, map, error);
  if (list.status == PUR_OK) {
    list.is_plain = builder.is_plain;
    if (builder.says->is_wide)
      list.status = pur_error_set(error, PUR_INVALID_MAP, 0, "value: a row of a table has one");
    if (list.status == PUR_OK) add_rows(L, &list);
    list.status = pur_series_builder_finish(&builder, list.status, series, issues, error);
  }
  lua_settop(L, top);
  return list.status;
}

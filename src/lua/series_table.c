/* The rows of a Lua table, for purchases.core.series.from. */
#include <math.h>

#include "compat.h"

/* Where from() has its arguments. */
enum { ROWS = 1, DATETIME, PURCHASE };

#define ITEMS 100 /* a delivery day of quarter-hours at its longest */
#define VALUES 3  /* a row's on the stack: itself, its datetime, its purchase */

_Static_assert(PUR_LUA_ROWS_STACK >= ITEMS * (VALUES) + 2, "and a key with its value");

/* Rows on their way to the core, some at a time, so that the misses of one row's memory do not wait
 * for the work on the row before. Till then their values stay on the stack: each call waits for the
 * one before to set its top, and to take them off row by row costs a twentieth of all. */
typedef struct row_list {
  pur_series_builder *builder;
  int bottom;     /* where the rows' values begin */
  pur_item *next; /* the first one that is free */
  pur_item items[ITEMS];
} row_list;

static void hand_over(row_list *list) {
  pur_series_builder_add_items(list->builder, list->items, (size_t)(list->next - list->items));
  list->next = list->items;
}

/* An integer of Lua 5.3 and later that no double can hold would not arrive as it was given. */
static inline bool is_sendable(lua_State *L, int index, double value) {
  if (fabs(value) < 9007199254740992.0) return true;
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, index))
    return fabs(value) < 9.2e18 && (lua_Integer)value == lua_tointeger(L, index);
#endif
  (void)L, (void)index;
  return isfinite(value);
}

/* Reads the table on top of the stack, and leaves its datetime and its purchase there, too. False:
 * they do not make an item, and less may be left there. */
static inline bool read_item(lua_State *L, pur_item *item) {
  lua_pushvalue(L, DATETIME);
  if (pur_lua_rawget(L, -2) != LUA_TSTRING) return false;
  item->datetime = lua_tolstring(L, -1, &item->length);
  lua_pushvalue(L, PURCHASE);
  if (pur_lua_rawget(L, -3) != LUA_TNUMBER) return false;
  item->purchase = lua_tonumber(L, -1);
  return is_sendable(L, -1, item->purchase);
}

static pur_cell datetime_cell(lua_State *L, int row) {
  pur_cell cell = {PUR_CELL_WRONG, NULL, 0, 0};
  int type;
  lua_pushvalue(L, DATETIME);
  type = pur_lua_rawget(L, row);
  if (type == LUA_TNIL) cell.state = PUR_CELL_MISSING;
  if (type != LUA_TSTRING) return cell;
  cell.state = PUR_CELL_TEXT;
  cell.text = lua_tolstring(L, -1, &cell.length);
  return cell;
}

static pur_cell_state purchase_state(lua_State *L, int row) {
  int type;
  lua_pushvalue(L, PURCHASE);
  type = pur_lua_rawget(L, row);
  if (type == LUA_TNIL) return PUR_CELL_MISSING;
  if (type != LUA_TNUMBER || !is_sendable(L, -1, lua_tonumber(L, -1))) return PUR_CELL_WRONG;
  return PUR_CELL_GOOD;
}

/* Takes the row that read_item refused, or was not asked about. */
static void take_wrong(lua_State *L, row_list *list) {
  int row = list->bottom + VALUES * (int)(list->next - list->items) + 1;
  pur_row wrong = {0};
  hand_over(list);
  if (!lua_istable(L, row)) {
    pur_series_builder_refuse(list->builder, "it is not a table");
    return;
  }
  wrong.datetime = datetime_cell(L, row);
  wrong.purchase.state = purchase_state(L, row);
  pur_series_builder_add(list->builder, &wrong);
}

/* Takes the row on top of the stack, of that type. */
static inline void take_row(lua_State *L, int type, row_list *list) {
  if (type != LUA_TTABLE || !read_item(L, list->next))
    take_wrong(L, list);
  else if (++list->next < list->items + ITEMS)
    return;
  else
    hand_over(list);
  lua_settop(L, list->bottom);
}

/* Takes the rows behind the first `count`, up to the one before a hole, but at least `most` in all;
 * returns how many there are now. */
static size_t take_rows(lua_State *L, row_list *list, size_t count, size_t most) {
  int type;
  while ((type = pur_lua_rawgeti(L, ROWS, (int)count + 1)) != LUA_TNIL || count < most) {
    take_row(L, type, list);
    count++;
  }
  hand_over(list);
  lua_settop(L, list->bottom);
  return count;
}

static size_t count_keys(lua_State *L) {
  size_t count = 0;
  for (lua_pushnil(L); lua_next(L, ROWS); lua_pop(L, 1)) count++;
  return count;
}

/* Does a loop from 1 to `count` leave out what has a number, too? */
static bool has_stray_rows(lua_State *L, size_t count) {
  bool found = false;
  for (lua_pushnil(L); lua_next(L, ROWS); lua_pop(L, 1)) {
    lua_Number key;
    if (lua_type(L, -2) != LUA_TNUMBER) continue;
    key = lua_tonumber(L, -2);
    found |= !(key >= 1 && key <= (lua_Number)count && key == (lua_Number)(size_t)key);
  }
  return found;
}

/* No row may be lost in silence: only where a table has as many keys as rows, it has nothing else.
 */
void pur_lua_add_rows(lua_State *L, pur_series_builder *builder) {
  size_t count;
  row_list list;
  list.builder = builder;
  list.bottom = lua_gettop(L);
  list.next = list.items;
  count = take_rows(L, &list, 0, 0);
  if (count_keys(L) == count) return;
  count = take_rows(L, &list, count, lua_rawlen(L, ROWS));
  if (has_stray_rows(L, count))
    pur_series_builder_refuse(builder, "rows are counted from 1, without a hole");
}

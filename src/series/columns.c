#include "series/columns.h"

#include <string.h>

#define FIRST_ROOM 100 /* rows: a delivery day of quarter-hours at its longest */

void pur_columns_free(pur_columns *columns) {
  pur_buffer_free(&columns->values);
  pur_buffer_free(&columns->texts);
  pur_buffer_free(&columns->times);
}

int64_t *pur_columns_reserve(pur_columns *columns, size_t rows) {
  pur_buffer *values = &columns->values;
  if (values->data == NULL && rows < FIRST_ROOM) rows = FIRST_ROOM;
  return (int64_t *)(void *)pur_buffer_reserve(values, rows * sizeof(int64_t));
}

static void add_value(pur_columns *columns, int64_t value) {
  int64_t *to = pur_columns_reserve(columns, 1);
  if (to == NULL) return;
  *to = value;
  pur_columns_added(columns, 1);
}

/* Gives all numbers so many places, unless one would not fit any more. */
static bool widen(pur_columns *columns, unsigned places) {
  int64_t scale = (int64_t)pur_tens[places - columns->places], most = PUR_FIXED_MOST / scale;
  int64_t *value = (int64_t *)(void *)columns->values.data;
  size_t rows = columns->values.length / sizeof *value;
  for (size_t row = 0; row < rows && !columns->is_full; row++)
    columns->is_full = value[row] < -most || (value[row] > most && value[row] <= PUR_FIXED_MOST);
  if (columns->is_full) return false;
  for (size_t row = 0; row < rows; row++)
    if (value[row] <= PUR_FIXED_MOST) value[row] *= scale;
  columns->places = places;
  return true;
}

static void keep_text(pur_columns *columns, const char *text, size_t length) {
  size_t place = columns->texts.length;
  pur_buffer_append(&columns->texts, text, length);
  pur_buffer_append(&columns->texts, "", 1);
  add_value(columns, PUR_FIXED_MOST + 1 + (int64_t)place);
}

void pur_columns_add(pur_columns *columns, pur_fixed number) {
  char text[PUR_FIXED_SIZE];
  int64_t value;
  if (number.places > columns->places && !columns->is_full) (void)widen(columns, number.places);
  if (pur_columns_put(columns->places, number, &value))
    add_value(columns, value);
  else
    keep_text(columns, text, (size_t)(pur_fixed_write(text, number.value, number.places) - text));
}

/* The length of a number without zeros that end its fraction; one with an exponent stays as it is.
 */
static size_t trim(const char *number, size_t length) {
  if (memchr(number, '.', length) == NULL || memchr(number, 'e', length) ||
      memchr(number, 'E', length))
    return length;
  while (number[length - 1] == '0') length--;
  return number[length - 1] == '.' ? length - 1 : length;
}

void pur_columns_add_text(pur_columns *columns, const char *text, size_t length) {
  keep_text(columns, text, trim(text, length));
}

pur_status pur_columns_finish(pur_columns *columns, pur_error *error) {
  pur_buffer *all[] = {&columns->values, &columns->texts, &columns->times};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    pur_status status;
    pur_buffer_fit(all[i]);
    status = pur_buffer_check(all[i], error);
    if (status != PUR_OK) return status;
  }
  return PUR_OK;
}

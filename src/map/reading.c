#include "map/reading.h"

#include <string.h>

#include "number/number.h"

void pur_reading_settle(pur_cell *cell, pur_status status, const pur_error *why, size_t offset) {
  cell->state = status == PUR_OK    ? PUR_CELL_GOOD
                : status == PUR_END ? PUR_CELL_MISSING
                                    : PUR_CELL_REFUSED;
  cell->offset = offset;
  cell->text = why->message;
  cell->length = cell->state == PUR_CELL_REFUSED ? strlen(why->message) : 0;
}

pur_status pur_reading_time(const pur_map *map, pur_row *row, const pur_map_cell *cells,
                            pur_error *why) {
  size_t slot = pur_map_series_of(map)->time_slots[0];
  pur_status status = pur_map_read_time(map, cells, &row->time, &slot, why);
  pur_reading_settle(&row->datetime, status, why, cells[slot].place);
  if (status == PUR_END && row->text == NULL && cells[slot].text != NULL) /* not missing, but "" */
    row->datetime.state = PUR_CELL_TEXT;
  return status;
}

bool pur_reading_number(pur_cell *cell, pur_fixed *number, pur_buffer *text) {
  double value;
  cell->state = PUR_CELL_GOOD;
  if (pur_fixed_read(cell->text, cell->length, number)) return true;
  if (!pur_number_read(cell->text, cell->length, &value)) return false;
  if (text->status == PUR_OK) pur_buffer_clear(text);
  cell->state = PUR_CELL_TEXT;
  if (value != 0 && memchr(cell->text, 'e', cell->length) == NULL &&
      memchr(cell->text, 'E', cell->length) == NULL)
    return true;
  if (!pur_map_write_plain(cell->text, cell->length, text) || text->status != PUR_OK) return true;
  cell->text = text->data;
  cell->length = text->length;
  if (pur_fixed_read(cell->text, cell->length, number)) cell->state = PUR_CELL_GOOD;
  return true;
}

pur_status pur_reading_value(const pur_map *map, pur_row *row, const pur_map_cell *cells,
                             pur_fixed *number, pur_buffer *text, pur_error *why) {
  const pur_map_series *says = pur_map_series_of(map);
  size_t slot = says->value_slots[0];
  const pur_map_cell *cell = &cells[slot];
  pur_exact exact;
  pur_status status;
  if (says->is_plain && cell->length > 0) {
    row->purchase = (pur_cell){PUR_CELL_GOOD, cell->text, cell->length, cells[slot].place};
    if (pur_reading_number(&row->purchase, number, text)) return PUR_OK;
  }
  status = pur_map_read_value(map, cells, &exact, &slot, why);
  pur_reading_settle(&row->purchase, status, why, cells[slot].place);
  if (status != PUR_OK || pur_exact_to_fixed(&exact, number)) return status;
  if (text->status == PUR_OK) pur_buffer_clear(text);
  if (pur_buffer_reserve(text, PUR_EXACT_SIZE) == NULL) return PUR_OK;
  row->purchase =
      (pur_cell){PUR_CELL_TEXT, text->data, pur_exact_write(&exact, text->data), cells[slot].place};
  return PUR_OK;
}

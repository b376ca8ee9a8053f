/* A purchase series from JSON: takes every row. */
#include "map/cause.h"
#include "map/json_rows.h"
#include "series/store.h"

pur_status pur_series_read_json(pur_series_builder *builder, const char *text, size_t length,
                                pur_error *error) {
  pur_check *check = &builder->check;
  const size_t first = check->rows;
  pur_json_rows rows;
  pur_status status;
  if (builder->says->is_wide)
    return pur_error_set(error, PUR_INVALID_MAP, 0, "value: rows of JSON have one value each");
  status = pur_json_rows_open(&rows, builder->map, text, length, error);
  while (status == PUR_OK) {
    status = pur_json_rows_next(&rows, error);
    if (status == PUR_INVALID_CELL) {
      pur_check_refuse(check, 0, error->position, error->message);
      status = PUR_OK;
    } else if (status == PUR_OK) {
      pur_row row = {.datetime = rows.time, .purchase = rows.value};
      status = pur_series_builder_take(builder, &row, rows.cells, error);
      pur_apart_take_members(&check->apart, builder->map, rows.row, check->order.taken,
                             pur_check_repeats_first(check));
    }
  }
  pur_json_rows_close(&rows);
  if (status == PUR_MISSING_COLUMN) pur_cause_drop(&check->issues, first);
  return pur_apart_close(&check->apart, status, error);
}

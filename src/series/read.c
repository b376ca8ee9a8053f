/* Where a purchase series comes from: a file or a text, CSV or JSON, told by its first character.
 */
#include "map/cause.h"
#include "map/json_rows.h"
#include "series/build.h"

static pur_status read_json(pur_series_builder *builder, const char *text, size_t length,
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

/* Reads all rows of a text; their places are found before it goes. */
static pur_status read_text(pur_series_builder *builder, const char *text, size_t length,
                            pur_error *error) {
  pur_place *stop = &builder->check.issues.stop;
  pur_status status = read_json(builder, text, length, error);
  if (status != PUR_OK && status != PUR_NO_MEMORY)
    pur_text_place(text, length, error->position, &stop->line, &stop->column);
  if (builder->check.rows > 0) pur_check_locate(&builder->check, text, length);
  return status;
}

static pur_status read_file(pur_series_builder *builder, const char *path, pur_error *error) {
  pur_table table;
  pur_input *input = &table.rows.input;
  pur_status status = pur_table_open(&table, path, error);
  if (status == PUR_OK)
    status = pur_input_begin(input, pur_map_form(builder->map)->encoding, error);
  if (status == PUR_OK && pur_input_is_json(input)) {
    status = pur_input_all(input, error);
    if (status == PUR_OK) status = read_text(builder, input->start, pur_input_unread(input), error);
  } else if (status == PUR_OK) {
    status = pur_series_read_csv(builder, &table, error);
  }
  pur_table_close(&table);
  return status;
}

/* Rows are counted through all files: from the number of its row an issue's file is told. */
static void name_files(pur_issues *issues, const pur_buffer *starts) {
  const size_t *start = (const size_t *)(const void *)starts->data;
  const size_t files = starts->length / sizeof *start;
  for (size_t i = 0; i < issues->count; i++) {
    pur_issue *issue = (pur_issue *)(void *)issues->kept.data + i;
    while (issue->file + 1 < files && start[issue->file + 1] <= issue->place.index) issue->file++;
  }
}

pur_status pur_series_read(const char *const *paths, size_t count, pur_map *map,
                           pur_series **series, pur_issues *issues, pur_error *error) {
  pur_series_builder builder;
  pur_buffer starts = {0};
  pur_status status = pur_series_builder_begin(&builder, map, error);
  *series = NULL;
  if (status != PUR_OK) return status;
  for (size_t i = 0; i < count && status == PUR_OK; i++) {
    pur_buffer_append(&starts, &builder.check.rows, sizeof builder.check.rows);
    status = pur_buffer_check(&starts, error);
    if (status == PUR_OK) status = read_file(&builder, paths[i], error);
  }
  status = pur_series_builder_finish(&builder, status, series, issues, error);
  name_files(issues, &starts);
  pur_buffer_free(&starts);
  return status;
}

pur_status pur_series_decode(const char *text, size_t length, pur_map *map, pur_series **series,
                             pur_issues *issues, pur_error *error) {
  pur_series_builder builder;
  pur_status status = pur_series_builder_begin(&builder, map, error);
  *series = NULL;
  if (status != PUR_OK) return status;
  status = read_text(&builder, text, length, error);
  return pur_series_builder_finish(&builder, status, series, issues, error);
}

/* Where a purchase series comes from: a file or a text, CSV or JSON, told by its first character.
 */
#include "base/text.h"
#include "series/store.h"

/* Reads all rows of a text; their places are found before it goes. */
static pur_status read_text(pur_series_builder *builder, const char *text, size_t length,
                            pur_error *error) {
  pur_place *stop = &builder->check.issues.stop;
  pur_status status = pur_series_read_json(builder, text, length, error);
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

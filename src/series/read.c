/* Where a purchase series comes from: a file or a text, CSV or JSON, told by its first character.
 */
#include "base/text.h"
#include "series/store.h"

/* Reads all rows of a text. */
static pur_status read_text(pur_series_builder *builder, const pur_series_options *options,
                            const char *text, size_t length, pur_error *error) {
  pur_place *stop = &builder->check.issues.stop;
  pur_status status = pur_series_read_json(builder, options, text, length, error);
  if (status != PUR_OK && status != PUR_NO_MEMORY)
    pur_text_place(text, length, error->position, &stop->line, &stop->column);
  return status;
}

/* Ends a reading. Issues of JSON, of which `text` is not NULL, have offsets for places; of a series
 * without rows nothing has a place. An error is the last issue. */
static pur_status end(pur_series_builder *builder, pur_status read, const char *text, size_t length,
                      pur_series **series, pur_issues *issues, pur_error *error) {
  static const pur_place start = {0, 1, 1};
  pur_status status = pur_series_builder_finish(builder, read, series, issues, error);
  if (text != NULL && builder->check.rows > 0) pur_issues_locate(issues, 0, text, length, &start);
  if (read == PUR_OK) return status;
  issues->stop.index = builder->check.rows;
  (void)pur_issues_add(issues, &issues->stop, NULL, pur_status_name(read), "%s", error->message);
  return status;
}

pur_status pur_series_read(const char *path, const pur_series_options *options, pur_series **series,
                           pur_issues *issues, pur_error *error) {
  pur_series_builder builder;
  pur_rows rows;
  const char *text = NULL;
  size_t length = 0;
  pur_status status = pur_series_builder_begin(&builder, options, error);
  *series = NULL;
  if (status != PUR_OK) return status;
  status = pur_rows_open(&rows, path, NULL, error);
  if (status == PUR_OK && pur_input_is_json(&rows.input)) {
    status = pur_input_all(&rows.input, error);
    if (status == PUR_OK) {
      text = rows.input.start;
      length = (size_t)(rows.input.end - text);
      status = read_text(&builder, options, text, length, error);
    }
  } else if (status == PUR_OK) {
    status = pur_series_read_csv(&builder, options, &rows, error);
  }
  status = end(&builder, status, text, length, series, issues, error);
  pur_rows_close(&rows);
  return status;
}

pur_status pur_series_decode(const char *text, size_t length, const pur_series_options *options,
                             pur_series **series, pur_issues *issues, pur_error *error) {
  pur_series_builder builder;
  pur_status status = pur_series_builder_begin(&builder, options, error);
  *series = NULL;
  if (status != PUR_OK) return status;
  status = read_text(&builder, options, text, length, error);
  return end(&builder, status, text, length, series, issues, error);
}

/* Where a purchase series comes from: a file or a text, CSV or JSON, told by its first character.
 */
#include <string.h>

#include "base/text.h"
#include "series/store.h"

/* One reading from its start to a series or a list of issues. */
typedef struct reading {
  const pur_series_options *options;
  pur_series *series;
  pur_check check;
  const char *text; /* of JSON, to find places in; NULL otherwise */
  size_t length;
} reading;

static pur_status begin(reading *r, const pur_series_options *options, pur_error *error) {
  r->options = options;
  r->text = NULL;
  pur_check_init(&r->check, options->zone, options->zone_name, options->step);
  r->series = pur_series_new(options);
  return r->series != NULL ? PUR_OK : pur_error_no_memory(error);
}

/* Of a series without rows nothing has a place. */
static void locate(const reading *r, pur_issues *issues) {
  static const pur_place start = {0, 1, 1};
  if (r->text != NULL && r->check.rows > 0)
    pur_issues_locate(issues, 0, r->text, r->length, &start);
}

/* What stopped the reading stands among the issues too. */
static void report_stop(reading *r, const pur_error *error) {
  pur_issues *issues = &r->check.issues;
  pur_issue *issue;
  issues->stop.index = r->check.rows;
  issue = pur_issues_add(issues, &issues->stop, NULL, pur_status_name(error->status));
  if (issue != NULL) pur_issue_write(issue->message, "%s", error->message);
}

static pur_status end(reading *r, pur_status status, pur_series **series, pur_issues *issues,
                      pur_error *error) {
  if (status == PUR_OK) {
    status = pur_series_finish(r->series, &r->check, issues, error);
    locate(r, issues);
  } else {
    locate(r, &r->check.issues);
    report_stop(r, error);
    *issues = r->check.issues;
    pur_issues_init(&r->check.issues);
  }
  pur_check_free(&r->check);
  if (status == PUR_OK)
    *series = r->series;
  else
    pur_series_release(r->series);
  return status;
}

static void skip_mark(const char **text, size_t *length) {
  if (*length < 3 || memcmp(*text, "\xEF\xBB\xBF", 3) != 0) return;
  *text += 3;
  *length -= 3;
}

static pur_status read_text(reading *r, const char *text, size_t length, pur_error *error) {
  pur_place *stop = &r->check.issues.stop;
  pur_status status = pur_series_read_json(r->series, r->options, &r->check, text, length, error);
  r->text = text;
  r->length = length;
  if (status != PUR_OK && status != PUR_NO_MEMORY)
    pur_text_place(text, length, error->position, &stop->line, &stop->column);
  return status;
}

/* Rows are refused one by one: of what CSV says, only its header can stop the reading. */
static pur_status read_csv(reading *r, pur_error *error) {
  pur_status status = pur_series_read_csv(r->series, r->options, &r->check, error);
  if (status == PUR_INVALID_CSV || status == PUR_MISSING_COLUMN) {
    r->check.issues.stop.line = 1;
    r->check.issues.stop.column = error->position + 1;
  }
  return status;
}

static bool is_json(const char *text, size_t length) {
  size_t at = 0;
  while (at < length && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0') at++;
  return at < length && (text[at] == '{' || text[at] == '[');
}

/* JSON is kept as rows of text of its own, so its file may be closed. */
static pur_status read_json_file(reading *r, size_t mark, pur_error *error) {
  pur_input *input = &r->series->input;
  pur_status status;
  pur_input_read_once(input);
  status = pur_input_all(input, error);
  if (status != PUR_OK) return status;
  return read_text(r, input->start + mark, (size_t)(input->end - input->start) - mark, error);
}

static pur_status read_file(reading *r, const char *path, pur_error *error) {
  pur_input *input = &r->series->input;
  const char *text;
  size_t length;
  pur_status status = pur_input_open(input, path, error);
  if (status == PUR_OK) status = pur_input_more(input, error);
  if (status != PUR_OK && status != PUR_END) return status;
  text = input->start;
  length = (size_t)(input->end - input->start);
  skip_mark(&text, &length);
  if (is_json(text, length)) return read_json_file(r, (size_t)(text - input->start), error);
  pur_input_skip(input, (size_t)(text - input->start));
  return read_csv(r, error);
}

pur_status pur_series_read(const char *path, const pur_series_options *options, pur_series **series,
                           pur_issues *issues, pur_error *error) {
  reading r;
  pur_status status = begin(&r, options, error);
  *series = NULL;
  if (status != PUR_OK) return status;
  status = read_file(&r, path, error);
  return end(&r, status, series, issues, error);
}

pur_status pur_series_decode(const char *text, size_t length, const pur_series_options *options,
                             pur_series **series, pur_issues *issues, pur_error *error) {
  reading r;
  pur_status status = begin(&r, options, error);
  *series = NULL;
  if (status != PUR_OK) return status;
  status = read_text(&r, text, length, error);
  return end(&r, status, series, issues, error);
}

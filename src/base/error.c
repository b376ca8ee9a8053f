#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[PUR_STATUS_COUNT] = {
    [PUR_OK] = "ok",
    [PUR_END] = "end",
    [PUR_NO_MEMORY] = "out_of_memory",
    [PUR_TOO_LARGE] = "too_large",
    [PUR_FILE_UNREADABLE] = "file_unreadable",
    [PUR_INVALID_JSON] = "invalid_json",
    [PUR_INVALID_UTF8] = "invalid_utf8",
    [PUR_TOO_DEEP] = "too_deep",
    [PUR_DUPLICATE_KEY] = "duplicate_key",
    [PUR_NOT_FOUND] = "not_found",
    [PUR_INVALID_CSV] = "invalid_csv",
    [PUR_MISSING_COLUMN] = "missing_column",
    [PUR_INVALID_DATETIME] = "invalid_datetime",
    [PUR_NONEXISTENT_TIME] = "nonexistent_time",
    [PUR_AMBIGUOUS_TIME] = "ambiguous_time",
    [PUR_UNKNOWN_ZONE] = "unknown_zone",
    [PUR_INVALID_ZONE] = "invalid_zone",
    [PUR_INVALID_SERIES] = "invalid_series",
    [PUR_INVALID_SCHEMA] = "invalid_schema",
    [PUR_SCHEMA_MISMATCH] = "schema_mismatch",
    [PUR_INVALID_REQUEST] = "invalid_request",
    [PUR_CLOSED] = "closed",
    [PUR_FORKED] = "forked",
    [PUR_TRANSPORT] = "transport",
};

const char *pur_status_name(pur_status status) {
  return status < PUR_STATUS_COUNT ? names[status] : "unknown";
}

pur_status pur_error_set(pur_error *error, pur_status status, size_t position, const char *format,
                         ...) {
  if (error != NULL) {
    va_list arguments;
    error->status = status;
    error->position = position;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
  }
  return status;
}

pur_status pur_error_no_memory(pur_error *error) {
  return pur_error_set(error, PUR_NO_MEMORY, 0, "out of memory");
}

/* Errors of the core: a status that every function returns, and a message for people. */
#ifndef PURCHASES_BASE_ERROR_H
#define PURCHASES_BASE_ERROR_H

#include <stddef.h>

#define PUR_MESSAGE_SIZE 256

/* Every status with its stable name (pur_status_name), which is the `code` of the error in Lua.
 * PUR_END is not an error: there is nothing left to read. */
#define PUR_STATUSES(STATUS)                                                                       \
  STATUS(PUR_OK, "ok")                                                                             \
  STATUS(PUR_END, "end")                                                                           \
  STATUS(PUR_NO_MEMORY, "out_of_memory")                                                           \
  STATUS(PUR_TOO_LARGE, "too_large")                                                               \
  STATUS(PUR_FILE_UNREADABLE, "file_unreadable")                                                   \
  STATUS(PUR_NOT_TEXT, "not_text")                                                                 \
  STATUS(PUR_INVALID_JSON, "invalid_json")                                                         \
  STATUS(PUR_INVALID_UTF8, "invalid_utf8")                                                         \
  STATUS(PUR_TOO_DEEP, "too_deep")                                                                 \
  STATUS(PUR_DUPLICATE_KEY, "duplicate_key")                                                       \
  STATUS(PUR_NOT_FOUND, "not_found")                                                               \
  STATUS(PUR_INVALID_CSV, "invalid_csv")                                                           \
  STATUS(PUR_INVALID_MAP, "invalid_map")                                                           \
  STATUS(PUR_INVALID_CELL, "invalid_cell")                                                         \
  STATUS(PUR_MISSING_COLUMN, "missing_column")                                                     \
  STATUS(PUR_INVALID_DATETIME, "invalid_datetime")                                                 \
  STATUS(PUR_NONEXISTENT_TIME, "nonexistent_time")                                                 \
  STATUS(PUR_AMBIGUOUS_TIME, "ambiguous_time")                                                     \
  STATUS(PUR_UNKNOWN_ZONE, "unknown_zone")                                                         \
  STATUS(PUR_INVALID_ZONE, "invalid_zone")                                                         \
  STATUS(PUR_INVALID_SERIES, "invalid_series")                                                     \
  STATUS(PUR_INVALID_SCHEMA, "invalid_schema")                                                     \
  STATUS(PUR_SCHEMA_MISMATCH, "schema_mismatch")                                                   \
  STATUS(PUR_INVALID_REQUEST, "invalid_request")                                                   \
  STATUS(PUR_CLOSED, "closed")                                                                     \
  STATUS(PUR_FORKED, "forked")                                                                     \
  STATUS(PUR_TRANSPORT, "transport")                                                               \
  STATUS(PUR_BUSY, "busy")                                                                         \
  STATUS(PUR_DISK_FULL, "disk_full")                                                               \
  STATUS(PUR_READ_ONLY, "read_only")                                                               \
  STATUS(PUR_DAMAGED, "damaged")                                                                   \
  STATUS(PUR_IO, "io_error")                                                                       \
  STATUS(PUR_DATABASE, "database_error")

#define PUR_STATUS_ITSELF(status, name) status,
typedef enum pur_status { PUR_STATUSES(PUR_STATUS_ITSELF) PUR_STATUS_COUNT } pur_status;

/* `position` is a byte offset from 0 into the text that was read; 0 where there is no text. */
typedef struct pur_error {
  pur_status status;
  size_t position;
  char message[PUR_MESSAGE_SIZE];
} pur_error;

/* The stable name of a status, such as "invalid_json". Never NULL. */
const char *pur_status_name(pur_status status);

/* Fills `error` (NULL: nothing is kept) with a message in printf's format, cut at PUR_MESSAGE_SIZE,
 * and returns `status`, so that a failing function can end with `return pur_error_set(...)`. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
pur_status
pur_error_set(pur_error *error, pur_status status, size_t position, const char *format, ...);

/* Says that memory ran out; returns PUR_NO_MEMORY. */
pur_status pur_error_no_memory(pur_error *error);

#endif

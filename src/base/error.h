/* Errors of the core: a status that every function returns, and a message for people. */
#ifndef PURCHASES_BASE_ERROR_H
#define PURCHASES_BASE_ERROR_H

#include <stddef.h>

#define PUR_MESSAGE_SIZE 256

/* Every status has a stable name (pur_status_name), which is the `code` of the error in Lua. */
typedef enum pur_status {
  PUR_OK,
  PUR_END, /* nothing left to read: not an error */
  PUR_NO_MEMORY,
  PUR_TOO_LARGE,
  PUR_FILE_UNREADABLE,
  PUR_INVALID_JSON,
  PUR_INVALID_UTF8,
  PUR_TOO_DEEP,
  PUR_DUPLICATE_KEY,
  PUR_NOT_FOUND,
  PUR_INVALID_CSV,
  PUR_MISSING_COLUMN,
  PUR_INVALID_DATETIME,
  PUR_NONEXISTENT_TIME,
  PUR_AMBIGUOUS_TIME,
  PUR_UNKNOWN_ZONE,
  PUR_INVALID_ZONE,
  PUR_INVALID_SERIES,
  PUR_INVALID_SCHEMA,
  PUR_SCHEMA_MISMATCH,
  PUR_INVALID_REQUEST,
  PUR_CLOSED,
  PUR_FORKED,
  PUR_TRANSPORT,
  PUR_STATUS_COUNT
} pur_status;

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

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#define NAME(status, name) name,
static const char *const names[PUR_STATUS_COUNT] = {PUR_STATUSES(NAME)};

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

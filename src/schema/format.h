/* The formats that strings can have: private to the schema folder. */
#ifndef PURCHASES_SCHEMA_FORMAT_H
#define PURCHASES_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

typedef enum pur_format {
  PUR_FORMAT_NONE,
  PUR_FORMAT_EMAIL,     /* RFC 5321's Mailbox, with RFC 6531's characters */
  PUR_FORMAT_DATE_TIME, /* RFC 3339's date-time */
  PUR_FORMAT_URI,       /* RFC 3986's URI, with a scheme */
  PUR_FORMAT_COUNT
} pur_format;

/* PUR_FORMAT_COUNT: no such format. */
pur_format pur_format_named(const char *name, size_t length);

/* A description of a format, for messages: "an e-mail address, such as ..." */
const char *pur_format_describe(pur_format format);

bool pur_format_holds(pur_format format, const char *text, size_t length);

#endif

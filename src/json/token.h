/* The tokens of a JSON text, and the state of the scanner that reads them. */
#ifndef PURCHASES_JSON_TOKEN_H
#define PURCHASES_JSON_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "json/names.h"

#define PUR_JSON_DEPTH 512

typedef enum pur_json_kind {
  PUR_JSON_OBJECT_BEGIN,
  PUR_JSON_OBJECT_END,
  PUR_JSON_ARRAY_BEGIN,
  PUR_JSON_ARRAY_END,
  PUR_JSON_KEY, /* a member's name; its value is next */
  PUR_JSON_STRING,
  PUR_JSON_NUMBER,
  PUR_JSON_TRUE,
  PUR_JSON_FALSE,
  PUR_JSON_NULL
} pur_json_kind;

typedef struct pur_json_token {
  pur_json_kind kind;
  bool escaped;     /* a key or string with a backslash in it */
  const char *text; /* into the scanned text; of a key or string what is between the quotes */
  size_t length;
  size_t position; /* of the token's first byte, quotes included, from 0 */
} pur_json_token;

typedef struct pur_json_scanner {
  const char *text;
  size_t length;
  size_t position; /* of the next byte to read */
  unsigned depth;
  unsigned char expected;                /* next */
  uint64_t objects[PUR_JSON_DEPTH / 64]; /* bit d: the container at depth d + 1 is an object */
  pur_json_names names;
} pur_json_scanner;

#endif

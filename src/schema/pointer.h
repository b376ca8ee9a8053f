/* JSON Pointers (RFC 6901): private to the schema folder. */
#ifndef PURCHASES_SCHEMA_POINTER_H
#define PURCHASES_SCHEMA_POINTER_H

#include "json/json.h"

/* Each appends one step. */
void pur_pointer_add_name(pur_buffer *out, const pur_json_token *key);
void pur_pointer_add_index(pur_buffer *out, size_t index);

#endif

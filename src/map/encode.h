/* The way back to a file's encoding, for what a rejects file has of its text. */
#ifndef PURCHASES_MAP_ENCODE_H
#define PURCHASES_MAP_ENCODE_H

#include "input/encoding.h"

/* Appends a text as bytes of its encoding, any but ANY (UTF16 is little-endian). A text that was
 * decoded from it becomes the same bytes, even where they are no characters; what the encoding does
 * not have becomes `?`, or U+FFFD. Failures stick in the buffer. */
void pur_encoding_encode(pur_encoding encoding, const char *text, size_t length, pur_buffer *out);

/* PUR_OK: all of the text, which was decoded from this encoding, is characters. PUR_INVALID_UTF8:
 * what stands at error->position is none; the message names it and what may be wrong. */
pur_status pur_encoding_check(pur_encoding encoding, const char *text, size_t length,
                              pur_error *error);

#endif

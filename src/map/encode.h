/* The way back to a file's encoding, for what a rejects file has of its text. */
#ifndef PURCHASES_MAP_ENCODE_H
#define PURCHASES_MAP_ENCODE_H

#include "input/encoding.h"

/* Appends a text as bytes of its encoding, any but ANY (UTF16 is little-endian). A text that was
 * decoded from it becomes the same bytes, even where they are no characters; what the encoding does
 * not have becomes `?`, or U+FFFD. Failures stick in the buffer. */
void pur_encoding_encode(pur_encoding encoding, const char *text, size_t length, pur_buffer *out);

/* Why a decoded text that is no UTF-8 is none, and what to do: static words that go on behind
 * "has".
 */
const char *pur_encoding_explain(const char *text, size_t length);

#endif

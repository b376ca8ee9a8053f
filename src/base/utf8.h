/* UTF-8 as RFC 3629 has it: the shortest form only, no surrogates, nothing above U+10FFFF. */
#ifndef PURCHASES_BASE_UTF8_H
#define PURCHASES_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of the character that starts the text: 1 to 4; 0 if none does, or the text is empty. */
size_t pur_utf8_length(const char *text, size_t length);

/* Writes the 1 to 4 bytes of a code point, which is none of the surrogates and at most 0x10FFFF,
 * and returns how many. */
size_t pur_utf8_write(uint32_t code_point, char out[4]);

/* The characters in a text: its bytes other than continuation bytes, so that it counts in any text.
 */
size_t pur_utf8_count(const char *text, size_t length);

#endif

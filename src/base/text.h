/* Text: UTF-8 as RFC 3629 has it (the shortest form only, no surrogates, nothing above U+10FFFF),
 * and the line and column of a position. */
#ifndef PURCHASES_BASE_TEXT_H
#define PURCHASES_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that stand elsewhere, without a NUL at their end. */
typedef struct pur_text {
  const char *text;
  size_t length;
} pur_text;

/* The length of the character that starts the text, 1 to 4 bytes; 0 if the text is empty or does
 * not start with a character. */
size_t pur_utf8_length(const char *text, size_t length);

/* Writes a code point in 1 to 4 bytes and returns how many. It must be at most 0x10FFFF and must
 * not be a surrogate. */
size_t pur_utf8_write(uint32_t code_point, char out[4]);

/* The number of characters in a text: of its bytes other than continuation bytes, so that it is
 * defined for any text. */
size_t pur_utf8_count(const char *text, size_t length);

/* The most bytes of a text, up to `most`, that hold whole characters. */
size_t pur_utf8_clip(const char *text, size_t length, size_t most);

/* Moves the line and column at which a text begins to those behind it, both from 1. Lines end with
 * LF; columns are characters (code points), not bytes. */
void pur_text_pass(const char *text, size_t length, size_t *line, size_t *column);

/* The line and column of byte `offset` (at most `length`) of a whole text. */
void pur_text_place(const char *text, size_t length, size_t offset, size_t *line, size_t *column);

#define PUR_FOUND_SIZE 16

/* Names what stands at byte `at`, for a message: 'x', byte 0x1F (where a terminal would not show
 * the byte as itself), or "the end". */
const char *pur_text_found(const char *text, size_t length, size_t at, char out[PUR_FOUND_SIZE]);

/* ASCII, whatever the locale. */
static inline bool pur_text_is_digit(char c) {
  return c >= '0' && c <= '9';
}

static inline bool pur_text_is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The value of a hexadecimal digit, or -1. */
int pur_text_hex_digit(char c);

#endif

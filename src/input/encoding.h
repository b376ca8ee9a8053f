/* Encodings of the files that people have, to UTF-8; map/encode.h leads back.
 *
 * What is no character of its encoding (five bytes of Windows-1252, half a surrogate pair of
 * UTF-16) becomes bytes that are no UTF-8 either, so that nobody can take them for a text. */
#ifndef PURCHASES_INPUT_ENCODING_H
#define PURCHASES_INPUT_ENCODING_H

#include "base/buffer.h"
#include "base/text.h"

typedef enum pur_encoding {
  PUR_ENCODING_ANY, /* nobody says: that of the file's byte order mark, or UTF-8 */
  PUR_ENCODING_UTF8,
  PUR_ENCODING_WINDOWS_1252, /* also called latin1: nobody's file has C1 controls */
  PUR_ENCODING_UTF16,        /* nobody says which: as the mark or the bytes say, or little-endian */
  PUR_ENCODING_UTF16_LE,
  PUR_ENCODING_UTF16_BE
} pur_encoding;

/* The encoding that a map or an option names: utf8, windows-1252, latin1, utf16; ANY: there is none
 * of that name. */
pur_encoding pur_encoding_find(const char *name, size_t length);

/* The name as a map has it; those of both byte orders are "utf16". Static. */
const char *pur_encoding_name(pur_encoding encoding);

/* What `length` bytes of UTF-8 need at most, when they were that many in any encoding. */
#define PUR_ENCODING_MOST(length) (3 * (length))
#define PUR_ENCODING_SLACK 16 /* bytes behind what is written that may be written to */

/* Decodes all whole characters of [text, text + *length), and what is none; sets *length to the
 * bytes that were decoded: up to 3 may be left, unless these bytes are the `last`. Returns the
 * bytes of UTF-8 written. There must be room for PUR_ENCODING_MOST of them, and the slack; the text
 * may stand in the same memory, at its end. `encoding` is WINDOWS_1252, UTF16_LE or UTF16_BE. */
size_t pur_encoding_decode(pur_encoding encoding, const char *text, size_t *length, bool last,
                           char *out);

/* The byte order mark of an encoding; of none for Windows-1252. Static. */
pur_text pur_encoding_mark(pur_encoding encoding);

#endif

#include "input/encoding.h"

#include <string.h>

#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
#include <emmintrin.h>
#endif

static const char *const names[] = {"", "utf8", "windows-1252", "utf16", "utf16", "utf16"};

/* Windows-1252's characters 0x80 to 0x9F (WHATWG, Encoding, index-windows-1252); 0: there is none.
 */
static const uint16_t middle[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

pur_encoding pur_encoding_find(const char *name, size_t length) {
  if (length == 6 && memcmp(name, "latin1", 6) == 0) return PUR_ENCODING_WINDOWS_1252;
  for (int i = PUR_ENCODING_UTF8; i <= PUR_ENCODING_UTF16; i++)
    if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) return (pur_encoding)i;
  return PUR_ENCODING_ANY;
}

const char *pur_encoding_name(pur_encoding encoding) {
  return names[encoding];
}

/* Decoding */

/* Copies the ASCII that bytes begin with, of whole groups of 16 but the last, of which more may be
 * written than that. */
static size_t copy_ascii(const char *text, size_t length, char *out) {
  size_t done = 0;
#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
  for (; length - done >= 16; done += 16) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + done));
    unsigned other = (unsigned)_mm_movemask_epi8(bytes);
    _mm_storeu_si128((__m128i *)(void *)(out + done), bytes);
    if (other != 0) return done + (unsigned)__builtin_ctz(other);
  }
#endif
  for (; done < length && (unsigned char)text[done] < 0x80; done++) out[done] = text[done];
  return done;
}

static size_t decode_windows_1252(const char *text, size_t length, char *out) {
  size_t done = 0, used = 0;
  while (done < length) {
    size_t ascii = copy_ascii(text + done, length - done, out + used);
    unsigned byte;
    done += ascii;
    used += ascii;
    if (done == length) break;
    byte = (unsigned char)text[done++];
    if (byte < 0xA0 && middle[byte - 0x80] == 0)
      out[used++] = (char)byte;
    else
      used += pur_utf8_write(byte < 0xA0 ? middle[byte - 0x80] : byte, out + used);
  }
  return used;
}

/* As copy_ascii, in pairs of bytes of which the one at `low` holds the character. */
static size_t copy_ascii_pairs(const char *text, size_t pairs, unsigned low, char *out) {
  size_t done = 0;
#if defined(__SSE2__) && !defined(PUR_NO_SIMD)
  for (; pairs - done >= 8; done += 8) {
    __m128i units = _mm_loadu_si128((const __m128i *)(const void *)(text + 2 * done));
    if (low == 1) units = _mm_or_si128(_mm_slli_epi16(units, 8), _mm_srli_epi16(units, 8));
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_srli_epi16(units, 7), _mm_setzero_si128())) != 0xFFFF)
      break;
    _mm_storel_epi64((__m128i *)(void *)(out + done), _mm_packus_epi16(units, units));
  }
#endif
  for (; done < pairs; done++) {
    unsigned char character = (unsigned char)text[2 * done + low];
    if (character >= 0x80 || text[2 * done + 1 - low] != 0) break;
    out[done] = (char)character;
  }
  return done;
}

static uint32_t unit_at(const char *text, unsigned low) {
  return (uint32_t)(unsigned char)text[1 - low] << 8 | (unsigned char)text[low];
}

/* A surrogate without its other half is written as if it were a character. */
static size_t decode_utf16(const char *text, size_t *length, unsigned low, bool last, char *out) {
  size_t done = 0, used = 0;
  for (;;) {
    size_t ascii = copy_ascii_pairs(text + done, (*length - done) / 2, low, out + used);
    uint32_t unit, next;
    done += 2 * ascii;
    used += ascii;
    if (*length - done < 2) break;
    unit = unit_at(text + done, low);
    if ((unit & 0xFC00) == 0xD800) {
      if (*length - done < 4 && !last) break;
      next = *length - done < 4 ? 0 : unit_at(text + done + 2, low);
      if ((next & 0xFC00) == 0xDC00) {
        unit = 0x10000 + ((unit & 0x3FF) << 10 | (next & 0x3FF));
        done += 2;
      }
    }
    done += 2;
    used += pur_utf8_write(unit, out + used);
  }
  if (last && done < *length) out[used++] = '\xFF', done++; /* half a unit: the file was cut off */
  *length = done;
  return used;
}

size_t pur_encoding_decode(pur_encoding encoding, const char *text, size_t *length, bool last,
                           char *out) {
  if (encoding == PUR_ENCODING_WINDOWS_1252) return decode_windows_1252(text, *length, out);
  return decode_utf16(text, length, encoding == PUR_ENCODING_UTF16_BE, last, out);
}

/* Encoding */

/* The code point that a text begins with, and its length; that of a lone surrogate, and a byte that
 * begins no character, count as what they are. */
static uint32_t code_point(const char *text, size_t length, size_t *size) {
  static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  bool is_surrogate =
      length >= 3 && text[0] == '\xED' && (text[1] & 0xE0) == 0xA0 && (text[2] & 0xC0) == 0x80;
  uint32_t code;
  *size = is_surrogate ? 3 : pur_utf8_length(text, length);
  if (*size == 0) return *size = 1, (unsigned char)*text;
  code = (unsigned char)*text & masks[*size];
  for (size_t i = 1; i < *size; i++) code = code << 6 | ((unsigned char)text[i] & 0x3F);
  return code;
}

static size_t encode_windows_1252(uint32_t code, bool is_wrong, char out[4]) {
  unsigned byte = 0x80;
  if (code >= 0x80 && (code < 0xA0 || code > 0xFF) && !is_wrong) {
    while (byte < 0xA0 && middle[byte - 0x80] != code) byte++;
    code = byte < 0xA0 ? byte : '?';
  }
  out[0] = (char)code;
  return 1;
}

static size_t encode_utf16(uint32_t code, unsigned low, char out[4]) {
  uint32_t units[2] = {code, 0};
  size_t count = code < 0x10000 ? 1 : 2;
  if (count == 2) {
    units[0] = 0xD800 + ((code - 0x10000) >> 10);
    units[1] = 0xDC00 + (code & 0x3FF);
  }
  for (size_t i = 0; i < count; i++) {
    out[2 * i + low] = (char)(units[i] & 0xFF);
    out[2 * i + 1 - low] = (char)(units[i] >> 8);
  }
  return 2 * count;
}

void pur_encoding_encode(pur_encoding encoding, const char *text, size_t length, pur_buffer *out) {
  size_t at = 0, size;
  if (encoding <= PUR_ENCODING_UTF8) {
    pur_buffer_append(out, text, length);
    return;
  }
  for (; at < length; at += size) {
    char bytes[4];
    uint32_t code = code_point(text + at, length - at, &size);
    bool is_wrong = size == 1 && code >= 0x80;
    if (encoding == PUR_ENCODING_WINDOWS_1252)
      pur_buffer_append(out, bytes, encode_windows_1252(code, is_wrong, bytes));
    else
      pur_buffer_append(
          out, bytes,
          encode_utf16(is_wrong ? 0xFFFD : code, encoding == PUR_ENCODING_UTF16_BE, bytes));
  }
}

pur_text pur_encoding_mark(pur_encoding encoding) {
  static const pur_text marks[] = {{"", 0},         {"\xEF\xBB\xBF", 3}, {"", 0},
                                   {"\xFF\xFE", 2}, {"\xFF\xFE", 2},     {"\xFE\xFF", 2}};
  return marks[encoding];
}

pur_status pur_encoding_check(pur_encoding encoding, const char *text, size_t length,
                              pur_error *error) {
  size_t at = 0, size = 1;
  unsigned byte;
  while (at < length && size > 0) {
    if ((unsigned char)text[at] < 0x80)
      at++;
    else
      at += size = pur_utf8_length(text + at, length - at);
  }
  if (at == length) return PUR_OK;
  byte = (unsigned char)text[at];
  if (encoding <= PUR_ENCODING_UTF8)
    return pur_error_set(error, PUR_INVALID_UTF8, at,
                         "byte 0x%02X is no UTF-8 (is it encoding = \"windows-1252\"?)", byte);
  if (encoding == PUR_ENCODING_WINDOWS_1252)
    return pur_error_set(error, PUR_INVALID_UTF8, at, "byte 0x%02X is no character of windows-1252",
                         byte);
  return pur_error_set(error, PUR_INVALID_UTF8, at, "half a character of UTF-16");
}

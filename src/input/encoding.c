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
  /* Half a unit, where the file was cut off, is half a character as well. */
  if (last && done < *length) used += pur_utf8_write(0xD800, out + used), done++;
  *length = done;
  return used;
}

size_t pur_encoding_decode(pur_encoding encoding, const char *text, size_t *length, bool last,
                           char *out) {
  if (encoding == PUR_ENCODING_WINDOWS_1252) return decode_windows_1252(text, *length, out);
  return decode_utf16(text, length, encoding == PUR_ENCODING_UTF16_BE, last, out);
}

pur_text pur_encoding_mark(pur_encoding encoding) {
  static const pur_text marks[] = {{"", 0},         {"\xEF\xBB\xBF", 3}, {"", 0},
                                   {"\xFF\xFE", 2}, {"\xFF\xFE", 2},     {"\xFE\xFF", 2}};
  return marks[encoding];
}

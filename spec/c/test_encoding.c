/* encoding.h, and map/encode.h: every byte of Windows-1252 and random UTF-16, at every split,
 * against decoders that are as plain as the rules; what is no character; and back. */
#include <stdbool.h>
#include <string.h>

#include "map/encode.h"
#include "test.h"

#define MOST 300 /* bytes of a text */

/* 0x80 to 0x9F of Windows-1252; `-`: there is none. */
static const char *const middle[] = {"€", "-", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š",
                                     "‹", "Œ", "-", "Ž", "-", "-", "‘", "’", "“", "”", "•",
                                     "–", "—", "˜", "™", "š", "›", "œ", "-", "ž", "Ÿ"};

static size_t decode_plainly(const unsigned char *text, size_t length, char *out) {
  char *to = out;
  for (size_t i = 0; i < length; i++) {
    const char *found = text[i] >= 0x80 && text[i] < 0xA0 ? middle[text[i] - 0x80] : NULL;
    if (found != NULL && *found != '-')
      to = stpcpy(to, found);
    else if (text[i] < 0x80 || found != NULL)
      *to++ = (char)text[i];
    else
      to += pur_utf8_write(text[i], to);
  }
  return (size_t)(to - out);
}

/* One unit after the other; a surrogate without its other half is written as if it were a
 * character. */
static size_t decode_units_plainly(const uint16_t *units, size_t count, char *out) {
  char *to = out;
  for (size_t i = 0; i < count; i++) {
    uint32_t code = units[i];
    if (code >= 0xD800 && code < 0xDC00 && i + 1 < count && units[i + 1] >= 0xDC00 &&
        units[i + 1] < 0xE000)
      code = 0x10000 + (code - 0xD800) * 0x400 + (units[++i] - 0xDC00u);
    to += pur_utf8_write(code, to);
  }
  return (size_t)(to - out);
}

/* Decodes as an input does: in the same memory, and in two parts. */
static size_t decode_in_parts(pur_encoding encoding, const char *text, size_t length, size_t split,
                              char *out) {
  size_t used = 0, done = 0;
  for (int part = 0; part < 2; part++) {
    size_t size = (part == 0 ? split : length) - done, room = PUR_ENCODING_MOST(size);
    char *memory = malloc(room + PUR_ENCODING_SLACK + size), *copy;
    if (memory == NULL) abort();
    copy = memory + room + PUR_ENCODING_SLACK;
    memcpy(copy, text + done, size);
    room = pur_encoding_decode(encoding, copy, &size, part == 1, memory);
    memcpy(out + used, memory, room);
    used += room;
    done += size;
    EXPECT(part == 0 ? split - done <= 3 : done == length, "%zu of %zu bytes, split at %zu", done,
           length, split);
    free(memory);
  }
  return used;
}

static void compare(pur_encoding encoding, const char *text, size_t length, const char *want,
                    size_t want_length) {
  pur_buffer back = {0};
  char got[4 * MOST];
  for (size_t split = 0; split <= length; split++) {
    size_t got_length = decode_in_parts(encoding, text, length, split, got);
    EXPECT(got_length == want_length && memcmp(got, want, want_length) == 0,
           "%.*s instead of %.*s, split at %zu", (int)got_length, got, (int)want_length, want,
           split);
  }
  pur_encoding_encode(encoding, want, want_length, &back);
  EXPECT(back.length == length && (length == 0 || memcmp(back.data, text, length) == 0),
         "%zu bytes back, of %zu", back.length, length);
  pur_buffer_free(&back);
}

/* Each byte at each place of a text that is otherwise ASCII; and any bytes. */
static void test_windows_1252(void) {
  char text[MOST], want[4 * MOST];
  for (unsigned byte = 0; byte < 256; byte++) {
    for (size_t place = 0; place < 40; place++) {
      memset(text, 'x', 40);
      text[place] = (char)byte;
      compare(PUR_ENCODING_WINDOWS_1252, text, 40, want,
              decode_plainly((const unsigned char *)text, 40, want));
    }
  }
  for (int i = 0; i < 3000; i++) {
    size_t length = test_random() % 80;
    for (size_t at = 0; at < length; at++)
      text[at] = (char)(i % 2 == 0 ? test_random() : test_random() % 3 == 0 ? 0x80 : 'a');
    compare(PUR_ENCODING_WINDOWS_1252, text, length, want,
            decode_plainly((const unsigned char *)text, length, want));
  }
}

static uint16_t random_unit(int kind) {
  if (kind > 0 && test_random() % 4 == 0) return (uint16_t)(0xD800 + test_random() % 0x800);
  return (uint16_t)(kind == 2 ? test_random() : test_random() % 0x90);
}

static void test_utf16(void) {
  uint16_t units[MOST / 2];
  char text[MOST], want[4 * MOST];
  for (int i = 0; i < 5000; i++) {
    size_t count = test_random() % 50, want_length;
    bool is_big = i % 2 != 0;
    for (size_t at = 0; at < count; at++) units[at] = random_unit(i % 3);
    for (size_t at = 0; at < count; at++) {
      text[2 * at + is_big] = (char)(units[at] & 0xFF);
      text[2 * at + !is_big] = (char)(units[at] >> 8);
    }
    want_length = decode_units_plainly(units, count, want);
    compare(is_big ? PUR_ENCODING_UTF16_BE : PUR_ENCODING_UTF16_LE, text, 2 * count, want,
            want_length);
  }
}

/* A file that ends within a unit. */
static void test_cut_off(void) {
  char out[100];
  size_t length = 3, used = pur_encoding_decode(PUR_ENCODING_UTF16_LE, "a\0b", &length, true, out);
  EXPECT(used == 4 && memcmp(out, "a\xED\xA0\x80", 4) == 0 && length == 3, "%zu bytes", used);
  length = 3;
  used = pur_encoding_decode(PUR_ENCODING_UTF16_LE, "a\0b", &length, false, out);
  EXPECT(used == 1 && length == 2, "%zu bytes", used);
}

static void expect_encoded(pur_encoding encoding, const char *text, const char *want,
                           size_t length) {
  pur_buffer out = {0};
  pur_encoding_encode(encoding, text, strlen(text), &out);
  EXPECT(out.length == length && memcmp(out.data, want, length) == 0, "%s: %.*s", text,
         (int)out.length, out.data);
  pur_buffer_free(&out);
}

/* The hint must lead somewhere: Windows-1252 has no byte 81, and no encoding half a surrogate pair.
 */
static void test_explain(void) {
  static const struct {
    const char *text, *words;
  } cases[] = {
      {"Caf\xE9", "say encoding = \"windows-1252\""},
      {"\x80\xFF", "say encoding = \"windows-1252\""},
      {"N\xA4 T\x81r", "neither in UTF-8 nor in Windows-1252"},
      {"\x9D", "neither in UTF-8 nor in Windows-1252"},
      {"Á\xE9", "say encoding = \"windows-1252\""},
      {"a\xED\xA0\xBDz", "half a character"},
      {"a\xED\xBF\xBF", "half a character"},
      {"a\xED\xA0", "say encoding = \"windows-1252\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *why = pur_encoding_explain(cases[i].text, strlen(cases[i].text));
    EXPECT(strstr(why, cases[i].words) != NULL, "%zu: %s", i, why);
  }
}

/* Texts that no file of that encoding held. */
static void test_encode(void) {
  expect_encoded(PUR_ENCODING_UTF8, "\xFF€", "\xFF€", 4);
  expect_encoded(PUR_ENCODING_WINDOWS_1252, "a€ñ☃\xC2\x80", "a\x80\xF1??", 5);
  expect_encoded(PUR_ENCODING_UTF16, "a😀\xFF", "a\0\x3D\xD8\x00\xDE\xFD\xFF", 8);
  expect_encoded(PUR_ENCODING_UTF16_BE, "a", "\0a", 2);
}

static void test_names(void) {
  static const struct {
    const char *name;
    pur_encoding encoding;
  } cases[] = {{"utf8", PUR_ENCODING_UTF8},
               {"windows-1252", PUR_ENCODING_WINDOWS_1252},
               {"latin1", PUR_ENCODING_WINDOWS_1252},
               {"utf16", PUR_ENCODING_UTF16},
               {"", PUR_ENCODING_ANY},
               {"utf-8", PUR_ENCODING_ANY},
               {"utf", PUR_ENCODING_ANY},
               {"latin15", PUR_ENCODING_ANY}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *name = cases[i].name;
    pur_encoding found = pur_encoding_find(name, strlen(name));
    EXPECT(found == cases[i].encoding, "%s: %d", name, (int)found);
  }
  EXPECT(strcmp(pur_encoding_name(PUR_ENCODING_UTF16_BE), "utf16") == 0, "another name");
  EXPECT(pur_encoding_mark(PUR_ENCODING_WINDOWS_1252).length == 0, "a mark");
  EXPECT(memcmp(pur_encoding_mark(PUR_ENCODING_UTF16_LE).text, "\xFF\xFE", 2) == 0, "no mark");
}

int main(void) {
  test_windows_1252();
  test_utf16();
  test_cut_off();
  test_explain();
  test_encode();
  test_names();
  return test_result();
}

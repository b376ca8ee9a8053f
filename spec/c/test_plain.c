/* plain.h: against JSON's grammar read letter by letter, over all short lines. */
#include <stdbool.h>
#include <string.h>

#include "number/number.h"
#include "number/plain.h"
#include "test.h"

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static unsigned digits(const char *text, unsigned at, unsigned length) {
  unsigned count = 0;
  while (at + count < length && is_digit(text[at + count])) count++;
  return count;
}

/* -?(0|[1-9][0-9]*)([.][0-9]+)? and nothing else. */
static bool is_number(const char *text, unsigned length) {
  unsigned at = length > 0 && text[0] == '-', whole = digits(text, at, length), fraction;
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at == length) return true;
  if (text[at++] != '.') return false;
  fraction = digits(text, at, length);
  return fraction > 0 && at + fraction == length;
}

/* What stands before a line of its own in a file: 16 bytes at least. */
#define BEFORE "2025-01-01 00:00,"

/* With each number of places: read as pur_fixed_read does, where the text has just so many. */
static void compare_read(const char text[PUR_PLAIN_SIZE], unsigned length, bool is_plain) {
  char line[sizeof BEFORE + PUR_PLAIN_SIZE] = BEFORE;
  const char *number = line + sizeof BEFORE - 1, *point;
  unsigned written;
  memcpy(line + sizeof BEFORE - 1, text, PUR_PLAIN_SIZE);
  point = memchr(number, '.', length);
  written = point != NULL ? (unsigned)(number + length - point - 1) : 0;
  for (unsigned places = 0; places <= PUR_FIXED_PLACES; places++) {
    pur_fixed want;
    int64_t value = 0;
    bool fits = is_plain && written == places && pur_fixed_read(number, length, &want);
    EXPECT(pur_plain_read(number, length, places, &value) == fits, "%.*s with %u places: %d",
           (int)length, text, places, !fits);
    if (fits)
      EXPECT(pur_fixed_scale(&want, places) && value == want.value, "%.*s with %u places: %lld",
             (int)length, text, places, (long long)value);
  }
}

/* The line is read where it lies: in 16 bytes of which others may follow. */
static void compare(const char text[PUR_PLAIN_SIZE]) {
  const char *feed = memchr(text, '\n', PUR_PLAIN_SIZE);
  pur_plain_line line = {0, 0};
  unsigned length;
  double value;
  bool found = pur_plain_line_end(text, &line), good;
  EXPECT(found == (feed != NULL), "%.16s: line end %d", text, found);
  if (!found || feed == NULL) return;
  length = (unsigned)(feed - text);
  EXPECT(line.length == length + 1, "%.16s: %u bytes", text, line.length);
  if (length > 0 && text[length - 1] == '\r') length--;
  EXPECT(line.text == length, "%.16s: %u characters", text, line.text);
  good = is_number(text, length);
  EXPECT(pur_plain_is_number(text, length) == good, "%.*s: %d", (int)length, text, !good);
  if (good)
    EXPECT(pur_number_read(text, length, &value), "%.*s is no JSON number", (int)length, text);
  compare_read(text, length, good);
}

static const char alphabet[] = "-.0129eE\n\r,x";

/* All texts of up to six letters, before a line feed, and before what must not be looked at. */
static void test_all_short_lines(void) {
  enum { LONGEST = 6, LETTERS = sizeof alphabet - 1 };
  static const char *const rests[] = {"\n000000000000000", "\r\n.00.00.00.00.0", "777777777777777"};
  char text[PUR_PLAIN_SIZE];
  for (size_t length = 0, total = 1; length <= LONGEST; length++, total *= LETTERS) {
    for (size_t number = 0; number < total; number++) {
      size_t rest = number;
      for (size_t i = 0; i < length; i++, rest /= LETTERS) text[i] = alphabet[rest % LETTERS];
      for (size_t r = 0; r < sizeof rests / sizeof *rests; r++) {
        memcpy(text + length, rests[r], sizeof text - length);
        compare(text);
      }
    }
  }
}

/* Longer ones, up to the sixteenth byte, mostly numbers. */
static void test_random_lines(void) {
  char text[PUR_PLAIN_SIZE];
  for (int i = 0; i < 3000000; i++) {
    const char *letters = i % 3 == 0 ? alphabet : i % 3 == 1 ? "0001.5" : "0123456789";
    size_t length = test_random() % (sizeof text + 1);
    for (size_t at = 0; at < sizeof text; at++) text[at] = letters[test_random() % strlen(letters)];
    if (i % 3 == 2 && length > 2) text[test_random() % length] = ".-\r"[test_random() % 3];
    if (i % 5 == 0) text[0] = '-';
    if (length < sizeof text) text[length] = '\n';
    compare(text);
  }
}

static void test_every_byte(void) {
  char text[PUR_PLAIN_SIZE];
  for (unsigned at = 0; at < PUR_PLAIN_SIZE; at++)
    for (unsigned byte = 0; byte < 256; byte++) {
      memcpy(text, "123456789.12345\n", sizeof text);
      text[at] = (char)byte;
      compare(text);
    }
}

int main(void) {
  test_all_short_lines();
  test_random_lines();
  test_every_byte();
  return test_result();
}

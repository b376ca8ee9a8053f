/* What format a text seems to have, for a message. */
#include "map/date.h"

/* Appends to the format; false: there is no room. */
static bool put(char **to, const char *end, const char *text) {
  size_t length = strlen(text);
  if ((size_t)(end - *to) <= length) return false;
  memcpy(*to, text, length + 1);
  *to += length;
  return true;
}

static size_t count_digits(const char *at, const char *end) {
  size_t count = 0;
  while (at + count < end && pur_text_is_digit(at[count])) count++;
  return count;
}

/* Three numbers with the same sign between them, the year first or last. */
static bool guess_day(const char **at, const char *end, char **to, const char *room) {
  size_t first = count_digits(*at, end), second, third;
  const char sign[2] = {*at + first < end ? (*at)[first] : '\0', '\0'};
  const char *next = *at + first + 1;
  if (sign[0] == '\0' || strchr("/.-", sign[0]) == NULL) return false;
  second = count_digits(next, end);
  if (second < 1 || second > 2 || next + second >= end || next[second] != sign[0]) return false;
  third = count_digits(next + second + 1, end);
  *at = next + second + 1 + third;
  if (first == 4 && third >= 1 && third <= 2)
    return put(to, room, "%Y") && put(to, room, sign) && put(to, room, "%m") &&
           put(to, room, sign) && put(to, room, "%d");
  if (first < 1 || first > 2 || (third != 4 && third != 2)) return false;
  return put(to, room, "%d") && put(to, room, sign) && put(to, room, "%m") && put(to, room, sign) &&
         put(to, room, third == 4 ? "%Y" : "%y");
}

static bool guess_time(const char **at, const char *end, char **to, const char *room) {
  static const char *const letters[] = {"%H", ":%M", ":%S"};
  for (size_t i = 0; i < 3; i++) {
    size_t digits;
    if (i > 0 && (*at == end || **at != ':')) return i == 2;
    *at += i > 0;
    digits = count_digits(*at, end);
    if (digits < 1 || digits > 2 || !put(to, room, letters[i])) return false;
    *at += digits;
  }
  return true;
}

static bool guess_offset(const char **at, const char *end, char **to, const char *room) {
  if (*at < end && **at == ' ' && end - *at > 1) {
    ++*at;
    if (!put(to, room, " ")) return false;
  }
  if (**at == 'Z' && *at + 1 == end) {
    *at = end;
    return put(to, room, "%z");
  }
  if (**at != '+' && **at != '-') return false;
  for (++*at; *at < end && (pur_text_is_digit(**at) || **at == ':');) ++*at;
  return put(to, room, "%z");
}

bool pur_date_guess(const char *text, size_t length, char *out, size_t size) {
  const char *at = text, *end = text + length, *room = out + size;
  if (!guess_day(&at, end, &out, room)) return false;
  if (at == end) return true;
  if (*at != ' ' && *at != 'T') return false;
  if (!put(&out, room, *at == 'T' ? "T" : " ")) return false;
  at++;
  if (!guess_time(&at, end, &out, room)) return false;
  return at == end || (guess_offset(&at, end, &out, room) && at == end);
}

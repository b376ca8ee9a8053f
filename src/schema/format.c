/* The formats that strings can have. */
#include <string.h>

#include "schema/node.h"
#include "time/datetime.h"

/* A text that is read from its start. */
typedef struct reader {
  const char *at;
  const char *end;
} reader;

/* A byte of a character beyond ASCII: the text is known to be UTF-8. */
static bool is_beyond_ascii(char c) {
  return (unsigned char)c >= 0x80;
}

static bool is_one_of(char c, const char *set) {
  return c != '\0' && strchr(set, c) != NULL;
}

static bool take(reader *from, char wanted) {
  if (from->at == from->end || *from->at != wanted) return false;
  from->at++;
  return true;
}

static bool take_digits(reader *from) {
  const char *begin = from->at;
  while (from->at < from->end && pur_text_is_digit(*from->at)) from->at++;
  return from->at > begin;
}

/* Takes ASCII letters, digits and the characters in `more`; false: there is none. */
static bool take_ascii(reader *from, const char *more) {
  const char *begin = from->at;
  while (from->at < from->end && (pur_text_is_digit(*from->at) || pur_text_is_letter(*from->at) ||
                                  is_one_of(*from->at, more)))
    from->at++;
  return from->at > begin;
}

/* The same, and characters beyond ASCII. */
static bool take_text(reader *from, const char *more) {
  const char *begin = from->at;
  do
    while (from->at < from->end && is_beyond_ascii(*from->at)) from->at++;
  while (take_ascii(from, more));
  return from->at > begin;
}

/* E-mail addresses */

#define LOCAL_PART 64 /* RFC 5321, 4.5.3.1 */
#define LABEL 63
#define DOMAIN 255

/* Takes a quoted text behind its first quote. */
static bool take_quoted(reader *from) {
  while (from->at < from->end) {
    char c = *from->at++;
    if (c == '"') return true;
    if (c == '\\' && (from->at == from->end || *from->at < ' ' || *from->at++ > '~')) return false;
    if (!is_beyond_ascii(c) && (c < ' ' || c > '~')) return false;
  }
  return false;
}

/* Takes an address literal by its characters, behind its bracket: [192.0.2.1], [IPv6:...] */
static bool take_literal(reader *from) {
  return take_ascii(from, ".:-") && take(from, ']');
}

/* Takes labels of letters, digits and hyphens, which stand at neither end, or a literal. */
static bool take_domain(reader *from) {
  if (from->end - from->at > DOMAIN) return false;
  if (take(from, '[')) return take_literal(from);
  do {
    const char *begin = from->at;
    if (!take_text(from, "-") || from->at - begin > LABEL || *begin == '-' || from->at[-1] == '-')
      return false;
  } while (take(from, '.'));
  return true;
}

static bool is_email(const char *text, size_t length) {
  reader from = {text, text + length};
  if (take(&from, '"')) {
    if (!take_quoted(&from)) return false;
  } else {
    do
      if (!take_text(&from, "!#$%&'*+-/=?^_`{|}~")) return false;
    while (take(&from, '.'));
  }
  if (from.at - text > LOCAL_PART || !take(&from, '@')) return false;
  return take_domain(&from) && from.at == from.end;
}

/* Dates and times */

/* Reads it as any other time, less its fraction, and with capitals. A second 60 is one that UTC put
 * in, at the end of its day: the one before it must be the day's last. A year 0 has the calendar of
 * the year 2000. */
static bool is_date_time(const char *text, size_t length) {
  const size_t fixed = strlen("YYYY-MM-DDTHH:MM:SS");
  char plain[sizeof "YYYY-MM-DDTHH:MM:SS+HH:MM"];
  reader from;
  pur_datetime time;
  size_t offset;
  bool is_added;
  if (length <= fixed || !is_one_of(text[10], "Tt")) return false;
  from = (reader){text + fixed, text + length};
  if (take(&from, '.') && !take_digits(&from)) return false;
  offset = (size_t)(from.end - from.at);
  if (offset == 6 ? from.at[3] != ':' : offset != 1) return false;
  memcpy(plain, text, fixed);
  memcpy(plain + fixed, from.at, offset);
  plain[10] = 'T';
  if (plain[fixed] == 'z') plain[fixed] = 'Z';
  if (memcmp(plain, "0000", 4) == 0) plain[0] = '2';
  is_added = memcmp(plain + fixed - 2, "60", 2) == 0;
  if (is_added) memcpy(plain + fixed - 2, "59", 2);
  return pur_datetime_parse(plain, fixed + offset, &time, NULL) == PUR_OK && time.has_offset &&
         (!is_added || (pur_datetime_instant(&time) + 1) % PUR_DAY_SECONDS == 0);
}

/* URIs */

/* The characters that stand for themselves everywhere. */
#define URI "-._~!$&'()*+,;=:@"

/* Takes letters, digits, the characters in `more` and %XX; false: a wrong %. */
static bool take_uri_text(reader *from, const char *more) {
  for (;;) {
    (void)take_ascii(from, more);
    if (!take(from, '%')) return true;
    if (from->end - from->at < 2 || pur_text_hex_digit(from->at[0]) < 0 ||
        pur_text_hex_digit(from->at[1]) < 0)
      return false;
    from->at += 2;
  }
}

/* Takes [userinfo "@"] host [":" port], behind the slashes. */
static bool take_authority(reader *from) {
  const char *begin = from->at, *at;
  if (!take_uri_text(from, URI)) return false;
  for (at = from->at; at > begin && at[-1] != '@';) at--;
  if (memchr(begin, '@', (size_t)(at > begin ? at - 1 - begin : 0)) != NULL) return false;
  if (at == from->at && take(from, '[')) {
    if (!take_literal(from)) return false;
    if (!take(from, ':')) return true;
  } else {
    const char *colon = memchr(at, ':', (size_t)(from->at - at));
    if (colon == NULL) return true;
    from->at = colon + 1;
  }
  (void)take_digits(from);
  return true;
}

static bool is_uri(const char *text, size_t length) {
  reader from = {text, text + length};
  if (length == 0 || !pur_text_is_letter(*text) || !take_ascii(&from, "+-.") || !take(&from, ':'))
    return false;
  if (from.end - from.at >= 2 && from.at[0] == '/' && from.at[1] == '/') {
    from.at += 2;
    if (!take_authority(&from)) return false;
    if (from.at < from.end && !is_one_of(*from.at, "/?#")) return false;
  }
  if (!take_uri_text(&from, URI "/")) return false;
  if (take(&from, '?') && !take_uri_text(&from, URI "/?")) return false;
  if (take(&from, '#') && !take_uri_text(&from, URI "/?")) return false;
  return from.at == from.end;
}

/* All of them */

const pur_format *pur_format_named(pur_text name) {
  static const pur_format formats[] = {
      {"email", "an e-mail address, such as name@example.com", is_email},
      {"date-time", "a date and time, such as 2025-10-26T02:30:00+01:00", is_date_time},
      {"uri", "a URI, such as https://example.com/path", is_uri},
  };
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
    if (strlen(formats[i].name) == name.length &&
        memcmp(formats[i].name, name.text, name.length) == 0)
      return &formats[i];
  return NULL;
}

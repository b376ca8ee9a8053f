#include "map/date.h"

#include <stdio.h>

#include "base/issues.h"
#include "map/number.h"

static const char months[12][4] = {"jan", "feb", "mar", "apr", "may", "jun",
                                   "jul", "aug", "sep", "oct", "nov", "dec"};

/* A part of a format: a letter, blanks or a literal. */
typedef struct pur_date_part {
  char letter;         /* of strptime; ' ' for blanks, 0 for a literal */
  uint8_t least, most; /* digits */
  pur_text literal;
} part;

/* Compiling */

static bool is_number(char letter) {
  return letter != '\0' && strchr("YymdHIMSf", letter) != NULL;
}

/* What a format has, by letter; the time is what %* and signs are behind of. */
typedef struct pur_date_letters {
  bool has[128];
  bool has_any;
  bool behind_time;
} letters;

static const char *add_letter(letters *seen, char letter, part *next) {
  const bool is_known = letter != '\0' && strchr("YymdHIpMSfbzZ*", letter) != NULL;
  if (!is_known) return "a letter that is none of %Y %y %m %d %H %I %p %M %S %f %b %z %Z %* %%";
  if (seen->has[(unsigned char)letter]) return "a letter that stands twice";
  seen->has[(unsigned char)letter] = seen->has_any = true;
  if (strchr("HIMSfp", letter) != NULL) seen->behind_time = true;
  next->letter = letter;
  next->least = letter == 'Y' ? 4 : 1;
  next->most = letter == 'Y' ? 4 : letter == 'f' ? 9 : 2;
  return NULL;
}

/* A sign behind the time would pass over an offset that the time has; the time ends with the last
 * of its letters. */
static const char *check_literal(const char *text, size_t length, bool behind_time) {
  for (size_t i = 0; i < length; i++) {
    if (pur_text_is_digit(text[i])) return "a digit, which would stand for itself";
    if (behind_time && (text[i] == '+' || text[i] == '-' || text[i] == 'Z'))
      return "a +, - or Z behind the time, which would pass over an offset; say %z";
  }
  return NULL;
}

static const char *check_letters(const letters *seen) {
  const bool *has = seen->has;
  if (!seen->has_any) return "no letters of strptime, such as %d/%m/%Y %H:%M";
  if (has['Y'] == has['y']) return has['Y'] ? "both %Y and %y" : "no year (%Y or %y)";
  if (has['m'] == has['b']) return has['m'] ? "both %m and %b" : "no month (%m or %b)";
  if (!has['d']) return "no day (%d)";
  if (has['H'] && has['I']) return "both %H and %I";
  if (has['I'] != has['p']) return has['I'] ? "%I without %p" : "%p without %I";
  if (has['M'] && !has['H'] && !has['I']) return "%M without %H or %I";
  if (has['S'] && !has['M']) return "%S without %M";
  if (has['f'] && !has['S']) return "%f without %S";
  if (has['z'] && has['Z']) return "both %z and %Z";
  return NULL;
}

/* Where two numbers touch, their width tells them apart. */
static void fix_widths(pur_date_format *format) {
  part *parts = format->parts;
  for (size_t i = 1; i < format->count; i++) {
    if (!is_number(parts[i - 1].letter) || !is_number(parts[i].letter)) continue;
    if (parts[i - 1].letter != 'f') parts[i - 1].least = parts[i - 1].most;
    if (parts[i].letter != 'f') parts[i].least = parts[i].most;
  }
}

/* Is any letter of the time left in a format? */
static bool time_follows(const char *at, const char *end) {
  for (; at + 1 < end; at++)
    if (*at == '%' && at[1] != '\0' && strchr("HIMSfp", *++at) != NULL) return true;
  return false;
}

/* Takes what stands up to the next letter as it is; `%%` is one of its bytes. */
static const char *add_literal(const letters *seen, const char **at, const char *end, part *next) {
  const char *begin = *at;
  bool behind = seen->behind_time && !time_follows(begin, end);
  if (*begin == '%') {
    *at = begin + 2;
    next->literal = (pur_text){begin, 1};
    return NULL;
  }
  while (*at < end && **at != '%' && pur_blank_length(*at, (size_t)(end - *at)) == 0) ++*at;
  next->literal = (pur_text){begin, (size_t)(*at - begin)};
  return check_literal(begin, next->literal.length, behind);
}

static const char *add_parts(pur_date_format *format, const char *at, const char *end) {
  letters seen = {0};
  const char *why = NULL;
  while (at < end && why == NULL) {
    part *next = &format->parts[format->count];
    size_t blank = pur_blank_length(at, (size_t)(end - at));
    if (seen.has['*']) return "something behind %*";
    if (blank > 0) {
      at += blank;
      if (format->count > 0 && next[-1].letter == ' ') continue;
      next->letter = ' ';
    } else if (*at == '%' && (end - at < 2 || at[1] != '%')) {
      why = add_letter(&seen, end - at < 2 ? '\0' : at[1], next);
      at += 2;
    } else {
      why = add_literal(&seen, &at, end, next);
    }
    format->count++;
  }
  format->has_offset = seen.has['z'];
  format->has_name = seen.has['Z'];
  return why != NULL ? why : check_letters(&seen);
}

/* The place of a letter's digits in the shape; NULL: a shape has no such letter. */
static uint8_t *place_of(pur_date_shape *shape, char letter) {
  switch (letter) {
  case 'Y':
  case 'y':
    return &shape->year;
  case 'm':
    return &shape->month;
  case 'd':
    return &shape->day;
  case 'H':
    return &shape->hour;
  case 'M':
    return &shape->minute;
  case 'S':
    return &shape->second;
  default:
    return NULL;
  }
}

static void make_shape(const pur_date_format *format, pur_date_shape *shape) {
  size_t width = 0;
  shape->year = shape->month = shape->day = PUR_DATE_WIDTH;
  shape->hour = shape->minute = shape->second = PUR_DATE_WIDTH;
  shape->written_day = INT64_MIN;
  for (size_t i = 0; i < format->count; i++) {
    const part *next = &format->parts[i];
    bool is_literal = next->letter == '\0' || next->letter == ' ';
    pur_text text = next->letter == ' ' ? (pur_text){" ", 1} : next->literal;
    uint8_t *place = place_of(shape, next->letter);
    size_t length = is_literal ? text.length : next->most;
    if ((place == NULL && !is_literal) || length > PUR_DATE_WIDTH - width) return;
    if (place != NULL) *place = (uint8_t)width;
    if (next->letter == 'y') shape->short_year = true;
    for (size_t at = 0; at < length; at++, width++) {
      shape->least[width] = is_literal ? text.text[at] : '0';
      shape->reach[width] = is_literal ? 0 : 9;
    }
  }
  shape->width = width;
}

bool pur_date_compile(pur_text text, pur_arena *arena, pur_date_format *format, const char **why) {
  pur_text trimmed = pur_blank_trim(text.text, text.length);
  char *copy = pur_arena_copy(arena, trimmed.text, trimmed.length), shown[64];
  *format = (pur_date_format){0};
  *why = NULL;
  format->parts = pur_arena_take(arena, (trimmed.length + 1) * sizeof *format->parts);
  format->shape = pur_arena_take(arena, sizeof *format->shape);
  pur_issue_quote(trimmed.text, trimmed.length, shown, sizeof shown);
  format->text = pur_arena_copy(arena, shown, strlen(shown));
  if (copy == NULL || format->parts == NULL || format->shape == NULL || format->text == NULL)
    return false;
  *why = add_parts(format, copy, copy + trimmed.length);
  fix_widths(format);
  if (*why == NULL) make_shape(format, format->shape);
  return *why == NULL;
}

/* Reading */

typedef struct reader {
  const char *at, *end;
  int year, month, day, hour, minute, second;
  bool is_pm;
  bool has_rest;
  pur_date_reading *reading;
} reader;

static bool read_number(reader *in, const part *wanted, int *value) {
  size_t digits = 0;
  int number = 0;
  for (; digits < wanted->most && in->at < in->end && pur_text_is_digit(*in->at); digits++)
    number = number * 10 + (*in->at++ - '0');
  *value = number;
  return digits >= wanted->least;
}

static bool read_word(reader *in, const char *word, size_t length) {
  if ((size_t)(in->end - in->at) < length) return false;
  for (size_t i = 0; i < length; i++)
    if ((in->at[i] | 0x20) != word[i]) return false;
  in->at += length;
  return true;
}

static bool read_month(reader *in) {
  for (int month = 0; month < 12; month++) {
    if (!read_word(in, months[month], 3)) continue;
    in->month = month + 1;
    return true;
  }
  return false;
}

/* Z, or a sign, two digits of hours and two of minutes or none, with a colon or without. */
static bool read_offset(reader *in) {
  pur_datetime *datetime = &in->reading->datetime;
  const part two = {'d', 2, 2, {NULL, 0}};
  int hours, minutes = 0, sign;
  datetime->has_offset = true;
  datetime->offset = 0;
  if (in->at == in->end) return false;
  sign = (unsigned char)*in->at++;
  if (sign == 'Z') return true;
  if ((sign != '+' && sign != '-') || !read_number(in, &two, &hours)) return false;
  if (in->at < in->end && (*in->at == ':' || pur_text_is_digit(*in->at))) {
    in->at += *in->at == ':';
    if (!read_number(in, &two, &minutes)) return false;
  }
  datetime->offset = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
  return hours < 24 && minutes < 60;
}

/* Letters, or, where a zone has no others, a sign and digits: -03. */
static bool read_name(reader *in) {
  const char *begin = in->at;
  size_t length;
  if (in->at < in->end && (*in->at == '+' || *in->at == '-')) in->at++;
  for (const bool is_number = in->at > begin; in->at < in->end; in->at++)
    if (!(is_number ? pur_text_is_digit(*in->at) : pur_text_is_letter(*in->at))) break;
  length = (size_t)(in->at - begin);
  in->reading->name = (pur_text){begin, length};
  if (length == 3 && (memcmp(begin, "UTC", 3) == 0 || memcmp(begin, "GMT", 3) == 0)) {
    in->reading->datetime.has_offset = true;
    in->reading->name.text = NULL;
  }
  return length > 0;
}

static bool pass_blanks(reader *in) {
  const char *begin = in->at;
  size_t blank;
  while ((blank = pur_blank_length(in->at, (size_t)(in->end - in->at))) > 0) in->at += blank;
  return in->at > begin;
}

/* AM or PM, and as some write them: a.m., p. m. */
static bool read_half(reader *in) {
  const char first = in->at < in->end ? (char)(*in->at | 0x20) : '\0';
  bool is_dotted;
  if (first != 'a' && first != 'p') return false;
  is_dotted = ++in->at < in->end && *in->at == '.';
  if (is_dotted) {
    in->at++;
    (void)pass_blanks(in);
  }
  if (!read_word(in, "m", 1)) return false;
  in->at += is_dotted && in->at < in->end && *in->at == '.';
  in->is_pm = first == 'p';
  return true;
}

/* Reads a part that is no plain number. */
static bool read_other(reader *in, const part *wanted, bool before_rest) {
  int number;
  switch (wanted->letter) {
  case '\0':
    if ((size_t)(in->end - in->at) < wanted->literal.length ||
        memcmp(in->at, wanted->literal.text, wanted->literal.length) != 0)
      return false;
    in->at += wanted->literal.length;
    return true;
  case ' ':
    return pass_blanks(in) || before_rest;
  case 'b':
    return read_month(in);
  case 'p':
    return read_half(in);
  case 'y':
    if (!read_number(in, wanted, &number)) return false;
    in->year = number + (number < 69 ? 2000 : 1900);
    return true;
  case 'f':
    if (!read_number(in, wanted, &number)) return false;
    in->reading->has_fraction = number != 0;
    return true;
  case 'z':
    return read_offset(in);
  case 'Z':
    return read_name(in);
  default:
    in->has_rest = true;
    return true;
  }
}

static bool read_parts(reader *in, const pur_date_format *format) {
  const part *wanted = format->parts, *end = wanted + format->count;
  for (; wanted < end; wanted++) {
    bool good;
    switch (wanted->letter) {
    case 'Y':
      good = read_number(in, wanted, &in->year);
      break;
    case 'm':
      good = read_number(in, wanted, &in->month);
      break;
    case 'd':
      good = read_number(in, wanted, &in->day);
      break;
    case 'H':
      good = read_number(in, wanted, &in->hour);
      break;
    case 'I':
      good = read_number(in, wanted, &in->hour) && in->hour >= 1 && in->hour <= 12;
      in->hour %= 12;
      break;
    case 'M':
      good = read_number(in, wanted, &in->minute);
      break;
    case 'S':
      good = read_number(in, wanted, &in->second);
      break;
    default:
      good = read_other(in, wanted, wanted + 1 < end && wanted[1].letter == '*');
    }
    if (!good) return false;
  }
  return in->at == in->end || in->has_rest;
}

/* What is passed over must not say what time it is, not even behind seconds, or parts of them. */
static bool rest_matters(reader *in) {
  while (in->end - in->at > 1 && memchr(":.,", *in->at, 3) != NULL && pur_text_is_digit(in->at[1]))
    for (in->at++; in->at < in->end && pur_text_is_digit(*in->at);) in->at++;
  (void)pass_blanks(in);
  if (in->at == in->end) return false;
  if ((*in->at == '+' || *in->at == '-') && in->end - in->at > 1)
    return pur_text_is_digit(in->at[1]);
  return (*in->at | 0x20) == 'z' || read_half(in);
}

/* The default format, and with 24:00 the next midnight. */
static const char *read_default(const char *text, size_t length, bool with_24,
                                pur_datetime *datetime, char out[PUR_MESSAGE_SIZE]) {
  char copy[64];
  pur_error error;
  bool is_24 = with_24 && length >= PUR_MINUTES_SIZE && length <= sizeof copy &&
               memcmp(text + PUR_DATE_SIZE + 1, "24:00", 5) == 0;
  if (is_24) {
    memcpy(copy, text, length);
    memcpy(copy + PUR_DATE_SIZE + 1, "00", 2);
    text = copy;
  }
  if (pur_datetime_parse(text, length, datetime, &error) != PUR_OK) {
    char guess[32];
    const bool is_like_it = length > 4 && text[4] == '-';
    if (!is_like_it && pur_date_guess(text, length, guess, sizeof guess)) {
      (void)snprintf(out, PUR_MESSAGE_SIZE,
                     "is not a time as YYYY-MM-DD HH:MM; say date = \"%s\", or as it may be",
                     guess);
      return out;
    }
    (void)snprintf(out, PUR_MESSAGE_SIZE, "is not a time as YYYY-MM-DD HH:MM: %.200s",
                   error.message);
    return out;
  }
  if (!is_24) return NULL;
  if (datetime->seconds % PUR_DAY_SECONDS != 0) return "is later than 24:00";
  datetime->seconds += PUR_DAY_SECONDS;
  return NULL;
}

static inline int two_at(const uint8_t *digits, size_t place) {
  return place < PUR_DATE_WIDTH ? digits[place] * 10 + digits[place + 1] : 0;
}

/* Reads a text in full width; false: it is none, or something is wrong with it. */
static bool read_shape(const pur_date_shape *shape, const char *text, int64_t *seconds) {
  uint8_t digits[PUR_DATE_WIDTH + 1];
  int year, month, day, hour, minute, second;
  bool fits = true;
  for (size_t i = 0; i < shape->width; i++) {
    digits[i] = (uint8_t)(text[i] - shape->least[i]);
    fits &= digits[i] <= shape->reach[i];
  }
  if (!fits) return false;
  year = two_at(digits, shape->year);
  if (shape->short_year)
    year += year < 69 ? 2000 : 1900;
  else
    year = year * 100 + two_at(digits, shape->year + 2u);
  month = two_at(digits, shape->month);
  day = two_at(digits, shape->day);
  hour = two_at(digits, shape->hour);
  minute = two_at(digits, shape->minute);
  second = two_at(digits, shape->second);
  if (year == 0 || month == 0 || month > 12 || day == 0 || hour > 23 || minute > 59 ||
      second > 59 || day > pur_date_month_length(year, month))
    return false;
  *seconds =
      pur_date_to_days(year, month, day) * PUR_DAY_SECONDS + (hour * 3600 + minute * 60 + second);
  return true;
}

const char *pur_date_read(const pur_date_format *format, const char *text, size_t length,
                          bool with_24, pur_date_reading *reading, char out[PUR_MESSAGE_SIZE]) {
  reader in = {.at = text, .end = text + length, .reading = reading};
  int seconds;
  *reading = (pur_date_reading){0};
  if (format->text == NULL) return read_default(text, length, with_24, &reading->datetime, out);
  if (length == format->shape->width && read_shape(format->shape, text, &reading->datetime.seconds))
    return NULL;
  if (!read_parts(&in, format)) {
    (void)snprintf(out, PUR_MESSAGE_SIZE, "is not a date as %s", format->text);
    return out;
  }
  if (in.has_rest && rest_matters(&in))
    return "is followed by AM, PM or an offset, which %* would pass over; read it with %p or %z";
  if (in.year < 1 || in.month < 1 || in.month > 12 || in.day < 1 ||
      in.day > pur_date_month_length(in.year, in.month)) {
    (void)snprintf(out, PUR_MESSAGE_SIZE, "is a date that does not exist, as %s", format->text);
    return out;
  }
  if (in.is_pm) in.hour += 12;
  seconds = in.hour * 3600 + in.minute * 60 + in.second;
  if (in.minute > 59 || in.second > 59 ||
      (in.hour > 23 && !(with_24 && seconds == PUR_DAY_SECONDS))) {
    if (seconds == PUR_DAY_SECONDS && in.hour == 24)
      return "is a time of 24:00, which is read with label = \"end\" alone";
    return "is a time that does not exist";
  }
  reading->datetime.seconds =
      pur_date_to_days(in.year, in.month, in.day) * PUR_DAY_SECONDS + seconds;
  return NULL;
}

/* Writing */

static void put_two(char *text, size_t place, int number) {
  if (place >= PUR_DATE_WIDTH) return;
  text[place] = (char)('0' + number / 10);
  text[place + 1] = (char)('0' + number % 10);
}

/* Writes the day of the shape, which stays for the times to come. */
static void write_day(pur_date_shape *shape, int64_t day) {
  pur_date date = pur_date_from_days(day);
  memcpy(shape->written, shape->least, shape->width);
  if (!shape->short_year) put_two(shape->written, shape->year, date.year / 100);
  put_two(shape->written, shape->year + (shape->short_year ? 0u : 2u), date.year % 100);
  put_two(shape->written, shape->month, date.month);
  put_two(shape->written, shape->day, date.day);
  shape->written_day = day;
}

size_t pur_date_write(const pur_date_format *format, int64_t minutes, char *out, size_t size) {
  pur_date_shape *shape = format->shape;
  int64_t day = pur_floor_divide(minutes, 1440);
  int minute = (int)(minutes - day * 1440);
  if (format->text == NULL) {
    pur_datetime_format_minutes(minutes, out);
    return PUR_MINUTES_SIZE;
  }
  if (shape->width == 0 || shape->width > size) return 0;
  if (day != shape->written_day) write_day(shape, day);
  put_two(shape->written, shape->hour, minute / 60);
  put_two(shape->written, shape->minute, minute % 60);
  memcpy(out, shape->written, shape->width);
  return shape->width;
}

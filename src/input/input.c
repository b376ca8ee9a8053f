#include "input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system.h"

/* Small enough to stay in a near cache between being read and parsed. */
#define BLOCK ((size_t)64 * 1024)
#define FIRST ((size_t)4096)        /* bytes that show what a file is */
#define SLICE ((size_t)1024 * 1024) /* bytes that are copied at once */

void pur_input_init(pur_input *input) {
  *input = (pur_input){.last = true, .file = -1, .block = BLOCK, .copy = -1, .from = -1};
}

/* Changes where the file is written to. */
static int64_t stamp_of(int file) {
  struct stat about;
  if (fstat(file, &about) != 0) return 0;
  return (int64_t)about.st_mtim.tv_sec * 1000000007 + about.st_mtim.tv_nsec + about.st_size;
}

pur_status pur_input_open(pur_input *input, const char *path, pur_error *error) {
  bool standard = strcmp(path, "-") == 0;
  const char *quote = standard ? "" : "'";
  char nothing;
  pur_input_init(input);
  input->file =
      standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
  /* A folder opens well and fails only when it is read. */
  if (input->file < 0 || read(input->file, &nothing, 0) < 0) {
    pur_status status =
        pur_error_set(error, PUR_FILE_UNREADABLE, 0, "cannot read %s%s%s: %s", quote,
                      standard ? "standard input" : path, quote, strerror(errno));
    pur_input_close(input);
    return status;
  }
  input->last = false;
  input->from = lseek(input->file, 0, SEEK_CUR);
  input->stamp = stamp_of(input->file);
  return PUR_OK;
}

void pur_input_close(pur_input *input) {
  if (input->file >= 0) (void)close(input->file);
  if (input->copy >= 0) (void)close(input->copy);
  pur_buffer_free(&input->window);
  pur_input_init(input);
}

uint64_t pur_input_size(const pur_input *input) {
  struct stat about;
  return fstat(input->file, &about) == 0 ? (uint64_t)about.st_size : 0;
}

/* Reading */

/* Reads a block, unless the file ends before. */
static pur_status read_block(const pur_input *input, char *to, size_t *got, pur_error *error) {
  *got = 0;
  while (*got < input->block) {
    ssize_t count = read(input->file, to + *got, input->block - *got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return pur_error_set(error, PUR_FILE_UNREADABLE, 0, "cannot read on: %s", strerror(errno));
    if (count == 0) break;
    *got += (size_t)count;
  }
  return PUR_OK;
}

/* How far behind the place of its UTF-8 a block must stand to be decoded there. */
static size_t gap_of(const pur_input *input, size_t length) {
  return input->encoding <= PUR_ENCODING_UTF8 ? 0 : PUR_ENCODING_MOST(length) + PUR_ENCODING_SLACK;
}

/* Takes bytes that stand at the window's end, behind the gap, into the window, as UTF-8. Returns
 * how many that makes. */
static size_t take(pur_input *input, size_t gap, size_t length) {
  char *room = input->window.data + input->window.length, *raw = room + gap;
  size_t used = length, whole = length;
  if (gap > 0) {
    used = pur_encoding_decode(input->encoding, raw, &whole, input->last, room);
    input->part_length = length - whole;
    memcpy(input->part, raw + whole, input->part_length);
  }
  memset(room + used, 0, PUR_INPUT_SLACK);
  input->window.length += used;
  input->start = input->window.data;
  input->end = input->start + input->window.length;
  return used;
}

pur_status pur_input_more(pur_input *input, pur_error *error) {
  const size_t most = input->block + sizeof input->part, gap = gap_of(input, most);
  size_t unread = pur_input_unread(input), used = 0;
  if (input->last) return PUR_END;
  /* Moves what is unread to the front, and makes room for a block behind it. */
  if (unread > 0 && input->start != input->window.data)
    memmove(input->window.data, input->start, unread);
  input->window.length = unread;
  while (used == 0 && !input->last) {
    size_t got;
    char *room;
    pur_status status;
    input->window.status = PUR_OK; /* memory that was short once may be there now */
    room = pur_buffer_reserve(&input->window, gap + most + PUR_INPUT_SLACK);
    input->start = input->window.data;
    input->end = unread > 0 ? input->start + unread : input->start; /* of no window: NULL */
    if (room == NULL) return pur_error_no_memory(error);
    memcpy(room + gap, input->part, input->part_length);
    status = read_block(input, room + gap + input->part_length, &got, error);
    if (status != PUR_OK) return status;
    input->last = got < input->block;
    used = take(input, gap, input->part_length + got);
  }
  return used > 0 ? PUR_OK : PUR_END;
}

pur_status pur_input_all(pur_input *input, pur_error *error) {
  pur_status status;
  do status = pur_input_more(input, error);
  while (status == PUR_OK);
  return status == PUR_END ? PUR_OK : status;
}

/* The first bytes */

#define EXCEL "is an Excel workbook: save it as CSV (UTF-8)"
#define HTML                                                                                       \
  "is an HTML page, whatever its name: open it in a spreadsheet and save it as CSV (UTF-8)"

/* What is no table as text, by its first bytes and by what stands somewhere behind them. */
static pur_status refuse_other(const pur_input *input, pur_error *error) {
  static const struct {
    const char *bytes;
    const char *within;
    const char *message;
  } kinds[] = {
      {"PK\3\4", "[Content_Types].xml", EXCEL},
      {"PK\3\4", "xl/", EXCEL},
      {"PK\3\4", "opendocument.spreadsheet", "is a LibreOffice workbook: save it as CSV (UTF-8)"},
      {"PK\3\4", "", "is a zip file: unpack it first (unzip -p FILE | ... -)"},
      {"PK\5\6", "", "is a zip file, and empty"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "", EXCEL},
      {"\x1F\x8B", "", "is gzip: unpack it first (zcat FILE | ... -)"},
      {"%PDF-", "", "is a PDF: get the table that it shows as CSV"},
      {"<", "<html", HTML},
      {"<", "<table", HTML},
      {"<", "<HTML", HTML},
      {"<", "<TABLE", HTML},
      {"<?xml", "office:spreadsheet", EXCEL},
      {"<?xml", "", "is XML: get its rows as CSV or JSON"},
  };
  size_t length = pur_input_unread(input) < FIRST ? pur_input_unread(input) : FIRST, blank = 0;
  const char *text;
  while (blank < length && memchr(" \t\r\n\xEF\xBB\xBF", input->start[blank], 7) != NULL) blank++;
  text = input->start + blank;
  length -= blank;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    size_t first = strlen(kinds[i].bytes), within = strlen(kinds[i].within);
    if (length < first || memcmp(text, kinds[i].bytes, first) != 0) continue;
    if (within == 0 || memmem(text, length, kinds[i].within, within) != NULL)
      return pur_error_set(error, PUR_NOT_TEXT, 0, "%s", kinds[i].message);
  }
  return PUR_OK;
}

/* The encoding whose mark the window begins with; ANY: no mark. */
static pur_encoding marked(const pur_input *input) {
  static const pur_encoding with_mark[] = {PUR_ENCODING_UTF8, PUR_ENCODING_UTF16_LE,
                                           PUR_ENCODING_UTF16_BE};
  for (size_t i = 0; i < sizeof with_mark / sizeof *with_mark; i++) {
    pur_text mark = pur_encoding_mark(with_mark[i]);
    if (pur_input_unread(input) >= mark.length && memcmp(input->start, mark.text, mark.length) == 0)
      return with_mark[i];
  }
  return PUR_ENCODING_ANY;
}

/* UTF-16 has many NULs, all of them in the same half of its units; text in any other encoding has
 * none. ANY: this is something else. */
static pur_encoding guess_utf16(const pur_input *input) {
  size_t zeros[2] = {0, 0}, pairs = pur_input_unread(input) / 2;
  if (pairs > FIRST / 2) pairs = FIRST / 2;
  for (size_t i = 0; i < 2 * pairs; i++) zeros[i % 2] += input->start[i] == '\0';
  if (4 * (zeros[0] + zeros[1]) <= pairs || (zeros[0] > 0) == (zeros[1] > 0))
    return PUR_ENCODING_ANY;
  return zeros[0] > 0 ? PUR_ENCODING_UTF16_BE : PUR_ENCODING_UTF16_LE;
}

/* Tells the encoding of what the window begins with. */
static pur_status tell_encoding(pur_input *input, pur_encoding said, pur_error *error) {
  pur_encoding by_mark = marked(input), by_bytes = guess_utf16(input);
  const char *name = pur_encoding_name(by_mark);
  input->has_mark = by_mark != PUR_ENCODING_ANY;
  if (input->has_mark && said != PUR_ENCODING_ANY && strcmp(pur_encoding_name(said), name) != 0)
    return pur_error_set(error, PUR_NOT_TEXT, 0,
                         "has the byte order mark of %s, and its encoding is said to be %s: do not "
                         "say it",
                         name, pur_encoding_name(said));
  if (!input->has_mark && said != PUR_ENCODING_UTF16 && by_bytes != PUR_ENCODING_ANY)
    return pur_error_set(error, PUR_NOT_TEXT, 0,
                         "is UTF-16 without a byte order mark: say encoding = \"utf16\"");
  if (said == PUR_ENCODING_UTF16)
    said = by_bytes == PUR_ENCODING_ANY ? PUR_ENCODING_UTF16_LE : by_bytes;
  input->encoding = input->has_mark ? by_mark : said == PUR_ENCODING_ANY ? PUR_ENCODING_UTF8 : said;
  return PUR_OK;
}

/* Decodes what was read before anybody knew its encoding. */
static pur_status decode_first(pur_input *input, pur_error *error) {
  size_t length = pur_input_unread(input), gap = gap_of(input, length);
  char *data;
  input->window.status = PUR_OK;
  if (gap == 0) return PUR_OK;
  data = pur_buffer_reserve(&input->window, gap + length + PUR_INPUT_SLACK);
  if (data == NULL) {
    input->encoding = PUR_ENCODING_ANY;
    return pur_error_no_memory(error);
  }
  data = input->window.data;
  memmove(data + gap, data, length);
  input->window.length = 0;
  (void)take(input, gap, length);
  return PUR_OK;
}

/* Passes over the byte order mark, which is a character in every encoding that has one. */
static pur_status skip_mark(pur_input *input, pur_error *error) {
  pur_status status = PUR_OK;
  const size_t length = pur_encoding_mark(PUR_ENCODING_UTF8).length;
  if (!input->has_mark) return PUR_OK;
  while (status == PUR_OK && pur_input_unread(input) < length)
    status = pur_input_more(input, error);
  if (pur_input_unread(input) >= length) pur_input_skip(input, length);
  return status;
}

pur_status pur_input_begin(pur_input *input, pur_encoding encoding, pur_error *error) {
  pur_status status = PUR_OK;
  if (input->has_begun) return PUR_OK;
  while (status == PUR_OK && pur_input_unread(input) < FIRST) status = pur_input_more(input, error);
  if (status != PUR_OK && status != PUR_END) return status;
  status = refuse_other(input, error);
  if (status == PUR_OK) status = tell_encoding(input, encoding, error);
  if (status == PUR_OK) status = decode_first(input, error);
  if (status != PUR_OK) return status;
  input->has_begun = true;
  return skip_mark(input, error);
}

bool pur_input_is_json(const pur_input *input) {
  const char *at = input->start;
  while (at < input->end && memchr(" \t\r\n", *at, 4) != NULL) at++;
  return at < input->end && (*at == '{' || *at == '[');
}

/* Reading twice */

static pur_status unkeepable(pur_error *error) {
  return pur_error_set(error, PUR_FILE_UNREADABLE, 0,
                       "cannot be kept in a temporary file, to be read twice: %s", strerror(errno));
}

pur_status pur_input_keep(pur_input *input, bool *is_kept, pur_error *error) {
  *is_kept = input->from >= 0;
  if (!*is_kept && input->copy < 0 && (input->copy = pur_system_temporary()) < 0)
    return unkeepable(error);
  for (size_t copied = 0; copied < SLICE && !*is_kept;) {
    size_t got;
    pur_status status;
    char *room;
    input->window.status = PUR_OK;
    room = pur_buffer_reserve(&input->window, input->block);
    if (room == NULL) return pur_error_no_memory(error);
    status = read_block(input, room, &got, error);
    if (status != PUR_OK) return status;
    if (!pur_system_write(input->copy, room, got)) return unkeepable(error);
    copied += got;
    if (got == input->block) continue;
    (void)close(input->file);
    input->file = input->copy;
    input->copy = -1;
    input->from = 0;
    input->stamp = stamp_of(input->file);
    if (lseek(input->file, 0, SEEK_SET) != 0) return unkeepable(error);
    *is_kept = true;
  }
  return PUR_OK;
}

pur_status pur_input_rewind(pur_input *input, pur_error *error) {
  pur_status status;
  if (input->stamp != stamp_of(input->file))
    return pur_error_set(error, PUR_FILE_UNREADABLE, 0, "was changed while it was read");
  if (input->from < 0 || lseek(input->file, input->from, SEEK_SET) < 0)
    return pur_error_set(error, PUR_FILE_UNREADABLE, 0, "cannot be read twice");
  input->start = input->end = input->window.data;
  input->window.length = input->part_length = 0;
  input->last = false;
  status = skip_mark(input, error);
  return status == PUR_END ? PUR_OK : status;
}

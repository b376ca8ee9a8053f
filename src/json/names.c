/* The names of the objects that are open while a text is scanned, to refuse one that comes twice.
 *
 * A stack, since objects close in the reverse of the order in which they open: what an object's
 * names need is given back when it closes. No input makes it slow: few names are compared one by
 * one, many stand in sorted runs. */
#include "json/scan.h"

#define FEW 16 /* names up to which comparing with each is fastest: a power of 2 */

/* `start` counts on through the text and then through `unescaped`, so that one number is enough. */
typedef struct name {
  size_t start;
  size_t length;
} name;

/* An open object: where its names begin, and the length to go back to when it closes.
 *
 * Its names stand in sorted runs, each shorter than the one before it, and fewer than FEW behind
 * them as they came. As many as FEW become a run, and two runs of one length become one, so that
 * their lengths are FEW times the powers of 2 that make up the number of names. */
typedef struct object {
  size_t first;
  size_t unescaped;
  uint64_t seen; /* bits of the names behind the runs: one whose bit is not set is none of them */
} object;

static size_t count_names(const pur_json_scanner *scanner) {
  return scanner->names.length / sizeof(name);
}

static const char *text_of(const pur_json_scanner *scanner, name which) {
  return which.start < scanner->length ? scanner->text + which.start
                                       : scanner->unescaped.data + (which.start - scanner->length);
}

/* Any order will do. */
static int compare(const pur_json_scanner *scanner, name a, name b) {
  if (a.length != b.length) return a.length < b.length ? -1 : 1;
  return memcmp(text_of(scanner, a), text_of(scanner, b), a.length);
}

/* Tells whether a sorted run has a name. */
static bool has(const pur_json_scanner *scanner, const name *run, size_t length, name wanted) {
  while (length > 0) {
    int order = compare(scanner, wanted, run[length / 2]);
    if (order == 0) return true;
    if (order > 0) run += length / 2 + 1;
    length = (length - (order > 0)) / 2;
  }
  return false;
}

/* Makes one run of two that stand one behind the other. */
static pur_status merge(pur_json_scanner *scanner, name *first, size_t length) {
  const name *second = first + length, *end = second + length, *copy;
  pur_buffer_clear(&scanner->merged);
  pur_buffer_append(&scanner->merged, first, length * sizeof *first);
  if (scanner->merged.status != PUR_OK) return PUR_NO_MEMORY;
  copy = (const name *)(const void *)scanner->merged.data;
  while (length > 0) {
    bool from_second = second < end && compare(scanner, *second, *copy) < 0;
    *first++ = from_second ? *second++ : *copy++;
    length -= !from_second;
  }
  return PUR_OK;
}

/* Makes a run of the last FEW of an object's names. */
static pur_status settle(pur_json_scanner *scanner, const object *of) {
  name *end = (name *)(void *)(scanner->names.data + scanner->names.length), *run = end - FEW;
  size_t count = count_names(scanner) - of->first;
  pur_status status = PUR_OK;
  for (size_t i = 1; i < FEW; i++) {
    name moved = run[i];
    size_t to = i;
    for (; to > 0 && compare(scanner, moved, run[to - 1]) < 0; to--) run[to] = run[to - 1];
    run[to] = moved;
  }
  for (size_t length = FEW; (count & length) == 0 && status == PUR_OK; length *= 2)
    status = merge(scanner, end - 2 * length, length);
  return status;
}

/* Compares with each name behind the runs, unless the bit for length and both ends, which tell most
 * names of an object apart, says that the name is none of them. */
static pur_status add(pur_json_scanner *scanner, object *to, name added) {
  size_t left = count_names(scanner) - to->first, length = added.length;
  const name *all = (const name *)(const void *)scanner->names.data;
  const name *next = left > 0 ? all + to->first : NULL;
  const char *text = text_of(scanner, added);
  unsigned ends = length == 0 ? 0 : (unsigned char)text[0] * 7u + (unsigned char)text[length - 1];
  uint64_t bit = (uint64_t)1 << (ends + length * 13) % 64;
  name *slot;
  while (left >= FEW) {
    size_t run = FEW;
    while (run <= left / 2) run *= 2;
    if (has(scanner, next, run, added)) return PUR_DUPLICATE_KEY;
    next += run;
    left -= run;
  }
  if ((to->seen & bit) != 0) {
    for (size_t i = 0; i < left; i++)
      if (compare(scanner, next[i], added) == 0) return PUR_DUPLICATE_KEY;
  }
  to->seen |= bit;
  slot = (name *)(void *)pur_buffer_reserve(&scanner->names, sizeof added);
  if (slot == NULL) return PUR_NO_MEMORY;
  *slot = added;
  scanner->names.length += sizeof added;
  if (left + 1 < FEW) return PUR_OK;
  to->seen = 0;
  return settle(scanner, to);
}

/* Objects */

pur_status pur_json_open_names(pur_json_scanner *scanner, pur_error *error) {
  object opened = {count_names(scanner), scanner->unescaped.length, 0};
  pur_buffer_append(&scanner->open, &opened, sizeof opened);
  return pur_buffer_check(&scanner->open, error);
}

static object *innermost(const pur_json_scanner *scanner) {
  return (object *)(void *)(scanner->open.data + scanner->open.length) - 1;
}

void pur_json_close_names(pur_json_scanner *scanner) {
  const object *closed = innermost(scanner);
  scanner->names.length = closed->first * sizeof(name);
  scanner->unescaped.length = closed->unescaped;
  scanner->open.length -= sizeof *closed;
}

pur_status pur_json_fail_twice(const pur_json_token *key, pur_error *error) {
  return pur_error_set(error, PUR_DUPLICATE_KEY, key->position,
                       "expected a name that the object does not have yet");
}

pur_status pur_json_add_name(pur_json_scanner *scanner, const pur_json_token *key,
                             pur_error *error) {
  name added = {key->position + 1, key->length};
  pur_status status;
  if (key->escaped) {
    size_t begin = scanner->unescaped.length;
    pur_json_string_unescape(key->text, key->length, &scanner->unescaped);
    added = (name){scanner->length + begin, scanner->unescaped.length - begin};
  }
  status = scanner->unescaped.status;
  if (status == PUR_OK) status = add(scanner, innermost(scanner), added);
  if (status == PUR_DUPLICATE_KEY) return pur_json_fail_twice(key, error);
  return status == PUR_OK ? PUR_OK : pur_error_no_memory(error);
}

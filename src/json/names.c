#include "json/names.h"

#include <stdint.h>
#include <string.h>

#include "json/json.h"

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

void pur_json_names_restart(pur_json_names *names, const char *text, size_t length) {
  pur_buffer_clear(&names->objects);
  pur_buffer_clear(&names->names);
  pur_buffer_clear(&names->unescaped);
  names->text = text;
  names->length = length;
}

void pur_json_names_free(pur_json_names *names) {
  pur_buffer_free(&names->objects);
  pur_buffer_free(&names->names);
  pur_buffer_free(&names->merged);
  pur_buffer_free(&names->unescaped);
}

static object *innermost(const pur_json_names *names) {
  return (object *)(void *)(names->objects.data + names->objects.length) - 1;
}

static size_t count_names(const pur_json_names *names) {
  return names->names.length / sizeof(name);
}

static const char *text_of(const pur_json_names *names, name which) {
  return which.start < names->length ? names->text + which.start
                                     : names->unescaped.data + (which.start - names->length);
}

/* Any order will do. */
static int compare(const pur_json_names *names, name a, name b) {
  if (a.length != b.length) return a.length < b.length ? -1 : 1;
  return memcmp(text_of(names, a), text_of(names, b), a.length);
}

/* Tells whether a sorted run has a name. */
static bool has(const pur_json_names *names, const name *run, size_t length, name wanted) {
  while (length > 0) {
    int order = compare(names, wanted, run[length / 2]);
    if (order == 0) return true;
    if (order > 0) run += length / 2 + 1;
    length = (length - (order > 0)) / 2;
  }
  return false;
}

/* Makes one run of two that stand one behind the other. */
static pur_status merge(pur_json_names *names, name *first, size_t length) {
  const name *second = first + length, *end = second + length, *copy;
  pur_buffer_clear(&names->merged);
  pur_buffer_append(&names->merged, first, length * sizeof *first);
  if (names->merged.status != PUR_OK) return PUR_NO_MEMORY;
  copy = (const name *)(const void *)names->merged.data;
  while (length > 0) {
    bool from_second = second < end && compare(names, *second, *copy) < 0;
    *first++ = from_second ? *second++ : *copy++;
    length -= !from_second;
  }
  return PUR_OK;
}

/* Makes a run of the last FEW of an object's names. */
static pur_status settle(pur_json_names *names, const object *of) {
  name *end = (name *)(void *)(names->names.data + names->names.length), *run = end - FEW;
  size_t count = count_names(names) - of->first;
  pur_status status = PUR_OK;
  for (size_t i = 1; i < FEW; i++) {
    name moved = run[i];
    size_t to = i;
    for (; to > 0 && compare(names, moved, run[to - 1]) < 0; to--) run[to] = run[to - 1];
    run[to] = moved;
  }
  for (size_t length = FEW; (count & length) == 0 && status == PUR_OK; length *= 2)
    status = merge(names, end - 2 * length, length);
  return status;
}

/* Compares with each name behind the runs, unless the bit for length and both ends, which tell most
 * names of an object apart, says that the name is none of them. */
static pur_status add(pur_json_names *names, object *to, name added) {
  size_t left = count_names(names) - to->first, length = added.length;
  const name *all = (const name *)(const void *)names->names.data;
  const name *next = left > 0 ? all + to->first : NULL;
  const char *text = text_of(names, added);
  unsigned ends = length == 0 ? 0 : (unsigned char)text[0] * 7u + (unsigned char)text[length - 1];
  uint64_t bit = (uint64_t)1 << (ends + length * 13) % 64;
  name *slot;
  while (left >= FEW) {
    size_t run = FEW;
    while (run <= left / 2) run *= 2;
    if (has(names, next, run, added)) return PUR_DUPLICATE_KEY;
    next += run;
    left -= run;
  }
  if ((to->seen & bit) != 0) {
    for (size_t i = 0; i < left; i++)
      if (compare(names, next[i], added) == 0) return PUR_DUPLICATE_KEY;
  }
  to->seen |= bit;
  slot = (name *)(void *)pur_buffer_reserve(&names->names, sizeof added);
  if (slot == NULL) return PUR_NO_MEMORY;
  *slot = added;
  names->names.length += sizeof added;
  if (left + 1 < FEW) return PUR_OK;
  to->seen = 0;
  return settle(names, to);
}

/* Objects */

pur_status pur_json_names_open(pur_json_names *names) {
  object *opened = (object *)(void *)pur_buffer_reserve(&names->objects, sizeof *opened);
  if (opened == NULL) return PUR_NO_MEMORY;
  *opened = (object){count_names(names), names->unescaped.length, 0};
  names->objects.length += sizeof *opened;
  return PUR_OK;
}

void pur_json_names_close(pur_json_names *names) {
  const object *closed = innermost(names);
  names->names.length = closed->first * sizeof(name);
  names->unescaped.length = closed->unescaped;
  names->objects.length -= sizeof *closed;
}

pur_status pur_json_names_add(pur_json_names *names, size_t start, size_t length, bool escaped) {
  object *to = innermost(names);
  name added = {start, length};
  if (escaped) {
    size_t begin = names->unescaped.length;
    pur_json_string_unescape(names->text + start, length, &names->unescaped);
    if (names->unescaped.status != PUR_OK) return PUR_NO_MEMORY;
    added = (name){names->length + begin, names->unescaped.length - begin};
  }
  return add(names, to, added);
}

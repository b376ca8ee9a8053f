#include "json/names.h"

#include <stdint.h>
#include <string.h>

#include "json/string.h"

#define FEW 16 /* names up to which comparing with each is fastest */

/* `start` counts on through the text and then through `unescaped`, so that one number is enough. */
typedef struct name {
  size_t start;
  size_t length;
} name;

/* An open object: where its names begin, and what to cut off when it closes. */
typedef struct object {
  size_t first;
  size_t branches;
  size_t unescaped;
  size_t root;   /* the tree, once it has more than a few names */
  uint64_t seen; /* bits of the names it has: one whose bit is not set is new */
} object;

/* A crit-bit tree (D. J. Bernstein's name for it): a branch tells at which bit the names below its
 * two links differ first. A link is twice the index of a name, or of a branch and one more. */
typedef struct branch {
  size_t links[2];
  size_t byte;
  unsigned bit; /* as a mask */
} branch;

void pur_json_names_init(pur_json_names *names, const char *text, size_t length) {
  pur_buffer_init(&names->objects, 0);
  pur_buffer_init(&names->names, 0);
  pur_buffer_init(&names->branches, 0);
  pur_buffer_init(&names->unescaped, 0);
  names->text = text;
  names->length = length;
}

void pur_json_names_restart(pur_json_names *names, const char *text, size_t length) {
  pur_buffer_clear(&names->objects);
  pur_buffer_clear(&names->names);
  pur_buffer_clear(&names->branches);
  pur_buffer_clear(&names->unescaped);
  names->text = text;
  names->length = length;
}

void pur_json_names_free(pur_json_names *names) {
  pur_buffer_free(&names->objects);
  pur_buffer_free(&names->names);
  pur_buffer_free(&names->branches);
  pur_buffer_free(&names->unescaped);
}

static object *innermost(const pur_json_names *names) {
  return (object *)(void *)(names->objects.data + names->objects.length) - 1;
}

static name get_name(const pur_json_names *names, size_t index) {
  return ((const name *)(const void *)names->names.data)[index];
}

static size_t count_names(const pur_json_names *names) {
  return names->names.length / sizeof(name);
}

static const char *text_of(const pur_json_names *names, name which) {
  return which.start < names->length ? names->text + which.start
                                     : names->unescaped.data + (which.start - names->length);
}

/* Few names */

/* Length and both ends tell most names of an object apart. */
static uint64_t bit_of(const char *text, size_t length) {
  unsigned ends = length == 0 ? 0 : (unsigned char)text[0] * 7u + (unsigned char)text[length - 1];
  return (uint64_t)1 << (ends + length * 13) % 64;
}

static bool is_among_few(const pur_json_names *names, size_t first, name added) {
  const char *text = text_of(names, added);
  for (size_t i = first; i < count_names(names); i++) {
    name other = get_name(names, i);
    if (other.length == added.length && memcmp(text_of(names, other), text, added.length) == 0)
      return true;
  }
  return false;
}

/* Many names */

static bool is_branch(size_t link) {
  return (link & 1) != 0;
}

static branch *get_branch(const pur_json_names *names, size_t link) {
  return (branch *)(void *)names->branches.data + link / 2;
}

/* What the tree sees of a name is its length and then its bytes, so that no name is the beginning
 * of another one. Beyond the end are zeros. */
static unsigned byte_of(const pur_json_names *names, name which, size_t index) {
  size_t at = index - sizeof which.length;
  if (index < sizeof which.length) return which.length >> (8 * index) & 0xFF;
  return at < which.length ? (unsigned char)text_of(names, which)[at] : 0;
}

static bool side_of(const pur_json_names *names, const branch *at, name which) {
  return (byte_of(names, which, at->byte) & at->bit) != 0;
}

/* Where two names differ first; false if nowhere. */
static bool find_difference(const pur_json_names *names, name a, name b, branch *at) {
  size_t end = sizeof a.length + a.length;
  unsigned bits = 0;
  for (at->byte = 0; at->byte < end; at->byte++) {
    bits = byte_of(names, a, at->byte) ^ byte_of(names, b, at->byte);
    if (bits != 0) break;
  }
  for (at->bit = 0x80; at->bit > bits; at->bit >>= 1) continue;
  return bits != 0;
}

static bool is_before(const branch *a, const branch *b) {
  return a->byte < b->byte || (a->byte == b->byte && a->bit > b->bit);
}

/* Going down by the bits of a name leads to the only one that can be equal to it. */
static name find_candidate(const pur_json_names *names, size_t link, name which) {
  while (is_branch(link)) {
    const branch *at = get_branch(names, link);
    link = at->links[side_of(names, at, which)];
  }
  return get_name(names, link / 2);
}

/* Puts name `index` into the tree. */
static pur_status insert(pur_json_names *names, size_t index) {
  name added = get_name(names, index);
  size_t *link = &innermost(names)->root;
  branch *new_branch;
  branch split;
  bool side;
  if (!find_difference(names, added, find_candidate(names, *link, added), &split))
    return PUR_DUPLICATE_KEY;
  new_branch = (branch *)(void *)pur_buffer_reserve(&names->branches, sizeof split);
  if (new_branch == NULL) return PUR_NO_MEMORY;
  while (is_branch(*link) && is_before(get_branch(names, *link), &split)) {
    branch *at = get_branch(names, *link);
    link = &at->links[side_of(names, at, added)];
  }
  side = side_of(names, &split, added);
  split.links[side] = 2 * index;
  split.links[!side] = *link;
  *new_branch = split;
  *link = 2 * (names->branches.length / sizeof split) + 1;
  names->branches.length += sizeof split;
  return PUR_OK;
}

/* The tree of the few names there are; they are known to differ. */
static pur_status plant(pur_json_names *names, size_t first) {
  pur_status status = PUR_OK;
  innermost(names)->root = 2 * first;
  for (size_t i = first + 1; i < first + FEW && status == PUR_OK; i++) status = insert(names, i);
  return status;
}

pur_status pur_json_names_open(pur_json_names *names) {
  object *opened = (object *)(void *)pur_buffer_reserve(&names->objects, sizeof *opened);
  if (opened == NULL) return PUR_NO_MEMORY;
  *opened = (object){count_names(names), names->branches.length, names->unescaped.length, 0, 0};
  names->objects.length += sizeof *opened;
  return PUR_OK;
}

void pur_json_names_close(pur_json_names *names) {
  const object *closed = innermost(names);
  names->names.length = closed->first * sizeof(name);
  names->branches.length = closed->branches;
  names->unescaped.length = closed->unescaped;
  names->objects.length -= sizeof *closed;
}

/* Keeps a copy without escapes, and points the name at it. */
static pur_status unescape(pur_json_names *names, name *which) {
  size_t begin = names->unescaped.length;
  pur_json_string_unescape(names->text + which->start, which->length, &names->unescaped);
  which->start = names->length + begin;
  which->length = names->unescaped.length - begin;
  return names->unescaped.status;
}

static pur_status push(pur_json_names *names, name added) {
  name *slot = (name *)(void *)pur_buffer_reserve(&names->names, sizeof added);
  if (slot == NULL) return PUR_NO_MEMORY;
  *slot = added;
  names->names.length += sizeof added;
  return PUR_OK;
}

static pur_status add_to_few(pur_json_names *names, object *to, name added) {
  uint64_t bit = bit_of(text_of(names, added), added.length);
  if ((to->seen & bit) != 0 && is_among_few(names, to->first, added)) return PUR_DUPLICATE_KEY;
  to->seen |= bit;
  return push(names, added);
}

static pur_status add_to_many(pur_json_names *names, object *to, name added) {
  size_t index = count_names(names);
  pur_status status = index == to->first + FEW ? plant(names, to->first) : PUR_OK;
  if (status == PUR_OK) status = push(names, added);
  return status == PUR_OK ? insert(names, index) : status;
}

pur_status pur_json_names_add(pur_json_names *names, size_t start, size_t length, bool escaped) {
  object *to = innermost(names);
  name added = {start, length};
  if (escaped && unescape(names, &added) != PUR_OK) return PUR_NO_MEMORY;
  if (count_names(names) - to->first < FEW) return add_to_few(names, to, added);
  return add_to_many(names, to, added);
}

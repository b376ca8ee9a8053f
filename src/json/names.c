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

/* An open object: where its names begin, and the lengths to go back to when it closes. */
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

static pur_status push(pur_json_names *names, name added) {
  name *slot = (name *)(void *)pur_buffer_reserve(&names->names, sizeof added);
  if (slot == NULL) return PUR_NO_MEMORY;
  *slot = added;
  names->names.length += sizeof added;
  return PUR_OK;
}

/* Compares with each, unless the bit for length and both ends, which tell most names of an object
 * apart, says that the name is new. */
static pur_status add_to_few(pur_json_names *names, object *to, name added) {
  const char *text = text_of(names, added);
  size_t length = added.length;
  unsigned ends = length == 0 ? 0 : (unsigned char)text[0] * 7u + (unsigned char)text[length - 1];
  uint64_t bit = (uint64_t)1 << (ends + length * 13) % 64;
  if ((to->seen & bit) != 0) {
    for (size_t i = to->first; i < count_names(names); i++) {
      name other = get_name(names, i);
      if (other.length == length && memcmp(text_of(names, other), text, length) == 0)
        return PUR_DUPLICATE_KEY;
    }
  }
  to->seen |= bit;
  return push(names, added);
}

/* The tree */

static bool is_branch(size_t link) {
  return (link & 1) != 0;
}

static branch *get_branch(const pur_json_names *names, size_t link) {
  return (branch *)(void *)names->branches.data + link / 2;
}

/* The tree sees of a name its length and then its bytes, so that no name is the beginning of
 * another one. Beyond the end are zeros. */
static unsigned byte_of(const pur_json_names *names, name which, size_t index) {
  size_t at = index - sizeof which.length;
  if (index < sizeof which.length) return which.length >> (8 * index) & 0xFF;
  return at < which.length ? (unsigned char)text_of(names, which)[at] : 0;
}

static bool side_of(const pur_json_names *names, const branch *at, name which) {
  return (byte_of(names, which, at->byte) & at->bit) != 0;
}

/* Finds where two names differ first; false: nowhere. */
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

/* Puts name `index` into the tree. Going down by its bits leads to the only name that can be equal
 * to it; where the two differ, a branch is put in. */
static pur_status insert(pur_json_names *names, size_t index) {
  name added = get_name(names, index);
  size_t *link = &innermost(names)->root, candidate = *link;
  branch split, *at;
  bool side;
  while (is_branch(candidate)) {
    at = get_branch(names, candidate);
    candidate = at->links[side_of(names, at, added)];
  }
  if (!find_difference(names, added, get_name(names, candidate / 2), &split))
    return PUR_DUPLICATE_KEY;
  if (pur_buffer_reserve(&names->branches, sizeof split) == NULL) return PUR_NO_MEMORY;
  while (is_branch(*link)) {
    at = get_branch(names, *link);
    if (at->byte > split.byte || (at->byte == split.byte && at->bit <= split.bit)) break;
    link = &at->links[side_of(names, at, added)];
  }
  side = side_of(names, &split, added);
  split.links[side] = 2 * index;
  split.links[!side] = *link;
  *link = 2 * (names->branches.length / sizeof split) + 1;
  pur_buffer_append(&names->branches, &split, sizeof split);
  return PUR_OK;
}

/* Puts a name into the tree, at first those that were few until now and are known to differ. */
static pur_status add_to_many(pur_json_names *names, object *to, name added) {
  size_t index = count_names(names);
  pur_status status = PUR_OK;
  if (index == to->first + FEW) {
    to->root = 2 * to->first;
    for (size_t i = to->first + 1; i < index && status == PUR_OK; i++) status = insert(names, i);
  }
  if (status == PUR_OK) status = push(names, added);
  return status == PUR_OK ? insert(names, index) : status;
}

/* Objects */

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

pur_status pur_json_names_add(pur_json_names *names, size_t start, size_t length, bool escaped) {
  object *to = innermost(names);
  name added = {start, length};
  if (escaped) {
    size_t begin = names->unescaped.length;
    pur_json_string_unescape(names->text + start, length, &names->unescaped);
    if (names->unescaped.status != PUR_OK) return PUR_NO_MEMORY;
    added = (name){names->length + begin, names->unescaped.length - begin};
  }
  return count_names(names) - to->first < FEW ? add_to_few(names, to, added)
                                              : add_to_many(names, to, added);
}

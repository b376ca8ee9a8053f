#include "map/sales_keys.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/system.h"

/* In the place of a line: where in the store the second piece stands, or that this is done. */
#define APART (UINT64_C(1) << 63)
#define DONE UINT64_MAX
#define MOST_PIECES 1000 /* that are gathered: more take too long for one call */

/* A piece in the store, before its rows. */
typedef struct header {
  uint64_t next; /* of the same purchase; 0: none */
  uint64_t line;
  uint64_t length;
  uint64_t is_cut;
  uint64_t last;  /* the second piece knows which one is the last, */
  uint64_t count; /* and how many there are with it and behind it */
} header;

void pur_sales_keys_init(pur_sales_keys *keys) {
  memset(keys, 0, sizeof *keys);
  pur_key_file_init(&keys->file);
  keys->store = -1;
}

void pur_sales_keys_free(pur_sales_keys *keys) {
  pur_key_file_free(&keys->file);
  if (keys->store >= 0) (void)close(keys->store);
  pur_sales_keys_init(keys);
}

static pur_status unkeepable(pur_error *error) {
  return pur_error_set(error, PUR_FILE_UNREADABLE, 0,
                       "rows that stand apart cannot be kept in a temporary file: %s",
                       strerror(errno));
}

static bool get(const pur_sales_keys *keys, uint64_t at, void *into, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t got = pread(keys->store, (char *)into + done, size - done, (off_t)(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;
    if (got <= 0) return false;
    done += (size_t)got;
  }
  return true;
}

static bool put(const pur_sales_keys *keys, uint64_t at, const void *from, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t put_now =
        pwrite(keys->store, (const char *)from + done, size - done, (off_t)(at + done));
    if (put_now < 0 && errno == EINTR) continue;
    if (put_now == 0) errno = ENOSPC;
    if (put_now <= 0) return false;
    done += (size_t)put_now;
  }
  return true;
}

/* Adds a piece to the store. The first one of a purchase there is at `head`, which is 0 and set to
 * its place where this is it; places are one more than where a piece begins. */
static bool add(pur_sales_keys *keys, uint64_t *head, const header *piece, const char *text) {
  uint64_t place = keys->store_size + 1;
  header first, last;
  if (keys->store < 0) keys->store = pur_system_temporary();
  if (keys->store < 0 || !put(keys, place - 1, piece, sizeof *piece)) return false;
  if (!put(keys, place - 1 + sizeof *piece, text, piece->length)) return false;
  keys->store_size += sizeof *piece + piece->length;
  if (*head == 0) {
    *head = place;
    first = *piece;
  } else {
    if (!get(keys, *head - 1, &first, sizeof first)) return false;
    if (first.last != *head) {
      if (!get(keys, first.last - 1, &last, sizeof last)) return false;
      last.next = place;
      if (!put(keys, first.last - 1, &last, sizeof last)) return false;
    } else {
      first.next = place;
    }
  }
  first.last = place;
  first.count++;
  return put(keys, *head - 1, &first, sizeof first);
}

pur_status pur_sales_keys_begin(pur_sales_keys *keys, uint64_t hash, uint64_t line,
                                uint64_t *before, pur_error *error) {
  return pur_key_file_note(&keys->file, hash, line, before, error);
}

pur_status pur_sales_keys_end(pur_sales_keys *keys, uint64_t hash, uint64_t before, uint64_t line,
                              const char *text, size_t length, bool is_cut, pur_error *error) {
  header piece = {.line = line, .length = length, .is_cut = is_cut};
  uint64_t head = (before & APART) != 0 ? before & ~APART : 0;
  if (before == 0) {
    keys->purchases++;
    return PUR_OK;
  }
  if (!add(keys, &head, &piece, text)) return unkeepable(error);
  if ((before & APART) != 0) return PUR_OK;
  return pur_key_file_change(&keys->file, hash, APART | head, error);
}

/* Appends the rows of a piece, whose header was read. */
static bool gather(const pur_sales_keys *keys, uint64_t place, const header *piece,
                   pur_buffer *rows) {
  char *room;
  pur_buffer_append_literal(rows, "\n");
  room = pur_buffer_reserve(rows, piece->length + 1);
  if (room == NULL) return true;
  if (!get(keys, place - 1 + sizeof *piece, room, piece->length)) return false;
  rows->length += piece->length;
  return true;
}

pur_status pur_sales_keys_find(pur_sales_keys *keys, uint64_t hash, pur_piece_kind *kind,
                               pur_pieces *pieces, pur_buffer *rows, size_t most,
                               pur_error *error) {
  uint64_t found = 0, place;
  header piece;
  pur_status status = PUR_OK;
  *kind = PUR_PIECE_WHOLE;
  *pieces = (pur_pieces){0};
  if (hash == 0 || keys->store < 0) return PUR_OK;
  status = pur_key_file_find(&keys->file, hash, &found, error);
  if (status != PUR_OK || (found & APART) == 0) return status;
  *kind = found == DONE ? PUR_PIECE_LATER : PUR_PIECE_FIRST;
  if (found == DONE) return PUR_OK;
  place = found & ~APART;
  for (uint64_t i = 0; place != 0; i++) {
    if (!get(keys, place - 1, &piece, sizeof piece)) return unkeepable(error);
    if (i == 0) pieces->count = piece.count;
    if (i < PUR_PIECE_LINES) pieces->lines[i] = piece.line;
    pieces->is_cut |= piece.is_cut != 0;
    if (i == MOST_PIECES || rows->length + piece.length > most) {
      pieces->is_cut = true;
      break;
    }
    if (!gather(keys, place, &piece, rows)) return unkeepable(error);
    place = piece.next;
  }
  return pur_key_file_change(&keys->file, hash, DONE, error);
}

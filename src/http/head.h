/* The head of an HTTP answer: lines in, one clean block of header fields out. No sockets here. */
#ifndef PURCHASES_HTTP_HEAD_H
#define PURCHASES_HTTP_HEAD_H

#include <stdbool.h>

#include "base/buffer.h"

#define PUR_HEAD_LENGTH_SIZE 18 /* more digits would not fit into what libcurl counts with */

typedef struct pur_head {
  pur_buffer lines; /* "name: value\r\n" of the answer being read, without its status line */
  bool begun;       /* a status line was read: the fields of this answer follow */
  bool interim;     /* and it says 1xx: the answer that counts is yet to come */
  bool complete;    /* the empty line after the fields of the answer that counts was read */
  bool unsound;     /* nobody can tell where this answer ends */
  bool coded;       /* a transfer coding was named */
  bool packed;      /* the body is gzip */
  bool unreadable;  /* the body is packed in another way, or twice */
  char length[PUR_HEAD_LENGTH_SIZE + 1]; /* the body's, as it was given; "" before it was */
} pur_head;

/* One field; both parts point into the head. The name is as it came. */
typedef struct pur_header {
  const char *name;
  size_t name_length;
  const char *value;
  size_t value_length;
} pur_header;

/* `limit` is the most bytes of fields one answer may have. */
void pur_head_init(pur_head *head, size_t limit);
void pur_head_free(pur_head *head);
void pur_head_clear(pur_head *head);

/* Takes one line with its line end. An interim answer (100, 103) is forgotten when the next status
 * line comes; trailers after the body are not taken. False when the answer must not go on: too many
 * bytes, no memory (both in `lines.status`), or `unsound`: a length that is not one number, or a
 * transfer coding other than "chunked". */
bool pur_head_take(pur_head *head, const char *line, size_t length);

#endif

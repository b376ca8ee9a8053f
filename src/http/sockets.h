/* The sockets of a pool's connections, and whether the kept ones are quiet.
 *
 * A kept connection has nothing to say until the next request is sent on it. Anything that comes in
 * between belongs to no request of ours, or tells that it was closed: a request sent nevertheless
 * would take a stranger's answer for its own, or be lost. */
#ifndef PURCHASES_HTTP_SOCKETS_H
#define PURCHASES_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct pur_socket {
  int descriptor;
  int local_port;  /* 0: not known yet */
  uint64_t opener; /* the transfer for which it was opened */
  bool used;       /* a request was sent on it */
} pur_socket;

/* Each function takes a buffer of pur_socket, which closes nothing when it is freed. */

/* Notes a new socket, and keeps it from programs that this one starts. False: no memory. */
bool pur_sockets_add(pur_buffer *sockets, int descriptor, uint64_t opener);

/* Forgets a socket that is about to be closed. Returns its opener if it was ever connected, or 0.
 */
uint64_t pur_sockets_remove(pur_buffer *sockets, int descriptor);

/* A request is about to be sent on the socket with this local port; `pending`: its TLS library has
 * something that nobody has read. False when an earlier one was sent on it and it is not quiet now.
 */
bool pur_sockets_use(pur_buffer *sockets, int local_port, bool pending);

#endif

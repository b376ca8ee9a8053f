#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "http/transfer.h"

typedef struct pur_socket {
  int descriptor;
  int local_port;  /* 0: not known yet */
  uint64_t opener; /* the transfer for which it was opened */
  bool used;       /* a request was sent on it */
} pur_socket;

static size_t count_of(const pur_buffer *sockets) {
  return sockets->length / sizeof(pur_socket);
}

static pur_socket *get(const pur_buffer *sockets, size_t index) {
  return (pur_socket *)(void *)sockets->data + index;
}

static pur_socket *find(const pur_buffer *sockets, int descriptor) {
  for (size_t i = 0; i < count_of(sockets); i++)
    if (get(sockets, i)->descriptor == descriptor) return get(sockets, i);
  return NULL;
}

bool pur_sockets_add(pur_buffer *sockets, int descriptor, uint64_t opener) {
  pur_socket fresh = {.descriptor = descriptor, .opener = opener};
  /* One that was closed unseen has handed its number on. */
  pur_socket *socket = find(sockets, descriptor);
  sockets->status = PUR_OK; /* memory that was short once may be there now */
  if (socket != NULL) *socket = fresh;
  if (socket == NULL) pur_buffer_append(sockets, &fresh, sizeof fresh);
  if (sockets->status != PUR_OK) return false;
  (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return true;
}

uint64_t pur_sockets_remove(pur_buffer *sockets, int descriptor) {
  pur_socket *socket = find(sockets, descriptor);
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  uint64_t opener;
  if (socket == NULL) return 0;
  opener = socket->opener;
  *socket = *get(sockets, count_of(sockets) - 1);
  sockets->length -= sizeof *socket;
  return getpeername(descriptor, (struct sockaddr *)&peer, &size) == 0 ? opener : 0;
}

static int port_of(int descriptor) {
  struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
  socklen_t size = sizeof address;
  if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
  return 0;
}

/* Nothing to be read, no end, no error. */
static bool is_quiet(int descriptor) {
  char byte;
  ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

bool pur_sockets_use(pur_buffer *sockets, int local_port, bool pending) {
  bool quiet = true;
  for (size_t i = 0; i < count_of(sockets); i++) {
    pur_socket *socket = get(sockets, i);
    if (socket->local_port == 0) socket->local_port = port_of(socket->descriptor);
    if (socket->local_port != local_port) continue;
    if (socket->used && (pending || !is_quiet(socket->descriptor))) quiet = false;
    socket->used = true;
  }
  return quiet;
}

#include "http/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

void pur_sockets_free(pur_sockets *sockets) {
  free(sockets->list);
  sockets->list = NULL;
  sockets->count = sockets->capacity = 0;
}

static pur_socket *find(const pur_sockets *sockets, int descriptor) {
  for (size_t i = 0; i < sockets->count; i++)
    if (sockets->list[i].descriptor == descriptor) return &sockets->list[i];
  return NULL;
}

static pur_socket *append(pur_sockets *sockets) {
  if (sockets->count == sockets->capacity) {
    size_t capacity = sockets->capacity == 0 ? 16 : 2 * sockets->capacity;
    pur_socket *list = realloc(sockets->list, capacity * sizeof *list);
    if (list == NULL) return NULL;
    sockets->list = list;
    sockets->capacity = capacity;
  }
  return &sockets->list[sockets->count++];
}

bool pur_sockets_add(pur_sockets *sockets, int descriptor, uint64_t opener) {
  /* One that was closed unseen has handed its number on. */
  pur_socket *socket = find(sockets, descriptor);
  if (socket == NULL) socket = append(sockets);
  if (socket == NULL) return false;
  *socket = (pur_socket){.descriptor = descriptor, .opener = opener};
  (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return true;
}

uint64_t pur_sockets_remove(pur_sockets *sockets, int descriptor) {
  pur_socket *socket = find(sockets, descriptor);
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  uint64_t opener;
  if (socket == NULL) return 0;
  opener = socket->opener;
  *socket = sockets->list[--sockets->count];
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

bool pur_sockets_use(pur_sockets *sockets, int local_port, bool pending) {
  bool quiet = true;
  for (size_t i = 0; i < sockets->count; i++) {
    pur_socket *socket = &sockets->list[i];
    if (socket->local_port == 0) socket->local_port = port_of(socket->descriptor);
    if (socket->local_port != local_port) continue;
    if (socket->used && (pending || !is_quiet(socket->descriptor))) quiet = false;
    socket->used = true;
  }
  return quiet;
}

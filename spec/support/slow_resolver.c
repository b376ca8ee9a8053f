/* For LD_PRELOAD: a resolver that hangs, as it does where a name server does not answer. */
#include <netdb.h>
#include <unistd.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  (void)node, (void)service, (void)hints, (void)found;
  sleep(20);
  return EAI_AGAIN;
}

/* For LD_PRELOAD: a resolver that hangs for slow.invalid, as where a name server does not answer,
 * and knows no other name. */
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  (void)service, (void)hints, (void)found;
  if (node == NULL || strcmp(node, "slow.invalid") != 0) return EAI_NONAME;
  sleep(60);
  return EAI_AGAIN;
}

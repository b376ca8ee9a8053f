#include "http/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_HEAD ((size_t)256 * 1024)
#define MAX_IDLE_SECONDS 50L /* servers and balancers close idle connections after 60 */

#define CA_SECONDS 60L /* after which the certificates are read again: they may be new ones */

/* CURLOPT_PREREQFUNCTION came with 7.80; -DPUR_NO_PREREQ builds what is done with an older libcurl:
 * each request has a connection of its own, which is slower, but safe. */
#if LIBCURL_VERSION_NUM < 0x075000 && !defined(PUR_NO_PREREQ)
#define PUR_NO_PREREQ
#endif

/* Callbacks: they touch buffers and nothing else */

static size_t on_header(char *data, size_t size, size_t count, void *user) {
  pur_transfer *t = user;
  return pur_head_take(&t->head, data, size * count) ? size * count : 0;
}

/* libcurl 7.84 to 8.0 keeps a pointer to the last header of an answer when it frees that, and takes
 * the first line of the handle's next answer, should it begin with a blank, for more of it (curl's
 * commits c9b60f0053 and cd1c611b24). CURLOPT_HEADER has it give us each line before, a long one in
 * pieces. To make a handle for each transfer would take 3 microseconds. */
static bool may_follow(pur_transfer *t, const char *data, size_t length) {
  bool is_first = !t->is_in_line && t->head.lines.length == 0;
  t->is_in_line = data[length - 1] != '\n';
  t->folds_nothing = is_first && (*data == ' ' || *data == '\t');
  return !t->folds_nothing;
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
  pur_transfer *t = user;
  pur_response *response = &t->response;
  if (t->sees_head && !t->head.complete)
    return may_follow(t, data, size * count) ? size * count : 0;
  if (t->head.unreadable) return 0;
  if (t->head.packed)
    return pur_gzip_take(&t->gzip, data, size * count, &response->body) ? size * count : 0;
  pur_buffer_append(&response->body, data, size * count);
  return response->body.status == PUR_OK ? size * count : 0;
}

#ifndef PUR_NO_PREREQ
/* When a kept connection dies before the first byte of an answer, libcurl sends the request again
 * by itself; the server may have read the first one whole. So a second attempt is refused, unless
 * nothing of the first was written. Before the first attempt, libcurl (before 8.1) takes a kept
 * connection for a good one even if there is something to be read on it; what lies in the TLS
 * library already, no libcurl sees. */
static int on_attempt(void *user, char *remote, char *local, int remote_port, int local_port) {
  pur_transfer *t = user;
  (void)remote, (void)local, (void)remote_port;
  if (t->attempts > 0 && !t->idempotent && pur_transfer_began(t)) return CURL_PREREQFUNC_ABORT;
  t->start_again = !pur_sockets_use(&t->pool->sockets, local_port, pur_tls_pending(t->easy));
  if (t->start_again) return CURL_PREREQFUNC_ABORT;
  t->attempts++;
  return CURL_PREREQFUNC_OK;
}
#endif

static int on_socket(void *user, curl_socket_t socket, curlsocktype purpose) {
  pur_transfer *t = user;
  (void)purpose;
  return pur_sockets_add(&t->pool->sockets, socket, t->response.id) ? CURL_SOCKOPT_OK
                                                                    : CURL_SOCKOPT_ERROR;
}

static int on_close(void *user, curl_socket_t socket) {
  pur_pool *pool = user;
  pur_transfer *t = pur_transfer_find(pool, pur_sockets_remove(&pool->sockets, socket));
  if (t != NULL) t->reached = true;
  return close(socket);
}

/* Its life */

size_t pur_pool_slot(uint64_t id) {
  return (size_t)id & (PUR_TRANSFERS - 1);
}

pur_transfer *pur_transfer_find(const pur_pool *pool, uint64_t id) {
  size_t slot = pur_pool_slot(id);
  pur_transfer *t = slot < pool->count ? pool->transfers[slot] : NULL;
  return t != NULL && t->response.id == id ? t : NULL;
}

void pur_transfer_destroy(pur_transfer *t) {
  curl_easy_cleanup(t->easy);
  curl_url_cleanup(t->parsed);
  curl_slist_free_all(t->header_list);
  pur_transfer_forget(t);
  pur_head_free(&t->head);
  pur_buffer_free(&t->response.body);
  (void)pur_gzip_end(&t->gzip);
  free(t);
}

static void set_options(pur_transfer *t) {
  const unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
  CURL *easy = t->easy;
  t->sees_head = version >= 0x075400 && version < 0x080100; /* see may_follow */
  curl_easy_setopt(easy, CURLOPT_HEADER, t->sees_head ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->message);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, t);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close); /* may outlive the transfer */
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, t->pool);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, MAX_IDLE_SECONDS);
  /* Over TLS too. On one HTTP/2 connection, a loss puts in doubt all that it carries, and so does a
   * mere GOAWAY: libcurl repeats the requests that it refuses, without a way to tell them from
   * those that may have been carried out. HTTP/1.1 is also the faster one here. */
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
#ifndef PUR_NO_PREREQ
  t->guarded = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_attempt) == CURLE_OK;
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, CA_SECONDS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  /* Through a proxy, plain http too goes in a tunnel: the proxy sees no credentials. */
  curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

pur_transfer *pur_transfer_new(pur_pool *pool) {
  pur_transfer *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  t->pool = pool;
  pur_head_init(&t->head, MAX_HEAD);
  t->easy = curl_easy_init();
  t->parsed = curl_url();
  if (t->easy == NULL || t->parsed == NULL) {
    pur_transfer_destroy(t);
    return NULL;
  }
  set_options(t);
  return t;
}

#include "http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sockets.h"

#define ID_SLOT_BITS 20
#define MAX_HEAD ((size_t)256 * 1024)
#define KEPT_BODY ((size_t)64 * 1024) /* memory a transfer keeps for the next answer */
#define LARGE_BODY ((size_t)1 << 20)
#define MAX_CONNECTIONS 256L /* kept alive */
#define MAX_TRANSFERS ((size_t)1 << ID_SLOT_BITS)
#define MAX_IDLE_SECONDS 50L /* servers and balancers close idle connections after 60 */

/* CURLOPT_PREREQFUNCTION came with 7.80; -DPUR_NO_PREREQ builds the way round it for older libcurl.
 */
#if LIBCURL_VERSION_NUM >= 0x075000 && !defined(PUR_NO_PREREQ)
#define HAS_PREREQ 1
#else
#define HAS_PREREQ 0
#endif

typedef enum transfer_state { IDLE, RUNNING, ENDED } transfer_state;

/* One libcurl handle, used again and again: a third of a transfer's cost is setting it up, so what
 * was set is remembered and only what differs is set again. */
typedef struct transfer {
  pur_pool *pool;
  CURL *easy;
  struct transfer *next; /* among the idle, or among the ended */
  transfer_state state;
  bool cancelled;
  bool guarded;     /* libcurl asks before each attempt */
  bool reached;     /* a socket of its own was connected */
  bool start_again; /* it got a connection that is not to be used */
  pur_response response;
  pur_buffer origin, target, method, headers, ca_file, proxy; /* as set, each ended by a NUL */
  long timeout, connect_timeout;                              /* as set, milliseconds */
  struct curl_slist *header_list;
  bool idempotent;
  bool upload;       /* sends a body, if only an empty one */
  unsigned attempts; /* how often libcurl began to send */
  const char *body;
  size_t body_length, body_read;
  char message[CURL_ERROR_SIZE];
} transfer;

struct pur_pool {
  CURLM *multi;
  pid_t process;
  transfer **transfers; /* by slot, the low part of their ids */
  size_t count;
  size_t running;
  uint64_t serial;
  bool cancelling; /* some transfer was cancelled since the last step */
  bool stirred;    /* libcurl has to look: something was added, or is ready */
  transfer *idle;
  transfer *ended, **ended_end;
  transfer *taken; /* its response is in the caller's hands */
  pur_sockets sockets;
  pur_buffer scratch; /* for texts on their way to libcurl */
  pur_buffer headers; /* of the request before, found good */
};

/* ---- once per process
 * ---------------------------------------------------------------------------- */

static const char *system_ca_file;

/* libcurl's own default on Debian is a folder, which switches its certificate cache off and costs
 * some 27 ms of CPU per connection; the bundle file holds the same certificates. */
static void find_ca_file(void) {
  const char *chosen = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs do */
  static const char *const files[] = {"/etc/ssl/certs/ca-certificates.crt",
                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                      "/etc/ssl/cert.pem", "/usr/local/etc/ssl/cert.pem"};
  if (chosen != NULL && *chosen != '\0') system_ca_file = strdup(chosen);
  for (size_t i = 0; i < sizeof files / sizeof *files && system_ca_file == NULL; i++)
    if (access(files[i], R_OK) == 0) system_ca_file = files[i];
}

static CURLcode global_status;

static void initialise(void) {
  global_status = curl_global_init(CURL_GLOBAL_DEFAULT);
  find_ca_file();
}

/* ---- callbacks: they touch buffers and nothing else
 * ------------------------------------------------ */

static size_t on_header(char *data, size_t size, size_t count, void *user) {
  transfer *t = user;
  return pur_head_take(&t->response.head, data, size * count) ? size * count : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
  transfer *t = user;
  pur_buffer_append(&t->response.body, data, size * count);
  return t->response.body.status == PUR_OK ? size * count : 0;
}

#if HAS_PREREQ
static bool began_to_send(const transfer *t);

/* When a kept connection dies before the first byte of an answer, libcurl sends the request again
 * by itself; the server may have read the first one whole. So a second attempt is refused, unless
 * nothing of the first was written. Before the first attempt, libcurl (before 8.1) takes a kept
 * connection for a good one even if there is something to be read on it. */
static int on_attempt(void *user, char *remote, char *local, int remote_port, int local_port) {
  transfer *t = user;
  (void)remote, (void)local, (void)remote_port;
  if (t->attempts > 0 && !t->idempotent && began_to_send(t)) return CURL_PREREQFUNC_ABORT;
  t->start_again = !pur_sockets_use(&t->pool->sockets, local_port);
  if (t->start_again) return CURL_PREREQFUNC_ABORT;
  t->attempts++;
  return CURL_PREREQFUNC_OK;
}
#endif

static int on_socket(void *user, curl_socket_t socket, curlsocktype purpose) {
  transfer *t = user;
  (void)purpose;
  return pur_sockets_add(&t->pool->sockets, socket, t->response.id) ? CURL_SOCKOPT_OK
                                                                    : CURL_SOCKOPT_ERROR;
}

static transfer *find_transfer(const pur_pool *pool, uint64_t id);

static int on_close(void *user, curl_socket_t socket) {
  pur_pool *pool = user;
  transfer *t = find_transfer(pool, pur_sockets_remove(&pool->sockets, socket));
  if (t != NULL) t->reached = true;
  return close(socket);
}

/* The same guard for older libcurl: a body that comes from a callback and cannot be rewound cannot
 * be sent again. It costs a system call more per request. */
static size_t on_read(char *out, size_t size, size_t count, void *user) {
  transfer *t = user;
  size_t length = t->body_length - t->body_read;
  if (length > size * count) length = size * count;
  memcpy(out, t->body + t->body_read, length);
  t->body_read += length;
  return length;
}

/* ---- transfers
 * ----------------------------------------------------------------------------------- */

static void destroy_transfer(transfer *t) {
  pur_buffer *texts[] = {&t->origin, &t->target, &t->method, &t->headers, &t->ca_file, &t->proxy};
  if (t->easy != NULL) curl_easy_cleanup(t->easy);
  curl_slist_free_all(t->header_list);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) pur_buffer_free(texts[i]);
  pur_head_free(&t->response.head);
  pur_buffer_free(&t->response.body);
  free(t);
}

static void set_engine_options(transfer *t) {
  CURL *easy = t->easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->message);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(easy, CURLOPT_READDATA, t);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, t);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close); /* may outlive the transfer */
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, t->pool);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, MAX_IDLE_SECONDS);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  /* Over TLS too. On one HTTP/2 connection, a loss puts in doubt all that it carries, and so does a
   * mere GOAWAY: libcurl repeats the requests that it refuses, without a way to tell them from
   * those that may have been carried out. HTTP/1.1 is also the faster one here. */
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
#if HAS_PREREQ
  t->guarded = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_attempt) == CURLE_OK;
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_security_options(CURL *easy) {
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

static transfer *new_transfer(pur_pool *pool) {
  transfer *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  t->pool = pool;
  pur_buffer_init(&t->origin, 0);
  pur_buffer_init(&t->target, 0);
  pur_buffer_init(&t->method, 0);
  pur_buffer_init(&t->headers, 0);
  pur_buffer_init(&t->ca_file, 0);
  pur_buffer_init(&t->proxy, 0);
  pur_head_init(&t->response.head, MAX_HEAD);
  pur_buffer_init(&t->response.body, 0);
  t->easy = curl_easy_init();
  if (t->easy == NULL) {
    destroy_transfer(t);
    return NULL;
  }
  set_engine_options(t);
  set_security_options(t->easy);
  return t;
}

/* A new transfer's slot in the pool goes into its ids, which are never used twice. */
static transfer *grow(pur_pool *pool) {
  transfer **transfers, *t;
  if (pool->count == MAX_TRANSFERS) return NULL;
  transfers = realloc(pool->transfers, (pool->count + 1) * sizeof *transfers);
  if (transfers == NULL) return NULL;
  pool->transfers = transfers;
  t = new_transfer(pool);
  if (t == NULL) return NULL;
  t->response.id = pool->count;
  transfers[pool->count++] = t;
  return t;
}

size_t pur_pool_slot(uint64_t id) {
  return (size_t)id & (MAX_TRANSFERS - 1);
}

/* The transfer with this id, which may have ended; NULL when its slot belongs to another one. */
static transfer *find_transfer(const pur_pool *pool, uint64_t id) {
  size_t slot = pur_pool_slot(id);
  transfer *t = slot < pool->count ? pool->transfers[slot] : NULL;
  return t != NULL && t->response.id == id ? t : NULL;
}

static void make_idle(pur_pool *pool, transfer *t) {
  t->state = IDLE;
  t->next = pool->idle;
  pool->idle = t;
  if (t->response.body.capacity > KEPT_BODY) pur_buffer_free(&t->response.body);
}

static void recycle_taken(pur_pool *pool) {
  if (pool->taken != NULL) make_idle(pool, pool->taken);
  pool->taken = NULL;
}

/* ---- a request becomes options
 * -------------------------------------------------------------------- */

static bool is_clean(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) return false;
  return true;
}

static pur_status refuse(pur_error *error, const char *why) {
  return pur_error_set(error, PUR_INVALID_REQUEST, 0, "%s", why);
}

/* Where the path begins in an absolute URL of ours; NULL for any other URL. */
static const char *find_target(const char *url) {
  const char *host = NULL, *end;
  if (strncmp(url, "https://", 8) == 0) host = url + 8;
  if (strncmp(url, "http://", 7) == 0) host = url + 7;
  if (host == NULL) return NULL;
  for (end = host; *end != '\0' && *end != '/' && *end != '?' && *end != '#'; end++)
    if (*end == '@') return NULL;
  return *end == '/' && end > host && strchr(end, '#') == NULL ? end : NULL;
}

static pur_status check_target(const pur_request *request, pur_error *error) {
  if (!is_clean(request->url, strlen(request->url)) || strchr(request->url, ' ') != NULL)
    return refuse(error, "the URL holds a space or a control character");
  if (find_target(request->url) == NULL)
    return refuse(error, "the URL must be http(s)://host/path, without user or fragment");
  if (request->method[strspn(request->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0')
    return refuse(error, "the method must be capital letters");
  return PUR_OK;
}

static pur_status check_headers(const pur_request *request, pur_error *error) {
  for (size_t i = 0; i < request->header_count; i++) {
    const pur_header *header = &request->headers[i];
    if (header->name_length == 0 || memchr(header->name, ':', header->name_length) != NULL ||
        !is_clean(header->name, header->name_length))
      return refuse(error, "a header's name is not one");
    if (!is_clean(header->value, header->value_length))
      return refuse(error, "a header's value holds a control character");
  }
  return PUR_OK;
}

/* Remembers a text; true when it was another one before (and libcurl must be told). */
static bool remember(pur_buffer *known, const char *text, size_t length) {
  if (known->length == length + 1 && (length == 0 || memcmp(known->data, text, length) == 0))
    return false;
  pur_buffer_clear(known);
  pur_buffer_append(known, text, length);
  pur_buffer_append(known, "", 1);
  return true;
}

/* After a failure nobody knows what is set: all of it is set anew the next time. */
static void forget(transfer *t) {
  pur_buffer *texts[] = {&t->origin, &t->target, &t->method, &t->headers, &t->ca_file, &t->proxy};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) pur_buffer_clear(texts[i]);
}

static CURLcode set_origin(transfer *t, const char *url, const char *target) {
  if (!remember(&t->origin, url, (size_t)(target - url))) return CURLE_OK;
  if (t->origin.status != PUR_OK) return CURLE_OUT_OF_MEMORY;
  return curl_easy_setopt(t->easy, CURLOPT_URL, t->origin.data);
}

/* The target goes out as it was encoded: no parser of libcurl's rewrites it. */
static CURLcode set_target(transfer *t, const char *target) {
  if (!remember(&t->target, target, strlen(target))) return CURLE_OK;
  if (t->target.status != PUR_OK) return CURLE_OUT_OF_MEMORY;
  return curl_easy_setopt(t->easy, CURLOPT_REQUEST_TARGET, t->target.data);
}

static CURLcode set_method(transfer *t, const pur_request *request) {
  const char *method = request->method;
  bool post = strcmp(method, "POST") == 0, upload = post || request->body != NULL;
  bool changed = remember(&t->method, method, strlen(method)) || upload != t->upload;
  CURLcode status;
  t->upload = upload;
  if (!changed) return CURLE_OK;
  status = curl_easy_setopt(t->easy, upload ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
  if (status != CURLE_OK) return status;
  if (post || strcmp(method, "GET") == 0) method = NULL;
  return curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method);
}

static CURLcode set_body(transfer *t, const pur_request *request) {
  bool from_memory = request->idempotent || t->guarded;
  t->idempotent = request->idempotent;
  t->attempts = 0;
  t->body = request->body != NULL ? request->body : "";
  t->body_length = request->body_length;
  t->body_read = 0;
  /* Where nothing is to be rewound, only a connection of its own keeps it from being sent again. */
  curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, from_memory || t->body_length > 0 ? 0L : 1L);
  if (!t->upload) return CURLE_OK;
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_length);
  return curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, from_memory ? t->body : NULL);
}

static bool append_header(struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer != NULL) *list = longer;
  return longer != NULL;
}

/* `lines` are "Name: value" and a NUL each. */
static CURLcode set_header_list(transfer *t, const pur_buffer *lines) {
  struct curl_slist *list = NULL;
  bool complete = true;
  const char *line = lines->data, *end = lines->data + lines->length;
  for (; complete && line < end; line += strlen(line) + 1) complete = append_header(&list, line);
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
  curl_slist_free_all(t->header_list);
  t->header_list = list;
  if (!complete) return CURLE_OUT_OF_MEMORY;
  return curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, list);
}

/* The headers as `lines`, see set_header_list, in the pool's scratch. */
static void write_headers(pur_pool *pool, const pur_request *request) {
  pur_buffer *lines = &pool->scratch;
  pur_buffer_clear(lines);
  for (size_t i = 0; i < request->header_count; i++) {
    const pur_header *header = &request->headers[i];
    pur_buffer_append(lines, header->name, header->name_length);
    pur_buffer_append_literal(lines, ": ");
    pur_buffer_append(lines, header->value, header->value_length);
    pur_buffer_append(lines, "", 1);
  }
  /* From that size on, libcurl would ask first, and wait, before it sends a body. */
  if (request->body_length >= LARGE_BODY) pur_buffer_append(lines, "Expect:", sizeof "Expect:");
}

static CURLcode set_headers(pur_pool *pool, transfer *t) {
  const pur_buffer *lines = &pool->scratch;
  if (lines->status != PUR_OK) return CURLE_OUT_OF_MEMORY;
  if (!remember(&t->headers, lines->data, lines->length)) return CURLE_OK;
  return set_header_list(t, lines);
}

/* Most requests have the very headers of the one before, which are known to be good. */
static pur_status check_request(pur_pool *pool, const pur_request *request, pur_error *error) {
  pur_status status = check_target(request, error);
  if (status != PUR_OK) return status;
  write_headers(pool, request);
  if (!remember(&pool->headers, pool->scratch.data, pool->scratch.length)) return PUR_OK;
  status = check_headers(request, error);
  if (status != PUR_OK) pur_buffer_clear(&pool->headers);
  return status;
}

/* Where no bundle is known, libcurl's own default stands; once that was replaced, nothing is
 * trusted. */
static CURLcode set_ca_file(transfer *t, const char *file) {
  bool fresh = t->ca_file.length == 0;
  if (file == NULL) file = system_ca_file != NULL ? system_ca_file : "";
  if (!remember(&t->ca_file, file, strlen(file)) || (fresh && *file == '\0')) return CURLE_OK;
  curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
  return curl_easy_setopt(t->easy, CURLOPT_CAINFO, *file != '\0' ? file : NULL);
}

/* "environment" cannot be a proxy's address here: it stands for the lack of one. */
static CURLcode set_proxy(transfer *t, const char *proxy) {
  const char *known = proxy != NULL ? proxy : "environment";
  if (!remember(&t->proxy, known, strlen(known))) return CURLE_OK;
  return curl_easy_setopt(t->easy, CURLOPT_PROXY, proxy);
}

static long milliseconds(double seconds) {
  if (seconds > 1e6) return 1000000000L;
  return seconds < 0.001 ? 1L : (long)(seconds * 1000 + 0.5);
}

static void set_time(transfer *t, CURLoption option, double seconds, long *known) {
  long time = milliseconds(seconds);
  if (*known != time) (void)curl_easy_setopt(t->easy, option, time);
  *known = time;
}

/* What a buffer has room for already, it takes: memory kept from a larger answer must not stretch
 * the limit. */
static void limit_body(pur_buffer *body, size_t limit) {
  if (body->capacity > limit) pur_buffer_free(body);
  body->limit = limit;
}

static CURLcode set_request(pur_pool *pool, transfer *t, const pur_request *request) {
  const char *target = find_target(request->url);
  CURLcode status = set_origin(t, request->url, target);
  if (status == CURLE_OK) status = set_target(t, target);
  if (status == CURLE_OK) status = set_method(t, request);
  if (status == CURLE_OK) status = set_body(t, request);
  if (status == CURLE_OK) status = set_headers(pool, t);
  if (status == CURLE_OK) status = set_ca_file(t, request->ca_file);
  if (status == CURLE_OK) status = set_proxy(t, request->proxy);
  set_time(t, CURLOPT_TIMEOUT_MS, request->timeout, &t->timeout);
  set_time(t, CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout, &t->connect_timeout);
  limit_body(&t->response.body, request->max_body);
  return status;
}

/* ---- the end of a transfer
 * ------------------------------------------------------------------------ */

static curl_off_t time_of(CURL *easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  (void)curl_easy_getinfo(easy, info, &microseconds);
  return microseconds;
}

static long number_info(CURL *easy, CURLINFO info) {
  long number = 0;
  (void)curl_easy_getinfo(easy, info, &number);
  return number;
}

/* The size counts what a proxy was asked, too, and misses what did not fit at once: the time is
 * that of the first write's end. */
static bool began_to_send(const transfer *t) {
  if (t->guarded && t->attempts == 0) return false;
  return number_info(t->easy, CURLINFO_REQUEST_SIZE) > 0 ||
         time_of(t->easy, CURLINFO_PRETRANSFER_TIME_T) > 0;
}

/* A proxy that refuses to open a tunnel answers for itself, not for the API. */
static bool proxy_refused(const transfer *t) {
  long status = number_info(t->easy, CURLINFO_HTTP_CONNECTCODE);
  return status != 0 && status / 100 != 2;
}

static pur_sent sent_of(const transfer *t) {
  if (proxy_refused(t) || !began_to_send(t)) return PUR_SENT_NO;
  return t->response.head.complete ? PUR_SENT_YES : PUR_SENT_MAYBE;
}

static const char *phase_before_sending(const transfer *t) {
  if (time_of(t->easy, CURLINFO_NAMELOOKUP_TIME_T) == 0) return "dns";
  return t->reached && strncmp(t->origin.data, "https", 5) == 0 ? "tls" : "connect";
}

/* Does this mean that libcurl would have sent a request again? */
static bool is_refused_repeat(CURLcode result) {
  return result == CURLE_ABORTED_BY_CALLBACK || result == CURLE_SEND_FAIL_REWIND;
}

static const char *phase_of(const transfer *t, CURLcode result) {
  curl_off_t uploaded = 0;
  if (t->response.sent == PUR_SENT_NO) return phase_before_sending(t);
  if (is_refused_repeat(result)) return "receive";
  (void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  return uploaded < (curl_off_t)t->body_length ? "send" : "receive";
}

static const char *code_of_refusal(const transfer *t) {
  if (t->response.head.unsound) return "invalid_answer";
  if (t->response.head.lines.status == PUR_NO_MEMORY || t->response.body.status == PUR_NO_MEMORY)
    return "out_of_memory";
  return "answer_too_large";
}

static const char *code_of(const transfer *t, CURLcode result) {
  switch (result) {
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
    return "name_not_found";
  case CURLE_COULDNT_CONNECT:
    return "cannot_connect";
  case CURLE_OPERATION_TIMEDOUT:
    return "timeout";
  case CURLE_PEER_FAILED_VERIFICATION:
    return "certificate";
  case CURLE_SSL_CACERT_BADFILE:
    return "ca_file";
  case CURLE_SSL_CONNECT_ERROR:
    return "tls";
  case CURLE_WRITE_ERROR:
    return code_of_refusal(t);
  case CURLE_BAD_CONTENT_ENCODING:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_UNSUPPORTED_PROTOCOL:
    return "invalid_answer";
  case CURLE_URL_MALFORMAT:
    return "invalid_request";
  case CURLE_OUT_OF_MEMORY: /* also what libcurl calls a line of more than 100 KB */
    return t->response.head.begun && !t->response.head.complete ? "answer_too_large"
                                                                : "out_of_memory";
  default:
    return t->response.sent == PUR_SENT_NO ? "cannot_connect" : "connection_lost";
  }
}

static const char *message_of(transfer *t, CURLcode result) {
  const char *code = t->response.code;
  if (t->response.head.unsound) return "nobody can tell where the answer ends";
  if (strcmp(code, "answer_too_large") == 0) return "the answer is larger than allowed";
  if (is_refused_repeat(result))
    return "the connection was closed before an answer came; the request is not repeated";
  return t->message[0] != '\0' ? t->message : curl_easy_strerror(result);
}

static void note_failure(transfer *t, CURLcode result) {
  pur_response *response = &t->response;
  response->status = 0;
  response->curl_code = (int)result;
  response->sent = sent_of(t);
  response->phase = phase_of(t, result);
  response->code = proxy_refused(t) ? "proxy_refused" : code_of(t, result);
  response->message = message_of(t, result);
}

static void note_answer(transfer *t) {
  t->response.status = (int)number_info(t->easy, CURLINFO_RESPONSE_CODE);
  t->response.sent = PUR_SENT_YES;
}

/* libcurl takes a head that is cut off for a whole one, and more than HTTP for HTTP. */
static CURLcode check_head(const pur_head *head) {
  if (head->complete) return CURLE_OK;
  return head->begun ? CURLE_PARTIAL_FILE : CURLE_WEIRD_SERVER_REPLY;
}

/* Nothing of it was sent, and the connection that was not to be used is closed. */
static bool start_again(pur_pool *pool, transfer *t) {
  t->start_again = false;
  (void)curl_multi_remove_handle(pool->multi, t->easy);
  pool->stirred = true;
  return curl_multi_add_handle(pool->multi, t->easy) == CURLM_OK;
}

static void end_transfer(pur_pool *pool, transfer *t, CURLcode result) {
  if (t->start_again && start_again(pool, t)) return;
  if (result == CURLE_OK) result = check_head(&t->response.head);
  if (result == CURLE_OK)
    note_answer(t);
  else
    note_failure(t, result);
  (void)curl_multi_remove_handle(pool->multi, t->easy);
  pool->running--;
  t->state = ENDED;
  t->next = NULL;
  *pool->ended_end = t;
  pool->ended_end = &t->next;
}

static void collect_ended(pur_pool *pool) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
    /* The message dies with the handle's removal: copy what is needed of it first. */
    CURLcode result = message->data.result;
    char *user = NULL;
    (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    end_transfer(pool, (transfer *)(void *)user, result);
  }
}

static void unlink_ended(pur_pool *pool, const transfer *t) {
  transfer **link = &pool->ended;
  while (*link != t) link = &(*link)->next;
  *link = t->next;
  if (pool->ended_end == &t->next) pool->ended_end = link;
}

static void reap_cancelled(pur_pool *pool) {
  if (!pool->cancelling) return;
  pool->cancelling = false;
  for (size_t i = 0; i < pool->count; i++) {
    transfer *t = pool->transfers[i];
    if (!t->cancelled) continue;
    t->cancelled = false;
    (void)curl_multi_remove_handle(pool->multi, t->easy);
    pool->running--;
    make_idle(pool, t);
  }
}

/* ---- the pool
 * ------------------------------------------------------------------------------------- */

pur_status pur_pool_new(pur_pool **pool, pur_error *error) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pur_pool *made = calloc(1, sizeof *made);
  (void)pthread_once(&once, initialise);
  if (made != NULL && global_status == CURLE_OK) made->multi = curl_multi_init();
  if (made == NULL || made->multi == NULL) {
    free(made);
    return pur_error_no_memory(error);
  }
  curl_multi_setopt(made->multi, CURLMOPT_MAXCONNECTS, MAX_CONNECTIONS);
  made->process = getpid();
  made->ended_end = &made->ended;
  pur_buffer_init(&made->scratch, 0);
  pur_buffer_init(&made->headers, 0);
  *pool = made;
  return PUR_OK;
}

void pur_pool_destroy(pur_pool *pool) {
  /* In a child, closing would speak on the parent's connections: what was inherited is left alone.
   */
  if (pool == NULL || pool->process != getpid()) return;
  /* Removing one closes its connection, which another one may have opened: see on_close. */
  for (size_t i = 0; i < pool->count; i++)
    if (pool->transfers[i]->state == RUNNING)
      (void)curl_multi_remove_handle(pool->multi, pool->transfers[i]->easy);
  for (size_t i = 0; i < pool->count; i++) destroy_transfer(pool->transfers[i]);
  pool->count = 0;
  (void)curl_multi_cleanup(pool->multi); /* closes the kept connections: see on_close */
  pur_sockets_free(&pool->sockets);
  pur_buffer_free(&pool->scratch);
  pur_buffer_free(&pool->headers);
  free(pool->transfers);
  free(pool);
}

static pur_status check_process(const pur_pool *pool, pur_error *error) {
  if (pool->process == getpid()) return PUR_OK;
  return pur_error_set(error, PUR_FORKED, 0,
                       "this pool belongs to the process that made it; make one after the fork");
}

static transfer *take_idle(pur_pool *pool) {
  transfer *t = pool->idle;
  if (t == NULL) return grow(pool);
  pool->idle = t->next;
  return t;
}

static void clear_response(pur_pool *pool, transfer *t) {
  pur_response *response = &t->response;
  response->id = ++pool->serial << ID_SLOT_BITS | pur_pool_slot(response->id);
  response->status = response->curl_code = 0;
  response->sent = PUR_SENT_NO;
  response->phase = response->code = response->message = NULL;
  pur_head_clear(&response->head);
  pur_buffer_clear(&response->body);
  t->message[0] = '\0';
  t->reached = t->start_again = false;
}

size_t pur_pool_next_slot(pur_pool *pool) {
  recycle_taken(pool);
  return pool->idle != NULL ? pur_pool_slot(pool->idle->response.id) : pool->count;
}

pur_status pur_pool_add(pur_pool *pool, const pur_request *request, uint64_t *id,
                        pur_error *error) {
  transfer *t;
  pur_status status = check_process(pool, error);
  if (status == PUR_OK) status = check_request(pool, request, error);
  if (status != PUR_OK) return status;
  recycle_taken(pool);
  t = take_idle(pool);
  if (t == NULL) return pur_error_no_memory(error);
  clear_response(pool, t);
  if (set_request(pool, t, request) != CURLE_OK ||
      curl_multi_add_handle(pool->multi, t->easy) != CURLM_OK) {
    forget(t);
    make_idle(pool, t);
    return pur_error_no_memory(error);
  }
  t->state = RUNNING;
  pool->running++;
  pool->stirred = true;
  *id = t->response.id;
  return PUR_OK;
}

/* Waits until something is ready, or one of libcurl's own timers is due. */
static void await(pur_pool *pool, int timeout) {
  int ready = 0;
  long due = -1;
  (void)curl_multi_poll(pool->multi, NULL, 0, timeout, &ready);
  if (ready == 0) (void)curl_multi_timeout(pool->multi, &due);
  pool->stirred = ready > 0 || due == 0;
}

/* Whoever steps by the clock finds nothing most of the time: one system call tells, where libcurl
 * would make one for each transfer. */
pur_status pur_pool_step(pur_pool *pool, size_t *running, pur_error *error) {
  int ignored;
  pur_status status = check_process(pool, error);
  if (status != PUR_OK) return status;
  recycle_taken(pool);
  reap_cancelled(pool);
  if (pool->running > 0 && !pool->stirred) await(pool, 0);
  if (pool->running > 0 && pool->stirred) {
    pool->stirred = false;
    (void)curl_multi_perform(pool->multi, &ignored);
    collect_ended(pool);
  }
  *running = pool->running;
  return PUR_OK;
}

const pur_response *pur_pool_take(pur_pool *pool) {
  transfer *t;
  recycle_taken(pool);
  t = pool->ended;
  if (t == NULL) return NULL;
  pool->ended = t->next;
  if (pool->ended == NULL) pool->ended_end = &pool->ended;
  pool->taken = t;
  return &t->response;
}

pur_status pur_pool_poll(pur_pool *pool, double seconds, pur_error *error) {
  pur_status status = check_process(pool, error);
  if (status != PUR_OK) return status;
  await(pool, seconds > 0 ? (int)milliseconds(seconds) : 0);
  return PUR_OK;
}

bool pur_pool_cancel(pur_pool *pool, uint64_t id) {
  transfer *t = find_transfer(pool, id);
  if (t == NULL || t->state == IDLE || t == pool->taken || t->cancelled) return false;
  if (t->state == RUNNING) {
    t->cancelled = pool->cancelling = true;
  } else {
    unlink_ended(pool, t);
    make_idle(pool, t);
  }
  return true;
}

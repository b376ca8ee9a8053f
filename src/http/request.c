#include "http/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* libcurl would ask first, and wait, before it sends a body of that size. */
#define LARGE_BODY ((size_t)1 << 20)
#define NO_EXPECT "Expect:" /* a header without a value is one that libcurl must not send */
#define ACCEPT_ENCODING "Accept-Encoding"

static const char *system_ca_file; /* NULL: none is known */

/* libcurl's own default on Debian is a folder, which switches its certificate cache off and costs
 * some 27 ms of CPU per connection; the bundle file holds the same certificates. */
void pur_ca_find_file(void) {
  const char *chosen = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs do */
  static const char *const files[] = {"/etc/ssl/certs/ca-certificates.crt",
                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                      "/etc/ssl/cert.pem", "/usr/local/etc/ssl/cert.pem"};
  if (chosen != NULL && *chosen != '\0') system_ca_file = strdup(chosen);
  for (size_t i = 0; i < sizeof files / sizeof *files && system_ca_file == NULL; i++)
    if (access(files[i], R_OK) == 0) system_ca_file = files[i];
}

static bool is_clean(pur_text text) {
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.text[i] < ' ' || text.text[i] == 0x7f) return false;
  return true;
}

static pur_status refuse(pur_error *error, const char *why) {
  return pur_error_set(error, PUR_INVALID_REQUEST, 0, "%s", why);
}

/* Finds where the path begins in an absolute URL that may be sent; NULL for any other URL. */
static const char *find_target(const char *url) {
  const char *host = NULL, *end;
  if (strncmp(url, "https://", 8) == 0) host = url + 8;
  if (strncmp(url, "http://", 7) == 0) host = url + 7;
  if (host == NULL) return NULL;
  for (end = host; *end != '\0' && *end != '/' && *end != '?' && *end != '#'; end++)
    if (*end == '@') return NULL;
  return *end == '/' && end > host && strchr(end, '#') == NULL ? end : NULL;
}

/* Remembers a text; true when it was another one before (and libcurl must be told). */
static bool remember(pur_buffer *known, const char *text, size_t length) {
  if (known->status == PUR_OK && known->length == length + 1 &&
      (length == 0 || memcmp(known->data, text, length) == 0))
    return false;
  pur_buffer_clear(known);
  pur_buffer_append(known, text, length);
  pur_buffer_append(known, "", 1);
  return true;
}

void pur_transfer_forget(pur_transfer *t) {
  pur_buffer *texts[] = {&t->origin, &t->target, &t->method, &t->headers, &t->ca_file, &t->proxy};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) pur_buffer_free(texts[i]);
}

/* libcurl parses a text anew for every transfer, at a tenth of its whole cost, but not what is
 * parsed already. It gets what cannot be parsed as a text, to refuse it. */
static bool set_origin(pur_transfer *t, const char *url, const char *target) {
  bool parsed;
  if (!remember(&t->origin, url, (size_t)(target - url))) return true;
  if (t->origin.status != PUR_OK) return false;
  parsed = curl_url_set(t->parsed, CURLUPART_URL, t->origin.data, 0) == CURLUE_OK;
  return curl_easy_setopt(t->easy, CURLOPT_URL, t->origin.data) == CURLE_OK &&
         curl_easy_setopt(t->easy, CURLOPT_CURLU, parsed ? t->parsed : NULL) == CURLE_OK;
}

static bool set_method(pur_transfer *t, const pur_request *request) {
  const char *method = request->method;
  bool post = strcmp(method, "POST") == 0, upload = post || request->body != NULL;
  bool changed = remember(&t->method, method, strlen(method)) || upload != t->upload;
  const char *custom = post || strcmp(method, "GET") == 0 ? NULL : method;
  t->upload = upload;
  return !changed ||
         (curl_easy_setopt(t->easy, upload ? CURLOPT_POST : CURLOPT_HTTPGET, 1L) == CURLE_OK &&
          curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, custom) == CURLE_OK);
}

/* `lines` are "Name: value" and a NUL each. */
static bool set_headers(pur_transfer *t, const pur_buffer *lines) {
  const char *line = lines->data, *end = lines->data + lines->length;
  if (lines->status != PUR_OK) return false;
  if (!remember(&t->headers, lines->data, lines->length)) return true;
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
  curl_slist_free_all(t->header_list);
  t->header_list = NULL;
  for (; line < end; line += strlen(line) + 1) {
    struct curl_slist *longer = curl_slist_append(t->header_list, line);
    if (longer == NULL) return false;
    t->header_list = longer;
  }
  return curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->header_list) == CURLE_OK;
}

pur_status pur_request_check(pur_pool *pool, const pur_request *request, pur_error *error) {
  pur_buffer *lines = &pool->headers;
  const char *encodings =
      pur_gzip_known() ? ACCEPT_ENCODING ": gzip" : ACCEPT_ENCODING ": identity";
  for (const char *method = request->method; *method != '\0'; method++)
    if (*method < 'A' || *method > 'Z') return refuse(error, "the method must be capital letters");
  if (!is_clean((pur_text){request->url, strlen(request->url)}) ||
      strchr(request->url, ' ') != NULL)
    return refuse(error, "the URL holds a space or a control character");
  if (find_target(request->url) == NULL)
    return refuse(error, "the URL must be http(s)://host/path, without user or fragment");
  pur_buffer_clear(lines);
  for (size_t i = 0; i < request->header_count; i++) {
    const pur_text name = request->headers[i].name, value = request->headers[i].value;
    if (name.length == 0 || memchr(name.text, ':', name.length) != NULL || !is_clean(name))
      return refuse(error, "a header's name is not one");
    if (!is_clean(value)) return refuse(error, "a header's value holds a control character");
    if (name.length == sizeof ACCEPT_ENCODING - 1 &&
        strncasecmp(name.text, ACCEPT_ENCODING, name.length) == 0)
      encodings = NULL; /* the caller has chosen */
    pur_buffer_append(lines, name.text, name.length);
    pur_buffer_append_literal(lines, ": ");
    pur_buffer_append(lines, value.text, value.length);
    pur_buffer_append(lines, "", 1);
  }
  if (request->body_length >= LARGE_BODY) pur_buffer_append(lines, NO_EXPECT, sizeof NO_EXPECT);
  if (encodings != NULL) pur_buffer_append(lines, encodings, strlen(encodings) + 1);
  return PUR_OK;
}

/* libcurl's own default stands where no bundle is known; once that was replaced, nothing is
 * trusted. */
static bool set_ca_file(pur_transfer *t, const char *file) {
  bool fresh = t->ca_file.length == 0;
  if (file == NULL) file = system_ca_file != NULL ? system_ca_file : "";
  if (!remember(&t->ca_file, file, strlen(file)) || (fresh && *file == '\0')) return true;
  curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
  return curl_easy_setopt(t->easy, CURLOPT_CAINFO, *file != '\0' ? file : NULL) == CURLE_OK;
}

/* Tells whether the proxy, or one of the environment's, is reached over TLS. */
static bool is_over_tls(const char *proxy) {
  static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy",
                                      "ALL_PROXY"};
  bool found = proxy != NULL && strncasecmp(proxy, "https:", 6) == 0;
  for (size_t i = 0; proxy == NULL && i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    found |= value != NULL && strncasecmp(value, "https:", 6) == 0;
  }
  return found;
}

/* "environment" cannot be a proxy's address here: it stands for the lack of one. Over a proxy with
 * TLS, nobody can tell whether the TLS library holds unread bytes: see pur_tls_pending. */
static bool set_proxy(pur_transfer *t, const char *proxy) {
  const char *known = proxy != NULL ? proxy : "environment";
  if (!remember(&t->proxy, known, strlen(known))) return true;
  curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, is_over_tls(proxy) || !t->guarded ? 1L : 0L);
  /* The environment is not searched for exceptions where there is no proxy. */
  curl_easy_setopt(t->easy, CURLOPT_NOPROXY, *known == '\0' ? "" : NULL);
  return curl_easy_setopt(t->easy, CURLOPT_PROXY, proxy) == CURLE_OK;
}

long pur_milliseconds(double seconds) {
  if (seconds > 1e6) return 1000000000L;
  return seconds < 0.001 ? 1L : (long)(seconds * 1000 + 0.5);
}

void pur_transfer_set_times(pur_transfer *t) {
  long whole = pur_milliseconds(t->timeout + t->late + PUR_NET_SECONDS);
  (void)curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, whole);
  (void)curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
                         pur_milliseconds(t->connect_timeout + t->late));
}

bool pur_transfer_set(pur_pool *pool, pur_transfer *t, const pur_request *request) {
  const char *target = find_target(request->url);
  pur_buffer *body = &t->response.body;
  bool is_set = set_origin(t, request->url, target) && set_method(t, request) &&
                set_headers(t, &pool->headers) && set_ca_file(t, request->ca_file) &&
                set_proxy(t, request->proxy);
  /* The target goes out as it was encoded: no parser of libcurl's rewrites it. */
  if (remember(&t->target, target, strlen(target)))
    is_set &= curl_easy_setopt(t->easy, CURLOPT_REQUEST_TARGET, target) == CURLE_OK;
  curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT,
                   request->fresh_connection || !t->guarded ? 1L : 0L);
  if (t->upload) {
    const char *data = request->body != NULL ? request->body : "";
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, data);
  }
  t->body_length = request->body_length;
  t->idempotent = request->idempotent;
  t->attempts = 0;
  t->timeout = request->timeout;
  t->connect_timeout = request->connect_timeout;
  t->deadline = t->late = 0;
  pur_transfer_set_times(t);
  /* A buffer takes what it has room for: memory kept from a larger answer must not stretch the
   * limit. */
  if (body->capacity > request->max_body) pur_buffer_free(body);
  body->limit = request->max_body;
  return is_set;
}

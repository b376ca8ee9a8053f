#include <dlfcn.h>
#include <string.h>

#include "http/transfer.h"

#define CHUNK ((size_t)16 * 1024)

/* Their interfaces, which have been the same for ever. */
typedef struct zlib_stream {
  const void *next_in;
  unsigned available_in;
  unsigned long total_in;
  void *next_out;
  unsigned available_out;
  unsigned long total_out;
  const char *message;
  void *state, *allocate, *release, *opaque;
  int data_type;
  unsigned long checksum, reserved;
} zlib_stream;

#define ZLIB_OK 0
#define ZLIB_END 1
#define ZLIB_NOTHING_LEFT (-5)
#define ZLIB_GZIP (15 + 16) /* a window of 32 KB, and gzip's head and tail */

static struct {
  int (*openssl_pending)(const void *);
  size_t (*gnutls_pending)(void *);
  int (*inflate_init)(zlib_stream *, int, const char *, int);
  int (*inflate)(zlib_stream *, int);
  int (*inflate_end)(zlib_stream *);
} linked;

/* A function's address may not be converted from a pointer to data, but copied. */
static void find(void *library, const char *name, void *function) {
  *(void **)function = dlsym(library, name);
}

void pur_linked_find(void) {
  CURL *(*of_libcurl)(void) = curl_easy_init;
  Dl_info info;
  void *address, *library = NULL;
  memcpy(&address, &of_libcurl, sizeof address);
  if (dladdr(address, &info) != 0) library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (library == NULL) return; /* otherwise it stays open: libcurl is never unloaded */
  find(library, "SSL_has_pending", &linked.openssl_pending); /* knows more than SSL_pending */
  if (linked.openssl_pending == NULL) find(library, "SSL_pending", &linked.openssl_pending);
  find(library, "gnutls_record_check_pending", &linked.gnutls_pending);
  find(library, "inflateInit2_", &linked.inflate_init);
  find(library, "inflate", &linked.inflate);
  find(library, "inflateEnd", &linked.inflate_end);
}

bool pur_tls_pending(CURL *easy) {
  struct curl_tlssessioninfo *tls = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || tls == NULL) return true;
  if (tls->internals == NULL) return false;
  if (tls->backend == CURLSSLBACKEND_OPENSSL && linked.openssl_pending != NULL)
    return linked.openssl_pending(tls->internals) != 0;
  if (tls->backend == CURLSSLBACKEND_GNUTLS && linked.gnutls_pending != NULL)
    return linked.gnutls_pending(tls->internals) != 0;
  return true;
}

bool pur_gzip_known(void) {
  return linked.inflate_init != NULL && linked.inflate != NULL && linked.inflate_end != NULL;
}

bool pur_gzip_take(pur_gzip *gzip, const char *data, size_t length, pur_buffer *out) {
  zlib_stream *stream = gzip->stream;
  char chunk[CHUNK];
  if (stream == NULL) {
    stream = calloc(1, sizeof *stream);
    if (stream == NULL || linked.inflate_init(stream, ZLIB_GZIP, "1", sizeof *stream) != ZLIB_OK) {
      free(stream);
      out->status = PUR_NO_MEMORY;
      return false;
    }
    gzip->stream = stream;
  }
  stream->next_in = data;
  stream->available_in = (unsigned)length; /* libcurl gives pieces of some KB */
  do {
    int status;
    if (gzip->ended) return false;
    stream->next_out = chunk;
    stream->available_out = CHUNK;
    status = linked.inflate(stream, 0);
    if (status == ZLIB_NOTHING_LEFT) break;
    if (status != ZLIB_OK && status != ZLIB_END) return false;
    gzip->ended = status == ZLIB_END;
    pur_buffer_append(out, chunk, CHUNK - stream->available_out);
  } while (out->status == PUR_OK &&
           (stream->available_in > 0 || (stream->available_out == 0 && !gzip->ended)));
  return out->status == PUR_OK;
}

bool pur_gzip_end(pur_gzip *gzip) {
  bool whole = gzip->stream == NULL || gzip->ended;
  if (gzip->stream != NULL) (void)linked.inflate_end(gzip->stream);
  free(gzip->stream);
  *gzip = (pur_gzip){NULL, false};
  return whole;
}

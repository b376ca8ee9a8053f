/* What the libraries say that libcurl itself uses: its TLS library, and zlib. Their functions are
 * found at run time and asked for through libcurl, since the process at large may not have them, or
 * may have others of the same names. */
#ifndef PURCHASES_HTTP_LINKED_H
#define PURCHASES_HTTP_LINKED_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buffer.h"

/* Once per process: finds the functions. */
void pur_linked_find(void);

/* While a transfer has a connection: may its TLS library hold decrypted bytes that nobody has read?
 * True too where it cannot be asked; false for plain HTTP. */
bool pur_tls_pending(CURL *easy);

/* A gzip stream that is being unpacked. libcurl could do it, but takes one that was cut off for a
 * whole one. All zero: nothing came yet. */
typedef struct pur_gzip {
  void *stream;
  bool ended; /* with the right length and checksum */
} pur_gzip;

/* Was zlib found? */
bool pur_gzip_known(void);

/* Unpacks the next bytes of the stream to the end of `out`. False: they are not gzip, or go on
 * after its end, or the unpacked bytes do not fit (see `out->status`). */
bool pur_gzip_take(pur_gzip *gzip, const char *data, size_t length, pur_buffer *out);

/* Frees the memory; the stream is then as at first. Returns whether all that came was unpacked. */
bool pur_gzip_end(pur_gzip *gzip);

#endif

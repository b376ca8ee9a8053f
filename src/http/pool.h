/* The one HTTP engine: requests in, answers out, many at a time, over libcurl's multi interface.
 *
 * A pool belongs to one thread (one Lua state) and one process. It keeps connections alive until
 * nothing was in flight for 15 seconds (a step or the next request then closes them), verifies
 * certificates, follows no redirect, and never sends a request that is not idempotent a second
 * time.
 *
 * A transfer's time runs from the step that begins it, and is over when a step has read all that
 * has arrived and the answer is not whole. While the caller is held up, so that there is no step,
 * it stands still, for a minute at most. */
#ifndef PURCHASES_HTTP_POOL_H
#define PURCHASES_HTTP_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

/* A field of a head. */
typedef struct pur_header {
  pur_text name;
  pur_text value;
} pur_header;

/* A request. Everything is copied but the body, which is borrowed until the transfer is taken, or
 * was cancelled and a step went by, or the pool is destroyed. Texts are NUL-terminated. */
typedef struct pur_request {
  const char *method;
  const char *url; /* http:// or https://, percent-encoded, no user or fragment in it */
  const pur_header *headers;
  size_t header_count;
  const char *body; /* NULL: none */
  size_t body_length;
  bool idempotent;        /* libcurl may send it again when a kept connection turns out dead */
  double timeout;         /* seconds for the whole transfer, more than 0 */
  double connect_timeout; /* seconds until connected, TLS included, more than 0 */
  const char *ca_file;    /* NULL: the system's bundle */
  const char *proxy;      /* NULL: as the environment says; "": none */
  bool fresh_connection;  /* not on a kept one */
  size_t max_body;        /* bytes of answer after decompression */
} pur_request;

/* Tells whether anything of a request may have reached the server. */
typedef enum pur_sent { PUR_SENT_NO, PUR_SENT_MAYBE, PUR_SENT_YES } pur_sent;

/* The end of a transfer. It belongs to the pool and is good until the pool's next call. */
typedef struct pur_response {
  uint64_t id;
  int status;              /* HTTP status; 0: no answer, see below */
  const pur_buffer *lines; /* the answer's fields: "name: value\r\n" each, as they came */
  pur_buffer body;
  pur_sent sent;
  bool unfinished;     /* the answer came before the request's body had been sent whole */
  const char *phase;   /* without an answer: "dns" "connect" "tls" "send" "receive" */
  const char *code;    /* a stable name, such as "timeout" or "certificate" */
  int curl_code;       /* CURLcode */
  const char *message; /* for people; names hosts, never paths or headers */
} pur_response;

/* Where it is NULL, it was closed: nothing is added to it or moved on, PUR_CLOSED. */
typedef struct pur_pool pur_pool;

/* A new pool without connections. PUR_NO_MEMORY. The caller ends it with pur_pool_destroy. */
pur_status pur_pool_new(pur_pool **pool, pur_error *error);

/* Ends every transfer and closes every connection; in a forked child, frees nothing that the parent
 * still uses. Waits for no resolver. */
void pur_pool_destroy(pur_pool *pool);

/* Starts a transfer. PUR_INVALID_REQUEST for a URL, method or header that must not be sent,
 * PUR_FORKED in a child of the process that made the pool, PUR_NO_MEMORY. */
pur_status pur_pool_add(pur_pool *pool, const pur_request *request, uint64_t *id, pur_error *error);

/* A small number of its own for every transfer that is alive; ended ones hand theirs on. */
size_t pur_pool_slot(uint64_t id);

/* The slot that the next transfer will have, so that what it borrows can be kept alive in time. */
size_t pur_pool_next_slot(pur_pool *pool);

/* Moves every transfer on as far as it goes without waiting; reaps the cancelled. `running` counts
 * the transfers that have not ended. PUR_FORKED. */
pur_status pur_pool_step(pur_pool *pool, size_t *running, pur_error *error);

/* The next transfer that has ended, in the order in which they ended; NULL: none. */
const pur_response *pur_pool_take(pur_pool *pool);

/* The caller waits elsewhere, for at most `seconds`: in that time it is not held up. */
void pur_pool_leave(pur_pool *pool, double seconds);

/* Waits until something can be done or `seconds` are over; may return early. */
pur_status pur_pool_poll(pur_pool *pool, double seconds, pur_error *error);

/* Forgets a transfer: it will not be taken. Only marks it (so that garbage collectors may call it);
 * pur_pool_step does the rest. False when there is no such transfer. */
bool pur_pool_cancel(pur_pool *pool, uint64_t id);

#endif

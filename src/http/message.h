/* Requests and responses. */
#ifndef PURCHASES_HTTP_MESSAGE_H
#define PURCHASES_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/head.h"

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
  int status; /* HTTP status; 0: no answer, see below */
  pur_head head;
  pur_buffer body;
  pur_sent sent;
  bool unfinished;     /* the answer came before the request's body had been sent whole */
  const char *phase;   /* without an answer: "dns" "connect" "tls" "send" "receive" */
  const char *code;    /* a stable name, such as "timeout" or "certificate" */
  int curl_code;       /* CURLcode */
  const char *message; /* for people; names hosts, never paths or headers */
} pur_response;

#endif

/* A transfer: one libcurl handle, and what is known about it; for the files of the HTTP engine
 * only, which are told below one by one. */
#ifndef PURCHASES_HTTP_TRANSFER_H
#define PURCHASES_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <sys/types.h>

#include "http/pool.h"

typedef enum pur_transfer_state { IDLE, RUNNING, CANCELLED, ENDED } pur_transfer_state;

#define PUR_HEAD_LENGTH_SIZE 18 /* more digits would not fit into what libcurl counts with */

/* The head of an answer. */
typedef struct pur_head {
  pur_buffer lines; /* "name: value\r\n" of the answer being read, without its status line */
  bool begun;       /* a status line was read: the fields of this answer follow */
  bool interim;     /* and it says 1xx: the answer that counts is yet to come */
  bool complete;    /* the empty line after the fields of the answer that counts was read */
  bool unsound;     /* nobody can tell where this answer ends */
  bool coded;       /* a transfer coding was named */
  bool packed;      /* the body is gzip */
  bool unreadable;  /* the body is packed in another way, or twice */
  char length[PUR_HEAD_LENGTH_SIZE + 1]; /* the body's, as it was given; "" before it was */
} pur_head;

/* A gzip stream that is being unpacked. libcurl could do it, but takes one that was cut off for a
 * whole one. All zero: nothing came yet. */
typedef struct pur_gzip {
  void *stream;
  bool ended; /* with the right length and checksum */
} pur_gzip;

/* A third of a transfer's cost is setting up its libcurl handle, so what was set on the model is
 * remembered and only what differs is set again. */
typedef struct pur_transfer {
  pur_pool *pool;
  CURL *easy;
  struct pur_transfer *next; /* among the idle, or among the ended */
  pur_transfer_state state;
  bool guarded;       /* libcurl asks before each attempt, so that connections can be kept */
  bool sees_head;     /* on_body is given the head, too */
  bool is_in_line;    /* of the head: a piece of a line was given */
  bool folds_nothing; /* the head's first line goes on with none */
  bool reached;       /* a socket of its own was connected */
  bool start_again;   /* it got a connection that is not to be used */
  pur_head head;
  pur_response response;
  pur_gzip gzip;
  pur_buffer origin, target, method, headers, ca_file, proxy; /* as set, each ended by a NUL */
  CURLU *parsed;                                              /* the origin */
  struct curl_slist *header_list;
  double timeout, connect_timeout;   /* seconds */
  double deadline, connect_deadline; /* on the monotonic clock; 0: no step has begun it */
  double late;                       /* seconds in which the pool was not moved */
  bool idempotent;
  bool upload;       /* sends a body, if only an empty one */
  unsigned attempts; /* how often libcurl began to send */
  size_t body_length;
  char message[CURL_ERROR_SIZE];
} pur_transfer;

struct pur_pool {
  CURLM *multi;
  pid_t process;
  pur_transfer **transfers; /* by slot, the low part of their ids */
  size_t count;
  size_t running;
  uint64_t serial;
  bool changed;    /* some transfer was added or cancelled since the last step */
  bool stirred;    /* libcurl has to look: something was added, or is ready */
  double due;      /* the first deadline */
  double left;     /* when the caller went elsewhere */
  double ended_at; /* when the last transfer ended; 0: nothing is kept */
  pur_transfer *idle;
  pur_transfer *ended, **ended_end;
  pur_transfer *taken; /* its response is in the caller's hands */
  pur_buffer sockets;  /* see sockets.c; closes nothing when it is freed */
  pur_buffer headers;  /* of the request being added: lines, each ended by a NUL */
};

/* transfer.c: which it is, its life, and what libcurl calls */

/* An id is a serial number, and in its low bits the slot of the transfer. */
#define PUR_ID_SLOT_BITS 20
#define PUR_TRANSFERS ((size_t)1 << PUR_ID_SLOT_BITS)

/* The transfer with this id, which may have ended; NULL when its slot belongs to another one. */
pur_transfer *pur_transfer_find(const pur_pool *pool, uint64_t id);

/* NULL: no memory. */
pur_transfer *pur_transfer_new(pur_pool *pool);
void pur_transfer_destroy(pur_transfer *t);

/* head.c: lines of an answer's head in, one clean block of fields out */

/* `limit` is the most bytes of fields one answer may have. */
void pur_head_init(pur_head *head, size_t limit);
void pur_head_free(pur_head *head);
void pur_head_clear(pur_head *head);

/* Takes one line with its line end. An interim answer (100, 103) is forgotten when the next status
 * line comes; trailers after the body are not taken. False when the answer must not go on: too many
 * bytes, no memory (both in `lines.status`), or `unsound`: a length that is not one number, or a
 * transfer coding other than "chunked". */
bool pur_head_take(pur_head *head, const char *line, size_t length);

/* sockets.c: the sockets of a pool's connections, and whether the kept ones are quiet.
 *
 * A kept connection has nothing to say until the next request is sent on it. Anything that comes in
 * between belongs to no request of ours, or tells that it was closed: a request sent nevertheless
 * would take a stranger's answer for its own, or be lost. */

/* Notes a new socket, and keeps it from programs that this one starts. False: no memory. */
bool pur_sockets_add(pur_buffer *sockets, int descriptor, uint64_t opener);

/* Forgets a socket that is about to be closed. Returns its opener, or 0: it was never connected. */
uint64_t pur_sockets_remove(pur_buffer *sockets, int descriptor);

/* A request is about to be sent on the socket with this local port; `pending`: its TLS library has
 * something unread. False when an earlier one was sent on it and it is not quiet now. */
bool pur_sockets_use(pur_buffer *sockets, int local_port, bool pending);

/* linked.c: what the libraries say that libcurl itself uses, its TLS library and zlib. Their
 * functions are found at run time and asked for through libcurl, since the process at large may not
 * have them, or may have others of the same names. */

/* Once per process: finds the functions. */
void pur_linked_find(void);

/* While a transfer has a connection: may its TLS library hold decrypted bytes that nobody has read?
 * True too where it cannot be asked; false for plain HTTP. */
bool pur_tls_pending(CURL *easy);

/* Was zlib found? */
bool pur_gzip_known(void);

/* Unpacks the next bytes of the stream to the end of `out`. False: they are not gzip, or go on
 * after its end, or the unpacked bytes do not fit (see `out->status`). */
bool pur_gzip_take(pur_gzip *gzip, const char *data, size_t length, pur_buffer *out);

/* Frees the memory; the stream is then as at first. Returns whether all that came was unpacked. */
bool pur_gzip_end(pur_gzip *gzip);

/* request.c: a request becomes options */

/* Once per process: finds the system's certificates. */
void pur_ca_find_file(void);

/* PUR_INVALID_REQUEST for what must not be sent. Leaves the request's headers in the pool for
 * pur_transfer_set. */
pur_status pur_request_check(pur_pool *pool, const pur_request *request, pur_error *error);

/* Tells libcurl what of a checked request differs from the one that the transfer had before. False:
 * no memory. */
bool pur_transfer_set(pur_pool *pool, pur_transfer *t, const pur_request *request);

/* libcurl judges its time-outs before it reads what has arrived, the pool after that; so libcurl's
 * comes so much later. */
#define PUR_NET_SECONDS 60

/* Tells libcurl the times. That for connecting is the real one: each address of a host gets a share
 * of it. */
void pur_transfer_set_times(pur_transfer *t);

/* Seconds as libcurl counts them: at least 1 ms, at most eleven days. */
long pur_milliseconds(double seconds);

/* Has everything set anew the next time, since after a failure nobody knows what is set. */
void pur_transfer_forget(pur_transfer *t);

/* outcome.c: how it ended */

/* Tells whether it has a connection that the request can be written to. */
bool pur_transfer_connected(const pur_transfer *t);

/* Tells whether anything of the request may have been written. */
bool pur_transfer_began(const pur_transfer *t);

/* Writes down in the response how the transfer ended. */
void pur_transfer_note_end(pur_transfer *t, CURLcode result);

#endif

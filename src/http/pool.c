#include "http/pool.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/system.h"
#include "http/transfer.h"

#define KEPT_BODY ((size_t)64 * 1024) /* memory a transfer keeps for the next answer */
#define MAX_CONNECTIONS 256L          /* kept alive */
#define IDLE_SECONDS 15               /* after which a pool at rest keeps none */
#define LATE_SECONDS 0.1              /* a caller who is away for longer was held up */

static double least(double one, double other) {
  return one < other ? one : other;
}

static void make_idle(pur_pool *pool, pur_transfer *t) {
  t->state = IDLE;
  t->next = pool->idle;
  pool->idle = t;
  (void)pur_gzip_end(&t->gzip);
  if (t->response.body.capacity > KEPT_BODY) pur_buffer_free(&t->response.body);
}

static void recycle_taken(pur_pool *pool) {
  if (pool->taken != NULL) make_idle(pool, pool->taken);
  pool->taken = NULL;
}

static void end(pur_pool *pool, pur_transfer *t, CURLcode result) {
  /* First, since it closes the connection of what did not end by itself: see on_close. */
  (void)curl_multi_remove_handle(pool->multi, t->easy);
  pur_transfer_note_end(t, result);
  pool->running--;
  pool->ended_at = pur_system_monotonic();
  t->state = ENDED;
  t->next = NULL;
  *pool->ended_end = t;
  pool->ended_end = &t->next;
}

/* Collects the transfers that have ended. Those that start again have sent nothing, and the
 * connection that was not to be used is closed. */
static void collect_ended(pur_pool *pool) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
    /* The message dies with the handle's removal: what is needed of it is copied first. */
    CURLcode result = message->data.result;
    char *user = NULL;
    pur_transfer *t;
    (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    t = (pur_transfer *)(void *)user;
    if (t->start_again) {
      t->start_again = false;
      (void)curl_multi_remove_handle(pool->multi, t->easy);
      pool->stirred = true;
      if (curl_multi_add_handle(pool->multi, t->easy) == CURLM_OK) continue;
    }
    end(pool, t, result);
  }
}

/* Reaps what was cancelled, and sets the deadlines of what was added: they run from the step that
 * begins a transfer. */
static void take_changes(pur_pool *pool, double now) {
  pool->changed = false;
  for (size_t i = 0; i < pool->count; i++) {
    pur_transfer *t = pool->transfers[i];
    if (t->state == CANCELLED) {
      (void)curl_multi_remove_handle(pool->multi, t->easy);
      pool->running--;
      make_idle(pool, t);
    } else if (t->state == RUNNING && t->deadline <= 0) {
      t->deadline = now + t->timeout;
      t->connect_deadline = now + t->connect_timeout;
      pool->due = least(pool->due, least(t->deadline, t->connect_deadline));
    }
  }
}

/* What the caller was held up with is not the server's fault: up to a minute of it is added to what
 * each transfer had left. libcurl, which judges before it reads, is told of all of it. */
static void return_late(pur_pool *pool) {
  double late = pur_system_monotonic() - pool->left;
  if (late < LATE_SECONDS || pool->running == 0) return;
  for (size_t i = 0; i < pool->count; i++) {
    pur_transfer *t = pool->transfers[i];
    double more = t->late < PUR_NET_SECONDS ? least(late, PUR_NET_SECONDS - t->late) : 0;
    if (t->state != RUNNING || t->deadline <= 0) continue;
    t->late += late;
    t->deadline += more;
    t->connect_deadline += more;
    pur_transfer_set_times(t);
  }
}

/* Ends the transfers past their deadline. Answers that came in time were read before. */
static void end_overdue(pur_pool *pool, double now) {
  pool->due = INFINITY;
  for (size_t i = 0; i < pool->count; i++) {
    pur_transfer *t = pool->transfers[i];
    bool connected = t->state == RUNNING && pur_transfer_connected(t);
    double due = connected ? t->deadline : least(t->deadline, t->connect_deadline);
    if (t->state != RUNNING) continue;
    if (due > now) {
      pool->due = least(pool->due, due);
      continue;
    }
    (void)snprintf(t->message, sizeof t->message, "%s within %g seconds",
                   connected ? "no whole answer" : "no connection",
                   connected ? t->timeout : least(t->timeout, t->connect_timeout));
    end(pool, t, CURLE_OPERATION_TIMEDOUT);
  }
}

static CURLM *new_multi(void) {
  CURLM *multi = curl_multi_init();
  if (multi != NULL) curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, MAX_CONNECTIONS);
  return multi;
}

/* Closes the connections of a pool that has been at rest for a while: their servers will have done
 * so, or are about to. libcurl does it only as a whole. */
static void close_idle(pur_pool *pool) {
  CURLM *fresh;
  if (pool->running > 0 || pool->ended_at == 0 ||
      pur_system_monotonic() - pool->ended_at < IDLE_SECONDS)
    return;
  fresh = new_multi();
  if (fresh == NULL) return;
  (void)curl_multi_cleanup(pool->multi);
  pool->multi = fresh;
  pool->ended_at = 0;
}

static CURLcode global_status;

static void initialise(void) {
  global_status = curl_global_init(CURL_GLOBAL_DEFAULT);
  pur_ca_find_file();
  pur_linked_find();
}

pur_status pur_pool_new(pur_pool **pool, pur_error *error) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pur_pool *made = calloc(1, sizeof *made);
  (void)pthread_once(&once, initialise);
  if (made != NULL && global_status == CURLE_OK) made->multi = new_multi();
  if (made == NULL || made->multi == NULL) {
    free(made);
    return pur_error_no_memory(error);
  }
  made->due = INFINITY;
  made->process = getpid();
  made->ended_end = &made->ended;
  *pool = made;
  return PUR_OK;
}

void pur_pool_destroy(pur_pool *pool) {
  /* Closing in a child would speak on the parent's connections: it leaves alone what it got. */
  if (pool == NULL || pool->process != getpid()) return;
  /* Removing a transfer closes its connection, which another one may have opened: see on_close. */
  for (size_t i = 0; i < pool->count; i++)
    (void)curl_multi_remove_handle(pool->multi, pool->transfers[i]->easy);
  for (size_t i = 0; i < pool->count; i++) pur_transfer_destroy(pool->transfers[i]);
  pool->count = 0;
  (void)curl_multi_cleanup(pool->multi); /* closes the kept connections: see on_close */
  pur_buffer_free(&pool->sockets);
  pur_buffer_free(&pool->headers);
  free(pool->transfers);
  free(pool);
}

static pur_status check_usable(const pur_pool *pool, pur_error *error) {
  if (pool == NULL) return pur_error_set(error, PUR_CLOSED, 0, "the pool is closed");
  if (pool->process == getpid()) return PUR_OK;
  return pur_error_set(error, PUR_FORKED, 0,
                       "this pool belongs to the process that made it; make one after the fork");
}

/* An idle transfer, or a new one. Its slot goes into its ids, which are never used twice. */
static pur_transfer *take_idle(pur_pool *pool) {
  pur_transfer **transfers, *t = pool->idle;
  if (t != NULL) {
    pool->idle = t->next;
    return t;
  }
  if (pool->count == PUR_TRANSFERS) return NULL;
  transfers = realloc(pool->transfers, (pool->count + 1) * sizeof *transfers);
  if (transfers == NULL) return NULL;
  pool->transfers = transfers;
  t = pur_transfer_new(pool);
  if (t == NULL) return NULL;
  t->response.id = pool->count;
  transfers[pool->count++] = t;
  return t;
}

size_t pur_pool_next_slot(pur_pool *pool) {
  if (pool == NULL) return 0;
  recycle_taken(pool);
  return pool->idle != NULL ? pur_pool_slot(pool->idle->response.id) : pool->count;
}

pur_status pur_pool_add(pur_pool *pool, const pur_request *request, uint64_t *id,
                        pur_error *error) {
  pur_transfer *t;
  pur_response *response;
  pur_status status = check_usable(pool, error);
  if (status == PUR_OK) status = pur_request_check(pool, request, error);
  if (status != PUR_OK) return status;
  recycle_taken(pool);
  close_idle(pool);
  t = take_idle(pool);
  if (t == NULL) return pur_error_no_memory(error);
  response = &t->response;
  pur_head_clear(&t->head);
  pur_buffer_clear(&response->body);
  *response = (pur_response){
      .id = ++pool->serial << PUR_ID_SLOT_BITS | pur_pool_slot(response->id),
      .lines = &t->head.lines,
      .body = response->body,
  };
  t->message[0] = '\0';
  t->reached = t->start_again = t->is_in_line = t->folds_nothing = false;
  if (!pur_transfer_set(pool, t, request) ||
      curl_multi_add_handle(pool->multi, t->easy) != CURLM_OK) {
    pur_transfer_forget(t);
    make_idle(pool, t);
    return pur_error_no_memory(error);
  }
  t->state = RUNNING;
  pool->running++;
  pool->stirred = pool->changed = true;
  *id = response->id;
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

/* A caller who steps by the clock finds nothing most of the time: one system call tells, where
 * libcurl would make one for each transfer. */
pur_status pur_pool_step(pur_pool *pool, size_t *running, pur_error *error) {
  int ignored;
  pur_status status = check_usable(pool, error);
  if (status != PUR_OK) return status;
  recycle_taken(pool);
  return_late(pool);
  if (pool->changed) take_changes(pool, pur_system_monotonic());
  close_idle(pool);
  if (pool->running > 0 && !pool->stirred) await(pool, 0);
  if (pool->running > 0 && pool->stirred) {
    pool->stirred = false;
    (void)curl_multi_perform(pool->multi, &ignored);
    collect_ended(pool);
  }
  pool->left = pur_system_monotonic();
  if (pool->left >= pool->due) end_overdue(pool, pool->left);
  *running = pool->running;
  return PUR_OK;
}

const pur_response *pur_pool_take(pur_pool *pool) {
  pur_transfer *t;
  recycle_taken(pool);
  t = pool->ended;
  if (t == NULL) return NULL;
  pool->ended = t->next;
  if (pool->ended == NULL) pool->ended_end = &pool->ended;
  pool->taken = t;
  return &t->response;
}

pur_status pur_pool_poll(pur_pool *pool, double seconds, pur_error *error) {
  pur_status status = check_usable(pool, error);
  if (status != PUR_OK) return status;
  return_late(pool);
  seconds = least(seconds, pool->due - pur_system_monotonic());
  await(pool, seconds > 0 ? (int)pur_milliseconds(seconds) : 0);
  pool->left = pur_system_monotonic();
  return PUR_OK;
}

void pur_pool_leave(pur_pool *pool, double seconds) {
  return_late(pool);
  pool->left = pur_system_monotonic() + seconds;
}

bool pur_pool_cancel(pur_pool *pool, uint64_t id) {
  pur_transfer *t = pur_transfer_find(pool, id), **link = &pool->ended;
  if (t == NULL || t == pool->taken || (t->state != RUNNING && t->state != ENDED)) return false;
  if (t->state == RUNNING) {
    t->state = CANCELLED;
    pool->changed = true;
    return true;
  }
  while (*link != t) link = &(*link)->next;
  *link = t->next;
  if (pool->ended_end == &t->next) pool->ended_end = link;
  make_idle(pool, t);
  return true;
}

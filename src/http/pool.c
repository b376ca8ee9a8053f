#include "http/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/transfer.h"

#define KEPT_BODY ((size_t)64 * 1024) /* memory a transfer keeps for the next answer */
#define MAX_CONNECTIONS 256L          /* kept alive */

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

/* Collects what has ended, but for what starts again: nothing of that was sent, and the connection
 * that was not to be used is closed. */
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
      if (pur_transfer_renew(t) && curl_multi_add_handle(pool->multi, t->easy) == CURLM_OK)
        continue;
    }
    pur_transfer_note_end(t, result);
    (void)curl_multi_remove_handle(pool->multi, t->easy);
    pool->running--;
    t->state = ENDED;
    t->next = NULL;
    *pool->ended_end = t;
    pool->ended_end = &t->next;
  }
}

static void reap_cancelled(pur_pool *pool) {
  pool->cancelling = false;
  for (size_t i = 0; i < pool->count; i++) {
    pur_transfer *t = pool->transfers[i];
    if (!t->cancelled) continue;
    t->cancelled = false;
    (void)curl_multi_remove_handle(pool->multi, t->easy);
    pool->running--;
    make_idle(pool, t);
  }
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
  if (made != NULL && global_status == CURLE_OK) made->multi = curl_multi_init();
  if (made == NULL || made->multi == NULL) {
    free(made);
    return pur_error_no_memory(error);
  }
  curl_multi_setopt(made->multi, CURLMOPT_MAXCONNECTS, MAX_CONNECTIONS);
  made->process = getpid();
  made->ended_end = &made->ended;
  pur_buffer_init(&made->headers, 0);
  *pool = made;
  return PUR_OK;
}

void pur_pool_destroy(pur_pool *pool) {
  /* Closing in a child would speak on the parent's connections: it leaves alone what it inherited.
   */
  if (pool == NULL || pool->process != getpid()) return;
  /* Removing a transfer closes its connection, which another one may have opened: see on_close. */
  for (size_t i = 0; i < pool->count; i++)
    if (pool->transfers[i]->state == RUNNING)
      (void)curl_multi_remove_handle(pool->multi, pool->transfers[i]->easy);
  for (size_t i = 0; i < pool->count; i++) pur_transfer_destroy(pool->transfers[i]);
  pool->count = 0;
  (void)curl_multi_cleanup(pool->multi); /* closes the kept connections: see on_close */
  pur_sockets_free(&pool->sockets);
  pur_buffer_free(&pool->headers);
  free(pool->transfers);
  free(pool);
}

static pur_status check_process(const pur_pool *pool, pur_error *error) {
  if (pool->process == getpid()) return PUR_OK;
  return pur_error_set(error, PUR_FORKED, 0,
                       "this pool belongs to the process that made it; make one after the fork");
}

/* An idle transfer, or a new one. Its slot in the pool goes into its ids, which are never used
 * twice.
 */
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
  recycle_taken(pool);
  return pool->idle != NULL ? pur_pool_slot(pool->idle->response.id) : pool->count;
}

pur_status pur_pool_add(pur_pool *pool, const pur_request *request, uint64_t *id,
                        pur_error *error) {
  pur_transfer *t;
  pur_response *response;
  pur_status status = check_process(pool, error);
  if (status == PUR_OK) status = pur_request_check(pool, request, error);
  if (status != PUR_OK) return status;
  recycle_taken(pool);
  t = take_idle(pool);
  if (t == NULL) return pur_error_no_memory(error);
  response = &t->response;
  response->id = ++pool->serial << PUR_ID_SLOT_BITS | pur_pool_slot(response->id);
  response->status = response->curl_code = 0;
  response->sent = PUR_SENT_NO;
  response->phase = response->code = response->message = NULL;
  pur_head_clear(&response->head);
  pur_buffer_clear(&response->body);
  t->message[0] = '\0';
  t->reached = t->start_again = false;
  if (pur_transfer_set(pool, t, request) != CURLE_OK || !pur_transfer_renew(t) ||
      curl_multi_add_handle(pool->multi, t->easy) != CURLM_OK) {
    pur_transfer_forget(t);
    make_idle(pool, t);
    return pur_error_no_memory(error);
  }
  t->state = RUNNING;
  pool->running++;
  pool->stirred = true;
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
  pur_status status = check_process(pool, error);
  if (status != PUR_OK) return status;
  recycle_taken(pool);
  if (pool->cancelling) reap_cancelled(pool);
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
  pur_status status = check_process(pool, error);
  if (status != PUR_OK) return status;
  await(pool, seconds > 0 ? (int)pur_milliseconds(seconds) : 0);
  return PUR_OK;
}

bool pur_pool_cancel(pur_pool *pool, uint64_t id) {
  pur_transfer *t = pur_transfer_find(pool, id), **link = &pool->ended;
  if (t == NULL || t->state == IDLE || t == pool->taken || t->cancelled) return false;
  if (t->state == RUNNING) {
    t->cancelled = pool->cancelling = true;
    return true;
  }
  while (*link != t) link = &(*link)->next;
  *link = t->next;
  if (pool->ended_end == &t->next) pool->ended_end = link;
  make_idle(pool, t);
  return true;
}

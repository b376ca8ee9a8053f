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

#include "http/message.h"

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

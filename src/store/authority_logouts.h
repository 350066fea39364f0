/* The durable queue of back-channel logout: who must be told that a session has ended, until they were. */
#ifndef SEKISHO_STORE_AUTHORITY_LOGOUTS_H
#define SEKISHO_STORE_AUTHORITY_LOGOUTS_H

#include "store/store.h"

/* In the job that gives the client something in the session. */
MUST_USE error_code_t logout_receiver_put(database_t *database, bytes_t session, bytes_t client,
                                          bytes_t subject, int64_t expires_ms);
/* In the job that ends the session: everybody who must be told is queued, once. */
MUST_USE error_code_t logout_enqueue(database_t *database, bytes_t session, int64_t now_ms,
                                     int64_t expires_ms, int64_t *ret_count);

typedef struct logout_row {
  int64_t id, attempts, expires_ms;
  bytes_t client, subject, session; /* in the arena */
} logout_row_t;

/* What is due, the earliest first, at most most rows, until visit says false; but nothing for the clients
 * that are busy (empty: none is), whatever else waits for them. */
#define LOGOUT_BUSY_MAX 2
typedef bool logout_visit_t(void *context, const logout_row_t *row);
MUST_USE error_code_t logout_each_due(database_t *database, arena_t *arena, int64_t now_ms, int64_t most,
                                      const bytes_t busy[LOGOUT_BUSY_MAX], logout_visit_t *visit,
                                      void *context);
/* It was told, or will never be. */
MUST_USE error_code_t logout_remove(database_t *database, int64_t id);
/* It was tried in vain: everything for that client waits. */
MUST_USE error_code_t logout_defer(database_t *database, int64_t id, bytes_t client, int64_t due_ms);
/* Nobody is there to be told any more. */
MUST_USE error_code_t logout_forget_client(database_t *database, bytes_t client);

error_code_t logout_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif

/* What this node learns of the others that share the database: a thread asks five times a second which topics
 * were announced (database_announce), and has them read again. Only where there can be others. */
#ifndef SEKISHO_STORE_STORE_WATCH_H
#define SEKISHO_STORE_STORE_WATCH_H

#include "store/store.h"

/* What is known may be so old. A node that has not heard for longer says so, and its tokens are refused. */
#define STORE_STALE_MS 1000

typedef struct store_watch store_watch_t;

MUST_USE error_code_t store_watch_start(const char *address, store_watch_t **ret_watch,
                                        error_detail_t *detail);
void store_watch_stop(store_watch_t *watch);
MUST_USE error_code_t store_watch_add(store_watch_t *watch, const char *topic, store_heard_t *heard,
                                      void *context);
bool store_watch_is_current(const store_watch_t *watch);
/* Whether the server answers at all: what is asked of it otherwise would only keep a thread waiting. */
bool store_watch_reaches(const store_watch_t *watch);
bool store_watch_leads(const store_watch_t *watch);
/* Why it was not current last. */
void store_watch_failure(store_watch_t *watch, error_detail_t *ret_failure);

#endif

/* Keeps the metadata current: reads its files when they change, has it fetched, sounds the alarm, and hands
 * out what is held. One thread of its own does all of that; handlers only take a reference. */
#ifndef SEKISHO_RP_METADATA_WATCH_H
#define SEKISHO_RP_METADATA_WATCH_H

#include "rp/fetch_agent.h"
#include "rp/metadata_load.h"
#include "rp/rp.h"

/* agent may be NULL: nothing is fetched. eager: loads before it returns, and looks again and again; otherwise
 * only when somebody asks, for one command. */
MUST_USE error_code_t metadata_watch_start(rp_t *rp, fetch_agent_t *agent, bool eager,
                                           metadata_watch_t **ret_watch);
void metadata_watch_stop(metadata_watch_t *watch); /* NULL is fine */
/* The configuration was read again. */
void metadata_watch_wake(metadata_watch_t *watch);

/* A reference to what is held now; NULL when there is none. watch may be NULL. */
metadata_t *metadata_watch_hold(metadata_watch_t *watch);

typedef enum metadata_state {
  METADATA_OFF,     /* not configured */
  METADATA_MISSING, /* configured, and nothing could be taken yet */
  METADATA_STALE,   /* nextUpdate is past */
  METADATA_FAILING, /* the last attempt to get a newer one failed */
  METADATA_OK,
} metadata_state_t;
const char *metadata_state_name(metadata_state_t state); /* "off", "missing", "stale", "failing", "ok" */

/* What operators see of it. */
typedef struct metadata_overview {
  metadata_state_t state;
  bool has_blob, checks_revocation;
  metadata_blob_t blob;
  int64_t received_ms, tried_ms; /* taken; last looked for. 0: never */
  size_t model_count, statement_count;
  error_detail_t problem; /* empty: none */
} metadata_overview_t;
void metadata_watch_overview(metadata_watch_t *watch, int64_t now_ms, metadata_overview_t *ret_overview);
/* Whether its word counts for new registrations at that time, as rp.metadata.stale asks. */
bool metadata_watch_is_trusted(metadata_watch_t *watch, const config_metadata_t *config, int64_t now_ms);

/* A request that waits until it has looked. In the request's arena. */
typedef struct metadata_ask {
  http_request_t *request;
  bool fetch; /* get it from its url, rather than look at what is there */
  struct metadata_ask *next;
} metadata_ask_t;
/* Suspends; then runs with the ask as the request's state. Without fetch, an eager watch has looked already,
 * and then is called at once. */
void metadata_watch_ask(metadata_watch_t *watch, metadata_ask_t *ask, http_handler_t *then, void *app);

#endif

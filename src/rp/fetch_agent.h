/* A small process beside the login server that can still start programs, for the one that it may start:
 * sekisho-fetch, which gets what the configuration names. The server itself, which strangers talk to, speaks
 * to no address outside and tells the agent nothing but to go. */
#ifndef SEKISHO_RP_FETCH_AGENT_H
#define SEKISHO_RP_FETCH_AGENT_H

#include "base/error.h"

typedef struct fetch_agent fetch_agent_t;

/* Before the sandbox and before any thread. config_path: for sekisho-fetch. */
MUST_USE error_code_t fetch_agent_start(const char *config_path, fetch_agent_t **ret_agent);
/* Ends the process, and with it a fetch under way, which fails. Any thread; NULL is fine. */
void fetch_agent_abort(fetch_agent_t *agent);
void fetch_agent_stop(fetch_agent_t *agent); /* NULL is fine */

/* Fetches, waiting for at most timeout_ms; one thread at a time. ERR_UNAVAILABLE with the reason. */
MUST_USE error_code_t fetch_agent_run(fetch_agent_t *agent, int timeout_ms, error_detail_t *detail);

#endif

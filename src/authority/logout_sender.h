/* Tells clients that a session has ended (OpenID Connect Back-Channel Logout 1.0), from the durable queue: at
 * least once, each client one at a time, with growing pauses while it does not answer. */
#ifndef SEKISHO_AUTHORITY_LOGOUT_SENDER_H
#define SEKISHO_AUTHORITY_LOGOUT_SENDER_H

#include "authority/domain.h"

/* For so long it is tried. */
#define LOGOUT_TRIES_MS ((int64_t)24 * 3600 * 1000)

typedef struct logout_sender logout_sender_t;

/* caller NULL: nothing is sent. */
MUST_USE error_code_t logout_sender_new(domain_t *domain, caller_t *caller, logout_sender_t **ret_sender);
/* After the caller has stopped. NULL is fine. */
void logout_sender_free(logout_sender_t *sender);

/* Sends what is due, as far as it may at once. Any thread; once a second, and when something was queued. */
void logout_sender_run(logout_sender_t *sender);

#endif

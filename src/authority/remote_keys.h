/* Key sets of others that are found at an address: fetched when somebody needs them, kept while they are
 * fresh, fetched again when a key is named that they do not have. What cannot be fetched verifies nothing. */
#ifndef SEKISHO_AUTHORITY_REMOTE_KEYS_H
#define SEKISHO_AUTHORITY_REMOTE_KEYS_H

#include "authority/retire.h"
#include "crypto/jwk_set.h"
#include "http/http.h"
#include "ops/caller.h"

typedef struct remote_keys remote_keys_t;

typedef struct remote_address {
  const char *url;
  const char *rsa_algorithm; /* of RSA keys there that name none; NULL: RS256 */
} remote_address_t;

/* caller NULL: nothing can be fetched. domain: for the log. */
MUST_USE error_code_t remote_keys_new(caller_t *caller, retire_t *retire, const char *domain,
                                      remote_keys_t **ret_keys);
/* After the caller has stopped. NULL is fine. */
void remote_keys_free(remote_keys_t *keys);

/* Whether what is known now is all that can be known of the key (its id may be empty). If not, a wait may
 * help. Starts a fetch in the background when the set is no longer fresh. */
bool remote_keys_are_ready(remote_keys_t *keys, const remote_address_t *address, bytes_t key_id,
                           int64_t now_ms);
/* Suspends until the fetch that is under way has come to an end; then is called in any case. */
void remote_keys_wait(remote_keys_t *keys, const remote_address_t *address, http_request_t *request,
                      http_handler_t *then, void *state);
/* NULL when there is none that may be used. Good until the handler returns or waits. */
const jwk_set_t *remote_keys_now(remote_keys_t *keys, const remote_address_t *address, int64_t now_ms);

#endif

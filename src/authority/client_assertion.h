/* private_key_jwt: a JWT that a client signs to show who it is (RFC 7523 §3, OpenID Connect Core §9, and what
 * the revision of RFC 7523 and FAPI 2.0 narrowed: the audience is the issuer's identifier as one text). */
#ifndef SEKISHO_AUTHORITY_CLIENT_ASSERTION_H
#define SEKISHO_AUTHORITY_CLIENT_ASSERTION_H

#include "authority/domain.h"
#include "store/authority_assertions.h"

#define CLIENT_ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
/* How far ahead its end may lie: so long is its identifier remembered. */
#define CLIENT_ASSERTION_LIFE_MS ((int64_t)10 * 60 * 1000)

/* What was found; client is NULL after a refusal in which none could be told. */
typedef struct client_assertion {
  const client_t *client;
  assertion_mark_t mark; /* to be put down before the assertion counts */
  const char *reason;    /* of a refusal, for the operator's log */
  bool awaits_keys;      /* refused for now: the client's keys are being fetched (remote_keys_wait) */
} client_assertion_t;

/* ERR_CLIENT_AUTHENTICATION when it proves nothing. Whether it was used before is for the store to say. */
MUST_USE error_code_t client_assertion_check(arena_t *arena, const domain_settings_t *settings,
                                             remote_keys_t *remote_keys, bytes_t text, int64_t now_ms,
                                             client_assertion_t *ret_assertion);
/* Where the keys of a client with a jwks_uri are. */
remote_address_t client_key_address(const config_client_t *client);

#endif

/* A sign-in on its way: what a browser that went to the login server must bring back. Kept by the browser
 * alone, sealed in `state` and bound to it by a cookie, so that a way in costs no storage and several tabs
 * stand in nobody's way. */
#ifndef SEKISHO_AUTHORITY_GATEWAY_ENTRY_H
#define SEKISHO_AUTHORITY_GATEWAY_ENTRY_H

#include "authority/domain.h"
#include "crypto/hash.h"

#define GATEWAY_ENTRY_LIFETIME_MS REQUEST_LIFETIME_MS

typedef struct gateway_entry {
  secret_key_t verifier; /* of PKCE, before its encoding */
  bytes_t to;            /* where the browser wanted to be */
} gateway_entry_t;

/* The code_challenge of the verifier. */
MUST_USE error_code_t gateway_entry_challenge(const secret_key_t *verifier, sha256_t *ret_challenge);
/* browser: the cookie's value. */
MUST_USE error_code_t gateway_entry_seal(arena_t *arena, const domain_t *domain, const gateway_entry_t *entry,
                                         bytes_t browser, int64_t now_ms, bytes_t *ret_state);
/* ERR_ENTER_BROWSER: too old, of another browser, or none of ours. */
MUST_USE error_code_t gateway_entry_open(arena_t *arena, const domain_t *domain, bytes_t state,
                                         bytes_t browser, int64_t now_ms, gateway_entry_t *ret_entry);

#endif

/* DPoP (RFC 9449): a proof, signed for one request, that its sender holds a key. */
#ifndef SEKISHO_AUTHORITY_DPOP_H
#define SEKISHO_AUTHORITY_DPOP_H

#include "authority/confirmation.h"
#include "base/secret.h"
#include "store/authority_assertions.h"

#define DPOP_NONCE_LENGTH 32 /* base64url of 24 bytes */
#define DPOP_WINDOW_MS ((int64_t)60 * 1000)

/* Server nonces (§8): a MAC of the minute, good in that minute and the next. The key is the process's own:
 * after a restart, when what was used in memory is forgotten, no nonce from before is good. Nodes that share
 * a store share the key: what was used is in the store there (proof_spend.h). */
typedef struct dpop_nonces {
  secret_key_t key;
  int64_t started_ms;
} dpop_nonces_t;
void dpop_nonces_begin(dpop_nonces_t *nonces, int64_t now_ms);
MUST_USE error_code_t dpop_nonce_make(const dpop_nonces_t *nonces, int64_t now_ms,
                                      char ret_nonce[DPOP_NONCE_LENGTH + 1]);

/* The request that a proof is for. */
typedef struct dpop_request {
  bytes_t method;
  bytes_t address;      /* absolute, as the client knows it; query and fragment do not count */
  bytes_t access_token; /* that it goes with (ath), at a resource; empty: none */
  bool nonce_required;
  int64_t now_ms;
} dpop_request_t;

typedef struct dpop_proof {
  confirmation_t key;
  int64_t window;        /* which minute it belongs to: with the key and id all that a replay is known by */
  assertion_mark_t mark; /* for a store; the hash also for memory */
} dpop_proof_t;

/* Form, signature and what it is for (§4.3); whether it was seen before is for others to say. ERR_DPOP_NONCE
 * when a nonce of now is missing, ERR_DPOP_PROOF with a word for the operator's log in *ret_reason otherwise.
 */
MUST_USE error_code_t dpop_check(arena_t *arena, const dpop_nonces_t *nonces, const dpop_request_t *request,
                                 bytes_t text, dpop_proof_t *ret_proof, const char **ret_reason);

/* As the algs of a challenge: those that FAPI 2.0 takes (§5.4.1). */
#define DPOP_ALGORITHMS "ES256 EdDSA PS256"

#endif

/* Tokens as requests present them: the scheme, and the proof of the key that the token is bound to. */
#ifndef SEKISHO_AUTHORITY_PROOF_H
#define SEKISHO_AUTHORITY_PROOF_H

#include "authority/access_token.h"
#include "http/http.h"

/* The DPoP proof of a request to an endpoint of the issuer, checked but not spent; kind CONFIRMATION_NONE
 * when there is no such header. The answer gets a nonce for the next one. ERR_DPOP_PROOF, ERR_DPOP_NONCE. */
MUST_USE error_code_t proof_read(http_request_t *http, const domain_t *domain, const char *endpoint,
                                 dpop_proof_t *ret_proof);

/* What an Authorization header says: "Bearer x" or "DPoP x", the scheme without case (RFC 9110 §11.1). */
typedef struct presentation {
  bytes_t token;
  bool dpop;
} presentation_t;
#define PRESENTED_TOKEN_MAX 8192
/* False for every other form. */
bool presentation_parse(bytes_t authorization, presentation_t *ret_presentation);

/* The request that a token came with, at a resource. */
typedef struct presented_request {
  bytes_t method, address;
  bytes_t proof; /* the DPoP header's value */
  size_t proof_count;
  confirmation_t certificate; /* of the connection; CONFIRMATION_NONE: none was shown */
  int64_t now_ms;
} presented_request_t;

/* Whether the request proves the key that the token is bound to, and shows the token by the scheme that says
 * so (RFC 9449 §7.1); spends the proof at this node, and says by what the others know it (proof_spend.h):
 * expires_ms 0, there was none. ERR_TOKEN, ERR_TOKEN_CERTIFICATE, ERR_DPOP_PROOF, ERR_DPOP_NONCE,
 * ERR_TOO_MANY. */
MUST_USE error_code_t proof_check(arena_t *arena, const domain_t *domain, const domain_settings_t *settings,
                                  const presentation_t *presentation, const access_token_t *token,
                                  const presented_request_t *request, assertion_mark_t *ret_mark);

/* A nonce for an answer, in the arena; NULL when memory is short. */
const char *proof_nonce(arena_t *arena, const domain_t *domain, int64_t now_ms);

/* A challenge: `Bearer error="...", error_description="..."`, or with the DPoP scheme and the algorithms that
 * it takes; error may be NULL. The caller adds what else there is, each with a comma before it. */
void challenge_begin(builder_t *text, bool dpop, const char *error, const char *words);

#endif

/* Internal tokens that a service brings to get one for its next call (draft-ietf-oauth-transaction-tokens):
 * read, and made again for the next service. The transaction, its subject and its end stay; the chain of
 * actors grows. */
#ifndef SEKISHO_AUTHORITY_EXCHANGED_TOKEN_H
#define SEKISHO_AUTHORITY_EXCHANGED_TOKEN_H

#include "authority/domain.h"

/* How many services one transaction may pass through: a chain that is longer is a loop. */
#define ACTOR_CHAIN_MAX 8

typedef struct exchanged_token {
  bytes_t transaction, subject, scope;
  bytes_t grant; /* of the external token behind it; empty: a workload's own */
  bytes_t actors, request_context, transaction_context; /* JSON texts; actors empty: none yet */
  size_t actor_count;
  int64_t expires_ms;
} exchanged_token_t;

/* A token of this domain's that is for the service and not over. ERR_SUBJECT_TOKEN otherwise, also when what
 * is behind it was revoked. In the arena. */
MUST_USE error_code_t exchanged_token_read(arena_t *arena, const domain_t *domain,
                                           const domain_settings_t *settings, bytes_t text, bytes_t service,
                                           int64_t now_ms, exchanged_token_t *ret_token);
/* What a workload begins in its own name. */
MUST_USE error_code_t exchanged_token_begin(arena_t *arena, bytes_t service, int64_t expires_ms,
                                            exchanged_token_t *ret_token);

/* By whom it is asked for, for whom it is, and what it lets do there. */
typedef struct next_hop {
  bytes_t requester, target;
  bytes_t scope;
} next_hop_t;
/* *ret_expires_ms: never later than the token's. */
MUST_USE error_code_t exchanged_token_build(arena_t *arena, const domain_settings_t *settings,
                                            const signing_key_t *key, const exchanged_token_t *token,
                                            const next_hop_t *hop, int64_t now_ms, bytes_t *ret_text,
                                            int64_t *ret_expires_ms);

#endif

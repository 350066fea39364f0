/* A proof at a resource counts once at all nodes together: where a store is shared, it is put down there
 * before the answer. A node alone remembers it in memory, and writes nothing on that path. */
#ifndef SEKISHO_AUTHORITY_PROOF_SPEND_H
#define SEKISHO_AUTHORITY_PROOF_SPEND_H

#include "authority/domain.h"
#include "authority/durable.h"
#include "store/authority_assertions.h"

/* First member of the caller's own struct, in the request's arena. */
typedef struct proof_spend {
  durable_t durable;
  assertion_mark_t mark; /* expires_ms 0: there was no proof */
  bool fresh;
} proof_spend_t;

bool proof_spend_is_needed(const domain_t *domain, const assertion_mark_t *mark);
/* then is called with http_request_state(http) == spend. */
void proof_spend_wait(http_request_t *http, domain_t *domain, proof_spend_t *spend, http_handler_t *then);
/* ERR_DPOP_PROOF when a node has seen it before. */
MUST_USE error_code_t proof_spend_outcome(const proof_spend_t *spend);

#endif

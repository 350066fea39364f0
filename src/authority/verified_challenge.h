/* The domain's own challenge to one stored request: nothing is kept, a MAC under the domain's own key covers
 * what the request asks, whose browser began it and until when it waits. What a person approves in the
 * request's authorization details is part of the query, and so is covered as well. The rp builds its
 * challenge around it, in place of its nonce. */
#ifndef SEKISHO_AUTHORITY_VERIFIED_CHALLENGE_H
#define SEKISHO_AUTHORITY_VERIFIED_CHALLENGE_H

#include "authority/domain.h"
#include "handoff/handoff.h"
#include "store/authority_bindings.h"
#include "store/authority_requests.h"

/* newcomer: the key that whoever answers lets in beside theirs; NULL: none. */
MUST_USE error_code_t verified_challenge_make(const domain_t *domain, const stored_request_t *request,
                                              const binding_t *newcomer,
                                              uint8_t ret_challenge[HANDOFF_CHALLENGE_LENGTH]);

#endif

/* What the rp tells a domain unasked, from its durable outbox. Built and read as handoff.h says. */
#ifndef SEKISHO_HANDOFF_EVENTS_H
#define SEKISHO_HANDOFF_EVENTS_H

#include "handoff/handoff.h"

/* session_ended, account_ended, credential_changed: sequenced per domain, at least once. */
typedef struct handoff_ended {
  domain_id_t domain;
  int64_t sequence;
  bytes_t session; /* pairwise sid: the one that ended; of account_ended the one that goes on, or none; of
                      credential_changed the one whose evidence is less than it was */
  bytes_t subject; /* pairwise: of account_ended alone */
  int64_t ended_ms;
} handoff_ended_t;

/* claims_changed: what the claims of the scopes that the domain was told are now. At least once, and the last
 * one counts: each says all. */
typedef struct handoff_claims_changed {
  domain_id_t domain;
  bytes_t subject; /* text: pairwise */
  bytes_t claims;  /* JSON text */
} handoff_claims_changed_t;

bytes_t handoff_ended_build(arena_t *arena, const handoff_ended_t *message);
MUST_USE error_code_t handoff_ended_parse(arena_t *arena, handoff_kind_t kind, bytes_t text,
                                          handoff_ended_t *ret_message);
bytes_t handoff_claims_changed_build(arena_t *arena, const handoff_claims_changed_t *message);
MUST_USE error_code_t handoff_claims_changed_parse(arena_t *arena, bytes_t text,
                                                   handoff_claims_changed_t *ret_message);

#endif

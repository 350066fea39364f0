/* What the rp tells a domain unasked, from its durable outbox. Built and read as handoff.h says. */
#ifndef SEKISHO_HANDOFF_EVENTS_H
#define SEKISHO_HANDOFF_EVENTS_H

#include "handoff/handoff.h"

/* session_ended and credential_changed: sequenced per domain, from the rp's durable outbox, at least once. */
typedef struct handoff_session_ended {
  domain_id_t domain;
  int64_t sequence;
  bytes_t session; /* pairwise sid */
  int64_t ended_ms;
} handoff_session_ended_t;

/* claims_changed: what the claims of the scopes that the domain was told are now. At least once, and the last
 * one counts: each says all. */
typedef struct handoff_claims_changed {
  domain_id_t domain;
  bytes_t subject; /* text: pairwise */
  bytes_t claims;  /* JSON text */
} handoff_claims_changed_t;

bytes_t handoff_session_ended_build(arena_t *arena, const handoff_session_ended_t *message);
MUST_USE error_code_t handoff_session_ended_parse(arena_t *arena, bytes_t text,
                                                  handoff_session_ended_t *ret_message);
bytes_t handoff_claims_changed_build(arena_t *arena, const handoff_claims_changed_t *message);
MUST_USE error_code_t handoff_claims_changed_parse(arena_t *arena, bytes_t text,
                                                   handoff_claims_changed_t *ret_message);

#endif

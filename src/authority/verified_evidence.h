/* Verified evidence: what the domain has challenged and verified itself, with its own copy of the key. The
 * rp's word counts for nothing here but for making less of it.
 *
 * It counts for the one request whose challenge it answers: a touch opens one code, so that whoever holds the
 * rp cannot open further ones with it. */
#ifndef SEKISHO_AUTHORITY_VERIFIED_EVIDENCE_H
#define SEKISHO_AUTHORITY_VERIFIED_EVIDENCE_H

#include "authority/own_page.h"
#include "handoff/handoff.h"
#include "policy/decision.h"
#include "store/authority_bindings.h"
#include "store/authority_requests.h"

typedef struct verified_evidence {
  bool found;
  const handoff_evidence_t *piece; /* what was found, in the session */
  bool tried;                      /* an assertion was given for this request */
  error_code_t refusal;            /* why the last one tried does not count */
  bool is_new;                     /* the binding is yet to be added */
  bool asks_in;      /* the binding is neither there nor may it be added: a bound key is to let it in */
  bool has_newcomer; /* a further binding is to be added, for which this one vouches */
  binding_t binding, newcomer;
  uint32_t sign_count;
  evidence_t fact;
} verified_evidence_t;

/* Where the domain has a page of its own, the touch given there; otherwise the session's first assertion that
 * answers the stored request's challenge, where details are to be approved the first one said to do so. Added
 * to the set beside the rp's own word. The bindings are read, nothing is written. */
MUST_USE error_code_t verified_evidence_find(arena_t *arena, domain_t *domain,
                                             const stored_request_t *request, bool for_approval,
                                             const handoff_session_t *session, const own_page_touch_t *touch,
                                             int64_t now_ms, evidence_set_t *set,
                                             verified_evidence_t *ret_verified);
/* In the transaction that gives the code: binds a new key, counts the use. ERR_UNMET_ACR when it no longer
 * fits. */
MUST_USE error_code_t verified_evidence_record(database_t *database, const verified_evidence_t *verified);

#endif

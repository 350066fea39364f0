/* The domain's judgement of an authorization request: what it asked for, held against the evidence that a
 * session brings. Pure: reads no clock, writes nothing. */
#ifndef SEKISHO_AUTHORITY_JUDGEMENT_H
#define SEKISHO_AUTHORITY_JUDGEMENT_H

#include "authority/authorization_request.h"
#include "handoff/handoff.h"
#include "policy/decision.h"

typedef enum judgement_verdict {
  JUDGEMENT_GRANT,        /* a code may be given */
  JUDGEMENT_AUTHENTICATE, /* bring the person to requirement */
  JUDGEMENT_REFUSE,       /* answer the client with error */
} judgement_verdict_t;

typedef struct judgement {
  judgement_verdict_t verdict;
  error_code_t error;
  requirement_t requirement;
  bool authenticator_refused; /* AUTHENTICATE: what came nearest was given by a model that is not taken */
} judgement_t;

/* The evidence that counts: facts that their own bytes do not contradict, and nothing verified by a domain on
 * the rp's word. *ret_dropped is how many pieces were left out. */
void judgement_evidence(const handoff_session_t *session, evidence_set_t *ret_evidence, size_t *ret_dropped);

/* Whether the person has signed in for this very request already, with whatever authenticator. */
bool judgement_has_tried(const policy_context_t *of_request, const evidence_set_t *evidence);

/* session: somebody is signed in. context.request is zero for a request that is not stored yet.
 *
 * acr_values (OpenID Connect Core §5.5.1.1, RFC 9470 §5): levels are tried in the order given, unknown ones
 * skipped; the first that the evidence holds is taken. When none is held, the first known one is asked for;
 * after a sign-in made for this very request that reached the policy's floor, a voluntary list lets it pass
 * with what was really reached, an essential one refuses. */
judgement_t judgement_decide(const policy_context_t *context, const authorization_request_t *request,
                             bool session, const evidence_set_t *evidence);

#endif

/* Evidence out of a ceremony that was verified: the only places where evidence comes from. */
#ifndef SEKISHO_RP_EVIDENCE_MAKE_H
#define SEKISHO_RP_EVIDENCE_MAKE_H

#include "handoff/handoff.h"
#include "rp/ceremony_terms.h"
#include "webauthn/authentication.h"
#include "webauthn/registration.h"

/* Views of the result, the terms and the credential. */
MUST_USE error_code_t evidence_make_assertion(const ceremony_terms_t *terms,
                                              const rp_credential_t *credential,
                                              const webauthn_authenticated_t *result, int64_t now_ms,
                                              handoff_evidence_t *ret_evidence);
MUST_USE error_code_t evidence_make_registration(const ceremony_terms_t *terms,
                                                 const rp_credential_t *credential,
                                                 const webauthn_registered_t *result, int64_t now_ms,
                                                 handoff_evidence_t *ret_evidence);

#endif

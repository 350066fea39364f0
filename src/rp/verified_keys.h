/* What a domain with `evidence: verified` needs beside the rp's word: the keys of the passkeys that answered
 * its challenge, in a form that needs no CBOR to read. */
#ifndef SEKISHO_RP_VERIFIED_KEYS_H
#define SEKISHO_RP_VERIFIED_KEYS_H

#include "handoff/handoff.h"
#include "rp/continue_handle.h"
#include "rp/rp.h"

/* A copy of session in which the assertions given for this request bring their keys. */
MUST_USE error_code_t verified_keys_attach(const exchange_t *exchange, const uint8_t request[16],
                                           const handoff_session_t *session,
                                           const handoff_session_t **ret_session);

/* What the rp knows of a passkey that was touched on a domain's own page: evidence without an assertion,
 * which the domain has. NULL: it is none of that person. */
MUST_USE error_code_t verified_keys_touched(const exchange_t *exchange, bytes_t user_handle,
                                            const continue_ref_t *request, bytes_t credential_id,
                                            const handoff_evidence_t **ret_touched);

#endif

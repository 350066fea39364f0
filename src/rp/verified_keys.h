/* What a domain with `evidence: verified` needs beside the rp's word: the keys of the passkeys that answered
 * its challenge, in a form that needs no CBOR to read. */
#ifndef SEKISHO_RP_VERIFIED_KEYS_H
#define SEKISHO_RP_VERIFIED_KEYS_H

#include "handoff/handoff.h"
#include "rp/rp.h"

/* A copy of session in which the assertions given for this request bring their keys. */
MUST_USE error_code_t verified_keys_attach(const exchange_t *exchange, const uint8_t request[16],
                                           const handoff_session_t *session,
                                           const handoff_session_t **ret_session);

#endif

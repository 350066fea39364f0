/* The certificates of an x5c as a chain: what must hold before anyone asks where it leads. */
#ifndef SEKISHO_WEBAUTHN_CERTIFICATE_CHAIN_H
#define SEKISHO_WEBAUTHN_CERTIFICATE_CHAIN_H

#include "webauthn/attestation.h"

/* Each certificate is valid at the time and issued by the one behind it, which is a CA's, may have that many
 * below it (RFC 5280 §4.2.1.9) and has a key of bounded cost; none is signed by MD5 or older or comes twice.
 * ERR_ATTESTATION_CERTIFICATE otherwise. */
MUST_USE error_code_t certificate_chain_check(const attestation_chain_t *chain, int64_t time_ms,
                                              error_detail_t *detail);

#endif

/* The certificates of an x5c as a chain: what must hold before anyone asks where it leads. */
#ifndef SEKISHO_WEBAUTHN_CERTIFICATE_CHAIN_H
#define SEKISHO_WEBAUTHN_CERTIFICATE_CHAIN_H

#include "webauthn/certificate.h"

/* Read once: to decode a certificate's key costs OpenSSL more than a signature by it. */
typedef struct certificate_chain {
  X509 *certificates[ATTESTATION_CHAIN_MAX]; /* the attestation certificate first */
  size_t count;
} certificate_chain_t;

/* Sets *ret_chain in any case; free it with certificate_chain_done. ERR_ATTESTATION_CERTIFICATE when one
 * cannot be read or comes twice; encoded has at least one. */
MUST_USE error_code_t certificate_chain_read(const attestation_chain_t *encoded,
                                             certificate_chain_t *ret_chain, error_detail_t *detail);
void certificate_chain_done(certificate_chain_t *chain);

/* Each certificate is valid at the time and issued by the one behind it, which is a CA's, may have that many
 * below it (RFC 5280 §4.2.1.9) and has a key of bounded cost; none is signed by MD5 or older.
 * ERR_ATTESTATION_CERTIFICATE otherwise. */
MUST_USE error_code_t certificate_chain_check(const certificate_chain_t *chain, int64_t time_ms,
                                              error_detail_t *detail);

#endif

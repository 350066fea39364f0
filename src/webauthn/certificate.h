/* Attestation certificates: read strictly, and what WebAuthn L3 §8.2.1 asks of them. */
#ifndef SEKISHO_WEBAUTHN_CERTIFICATE_H
#define SEKISHO_WEBAUTHN_CERTIFICATE_H

#include <openssl/x509.h>

#include "webauthn/attestation.h"

CLEANUP_FUNCTION(x509_drop, X509, X509_free)
void certificates_free(STACK_OF(X509) * certificates); /* and each of them */
CLEANUP_FUNCTION(certificates_drop, STACK_OF(X509), certificates_free)

/* One DER certificate of at most ATTESTATION_CERTIFICATE_MAX_LENGTH bytes and 512 elements, nothing behind
 * it; free it with X509_free. ERR_ATTESTATION_CERTIFICATE otherwise. */
MUST_USE error_code_t certificate_parse(bytes_t der, X509 **ret_certificate, error_detail_t *detail);

typedef struct certificate_extension {
  bool found, critical;
  bytes_t value; /* the DER inside of extnValue; lives as long as the certificate */
} certificate_extension_t;

/* The extension of that dotted OID. ERR_ATTESTATION_CERTIFICATE when it is there twice; not found is no
 * error. */
MUST_USE error_code_t certificate_find_extension(X509 *certificate, const char *oid,
                                                 certificate_extension_t *ret_extension,
                                                 error_detail_t *detail);

/* The signature, by the certificate's key and the COSE algorithm that the statement names. ERR_ALGORITHM for
 * RS1 and algorithms that we do not have, ERR_ATTESTATION when it does not verify; format is for detail. */
MUST_USE error_code_t certificate_verify_signature(const char *format, const X509 *certificate,
                                                   int64_t algorithm, bytes_t message, bytes_t signature,
                                                   error_detail_t *detail);

/* The same, and RS1 too. */
MUST_USE error_code_t certificate_verify_tpm_signature(const char *format, const X509 *certificate,
                                                       int64_t algorithm, bytes_t message, bytes_t signature,
                                                       error_detail_t *detail);

/* What §8.2.1 and §8.3.1 share: version 3, basicConstraints with CA false, and the AAGUID extension, when
 * there is one, not critical and equal to aaguid. */
MUST_USE error_code_t certificate_check_common(X509 *certificate, bytes_t aaguid,
                                               bool allow_missing_basic_constraints, error_detail_t *detail);
/* §8.2.1 and §8.2.2: those, subject C, O, OU and CN, and the form of firmware version and serial number. */
MUST_USE error_code_t certificate_check_packed(X509 *certificate, bytes_t aaguid,
                                               bool allow_missing_basic_constraints, error_detail_t *detail);

#endif

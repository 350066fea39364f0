/* What WebAuthn L3 §8.3.1 asks of the certificate of a TPM's attestation identity key. */
#ifndef SEKISHO_WEBAUTHN_CERTIFICATE_AIK_H
#define SEKISHO_WEBAUTHN_CERTIFICATE_AIK_H

#include "webauthn/certificate.h"

/* Version 3, no subject, a critical subjectAltName with the TPM's manufacturer, model and version, the
 * extended key usage tcg-kp-AIKCertificate, no CA, and the AAGUID extension as §8.3 has it. The manufacturer
 * must be in TCG's vendor registry unless the rules say otherwise. ERR_ATTESTATION_CERTIFICATE otherwise. */
MUST_USE error_code_t certificate_check_aik(X509 *certificate, bytes_t aaguid,
                                            const attestation_rules_t *rules, error_detail_t *detail);

#endif

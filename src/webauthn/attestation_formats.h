/* The verification procedures of WebAuthn L3 §8, one a format. Called through the table in attestation.c
 * only. */
#ifndef SEKISHO_WEBAUTHN_ATTESTATION_FORMATS_H
#define SEKISHO_WEBAUTHN_ATTESTATION_FORMATS_H

#include "webauthn/attestation.h"

/* §8.2: self attestation, or x5c with the requirements of §8.2.1. ECDAA is refused: L2 took it out. */
MUST_USE error_code_t attestation_packed_verify(const attestation_input_t *input,
                                                attestation_finding_t *ret_finding, error_detail_t *detail);
/* §8.6: one certificate of P-256, and the signature of U2F. */
MUST_USE error_code_t attestation_u2f_verify(const attestation_input_t *input,
                                             attestation_finding_t *ret_finding, error_detail_t *detail);
/* §8.3: TPM 2.0; certInfo says that the TPM holds the key of pubArea, and the AIK signed it. */
MUST_USE error_code_t attestation_tpm_verify(const attestation_input_t *input,
                                             attestation_finding_t *ret_finding, error_detail_t *detail);
/* §8.9: statements of other formats, all of which must verify. */
MUST_USE error_code_t attestation_compound_verify(const attestation_input_t *input,
                                                  attestation_finding_t *ret_finding, error_detail_t *detail);
/* §8.5: a JWS of Google's SafetyNet; ERR_ATTESTATION_FORMAT unless the rules allow it. */
MUST_USE error_code_t attestation_safetynet_verify(const attestation_input_t *input,
                                                   attestation_finding_t *ret_finding,
                                                   error_detail_t *detail);
/* §8.8: Apple's anonymous attestation; a nonce in the certificate instead of a signature. */
MUST_USE error_code_t attestation_apple_verify(const attestation_input_t *input,
                                               attestation_finding_t *ret_finding, error_detail_t *detail);
/* §8.4: the certificate is the credential key's own, and Android's keystore describes the key in it. */
MUST_USE error_code_t attestation_android_key_verify(const attestation_input_t *input,
                                                     attestation_finding_t *ret_finding,
                                                     error_detail_t *detail);

#endif

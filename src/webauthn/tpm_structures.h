/* The two TPM 2.0 structures of a tpm attestation (TPM 2.0 Library, Part 2): what is attested and the key it
 * is about. Views; each structure fills its bytes to the last. */
#ifndef SEKISHO_WEBAUTHN_TPM_STRUCTURES_H
#define SEKISHO_WEBAUTHN_TPM_STRUCTURES_H

#include "crypto/digest.h"

/* DIGEST_NONE for a TPM_ALG_ID that is no hash of ours. */
digest_kind_t tpm_digest_kind(uint16_t algorithm);

/* TPMT_PUBLIC (§12.2.4) of an RSA or ECC key. */
typedef struct tpm_public {
  uint16_t name_algorithm; /* TPM_ALG_ID */
  digest_kind_t name_digest;
  bool is_rsa;
  uint16_t key_bits; /* RSA */
  uint32_t exponent; /* RSA; 65537 where the structure says 0 */
  bytes_t modulus;   /* RSA */
  int curve;         /* ECC: COSE_CURVE_… */
  bytes_t x, y;      /* ECC; as wide as the TPM wrote them */
} tpm_public_t;

/* ERR_ATTESTATION for other types, schemes, curves and name algorithms (SHA-1, SHA-256, SHA-384 and SHA-512
 * are taken), and for any other form. */
MUST_USE error_code_t tpm_public_parse(bytes_t bytes, tpm_public_t *ret_public, error_detail_t *detail);

/* TPMS_ATTEST (§10.12.8 in the edition that WebAuthn cites) with a TPMS_CERTIFY_INFO in it; what WebAuthn L3
 * §8.3 ignores is passed over. */
typedef struct tpm_certify {
  bytes_t extra_data;
  bytes_t name; /* of the attested object */
} tpm_certify_t;

/* ERR_ATTESTATION unless magic is TPM_GENERATED_VALUE and type TPM_ST_ATTEST_CERTIFY. */
MUST_USE error_code_t tpm_certify_parse(bytes_t bytes, tpm_certify_t *ret_certify, error_detail_t *detail);

#endif

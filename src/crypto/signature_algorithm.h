/* The signature algorithms by their COSE numbers (IANA COSE Algorithms), and what each asks of key and hash.
 */
#ifndef SEKISHO_CRYPTO_SIGNATURE_ALGORITHM_H
#define SEKISHO_CRYPTO_SIGNATURE_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "crypto/digest.h"

/* JOSE names map to the same values. */
typedef enum signature_algorithm {
  SIGNATURE_ES256 = -7,
  SIGNATURE_EDDSA = -8, /* Ed25519 only: WebAuthn L3 §5.8.5 */
  SIGNATURE_ESP256 = -9,
  SIGNATURE_ED25519 = -19,
  SIGNATURE_ES384 = -35,
  SIGNATURE_ES512 = -36,
  SIGNATURE_PS256 = -37,
  SIGNATURE_PS384 = -38,
  SIGNATURE_PS512 = -39,
  SIGNATURE_ES256K = -47,
  SIGNATURE_ML_DSA_44 = -48,
  SIGNATURE_ML_DSA_65 = -49,
  SIGNATURE_ML_DSA_87 = -50,
  SIGNATURE_ESP384 = -51,
  SIGNATURE_ESP512 = -52,
  SIGNATURE_ED448 = -53,
  SIGNATURE_RS256 = -257,
  SIGNATURE_RS384 = -258,
  SIGNATURE_RS512 = -259,
  SIGNATURE_RS1 = -65535, /* SHA-1: in TPM attestations, and in conformance mode */
} signature_algorithm_t;

typedef enum signature_family {
  SIGNATURE_FAMILY_ECDSA,
  SIGNATURE_FAMILY_EDWARDS,
  SIGNATURE_FAMILY_ML_DSA,
  SIGNATURE_FAMILY_RSA_PKCS1,
  SIGNATURE_FAMILY_RSA_PSS, /* salt as long as the hash: RFC 8230 §2 */
} signature_family_t;

/* COSE's elliptic curves (RFC 9053 §7.1, RFC 8812 §3.1). */
enum {
  COSE_CURVE_NONE = 0,
  COSE_CURVE_P256 = 1,
  COSE_CURVE_P384 = 2,
  COSE_CURVE_P521 = 3,
  COSE_CURVE_ED25519 = 6,
  COSE_CURVE_ED448 = 7,
  COSE_CURVE_SECP256K1 = 8,
};

typedef struct signature_info {
  signature_algorithm_t algorithm;
  const char *name;
  signature_family_t family;
  const char *key_type; /* OpenSSL's: the group of ECDSA, otherwise the key's type */
  int curve;            /* COSE_CURVE_… */
  size_t width;         /* bytes of a coordinate (ECDSA) or of the whole key (Edwards, ML-DSA); 0: RSA */
  digest_kind_t digest; /* DIGEST_NONE: the algorithm hashes inside */
} signature_info_t;

/* NULL for numbers that we do not know. */
const signature_info_t *signature_info(int64_t algorithm);
/* By name, as configurations give it: ERR_ALGORITHM for names that are unknown, or that the linked OpenSSL
 * does not have; detail says which. */
MUST_USE error_code_t signature_find(const char *name, const signature_info_t **ret_info,
                                     error_detail_t *detail);
/* False where the linked OpenSSL does not have it: ML-DSA before 3.5. */
bool signature_is_available(const signature_info_t *info);

#endif

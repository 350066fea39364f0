#include "crypto/signature_algorithm.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#define ECDSA(number, name, group, curve, width, digest)                                                     \
  {                                                                                                          \
    number, name, SIGNATURE_FAMILY_ECDSA, group, curve, width, digest                                        \
  }
#define RSA(number, name, family, digest)                                                                    \
  {                                                                                                          \
    number, name, SIGNATURE_FAMILY_RSA_##family, "RSA", COSE_CURVE_NONE, 0, digest                           \
  }
#define RAW(number, name, family, type, curve, width)                                                        \
  {                                                                                                          \
    number, name, SIGNATURE_FAMILY_##family, type, curve, width, DIGEST_NONE                                 \
  }

/* The most common first. */
static const signature_info_t TABLE[] = {
    ECDSA(SIGNATURE_ES256, "ES256", "prime256v1", COSE_CURVE_P256, 32, DIGEST_SHA256),
    RAW(SIGNATURE_EDDSA, "EdDSA", EDWARDS, "ED25519", COSE_CURVE_ED25519, 32),
    RSA(SIGNATURE_RS256, "RS256", PKCS1, DIGEST_SHA256),
    ECDSA(SIGNATURE_ES384, "ES384", "secp384r1", COSE_CURVE_P384, 48, DIGEST_SHA384),
    ECDSA(SIGNATURE_ES512, "ES512", "secp521r1", COSE_CURVE_P521, 66, DIGEST_SHA512),
    ECDSA(SIGNATURE_ES256K, "ES256K", "secp256k1", COSE_CURVE_SECP256K1, 32, DIGEST_SHA256),
    ECDSA(SIGNATURE_ESP256, "ESP256", "prime256v1", COSE_CURVE_P256, 32, DIGEST_SHA256),
    ECDSA(SIGNATURE_ESP384, "ESP384", "secp384r1", COSE_CURVE_P384, 48, DIGEST_SHA384),
    ECDSA(SIGNATURE_ESP512, "ESP512", "secp521r1", COSE_CURVE_P521, 66, DIGEST_SHA512),
    RAW(SIGNATURE_ED25519, "Ed25519", EDWARDS, "ED25519", COSE_CURVE_ED25519, 32),
    RAW(SIGNATURE_ED448, "Ed448", EDWARDS, "ED448", COSE_CURVE_ED448, 57),
    RSA(SIGNATURE_RS384, "RS384", PKCS1, DIGEST_SHA384),
    RSA(SIGNATURE_RS512, "RS512", PKCS1, DIGEST_SHA512),
    RSA(SIGNATURE_PS256, "PS256", PSS, DIGEST_SHA256),
    RSA(SIGNATURE_PS384, "PS384", PSS, DIGEST_SHA384),
    RSA(SIGNATURE_PS512, "PS512", PSS, DIGEST_SHA512),
    RSA(SIGNATURE_RS1, "RS1", PKCS1, DIGEST_SHA1),
    RAW(SIGNATURE_ML_DSA_44, "ML-DSA-44", ML_DSA, "ML-DSA-44", COSE_CURVE_NONE, 1312),
    RAW(SIGNATURE_ML_DSA_65, "ML-DSA-65", ML_DSA, "ML-DSA-65", COSE_CURVE_NONE, 1952),
    RAW(SIGNATURE_ML_DSA_87, "ML-DSA-87", ML_DSA, "ML-DSA-87", COSE_CURVE_NONE, 2592),
};

const signature_info_t *signature_info(int64_t algorithm)
{
  for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
    if (TABLE[i].algorithm == algorithm)
      return &TABLE[i];
  return NULL;
}

bool signature_is_available(const signature_info_t *info)
{
  if (info->family != SIGNATURE_FAMILY_ML_DSA)
    return true;
  EVP_SIGNATURE *fetched = EVP_SIGNATURE_fetch(NULL, info->name, NULL);
  EVP_SIGNATURE_free(fetched);
  ERR_clear_error();
  return fetched != NULL;
}

error_code_t signature_find(const char *name, const signature_info_t **ret_info, error_detail_t *detail)
{
  for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
    if (strcmp(TABLE[i].name, name) != 0)
      continue;
    if (!signature_is_available(&TABLE[i]))
      return error_because(detail, ERR_ALGORITHM, "%s is not in the linked %s", name,
                           OpenSSL_version(OPENSSL_VERSION));
    *ret_info = &TABLE[i];
    return ERR_NONE;
  }
  return error_because(detail, ERR_ALGORITHM, "%.32s is no algorithm that is known here", name);
}

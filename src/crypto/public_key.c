#include "crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/algorithms.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/ed25519_point.h"

#define RSA_BITS_LEAST 2048
#define RSA_BITS_MOST 8192
#define RSA_EXPONENT_BYTES_MOST 4
#define POINT_UNCOMPRESSED 0x04 /* SEC 1 §2.3.3 */

struct public_key {
  EVP_PKEY *evp;
  signature_algorithm_t algorithm;
};

CLEANUP_FUNCTION(evp_drop, EVP_PKEY, EVP_PKEY_free)
CLEANUP_FUNCTION(pkey_ctx_drop, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
CLEANUP_FUNCTION(md_ctx_drop, EVP_MD_CTX, EVP_MD_CTX_free)
CLEANUP_FUNCTION(bn_drop, BIGNUM, BN_free)
CLEANUP_FUNCTION(param_bld_drop, OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
CLEANUP_FUNCTION(params_drop, OSSL_PARAM, OSSL_PARAM_free)

void public_key_free(public_key_t *key)
{
  if (key == NULL)
    return;
  EVP_PKEY_free(key->evp);
  free(key);
}

signature_algorithm_t public_key_algorithm(const public_key_t *key)
{
  return key->algorithm;
}

EVP_PKEY *public_key_evp(const public_key_t *key)
{
  return key->evp;
}

bool public_key_equals(const public_key_t *key, const EVP_PKEY *evp)
{
  bool equal = evp != NULL && EVP_PKEY_eq(key->evp, evp) == 1;
  ERR_clear_error();
  return equal;
}

bytes_t public_key_point(const public_key_t *key, uint8_t *memory, size_t capacity)
{
  size_t len = 0;
  if (ecdsa_width(key->algorithm) == 0 ||
      EVP_PKEY_get_octet_string_param(key->evp, OSSL_PKEY_PARAM_PUB_KEY, memory, capacity, &len) != 1 ||
      len != 1 + 2 * ecdsa_width(key->algorithm) || memory[0] != POINT_UNCOMPRESSED) {
    ERR_clear_error();
    return BYTES_NONE;
  }
  return bytes_of(memory, len);
}

/* Takes over *evp on success. */
static error_code_t adopt(signature_algorithm_t algorithm, EVP_PKEY **evp, public_key_t **ret_key)
{
  public_key_t *key = malloc(sizeof *key);
  if (key == NULL)
    return ERR_NO_MEMORY;
  *key = (public_key_t){*evp, algorithm};
  *evp = NULL;
  *ret_key = key;
  return ERR_NONE;
}

/* OpenSSL's error queue is per thread: what is left there must not confuse whoever reads it next. */
static error_code_t refuse(error_code_t code)
{
  ERR_clear_error();
  return code;
}

error_code_t public_key_from_point(signature_algorithm_t algorithm, bytes_t point, public_key_t **ret_key)
{
  const algorithms_t *algorithms = algorithms_held();
  size_t width = ecdsa_width(algorithm);
  if (width == 0)
    return ERR_ALGORITHM;
  if (algorithms == NULL)
    return ERR_INTERNAL;
  /* OpenSSL checks that the point is on the curve, but also takes infinity, compressed and hybrid forms. */
  if (point.len != 1 + 2 * width || point.data[0] != POINT_UNCOMPRESSED)
    return ERR_KEY;
  CLEANUP(evp_drop) EVP_PKEY *evp = EVP_PKEY_new();
  const EVP_PKEY *curve = algorithm == SIGNATURE_ES256 ? algorithms->p256 : algorithms->p384;
  if (evp == NULL || EVP_PKEY_copy_parameters(evp, curve) != 1)
    return refuse(ERR_INTERNAL);
  if (EVP_PKEY_set1_encoded_public_key(evp, point.data, point.len) != 1)
    return refuse(ERR_KEY);
  return adopt(algorithm, &evp, ret_key);
}

error_code_t public_key_from_ed25519(bytes_t raw, public_key_t **ret_key)
{
  error_code_t code = ed25519_point_check(raw);
  if (code != ERR_NONE)
    return refuse(code);
  CLEANUP(evp_drop) EVP_PKEY *evp = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw.data, raw.len);
  if (evp == NULL)
    return refuse(ERR_KEY);
  return adopt(SIGNATURE_EDDSA, &evp, ret_key);
}

static EVP_PKEY *rsa_from_numbers(bytes_t n, bytes_t e)
{
  CLEANUP(bn_drop) BIGNUM *modulus = BN_bin2bn(n.data, (int)n.len, NULL);
  CLEANUP(bn_drop) BIGNUM *exponent = BN_bin2bn(e.data, (int)e.len, NULL);
  CLEANUP(param_bld_drop) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  if (modulus == NULL || exponent == NULL || builder == NULL ||
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
    return NULL;
  CLEANUP(params_drop) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
  CLEANUP(pkey_ctx_drop) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  EVP_PKEY *evp = NULL;
  if (parameters == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
      EVP_PKEY_fromdata(ctx, &evp, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    return NULL;
  return evp;
}

static size_t bit_length(bytes_t number)
{
  size_t bits = number.len * 8;
  for (uint8_t top = number.data[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
    bits--;
  return bits;
}

/* Both numbers odd and without leading zeros (RFC 8230 §4, RFC 7518 §6.3.1). */
static bool rsa_numbers_are_sane(bytes_t n, bytes_t e)
{
  if (n.len == 0 || n.len > RSA_BITS_MOST / 8 || n.data[0] == 0 || (n.data[n.len - 1] & 1) == 0)
    return false;
  if (e.len == 0 || e.len > RSA_EXPONENT_BYTES_MOST || e.data[0] == 0 || (e.data[e.len - 1] & 1) == 0)
    return false;
  return bit_length(n) >= RSA_BITS_LEAST && !(e.len == 1 && e.data[0] == 1);
}

error_code_t public_key_from_rsa(signature_algorithm_t algorithm, bytes_t n, bytes_t e,
                                 public_key_t **ret_key)
{
  if (algorithm != SIGNATURE_RS256)
    return ERR_ALGORITHM;
  if (!rsa_numbers_are_sane(n, e))
    return ERR_KEY;
  CLEANUP(evp_drop) EVP_PKEY *evp = rsa_from_numbers(n, e);
  if (evp == NULL)
    return refuse(ERR_KEY);
  return adopt(algorithm, &evp, ret_key);
}

/* A named curve, not one that spells out the same or nearly the same parameters (CVE-2020-0601). */
static bool evp_is_on(const EVP_PKEY *evp, const char *group)
{
  char name[32];
  int explicit_parameters = 0;
  EVP_PKEY_get_int_param(evp, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_parameters);
  return EVP_PKEY_is_a(evp, "EC") == 1 && explicit_parameters == 0 &&
         EVP_PKEY_get_group_name(evp, name, sizeof name, NULL) == 1 && strcmp(name, group) == 0;
}

/* The number as big-endian bytes in memory of capacity bytes; BYTES_NONE when it has more. */
static bytes_t number_of(const EVP_PKEY *evp, const char *name, uint8_t *memory, size_t capacity)
{
  BIGNUM *fetched = NULL;
  if (EVP_PKEY_get_bn_param(evp, name, &fetched) != 1)
    return BYTES_NONE;
  CLEANUP(bn_drop) BIGNUM *number = fetched;
  if ((size_t)BN_num_bytes(number) > capacity)
    return BYTES_NONE;
  return bytes_of(memory, (size_t)BN_bn2bin(number, memory));
}

static bool evp_is_sane_rsa(const EVP_PKEY *evp)
{
  uint8_t n[RSA_BITS_MOST / 8];
  uint8_t e[RSA_EXPONENT_BYTES_MOST];
  return EVP_PKEY_is_a(evp, "RSA") == 1 &&
         rsa_numbers_are_sane(number_of(evp, OSSL_PKEY_PARAM_RSA_N, n, sizeof n),
                              number_of(evp, OSSL_PKEY_PARAM_RSA_E, e, sizeof e));
}

static bool evp_is_sane_ed25519(const EVP_PKEY *evp)
{
  uint8_t raw[ED25519_KEY_LENGTH];
  size_t len = sizeof raw;
  return EVP_PKEY_is_a(evp, "ED25519") == 1 && EVP_PKEY_get_raw_public_key(evp, raw, &len) == 1 &&
         ed25519_point_check(bytes_of(raw, len)) == ERR_NONE;
}

static bool evp_fits(signature_algorithm_t algorithm, const EVP_PKEY *evp)
{
  switch (algorithm) {
  case SIGNATURE_ES256:
    return evp_is_on(evp, "prime256v1");
  case SIGNATURE_ES384:
    return evp_is_on(evp, "secp384r1");
  case SIGNATURE_EDDSA:
    return evp_is_sane_ed25519(evp);
  case SIGNATURE_RS256:
    return evp_is_sane_rsa(evp);
  }
  return false;
}

error_code_t public_key_from_evp(signature_algorithm_t algorithm, EVP_PKEY *evp, public_key_t **ret_key)
{
  if (evp == NULL || !evp_fits(algorithm, evp))
    return refuse(ERR_KEY);
  CLEANUP(evp_drop) EVP_PKEY *own = EVP_PKEY_up_ref(evp) == 1 ? evp : NULL;
  if (own == NULL)
    return refuse(ERR_INTERNAL);
  return adopt(algorithm, &own, ret_key);
}

/* Only the exact success code counts: OpenSSL says 0 for "does not verify" and less for "could not tell". */
static error_code_t verdict(int openssl_result)
{
  return openssl_result == 1 ? ERR_NONE : refuse(ERR_SIGNATURE);
}

/* Hash and EVP_PKEY_verify apart: 4 µs less than EVP_DigestVerify, which fetches both algorithms by name. */
static error_code_t verify_ecdsa(const public_key_t *key, bytes_t message, bytes_t der)
{
  const algorithms_t *algorithms = algorithms_held();
  if (algorithms == NULL)
    return ERR_INTERNAL;
  const EVP_MD *md = key->algorithm == SIGNATURE_ES256 ? algorithms->sha256 : algorithms->sha384;
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned hash_len;
  CLEANUP(pkey_ctx_drop) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->evp, NULL);
  if (ctx == NULL || EVP_Digest(message.data, message.len, hash, &hash_len, md, NULL) != 1 ||
      EVP_PKEY_verify_init(ctx) != 1)
    return refuse(ERR_INTERNAL);
  return verdict(EVP_PKEY_verify(ctx, der.data, der.len, hash, hash_len));
}

static error_code_t verify_message(const public_key_t *key, bytes_t message, bytes_t signature)
{
  const algorithms_t *algorithms = algorithms_held();
  if (algorithms == NULL)
    return ERR_INTERNAL;
  /* EdDSA hashes inside. RSA keys use PKCS #1 v1.5 unless told otherwise, which is what RS256 means. */
  const EVP_MD *md = key->algorithm == SIGNATURE_RS256 ? algorithms->sha256 : NULL;
  CLEANUP(md_ctx_drop) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  if (ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, md, NULL, key->evp) != 1)
    return refuse(ERR_INTERNAL);
  return verdict(EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len));
}

error_code_t public_key_verify(const public_key_t *key, bytes_t message, bytes_t signature)
{
  if (ecdsa_width(key->algorithm) == 0)
    return verify_message(key, message, signature);
  error_code_t code = ecdsa_signature_check_der(key->algorithm, signature);
  return code != ERR_NONE ? code : verify_ecdsa(key, message, signature);
}

error_code_t public_key_verify_jose(const public_key_t *key, bytes_t message, bytes_t signature)
{
  if (ecdsa_width(key->algorithm) == 0)
    return verify_message(key, message, signature);
  uint8_t der[ECDSA_DER_MAX];
  size_t len;
  error_code_t code = ecdsa_signature_to_der(key->algorithm, signature, der, &len);
  return code != ERR_NONE ? code : verify_ecdsa(key, message, bytes_of(der, len));
}

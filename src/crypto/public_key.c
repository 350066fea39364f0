#include "crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/algorithms.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/ed25519_point.h"
#include "crypto/ed448_point.h"

#define RSA_BITS_LEAST 2048
#define RSA_BITS_MOST 8192
#define RSA_EXPONENT_BYTES_MOST 4
#define EC_BITS_MOST 521
#define RAW_LENGTH_MOST 2592    /* ML-DSA-87 */
#define POINT_UNCOMPRESSED 0x04 /* SEC 1 §2.3.3 */

struct public_key {
  EVP_PKEY *evp;
  const signature_info_t *info;
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
  return key->info->algorithm;
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
  if (key->info->family != SIGNATURE_FAMILY_ECDSA ||
      EVP_PKEY_get_octet_string_param(key->evp, OSSL_PKEY_PARAM_PUB_KEY, memory, capacity, &len) != 1 ||
      len != 1 + 2 * key->info->width || memory[0] != POINT_UNCOMPRESSED) {
    ERR_clear_error();
    return BYTES_NONE;
  }
  return bytes_of(memory, len);
}

/* Takes over *evp on success. */
static error_code_t adopt(const signature_info_t *info, EVP_PKEY **evp, public_key_t **ret_key)
{
  public_key_t *key = malloc(sizeof *key);
  if (key == NULL)
    return ERR_NO_MEMORY;
  *key = (public_key_t){*evp, info};
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

static const EVP_PKEY *curve_template(const algorithms_t *algorithms, int curve)
{
  switch (curve) {
  case COSE_CURVE_P256:
    return algorithms->p256;
  case COSE_CURVE_P384:
    return algorithms->p384;
  case COSE_CURVE_P521:
    return algorithms->p521;
  default:
    return algorithms->secp256k1;
  }
}

error_code_t public_key_from_point(signature_algorithm_t algorithm, bytes_t point, public_key_t **ret_key)
{
  const algorithms_t *algorithms = algorithms_held();
  const signature_info_t *info = signature_info(algorithm);
  if (info == NULL || info->family != SIGNATURE_FAMILY_ECDSA)
    return ERR_ALGORITHM;
  if (algorithms == NULL)
    return ERR_INTERNAL;
  /* OpenSSL checks that the point is on the curve, but also takes infinity, compressed and hybrid forms. */
  if (point.len != 1 + 2 * info->width || point.data[0] != POINT_UNCOMPRESSED)
    return ERR_KEY;
  const EVP_PKEY *curve = curve_template(algorithms, info->curve);
  if (curve == NULL)
    return ERR_ALGORITHM;
  CLEANUP(evp_drop) EVP_PKEY *evp = EVP_PKEY_new();
  if (evp == NULL || EVP_PKEY_copy_parameters(evp, curve) != 1)
    return refuse(ERR_INTERNAL);
  if (EVP_PKEY_set1_encoded_public_key(evp, point.data, point.len) != 1)
    return refuse(ERR_KEY);
  return adopt(info, &evp, ret_key);
}

/* What OpenSSL leaves until it verifies. */
static error_code_t raw_check(const signature_info_t *info, bytes_t raw)
{
  if (raw.len != info->width)
    return ERR_KEY;
  if (info->curve == COSE_CURVE_ED25519)
    return ed25519_point_check(raw);
  return info->curve == COSE_CURVE_ED448 ? ed448_point_check(raw) : ERR_NONE;
}

error_code_t public_key_from_raw(signature_algorithm_t algorithm, bytes_t raw, public_key_t **ret_key)
{
  const signature_info_t *info = signature_info(algorithm);
  bool is_raw =
      info != NULL && (info->family == SIGNATURE_FAMILY_EDWARDS || info->family == SIGNATURE_FAMILY_ML_DSA);
  if (!is_raw || !signature_is_available(info))
    return ERR_ALGORITHM;
  error_code_t code = raw_check(info, raw);
  if (code != ERR_NONE)
    return refuse(code);
  CLEANUP(evp_drop)
  EVP_PKEY *evp = EVP_PKEY_new_raw_public_key_ex(NULL, info->key_type, NULL, raw.data, raw.len);
  if (evp == NULL)
    return refuse(ERR_KEY);
  return adopt(info, &evp, ret_key);
}

static bool is_rsa(const signature_info_t *info)
{
  return info->family == SIGNATURE_FAMILY_RSA_PKCS1 || info->family == SIGNATURE_FAMILY_RSA_PSS;
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
  const signature_info_t *info = signature_info(algorithm);
  if (info == NULL || !is_rsa(info))
    return ERR_ALGORITHM;
  if (!rsa_numbers_are_sane(n, e))
    return ERR_KEY;
  CLEANUP(evp_drop) EVP_PKEY *evp = rsa_from_numbers(n, e);
  if (evp == NULL)
    return refuse(ERR_KEY);
  return adopt(info, &evp, ret_key);
}

/* A named curve, not one that spells out the same or nearly the same parameters (CVE-2020-0601). */
static bool evp_names_curve(const EVP_PKEY *evp)
{
  int explicit_parameters = 0;
  EVP_PKEY_get_int_param(evp, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_parameters);
  return EVP_PKEY_is_a(evp, "EC") == 1 && explicit_parameters == 0;
}

static bool evp_is_on(const EVP_PKEY *evp, const char *group)
{
  char name[32];
  return evp_names_curve(evp) && EVP_PKEY_get_group_name(evp, name, sizeof name, NULL) == 1 &&
         strcmp(name, group) == 0;
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

/* A certificate may say that its key is for PSS only (RFC 4055 §1.2); OpenSSL holds it to the hash and salt
 * that it names. */
static bool evp_is_sane_rsa(const signature_info_t *info, const EVP_PKEY *evp)
{
  uint8_t n[RSA_BITS_MOST / 8];
  uint8_t e[RSA_EXPONENT_BYTES_MOST];
  bool is_pss_only = info->family == SIGNATURE_FAMILY_RSA_PSS && EVP_PKEY_is_a(evp, "RSA-PSS") == 1;
  return (is_pss_only || EVP_PKEY_is_a(evp, "RSA") == 1) &&
         rsa_numbers_are_sane(number_of(evp, OSSL_PKEY_PARAM_RSA_N, n, sizeof n),
                              number_of(evp, OSSL_PKEY_PARAM_RSA_E, e, sizeof e));
}

bool public_key_is_affordable(const EVP_PKEY *evp)
{
  static const char *const RAW_TYPES[] = {"ED25519", "ED448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
  bool affordable = false;
  for (size_t i = 0; evp != NULL && i < sizeof RAW_TYPES / sizeof *RAW_TYPES; i++)
    affordable |= EVP_PKEY_is_a(evp, RAW_TYPES[i]) == 1;
  if (evp != NULL && (EVP_PKEY_is_a(evp, "RSA") == 1 || EVP_PKEY_is_a(evp, "RSA-PSS") == 1)) {
    uint8_t e[RSA_EXPONENT_BYTES_MOST];
    affordable =
        EVP_PKEY_get_bits(evp) <= RSA_BITS_MOST && number_of(evp, OSSL_PKEY_PARAM_RSA_E, e, sizeof e).len > 0;
  } else if (evp != NULL && evp_names_curve(evp)) {
    affordable = EVP_PKEY_get_bits(evp) <= EC_BITS_MOST;
  }
  ERR_clear_error();
  return affordable;
}

static bool evp_is_sane_raw(const signature_info_t *info, const EVP_PKEY *evp)
{
  uint8_t raw[RAW_LENGTH_MOST];
  size_t len = sizeof raw;
  return EVP_PKEY_is_a(evp, info->key_type) == 1 && EVP_PKEY_get_raw_public_key(evp, raw, &len) == 1 &&
         raw_check(info, bytes_of(raw, len)) == ERR_NONE;
}

static bool evp_fits(const signature_info_t *info, const EVP_PKEY *evp)
{
  switch (info->family) {
  case SIGNATURE_FAMILY_ECDSA:
    return evp_is_on(evp, info->key_type);
  case SIGNATURE_FAMILY_EDWARDS:
  case SIGNATURE_FAMILY_ML_DSA:
    return evp_is_sane_raw(info, evp);
  case SIGNATURE_FAMILY_RSA_PKCS1:
  case SIGNATURE_FAMILY_RSA_PSS:
    return evp_is_sane_rsa(info, evp);
  }
  return false;
}

error_code_t public_key_from_evp(signature_algorithm_t algorithm, EVP_PKEY *evp, public_key_t **ret_key)
{
  const signature_info_t *info = signature_info(algorithm);
  if (evp == NULL || info == NULL || !evp_fits(info, evp))
    return refuse(ERR_KEY);
  CLEANUP(evp_drop) EVP_PKEY *own = EVP_PKEY_up_ref(evp) == 1 ? evp : NULL;
  if (own == NULL)
    return refuse(ERR_INTERNAL);
  return adopt(info, &own, ret_key);
}

/* Only the exact success code counts: OpenSSL says 0 for "does not verify" and less for "could not tell". */
static error_code_t verdict(int openssl_result)
{
  return openssl_result == 1 ? ERR_NONE : refuse(ERR_SIGNATURE);
}

/* Hash and EVP_PKEY_verify apart: 4 µs less than EVP_DigestVerify, which fetches both algorithms by name. */
static error_code_t verify_ecdsa(const public_key_t *key, bytes_t message, bytes_t der)
{
  const EVP_MD *md = digest_md(key->info->digest);
  if (md == NULL)
    return ERR_INTERNAL;
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned hash_len;
  CLEANUP(pkey_ctx_drop) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->evp, NULL);
  if (ctx == NULL || EVP_Digest(message.data, message.len, hash, &hash_len, md, NULL) != 1 ||
      EVP_PKEY_verify_init(ctx) != 1)
    return refuse(ERR_INTERNAL);
  return verdict(EVP_PKEY_verify(ctx, der.data, der.len, hash, hash_len));
}

/* RFC 8230 §2: the salt has the hash's length, and MGF1 the same hash (OpenSSL's default). RSA keys use PKCS
 * #1 v1.5 unless told otherwise. */
static bool set_padding(const signature_info_t *info, EVP_PKEY_CTX *ctx)
{
  return info->family != SIGNATURE_FAMILY_RSA_PSS ||
         (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static error_code_t verify_message(const public_key_t *key, bytes_t message, bytes_t signature)
{
  const EVP_MD *md = digest_md(key->info->digest);
  if (md == NULL && key->info->digest != DIGEST_NONE)
    return ERR_INTERNAL;
  EVP_PKEY_CTX *key_ctx = NULL; /* of ctx */
  CLEANUP(md_ctx_drop) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  if (ctx == NULL || EVP_DigestVerifyInit(ctx, &key_ctx, md, NULL, key->evp) != 1 ||
      !set_padding(key->info, key_ctx))
    return refuse(ERR_INTERNAL);
  return verdict(EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len));
}

error_code_t public_key_verify(const public_key_t *key, bytes_t message, bytes_t signature)
{
  if (key->info->family != SIGNATURE_FAMILY_ECDSA)
    return verify_message(key, message, signature);
  error_code_t code = ecdsa_signature_check_der(key->info->algorithm, signature);
  return code != ERR_NONE ? code : verify_ecdsa(key, message, signature);
}

error_code_t public_key_verify_jose(const public_key_t *key, bytes_t message, bytes_t signature)
{
  if (key->info->family != SIGNATURE_FAMILY_ECDSA)
    return verify_message(key, message, signature);
  uint8_t der[ECDSA_DER_MAX];
  size_t len;
  error_code_t code = ecdsa_signature_to_der(key->info->algorithm, signature, der, &len);
  return code != ERR_NONE ? code : verify_ecdsa(key, message, bytes_of(der, len));
}

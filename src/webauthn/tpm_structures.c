#include "webauthn/tpm_structures.h"

#include "crypto/signature_algorithm.h"

/* TPM_ALG_ID (Part 2 §6.3) */
enum {
  TPM_ALG_RSA = 0x0001,
  TPM_ALG_SHA1 = 0x0004,
  TPM_ALG_SHA256 = 0x000b,
  TPM_ALG_SHA384 = 0x000c,
  TPM_ALG_SHA512 = 0x000d,
  TPM_ALG_NULL = 0x0010,
  TPM_ALG_RSASSA = 0x0014,
  TPM_ALG_RSAES = 0x0015,
  TPM_ALG_RSAPSS = 0x0016,
  TPM_ALG_OAEP = 0x0017,
  TPM_ALG_ECDSA = 0x0018,
  TPM_ALG_ECDH = 0x0019,
  TPM_ALG_ECDAA = 0x001a,
  TPM_ALG_SM2 = 0x001b,
  TPM_ALG_ECSCHNORR = 0x001c,
  TPM_ALG_ECMQV = 0x001d,
  TPM_ALG_ECC = 0x0023,
};
/* TPM_ECC_CURVE (Part 2 §6.4) */
enum { TPM_ECC_NIST_P256 = 0x0003, TPM_ECC_NIST_P384 = 0x0004, TPM_ECC_NIST_P521 = 0x0005 };

#define TPM_GENERATED_VALUE UINT32_C(0xff544347)
#define TPM_ST_ATTEST_CERTIFY 0x8017
#define CLOCK_INFO_LENGTH 17 /* clock, resetCount, restartCount, safe */
#define FIRMWARE_VERSION_LENGTH 8
#define EXPONENT_DEFAULT 65537 /* Part 2 §12.2.3.5: what zero means */

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "tpm: %s", why);
}

/* TPM2B_…: a length and that many bytes. */
static bytes_t take_sized(reader_t *reader)
{
  return reader_take(reader, reader_u16be(reader));
}

static void fail(reader_t *reader)
{
  reader_take(reader, SIZE_MAX);
}

digest_kind_t tpm_digest_kind(uint16_t algorithm)
{
  switch (algorithm) {
  case TPM_ALG_SHA1:
    return DIGEST_SHA1;
  case TPM_ALG_SHA256:
    return DIGEST_SHA256;
  case TPM_ALG_SHA384:
    return DIGEST_SHA384;
  case TPM_ALG_SHA512:
    return DIGEST_SHA512;
  default:
    return DIGEST_NONE;
  }
}

static int curve_of(uint16_t curve)
{
  switch (curve) {
  case TPM_ECC_NIST_P256:
    return COSE_CURVE_P256;
  case TPM_ECC_NIST_P384:
    return COSE_CURVE_P384;
  case TPM_ECC_NIST_P521:
    return COSE_CURVE_P521;
  default:
    return COSE_CURVE_NONE;
  }
}

/* TPMT_SYM_DEF_OBJECT: nothing behind TPM_ALG_NULL, otherwise bits and mode. */
static void skip_symmetric(reader_t *reader)
{
  if (reader_u16be(reader) != TPM_ALG_NULL)
    reader_take(reader, 4);
}

/* TPMT_RSA_SCHEME, TPMT_ECC_SCHEME and TPMT_KDF_SCHEME: what follows hangs on the scheme. */
static void skip_scheme(reader_t *reader)
{
  switch (reader_u16be(reader)) {
  case TPM_ALG_NULL:
  case TPM_ALG_RSAES:
    return;
  case TPM_ALG_ECDAA: /* hash and count */
    reader_take(reader, 4);
    return;
  case TPM_ALG_RSASSA:
  case TPM_ALG_RSAPSS:
  case TPM_ALG_OAEP:
  case TPM_ALG_ECDSA:
  case TPM_ALG_ECDH:
  case TPM_ALG_SM2:
  case TPM_ALG_ECSCHNORR:
  case TPM_ALG_ECMQV:
    if (tpm_digest_kind(reader_u16be(reader)) == DIGEST_NONE)
      fail(reader);
    return;
  default:
    fail(reader);
  }
}

/* A key that signs derives nothing: the key derivation is TPM_ALG_NULL, or names its hash. */
static void skip_key_derivation(reader_t *reader)
{
  if (reader_u16be(reader) != TPM_ALG_NULL)
    reader_take(reader, 2);
}

static void read_rsa(reader_t *reader, tpm_public_t *key)
{
  skip_symmetric(reader);
  skip_scheme(reader);
  key->key_bits = reader_u16be(reader);
  key->exponent = reader_u32be(reader);
  if (key->exponent == 0)
    key->exponent = EXPONENT_DEFAULT;
  key->modulus = take_sized(reader);
}

static void read_ecc(reader_t *reader, tpm_public_t *key)
{
  skip_symmetric(reader);
  skip_scheme(reader);
  key->curve = curve_of(reader_u16be(reader));
  skip_key_derivation(reader);
  key->x = take_sized(reader);
  key->y = take_sized(reader);
}

error_code_t tpm_public_parse(bytes_t bytes, tpm_public_t *ret_public, error_detail_t *detail)
{
  tpm_public_t key = {0};
  reader_t reader = reader_over(bytes);
  uint16_t type = reader_u16be(&reader);
  key.name_algorithm = reader_u16be(&reader);
  key.name_digest = tpm_digest_kind(key.name_algorithm);
  reader_u32be(&reader); /* objectAttributes */
  take_sized(&reader);   /* authPolicy */
  key.is_rsa = type == TPM_ALG_RSA;
  if (!key.is_rsa && type != TPM_ALG_ECC)
    return refuse(detail, "pubArea is of no RSA and no ECC key");
  if (key.is_rsa)
    read_rsa(&reader, &key);
  else
    read_ecc(&reader, &key);
  if (!reader_done(&reader))
    return refuse(detail, "pubArea is no TPMT_PUBLIC, or not to its last byte");
  if (key.name_digest == DIGEST_NONE)
    return refuse(detail, "pubArea's nameAlg is no hash that we know");
  if (!key.is_rsa && key.curve == COSE_CURVE_NONE)
    return refuse(detail, "pubArea's curve is none that we know");
  *ret_public = key;
  return ERR_NONE;
}

error_code_t tpm_certify_parse(bytes_t bytes, tpm_certify_t *ret_certify, error_detail_t *detail)
{
  tpm_certify_t certify;
  reader_t reader = reader_over(bytes);
  uint32_t magic = reader_u32be(&reader);
  uint16_t type = reader_u16be(&reader);
  if (magic != TPM_GENERATED_VALUE)
    return refuse(detail, "certInfo's magic is not TPM_GENERATED_VALUE");
  if (type != TPM_ST_ATTEST_CERTIFY)
    return refuse(detail, "certInfo's type is not TPM_ST_ATTEST_CERTIFY");
  take_sized(&reader); /* qualifiedSigner */
  certify.extra_data = take_sized(&reader);
  reader_take(&reader, CLOCK_INFO_LENGTH + FIRMWARE_VERSION_LENGTH);
  certify.name = take_sized(&reader);
  take_sized(&reader); /* qualifiedName */
  if (!reader_done(&reader))
    return refuse(detail, "certInfo is no TPMS_ATTEST, or not to its last byte");
  *ret_certify = certify;
  return ERR_NONE;
}

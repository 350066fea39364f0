#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

#include "soft_check.h"
#include "statement_tpm.h"

#define ALG_NULL 0x0010

static uint16_t name_algorithm(const statement_work_t *work)
{
  if (statement_fault_is(work, "name-sha1"))
    return 0x0004;
  if (statement_fault_is(work, "name-sha384"))
    return 0x000c;
  if (statement_fault_is(work, "name-sha512"))
    return 0x000d;
  return statement_fault_is(work, "name-unknown") ? 0x9999 : 0x000b;
}

static const EVP_MD *name_hash(uint16_t algorithm)
{
  switch (algorithm) {
  case 0x0004:
    return EVP_sha1();
  case 0x000c:
    return EVP_sha384();
  case 0x000d:
    return EVP_sha512();
  default:
    return EVP_sha256();
  }
}

static void add_number(const statement_work_t *work, const char *name, builder_t *builder)
{
  BIGNUM *number = NULL;
  uint8_t bytes[512];
  SOFT_MUST(EVP_PKEY_get_bn_param(work->credential->key, name, &number) == 1);
  int len = BN_bn2bin(number, bytes);
  bool zero = statement_fault_is(work, "leading-zeros");
  BN_free(number);
  bytes[len - 1] ^= statement_fault_is(work, "other-unique");
  builder_add_u16be(builder, (uint16_t)(len + zero));
  if (zero)
    builder_add_u8(builder, 0);
  builder_add(builder, bytes_of(bytes, (size_t)len));
}

static void add_rsa(const statement_work_t *work, builder_t *builder)
{
  builder_add_u16be(builder, ALG_NULL); /* symmetric */
  if (statement_fault_is(work, "scheme")) {
    builder_add_u16be(builder, 0x0014); /* RSASSA, SHA-256 */
    builder_add_u16be(builder, 0x000b);
  } else if (statement_fault_is(work, "scheme-without-hash")) {
    builder_add_u16be(builder, 0x0014);
  } else {
    builder_add_u16be(builder, ALG_NULL);
  }
  builder_add_u16be(builder, statement_fault_is(work, "key-bits") ? 1024 : 2048);
  uint32_t exponent = statement_fault_is(work, "exponent-3") ? 3 : 0; /* 0: 65537 */
  builder_add_u32be(builder, statement_fault_is(work, "exponent-65537") ? 65537 : exponent);
  add_number(work, OSSL_PKEY_PARAM_RSA_N, builder);
}

static void add_ecc(const statement_work_t *work, builder_t *builder)
{
  int bits = EVP_PKEY_get_bits(work->credential->key);
  uint16_t curve = bits == 521 ? 5 : bits == 384 ? 4 : 3;
  builder_add_u16be(builder, ALG_NULL); /* symmetric */
  bool has_scheme = statement_fault_is(work, "scheme");
  builder_add_u16be(builder, has_scheme                                   ? 0x0018
                             : statement_fault_is(work, "scheme-unknown") ? 0x7777
                                                                          : ALG_NULL);
  if (has_scheme)
    builder_add_u16be(builder, 0x000b); /* ECDSA, SHA-256 */
  if (statement_fault_is(work, "other-curve"))
    curve = curve == 4 ? 3 : 4;
  builder_add_u16be(builder, statement_fault_is(work, "unknown-curve") ? 0x20 : curve);
  if (statement_fault_is(work, "kdf")) { /* KDF1_SP800_56A, SHA-256 */
    builder_add_u16be(builder, 0x0020);
    builder_add_u16be(builder, 0x000b);
  } else {
    builder_add_u16be(builder, ALG_NULL);
  }
  add_number(work, OSSL_PKEY_PARAM_EC_PUB_X, builder);
  add_number(work, OSSL_PKEY_PARAM_EC_PUB_Y, builder);
}

bytes_t tpm_public_area(const statement_work_t *work)
{
  builder_t builder = arena_builder(work->arena, 1024);
  bool is_rsa = EVP_PKEY_is_a(work->credential->key, "RSA") == 1;
  bool says_rsa = is_rsa != statement_fault_is(work, "other-type");
  builder_add_u16be(&builder, says_rsa ? 0x0001 : 0x0023);
  builder_add_u16be(&builder, name_algorithm(work));
  builder_add_u32be(&builder,
                    0x00060472); /* fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, sign … */
  builder_add_u16be(&builder, 32); /* authPolicy */
  builder_add(&builder, bytes_of(work->data.data, 32));
  if (is_rsa)
    add_rsa(work, &builder);
  else
    add_ecc(work, &builder);
  if (statement_fault_is(work, "public-trailing"))
    builder_add_u8(&builder, 0);
  SOFT_MUST(!builder.failed);
  return bytes_of(builder.data, builder.len - statement_fault_is(work, "public-cut"));
}

static void add_name(const statement_work_t *work, bytes_t public_area, builder_t *builder)
{
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  uint16_t algorithm = statement_fault_is(work, "name-other-hash") ? 0x0004 : name_algorithm(work);
  bool bare = statement_fault_is(work, "name-bare");
  SOFT_MUST(EVP_Digest(public_area.data, public_area.len, hash, &len, name_hash(algorithm), NULL) == 1);
  hash[0] ^= statement_fault_is(work, "name-other");
  builder_add_u16be(builder, (uint16_t)(len + (bare ? 0 : 2)));
  if (!bare)
    builder_add_u16be(builder, algorithm);
  builder_add(builder, bytes_of(hash, len));
}

static void add_extra_data(const statement_work_t *work, int64_t algorithm, builder_t *builder)
{
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  const EVP_MD *md = soft_hash(algorithm);
  if (statement_fault_is(work, "extra-data-sha384"))
    md = EVP_sha384();
  SOFT_MUST(EVP_Digest(work->signed_data.data, work->signed_data.len, hash, &len, md, NULL) == 1);
  hash[0] ^= statement_fault_is(work, "extra-data-other");
  builder_add_u16be(builder, (uint16_t)len);
  builder_add(builder, bytes_of(hash, len));
}

bytes_t tpm_certify_info(const statement_work_t *work, int64_t algorithm, bytes_t public_area)
{
  static const uint8_t SIGNER[34] = {0x00, 0x0b, 1};
  builder_t builder = arena_builder(work->arena, 512);
  builder_add_u32be(&builder, statement_fault_is(work, "magic") ? 0xff544348 : 0xff544347);
  builder_add_u16be(&builder, statement_fault_is(work, "type-quote") ? 0x8018 : 0x8017);
  builder_add_u16be(&builder, sizeof(SIGNER));
  builder_add(&builder, bytes_of(SIGNER, sizeof(SIGNER)));
  add_extra_data(work, algorithm, &builder);
  builder_add_u64be(&builder, 1);  /* clock, … */
  builder_add_u64be(&builder, 0);  /* resetCount, restartCount */
  builder_add_u8(&builder, 1);     /* safe */
  builder_add_u64be(&builder, 42); /* firmwareVersion */
  add_name(work, public_area, &builder);
  builder_add_u16be(&builder, sizeof(SIGNER)); /* qualifiedName */
  builder_add(&builder, bytes_of(SIGNER, sizeof(SIGNER)));
  if (statement_fault_is(work, "certify-trailing"))
    builder_add_u8(&builder, 0);
  SOFT_MUST(!builder.failed);
  return bytes_of(builder.data, builder.len - statement_fault_is(work, "certify-cut"));
}

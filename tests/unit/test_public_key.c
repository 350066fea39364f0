#include "openssl_errors.h"
#include "unit.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/public_key.h"

#define GX "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define GY "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define P256 "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define G384                                                                                                 \
  "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"         \
  "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"

static error_code_t point_code(arena_t *arena, signature_algorithm_t algorithm, const char *hex)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  return public_key_from_point(algorithm, unit_hex(arena, hex), &key);
}

static void points_on_the_curve_become_keys(void **state)
{
  assert_ok(point_code(*state, SIGNATURE_ES256, "04" GX GY));
  assert_ok(point_code(*state, SIGNATURE_ES384, "04" G384));
}

static void other_points_and_other_forms_are_refused(void **state)
{
  static const char *const BAD[] = {
      "",
      "00", /* infinity */
      "04" GX,
      "03" GX, /* compressed */
      "02" GX,
      "07" GX GY, /* hybrid */
      "06" GX GY,
      "04" GY GX, /* off the curve */
      "04" GX "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4",
      "04" P256 GY, /* x = p */
      "04" GX P256,
      "04"
      "0000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000000000000000000000000000000000000000000000000",
      "04" GX GY "00",
      "04" G384,
  };
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(point_code(*state, SIGNATURE_ES256, BAD[i]), ERR_KEY);
  assert_int_equal(point_code(*state, SIGNATURE_ES384, "04" GX GY), ERR_KEY);
  assert_int_equal(point_code(*state, SIGNATURE_EDDSA, "04" GX GY), ERR_ALGORITHM);
  assert_int_equal(point_code(*state, SIGNATURE_RS256, "04" GX GY), ERR_ALGORITHM);
}

static error_code_t rsa_code(bytes_t n, bytes_t e)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  return public_key_from_rsa(SIGNATURE_RS256, n, e, &key);
}

/* A number of so many bits: the top and the lowest bit set. */
static bytes_t modulus(arena_t *arena, size_t bits)
{
  size_t len = (bits + 7) / 8;
  uint8_t *n = arena_alloc(arena, len);
  memset(n, 0x5a, len);
  n[0] = (uint8_t)(1U << (bits - 1) % 8);
  n[len - 1] |= 1;
  return bytes_of(n, len);
}

static void WA_13_rsa_keys_have_a_sane_size(void **state)
{
  const bytes_t e = BYTES_LITERAL("\x01\x00\x01");
  static const size_t GOOD[] = {2048, 2049, 3072, 4096, 8192};
  static const size_t BAD[] = {8, 512, 1024, 2040, 2047, 8193, 16384};
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++)
    assert_ok(rsa_code(modulus(*state, GOOD[i]), e));
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(rsa_code(modulus(*state, BAD[i]), e), ERR_KEY);
  assert_int_equal(rsa_code(BYTES_NONE, e), ERR_KEY);
}

static void WA_13_rsa_numbers_are_odd_and_without_leading_zeros(void **state)
{
  const bytes_t e = BYTES_LITERAL("\x01\x00\x01");
  bytes_t n = modulus(*state, 2048);
  uint8_t changed[257] = {0};
  memcpy(changed + 1, n.data, n.len);
  assert_int_equal(rsa_code(bytes_of(changed, 257), e), ERR_KEY);
  changed[256] &= 0xfe;
  assert_int_equal(rsa_code(bytes_of(changed + 1, 256), e), ERR_KEY);
  assert_ok(rsa_code(n, BYTES_LITERAL("\x03")));
  assert_ok(rsa_code(n, BYTES_LITERAL("\xff\xff\xff\xff")));
  static const bytes_t BAD[] = {BYTES_LITERAL("\x01"),
                                BYTES_LITERAL(""),
                                BYTES_LITERAL("\x02"),
                                BYTES_LITERAL("\0"),
                                BYTES_LITERAL("\x00\x01\x00\x01"),
                                BYTES_LITERAL("\x01\x00\x00\x00\x01")};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(rsa_code(n, BAD[i]), ERR_KEY);
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  assert_int_equal(public_key_from_rsa(SIGNATURE_ES256, n, e, &key), ERR_ALGORITHM);
}

static error_code_t evp_code(signature_algorithm_t algorithm, EVP_PKEY *evp)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  return public_key_from_evp(algorithm, evp, &key);
}

static void keys_of_certificates_must_fit_the_algorithm(void **state)
{
  static const signature_algorithm_t ALGORITHMS[] = {SIGNATURE_ES256, SIGNATURE_ES384, SIGNATURE_EDDSA,
                                                     SIGNATURE_RS256};
  EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
                      EVP_RSA_gen(2048)};
  for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
    for (size_t j = 0; j < ARRAY_LENGTH(ALGORITHMS); j++)
      assert_int_equal(evp_code(ALGORITHMS[j], keys[i]), i == j ? ERR_NONE : ERR_KEY);
    EVP_PKEY_free(keys[i]);
  }
  EVP_PKEY *others[] = {EVP_EC_gen("secp256k1"), EVP_EC_gen("P-521"), EVP_PKEY_Q_keygen(NULL, NULL, "ED448"),
                        EVP_RSA_gen(1024)};
  for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
    for (size_t j = 0; j < ARRAY_LENGTH(ALGORITHMS); j++)
      assert_int_equal(evp_code(ALGORITHMS[j], others[i]), ERR_KEY);
    EVP_PKEY_free(others[i]);
  }
  assert_int_equal(evp_code(SIGNATURE_ES256, NULL), ERR_KEY);
}

/* The parameters of P-256 spelled out instead of its name: the place where CVE-2020-0601 put its own
 * generator. */
static void curves_without_a_name_are_refused(void **state)
{
  EVP_PKEY *key = EVP_EC_gen("P-256");
  uint8_t *der = NULL;
  assert_int_equal(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"), 1);
  int len = i2d_PUBKEY(key, &der);
  assert_true(len > 200);
  const uint8_t *at = der;
  EVP_PKEY *decoded = d2i_PUBKEY(NULL, &at, len);
  assert_non_null(decoded);
  assert_int_equal(evp_code(SIGNATURE_ES256, decoded), ERR_KEY);
  EVP_PKEY_free(decoded);
  EVP_PKEY_free(key);
  OPENSSL_free(der);
}

/* A key for PSS with SHA-256 and a salt of 32 bytes: PS256's, and no other's. */
static void keys_for_pss_only(void **state)
{
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
  EVP_PKEY *evp = NULL;
  assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_keygen_md(ctx, EVP_sha256()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(ctx, EVP_sha256()), 1);
  assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, 32), 1);
  assert_int_equal(EVP_PKEY_keygen(ctx, &evp), 1);
  EVP_PKEY_CTX_free(ctx);
  static const bytes_t MESSAGE_HERE = BYTES_LITERAL("message");
  uint8_t signature[256];
  size_t len = sizeof(signature);
  EVP_MD_CTX *signing = EVP_MD_CTX_new();
  assert_int_equal(EVP_DigestSignInit(signing, NULL, EVP_sha256(), NULL, evp), 1);
  assert_int_equal(EVP_DigestSign(signing, signature, &len, MESSAGE_HERE.data, MESSAGE_HERE.len), 1);
  EVP_MD_CTX_free(signing);
  CLEANUP(public_key_drop) public_key_t *key = NULL, *other = NULL;
  assert_ok(public_key_from_evp(SIGNATURE_PS256, evp, &key));
  assert_ok(public_key_verify(key, MESSAGE_HERE, bytes_of(signature, len)));
  signature[0] ^= 1;
  assert_int_equal(public_key_verify(key, MESSAGE_HERE, bytes_of(signature, len)), ERR_SIGNATURE);
  assert_ok(public_key_from_evp(SIGNATURE_PS384, evp, &other));
  assert_int_not_equal(public_key_verify(other, MESSAGE_HERE, bytes_of(signature, len)), ERR_NONE);
  assert_int_equal(evp_code(SIGNATURE_RS256, evp), ERR_KEY);
  assert_int_equal(evp_code(SIGNATURE_ES256, evp), ERR_KEY);
  assert_true(public_key_is_affordable(evp));
  EVP_PKEY_free(evp);
}

static EVP_PKEY *rsa_key(int modulus_bits, int exponent_bits)
{
  BIGNUM *n = BN_new(), *e = BN_new();
  BN_rand(n, modulus_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
  BN_rand(e, exponent_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
  OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  EVP_PKEY *key = NULL;
  assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
  assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
  EVP_PKEY_CTX_free(ctx);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(n);
  BN_free(e);
  return key;
}

static void keys_of_issuers_are_affordable_or_not(void **state)
{
  EVP_PKEY *explicit_curve = EVP_EC_gen("P-256");
  EVP_PKEY_set_utf8_string_param(explicit_curve, OSSL_PKEY_PARAM_EC_ENCODING, "explicit");
  uint8_t *der = NULL;
  int len = i2d_PUBKEY(explicit_curve, &der);
  const uint8_t *at = der;
  const struct {
    EVP_PKEY *key;
    bool affordable;
  } ROWS[] = {{rsa_key(2048, 17), true},
              {rsa_key(8192, 32), true},
              {rsa_key(8193, 17), false},
              {rsa_key(2048, 33), false},
              {EVP_EC_gen("P-521"), true},
              {EVP_EC_gen("brainpoolP384r1"), true},
              {EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), true},
              {EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), false},
              {d2i_PUBKEY(NULL, &at, len), false},
              {NULL, false}};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    assert_int_equal(public_key_is_affordable(ROWS[i].key), ROWS[i].affordable);
    EVP_PKEY_free(ROWS[i].key);
  }
  EVP_PKEY_free(explicit_curve);
  OPENSSL_free(der);
}

typedef struct signer {
  EVP_PKEY *evp;
  public_key_t *key;
  uint8_t signature[SIGNATURE_MAX_LENGTH];
  size_t len;
} signer_t;

static const bytes_t MESSAGE = BYTES_LITERAL("authenticator data and a hash");

static signer_t signer_of(signature_algorithm_t algorithm, EVP_PKEY *evp, const EVP_MD *md)
{
  signer_t signer = {.evp = evp, .len = SIGNATURE_MAX_LENGTH};
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, evp), 1);
  assert_int_equal(EVP_DigestSign(ctx, signer.signature, &signer.len, MESSAGE.data, MESSAGE.len), 1);
  EVP_MD_CTX_free(ctx);
  assert_ok(public_key_from_evp(algorithm, evp, &signer.key));
  return signer;
}

static void check_signer(signer_t signer)
{
  bytes_t signature = bytes_of(signer.signature, signer.len);
  assert_ok(public_key_verify(signer.key, MESSAGE, signature));
  assert_int_equal(public_key_verify(signer.key, BYTES_LITERAL("another"), signature), ERR_SIGNATURE);
  assert_int_equal(public_key_verify(signer.key, MESSAGE, BYTES_NONE), ERR_SIGNATURE);
  assert_int_equal(public_key_verify(signer.key, MESSAGE, bytes_of(signer.signature, signer.len - 1)),
                   ERR_SIGNATURE);
  signer.signature[signer.len] = 0;
  assert_int_equal(public_key_verify(signer.key, MESSAGE, bytes_of(signer.signature, signer.len + 1)),
                   ERR_SIGNATURE);
  for (size_t i = 0; i < signer.len; i += 7) {
    signer.signature[i] ^= 0x01;
    assert_int_equal(public_key_verify(signer.key, MESSAGE, signature), ERR_SIGNATURE);
    signer.signature[i] ^= 0x01;
  }
  assert_ok(public_key_verify(signer.key, MESSAGE, signature));
  public_key_free(signer.key);
  EVP_PKEY_free(signer.evp);
}

static void signatures_verify_and_changed_ones_do_not(void **state)
{
  check_signer(signer_of(SIGNATURE_ES256, EVP_EC_gen("P-256"), EVP_sha256()));
  check_signer(signer_of(SIGNATURE_ES384, EVP_EC_gen("P-384"), EVP_sha384()));
  check_signer(signer_of(SIGNATURE_EDDSA, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL));
  check_signer(signer_of(SIGNATURE_RS256, EVP_RSA_gen(2048), EVP_sha256()));
  check_signer(signer_of(SIGNATURE_ES512, EVP_EC_gen("P-521"), EVP_sha512()));
  check_signer(signer_of(SIGNATURE_ES256K, EVP_EC_gen("secp256k1"), EVP_sha256()));
  check_signer(signer_of(SIGNATURE_ED448, EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), NULL));
  check_signer(signer_of(SIGNATURE_RS384, EVP_RSA_gen(2048), EVP_sha384()));
  check_signer(signer_of(SIGNATURE_RS512, EVP_RSA_gen(2048), EVP_sha512()));
  check_signer(signer_of(SIGNATURE_RS1, EVP_RSA_gen(2048), EVP_sha1()));
}

/* RFC 8230 §2: PSS with a salt as long as the hash, and nothing else under these numbers. */
static void WA_13_pss_has_one_salt_length(void **state)
{
  static const int SALTS[] = {RSA_PSS_SALTLEN_DIGEST, 0, 20, RSA_PSS_SALTLEN_MAX};
  EVP_PKEY *evp = EVP_RSA_gen(2048);
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  assert_ok(public_key_from_evp(SIGNATURE_PS256, evp, &key));
  for (size_t i = 0; i < ARRAY_LENGTH(SALTS); i++) {
    uint8_t signature[SIGNATURE_MAX_LENGTH];
    size_t len = sizeof signature;
    EVP_PKEY_CTX *key_ctx = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, &key_ctx, EVP_sha256(), NULL, evp), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, SALTS[i]), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &len, MESSAGE.data, MESSAGE.len), 1);
    EVP_MD_CTX_free(ctx);
    assert_int_equal(public_key_verify(key, MESSAGE, bytes_of(signature, len)),
                     i == 0 ? ERR_NONE : ERR_SIGNATURE);
  }
  signer_t pkcs1 = signer_of(SIGNATURE_RS256, EVP_RSA_gen(2048), EVP_sha256());
  CLEANUP(public_key_drop) public_key_t *pss = NULL;
  assert_ok(public_key_from_evp(SIGNATURE_PS256, pkcs1.evp, &pss));
  assert_int_equal(public_key_verify(pss, MESSAGE, bytes_of(pkcs1.signature, pkcs1.len)), ERR_SIGNATURE);
  public_key_free(pkcs1.key);
  EVP_PKEY_free(pkcs1.evp);
  EVP_PKEY_free(evp);
  (void)state;
}

/* The other hash with the right key: the algorithm decides, never the signature. */
static void the_hash_is_the_algorithms(void **state)
{
  signer_t signer = signer_of(SIGNATURE_ES256, EVP_EC_gen("P-256"), EVP_sha384());
  assert_int_equal(public_key_verify(signer.key, MESSAGE, bytes_of(signer.signature, signer.len)),
                   ERR_SIGNATURE);
  public_key_free(signer.key);
  EVP_PKEY_free(signer.evp);
  signer = signer_of(SIGNATURE_RS256, EVP_RSA_gen(2048), EVP_sha512());
  assert_int_equal(public_key_verify(signer.key, MESSAGE, bytes_of(signer.signature, signer.len)),
                   ERR_SIGNATURE);
  public_key_free(signer.key);
  EVP_PKEY_free(signer.evp);
}

/* (r, n - s) is as good a signature; WebAuthn does not ask for the low form. */
static void WA_12_high_s_verifies(void **state)
{
  static const char ORDER[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  signer_t signer = signer_of(SIGNATURE_ES256, EVP_EC_gen("P-256"), EVP_sha256());
  const uint8_t *at = signer.signature;
  ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &at, (long)signer.len);
  BIGNUM *order = NULL;
  BN_hex2bn(&order, ORDER);
  BIGNUM *r = BN_dup(ECDSA_SIG_get0_r(parsed));
  BIGNUM *s = BN_new();
  BN_sub(s, order, ECDSA_SIG_get0_s(parsed));
  ECDSA_SIG_set0(parsed, r, s);
  uint8_t *der = NULL;
  int len = i2d_ECDSA_SIG(parsed, &der);
  assert_ok(public_key_verify(signer.key, MESSAGE, bytes_of(der, (size_t)len)));
  OPENSSL_free(der);
  BN_free(order);
  ECDSA_SIG_free(parsed);
  check_signer(signer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(points_on_the_curve_become_keys),
      UNIT_TEST(other_points_and_other_forms_are_refused),
      UNIT_TEST(WA_13_rsa_keys_have_a_sane_size),
      UNIT_TEST(WA_13_rsa_numbers_are_odd_and_without_leading_zeros),
      cmocka_unit_test(keys_of_certificates_must_fit_the_algorithm),
      cmocka_unit_test(curves_without_a_name_are_refused),
      cmocka_unit_test(keys_for_pss_only),
      cmocka_unit_test(keys_of_issuers_are_affordable_or_not),
      cmocka_unit_test(signatures_verify_and_changed_ones_do_not),
      cmocka_unit_test(WA_13_pss_has_one_salt_length),
      cmocka_unit_test(the_hash_is_the_algorithms),
      cmocka_unit_test(WA_12_high_s_verifies),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

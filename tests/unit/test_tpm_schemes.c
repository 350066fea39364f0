/* TPMT_PUBLIC by hand: what follows a scheme hangs on the scheme (TPM 2.0 Library, Part 2, §11.2), and is
 * read to the last byte or not at all. */
#include "unit.h"

#include "crypto/signature_algorithm.h"
#include "webauthn/tpm_structures.h"

#define HEAD "0023 000b 00040072 0000" /* ECC, SHA-256, attributes, no policy */
#define RSA_HEAD "0001 000b 00040072 0000"
#define POINT "0001 aa 0001 bb" /* x, y */

typedef struct row {
  const char *symmetric, *scheme, *curve_and_kdf;
  bool good;
} row_t;

static void schemes_of_ecc_keys(void **state)
{
  static const row_t ROWS[] = {
      {"0010", "0010", "0003 0010", true},
      {"0010", "0018 000b", "0003 0010", true},      /* ECDSA */
      {"0010", "0019 000c", "0004 0010", true},      /* ECDH */
      {"0010", "001a 000b 0000", "0003 0010", true}, /* ECDAA: hash and count */
      {"0010", "001a 000b", "0003 0010", false},     /* without its count */
      {"0010", "001b 000b", "0003 0010", true},      /* SM2 */
      {"0010", "001c 0004", "0005 0010", true},      /* Schnorr */
      {"0010", "001d 000d", "0003 0010", true},      /* ECMQV */
      {"0010", "0018 0012", "0003 0010", false},     /* a hash that we do not know */
      {"0010", "0018", "0003 0010", false},          /* without its hash */
      {"0010", "7777", "0003 0010", false},
      {"0006 0080 0043", "0010", "0003 0010", true}, /* AES-128 in CFB */
      {"0006 0080", "0010", "0003 0010", false},
      {"0010", "0010", "0003 0020 000b", true}, /* a key derivation, with its hash */
      {"0010", "0010", "0003 0020", false},
      {"0010", "0010", "0020 0010", false}, /* a curve that we do not know */
  };
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    char hex[256];
    tpm_public_t key;
    error_detail_t detail = {""};
    snprintf(hex, sizeof(hex), "%s %s %s %s %s", HEAD, ROWS[i].symmetric, ROWS[i].scheme,
             ROWS[i].curve_and_kdf, POINT);
    error_code_t code = tpm_public_parse(unit_hex(*state, hex), &key, &detail);
    assert_int_equal(code, ROWS[i].good ? ERR_NONE : ERR_ATTESTATION);
    if (code == ERR_NONE) {
      assert_false(key.is_rsa);
      assert_int_equal(key.x.data[0], 0xaa);
      assert_int_equal(key.y.data[0], 0xbb);
    }
  }
}

static void schemes_of_rsa_keys(void **state)
{
  static const struct {
    const char *rest;
    uint32_t exponent; /* 0: refused */
  } ROWS[] = {
      {"0010 0010 0800 00000000 0001 cc", 65537},
      {"0010 0014 000b 0800 00000003 0001 cc", 3}, /* RSASSA */
      {"0010 0015 0800 00010001 0001 cc", 65537},  /* RSAES has no hash */
      {"0010 0016 000c 0800 00000000 0001 cc", 65537},
      {"0010 0017 000b 0800 00000000 0001 cc", 65537}, /* OAEP */
      {"0010 0014 0800 00000000 0001 cc", 0},
      {"0010 0010 0800 00000000 0002 cc", 0},
      {"0010 0010 0800 00000000 0001 cc 00", 0},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    char hex[256];
    tpm_public_t key;
    error_detail_t detail = {""};
    snprintf(hex, sizeof(hex), "%s %s", RSA_HEAD, ROWS[i].rest);
    error_code_t code = tpm_public_parse(unit_hex(*state, hex), &key, &detail);
    assert_int_equal(code, ROWS[i].exponent != 0 ? ERR_NONE : ERR_ATTESTATION);
    if (code == ERR_NONE) {
      assert_true(key.is_rsa && key.key_bits == 2048);
      assert_int_equal(key.exponent, ROWS[i].exponent);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {UNIT_TEST(schemes_of_ecc_keys), UNIT_TEST(schemes_of_rsa_keys)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "openssl_errors.h"
#include "unit.h"

#include "crypto/ecdsa_signature.h"

#define N256 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define N256_LESS_1 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define ONE256 "0000000000000000000000000000000000000000000000000000000000000001"
#define N384                                                                                                 \
  "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
#define N521_START "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b"
#define N521 N521_START "7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
#define N521_LESS_1 N521_START "7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386408"

static error_code_t check(arena_t *arena, signature_algorithm_t algorithm, const char *hex)
{
  return ecdsa_signature_check_der(algorithm, unit_hex(arena, hex));
}

static void the_der_form_is_taken(void **state)
{
  assert_ok(check(*state, SIGNATURE_ES256, "3006 020101 020101"));
  assert_ok(check(*state, SIGNATURE_ES256, "3008 02020080 02020080"));
  assert_ok(check(*state, SIGNATURE_ES384, "3006 020101 02017f"));
  /* High s is a signature like any other: WebAuthn asks for no low form. */
  assert_ok(check(*state, SIGNATURE_ES256, "3026 020101 0221 00" N256_LESS_1));
}

static void WA_12_every_other_form_is_refused(void **state)
{
  static const char *const BAD[] = {
      "",
      "30",
      "3000",
      "3006 0201",
      "308106 020101 020101", /* long form where short does */
      "30820006 020101 020101",
      "3080 020101 020101 0000", /* indefinite */
      "3007 02810101 020101",    /* long form inside */
      "3007 02020001 020101",    /* superfluous zero */
      "3007 020101 02020001",
      "3006 020181 020101",              /* negative r */
      "3006 020101 0201ff",              /* negative s */
      "3006 020100 020101",              /* r = 0 */
      "3006 020101 020100",              /* s = 0 */
      "3005 0200 020101",                /* no number at all */
      "3026 0221 00" N256 " 020101",     /* r = n */
      "3026 020101 0221 00" N256,        /* s = n */
      "3027 0222 01" ONE256 "00 020101", /* wider than the field */
      "3006 020101 020101 00",           /* byte behind the sequence */
      "3007 020101 020101 00",           /* byte inside, behind s */
      "3009 020101 020101 020101",       /* a third number */
      "3003 020101",                     /* one number */
      "3106 020101 020101",              /* SET */
      "3006 030101 020101",              /* not an INTEGER */
      "3006 020101 020102 ff",
      "3005 020101 020101",
      N256_LESS_1 ONE256, /* raw r || s */
      "30"
      "06020101020101000000000000000000000000000000000000000000000000" ONE256,
  };
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    assert_int_equal(check(*state, SIGNATURE_ES256, BAD[i]), ERR_SIGNATURE);
    assert_int_equal(check(*state, SIGNATURE_EDDSA, BAD[i]), ERR_SIGNATURE);
  }
  assert_int_equal(check(*state, SIGNATURE_ES384, "3036 0231 00" N384 " 020101"), ERR_SIGNATURE);
  assert_ok(check(*state, SIGNATURE_ES384, "3026 0221 00" N256 " 020101"));
}

static error_code_t through_jose(arena_t *arena, signature_algorithm_t algorithm, const char *jose_hex)
{
  bytes_t jose = unit_hex(arena, jose_hex);
  uint8_t der[ECDSA_DER_MAX], back[ECDSA_JOSE_MAX];
  size_t der_len, back_len;
  error_code_t code = ecdsa_signature_to_der(algorithm, jose, der, &der_len);
  if (code != ERR_NONE)
    return code;
  assert_ok(ecdsa_signature_to_jose(algorithm, bytes_of(der, der_len), back, &back_len));
  assert_bytes_equal(bytes_of(back, back_len), jose);
  return ERR_NONE;
}

static void the_fixed_form_keeps_its_width(void **state)
{
  assert_ok(through_jose(*state, SIGNATURE_ES256, ONE256 N256_LESS_1));
  assert_ok(through_jose(*state, SIGNATURE_ES256, N256_LESS_1 ONE256));
  assert_ok(through_jose(*state, SIGNATURE_ES384,
                         "00000000000000000000000000000000" N256 "00000000000000000000000000000000" ONE256));
  assert_ok(through_jose(*state, SIGNATURE_ES512, N521_LESS_1 N521_LESS_1)); /* the long form of DER */
  assert_int_equal(through_jose(*state, SIGNATURE_ES512, N521_LESS_1 N521), ERR_SIGNATURE);
  assert_ok(through_jose(*state, SIGNATURE_ES256K, ONE256 ONE256));
  assert_ok(
      through_jose(*state, SIGNATURE_ES256K, ONE256 N256)); /* the order of secp256k1 is above P-256's */
  assert_int_equal(through_jose(*state, SIGNATURE_ES256, ONE256 N256), ERR_SIGNATURE);
  assert_int_equal(through_jose(*state, SIGNATURE_ES256, N256 ONE256), ERR_SIGNATURE);
  assert_int_equal(through_jose(*state, SIGNATURE_ES256, ONE256), ERR_SIGNATURE);
  assert_int_equal(through_jose(*state, SIGNATURE_ES256, ONE256 ONE256 "00"), ERR_SIGNATURE);
  assert_int_equal(through_jose(*state, SIGNATURE_ES384, ONE256 ONE256), ERR_SIGNATURE);
  assert_int_equal(through_jose(*state, SIGNATURE_ES256,
                                "0000000000000000000000000000000000000000000000000000000000000000" ONE256),
                   ERR_SIGNATURE);
  assert_int_equal(through_jose(*state, SIGNATURE_RS256, ONE256 ONE256), ERR_SIGNATURE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(the_der_form_is_taken),
      UNIT_TEST(WA_12_every_other_form_is_refused),
      UNIT_TEST(the_fixed_form_keeps_its_width),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

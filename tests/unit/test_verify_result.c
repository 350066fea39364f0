/* JW-21: what OpenSSL's verify calls return is forced; only 1 may ever mean yes. */
#include "forced_verify.h"
#include "unit.h"

#include <limits.h>

#include "crypto/public_key.h"
#include "crypto/signing_key.h"

static void JW_21_only_the_exact_success_code_counts(void **state)
{
  static const signature_algorithm_t ALGORITHMS[] = {SIGNATURE_ES256, SIGNATURE_ES384, SIGNATURE_EDDSA,
                                                     SIGNATURE_RS256};
  static const int FAILURES[] = {0, -1, -2, 2, INT_MAX, INT_MIN};
  const bytes_t message = BYTES_LITERAL("message");
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    CLEANUP(signing_key_drop) signing_key_t *key = NULL;
    uint8_t signature[SIGNATURE_MAX_LENGTH];
    size_t len;
    assert_ok(signing_key_generate(ALGORITHMS[i], &key));
    assert_ok(signing_key_sign(key, message, signature, &len));
    const public_key_t *public_half = signing_key_public(key);
    verify_is_forced = true;
    for (size_t j = 0; j < ARRAY_LENGTH(FAILURES); j++) {
      verify_result = FAILURES[j];
      assert_int_equal(public_key_verify_jose(public_half, message, bytes_of(signature, len)), ERR_SIGNATURE);
    }
    /* The wrapper is in the path: with 1 verify_is_forced, even another message passes. */
    verify_result = 1;
    assert_ok(public_key_verify_jose(public_half, BYTES_LITERAL("other"), bytes_of(signature, len)));
    verify_is_forced = false;
    assert_ok(public_key_verify_jose(public_half, message, bytes_of(signature, len)));
    assert_int_equal(public_key_verify_jose(public_half, BYTES_LITERAL("other"), bytes_of(signature, len)),
                     ERR_SIGNATURE);
  }
}

/* Even where OpenSSL would say yes, another form than DER is refused in front of it. */
static void WA_12_the_form_is_checked_before_openssl_is_asked(void **state)
{
  CLEANUP(signing_key_drop) signing_key_t *key = NULL;
  assert_ok(signing_key_generate(SIGNATURE_ES256, &key));
  const public_key_t *public_half = signing_key_public(key);
  verify_is_forced = true;
  verify_result = 1;
  assert_ok(
      public_key_verify(public_half, BYTES_LITERAL("m"), BYTES_LITERAL("\x30\x06\x02\x01\x01\x02\x01\x01")));
  assert_int_equal(public_key_verify(public_half, BYTES_LITERAL("m"),
                                     BYTES_LITERAL("\x30\x81\x06\x02\x01\x01\x02\x01\x01")),
                   ERR_SIGNATURE);
  assert_int_equal(
      public_key_verify_jose(public_half, BYTES_LITERAL("m"), BYTES_LITERAL("\x30\x06\x02\x01\x01")),
      ERR_SIGNATURE);
  verify_is_forced = false;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(JW_21_only_the_exact_success_code_counts),
      cmocka_unit_test(WA_12_the_form_is_checked_before_openssl_is_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "openssl_errors.h"
#include "unit.h"

#include <pthread.h>

#include "crypto/signing_key.h"

static const signature_algorithm_t ALGORITHMS[] = {SIGNATURE_ES256, SIGNATURE_ES384, SIGNATURE_EDDSA,
                                                   SIGNATURE_RS256};
static const size_t LENGTHS[] = {64, 96, 64, 256};

static void sign_and_verify(const signing_key_t *key, bytes_t message, size_t expected_len)
{
  uint8_t signature[SIGNATURE_MAX_LENGTH];
  size_t len = 0;
  assert_ok(signing_key_sign(key, message, signature, &len));
  assert_int_equal(len, expected_len);
  assert_ok(public_key_verify_jose(signing_key_public(key), message, bytes_of(signature, len)));
}

static void each_algorithm_signs_in_its_jose_form(void **state)
{
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    CLEANUP(signing_key_drop) signing_key_t *key = NULL;
    assert_ok(signing_key_generate(ALGORITHMS[i], &key));
    assert_int_equal(signing_key_algorithm(key), ALGORITHMS[i]);
    assert_int_equal(strlen(signing_key_id(key)), 43);
    for (int round = 0; round < 40; round++) { /* r or s shorter than the field comes every 256th time */
      uint8_t message = (uint8_t)round;
      sign_and_verify(key, bytes_of(&message, 1), LENGTHS[i]);
    }
    sign_and_verify(key, BYTES_NONE, LENGTHS[i]);
  }
}

static void an_exported_key_comes_back_as_itself(void **state)
{
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    CLEANUP(signing_key_drop) signing_key_t *key = NULL;
    CLEANUP(signing_key_drop) signing_key_t *same = NULL;
    bytes_t der;
    assert_ok(signing_key_generate(ALGORITHMS[i], &key));
    assert_ok(signing_key_export(*state, key, &der));
    assert_ok(signing_key_import(ALGORITHMS[i], der, &same));
    assert_string_equal(signing_key_id(key), signing_key_id(same));
    uint8_t signature[SIGNATURE_MAX_LENGTH];
    size_t len;
    assert_ok(signing_key_sign(same, BYTES_LITERAL("m"), signature, &len));
    assert_ok(public_key_verify_jose(signing_key_public(key), BYTES_LITERAL("m"), bytes_of(signature, len)));
  }
}

static void what_is_no_key_of_the_algorithm_is_refused(void **state)
{
  CLEANUP(signing_key_drop) signing_key_t *key = NULL;
  CLEANUP(signing_key_drop) signing_key_t *none = NULL;
  bytes_t der;
  assert_ok(signing_key_generate(SIGNATURE_ES256, &key));
  assert_ok(signing_key_export(*state, key, &der));
  assert_int_equal(signing_key_import(SIGNATURE_ES384, der, &none), ERR_KEY);
  assert_int_equal(signing_key_import(SIGNATURE_EDDSA, der, &none), ERR_KEY);
  assert_int_equal(signing_key_import(SIGNATURE_RS256, der, &none), ERR_KEY);
  assert_int_equal(signing_key_import(SIGNATURE_ES256, bytes_of(der.data, der.len - 1), &none), ERR_KEY);
  assert_int_equal(signing_key_import(SIGNATURE_ES256, BYTES_NONE, &none), ERR_KEY);
  assert_int_equal(signing_key_import(SIGNATURE_ES256, BYTES_LITERAL("0\x82\xff\xff"), &none), ERR_KEY);
  builder_t longer = arena_builder(*state, der.len + 1);
  builder_add(&longer, der);
  builder_add_u8(&longer, 0);
  assert_int_equal(signing_key_import(SIGNATURE_ES256, builder_bytes(&longer), &none), ERR_KEY);
  assert_null(none);
}

static void *sign_many(void *argument)
{
  const signing_key_t *key = argument;
  size_t good = 0;
  for (uint32_t i = 0; i < 50; i++) {
    uint8_t signature[SIGNATURE_MAX_LENGTH];
    size_t len;
    bytes_t message = bytes_of(&i, sizeof i);
    if (signing_key_sign(key, message, signature, &len) == ERR_NONE &&
        public_key_verify_jose(signing_key_public(key), message, bytes_of(signature, len)) == ERR_NONE)
      good++;
  }
  return (void *)(uintptr_t)good;
}

static void more_threads_than_ready_contexts_may_sign(void **state)
{
  CLEANUP(signing_key_drop) signing_key_t *key = NULL;
  pthread_t threads[12];
  assert_ok(signing_key_generate(SIGNATURE_ES256, &key));
  for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, sign_many, key), 0);
  for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
    void *good;
    assert_int_equal(pthread_join(threads[i], &good), 0);
    assert_int_equal((uintptr_t)good, 50);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_algorithm_signs_in_its_jose_form),
      UNIT_TEST(an_exported_key_comes_back_as_itself),
      UNIT_TEST(what_is_no_key_of_the_algorithm_is_refused),
      cmocka_unit_test(more_threads_than_ready_contexts_may_sign),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

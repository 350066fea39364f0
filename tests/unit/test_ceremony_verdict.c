/* WA-06: a ceremony in which OpenSSL fails instead of saying no; only 1 may ever mean yes. */
#include "ceremony.h"
#include "forced_verify.h"

#include <limits.h>

static const int64_t ALGORITHMS[] = {-7, -35, -8, -257};
static const int FAILURES[] = {0, -1, -2, 2, INT_MAX, INT_MIN};

static void WA_06_no_failure_of_openssl_is_a_login(void **state)
{
  world_t *world = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    world->knobs.algorithm = ALGORITHMS[i];
    world_enrol(world);
    verify_is_forced = true;
    for (size_t j = 0; j < ARRAY_LENGTH(FAILURES); j++) {
      verify_result = FAILURES[j];
      world->authenticated = NULL;
      assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
      assert_null(world->authenticated);
    }
    /* The wrapper is in the path: with 1 forced, another key's signature passes. */
    verify_result = 1;
    world->knobs.wrong_key = true;
    assert_ok(world_login(world));
    verify_is_forced = false;
    assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
    world_behave(world);
    assert_ok(world_login(world));
  }
}

static void WA_06_no_failure_of_openssl_is_a_registration(void **state)
{
  world_t *world = *state;
  static const char *const FORMATS[] = {"packed-self", "packed", "fido-u2f"};
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    verify_is_forced = true;
    for (size_t j = 0; j < ARRAY_LENGTH(FAILURES); j++) {
      verify_result = FAILURES[j];
      world->registered = NULL;
      assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
      assert_null(world->registered);
    }
    verify_is_forced = false;
    assert_ok(world_register(world));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(WA_06_no_failure_of_openssl_is_a_login),
      WORLD_TEST(WA_06_no_failure_of_openssl_is_a_registration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

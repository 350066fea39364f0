#include "ceremony.h"
#include "openssl_errors.h"

static void AT_17_safetynet_is_refused_unless_allowed(void **state)
{
  world_t *world = *state;
  world->knobs.format = "android-safetynet";
  assert_refused(world_register(world), ERR_ATTESTATION_FORMAT, world, "attestation-format");
  world->registration.rules.allow_safetynet = true;
  assert_ok(world_register(world));
  assert_string_equal(webauthn_registered_format(world->registered), "android-safetynet");
}

static void responses_that_say_something_else(void **state)
{
  world_t *world = *state;
  static const char *const FAULTS[] = {"nonce-other", "stale",      "future", "no-cts-profile",
                                       "no-x5c",      "other-host", "no-ver", "empty-ver"};
  world->knobs.format = "android-safetynet";
  world->registration.rules.allow_safetynet = true;
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++) {
    world->knobs.statement_fault = FAULTS[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->registration.rules.safetynet_any_time = true;
  world->knobs.statement_fault = "stale";
  assert_ok(world_register(world));
  world->knobs.signature = "flip";
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.signature = NULL;
  world->knobs.certificate = CERTIFICATE_EXPIRED;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(AT_17_safetynet_is_refused_unless_allowed),
      WORLD_TEST(responses_that_say_something_else),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

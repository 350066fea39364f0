#include "ceremony.h"
#include "openssl_errors.h"

static void an_anonymous_attestation(void **state)
{
  world_t *world = *state;
  world->knobs.format = "apple";
  assert_ok(world_register(world));
  assert_string_equal(webauthn_registered_format(world->registered), "apple");
  assert_int_equal(webauthn_registered_attestation(world->registered), ATTESTATION_ANON_CA);
  world->knobs.statement_fault = "alg-member"; /* as real devices have it */
  assert_ok(world_register(world));
  world->knobs.chain = CHAIN_INTERMEDIATE;
  assert_ok(world_register(world));
}

static void AT_16_the_nonce_and_the_key(void **state)
{
  world_t *world = *state;
  static const char *const FAULTS[] = {"nonce-missing", "nonce-other", "nonce-client-data",
                                       "nonce-short",   "nonce-tag",   "nonce-trailing",
                                       "other-key",     "no-x5c",      "sig-member"};
  world->knobs.format = "apple";
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++) {
    world->knobs.statement_fault = FAULTS[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.statement_fault = "nonce-twice";
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
}

static void certificates_out_of_time_and_order(void **state)
{
  world_t *world = *state;
  world->knobs.format = "apple";
  world->knobs.certificate = CERTIFICATE_EXPIRED;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  world->knobs.certificate = CERTIFICATE_GOOD;
  world->knobs.chain = CHAIN_DUPLICATE;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(an_anonymous_attestation),
      WORLD_TEST(AT_16_the_nonce_and_the_key),
      WORLD_TEST(certificates_out_of_time_and_order),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

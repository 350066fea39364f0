#include "ceremony.h"
#include "openssl_errors.h"

static void a_token_of_u2f(void **state)
{
  world_t *world = *state;
  world->knobs.format = "fido-u2f";
  assert_ok(world_register(world));
  assert_string_equal(webauthn_registered_format(world->registered), "fido-u2f");
  assert_int_equal(webauthn_registered_attestation(world->registered), ATTESTATION_BASIC);
}

static void AT_09_an_aaguid_two_certificates_another_curve(void **state)
{
  world_t *world = *state;
  world->knobs.format = "fido-u2f";
  world->knobs.aaguid = BYTES_LITERAL("0123456789abcdef");
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->registration.rules.allow_u2f_aaguid = true;
  assert_ok(world_register(world));
  world->knobs.aaguid = BYTES_NONE;
  world->knobs.chain = CHAIN_INTERMEDIATE;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.chain = CHAIN_GOOD;
  world->knobs.certificate = CERTIFICATE_OTHER_CURVE;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.certificate = CERTIFICATE_EXPIRED;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
}

/* §8.6, the signing procedure: "not of algorithm -7 ("ES256"), stop". */
static void keys_of_other_algorithms(void **state)
{
  world_t *world = *state;
  static const int64_t OTHERS[] = {-9, -47};
  world->knobs.format = "fido-u2f";
  for (size_t i = 0; i < ARRAY_LENGTH(OTHERS); i++) {
    world->knobs.algorithm = OTHERS[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
}

static void AT_10_credential_ids_of_every_size(void **state)
{
  world_t *world = *state;
  static const uint8_t ID[60000] = {1};
  static const size_t GOOD[] = {1, 255, 1023}, BAD[] = {1024, 60000};
  world->knobs.format = "fido-u2f";
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++) {
    world->knobs.credential_id = bytes_of(ID, GOOD[i]);
    assert_ok(world_register(world));
  }
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.credential_id = bytes_of(ID, BAD[i]);
    assert_int_not_equal(world_register(world), ERR_NONE);
  }
}

static void statements_of_other_forms(void **state)
{
  world_t *world = *state;
  static const char *const FAULTS[] = {"packed-message", "reserved-byte", "other-point", "half-point",
                                       "alg-member",     "no-sig",        "no-x5c"};
  world->knobs.format = "fido-u2f";
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++) {
    world->knobs.statement_fault = FAULTS[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.statement_fault = NULL;
  world->knobs.wrong_key = true;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(a_token_of_u2f),
      WORLD_TEST(AT_09_an_aaguid_two_certificates_another_curve),
      WORLD_TEST(keys_of_other_algorithms),
      WORLD_TEST(AT_10_credential_ids_of_every_size),
      WORLD_TEST(statements_of_other_forms),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

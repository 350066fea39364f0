#include "ceremony.h"
#include "openssl_errors.h"

static void two_statements(void **state)
{
  world_t *world = *state;
  world->knobs.format = "compound";
  assert_ok(world_register(world));
  assert_string_equal(webauthn_registered_format(world->registered), "compound");
  assert_int_equal(webauthn_registered_attestation(world->registered), ATTESTATION_BASIC);
  world->knobs.statement_fault = "with-none";
  assert_ok(world_register(world));
}

static void one_of_every_format(void **state)
{
  world_t *world = *state;
  static const char *const THIRD[] = {"with-none", "with-tpm", "with-apple", "with-android-key"};
  world->knobs.format = "compound";
  for (size_t i = 0; i < ARRAY_LENGTH(THIRD); i++) {
    world->knobs.statement_fault = THIRD[i];
    assert_ok(world_register(world));
  }
  world->knobs.statement_fault = "with-android-safetynet"; /* retired is retired in company, too */
  assert_refused(world_register(world), ERR_ATTESTATION_FORMAT, world, "attestation-format");
  world->knobs.statement_fault = "with-fido-u2f"; /* the AAGUID is not zero */
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->registration.rules.allow_u2f_aaguid = true;
  assert_ok(world_register(world));
}

static void all_of_them_must_verify(void **state)
{
  world_t *world = *state;
  static const char *const FAULTS[] = {"one",    "nine",           "second-bad",   "integers",
                                       "nested", "unknown-format", "no-statement", "extra-member"};
  world->knobs.format = "compound";
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++) {
    world->knobs.statement_fault = FAULTS[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.statement_fault = NULL;
  world->knobs.certificate = CERTIFICATE_IS_CA;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
}

/* {"fmt": "none", "attStmt": {}} */
#define NONE "a2 63666d74 646e6f6e65 6761747453746d74 a0 "

static void statements_of_other_forms(void **state)
{
  world_t *world = *state;
  static const char *const BAD[] = {"a0",
                                    "80",
                                    "81" NONE,
                                    "82" NONE "6161",
                                    "82" NONE "f6",
                                    "82" NONE "a1 63666d74 646e6f6e65",                     /* no attStmt */
                                    "82" NONE "a1 6761747453746d74 a0",                     /* no fmt */
                                    "82" NONE "a2 63666d74 446e6f6e65 6761747453746d74 a0", /* fmt as bytes */
                                    "82" NONE "a2 63666d74 646e6f6e65 6761747453746d74 80",
                                    "82" NONE "a2 63666d74 646e6f6e65 6761747453746d74 a1 6161 01"};
  world->knobs.format = "compound";
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.statement = unit_hex(world->arena, BAD[i]);
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.statement = unit_hex(world->arena, "82" NONE NONE);
  assert_ok(world_register(world));
  assert_int_equal(webauthn_registered_attestation(world->registered), ATTESTATION_NONE);
}

static void their_chains_are_judged(void **state)
{
  world_t *world = *state;
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  assert_ok(trust_roots_new(&roots));
  assert_ok(trust_roots_add_pem(
      roots, bytes_of_string(attestation_ca_root_pem(soft_authenticator_ca(world->authenticator)))));
  world->registration.trust.roots = roots;
  world->registration.trust.require_trusted = true;
  world->knobs.format = "compound";
  assert_ok(world_register(world));
  assert_true(webauthn_registered_trusted(world->registered));
  world->knobs.certificate = CERTIFICATE_OTHER_ROOT;
  assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(two_statements),          WORLD_TEST(one_of_every_format),
      WORLD_TEST(all_of_them_must_verify), WORLD_TEST(statements_of_other_forms),
      WORLD_TEST(their_chains_are_judged),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

#include "ceremony.h"
#include "openssl_errors.h"

static void a_key_of_the_keystore(void **state)
{
  world_t *world = *state;
  static const int64_t ALGORITHMS[] = {-7, -35, -257};
  world->knobs.format = "android-key";
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    world->knobs.algorithm = ALGORITHMS[i];
    assert_ok(world_register(world));
  }
  assert_string_equal(webauthn_registered_format(world->registered), "android-key");
  assert_int_equal(webauthn_registered_attestation(world->registered), ATTESTATION_BASIC);
}

static void what_software_says_counts_unless_hardware_is_wanted(void **state)
{
  world_t *world = *state;
  world->knobs.format = "android-key";
  world->knobs.statement_fault = "software";
  assert_ok(world_register(world));
  world->registration.rules.android_hardware_only = true;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.statement_fault = "origin-mixed"; /* software's origin does not count then */
  assert_ok(world_register(world));
  world->knobs.statement_fault = "all-applications-software"; /* but this counts in either list */
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
}

static void descriptions_of_other_keys(void **state)
{
  world_t *world = *state;
  static const char *const FAULTS[] = {"challenge-other",     "all-applications", "all-applications-software",
                                       "purpose-missing",     "purpose-empty",    "purpose-decrypt",
                                       "purpose-sign-verify", "origin-missing",   "origin-imported",
                                       "origin-mixed",        "origin-twice",     "no-hardware-list",
                                       "description-cut",     "no-description",   "other-key",
                                       "challenge-short",     "purpose-twice",    "purpose-octets",
                                       "purpose-negative",    "purpose-sequence", "primitive-member"};
  world->knobs.format = "android-key";
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++) {
    world->knobs.statement_fault = FAULTS[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
}

/* Not all devices keep to the order of the schema; KeyMint's versions are numbers of hundreds. */
static void descriptions_as_devices_write_them(void **state)
{
  world_t *world = *state;
  static const char *const FORMS[] = {"unsorted", "keymint"};
  world->knobs.format = "android-key";
  for (size_t i = 0; i < ARRAY_LENGTH(FORMS); i++) {
    world->knobs.statement_fault = FORMS[i];
    assert_ok(world_register(world));
  }
  world->knobs.statement_fault = "description-twice";
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
}

static void signatures_and_certificates(void **state)
{
  world_t *world = *state;
  world->knobs.format = "android-key";
  world->knobs.wrong_key = true;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.wrong_key = false;
  world->knobs.statement_algorithm = -257;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.statement_algorithm = 0;
  world->knobs.certificate = CERTIFICATE_NOT_YET_VALID;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(a_key_of_the_keystore),
      WORLD_TEST(what_software_says_counts_unless_hardware_is_wanted),
      WORLD_TEST(descriptions_of_other_keys),
      WORLD_TEST(descriptions_as_devices_write_them),
      WORLD_TEST(signatures_and_certificates),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

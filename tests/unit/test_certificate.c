/* Attestation certificates made for the occasion, good and subtly wrong (WebAuthn L3 §8.2.1, §8.2.2, and what
 * we ask of every chain). */
#include "ceremony.h"
#include "openssl_errors.h"

#include "webauthn/certificate.h"
#include "webauthn/certificate_chain.h"

static void AT_04_subjects(void **state)
{
  world_t *world = *state;
  static const struct {
    certificate_fault_t fault;
    const char *why;
  } ROWS[] = {{CERTIFICATE_NO_COUNTRY, "subject C"},    {CERTIFICATE_LONG_COUNTRY, "subject C"},
              {CERTIFICATE_DIGIT_COUNTRY, "subject C"}, {CERTIFICATE_NO_ORGANISATION, "subject O is"},
              {CERTIFICATE_NO_UNIT, "subject OU"},      {CERTIFICATE_OTHER_UNIT, "subject OU"},
              {CERTIFICATE_TWO_UNITS, "subject OU"},    {CERTIFICATE_NO_NAME, "subject CN"}};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    world->knobs.certificate = ROWS[i].fault;
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
    assert_non_null(strstr(world->verdict.detail.text, ROWS[i].why));
  }
  world->knobs.certificate = CERTIFICATE_GOOD;
  assert_ok(world_register(world));
}

static void AT_04_versions_and_constraints(void **state)
{
  world_t *world = *state;
  static const struct {
    certificate_fault_t fault;
    const char *why;
  } ROWS[] = {{CERTIFICATE_VERSION_1, "version"},
              {CERTIFICATE_IS_CA, "CA's"},
              {CERTIFICATE_NO_BASIC_CONSTRAINTS, "basicConstraints"},
              {CERTIFICATE_CONSTRAINTS_TWICE, "basicConstraints"}};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    world->knobs.certificate = ROWS[i].fault;
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
    assert_non_null(strstr(world->verdict.detail.text, ROWS[i].why));
  }
  /* what may be missing may not be wrong */
  world->registration.rules.allow_missing_basic_constraints = true;
  world->knobs.certificate = CERTIFICATE_CONSTRAINTS_TWICE;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  world->knobs.certificate = CERTIFICATE_NO_BASIC_CONSTRAINTS;
  assert_ok(world_register(world));
}

static void AT_04_the_aaguid_extension(void **state)
{
  world_t *world = *state;
  static const certificate_fault_t BAD[] = {CERTIFICATE_AAGUID_DIFFERS, CERTIFICATE_AAGUID_CRITICAL,
                                            CERTIFICATE_AAGUID_BARE, CERTIFICATE_AAGUID_SHORT,
                                            CERTIFICATE_AAGUID_TWICE};
  static const char *const FORMATS[] = {"packed", "tpm"};
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    for (size_t j = 0; j < ARRAY_LENGTH(BAD); j++) {
      world->knobs.certificate = BAD[j];
      assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
    }
    world->knobs.certificate = CERTIFICATE_AAGUID_MATCHES;
    assert_ok(world_register(world));
  }
}

static void firmware_version_and_serial_number(void **state)
{
  world_t *world = *state;
  static const certificate_fault_t BAD[] = {CERTIFICATE_FIRMWARE_CRITICAL, CERTIFICATE_FIRMWARE_NEGATIVE,
                                            CERTIFICATE_FIRMWARE_OCTETS, CERTIFICATE_SERIAL_CRITICAL};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.certificate = BAD[i];
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  }
  world->knobs.certificate = CERTIFICATE_DEVICE;
  assert_ok(world_register(world));
}

static void keys_of_every_algorithm(void **state)
{
  world_t *world = *state;
  static const int64_t ALGORITHMS[] = {-7, -9, -35, -36, -47, -8, -53, -37, -39, -257, -259};
  world->knobs.format = "packed";
  world->knobs.statement_fault = "key-of-algorithm";
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    world->knobs.statement_algorithm = ALGORITHMS[i];
    world->knobs.signature = NULL;
    assert_ok(world_register(world));
    world->knobs.signature = "flip";
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
}

/* The statement names an algorithm, the certificate's key must be of it. */
static void keys_of_other_algorithms(void **state)
{
  world_t *world = *state;
  static const int64_t OTHERS[] = {-35, -36, -47, -8, -257, -37, -53};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(OTHERS); i++) {
    world->knobs.statement_algorithm = OTHERS[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.statement_algorithm = 0;
  world->knobs.certificate = CERTIFICATE_OTHER_CURVE;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.certificate = CERTIFICATE_EXPLICIT_CURVE;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.format = "fido-u2f";
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
}

static void AT_06_chains_that_do_not_hold_together(void **state)
{
  world_t *world = *state;
  static const struct {
    chain_fault_t fault;
    const char *why;
  } ROWS[] = {{CHAIN_SKIPPED, "did not issue it"},
              {CHAIN_UNRELATED, "did not issue it"},
              {CHAIN_DUPLICATE, "twice"},
              {CHAIN_ROOT_TWICE, "twice"},
              {CHAIN_ISSUER_NOT_CA, "no CA's"},
              {CHAIN_ISSUER_WITHOUT_CONSTRAINTS, "no CA's"},
              {CHAIN_ISSUER_MAY_NOT_SIGN, "did not issue it"},
              {CHAIN_ISSUER_OTHER_KEY, "did not sign it"},
              {CHAIN_ISSUER_X25519, "did not issue it"},
              {CHAIN_ISSUER_MAY_NOT_SIGN_UNREAD, "key usage"},
              {CHAIN_PATH_LENGTH_EXCEEDED, "pathLenConstraint"},
              {CHAIN_PATH_LENGTH_UNREAD, "pathLenConstraint"}};
  static const char *const FORMATS[] = {"packed", "tpm", "android-key", "apple"};
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    for (size_t j = 0; j < ARRAY_LENGTH(ROWS); j++) {
      world->knobs.chain = ROWS[j].fault;
      assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
      assert_non_null(strstr(world->verdict.detail.text, ROWS[j].why));
    }
    world->knobs.chain = CHAIN_PATH_LENGTH_ENOUGH;
    assert_ok(world_register(world));
  }
}

static void AT_06_hashes_that_are_broken(void **state)
{
  world_t *world = *state;
  world->knobs.format = "packed";
  world->knobs.chain = CHAIN_ISSUER_SIGNS_BY_MD5;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  assert_non_null(strstr(world->verdict.detail.text, "MD5"));
}

static void AT_06_as_many_as_eight(void **state)
{
  world_t *world = *state;
  static const chain_fault_t BAD[] = {CHAIN_NINE, CHAIN_FIFTY, CHAIN_EMPTY};
  world->knobs.format = "packed";
  world->knobs.chain = CHAIN_EIGHT;
  assert_ok(world_register(world));
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.chain = BAD[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
}

static void AT_07_issuers_out_of_time(void **state)
{
  world_t *world = *state;
  static const chain_fault_t BAD[] = {CHAIN_INTERMEDIATE_EXPIRED, CHAIN_ISSUER_NOT_YET_VALID};
  static const char *const FORMATS[] = {"packed", "tpm", "android-key", "apple"};
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++)
    for (size_t j = 0; j < ARRAY_LENGTH(BAD); j++) {
      world->knobs.format = FORMATS[i];
      world->knobs.chain = BAD[j];
      assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
      assert_non_null(strstr(world->verdict.detail.text, "expired or not yet valid"));
    }
}

/* Keys that would cost a hundred times what an honest one does are refused before anything is verified. */
static void AT_06_keys_of_issuers_are_bounded(void **state)
{
  world_t *world = *state;
  static const chain_fault_t BAD[] = {CHAIN_ISSUER_HUGE_RSA, CHAIN_ISSUER_RSA_EXPONENT,
                                      CHAIN_ISSUER_EXPLICIT_CURVE};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.chain = BAD[i];
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
    assert_non_null(strstr(world->verdict.detail.text, "too large"));
  }
}

static void AT_06_certificates_of_many_elements(void **state)
{
  world_t *world = *state;
  static const certificate_fault_t BAD[] = {CERTIFICATE_CROWDED, CERTIFICATE_CROWDED_VALUE};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.certificate = BAD[i];
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
    assert_non_null(strstr(world->verdict.detail.text, "512 elements"));
  }
  world->knobs.certificate = CERTIFICATE_HUGE_OID;
  assert_ok(world_register(world));
}

static void what_is_no_certificate(void **state)
{
  arena_t *arena = ((world_t *)*state)->arena;
  static const char *const BAD[] = {"", "00", "3000", "3080 0000", "30030201 00", "0400", "308400000000"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    X509 *certificate = NULL;
    error_detail_t detail = {""};
    assert_int_equal(certificate_parse(unit_hex(arena, BAD[i]), &certificate, &detail),
                     ERR_ATTESTATION_CERTIFICATE);
    assert_null(certificate);
    assert_true(detail.text[0] != '\0');
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(AT_04_subjects),
      WORLD_TEST(AT_04_versions_and_constraints),
      WORLD_TEST(AT_04_the_aaguid_extension),
      WORLD_TEST(firmware_version_and_serial_number),
      WORLD_TEST(keys_of_every_algorithm),
      WORLD_TEST(keys_of_other_algorithms),
      WORLD_TEST(AT_06_chains_that_do_not_hold_together),
      WORLD_TEST(AT_06_hashes_that_are_broken),
      WORLD_TEST(AT_06_as_many_as_eight),
      WORLD_TEST(AT_07_issuers_out_of_time),
      WORLD_TEST(AT_06_keys_of_issuers_are_bounded),
      WORLD_TEST(AT_06_certificates_of_many_elements),
      WORLD_TEST(what_is_no_certificate),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

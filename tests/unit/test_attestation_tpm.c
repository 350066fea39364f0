#include "ceremony.h"
#include "openssl_errors.h"

static void keys_of_every_kind(void **state)
{
  world_t *world = *state;
  static const int64_t ALGORITHMS[] = {-257, -37, -7, -35, -36};
  world->knobs.format = "tpm";
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    world->knobs.algorithm = ALGORITHMS[i];
    assert_ok(world_register(world));
    assert_int_equal(webauthn_registered_attestation(world->registered), ATTESTATION_ATT_CA);
  }
  assert_string_equal(webauthn_registered_format(world->registered), "tpm");
}

static void AT_13_the_hash_of_the_name(void **state)
{
  world_t *world = *state;
  static const char *const KNOWN[] = {"name-sha1", "name-sha384", "name-sha512"};
  world->knobs.format = "tpm";
  for (size_t i = 0; i < ARRAY_LENGTH(KNOWN); i++) {
    world->knobs.statement_fault = KNOWN[i];
    assert_ok(world_register(world));
  }
  world->knobs.statement_fault = "name-unknown";
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->registration.rules.refuse_sha1 = true;
  world->knobs.statement_fault = "name-sha1";
  assert_refused(world_register(world), ERR_ALGORITHM, world, "attestation-statement");
}

/* The standard says nameAlg, FIDO's conformance tools expect the hash that the name begins with. */
static void FC_096_a_name_by_another_hash_where_a_rule_says_so(void **state)
{
  world_t *world = *state;
  world->knobs.format = "tpm";
  world->knobs.statement_fault = "name-other-hash";
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->registration.rules.tpm_any_name_hash = true;
  assert_ok(world_register(world));
  static const char *const STILL[] = {"name-other", "name-bare", "name-unknown"};
  for (size_t i = 0; i < ARRAY_LENGTH(STILL); i++) {
    world->knobs.statement_fault = STILL[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
}

/* extraData is of the hash that belongs to alg. */
static void identity_keys_of_every_algorithm(void **state)
{
  world_t *world = *state;
  static const int64_t ALGORITHMS[] = {-7, -35, -36, -258, -37, -39, -65535};
  world->knobs.format = "tpm";
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    world->knobs.statement_algorithm = ALGORITHMS[i];
    world->knobs.statement_fault = "aik-of-algorithm";
    assert_ok(world_register(world));
  }
  world->knobs.statement_algorithm = -8; /* signs without a hash: there is none for extraData */
  assert_refused(world_register(world), ERR_ALGORITHM, world, "attestation-statement");
}

static void RS1_is_taken_from_tpms_unless_refused(void **state)
{
  world_t *world = *state;
  world->knobs.format = "tpm";
  world->knobs.statement_algorithm = -65535;
  assert_ok(world_register(world));
  world->knobs.algorithm = -257; /* the form that libfido2 knows */
  assert_ok(world_register(world));
  world->registration.rules.refuse_sha1 = true;
  assert_refused(world_register(world), ERR_ALGORITHM, world, "attestation-statement");
  world->knobs.format = "android-key";
  assert_refused(world_register(world), ERR_ALGORITHM, world, "attestation-statement");
}

static void forms_that_are_as_good(void **state)
{
  world_t *world = *state;
  static const char *const RSA[] = {"scheme", "leading-zeros", "exponent-65537"};
  static const char *const ECC[] = {"scheme",  "leading-zeros", "kdf", "vendor-lower-case",
                                    "one-rdn", "usage-more"};
  world->knobs.format = "tpm";
  for (size_t i = 0; i < ARRAY_LENGTH(ECC); i++) {
    world->knobs.statement_fault = ECC[i];
    assert_ok(world_register(world));
  }
  world->knobs.algorithm = -257;
  for (size_t i = 0; i < ARRAY_LENGTH(RSA); i++) {
    world->knobs.statement_fault = RSA[i];
    assert_ok(world_register(world));
  }
}

static void structures_that_say_something_else(void **state)
{
  world_t *world = *state;
  static const char *const ANY[] = {"other-unique",
                                    "other-type",
                                    "public-trailing",
                                    "public-cut",
                                    "name-bare",
                                    "name-other",
                                    "magic",
                                    "type-quote",
                                    "extra-data-other",
                                    "extra-data-sha384",
                                    "certify-trailing",
                                    "certify-cut",
                                    "ver-1",
                                    "no-ver"};
  static const char *const RSA[] = {"other-type", "other-unique", "scheme-without-hash", "key-bits",
                                    "exponent-3"};
  static const char *const ECC[] = {"other-curve", "unknown-curve", "scheme-unknown"};
  world->knobs.format = "tpm";
  for (size_t i = 0; i < ARRAY_LENGTH(ANY); i++) {
    world->knobs.statement_fault = ANY[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.algorithm = -257;
  for (size_t i = 0; i < ARRAY_LENGTH(RSA); i++) {
    world->knobs.statement_fault = RSA[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.algorithm = -7;
  for (size_t i = 0; i < ARRAY_LENGTH(ECC); i++) {
    world->knobs.statement_fault = ECC[i];
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
}

static void certificates_of_attestation_identity_keys(void **state)
{
  world_t *world = *state;
  static const char *const FAULTS[] = {
      "subject",     "no-san",     "san-not-critical",   "san-dns",        "no-manufacturer",
      "no-model",    "no-version", "manufacturer-twice", "vendor-unknown", "no-usage",
      "usage-other", "san-twice",  "model-empty",        "vendor-long",    "vendor-bare"};
  static const certificate_fault_t CERTIFICATES[] = {
      CERTIFICATE_VERSION_1,      CERTIFICATE_IS_CA,           CERTIFICATE_NO_BASIC_CONSTRAINTS,
      CERTIFICATE_AAGUID_DIFFERS, CERTIFICATE_AAGUID_CRITICAL, CERTIFICATE_EXPIRED,
      CERTIFICATE_NOT_YET_VALID};
  world->knobs.format = "tpm";
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++) {
    world->knobs.statement_fault = FAULTS[i];
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  }
  world->registration.rules.tpm_any_vendor = true;
  world->knobs.statement_fault = "vendor-unknown";
  assert_ok(world_register(world));
  world->knobs.statement_fault = NULL;
  for (size_t i = 0; i < ARRAY_LENGTH(CERTIFICATES); i++) {
    world->knobs.certificate = CERTIFICATES[i];
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  }
  world->knobs.certificate = CERTIFICATE_AAGUID_MATCHES;
  assert_ok(world_register(world));
}

/* As some TPMs' certificates have them: OpenSSL cannot say who issued one, the names and the signature can.
 */
static void key_identifiers_that_openssl_cannot_read(void **state)
{
  world_t *world = *state;
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  assert_ok(trust_roots_new(&roots));
  assert_ok(trust_roots_add_pem(
      roots, bytes_of_string(attestation_ca_root_pem(soft_authenticator_ca(world->authenticator)))));
  world->knobs.format = "tpm";
  world->knobs.statement_fault = "unreadable-issuer";
  world->knobs.chain = CHAIN_INTERMEDIATE;
  assert_ok(world_register(world));
  world->knobs.chain = CHAIN_DUPLICATE;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  world->knobs.chain = CHAIN_REVERSED;
  assert_int_not_equal(world_register(world), ERR_NONE);
  world->knobs.chain = CHAIN_INTERMEDIATE;
  world->registration.trust.roots = roots;
  assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
  world->knobs.statement_fault = NULL;
  assert_ok(world_register(world));
  assert_true(webauthn_registered_trusted(world->registered));
}

static void signatures(void **state)
{
  world_t *world = *state;
  static const int64_t ALGORITHMS[] = {-258, -35, -8, -999};
  world->knobs.format = "tpm";
  world->knobs.signature = "flip";
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.signature = NULL;
  world->knobs.wrong_key = true;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.wrong_key = false;
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    world->knobs.statement_algorithm = ALGORITHMS[i]; /* the AIK's is ES256 */
    assert_int_not_equal(world_register(world), ERR_NONE);
    assert_int_equal(world->verdict.step, WEBAUTHN_STEP_ATTESTATION_STATEMENT);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(keys_of_every_kind),
      WORLD_TEST(AT_13_the_hash_of_the_name),
      WORLD_TEST(FC_096_a_name_by_another_hash_where_a_rule_says_so),
      WORLD_TEST(identity_keys_of_every_algorithm),
      WORLD_TEST(RS1_is_taken_from_tpms_unless_refused),
      WORLD_TEST(forms_that_are_as_good),
      WORLD_TEST(structures_that_say_something_else),
      WORLD_TEST(certificates_of_attestation_identity_keys),
      WORLD_TEST(key_identifiers_that_openssl_cannot_read),
      WORLD_TEST(signatures),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

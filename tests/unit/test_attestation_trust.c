/* Where chains lead: anchors of every kind, and what OpenSSL asks on the way (WebAuthn L3 §7.1 steps 24 and
 * 25). */
#include "ceremony.h"
#include "openssl_errors.h"

#include "crypto/trust_roots.h"
#include "webauthn/attestation_statement.h"

typedef struct registration {
  json_t *json;
  attestation_chain_t chain;
} registration_t;

/* One that verifies, with its certificates in view. */
static registration_t make(world_t *world)
{
  registration_t made = {.json = world_registration_json(world)};
  world->registration.trust.roots = NULL;
  world->registration.trust.require_trusted = false;
  assert_ok(world_judge_registration(world, json_incref(made.json)));
  assert_false(webauthn_registered_trusted(world->registered));
  attestation_object_t object;
  attestation_statement_t statement;
  bytes_t bytes = webauthn_registered_attestation_object(world->registered);
  assert_ok(attestation_object_parse(bytes, &object, NULL));
  assert_ok(attestation_statement_parse("packed", object.statement, STATEMENT_ALG | STATEMENT_SIG,
                                        STATEMENT_X5C, &statement, NULL));
  made.chain = statement.chain;
  return made;
}

/* Judged with that anchor alone; the registration stays. */
static error_code_t judge(world_t *world, const registration_t *made, const char *pem)
{
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  assert_ok(trust_roots_new(&roots));
  assert_ok(trust_roots_add_pem(roots, bytes_of_string(pem)));
  world->registration.trust.roots = roots;
  error_code_t code = world_judge_registration(world, json_incref(made->json));
  world->registration.trust.roots = NULL;
  return code;
}

static const char *root_pem(const world_t *world)
{
  return attestation_ca_root_pem(soft_authenticator_ca(world->authenticator));
}

static void roots_intermediates_and_leaves_are_anchors(void **state)
{
  world_t *world = *state;
  world->knobs.format = "packed";
  world->knobs.chain = CHAIN_PATH_LENGTH_ENOUGH;
  registration_t made = make(world), other = make(world);
  assert_int_equal(made.chain.count, 3);
  assert_ok(judge(world, &made, root_pem(world)));
  assert_true(webauthn_registered_trusted(world->registered));
  for (size_t i = 0; i < made.chain.count; i++) {
    assert_ok(judge(world, &made, certificate_pem(world->arena, made.chain.certificates[i])));
    assert_true(webauthn_registered_trusted(world->registered));
    /* the same names, other keys */
    assert_refused(judge(world, &made, certificate_pem(world->arena, other.chain.certificates[i])),
                   ERR_ATTESTATION_TRUST, world, "attestation-trust");
  }
  json_decref(made.json);
  json_decref(other.json);
}

static void roots_that_issued_something_else(void **state)
{
  world_t *world = *state;
  static const chain_fault_t CHAINS[] = {CHAIN_GOOD, CHAIN_INTERMEDIATE, CHAIN_EIGHT};
  world->knobs.format = "packed";
  world->knobs.certificate = CERTIFICATE_OTHER_ROOT;
  for (size_t i = 0; i < ARRAY_LENGTH(CHAINS); i++) {
    world->knobs.chain = CHAINS[i];
    registration_t made = make(world);
    assert_refused(judge(world, &made, root_pem(world)), ERR_ATTESTATION_TRUST, world, "attestation-trust");
    json_decref(made.json);
  }
}

static void name_constraints_hold(void **state)
{
  world_t *world = *state;
  world->knobs.format = "packed";
  world->knobs.chain = CHAIN_NAME_CONSTRAINED;
  registration_t made = make(world);
  assert_refused(judge(world, &made, root_pem(world)), ERR_ATTESTATION_TRUST, world, "attestation-trust");
  json_decref(made.json);
}

static void the_longest_chain_reaches_its_root(void **state)
{
  world_t *world = *state;
  world->knobs.format = "packed";
  world->knobs.chain = CHAIN_EIGHT;
  registration_t made = make(world);
  assert_int_equal(made.chain.count, 8);
  assert_ok(judge(world, &made, root_pem(world)));
  assert_true(webauthn_registered_trusted(world->registered));
  json_decref(made.json);
}

/* At the ceremony's time, not at the machine's. */
static void AT_07_the_time_is_that_of_the_ceremony(void **state)
{
  world_t *world = *state;
  world->knobs.format = "packed";
  registration_t made = make(world);
  static const int64_t BAD[] = {SECONDS(1500000000), SECONDS(2600000000)}; /* 2017, 2052 */
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->registration.trust.time_ms = BAD[i];
    assert_refused(judge(world, &made, root_pem(world)), ERR_ATTESTATION_CERTIFICATE, world,
                   "attestation-statement");
  }
  world->registration.trust.time_ms = NOW_MS;
  assert_ok(judge(world, &made, root_pem(world)));
  json_decref(made.json);
}

static void a_root_inside_of_x5c_where_that_is_refused(void **state)
{
  world_t *world = *state;
  static const char *const FORMATS[] = {"packed", "tpm", "android-key", "apple"};
  world->knobs.chain = CHAIN_WITH_ROOT;
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    world->registration.trust.refuse_root_in_chain = false;
    assert_ok(world_register(world));
    world->registration.trust.refuse_root_in_chain = true;
    assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
  }
}

static void anchors_that_cannot_be_read(void **state)
{
  world_t *world = *state;
  const char *pem = root_pem(world);
  static const char *const BAD[] = {"", "garbage",
                                    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
    assert_ok(trust_roots_new(&roots));
    assert_int_equal(trust_roots_add_pem(roots, bytes_of_string(BAD[i])), ERR_MALFORMED);
  }
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  assert_ok(trust_roots_new(&roots));
  const char *joined = arena_format(world->arena, "# a comment\n%s\n%s%s", pem, pem, BAD[2]);
  assert_int_equal(trust_roots_add_pem(roots, bytes_of_string(joined)), ERR_MALFORMED);
  joined = arena_format(world->arena, "# a comment\n%s\n%s", pem, pem); /* twice does no harm */
  assert_ok(trust_roots_add_pem(roots, bytes_of_string(joined)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(roots_intermediates_and_leaves_are_anchors),
      WORLD_TEST(roots_that_issued_something_else),
      WORLD_TEST(name_constraints_hold),
      WORLD_TEST(the_longest_chain_reaches_its_root),
      WORLD_TEST(AT_07_the_time_is_that_of_the_ceremony),
      WORLD_TEST(a_root_inside_of_x5c_where_that_is_refused),
      WORLD_TEST(anchors_that_cannot_be_read),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}

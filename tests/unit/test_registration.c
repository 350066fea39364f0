#include "ceremony.h"

static void an_honest_registration(void **state)
{
  world_t *world = *state;
  assert_ok(world_register(world));
  assert_int_equal(world->verdict.step, WEBAUTHN_STEP_NONE);
  const webauthn_registered_t *registered = world->registered;
  const char *const *transports = NULL;
  assert_string_equal(webauthn_registered_format(registered), "none");
  assert_int_equal(webauthn_registered_attestation(registered), ATTESTATION_NONE);
  assert_false(webauthn_registered_trusted(registered));
  assert_int_equal(webauthn_registered_algorithm(registered), SIGNATURE_ES256);
  assert_int_equal(webauthn_registered_credential_id(registered).len, 32);
  assert_int_equal(webauthn_registered_aaguid(registered).len, AAGUID_LENGTH);
  assert_int_equal(webauthn_registered_attachment(registered), ATTACHMENT_CROSS_PLATFORM);
  assert_int_equal(webauthn_registered_transports(registered, &transports), 1);
  assert_string_equal(transports[0], "usb");
  assert_int_equal(webauthn_registered_flags(registered),
                   AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_UV | AUTHENTICATOR_FLAG_AT);
}

static void every_algorithm_and_format_of_ours(void **state)
{
  world_t *world = *state;
  static const int64_t ALGORITHMS[] = {-7,  -9,  -35, -51, -36, -52,  -47,  -8,
                                       -19, -53, -37, -38, -39, -257, -258, -259};
  static const char *const FORMATS[] = {"none", "packed-self", "packed"};
  static const attestation_type_t TYPES[] = {ATTESTATION_NONE, ATTESTATION_SELF, ATTESTATION_BASIC};
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++)
    for (size_t j = 0; j < ARRAY_LENGTH(FORMATS); j++) {
      world->knobs.algorithm = ALGORITHMS[i];
      world->knobs.format = FORMATS[j];
      assert_ok(world_register(world));
      assert_true(webauthn_registered_algorithm(world->registered) == ALGORITHMS[i]);
      assert_int_equal(webauthn_registered_attestation(world->registered), TYPES[j]);
    }
}

static void WR_01_an_algorithm_that_was_not_offered(void **state)
{
  world_t *world = *state;
  static const int64_t OFFERED[] = {-7}, REFUSED[] = {-257, -8, -35};
  world->registration.algorithms = OFFERED;
  world->registration.algorithm_count = 1;
  world->knobs.format = "packed-self";
  for (size_t i = 0; i < ARRAY_LENGTH(REFUSED); i++) {
    world->knobs.algorithm = REFUSED[i];
    assert_refused(world_register(world), ERR_ALGORITHM, world, "algorithm");
  }
  world->knobs.algorithm = -7;
  assert_ok(world_register(world));
}

static void WR_12_origins_that_look_alike(void **state)
{
  world_t *world = *state;
  static const char *const BAD[] = {"https://rp.example.evil.test",
                                    "https://evilrp.example",
                                    "http://rp.example",
                                    "https://rp.example:8443",
                                    "https://rp.example/",
                                    "https://RP.EXAMPLE",
                                    "https://rp.example@evil.test",
                                    "https://rp.example%00.evil.test",
                                    "null",
                                    "",
                                    "https://rp.exampl"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->origin = BAD[i];
    assert_refused(world_register(world), ERR_ORIGIN, world, "origin");
  }
  world->origin = ORIGIN;
  assert_ok(world_register(world));
}

static void WR_13_a_subdomain_is_another_origin(void **state)
{
  world_t *world = *state;
  world->origin = "https://blog.rp.example";
  assert_refused(world_register(world), ERR_ORIGIN, world, "origin");
}

static void WR_15_cross_origin(void **state)
{
  world_t *world = *state;
  bytes_t top = BYTES_LITERAL("https://top.example");
  world->knobs.cross_origin = 1;
  assert_refused(world_register(world), ERR_CROSS_ORIGIN, world, "cross-origin");
  world->knobs.cross_origin = -1;
  world->knobs.top_origin = "https://top.example";
  assert_refused(world_register(world), ERR_CROSS_ORIGIN, world, "top-origin");
  world->knobs.cross_origin = 1;
  world->site.allow_cross_origin = true;
  assert_refused(world_register(world), ERR_CROSS_ORIGIN, world, "top-origin");
  world->site.top_origins = &top;
  world->site.top_origin_count = 1;
  assert_ok(world_register(world));
  world->knobs.top_origin = "https://other.example";
  assert_refused(world_register(world), ERR_CROSS_ORIGIN, world, "top-origin");
  world->knobs.top_origin = NULL;
  assert_ok(world_register(world));
  world->site.cross_origin_needs_top_origin = true;
  assert_refused(world_register(world), ERR_CROSS_ORIGIN, world, "top-origin");
}

static void type_and_challenge(void **state)
{
  world_t *world = *state;
  world->knobs.type = "webauthn.get";
  assert_refused(world_register(world), ERR_CEREMONY_TYPE, world, "type");
  world_behave(world);
  world->knobs.challenge = BYTES_LITERAL("AAECAwQFBgcICQoLDA0ODg");
  assert_refused(world_register(world), ERR_CHALLENGE, world, "challenge");
  world->knobs.challenge = BYTES_LITERAL("AAECAwQFBgcICQoLDA0O");
  assert_refused(world_register(world), ERR_CHALLENGE, world, "challenge");
  world_behave(world);
  world->registration.challenge = BYTES_NONE; /* terms without a challenge accept nothing, not even none */
  world->knobs.client_data_json =
      BYTES_LITERAL("{\"type\":\"webauthn.create\",\"challenge\":\"\",\"origin\":\"" ORIGIN "\"}");
  assert_refused(world_register(world), ERR_CHALLENGE, world, "challenge");
}

static void WR_22_the_ids_are_one(void **state)
{
  world_t *world = *state;
  world->knobs.id = BYTES_LITERAL("another id");
  assert_refused(world_register(world), ERR_CREDENTIAL_ID, world, "credential-id");
}

static void credential_ids_of_1_to_1023_bytes(void **state)
{
  world_t *world = *state;
  static const uint8_t ID[1024] = {1};
  world->knobs.credential_id = bytes_of(ID, 1023);
  assert_ok(world_register(world));
  world->knobs.credential_id = bytes_of(ID, 1024);
  assert_refused(world_register(world), ERR_CREDENTIAL_ID, world, "credential-id");
}

static void WR_25_authenticator_data_cut_at_every_byte(void **state)
{
  world_t *world = *state;
  assert_ok(world_register(world));
  size_t whole = webauthn_registered_authenticator_data(world->registered).len;
  for (size_t len = 0; len < whole; len += len < 60 ? 1 : 7) {
    world->knobs.truncate = (int64_t)len;
    assert_refused(world_register(world), ERR_AUTHENTICATOR_DATA, world, "authenticator-data");
  }
  world_behave(world);
  world->knobs.cose = "truncated";
  assert_refused(world_register(world), ERR_AUTHENTICATOR_DATA, world, "authenticator-data");
  world_behave(world);
  world->knobs.trailing = BYTES_LITERAL("\0");
  assert_refused(world_register(world), ERR_AUTHENTICATOR_DATA, world, "authenticator-data");
}

static void a_registration_without_attested_data(void **state)
{
  world_t *world = *state;
  world->knobs.truncate = 37;
  world->knobs.at = 0;
  assert_refused(world_register(world), ERR_AUTHENTICATOR_DATA, world, "authenticator-data");
}

static void WR_29_backed_up_without_being_eligible(void **state)
{
  world_t *world = *state;
  world->knobs.bs = 1;
  assert_refused(world_register(world), ERR_BACKUP_FLAGS, world, "backup-flags");
  world->knobs.be = 1;
  assert_ok(world_register(world));
}

static void WR_30_user_presence(void **state)
{
  world_t *world = *state;
  world->knobs.up = 0;
  assert_refused(world_register(world), ERR_USER_PRESENCE, world, "user-present");
  world->registration.user.absent_allowed = true;
  assert_ok(world_register(world));
}

static void WR_31_user_verification(void **state)
{
  world_t *world = *state;
  world->knobs.uv = 0;
  assert_refused(world_register(world), ERR_USER_VERIFICATION, world, "user-verified");
  world->registration.user.require_uv = false;
  assert_ok(world_register(world));
}

static void WR_33_rp_id_hash_of_relatives(void **state)
{
  world_t *world = *state;
  static const char *const BAD[] = {"example", "RP.example", ORIGIN, "other.example", ""};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.rp_id = BAD[i];
    assert_refused(world_register(world), ERR_RP_ID, world, "rp-id-hash");
  }
}

static void WR_45_unsolicited_extensions_are_ignored(void **state)
{
  world_t *world = *state;
  static const char *const FORMATS[] = {"none", "packed-self", "packed"};
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    world->knobs.extensions = unit_hex(world->arena, "a5 6161f5 6162f4 6163f5 6164f5 6165 01");
    assert_ok(world_register(world));
    world->knobs.extensions =
        unit_hex(world->arena, "a2 6b6372656450726f74656374 02 6b686d61632d736563726574 f5");
    assert_ok(world_register(world));
  }
}

static void PM_01_and_PM_07_broken_objects(void **state)
{
  world_t *world = *state;
  static const char *const BAD[] = {"9a08000000", "ba08000000", "9b0000000100000000", "a0", "00"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.attestation_object = unit_hex(world->arena, BAD[i]);
    assert_int_not_equal(world_register(world), ERR_NONE);
    assert_int_equal(world->verdict.step, WEBAUTHN_STEP_ATTESTATION_OBJECT);
  }
  world_behave(world);
  world->knobs.object_trailing = BYTES_LITERAL("\0");
  assert_refused(world_register(world), ERR_CBOR, world, "attestation-object");
}

static void PM_04_faulty_keys(void **state)
{
  world_t *world = *state;
  static const struct {
    const char *fault, *step;
  } ROWS[] = {{"duplicate-label", "authenticator-data"},
              {"duplicate-alg", "authenticator-data"},
              {"unsorted", "authenticator-data"},
              {"nonminimal", "authenticator-data"},
              {"indefinite", "authenticator-data"},
              {"extra-member", "algorithm"},
              {"off-curve", "algorithm"},
              {"compressed", "algorithm"},
              {"no-alg", "algorithm"},
              {"long-x", "algorithm"}};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    world->knobs.cose = ROWS[i].fault;
    assert_int_not_equal(world_register(world), ERR_NONE);
    assert_string_equal(webauthn_step_info(world->verdict.step)->slug, ROWS[i].step);
  }
}

static void AT_01_none_where_trust_is_required(void **state)
{
  world_t *world = *state;
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  assert_ok(trust_roots_new(&roots));
  assert_ok(trust_roots_add_pem(
      roots, bytes_of_string(attestation_ca_root_pem(soft_authenticator_ca(world->authenticator)))));
  world->registration.trust.roots = roots;
  world->registration.trust.require_trusted = true;
  assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
  world->knobs.format = "packed-self";
  assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
  world->knobs.format = "packed";
  assert_ok(world_register(world));
  assert_true(webauthn_registered_trusted(world->registered));
  world->knobs.certificate = CERTIFICATE_OTHER_ROOT;
  assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
  world->registration.trust.roots = NULL;
  assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
}

static void AT_04_rules_of_packed_certificates(void **state)
{
  world_t *world = *state;
  static const certificate_fault_t BAD[] = {CERTIFICATE_VERSION_1,
                                            CERTIFICATE_NO_COUNTRY,
                                            CERTIFICATE_LONG_COUNTRY,
                                            CERTIFICATE_NO_ORGANISATION,
                                            CERTIFICATE_NO_UNIT,
                                            CERTIFICATE_OTHER_UNIT,
                                            CERTIFICATE_NO_NAME,
                                            CERTIFICATE_IS_CA,
                                            CERTIFICATE_AAGUID_DIFFERS,
                                            CERTIFICATE_AAGUID_CRITICAL,
                                            CERTIFICATE_NO_BASIC_CONSTRAINTS};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.certificate = BAD[i];
    assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  }
  world->registration.rules.allow_missing_basic_constraints = true;
  assert_ok(world_register(world)); /* the last one */
  world->knobs.certificate = CERTIFICATE_VERSION_1;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  world->knobs.certificate = CERTIFICATE_AAGUID_MATCHES;
  assert_ok(world_register(world));
  world->knobs.certificate = CERTIFICATE_OTHER_CURVE;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
}

static void AT_06_chains(void **state)
{
  world_t *world = *state;
  static const chain_fault_t BAD[] = {CHAIN_REVERSED, CHAIN_DUPLICATE, CHAIN_FIFTY,
                                      CHAIN_HUGE,     CHAIN_EMPTY,     CHAIN_TRAILING};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.chain = BAD[i];
    assert_int_not_equal(world_register(world), ERR_NONE);
    assert_int_equal(world->verdict.step, WEBAUTHN_STEP_ATTESTATION_STATEMENT);
  }
  world->knobs.chain = CHAIN_INTERMEDIATE;
  assert_ok(world_register(world));
}

static void a_root_inside_of_the_chain(void **state)
{
  world_t *world = *state;
  world->knobs.format = "packed";
  world->knobs.chain = CHAIN_WITH_ROOT;
  assert_ok(world_register(world));
  world->registration.trust.refuse_root_in_chain = true;
  assert_refused(world_register(world), ERR_ATTESTATION_TRUST, world, "attestation-trust");
  world->knobs.chain = CHAIN_INTERMEDIATE;
  assert_ok(world_register(world));
}

static void AT_07_certificates_out_of_time(void **state)
{
  world_t *world = *state;
  world->knobs.format = "packed";
  world->knobs.certificate = CERTIFICATE_EXPIRED;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  world->knobs.certificate = CERTIFICATE_NOT_YET_VALID;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  world->knobs.certificate = CERTIFICATE_GOOD;
  world->knobs.chain = CHAIN_INTERMEDIATE_EXPIRED;
  assert_refused(world_register(world), ERR_ATTESTATION_CERTIFICATE, world, "attestation-statement");
  world->registration.trust.time_ms = SECONDS(1600000000); /* 2020: all of them were good */
  assert_ok(world_register(world));
}

static void AT_18_other_formats_are_refused_by_name(void **state)
{
  world_t *world = *state;
  static const char *const NAMES[] = {"Packed", "fmt-unknown", "", "tpm2", "fido-u2F", "Apple"};
  for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
    world->knobs.format_name = NAMES[i];
    assert_refused(world_register(world), ERR_ATTESTATION_FORMAT, world, "attestation-format");
    assert_non_null(strstr(world->verdict.detail.text, NAMES[i]));
  }
  char *name = arena_format(world->arena, "%060000d", 0);
  world->knobs.format_name = name;
  assert_refused(world_register(world), ERR_ATTESTATION_FORMAT, world, "attestation-format");
}

static void AT_20_none_with_a_statement(void **state)
{
  world_t *world = *state;
  world->knobs.statement = unit_hex(world->arena, "a1 63736967 4100");
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  world->knobs.statement = unit_hex(world->arena, "80");
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
}

static void AT_21_packed_statements_of_other_forms(void **state)
{
  world_t *world = *state;
  static const char *const BAD[] = {
      "a3 63616c67 26 63736967 4100 6a65636461614b65794964 4100", /* ecdaaKeyId */
      "a1 63736967 4100",                                         /* no alg */
      "a1 63616c67 26",                                           /* no sig */
      "a2 63616c67 26 63736967 6161",                             /* sig as text */
      "a2 63616c67 6126 63736967 4100",                           /* alg as text */
      "a3 63616c67 26 63736967 4100 63783563 80",                 /* x5c without certificates */
      "a3 63616c67 26 63736967 4100 63783563 814100",             /* no certificate */
      "a3 63616c67 26 63736967 4100 63783563 8140",               /* an empty one */
      "a3 63616c67 26 63736967 4100 63783563 4100",               /* x5c as bytes */
      "a3 63616c67 26 63736967 4100 6178 01",                     /* a foreign member */
      "80",
      "a0"};
  world->knobs.format = "packed";
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.statement = unit_hex(world->arena, BAD[i]);
    assert_int_not_equal(world_register(world), ERR_NONE);
    assert_int_equal(world->verdict.step, WEBAUTHN_STEP_ATTESTATION_STATEMENT);
  }
}

static void attestation_signatures(void **state)
{
  world_t *world = *state;
  static const char *const FORMATS[] = {"packed-self", "packed"};
  static const char *const FAULTS[] = {"flip",       "empty",        "truncated",  "trailing",
                                       "ber-length", "leading-zero", "negative-r", "r-zero",
                                       "s-zero",     "r-order",      "raw"};
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world_behave(world);
    world->knobs.format = FORMATS[i];
    for (size_t j = 0; j < ARRAY_LENGTH(FAULTS); j++) {
      world->knobs.signature = FAULTS[j];
      assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
    }
    world->knobs.signature = NULL;
    world->knobs.wrong_key = true;
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
    world->knobs.wrong_key = false;
    world->knobs.statement_algorithm = -257;
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  }
  world->knobs.statement_algorithm = -65535;
  assert_refused(world_register(world), ERR_ALGORITHM, world, "attestation-statement");
}

static void RS1_is_taken_where_a_term_says_so(void **state)
{
  world_t *world = *state;
  static const int64_t OFFERED[] = {SIGNATURE_ES256, SIGNATURE_RS1};
  world->knobs.format = "packed-self";
  world->knobs.algorithm = SIGNATURE_RS1;
  world->registration.algorithms = OFFERED; /* naming it is not enough */
  world->registration.algorithm_count = 2;
  assert_refused(world_register(world), ERR_ALGORITHM, world, "algorithm");
  world->registration.algorithm_count = 0; /* all that we know */
  assert_refused(world_register(world), ERR_ALGORITHM, world, "algorithm");
  world->registration.allow_rs1 = true;
  assert_ok(world_register(world));
  world->registration.algorithm_count = 2;
  assert_ok(world_register(world));
  world->registration.algorithm_count = 1;
  assert_refused(world_register(world), ERR_ALGORITHM, world, "algorithm");
  world->registration.algorithm_count = 2;
  world->knobs.wrong_key = true;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
}

static void credentials_that_can_be_synced_may_be_refused(void **state)
{
  world_t *world = *state;
  world->registration.refuse_backup_eligible = true;
  assert_ok(world_register(world));
  world->knobs.be = 1;
  assert_refused(world_register(world), ERR_BACKUP_ELIGIBLE, world, "backup-eligibility");
  world->registration.refuse_backup_eligible = false;
  assert_ok(world_register(world));
}

static void WR_45_extension_outputs_are_held_against_what_was_asked(void **state)
{
  world_t *world = *state;
  extension_terms_t *terms = &world->registration.extensions;
  world->knobs.extensions = unit_hex(world->arena, "a1 6c 6d696e50696e4c656e677468 08"); /* minPinLength */
  assert_ok(world_register(world));
  assert_int_equal(webauthn_registered_extensions(world->registered)->min_pin_length, 0);
  terms->refuse_unsolicited = true;
  assert_refused(world_register(world), ERR_EXTENSION, world, "extensions");
  terms->asked = EXTENSION_BIT(EXTENSION_MIN_PIN_LENGTH);
  assert_ok(world_register(world));
  assert_int_equal(webauthn_registered_extensions(world->registered)->min_pin_length, 8);
  terms->cred_protect = 2;
  terms->cred_protect_enforced = true;
  assert_refused(world_register(world), ERR_CRED_PROTECT, world, "extensions");
}

static void client_data_may_be_parsed_before(void **state)
{
  world_t *world = *state;
  CLEANUP(json_drop) json_t *json = world_registration_json(world);
  webauthn_registration_response_t response;
  client_data_t data;
  assert_ok(webauthn_registration_response_parse(world->arena, json, RESPONSE_FORM_W3C, &response, NULL));
  assert_ok(client_data_parse(world->arena, response.client_data_json, &data, NULL));
  response.client_data = &data;
  assert_ok(webauthn_registration_verify(world->arena, &world->registration, &response, &world->verdict,
                                         &world->registered));
  data.origin = BYTES_LITERAL("https://other.example");
  assert_refused(webauthn_registration_verify(world->arena, &world->registration, &response, &world->verdict,
                                              &world->registered),
                 ERR_ORIGIN, world, "origin");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(an_honest_registration),
      WORLD_TEST(credentials_that_can_be_synced_may_be_refused),
      WORLD_TEST(WR_45_extension_outputs_are_held_against_what_was_asked),
      WORLD_TEST(every_algorithm_and_format_of_ours),
      WORLD_TEST(WR_01_an_algorithm_that_was_not_offered),
      WORLD_TEST(WR_12_origins_that_look_alike),
      WORLD_TEST(WR_13_a_subdomain_is_another_origin),
      WORLD_TEST(WR_15_cross_origin),
      WORLD_TEST(type_and_challenge),
      WORLD_TEST(WR_22_the_ids_are_one),
      WORLD_TEST(credential_ids_of_1_to_1023_bytes),
      WORLD_TEST(WR_25_authenticator_data_cut_at_every_byte),
      WORLD_TEST(a_registration_without_attested_data),
      WORLD_TEST(WR_29_backed_up_without_being_eligible),
      WORLD_TEST(WR_30_user_presence),
      WORLD_TEST(WR_31_user_verification),
      WORLD_TEST(WR_33_rp_id_hash_of_relatives),
      WORLD_TEST(WR_45_unsolicited_extensions_are_ignored),
      WORLD_TEST(PM_01_and_PM_07_broken_objects),
      WORLD_TEST(PM_04_faulty_keys),
      WORLD_TEST(AT_01_none_where_trust_is_required),
      WORLD_TEST(AT_04_rules_of_packed_certificates),
      WORLD_TEST(AT_06_chains),
      WORLD_TEST(a_root_inside_of_the_chain),
      WORLD_TEST(AT_07_certificates_out_of_time),
      WORLD_TEST(AT_18_other_formats_are_refused_by_name),
      WORLD_TEST(AT_20_none_with_a_statement),
      WORLD_TEST(AT_21_packed_statements_of_other_forms),
      WORLD_TEST(attestation_signatures),
      WORLD_TEST(RS1_is_taken_where_a_term_says_so),
      WORLD_TEST(client_data_may_be_parsed_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

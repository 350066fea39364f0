#include "ceremony.h"
#include "metadata_fixture.h"

#include "metadata/metadata_judge.h"
#include "webauthn/certificate.h"

#define L1 "{\"status\":\"FIDO_CERTIFIED_L1\",\"effectiveDate\":\"2024-01-01\"}"
#define FULL_ES256                                                                                           \
  "\"authenticationAlgorithms\":[\"secp256r1_ecdsa_sha256_raw\"],\"attestationTypes\":[\"basic_full\"],"     \
  "\"keyProtection\":[\"hardware\"]"
#define SELF_ES256                                                                                           \
  "\"authenticationAlgorithms\":[\"secp256r1_ecdsa_sha256_raw\"],"                                           \
  "\"attestationTypes\":[\"basic_surrogate\"],\"keyProtection\":[\"software\"]"

/* A relying party that asks the metadata. */
typedef struct meeting {
  world_t *world;
  service_t *service;
  aaguid_t aaguid;
  metadata_facts_t facts;
} meeting_t;

static error_code_t consult(void *context, const attestation_claim_t *claim, trust_roots_t **ret_roots,
                            error_detail_t *detail)
{
  meeting_t *meeting = context;
  error_code_t code = metadata_judge(meeting->service->metadata, claim, &meeting->facts, detail);
  if (code != ERR_NONE || meeting->facts.model == NULL)
    return code;
  assert_ok(trust_roots_new(ret_roots));
  return metadata_facts_add_roots(&meeting->facts, *ret_roots);
}

static int meeting_setup(void **state)
{
  meeting_t *meeting = calloc(1, sizeof *meeting);
  void *world, *service;
  if (meeting == NULL || world_setup(&world) != 0 || service_setup(&service) != 0)
    return -1;
  meeting->world = world;
  meeting->service = service;
  assert_ok(aaguid_parse(BYTES_LITERAL(MODEL_A), &meeting->aaguid));
  meeting->world->registration.trust.consult = consult;
  meeting->world->registration.trust.consult_context = meeting;
  *state = meeting;
  return 0;
}

static int meeting_teardown(void **state)
{
  meeting_t *meeting = *state;
  void *world = meeting->world, *service = meeting->service;
  world_teardown(&world);
  service_teardown(&service);
  free(meeting);
  return 0;
}

#define MEETING_TEST(function) cmocka_unit_test_setup_teardown(function, meeting_setup, meeting_teardown)

/* The certificate inside of a PEM text. */
static char *base64_of_pem(arena_t *arena, const char *pem)
{
  char *text = arena_format(arena, "%s", "");
  for (const char *line = strchr(pem, '\n') + 1; strncmp(line, "-----", 5) != 0;
       line = strchr(line, '\n') + 1)
    text = arena_format(arena, "%s%.*s", text, (int)(strchr(line, '\n') - line), line);
  return text;
}

/* The metadata knows model A so, with the root of the software authenticator. */
static void know(meeting_t *meeting, const char *statement, const char *reports)
{
  const attestation_ca_t *ca = soft_authenticator_ca(meeting->world->authenticator);
  service_t *service = meeting->service;
  char *root = base64_of_pem(service->arena, attestation_ca_root_pem(ca));
  char *members =
      arena_format(service->arena, "%s,\"attestationRootCertificates\":[\"%s\"]", statement, root);
  service_serve(service, service_entry(service, MODEL_A, members, reports));
}

/* Model A registers with that format. */
static error_code_t enrol(meeting_t *meeting, const char *format, int64_t algorithm)
{
  world_t *world = meeting->world;
  world_behave(world);
  world->knobs.format = format;
  world->knobs.algorithm = algorithm;
  world->knobs.aaguid = bytes_of(meeting->aaguid.bytes, sizeof meeting->aaguid.bytes);
  return world_register(world);
}

static void FC_069_FC_167_a_chain_that_reaches_the_models_root_is_trusted(void **state)
{
  meeting_t *meeting = *state;
  know(meeting, FULL_ES256, L1);
  assert_ok(enrol(meeting, "packed", -7));
  assert_int_equal(webauthn_registered_trust(meeting->world->registered), ATTESTATION_TRUSTED_BY_MODEL);
  assert_int_equal(meeting->facts.standing.certification, CERTIFICATION_L1);
  assert_true(meeting->facts.is_hardware);
  service_serve(meeting->service, service_entry(meeting->service, MODEL_A, FULL_ES256, L1));
  assert_refused(enrol(meeting, "packed", -7), ERR_ATTESTATION_TRUST, meeting->world, "attestation-trust");
  char *other =
      arena_format(meeting->service->arena, FULL_ES256 ",\"attestationRootCertificates\":[\"%s\"]",
                   base64_of_pem(meeting->service->arena, soft_metadata_root_pem(meeting->service->soft)));
  service_serve(meeting->service, service_entry(meeting->service, MODEL_A, other, L1));
  assert_refused(enrol(meeting, "packed", -7), ERR_ATTESTATION_TRUST, meeting->world, "attestation-trust");
}

static void the_operators_roots_stand_beside_the_models(void **state)
{
  meeting_t *meeting = *state;
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  const char *pem = attestation_ca_root_pem(soft_authenticator_ca(meeting->world->authenticator));
  assert_ok(trust_roots_new(&roots));
  assert_ok(trust_roots_add_pem(roots, bytes_of_string(pem)));
  service_serve(meeting->service, service_entry(meeting->service, MODEL_A, FULL_ES256, L1));
  meeting->world->registration.trust.roots = roots;
  meeting->world->registration.trust.require_trusted = true;
  assert_ok(enrol(meeting, "packed", -7));
  assert_int_equal(webauthn_registered_trust(meeting->world->registered), ATTESTATION_TRUSTED_BY_ROOTS);
  know(meeting, FULL_ES256, L1);
  assert_ok(enrol(meeting, "packed", -7));
  assert_int_equal(webauthn_registered_trust(meeting->world->registered), ATTESTATION_TRUSTED_BY_BOTH);
  assert_refused(enrol(meeting, "none", -7), ERR_ATTESTATION_TRUST, meeting->world, "attestation-trust");
  /* roots that do not reach it leave it to the model's */
  CLEANUP(trust_roots_drop) trust_roots_t *others = NULL;
  assert_ok(trust_roots_new(&others));
  assert_ok(trust_roots_add_pem(others, bytes_of_string(soft_metadata_root_pem(meeting->service->soft))));
  meeting->world->registration.trust.roots = others;
  know(meeting, FULL_ES256, L1);
  assert_ok(enrol(meeting, "packed", -7));
  assert_int_equal(webauthn_registered_trust(meeting->world->registered), ATTESTATION_TRUSTED_BY_MODEL);
}

static void FC_052_algorithms_are_those_of_the_metadata(void **state)
{
  static const struct {
    const char *name;
    int64_t algorithm;
  } ROWS[] = {{"secp256r1_ecdsa_sha256_raw", -7},  {"secp384r1_ecdsa_sha384_raw", -35},
              {"secp521r1_ecdsa_sha512_raw", -36}, {"secp256k1_ecdsa_sha256_raw", -47},
              {"ed25519_eddsa_sha512_raw", -8},    {"rsassa_pkcsv15_sha256_raw", -257},
              {"rsassa_pkcsv15_sha384_raw", -258}, {"rsassa_pkcsv15_sha512_raw", -259},
              {"rsassa_pss_sha256_raw", -37},      {"rsassa_pss_sha384_raw", -38},
              {"rsassa_pss_sha512_raw", -39}};
  meeting_t *meeting = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    const char *other = ROWS[(i + 1) % ARRAY_LENGTH(ROWS)].name;
    know(meeting,
         arena_format(meeting->service->arena,
                      "\"attestationTypes\":[\"basic_surrogate\"],\"authenticationAlgorithms\":[\"%s\"]",
                      ROWS[i].name),
         L1);
    assert_ok(enrol(meeting, "packed-self", ROWS[i].algorithm));
    assert_int_equal(webauthn_registered_trust(meeting->world->registered), ATTESTATION_UNTRUSTED);
    know(meeting,
         arena_format(meeting->service->arena,
                      "\"attestationTypes\":[\"basic_surrogate\"],\"authenticationAlgorithms\":[\"%s\"]",
                      other),
         L1);
    assert_refused(enrol(meeting, "packed-self", ROWS[i].algorithm), ERR_ATTESTATION_MISMATCH, meeting->world,
                   "attestation-trust");
  }
}

static void FC_077_the_leafs_algorithm_is_one_of_the_metadata(void **state)
{
  meeting_t *meeting = *state;
  know(meeting,
       "\"attestationTypes\":[\"basic_full\"],\"authenticationAlgorithms\":[\"rsassa_pkcsv15_sha256_raw\"]",
       L1);
  assert_refused(enrol(meeting, "packed", -257), ERR_ATTESTATION_MISMATCH, meeting->world,
                 "attestation-trust");
  know(meeting,
       "\"attestationTypes\":[\"basic_full\"],\"authenticationAlgorithms\":[\"rsassa_pkcsv15_sha256_raw\","
       "\"secp256r1_ecdsa_sha256_raw\"]",
       L1);
  assert_ok(enrol(meeting, "packed", -257));
}

static void FC_086_models_that_only_attest_themselves_have_no_certificates(void **state)
{
  meeting_t *meeting = *state;
  know(meeting, SELF_ES256, L1);
  assert_ok(enrol(meeting, "packed-self", -7));
  assert_false(meeting->facts.is_hardware);
  assert_refused(enrol(meeting, "packed", -7), ERR_ATTESTATION_MISMATCH, meeting->world, "attestation-trust");
  know(meeting, FULL_ES256, L1);
  assert_refused(enrol(meeting, "packed-self", -7), ERR_ATTESTATION_MISMATCH, meeting->world,
                 "attestation-trust");
  assert_ok(enrol(meeting, "none", -7)); /* the browser took the attestation away: nothing is claimed */
}

static void AT_23_FC_169_compromised_models_are_refused_whatever_they_attest(void **state)
{
  static const char *const STATUSES[] = {"REVOKED", "ATTESTATION_KEY_COMPROMISE",
                                         "USER_KEY_REMOTE_COMPROMISE", "USER_KEY_PHYSICAL_COMPROMISE",
                                         "USER_VERIFICATION_BYPASS"};
  meeting_t *meeting = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(STATUSES); i++) {
    char *reports = arena_format(meeting->service->arena,
                                 L1 ",{\"status\":\"%s\",\"effectiveDate\":\"2025-01-01\"}", STATUSES[i]);
    know(meeting, "\"attestationTypes\":[\"basic_full\",\"basic_surrogate\"]", reports);
    static const char *const FORMATS[] = {"packed", "packed-self", "none"};
    for (size_t j = 0; j < ARRAY_LENGTH(FORMATS); j++)
      assert_refused(enrol(meeting, FORMATS[j], -7), ERR_AUTHENTICATOR_COMPROMISED, meeting->world,
                     "attestation-trust");
    assert_int_equal(meeting->facts.standing.certification, CERTIFICATION_NONE);
  }
}

static void retired_and_unreadable_models_are_refused(void **state)
{
  meeting_t *meeting = *state;
  know(meeting, FULL_ES256, "{\"status\":\"RETIRED\",\"effectiveDate\":\"2025-01-01\"}");
  assert_refused(enrol(meeting, "packed", -7), ERR_AUTHENTICATOR_NOT_ALLOWED, meeting->world,
                 "attestation-trust");
  know(meeting, "\"attestationTypes\":7", L1);
  assert_refused(enrol(meeting, "packed", -7), ERR_AUTHENTICATOR_NOT_ALLOWED, meeting->world,
                 "attestation-trust");
}

static void only_the_compromised_batch_is_refused(void **state)
{
  meeting_t *meeting = *state;
  service_t *service = meeting->service;
  const char *pem = attestation_ca_root_pem(soft_authenticator_ca(meeting->world->authenticator));
  const struct {
    const char *certificate;
    error_code_t code;
  } ROWS[] = {{soft_metadata_root_pem(service->soft), ERR_NONE}, {pem, ERR_AUTHENTICATOR_COMPROMISED}};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    know(meeting, FULL_ES256,
         arena_format(service->arena, "{\"status\":\"ATTESTATION_KEY_COMPROMISE\",\"certificate\":\"%s\"}",
                      base64_of_pem(service->arena, ROWS[i].certificate)));
    assert_int_equal(enrol(meeting, "packed", -7), ROWS[i].code);
    /* without a chain nobody can tell the batches apart */
    assert_int_equal(enrol(meeting, "none", -7), ERR_AUTHENTICATOR_COMPROMISED);
  }
}

static void unknown_models_pass(void **state)
{
  meeting_t *meeting = *state;
  service_serve(meeting->service,
                service_entry(meeting->service, MODEL_B, SELF_ES256, "{\"status\":\"REVOKED\"}"));
  assert_ok(enrol(meeting, "packed", -7));
  assert_int_equal(webauthn_registered_trust(meeting->world->registered), ATTESTATION_UNTRUSTED);
  assert_null(meeting->facts.model);
  assert_false(meeting->facts.is_hardware);
}

/* U2F keys have no AAGUID. */
static void U2F_models_are_known_by_their_certificates_key(void **state)
{
  meeting_t *meeting = *state;
  service_t *service = meeting->service;
  static const uint8_t ZERO[AAGUID_LENGTH] = {0};
  soft_chain_t chain;
  attestation_ca_issue(soft_authenticator_ca(meeting->world->authenticator), service->arena,
                       bytes_of(ZERO, sizeof ZERO), CERTIFICATE_GOOD, CHAIN_GOOD, NULL, &chain);
  CLEANUP(x509_drop) X509 *leaf = NULL;
  uint8_t identifier[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  assert_ok(certificate_parse(chain.certificates[0], &leaf, NULL));
  assert_int_equal(X509_pubkey_digest(leaf, EVP_sha1(), identifier, &len), 1);
  service_serve(service,
                arena_format(service->arena,
                             "{\"attestationCertificateKeyIdentifiers\":[\"%s\"],\"metadataStatement\":"
                             "{\"description\":\"Old key\"},\"statusReports\":[{\"status\":\"REVOKED\"}]}",
                             hex_encode(service->arena, bytes_of(identifier, len))));
  const attestation_finding_t finding = {
      .type = ATTESTATION_BASIC,
      .algorithm = -7,
      .chain = {.certificates = {chain.certificates[0]}, .count = 1},
  };
  attestation_claim_t claim = {.aaguid = bytes_of(ZERO, sizeof ZERO),
                               .format = "fido-u2f",
                               .finding = &finding,
                               .algorithm = -7,
                               .time_ms = NOW_MS};
  metadata_facts_t facts;
  assert_int_equal(metadata_judge(service->metadata, &claim, &facts, NULL), ERR_AUTHENTICATOR_COMPROMISED);
  assert_text_equal(facts.model->name, "Old key");
  claim.aaguid = bytes_of(meeting->aaguid.bytes, sizeof meeting->aaguid.bytes);
  assert_ok(metadata_judge(service->metadata, &claim, &facts, NULL)); /* an AAGUID goes before */
  assert_null(facts.model);
  EVP_PKEY_free(chain.key);
}

/* Where several sources speak of one model, each may only take away. */
static void several_sources_are_all_heard(void **state)
{
  meeting_t *meeting = *state;
  service_t *service = meeting->service;
  service_serve(
      service, arena_format(service->arena, "%s,%s",
                            service_entry(service, MODEL_A, FULL_ES256, "{\"status\":\"FIDO_CERTIFIED_L2\"}"),
                            service_entry(service, MODEL_A, SELF_ES256, L1)));
  assert_int_equal(enrol(meeting, "packed", -7), ERR_ATTESTATION_MISMATCH);
  assert_int_equal(enrol(meeting, "packed-self", -7), ERR_ATTESTATION_MISMATCH);
  assert_int_equal(meeting->facts.model_count, 2);
  assert_int_equal(meeting->facts.standing.certification, CERTIFICATION_L1);
  assert_false(meeting->facts.is_hardware);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      MEETING_TEST(FC_069_FC_167_a_chain_that_reaches_the_models_root_is_trusted),
      MEETING_TEST(the_operators_roots_stand_beside_the_models),
      MEETING_TEST(FC_052_algorithms_are_those_of_the_metadata),
      MEETING_TEST(FC_077_the_leafs_algorithm_is_one_of_the_metadata),
      MEETING_TEST(FC_086_models_that_only_attest_themselves_have_no_certificates),
      MEETING_TEST(AT_23_FC_169_compromised_models_are_refused_whatever_they_attest),
      MEETING_TEST(retired_and_unreadable_models_are_refused),
      MEETING_TEST(only_the_compromised_batch_is_refused),
      MEETING_TEST(unknown_models_pass),
      MEETING_TEST(U2F_models_are_known_by_their_certificates_key),
      MEETING_TEST(several_sources_are_all_heard),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

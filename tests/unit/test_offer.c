/* What registrations are offered: algorithms that can be had, attestation where somebody wants to know. */
#include "unit.h"

#include "crypto/signature_algorithm.h"
#include "rp/offer.h"

static config_t config_with(const text_list_t *algorithms)
{
  config_t config = {.levels = *level_table_builtin(), .rp = {.attestation = "none"}};
  config.rp.algorithms = *algorithms;
  return config;
}

static const char *usual[] = {"ES256", "Ed448", "PS512"};
static const text_list_t USUAL = {usual, 3};

static void algorithms_keep_their_order(void **state)
{
  (void)state;
  config_t config = config_with(&USUAL);
  offer_t offer;
  assert_ok(offer_make(&config, &offer, NULL));
  assert_int_equal(offer.algorithm_count, 3);
  assert_int_equal(offer.algorithms[0], SIGNATURE_ES256);
  assert_int_equal(offer.algorithms[1], SIGNATURE_ED448);
  assert_int_equal(offer.algorithms[2], SIGNATURE_PS512);
}

static void what_openssl_lacks_is_refused_by_name(void **state)
{
  (void)state;
  static const char *names[] = {"ES256", "ML-DSA-44"};
  const text_list_t with_ml_dsa = {names, 2};
  config_t config = config_with(&with_ml_dsa);
  offer_t offer;
  error_detail_t detail = {""};
  error_code_t code = offer_make(&config, &offer, &detail);
  if (signature_is_available(signature_info(SIGNATURE_ML_DSA_44))) {
    assert_ok(code);
    return;
  }
  assert_int_equal(code, ERR_CONFIG);
  assert_non_null(strstr(detail.text, "rp.algorithms: ML-DSA-44 is not in the linked OpenSSL"));
}

static void a_name_that_is_none_is_refused(void **state)
{
  (void)state;
  static const char *names[] = {"ES255"};
  const text_list_t unknown = {names, 1};
  config_t config = config_with(&unknown);
  offer_t offer;
  assert_int_equal(offer_make(&config, &offer, NULL), ERR_CONFIG);
}

static offer_t offer_of(const config_t *config)
{
  offer_t offer;
  assert_ok(offer_make(config, &offer, NULL));
  return offer;
}

static void a_rule_that_needs_attestation_asks_for_it(void **state)
{
  (void)state;
  config_t config = config_with(&USUAL);
  offer_t offer = offer_of(&config);
  assert_string_equal(offer_attestation(&offer, "none"), "none");
  assert_string_equal(offer_attestation(&offer, "indirect"), "indirect");
  config.rp.authenticators.vouching = 1U << VOUCHING_BASIC;
  offer = offer_of(&config);
  assert_string_equal(offer_attestation(&offer, "none"), "direct");
  assert_string_equal(offer_attestation(&offer, "indirect"), "direct");
  assert_string_equal(offer_attestation(&offer, "direct"), "direct");
  assert_string_equal(offer_attestation(&offer, "enterprise"), "enterprise");
  config.rp.authenticators.vouching = 0;
  config.rp.require_metadata = true;
  offer = offer_of(&config);
  assert_string_equal(offer_attestation(&offer, "none"), "direct");
}

/* Each place of a domain that may ask for a level. */
static void a_domain_that_needs_it_makes_it_usual(void **state)
{
  (void)state;
  const requirement_t hardware = {2, MAX_AGE_NONE, EVIDENCE_ANY, false}, none = REQUIREMENT_NONE;
  for (int place = 0; place < 6; place++) {
    const config_scope_t scope = {.requirement = place == 1 ? hardware : none};
    const config_route_t route = {.requirement = place == 2 ? hardware : none};
    const config_client_t client = {.requirement = place == 3 ? hardware : none};
    const config_domain_t domain = {.entry = place == 0 ? hardware : none,
                                    .authenticators.certification =
                                        place == 4 ? CERTIFICATION_L1 : CERTIFICATION_NONE,
                                    .scopes = &scope,
                                    .scope_count = 1,
                                    .routes = &route,
                                    .route_count = 1,
                                    .clients = &client,
                                    .client_count = 1};
    config_t config = config_with(&USUAL);
    config.domains = &domain;
    config.domain_count = 1;
    assert_string_equal(offer_of(&config).attestation, "none"); /* nothing here could judge it */
    config.rp.trust_roots = "roots.pem";
    assert_string_equal(offer_of(&config).attestation, place < 5 ? "direct" : "none");
    assert_false(offer_of(&config).attestation_required);
    config.rp.attestation = "indirect";
    assert_string_equal(offer_of(&config).attestation, "indirect"); /* the operator's own word */
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(algorithms_keep_their_order),           UNIT_TEST(what_openssl_lacks_is_refused_by_name),
      UNIT_TEST(a_name_that_is_none_is_refused),        UNIT_TEST(a_rule_that_needs_attestation_asks_for_it),
      UNIT_TEST(a_domain_that_needs_it_makes_it_usual),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What registrations are offered: algorithms that can be had, attestation where nobody gets in without. */
#include "unit.h"

#include "crypto/signature_algorithm.h"
#include "rp/offer.h"

static config_t config_with(const char **algorithms, size_t count)
{
  config_t config = {.levels = *level_table_builtin()};
  config.rp.algorithms = (text_list_t){algorithms, count};
  return config;
}

static void algorithms_keep_their_order(void **state)
{
  (void)state;
  const char *names[] = {"ES256", "Ed448", "PS512"};
  config_t config = config_with(names, 3);
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
  const char *names[] = {"ES256", "ML-DSA-44"};
  config_t config = config_with(names, 2);
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
  const char *names[] = {"ES255"};
  config_t config = config_with(names, 1);
  offer_t offer;
  assert_int_equal(offer_make(&config, &offer, NULL), ERR_CONFIG);
}

static void assert_asks(const config_t *config, int level, bool needed)
{
  const requirement_t requirement = {level, MAX_AGE_NONE, EVIDENCE_ANY, false};
  assert_int_equal(offer_needs_attestation(config, requirement), needed);
}

static void attestation_is_asked_for_where_nobody_gets_in_without(void **state)
{
  (void)state;
  config_t config = config_with(NULL, 0);
  assert_asks(&config, -1, false);
  config.rp.authenticators.vouching = 1U << VOUCHING_BASIC;
  assert_asks(&config, -1, true);
  config.rp.authenticators.vouching = 0;
  config.rp.require_metadata = true;
  assert_asks(&config, -1, true);
}

static void attestation_is_asked_for_a_level_that_needs_it(void **state)
{
  (void)state;
  config_t config = config_with(NULL, 0);
  assert_asks(&config, 0, false);
  assert_asks(&config, 1, false);
  assert_asks(&config, 2, true);  /* phrh */
  assert_asks(&config, 3, false); /* there is none */
  config.levels.levels[1].authenticators.certification = CERTIFICATION_L1;
  assert_asks(&config, 1, true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(algorithms_keep_their_order),
      UNIT_TEST(what_openssl_lacks_is_refused_by_name),
      UNIT_TEST(a_name_that_is_none_is_refused),
      UNIT_TEST(attestation_is_asked_for_where_nobody_gets_in_without),
      UNIT_TEST(attestation_is_asked_for_a_level_that_needs_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

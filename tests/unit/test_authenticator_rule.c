/* Rules about authenticators: what each asks, and that what implies another never lets through more. */
#include "unit.h"

#include "policy/decision.h"

#define NOW ((int64_t)1790000000000)

static const aaguid_t A = {{0xa}}, B = {{0xb}}, C = {{0xc}};

static authenticator_t model(aaguid_t aaguid, vouching_t vouching, certification_t certification)
{
  return (authenticator_t){.aaguid = aaguid, .vouching = vouching, .certification = certification};
}

static void each_member_of_a_rule_objects(void **state)
{
  const authenticator_rule_t none = {0}, allow = {.allow = &A, .allow_count = 1},
                             claims = {.allow = &A, .allow_count = 1, .allow_unvouched = true},
                             deny = {.deny = &A, .deny_count = 1}, l2 = {.certification = CERTIFICATION_L2},
                             basic = {.vouching = 1U << VOUCHING_BASIC};
  const struct {
    const authenticator_rule_t *rule;
    authenticator_t authenticator;
    authenticator_objection_t objection;
  } cases[] = {
      {&none, model(A, VOUCHING_NONE, CERTIFICATION_NONE), OBJECTION_NONE},
      {&allow, model(A, VOUCHING_BASIC, CERTIFICATION_NONE), OBJECTION_NONE},
      {&allow, model(B, VOUCHING_BASIC, CERTIFICATION_L3), OBJECTION_NOT_ALLOWED},
      {&allow, model(A, VOUCHING_NONE, CERTIFICATION_NONE), OBJECTION_UNVOUCHED},
      {&allow, model(A, VOUCHING_SELF, CERTIFICATION_NONE), OBJECTION_UNVOUCHED},
      {&claims, model(A, VOUCHING_NONE, CERTIFICATION_NONE), OBJECTION_NONE},
      {&claims, model(B, VOUCHING_NONE, CERTIFICATION_NONE), OBJECTION_NOT_ALLOWED},
      {&deny, model(A, VOUCHING_NONE, CERTIFICATION_NONE), OBJECTION_DENIED},
      {&deny, model(B, VOUCHING_NONE, CERTIFICATION_NONE), OBJECTION_NONE},
      {&l2, model(A, VOUCHING_BASIC, CERTIFICATION_L1PLUS), OBJECTION_CERTIFICATION},
      {&l2, model(A, VOUCHING_BASIC, CERTIFICATION_L2), OBJECTION_NONE},
      {&l2, model(A, VOUCHING_BASIC, CERTIFICATION_L3PLUS), OBJECTION_NONE},
      {&basic, model(A, VOUCHING_ATT_CA, CERTIFICATION_NONE), OBJECTION_VOUCHING},
      {&basic, model(A, VOUCHING_BASIC, CERTIFICATION_NONE), OBJECTION_NONE},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
    assert_int_equal(authenticator_rule_judge(cases[i].rule, &cases[i].authenticator), cases[i].objection);
}

static void what_needs_vouching_takes_nobody_without(void **state)
{
  (void)state;
  const authenticator_rule_t rules[] = {
      {0},
      {.allow = &A, .allow_count = 1},
      {.allow = &A, .allow_count = 1, .allow_unvouched = true},
      {.deny = &A, .deny_count = 1},
      {.certification = CERTIFICATION_L1},
      {.vouching = 1U << VOUCHING_BASIC},
      {.vouching = 1U << VOUCHING_SELF},
      {.vouching = (1U << VOUCHING_NONE) | (1U << VOUCHING_BASIC)},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rules); i++) {
    const authenticator_t claims[] = {model(A, VOUCHING_NONE, CERTIFICATION_NONE),
                                      model(B, VOUCHING_NONE, CERTIFICATION_NONE)};
    bool taken = authenticator_rule_judge(&rules[i], &claims[0]) == OBJECTION_NONE ||
                 authenticator_rule_judge(&rules[i], &claims[1]) == OBJECTION_NONE;
    assert_int_equal(authenticator_rule_needs_vouching(&rules[i]), !taken);
  }
}

/* Every rule over three models, and every authenticator. */
static void what_implies_lets_through_no_more(void **state)
{
  static const aaguid_t models[] = {{{0xa}}, {{0xb}}, {{0xc}}};
  static const unsigned kinds[] = {0, 1U << VOUCHING_BASIC, (1U << VOUCHING_NONE) | (1U << VOUCHING_SELF)};
  authenticator_rule_t rules[3 * 4 * 2 * 3 * 2];
  size_t count = 0;
  for (size_t allow = 0; allow < 3; allow++)
    for (size_t deny = 0; deny < 4; deny++)
      for (size_t bits = 0; bits < 12; bits++)
        rules[count++] =
            (authenticator_rule_t){.allow = models,
                                   .allow_count = allow,
                                   .deny = &models[deny / 2],
                                   .deny_count = deny % 2 + deny / 2,
                                   .allow_unvouched = bits % 2 == 1,
                                   .vouching = kinds[bits / 2 % 3],
                                   .certification = bits / 6 == 1 ? CERTIFICATION_L2 : CERTIFICATION_NONE};
  assert_int_equal(count, ARRAY_LENGTH(rules));
  size_t implied = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < count; j++) {
      if (!authenticator_rule_implies(&rules[i], &rules[j]))
        continue;
      implied++;
      for (size_t k = 0; k < 3 * VOUCHING_COUNT * 2; k++) {
        authenticator_t one = model(models[k % 3], (vouching_t)(k / 3 % VOUCHING_COUNT),
                                    k >= 3 * VOUCHING_COUNT ? CERTIFICATION_L2 : CERTIFICATION_NONE);
        if (authenticator_rule_judge(&rules[i], &one) == OBJECTION_NONE)
          assert_int_equal(authenticator_rule_judge(&rules[j], &one), OBJECTION_NONE);
      }
    }
  assert_true(implied > count); /* each implies itself, and more */
}

static void a_domain_counts_only_what_it_takes(void **state)
{
  const authenticator_rule_t deny = {.deny = &B, .deny_count = 1};
  evidence_set_t set = {.count = 2};
  set.items[0] =
      (evidence_t){.time_ms = NOW, .user_present = true, .user_verified = true, .authenticator.aaguid = B};
  set.items[1] = (evidence_t){.time_ms = NOW - 60000, .user_present = true, .authenticator.aaguid = C};
  policy_context_t context = {.levels = level_table_builtin(), .domain = {"pay"}, .now_ms = NOW};
  const requirement_t phr = {.level = 1, .max_age_ms = MAX_AGE_NONE},
                      presence = {.level = 0, .max_age_ms = MAX_AGE_NONE};
  assert_int_equal(policy_decide(&context, phr, &set).verdict, VERDICT_SATISFIED);
  assert_int_equal(policy_standing(&context, &set).level, 1);
  context.authenticators = &deny;
  assert_int_equal(policy_decide(&context, phr, &set).verdict, VERDICT_STEP_UP);
  decision_t decision = policy_decide(&context, presence, &set);
  assert_int_equal(decision.verdict, VERDICT_SATISFIED);
  assert_ptr_equal(decision.basis, &set.items[1]);
  assert_int_equal(policy_standing(&context, &set).level, 0);
  level_times_t times = policy_level_times(&context, &set);
  assert_int_equal(times.time_ms[1][EVIDENCE_ANY], 0);
  assert_int_equal(times.time_ms[0][EVIDENCE_ANY], NOW - 60000);
  set.count = 1;
  decision = policy_decide(&context, presence, &set);
  assert_int_equal(decision.shortfall, SHORTFALL_AUTHENTICATOR);
  assert_non_null(strstr(policy_explain(*state, &context, presence, &decision, "en"), "does not take"));
  assert_non_null(strstr(policy_explain(*state, &context, presence, &decision, "ja"), "受け付けていません"));
}

static void a_level_holds_for_the_models_it_names(void **state)
{
  level_table_t table = {
      {{.name = "any"}, {.name = "l2", .authenticators = {.certification = CERTIFICATION_L2}}}, 2};
  evidence_t evidence = {.user_present = true, .authenticator.certification = CERTIFICATION_L1};
  assert_int_equal(level_of(&table, &evidence), 0);
  evidence.authenticator.certification = CERTIFICATION_L2;
  assert_int_equal(level_of(&table, &evidence), 1);
}

static void names_are_read_as_they_are_written(void **state)
{
  for (size_t i = 0; i < CERTIFICATION_COUNT; i++) {
    certification_t read;
    assert_ok(certification_parse(bytes_of_string(certification_name((certification_t)i)), &read));
    assert_int_equal(read, i);
  }
  for (size_t i = 0; i < VOUCHING_COUNT; i++) {
    vouching_t read;
    assert_ok(vouching_parse(bytes_of_string(vouching_name((vouching_t)i)), &read));
    assert_int_equal(read, i);
  }
  certification_t certification;
  vouching_t vouching;
  assert_int_equal(certification_parse(BYTES_LITERAL("l1"), &certification), ERR_MALFORMED);
  assert_int_equal(vouching_parse(BYTES_LITERAL(""), &vouching), ERR_MALFORMED);
}

static void aaguids_have_one_form(void **state)
{
  static const char *const wrong[] = {"",
                                      "ee882879-721c-4913-9775-3dfcce97072",
                                      "ee882879-721c-4913-9775-3dfcce97072ag",
                                      "ee882879x721c-4913-9775-3dfcce97072a",
                                      "ee882879-721c-4913-97753-dfcce97072a",
                                      "gg882879-721c-4913-9775-3dfcce97072a"};
  aaguid_t aaguid;
  char text[AAGUID_TEXT_LENGTH + 1];
  assert_ok(aaguid_parse(BYTES_LITERAL("EE882879-721c-4913-9775-3dfcce97072A"), &aaguid));
  aaguid_write(&aaguid, text);
  assert_string_equal(text, "ee882879-721c-4913-9775-3dfcce97072a");
  for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
    assert_int_equal(aaguid_parse(bytes_of_string(wrong[i]), &aaguid), ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(what_needs_vouching_takes_nobody_without),
      UNIT_TEST(each_member_of_a_rule_objects),
      UNIT_TEST(what_implies_lets_through_no_more),
      UNIT_TEST(a_domain_counts_only_what_it_takes),
      UNIT_TEST(a_level_holds_for_the_models_it_names),
      UNIT_TEST(names_are_read_as_they_are_written),
      UNIT_TEST(aaguids_have_one_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

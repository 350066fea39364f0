/* The policy engine under random evidence and requirements. The seed is printed; SEED=… repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "policy/decision.h"

#define ROUNDS 20000
#define NOW ((int64_t)1790000000000)

static uint64_t random_state;

/* splitmix64: small, and the same everywhere. */
static uint64_t next_random(void)
{
  uint64_t z = random_state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

static int64_t below(int64_t bound)
{
  return (int64_t)(next_random() % (uint64_t)bound);
}

static bool coin(void)
{
  return (next_random() & 1) != 0;
}

static const level_table_t tables[] = {
    {{{.name = LEVEL_PRESENCE},
      {.name = "phr", .user_verified = true},
      {.name = "phrh", .user_verified = true, .device_bound = true, .attested_hardware = true}},
     3},
    {{{.name = "only-uv", .user_verified = true}}, 1},
    {{{.name = "a"},
      {.name = "b", .device_bound = true},
      {.name = "c", .device_bound = true, .attested_hardware = true},
      {.name = "d", .user_verified = true, .device_bound = true, .attested_hardware = true},
      {.name = "e",
       .user_verified = true,
       .device_bound = true,
       .attested_hardware = true,
       .authenticators = {.certification = CERTIFICATION_L2}}},
     5},
};

static domain_id_t some_domain(void)
{
  static const domain_id_t domains[] = {{""}, {"pay"}, {"coin"}};
  return domains[below(3)];
}

static policy_context_t some_context(void)
{
  policy_context_t context = {.levels = &tables[below(3)], .domain = some_domain(), .now_ms = NOW};
  context.request[0] = (uint8_t)below(3);
  return context;
}

/* Times near each other and near max_age, so that boundaries are hit. */
static int64_t some_time(void)
{
  static const int64_t ages[] = {0, 1, 999, 1000, 1001, 60000, 300000, 300001, 86400000};
  int64_t age_ms = ages[below(9)] + below(3) - 1;
  return below(8) == 0 ? NOW + age_ms : NOW - age_ms;
}

static evidence_t some_evidence(void)
{
  evidence_t evidence = {
      .time_ms = below(50) == 0 ? below(3) - 1 : some_time(),
      .purpose = (purpose_t)below(4),
      .domain = some_domain(),
      .user_present = below(8) != 0,
      .user_verified = coin(),
      .backup_eligible = coin(),
      .backed_up = coin(),
      .attested_hardware = coin(),
      .verified_by_domain = coin(),
  };
  evidence.credential[0] = (uint8_t)below(4);
  evidence.request[0] = (uint8_t)below(3);
  return evidence;
}

static evidence_set_t some_set(size_t most)
{
  evidence_set_t set = {.count = (size_t)below((int64_t)most + 1)};
  for (size_t i = 0; i < set.count; i++)
    set.items[i] = some_evidence();
  return set;
}

static requirement_t some_requirement(void)
{
  static const int64_t ages[] = {0, 1, 1000, 60000, 300000, MAX_AGE_NONE, MAX_AGE_NONE - 1, -1};
  return (requirement_t){
      .level = (int)below(6) - 1,
      .max_age_ms = ages[below(below(4) == 0 ? 8 : 7)],
      .kind = (evidence_kind_t)below(3),
      .this_request = below(4) == 0,
  };
}

/* Harder to satisfy, or as hard: denied, step-up, satisfied until when. */
static int compare_ease(const decision_t *a, const decision_t *b)
{
  static const int ease[] = {[VERDICT_DENIED] = 0, [VERDICT_STEP_UP] = 1, [VERDICT_SATISFIED] = 2};
  if (a->verdict != b->verdict)
    return ease[a->verdict] < ease[b->verdict] ? -1 : 1;
  if (a->verdict != VERDICT_SATISFIED || a->satisfied_until_ms == b->satisfied_until_ms)
    return 0;
  return a->satisfied_until_ms < b->satisfied_until_ms ? -1 : 1;
}

static void more_evidence_never_hurts(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    requirement_t requirement = some_requirement();
    evidence_set_t set = some_set(6), more = set;
    size_t extra = (size_t)below(4) + 1;
    for (size_t i = 0; i < extra; i++)
      more.items[more.count++] = some_evidence();
    decision_t before = policy_decide(&context, requirement, &set);
    decision_t after = policy_decide(&context, requirement, &more);
    assert_true(compare_ease(&before, &after) <= 0);
    standing_t standing = policy_standing(&context, &set), higher = policy_standing(&context, &more);
    assert_true(higher.level >= standing.level);
  }
}

/* What a session adds with evidence_set_add is worth at least what it replaces, as long as there is room and
 * a credential stays what it is. */
static void adding_to_a_session_never_hurts(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    requirement_t requirement = some_requirement();
    requirement.this_request = false; /* a newer request takes the place of an older one's evidence */
    evidence_set_t set = {.count = 0};
    for (int i = 0; i < 5; i++) {
      decision_t before = policy_decide(&context, requirement, &set);
      evidence_t evidence = some_evidence();
      evidence.backup_eligible = evidence.backed_up = (evidence.credential[0] & 1) != 0;
      evidence.attested_hardware = evidence.credential[0] == 2;
      if (evidence.time_ms > NOW)
        evidence.time_ms = NOW;
      evidence_set_add(&set, &evidence);
      decision_t after = policy_decide(&context, requirement, &set);
      assert_true(compare_ease(&before, &after) <= 0);
    }
  }
}

/* But for evidence from beyond the skew, which begins to count when its time comes. */
static void waiting_never_helps(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    requirement_t requirement = some_requirement();
    evidence_set_t set = some_set(6);
    for (size_t i = 0; i < set.count; i++)
      if (set.items[i].time_ms > NOW + POLICY_SKEW_MS)
        set.items[i].time_ms = NOW + POLICY_SKEW_MS;
    decision_t before = policy_decide(&context, requirement, &set);
    context.now_ms += below(400000);
    decision_t after = policy_decide(&context, requirement, &set);
    assert_true(compare_ease(&after, &before) <= 0);
  }
}

static void a_stronger_requirement_is_never_easier(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    requirement_t requirement = some_requirement(), other = some_requirement();
    evidence_set_t set = some_set(6);
    decision_t weaker = policy_decide(&context, requirement, &set);
    decision_t stronger = policy_decide(&context, requirement_join(requirement, other), &set);
    assert_true(compare_ease(&stronger, &weaker) <= 0);
  }
}

static bool is_same(requirement_t a, requirement_t b)
{
  return a.level == b.level && a.max_age_ms == b.max_age_ms && a.kind == b.kind &&
         a.this_request == b.this_request;
}

static void joining_is_a_least_upper_bound(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    requirement_t a = some_requirement(), b = some_requirement(), c = some_requirement();
    assert_true(is_same(requirement_join(a, b), requirement_join(b, a)));
    assert_true(is_same(requirement_join(a, a), a));
    assert_true(
        is_same(requirement_join(a, requirement_join(b, c)), requirement_join(requirement_join(a, b), c)));
    assert_true(is_same(requirement_join(a, REQUIREMENT_NONE), a) || a.level < -1);
    /* Satisfied exactly by what satisfies both. */
    policy_context_t context = some_context();
    evidence_set_t set = {.count = 1};
    set.items[0] = some_evidence();
    bool both = policy_decide(&context, a, &set).verdict == VERDICT_SATISFIED &&
                policy_decide(&context, b, &set).verdict == VERDICT_SATISFIED;
    bool joined = policy_decide(&context, requirement_join(a, b), &set).verdict == VERDICT_SATISFIED;
    assert_int_equal(both, joined);
  }
}

static void level_times_decide_as_the_evidence_does(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    requirement_t requirement = some_requirement();
    evidence_set_t set = some_set(8);
    requirement.this_request = false;
    level_times_t times = policy_level_times(&context, &set);
    decision_t full = policy_decide(&context, requirement, &set);
    decision_t short_form = policy_decide_times(&context, requirement, &times);
    assert_int_equal(full.verdict, short_form.verdict);
    assert_int_equal(full.shortfall, short_form.shortfall);
    assert_true(full.satisfied_until_ms == short_form.satisfied_until_ms);
    if (full.verdict != VERDICT_DENIED)
      assert_true(full.age_ms == short_form.age_ms);
    requirement.this_request = true;
    assert_int_not_equal(policy_decide_times(&context, requirement, &times).verdict, VERDICT_SATISFIED);
  }
}

static void satisfied_until_is_exact(void **state)
{
  int seen = 0;
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    requirement_t requirement = some_requirement();
    evidence_set_t set = some_set(6);
    for (size_t i = 0; i < set.count; i++) /* nothing that only begins to count meanwhile */
      if (set.items[i].time_ms > NOW + POLICY_SKEW_MS)
        set.items[i].time_ms = NOW;
    decision_t decision = policy_decide(&context, requirement, &set);
    if (decision.verdict != VERDICT_SATISFIED || decision.satisfied_until_ms == INT64_MAX)
      continue;
    seen++;
    assert_true(decision.satisfied_until_ms > NOW);
    context.now_ms = decision.satisfied_until_ms - 1;
    assert_int_equal(policy_decide(&context, requirement, &set).verdict, VERDICT_SATISFIED);
    context.now_ms = decision.satisfied_until_ms;
    assert_int_equal(policy_decide(&context, requirement, &set).verdict, VERDICT_STEP_UP);
  }
  assert_true(seen > ROUNDS / 100);
}

static void the_standing_is_a_real_pair(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    evidence_set_t set = some_set(8);
    standing_t standing = policy_standing(&context, &set);
    level_times_t times = policy_level_times(&context, &set);
    if (standing.level < 0) {
      assert_null(standing.basis);
      assert_int_equal(times.time_ms[0][EVIDENCE_ANY], 0);
      continue;
    }
    assert_true(standing.basis >= set.items && standing.basis < set.items + set.count);
    assert_int_equal(level_of(context.levels, standing.basis), standing.level);
    assert_true(standing.basis->time_ms == standing.time_ms);
    assert_true(times.time_ms[standing.level][EVIDENCE_ANY] == standing.time_ms);
    /* Asking for exactly that pair is satisfied; the next level is not held. */
    requirement_t same = {standing.level, MAX_AGE_NONE, EVIDENCE_ANY, false};
    assert_int_equal(policy_decide(&context, same, &set).verdict, VERDICT_SATISFIED);
    same.level++;
    assert_int_not_equal(policy_decide(&context, same, &set).verdict, VERDICT_SATISFIED);
  }
}

static void evidence_order_does_not_matter(void **state)
{
  for (int round = 0; round < ROUNDS; round++) {
    policy_context_t context = some_context();
    requirement_t requirement = some_requirement();
    evidence_set_t set = some_set(6), shuffled = set;
    for (size_t i = 0; i < set.count; i++)
      shuffled.items[i] = set.items[set.count - 1 - i];
    decision_t a = policy_decide(&context, requirement, &set);
    decision_t b = policy_decide(&context, requirement, &shuffled);
    assert_int_equal(compare_ease(&a, &b), 0);
    assert_int_equal(a.shortfall, b.shortfall);
    assert_true(a.age_ms == b.age_ms);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(more_evidence_never_hurts),
      cmocka_unit_test(adding_to_a_session_never_hurts),
      cmocka_unit_test(waiting_never_helps),
      cmocka_unit_test(a_stronger_requirement_is_never_easier),
      cmocka_unit_test(joining_is_a_least_upper_bound),
      cmocka_unit_test(level_times_decide_as_the_evidence_does),
      cmocka_unit_test(satisfied_until_is_exact),
      cmocka_unit_test(the_standing_is_a_real_pair),
      cmocka_unit_test(evidence_order_does_not_matter),
  };
  const char *seed = getenv("SEED");
  random_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
  printf("SEED=%llu\n", (unsigned long long)random_state);
  return cmocka_run_group_tests_name("policy properties", tests, NULL, NULL);
}

/* The policy engine: tables of evidence, requirement and what must come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "policy/decision.h"

#define NOW ((int64_t)1790000000000)
#define MINUTES(n) ((int64_t)(n)*60 * 1000)
#define HOURS(n) MINUTES(60 * (n))

enum { PRESENCE, PHR, PHRH };

static policy_context_t context_at(int64_t now_ms)
{
  return (policy_context_t){
      .levels = level_table_builtin(), .domain = {"pay"}, .request = {1, 2, 3}, .now_ms = now_ms};
}

/* A passkey with UV for pay, as old as given. */
static evidence_t evidence_aged(int64_t age_ms)
{
  return (evidence_t){.time_ms = NOW - age_ms,
                      .credential = {7},
                      .purpose = PURPOSE_STEP_UP,
                      .domain = {"pay"},
                      .user_present = true,
                      .user_verified = true,
                      .backup_eligible = true,
                      .backed_up = true};
}

static evidence_set_t set_of(evidence_t evidence)
{
  evidence_set_t set = {.count = 1};
  set.items[0] = evidence;
  return set;
}

static requirement_t asks(int level, int64_t max_age_ms)
{
  return (requirement_t){level, max_age_ms, EVIDENCE_ANY, false};
}

static decision_t decide(requirement_t requirement, evidence_t evidence)
{
  /* Static, so that the basis outlives this call. */
  static evidence_set_t set;
  policy_context_t context = context_at(NOW);
  set = set_of(evidence);
  return policy_decide(&context, requirement, &set);
}

static void assert_missing(decision_t decision, shortfall_t shortfall)
{
  assert_int_equal(decision.verdict, VERDICT_STEP_UP);
  assert_int_equal(decision.shortfall, shortfall);
}

static void levels_are_predicates_over_evidence(void **state)
{
  static const struct {
    bool up, uv, eligible, backed_up, attested;
    int level;
  } rows[] = {
      {false, false, false, false, false, -1},      {false, true, false, false, true, -1},
      {true, false, false, false, false, PRESENCE}, {true, false, false, false, true, PRESENCE},
      {true, true, true, true, false, PHR},         {true, true, false, false, false, PHR},
      {true, true, false, false, true, PHRH},       {true, true, true, false, true, PHR},
      {true, true, false, true, true, PHR},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    evidence_t evidence = {.user_present = rows[i].up,
                           .user_verified = rows[i].uv,
                           .backup_eligible = rows[i].eligible,
                           .backed_up = rows[i].backed_up,
                           .attested_hardware = rows[i].attested};
    assert_int_equal(level_of(level_table_builtin(), &evidence), rows[i].level);
  }
}

static void at_25_a_syncable_or_unattested_key_never_reaches_phrh(void **state)
{
  evidence_t syncable = evidence_aged(0), unattested = evidence_aged(0), hardware = evidence_aged(0);
  syncable.attested_hardware = true;
  unattested.backup_eligible = unattested.backed_up = false;
  hardware.backup_eligible = hardware.backed_up = false;
  hardware.attested_hardware = true;
  assert_missing(decide(asks(PHRH, MAX_AGE_NONE), syncable), SHORTFALL_LEVEL);
  assert_missing(decide(asks(PHRH, MAX_AGE_NONE), unattested), SHORTFALL_LEVEL);
  assert_int_equal(decide(asks(PHRH, MAX_AGE_NONE), hardware).verdict, VERDICT_SATISFIED);
}

static void an_age_of_max_age_is_the_last_that_counts(void **state)
{
  requirement_t requirement = asks(PHR, MINUTES(5));
  assert_int_equal(decide(requirement, evidence_aged(MINUTES(5) - 1)).verdict, VERDICT_SATISFIED);
  decision_t last = decide(requirement, evidence_aged(MINUTES(5)));
  assert_int_equal(last.verdict, VERDICT_SATISFIED);
  assert_int_equal(last.satisfied_until_ms, NOW + 1);
  decision_t late = decide(requirement, evidence_aged(MINUTES(5) + 1));
  assert_missing(late, SHORTFALL_AGE);
  assert_int_equal(late.age_ms, MINUTES(5) + 1);
}

static void the_future_counts_up_to_the_skew(void **state)
{
  requirement_t requirement = asks(PHR, MINUTES(5));
  decision_t ahead = decide(requirement, evidence_aged(-POLICY_SKEW_MS));
  assert_int_equal(ahead.verdict, VERDICT_SATISFIED);
  assert_int_equal(ahead.age_ms, 0);
  assert_int_equal(ahead.satisfied_until_ms, NOW + POLICY_SKEW_MS + MINUTES(5) + 1);
  assert_missing(decide(requirement, evidence_aged(-POLICY_SKEW_MS - 1)), SHORTFALL_NO_EVIDENCE);
}

static void impossible_times_count_for_nothing(void **state)
{
  static const int64_t times[] = {0, -1, INT64_MIN, INT64_MAX};
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
    evidence_t evidence = evidence_aged(0);
    evidence.time_ms = times[i];
    assert_missing(decide(asks(PRESENCE, MAX_AGE_NONE), evidence), SHORTFALL_NO_EVIDENCE);
    assert_missing(decide(asks(PRESENCE, INT64_MAX - 1), evidence), SHORTFALL_NO_EVIDENCE);
  }
}

static void a_huge_max_age_does_not_overflow(void **state)
{
  decision_t decision = decide(asks(PHR, INT64_MAX - 1), evidence_aged(MINUTES(1)));
  assert_int_equal(decision.verdict, VERDICT_SATISFIED);
  assert_true(decision.satisfied_until_ms == INT64_MAX);
}

static void without_presence_nothing_counts(void **state)
{
  evidence_t evidence = evidence_aged(0);
  evidence.user_present = false;
  assert_missing(decide(asks(PRESENCE, MAX_AGE_NONE), evidence), SHORTFALL_NO_EVIDENCE);
  assert_missing(decide(asks(-1, HOURS(1)), evidence), SHORTFALL_NO_EVIDENCE);
}

static void domain_evidence_names_the_domain_whatever_its_purpose(void **state)
{
  static const purpose_t purposes[] = {PURPOSE_LOGIN, PURPOSE_ENROL, PURPOSE_STEP_UP, PURPOSE_TRANSACTION};
  requirement_t requirement = {PHR, HOURS(1), EVIDENCE_DOMAIN, false};
  for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
    evidence_t evidence = evidence_aged(0);
    evidence.purpose = purposes[i];
    assert_int_equal(decide(requirement, evidence).verdict, VERDICT_SATISFIED);
    evidence.domain = (domain_id_t){"coin"};
    assert_missing(decide(requirement, evidence), SHORTFALL_DOMAIN);
    evidence.domain = (domain_id_t){""};
    assert_missing(decide(requirement, evidence), SHORTFALL_DOMAIN);
  }
  evidence_t later_purpose = evidence_aged(0);
  later_purpose.purpose = (purpose_t)9;
  assert_missing(decide(requirement, later_purpose), SHORTFALL_DOMAIN);
}

static void verified_evidence_is_the_domains_own(void **state)
{
  requirement_t requirement = {PHR, HOURS(1), EVIDENCE_VERIFIED, false};
  evidence_t evidence = evidence_aged(0);
  assert_missing(decide(requirement, evidence), SHORTFALL_VERIFIED);
  evidence.verified_by_domain = true;
  assert_int_equal(decide(requirement, evidence).verdict, VERDICT_SATISFIED);
  evidence.domain = (domain_id_t){"coin"};
  assert_missing(decide(requirement, evidence), SHORTFALL_DOMAIN);
}

static void this_request_needs_its_own_evidence(void **state)
{
  requirement_t requirement = {PHR, MAX_AGE_NONE, EVIDENCE_ANY, true};
  evidence_t evidence = evidence_aged(0);
  policy_context_t context = context_at(NOW);
  evidence_set_t set = set_of(evidence);
  assert_missing(policy_decide(&context, requirement, &set), SHORTFALL_REQUEST);
  memcpy(set.items[0].request, context.request, sizeof context.request);
  assert_int_equal(policy_decide(&context, requirement, &set).verdict, VERDICT_SATISFIED);
  /* Without a request at hand, evidence for none is not evidence for it. */
  memset(context.request, 0, sizeof context.request);
  memset(set.items[0].request, 0, sizeof context.request);
  assert_missing(policy_decide(&context, requirement, &set), SHORTFALL_REQUEST);
}

static void denied_is_only_what_no_sign_in_can_mend(void **state)
{
  evidence_t best = evidence_aged(0);
  best.backup_eligible = best.backed_up = false;
  best.attested_hardware = best.verified_by_domain = true;
  assert_int_equal(decide(asks(3, MAX_AGE_NONE), best).verdict, VERDICT_DENIED);
  assert_int_equal(decide(asks(-2, MAX_AGE_NONE), best).verdict, VERDICT_DENIED);
  assert_int_equal(decide(asks(PHR, -1), best).verdict, VERDICT_DENIED);
  assert_int_equal(decide((requirement_t){PHR, 0, (evidence_kind_t)7, false}, best).verdict, VERDICT_DENIED);
  policy_context_t context = context_at(NOW);
  evidence_set_t set = set_of(best);
  context.domain = (domain_id_t){""};
  requirement_t domain = {PHR, MAX_AGE_NONE, EVIDENCE_DOMAIN, false};
  assert_int_equal(policy_decide(&context, domain, &set).verdict, VERDICT_DENIED);
}

static void asking_nothing_is_satisfied_by_nobody(void **state)
{
  policy_context_t context = context_at(NOW);
  evidence_set_t nobody = {.count = 0};
  decision_t decision = policy_decide(&context, REQUIREMENT_NONE, &nobody);
  assert_int_equal(decision.verdict, VERDICT_SATISFIED);
  assert_true(decision.satisfied_until_ms == INT64_MAX);
  assert_null(decision.basis);
}

static void the_basis_is_what_lasts_longest(void **state)
{
  policy_context_t context = context_at(NOW);
  evidence_set_t set = {.count = 3};
  set.items[0] = evidence_aged(MINUTES(4));
  set.items[1] = evidence_aged(MINUTES(1));
  set.items[2] = evidence_aged(0);
  set.items[2].user_verified = false; /* newest, but too weak */
  decision_t decision = policy_decide(&context, asks(PHR, MINUTES(5)), &set);
  assert_ptr_equal(decision.basis, &set.items[1]);
  assert_int_equal(decision.satisfied_until_ms, NOW + MINUTES(4) + 1);
}

static void the_shortfall_is_that_of_the_nearest(void **state)
{
  policy_context_t context = context_at(NOW);
  evidence_set_t set = {.count = 2};
  requirement_t requirement = {PHR, MINUTES(10), EVIDENCE_DOMAIN, false};
  set.items[0] = evidence_aged(MINUTES(20)); /* for pay, too old */
  set.items[1] = evidence_aged(0);           /* fresh, for coin */
  set.items[1].domain = (domain_id_t){"coin"};
  decision_t decision = policy_decide(&context, requirement, &set);
  assert_missing(decision, SHORTFALL_AGE);
  assert_ptr_equal(decision.basis, &set.items[0]);
  requirement.level = PHRH;
  assert_missing(policy_decide(&context, requirement, &set), SHORTFALL_LEVEL);
}

static void ss_34_evidence_of_another_session_changes_nothing(void **state)
{
  policy_context_t context = context_at(NOW);
  evidence_set_t first = set_of(evidence_aged(MINUTES(30))), second = first;
  evidence_t step_up = evidence_aged(0);
  evidence_set_add(&first, &step_up);
  assert_int_equal(policy_decide(&context, asks(PHR, MINUTES(5)), &first).verdict, VERDICT_SATISFIED);
  assert_missing(policy_decide(&context, asks(PHR, MINUTES(5)), &second), SHORTFALL_AGE);
}

static void ss_41_a_token_is_judged_by_when_the_person_was_there(void **state)
{
  policy_context_t context = context_at(NOW - MINUTES(4));
  evidence_set_t set = set_of(evidence_aged(MINUTES(4)));
  level_times_t token = policy_level_times(&context, &set);
  context.now_ms = NOW; /* later, and issued anew from the same session */
  level_times_t fresh_token = policy_level_times(&context, &set);
  assert_memory_equal(&token, &fresh_token, sizeof token);
  assert_missing(policy_decide_times(&context, asks(PHR, MINUTES(3)), &fresh_token), SHORTFALL_AGE);
  decision_t decision = policy_decide_times(&context, asks(PHR, MINUTES(5)), &fresh_token);
  assert_int_equal(decision.satisfied_until_ms, NOW + MINUTES(1) + 1);
  /* And never stands for evidence given for this very request. */
  requirement_t now = {PHR, MAX_AGE_NONE, EVIDENCE_ANY, true};
  assert_missing(policy_decide_times(&context, now, &fresh_token), SHORTFALL_REQUEST);
}

static void level_times_keep_each_level_and_kind(void **state)
{
  policy_context_t context = context_at(NOW);
  evidence_set_t set = {.count = 2};
  set.items[0] = evidence_aged(MINUTES(9));
  set.items[1] = evidence_aged(MINUTES(2));
  set.items[1].user_verified = false;
  set.items[1].domain = (domain_id_t){"coin"};
  level_times_t times = policy_level_times(&context, &set);
  assert_int_equal(times.time_ms[PRESENCE][EVIDENCE_ANY], NOW - MINUTES(2));
  assert_int_equal(times.time_ms[PRESENCE][EVIDENCE_DOMAIN], NOW - MINUTES(9));
  assert_int_equal(times.time_ms[PHR][EVIDENCE_ANY], NOW - MINUTES(9));
  assert_int_equal(times.time_ms[PHR][EVIDENCE_DOMAIN], NOW - MINUTES(9));
  assert_int_equal(times.time_ms[PHR][EVIDENCE_VERIFIED], 0);
  assert_int_equal(times.time_ms[PHRH][EVIDENCE_ANY], 0);
}

static void ss_21_what_is_reported_is_what_was_done_never_what_was_asked(void **state)
{
  policy_context_t context = context_at(NOW);
  evidence_set_t set = {.count = 3};
  set.items[0] = evidence_aged(MINUTES(90));
  set.items[1] = evidence_aged(MINUTES(60));
  set.items[2] = evidence_aged(MINUTES(1));
  set.items[2].user_verified = false;
  standing_t standing = policy_standing(&context, &set);
  assert_int_equal(standing.level, PHR);
  assert_int_equal(standing.time_ms, NOW - MINUTES(60));
  assert_ptr_equal(standing.basis, &set.items[1]);
  set.count = 0;
  assert_int_equal(policy_standing(&context, &set).level, -1);
}

static void amr_says_only_what_is_known(void **state)
{
  static const struct {
    bool up, uv, eligible, attested;
    const char *amr;
  } rows[] = {
      {false, true, false, true, ""},
      {true, false, false, false, "pop user "},
      {true, true, false, false, "pop user mfa "},
      {true, true, true, false, "pop swk user mfa "},
      {true, true, true, true, "pop swk user mfa "},
      {true, true, false, true, "pop hwk user mfa "},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[64];
    builder_t all = builder_over(text, sizeof text);
    const char *values[AMR_MAX];
    evidence_t evidence = {.user_present = rows[i].up,
                           .user_verified = rows[i].uv,
                           .backup_eligible = rows[i].eligible,
                           .attested_hardware = rows[i].attested};
    size_t count = policy_amr(&evidence, values);
    for (size_t j = 0; j < count; j++) {
      builder_add_string(&all, values[j]);
      builder_add_u8(&all, ' ');
    }
    builder_add_u8(&all, 0);
    assert_string_equal(text, rows[i].amr);
  }
}

static void a_set_keeps_the_newest_of_each_kind(void **state)
{
  evidence_set_t set = {.count = 0};
  evidence_t old = evidence_aged(MINUTES(9)), newer = evidence_aged(MINUTES(1)),
             other = evidence_aged(MINUTES(5));
  other.credential[0] = 8;
  evidence_set_add(&set, &newer);
  evidence_set_add(&set, &old); /* older than what is there: dropped */
  evidence_set_add(&set, &other);
  assert_int_equal(set.count, 2);
  assert_int_equal(set.items[0].time_ms, newer.time_ms);
  evidence_t untouched = newer;
  untouched.user_present = false;
  untouched.time_ms = NOW;
  evidence_set_add(&set, &untouched);
  assert_int_equal(set.count, 2);
  assert_int_equal(set.items[0].time_ms, newer.time_ms);
  evidence_t verified = old;
  verified.verified_by_domain = true; /* worth something else: has its own place */
  evidence_set_add(&set, &verified);
  assert_int_equal(set.count, 3);
}

static void a_full_set_lets_the_oldest_go(void **state)
{
  evidence_set_t set = {.count = 0};
  for (uint8_t i = 0; i < EVIDENCE_MAX; i++) {
    evidence_t evidence = evidence_aged(MINUTES(i == 5 ? 90 : 60 - i));
    evidence.credential[0] = i;
    evidence_set_add(&set, &evidence);
  }
  evidence_t newest = evidence_aged(0), oldest = evidence_aged(HOURS(9));
  newest.credential[0] = 100;
  oldest.credential[0] = 101;
  evidence_set_add(&set, &newest);
  evidence_set_add(&set, &oldest);
  assert_int_equal(set.count, EVIDENCE_MAX);
  assert_int_equal(set.items[5].credential[0], 100);
}

static void names_parse_back(void **state)
{
  purpose_t purpose;
  for (purpose_t p = PURPOSE_LOGIN; p <= PURPOSE_TRANSACTION; p++) {
    assert_int_equal(purpose_parse(bytes_of_string(purpose_name(p)), &purpose), ERR_NONE);
    assert_int_equal(purpose, p);
  }
  assert_int_equal(purpose_parse(BYTES_LITERAL("Login"), &purpose), ERR_MALFORMED);
  evidence_kind_t kind;
  for (evidence_kind_t k = EVIDENCE_ANY; k <= EVIDENCE_VERIFIED; k++) {
    assert_int_equal(evidence_kind_parse(bytes_of_string(evidence_kind_name(k)), &kind), ERR_NONE);
    assert_int_equal(kind, k);
  }
  assert_int_equal(evidence_kind_parse(BYTES_LITERAL(""), &kind), ERR_MALFORMED);
}

static void domain_ids_are_small_plain_words(void **state)
{
  static const char *const good[] = {"pay", "a", "pay-2", "abcdefghijklmnopqrstuvwxyz012345"};
  static const char *const bad[] = {"",    "Pay", "2pay", "-pay",
                                    "p/y", "p y", "pay.", "abcdefghijklmnopqrstuvwxyz0123456"};
  domain_id_t domain;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_int_equal(domain_id_parse(bytes_of_string(good[i]), &domain), ERR_NONE);
    assert_string_equal(domain.text, good[i]);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(domain_id_parse(bytes_of_string(bad[i]), &domain), ERR_MALFORMED);
  assert_int_equal(domain_id_parse(bytes_of("pa\0", 3), &domain), ERR_MALFORMED);
}

static void sentences_say_what_to_do(void **state)
{
  arena_t *arena = arena_new(4096, 1 << 20);
  policy_context_t context = context_at(NOW);
  evidence_t coin = evidence_aged(MINUTES(2));
  coin.domain = (domain_id_t){"coin"};
  const struct {
    requirement_t requirement;
    evidence_t evidence;
    const char *en, *ja;
  } rows[] = {
      {asks(PHR, MINUTES(5)), evidence_aged(MINUTES(12)),
       "pay asks for a passkey confirmed with fingerprint, face or PIN within the last 5 min; yours was used "
       "12 min "
       "ago.",
       "payには、5分以内の本人確認(指紋・顔・PIN "
       "など)を伴うパスキーによる認証が必要です。前回の認証は12分前でした。"},
      {asks(PHR, MINUTES(5)), evidence_aged(MINUTES(5) + 1),
       "pay asks for a passkey confirmed with fingerprint, face or PIN within the last 5 min; yours was used "
       "5 min 1 s "
       "ago.",
       "payには、5分以内の本人確認(指紋・顔・PIN "
       "など)を伴うパスキーによる認証が必要です。前回の認証は5分1秒前でした。"},
      {{PRESENCE, MAX_AGE_NONE, EVIDENCE_DOMAIN, false},
       coin,
       "pay asks for a passkey or security key, used for pay itself; yours was used 2 min ago for coin.",
       "payには、payのために行う、パスキーまたはセキュリティキーによる認証が必要です。前回(2分前)"
       "の認証はcoinのための"
       "ものでした。"},
      {asks(PHR, HOURS(12)), evidence_aged(MINUTES(5)),
       "Nothing is missing: pay asks for a passkey confirmed with fingerprint, face or PIN within the last "
       "12 h, and "
       "yours was used 5 min ago. It is good for another 11 h 55 min.",
       "追加の認証は必要ありません。payが求める12時間以内の本人確認(指紋・顔・PIN "
       "など)を伴うパスキーによる認証は5分前に"
       "済んでおり、あと11時間55分有効です。"},
      {asks(9, MAX_AGE_NONE), evidence_aged(0),
       "pay asks for a level that this server does not know. Signing in again will not help; please tell the "
       "operator.",
       "payが求める認証レベルは、このサーバーでは扱っていません。もう一度認証しても解決しませんので、運営者に"
       "お問い合わせ"
       "ください。"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    decision_t decision = decide(rows[i].requirement, rows[i].evidence);
    assert_string_equal(policy_explain(arena, &context, rows[i].requirement, &decision, "en"), rows[i].en);
    assert_string_equal(policy_explain(arena, &context, rows[i].requirement, &decision, "ja"), rows[i].ja);
  }
  arena_free(arena);
}

static bool is_header_text(const char *text)
{
  for (; *text != '\0'; text++)
    if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
      return false;
  return true;
}

static void every_english_sentence_may_stand_in_a_header(void **state)
{
  arena_t *arena = arena_new(4096, 1 << 20);
  policy_context_t context = context_at(NOW);
  requirement_t requirement = {PHR, MINUTES(5), EVIDENCE_ANY, false};
  for (shortfall_t shortfall = SHORTFALL_NONE; shortfall <= SHORTFALL_REQUEST; shortfall++) {
    for (verdict_t verdict = VERDICT_SATISFIED; verdict <= VERDICT_DENIED; verdict++) {
      decision_t decision = {.verdict = verdict, .shortfall = shortfall, .satisfied_until_ms = NOW + 1};
      const char *en = policy_explain(arena, &context, requirement, &decision, "en");
      const char *ja = policy_explain(arena, &context, requirement, &decision, "ja");
      assert_non_null(en);
      assert_true(is_header_text(en));
      assert_true(text_is_printable(bytes_of_string(ja), 2000));
    }
  }
  arena_free(arena);
}

static void explaining_without_memory_gives_null(void **state)
{
  arena_t *arena = arena_new(16, 16);
  policy_context_t context = context_at(NOW);
  decision_t decision = decide(asks(PHR, MINUTES(5)), evidence_aged(MINUTES(12)));
  assert_null(policy_explain(arena, &context, asks(PHR, MINUTES(5)), &decision, "en"));
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_are_predicates_over_evidence),
      cmocka_unit_test(at_25_a_syncable_or_unattested_key_never_reaches_phrh),
      cmocka_unit_test(an_age_of_max_age_is_the_last_that_counts),
      cmocka_unit_test(the_future_counts_up_to_the_skew),
      cmocka_unit_test(impossible_times_count_for_nothing),
      cmocka_unit_test(a_huge_max_age_does_not_overflow),
      cmocka_unit_test(without_presence_nothing_counts),
      cmocka_unit_test(domain_evidence_names_the_domain_whatever_its_purpose),
      cmocka_unit_test(verified_evidence_is_the_domains_own),
      cmocka_unit_test(this_request_needs_its_own_evidence),
      cmocka_unit_test(denied_is_only_what_no_sign_in_can_mend),
      cmocka_unit_test(asking_nothing_is_satisfied_by_nobody),
      cmocka_unit_test(the_basis_is_what_lasts_longest),
      cmocka_unit_test(the_shortfall_is_that_of_the_nearest),
      cmocka_unit_test(ss_34_evidence_of_another_session_changes_nothing),
      cmocka_unit_test(ss_41_a_token_is_judged_by_when_the_person_was_there),
      cmocka_unit_test(level_times_keep_each_level_and_kind),
      cmocka_unit_test(ss_21_what_is_reported_is_what_was_done_never_what_was_asked),
      cmocka_unit_test(amr_says_only_what_is_known),
      cmocka_unit_test(a_set_keeps_the_newest_of_each_kind),
      cmocka_unit_test(a_full_set_lets_the_oldest_go),
      cmocka_unit_test(names_parse_back),
      cmocka_unit_test(domain_ids_are_small_plain_words),
      cmocka_unit_test(sentences_say_what_to_do),
      cmocka_unit_test(every_english_sentence_may_stand_in_a_header),
      cmocka_unit_test(explaining_without_memory_gives_null),
  };
  return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}

/* What an authorization request is worth against evidence: the whole table of verdicts; SS-21, SS-22, SS-25.
 */
#include "authority/judgement.h"

#include "crypto/hash.h"
#include "unit.h"

#define NOW ((int64_t)1000000000)
enum { PRESENCE = 0, PHR = 1, PHRH = 2 };

static evidence_t login(int64_t age_ms)
{
  return (evidence_t){.time_ms = NOW - age_ms,
                      .purpose = PURPOSE_LOGIN,
                      .user_present = true,
                      .user_verified = true,
                      .backup_eligible = true};
}

static policy_context_t context_of(uint8_t request)
{
  policy_context_t context = {.levels = level_table_builtin(), .domain = {"pay"}, .now_ms = NOW};
  context.request[0] = request;
  return context;
}

static judgement_t judge(const authorization_request_t *request, uint8_t id, const evidence_t *evidence)
{
  policy_context_t context = context_of(id);
  evidence_set_t set = {.count = 0};
  if (evidence != NULL)
    evidence_set_add(&set, evidence);
  return judgement_decide(&context, request, evidence != NULL, &set);
}

static authorization_request_t wanting(int level, int64_t max_age_ms)
{
  requirement_t requirement = {level, max_age_ms, EVIDENCE_ANY, false};
  return (authorization_request_t){.floor = requirement, .wanted = requirement};
}

static void evidence_decides(void **state)
{
  (void)state;
  authorization_request_t request = wanting(PHR, 60000);
  evidence_t fresh = login(1000), old = login(61000);
  assert_int_equal(judge(&request, 0, &fresh).verdict, JUDGEMENT_GRANT);
  assert_int_equal(judge(&request, 0, &old).verdict, JUDGEMENT_AUTHENTICATE);
  judgement_t nobody = judge(&request, 0, NULL);
  assert_int_equal(nobody.verdict, JUDGEMENT_AUTHENTICATE);
  assert_int_equal(nobody.requirement.max_age_ms, 60000);
  fresh.user_verified = false;
  assert_int_equal(judge(&request, 0, &fresh).verdict, JUDGEMENT_AUTHENTICATE);
}

static void an_authenticator_that_is_not_taken_is_named(void **state)
{
  (void)state;
  static const aaguid_t denied = {{7}};
  const authenticator_rule_t rule = {.deny = &denied, .deny_count = 1};
  authorization_request_t request = wanting(PHR, 60000);
  policy_context_t context = context_of(1);
  context.authenticators = &rule;
  evidence_t evidence = login(1000);
  evidence_set_t set = {.count = 0};
  evidence.authenticator.aaguid = denied;
  evidence_set_add(&set, &evidence);
  judgement_t judgement = judgement_decide(&context, &request, true, &set);
  assert_int_equal(judgement.verdict, JUDGEMENT_AUTHENTICATE);
  assert_true(judgement.authenticator_refused);
  evidence.request[0] = 1; /* tried for this very request: asking again leads nowhere */
  set.count = 0;
  evidence_set_add(&set, &evidence);
  assert_int_equal(judgement_decide(&context, &request, true, &set).error, ERR_UNMET_ACR);
  set.count = 0;
  assert_false(judgement_decide(&context, &request, false, &set).authenticator_refused);
}

static void without_a_session_nothing_is_granted(void **state)
{
  (void)state;
  authorization_request_t request = wanting(-1, MAX_AGE_NONE);
  assert_int_equal(judge(&request, 0, NULL).verdict, JUDGEMENT_AUTHENTICATE);
}

static void silence_has_its_own_errors(void **state)
{
  (void)state;
  authorization_request_t request = wanting(PHR, 60000);
  request.prompt_none = true;
  evidence_t fresh = login(0), old = login(61000);
  assert_int_equal(judge(&request, 0, NULL).error, ERR_LOGIN_REQUIRED);
  assert_int_equal(judge(&request, 0, &old).error, ERR_LOGIN_REQUIRED);
  assert_int_equal(judge(&request, 0, &fresh).verdict, JUDGEMENT_GRANT);
  request.wanted.level = PHRH;
  assert_int_equal(judge(&request, 0, &fresh).error, ERR_INTERACTION_REQUIRED);
}

static void acr_values_table(void **state)
{
  (void)state;
  static const struct {
    int values[2];
    size_t count;
    bool essential, tried;
    judgement_verdict_t verdict;
    int level; /* asked for, when AUTHENTICATE */
  } rows[] = {
      {{PHR}, 1, false, false, JUDGEMENT_GRANT, 0},
      {{PHRH, PHR}, 2, false, false, JUDGEMENT_GRANT, 0},
      {{PHRH}, 1, false, false, JUDGEMENT_AUTHENTICATE, PHRH},
      {{PHRH}, 1, false, true, JUDGEMENT_GRANT, 0},
      {{PHRH}, 1, true, false, JUDGEMENT_AUTHENTICATE, PHRH},
      {{PHRH}, 1, true, true, JUDGEMENT_REFUSE, 0},
      {{0}, 0, true, false, JUDGEMENT_REFUSE, 0},
      {{PHRH, PHR}, 2, true, false, JUDGEMENT_GRANT, 0},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    authorization_request_t request = wanting(PHR, 3600000);
    memcpy(request.acr_values, rows[i].values, sizeof rows[i].values);
    request.acr_count = rows[i].count;
    request.acr_essential = rows[i].essential;
    evidence_t evidence = login(1000);
    evidence.request[0] = rows[i].tried ? 9 : 8;
    judgement_t judgement = judge(&request, 9, &evidence);
    if (judgement.verdict != rows[i].verdict)
      fail_msg("row %zu: verdict %d", i, (int)judgement.verdict);
    if (judgement.verdict == JUDGEMENT_AUTHENTICATE)
      assert_int_equal(judgement.requirement.level, rows[i].level);
    if (judgement.verdict == JUDGEMENT_REFUSE)
      assert_int_equal(judgement.error, ERR_UNMET_ACR);
  }
}

/* The rp's word is asked to be borne out, however often it is given; what the domain verified is enough. */
static void the_rps_word_is_no_verified_evidence(void **state)
{
  (void)state;
  authorization_request_t request = wanting(PHR, MAX_AGE_NONE);
  request.wanted.kind = EVIDENCE_VERIFIED;
  evidence_t evidence = login(0);
  evidence.domain = (domain_id_t){"pay"};
  assert_int_equal(judge(&request, 9, &evidence).verdict, JUDGEMENT_AUTHENTICATE);
  evidence.request[0] = 9;
  assert_int_equal(judge(&request, 9, &evidence).verdict, JUDGEMENT_AUTHENTICATE);
  evidence.verified_by_domain = true;
  assert_int_equal(judge(&request, 9, &evidence).verdict, JUDGEMENT_GRANT);
}

/* A try never lowers the policy's own floor. */
static void a_voluntary_level_does_not_waive_the_floor(void **state)
{
  (void)state;
  authorization_request_t request = wanting(PHR, 3600000);
  request.acr_values[0] = PHRH;
  request.acr_count = 1;
  evidence_t weak = login(1000);
  weak.user_verified = false;
  weak.request[0] = 9;
  assert_int_equal(judge(&request, 9, &weak).verdict, JUDGEMENT_AUTHENTICATE);
}

static void this_request_is_meant(void **state)
{
  (void)state;
  authorization_request_t request = wanting(PHR, 3600000);
  request.wanted.this_request = true;
  evidence_t evidence = login(0);
  assert_int_equal(judge(&request, 9, &evidence).verdict, JUDGEMENT_AUTHENTICATE);
  evidence.request[0] = 9;
  assert_int_equal(judge(&request, 9, &evidence).verdict, JUDGEMENT_GRANT);
  assert_int_equal(judge(&request, 0, &evidence).verdict, JUDGEMENT_AUTHENTICATE);
}

static void bytes_that_contradict_drop_the_evidence(void **state)
{
  (void)state;
  handoff_session_t session = {.evidence_count = 1};
  handoff_evidence_t *piece = &session.evidence[0];
  uint8_t data[37] = {0};
  sha256_t hash;
  assert_ok(hash_sha256(BYTES_LITERAL("id"), &hash));
  evidence_set_t set;
  size_t dropped;
  for (unsigned flags = 0; flags < 32; flags++) { /* UP, UV, BE, BS as they are, and bit 1, reserved */
    piece->fact = login(0);
    piece->fact.verified_by_domain = true;
    memcpy(piece->fact.credential, hash.bytes, sizeof hash.bytes);
    piece->credential_id = BYTES_LITERAL("id");
    data[32] = (uint8_t)flags;
    piece->authenticator_data = bytes_of(data, sizeof data);
    judgement_evidence(&session, &set, &dropped);
    bool same = (flags & ~2u) == (1u | 4u | 8u);
    assert_int_equal(set.count, same ? 1 : 0);
    assert_int_equal(dropped, same ? 0 : 1);
    if (same)
      assert_false(set.items[0].verified_by_domain);
  }
  data[32] = 13;
  piece->credential_id = BYTES_LITERAL("other");
  judgement_evidence(&session, &set, &dropped);
  assert_int_equal(dropped, 1);
  piece->credential_id = BYTES_NONE;
  piece->authenticator_data = bytes_of(data, 36);
  judgement_evidence(&session, &set, &dropped);
  assert_int_equal(dropped, 1);
  piece->authenticator_data = BYTES_NONE; /* no longer kept */
  judgement_evidence(&session, &set, &dropped);
  assert_int_equal(set.count, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(evidence_decides),
      cmocka_unit_test(an_authenticator_that_is_not_taken_is_named),
      cmocka_unit_test(without_a_session_nothing_is_granted),
      cmocka_unit_test(silence_has_its_own_errors),
      cmocka_unit_test(acr_values_table),
      cmocka_unit_test(a_voluntary_level_does_not_waive_the_floor),
      cmocka_unit_test(the_rps_word_is_no_verified_evidence),
      cmocka_unit_test(this_request_is_meant),
      cmocka_unit_test(bytes_that_contradict_drop_the_evidence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

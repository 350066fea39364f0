/* The hand-off's messages: what is built is read back, and nothing else is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "handoff/consents.h"
#include "handoff/events.h"
#include "handoff/logout.h"

static arena_t *arena;

static int set_up(void **state)
{
  (void)state;
  arena = arena_new(4096, 1024 * 1024);
  return arena == NULL;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

static handoff_session_t sample_session(void)
{
  handoff_session_t session = {.subject = BYTES_LITERAL("sub-1"),
                               .session = BYTES_LITERAL("sid-1"),
                               .expires_ms = 1790000000000,
                               .claims = BYTES_LITERAL("{\"name\":\"A\"}"),
                               .evidence_count = 2};
  handoff_evidence_t *item = &session.evidence[0];
  item->fact = (evidence_t){.time_ms = 1789999999999,
                            .credential = {1, 2, 3},
                            .request = {9},
                            .authenticator = {.aaguid = {{7, 7}},
                                              .vouching = VOUCHING_ATT_CA,
                                              .certification = CERTIFICATION_L2PLUS},
                            .purpose = PURPOSE_STEP_UP,
                            .user_present = true,
                            .user_verified = true,
                            .backed_up = true,
                            .backup_eligible = true,
                            .attested_hardware = true,
                            .verified_by_domain = true};
  strcpy(item->fact.domain.text, "pay");
  item->credential_id = BYTES_LITERAL("credential");
  item->authenticator_data = BYTES_LITERAL("\0\1\2\xff");
  item->client_data = BYTES_LITERAL("{\"type\":\"webauthn.get\"}");
  item->signature = BYTES_LITERAL("sig");
  item->public_key = BYTES_LITERAL("\xa5 a key");
  item->algorithm = -7;
  item->spki = BYTES_LITERAL("key");
  item->spki_algorithm = BYTES_LITERAL("ES256");
  session.evidence[1].fact = (evidence_t){.time_ms = 5, .purpose = PURPOSE_LOGIN, .user_present = true};
  return session;
}

static void assert_bytes(bytes_t got, bytes_t wanted)
{
  assert_int_equal(got.len, wanted.len);
  assert_true(bytes_equal(got, wanted));
}

static void assert_session(const handoff_session_t *got, const handoff_session_t *sent)
{
  assert_non_null(got);
  assert_bytes(got->subject, sent->subject);
  assert_bytes(got->session, sent->session);
  assert_int_equal(got->expires_ms, sent->expires_ms);
  assert_bytes(got->claims, sent->claims);
  assert_int_equal(got->evidence_count, sent->evidence_count);
  for (size_t i = 0; i < got->evidence_count; i++) {
    evidence_t fact = sent->evidence[i].fact;
    fact.verified_by_domain = false; /* never taken from the wire */
    assert_memory_equal(&got->evidence[i].fact.credential, &fact.credential, sizeof(fact.credential));
    assert_memory_equal(&got->evidence[i].fact.request, &fact.request, sizeof(fact.request));
    const authenticator_t *authenticator = &got->evidence[i].fact.authenticator;
    assert_true(aaguid_equal(&authenticator->aaguid, &fact.authenticator.aaguid));
    assert_int_equal(authenticator->vouching, fact.authenticator.vouching);
    assert_int_equal(authenticator->certification, fact.authenticator.certification);
    assert_string_equal(got->evidence[i].fact.domain.text, fact.domain.text);
    assert_int_equal(got->evidence[i].fact.time_ms, fact.time_ms);
    assert_int_equal(got->evidence[i].fact.purpose, fact.purpose);
    assert_int_equal(got->evidence[i].fact.user_present, fact.user_present);
    assert_int_equal(got->evidence[i].fact.user_verified, fact.user_verified);
    assert_int_equal(got->evidence[i].fact.backup_eligible, fact.backup_eligible);
    assert_int_equal(got->evidence[i].fact.backed_up, fact.backed_up);
    assert_int_equal(got->evidence[i].fact.attested_hardware, fact.attested_hardware);
    assert_false(got->evidence[i].fact.verified_by_domain);
    assert_bytes(got->evidence[i].credential_id, sent->evidence[i].credential_id);
    assert_bytes(got->evidence[i].authenticator_data, sent->evidence[i].authenticator_data);
    assert_bytes(got->evidence[i].client_data, sent->evidence[i].client_data);
    assert_bytes(got->evidence[i].signature, sent->evidence[i].signature);
    assert_bytes(got->evidence[i].public_key, sent->evidence[i].public_key);
    assert_int_equal(got->evidence[i].algorithm, sent->evidence[i].algorithm);
    assert_bytes(got->evidence[i].spki, sent->evidence[i].spki);
    assert_bytes(got->evidence[i].spki_algorithm, sent->evidence[i].spki_algorithm);
  }
}

static void test_begin_round_trip(void **state)
{
  (void)state;
  handoff_session_t session = sample_session();
  handoff_begin_t sent = {.domain = {"pay"},
                          .query = BYTES_LITERAL("client_id=a&state=%22\"\\"),
                          .browser = {1, 2, 3},
                          .session = &session};
  handoff_begin_t got;
  bytes_t text = handoff_begin_build(arena, &sent);
  assert_true(text.len > 0);
  assert_int_equal(handoff_begin_parse(arena, text, &got), ERR_NONE);
  assert_string_equal(got.domain.text, "pay");
  assert_bytes(got.query, sent.query);
  assert_memory_equal(got.browser, sent.browser, sizeof(got.browser));
  assert_session(got.session, &session);
  assert_false(got.native);
  sent.session = NULL;
  sent.native = true;
  assert_int_equal(handoff_begin_parse(arena, handoff_begin_build(arena, &sent), &got), ERR_NONE);
  assert_null(got.session);
  assert_true(got.native);
}

static void test_finish_round_trip(void **state)
{
  (void)state;
  handoff_session_t session = sample_session();
  handoff_finish_t got, sent = {.domain = {"coin"},
                                .handle = BYTES_LITERAL("h-1"),
                                .browser = {4},
                                .session = &session,
                                .declined = true};
  assert_int_equal(handoff_finish_parse(arena, handoff_finish_build(arena, &sent), &got), ERR_NONE);
  assert_string_equal(got.domain.text, "coin");
  assert_bytes(got.handle, sent.handle);
  assert_memory_equal(got.browser, sent.browser, sizeof(got.browser));
  assert_session(got.session, &session);
  assert_true(got.declined);
}

static void test_ended_round_trips(void **state)
{
  (void)state;
  static const struct {
    handoff_kind_t kind;
    bytes_t session, subject;
  } rows[] = {{HANDOFF_SESSION_ENDED, BYTES_LITERAL("s"), BYTES_NONE},
              {HANDOFF_CREDENTIAL_CHANGED, BYTES_LITERAL("s"), BYTES_NONE},
              {HANDOFF_ACCOUNT_ENDED, BYTES_LITERAL("kept"), BYTES_LITERAL("p")},
              {HANDOFF_ACCOUNT_ENDED, BYTES_NONE, BYTES_LITERAL("p")}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    handoff_ended_t got, sent = {.domain = {"pay"},
                                 .sequence = 7,
                                 .session = rows[i].session,
                                 .subject = rows[i].subject,
                                 .ended_ms = 99};
    assert_int_equal(handoff_ended_parse(arena, rows[i].kind, handoff_ended_build(arena, &sent), &got),
                     ERR_NONE);
    assert_int_equal(got.sequence, 7);
    assert_int_equal(got.ended_ms, 99);
    assert_bytes(got.session, sent.session);
    assert_bytes(got.subject, sent.subject);
  }
}

/* Whom an event is about must be there, and nobody else. */
static void test_ended_refused(void **state)
{
  (void)state;
  static const char head[] = "{\"domain\":\"pay\",\"sequence\":1,\"ended_ms\":1";
  static const struct {
    handoff_kind_t kind;
    const char *rest;
  } rows[] = {{HANDOFF_SESSION_ENDED, "}"},
              {HANDOFF_CREDENTIAL_CHANGED, "}"},
              {HANDOFF_SESSION_ENDED, ",\"session\":\"s\",\"subject\":\"p\"}"},
              {HANDOFF_CREDENTIAL_CHANGED, ",\"session\":\"s\",\"subject\":\"p\"}"},
              {HANDOFF_ACCOUNT_ENDED, ",\"session\":\"s\"}"},
              {HANDOFF_ACCOUNT_ENDED, ",\"subject\":\"\"}"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    handoff_ended_t got;
    const char *text = arena_format(arena, "%s%s", head, rows[i].rest);
    assert_int_equal(handoff_ended_parse(arena, rows[i].kind, bytes_of_string(text), &got), ERR_HANDOFF);
  }
}

static void test_claims_changed_round_trip(void **state)
{
  (void)state;
  handoff_claims_changed_t got, sent = {.domain = {"pay"},
                                        .subject = BYTES_LITERAL("s"),
                                        .claims = BYTES_LITERAL("{\"address\":{\"country\":\"JP\"}}")};
  assert_int_equal(handoff_claims_changed_parse(arena, handoff_claims_changed_build(arena, &sent), &got),
                   ERR_NONE);
  assert_string_equal(got.domain.text, "pay");
  assert_bytes(got.subject, sent.subject);
  assert_bytes(got.claims, sent.claims);
  static const char *const bad[] = {
      "{\"domain\":\"pay\",\"subject\":\"s\"}",
      "{\"domain\":\"pay\",\"subject\":\"s\",\"claims\":[]}",
      "{\"domain\":\"pay\",\"subject\":\"s\",\"claims\":\"{}\"}",
      "{\"domain\":\"pay\",\"claims\":{}}",
      "{\"subject\":\"s\",\"claims\":{}}",
      "{\"domain\":\"pay\",\"subject\":\"s\",\"claims\":{},\"sign\":\"this\"}",
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(handoff_claims_changed_parse(arena, bytes_of_string(bad[i]), &got), ERR_HANDOFF);
}

static void test_consents_round_trip(void **state)
{
  handoff_applications_t list, asked = {.domain = {"pay"}, .subject = BYTES_LITERAL("s")};
  assert_int_equal(handoff_applications_parse(arena, handoff_applications_build(arena, &asked), &list),
                   ERR_NONE);
  assert_string_equal(list.domain.text, "pay");
  assert_true(bytes_equal_string(list.subject, "s"));

  handoff_consent_withdrawn_t withdrawn,
      taken = {.domain = {"pay"}, .subject = BYTES_LITERAL("s"), .client = BYTES_LITERAL("partner")};
  assert_int_equal(
      handoff_consent_withdrawn_parse(arena, handoff_consent_withdrawn_build(arena, &taken), &withdrawn),
      ERR_NONE);
  assert_true(bytes_equal_string(withdrawn.client, "partner"));

  const handoff_application_t items[] = {{.client = BYTES_LITERAL("a"),
                                          .client_name = BYTES_LITERAL("A \"shop\""),
                                          .scope_titles_en = BYTES_LITERAL("One\nTwo"),
                                          .scope_titles_ja = BYTES_LITERAL("一"),
                                          .granted_ms = 5},
                                         {.client = BYTES_LITERAL("b"), .client_name = BYTES_LITERAL("B")}};
  handoff_applications_answer_t got, sent = {.domain_name = BYTES_LITERAL("Pay"), .items = items, .count = 2};
  assert_int_equal(
      handoff_applications_answer_parse(arena, handoff_applications_answer_build(arena, &sent), &got),
      ERR_NONE);
  assert_int_equal(got.count, 2);
  assert_true(bytes_equal(got.items[0].client_name, items[0].client_name));
  assert_true(bytes_equal(got.items[0].scope_titles_en, items[0].scope_titles_en));
  assert_int_equal(got.items[0].granted_ms, 5);
  assert_int_equal(got.items[1].scope_titles_en.len, 0);
}

static void test_consents_refused(void **state)
{
  static const char *const bad[] = {"{\"domain_name\":\"Pay\"}", "{\"applications\":[]}",
                                    "{\"domain_name\":\"Pay\",\"applications\":[{\"client\":\"a\"}]}",
                                    "{\"domain_name\":\"Pay\",\"applications\":[],\"more\":1}"};
  handoff_applications_answer_t answer;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(handoff_applications_answer_parse(arena, bytes_of_string(bad[i]), &answer), ERR_HANDOFF);
  handoff_consent_withdrawn_t withdrawn;
  assert_int_equal(handoff_consent_withdrawn_parse(
                       arena, BYTES_LITERAL("{\"domain\":\"pay\",\"subject\":\"s\"}"), &withdrawn),
                   ERR_HANDOFF);
}

static void test_logout_round_trip(void **state)
{
  (void)state;
  handoff_logout_t got,
      sent = {.domain = {"pay"}, .query = BYTES_LITERAL("state=\"%22\""), .session = BYTES_LITERAL("sid-1")};
  assert_int_equal(handoff_logout_parse(arena, handoff_logout_build(arena, &sent), &got), ERR_NONE);
  assert_bytes(got.query, sent.query);
  assert_bytes(got.session, sent.session);
  sent.query = sent.session = BYTES_NONE;
  assert_int_equal(handoff_logout_parse(arena, handoff_logout_build(arena, &sent), &got), ERR_NONE);
  assert_int_equal(got.session.len, 0);
  static const handoff_logout_answer_t answers[] = {
      {.outcome = HANDOFF_LOGOUT_END, .location = BYTES_LITERAL("https://a/bye")},
      {.outcome = HANDOFF_LOGOUT_CONFIRM,
       .client_name = BYTES_LITERAL("Pay"),
       .domain_name = BYTES_LITERAL("P")},
      {.outcome = HANDOFF_LOGOUT_REFUSE, .error = BYTES_LITERAL("e"), .description = BYTES_LITERAL("d")},
  };
  for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
    handoff_logout_answer_t answer;
    bytes_t text = handoff_logout_answer_build(arena, &answers[i]);
    assert_int_equal(handoff_logout_answer_parse(arena, text, &answer), ERR_NONE);
    assert_int_equal(answer.outcome, answers[i].outcome);
    assert_bytes(answer.location, answers[i].location);
    assert_bytes(answer.client_name, answers[i].client_name);
    assert_bytes(answer.error, answers[i].error);
  }
  static const char *const bad[] = {
      "{\"outcome\":\"sign\"}",
      "{\"outcome\":\"end\",\"error\":\"e\"}",
      "{\"outcome\":\"refuse\"}",
      "{\"outcome\":\"refuse\",\"error\":\"e\",\"location\":\"a\"}",
      "{\"outcome\":\"confirm\",\"session\":\"s\"}",
      "[]",
  };
  handoff_logout_answer_t answer;
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_int_equal(handoff_logout_answer_parse(arena, bytes_of_string(bad[i]), &answer), ERR_HANDOFF);
}

static handoff_answer_t answer_round_trip(const handoff_answer_t *sent)
{
  handoff_answer_t got;
  bytes_t text = handoff_answer_build(arena, level_table_builtin(), sent);
  assert_int_equal(handoff_answer_parse(arena, level_table_builtin(), text, &got), ERR_NONE);
  assert_int_equal(got.outcome, sent->outcome);
  return got;
}

static void test_answer_round_trip(void **state)
{
  (void)state;
  handoff_answer_t respond = {.outcome = HANDOFF_RESPOND, .location = BYTES_LITERAL("https://a/cb?code=1")};
  assert_bytes(answer_round_trip(&respond).location, respond.location);
  handoff_answer_t page = {.outcome = HANDOFF_ERROR_PAGE,
                           .error = BYTES_LITERAL("invalid_request"),
                           .description = BYTES_LITERAL("\xe6\x97\xa5\xe6\x9c\xac\n")};
  assert_bytes(answer_round_trip(&page).description, page.description);
  handoff_answer_t ask = {.outcome = HANDOFF_AUTHENTICATE,
                          .handle = BYTES_LITERAL("h"),
                          .request = {1, 2},
                          .challenge = {3, 4},
                          .requirement = {1, 300000, EVIDENCE_DOMAIN, true},
                          .authenticator_refused = true,
                          .select_account = true,
                          .client_name = BYTES_LITERAL("Pay"),
                          .scope_titles_ja = BYTES_LITERAL("a\nb")};
  handoff_answer_t got = answer_round_trip(&ask);
  assert_int_equal(got.requirement.level, 1);
  assert_int_equal(got.requirement.max_age_ms, 300000);
  assert_int_equal(got.requirement.kind, EVIDENCE_DOMAIN);
  assert_true(got.requirement.this_request && got.select_account && got.authenticator_refused);
  assert_memory_equal(got.request, ask.request, sizeof(got.request));
  assert_memory_equal(got.challenge, ask.challenge, sizeof(got.challenge));
  assert_bytes(got.scope_titles_ja, ask.scope_titles_ja);
  handoff_answer_t claims = {.outcome = HANDOFF_CLAIMS, .claim_scopes = BYTES_LITERAL("email phone")};
  assert_bytes(answer_round_trip(&claims).claim_scopes, claims.claim_scopes);
  ask.requirement = REQUIREMENT_NONE;
  got = answer_round_trip(&ask);
  assert_true(requirement_is_none(got.requirement));
}

/* Messages that say "sign this" do not exist: these names, these paths, and a parser that takes nothing
 * more. */
static void test_message_table(void **state)
{
  (void)state;
  static const char *const names[HANDOFF_KINDS] = {
      "authz_begin",    "authz_finish", "session_ended", "account_ended",    "credential_changed",
      "claims_changed", "logout",       "applications",  "consent_withdrawn"};
  for (size_t i = 0; i < HANDOFF_KINDS; i++) {
    assert_string_equal(handoff_messages[i].name, names[i]);
    assert_memory_equal(handoff_messages[i].path, "/handoff/", 9);
    assert_string_equal(handoff_messages[i].path + 9, names[i]);
  }
}

static const char browser[] = "\"browser\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"";

static void test_refusals(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "",
      "[]",
      "{}",
      "{\"domain\":\"pay\",%s,\"sign\":\"this\"}",
      "{\"domain\":\"Pay\",%s}",
      "{\"domain\":\"\",%s}",
      "{\"domain\":1,%s}",
      "{\"domain\":\"pay\"}",
      "{\"domain\":\"pay\",\"browser\":\"AAAA\"}",
      "{\"domain\":\"pay\",\"domain\":\"pay\",%s}",
      "{\"domain\":\"pay\",%s} ,",
      "{\"domain\":\"pay\",%s,\"session\":null}",
      "{\"domain\":\"pay\",%s,\"session\":{}}",
      "{\"domain\":\"pay\",%s,\"session\":{\"subject\":\"s\",\"session\":\"s\",\"expires_ms\":-1,"
      "\"evidence\":[]}}",
      "{\"domain\":\"pay\",%s,\"session\":{\"subject\":\"s\",\"session\":\"s\",\"expires_ms\":1.5,"
      "\"evidence\":[]}}",
      "{\"domain\":\"pay\",%s,\"session\":{\"subject\":\"s\",\"session\":\"s\",\"expires_ms\":1}}",
      "{\"domain\":\"pay\",%s,\"session\":{\"subject\":\"s\",\"session\":\"s\",\"expires_ms\":1,\"evidence\":"
      "[{}]}}",
      "{\"domain\":\"pay\",%s,\"session\":{\"subject\":\"s\",\"session\":\"s\",\"expires_ms\":1,\"evidence\":"
      "[{"
      "\"time_ms\":1,\"purpose\":\"login\",\"flags\":63,\"credential\":"
      "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}}",
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    char text[1024];
    const char *mark = strstr(bad[i], "%s");
    if (mark == NULL)
      (void)snprintf(text, sizeof(text), "%s", bad[i]);
    else
      (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(mark - bad[i]), bad[i], browser, mark + 2);
    handoff_begin_t got;
    print_message("%s\n", text);
    assert_int_equal(handoff_begin_parse(arena, bytes_of_string(text), &got), ERR_HANDOFF);
  }
  char good[256];
  handoff_begin_t got;
  (void)snprintf(good, sizeof(good), "{\"domain\":\"pay\",%s}", browser);
  assert_int_equal(handoff_begin_parse(arena, bytes_of_string(good), &got), ERR_NONE);
}

static void test_answer_refusals(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "{\"outcome\":\"sign\"}",
      "{\"outcome\":\"respond\"}",
      "{\"outcome\":\"respond\",\"location\":\"a\",\"form_action\":\"b\"}",
      "{\"outcome\":\"respond\",\"location\":\"a\",\"error\":\"b\"}",
      "{\"outcome\":\"error_page\"}",
      "{\"outcome\":\"claims\"}",
      "{\"outcome\":\"claims\",\"claim_scopes\":\"email\",\"location\":\"a\"}",
      "{\"outcome\":\"authenticate\",\"handle\":\"h\",\"request\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
      "{\"outcome\":\"authenticate\",\"handle\":\"h\",\"request\":\"AAAAAAAAAAAAAAAAAAAAAA\","
      "\"requirement\":{\"acr\":\"loa9\",\"evidence\":\"any\"}}",
      "{\"outcome\":\"authenticate\",\"handle\":\"h\",\"request\":\"AAAAAAAAAAAAAAAAAAAAAA\","
      "\"requirement\":{\"evidence\":\"some\"}}",
      "{\"outcome\":\"authenticate\",\"handle\":\"h\",\"request\":\"AAAAAAAAAAAAAAAAAAAAAA\","
      "\"requirement\":{\"evidence\":\"any\",\"max_age_ms\":-5}}",
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    handoff_answer_t got;
    assert_int_equal(handoff_answer_parse(arena, level_table_builtin(), bytes_of_string(bad[i]), &got),
                     ERR_HANDOFF);
  }
}

static void test_out_of_memory(void **state)
{
  (void)state;
  arena_t *small = arena_new(64, 256);
  handoff_session_t session = sample_session();
  handoff_begin_t sent = {.domain = {"pay"}, .session = &session}, got;
  assert_int_equal(handoff_begin_build(small, &sent).len, 0);
  bytes_t text = handoff_begin_build(arena, &sent);
  assert_int_equal(handoff_begin_parse(small, text, &got), ERR_HANDOFF);
  arena_free(small);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_begin_round_trip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_finish_round_trip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_ended_round_trips, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_ended_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_claims_changed_round_trip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_consents_round_trip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_consents_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_logout_round_trip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_answer_round_trip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_message_table, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_answer_refusals, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_out_of_memory, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

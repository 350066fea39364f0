/* What a grant is still good for at a refresh, by table: SS-27, SS-28. */
#include "authority/earned.h"

#include "authority/access_token.h"
#include "authority/authorization_request.h"
#include "authority_fixture.h"
#include "unit.h"

#define NOW_S 1790000000
#define NOW ((int64_t)NOW_S * 1000)

static error_code_t judge(arena_t *arena, const char *client, const char *levels, const char *asked,
                          bytes_t *ret_scope)
{
  const domain_settings_t *settings = fixture_settings();
  const grant_t grant = {.levels = bytes_of_string(levels)};
  return earned_scope(arena, settings, config_find_client(settings->config, bytes_of_string(client)), &grant,
                      bytes_of_string(asked), NOW, ret_scope);
}

static void scopes_lapse_with_their_requirements(void **state)
{
  static const struct {
    const char *client, *levels, *asked, *kept; /* kept NULL: entry has lapsed */
  } rows[] = {
      {"web", "{\"phr\":{\"any\":1790000000}}", "openid read write", "openid read write"},
      {"web", "{\"phr\":{\"any\":1789999700}}", "openid read write", "openid read write"},
      {"web", "{\"phr\":{\"any\":1789999699}}", "openid read write offline_access",
       "openid read offline_access"},
      {"web", "{\"phr\":{\"any\":1789999699}}", "write", ""},
      {"web", "{\"phr\":{\"any\":1789996400}}", "read", "read"},
      {"web", "{\"phr\":{\"any\":1789996399}}", "read", NULL},
      {"web", "{\"phr\":{\"any\":1790000000}}", "read vault", "read"},
      {"web", "{\"phrh\":{\"any\":1790000000}}", "read vault", "read"},
      {"web", "{\"phrh\":{\"any\":1790000000,\"domain\":1790000000}}", "read vault", "read vault"},
      {"web", "{\"urn:sekisho:acr:presence\":{\"any\":1790000000}}", "read", NULL},
      {"web", "{}", "openid", NULL},
      {"web", "{\"phr\":{\"any\":1790000061}}", "read", NULL}, /* by a clock that ran ahead */
      {"web", "{\"phr\":{\"any\":1790000000}}", "read gone read", "read"},
      {"app", "{\"phr\":{\"any\":1789999940}}", "read write openid", "read openid"},
      {"app", "{\"phr\":{\"any\":1789999939}}", "read", NULL},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    bytes_t scope = BYTES_NONE;
    error_code_t error = judge(*state, rows[i].client, rows[i].levels, rows[i].asked, &scope);
    error_code_t wanted = rows[i].kept != NULL ? ERR_NONE : ERR_LAPSED;
    if (error != wanted || (error == ERR_NONE && !bytes_equal_string(scope, rows[i].kept)))
      fail_msg("row %zu: %s, \"%.*s\"", i, error_info(error)->slug, (int)scope.len, (const char *)scope.data);
  }
}

static void times_join_to_the_newer_of_both(void **state)
{
  (void)state;
  level_times_t times = {{{0}}}, other = {{{0}}};
  times.time_ms[1][EVIDENCE_ANY] = 5;
  times.time_ms[0][EVIDENCE_DOMAIN] = 9;
  other.time_ms[1][EVIDENCE_ANY] = 7;
  other.time_ms[0][EVIDENCE_DOMAIN] = 8;
  level_times_join(&times, &other);
  assert_int_equal(times.time_ms[1][EVIDENCE_ANY], 7);
  assert_int_equal(times.time_ms[0][EVIDENCE_DOMAIN], 9);
  assert_int_equal(times.time_ms[1][EVIDENCE_DOMAIN], 0);
}

static void offline_access_is_for_who_may_ask(void **state)
{
  static const struct {
    const char *query, *scope;
    bool refreshes;
  } rows[] = {
      {"client_id=web&redirect_uri=https%3A%2F%2Fc.example%2Fcb&scope=read+offline_access",
       "read offline_access", true},
      {"client_id=web&redirect_uri=https%3A%2F%2Fc.example%2Fcb&scope=read", "read", false},
      {"client_id=app&redirect_uri=com.example.app%3A%2Fcb&scope=read+offline_access", "read", false},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    char query[400];
    authorization_target_t target;
    authorization_request_t request;
    snprintf(query, sizeof query,
             "%s&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
             "&code_challenge_method=S256",
             rows[i].query);
    assert_ok(authorization_target_parse(*state, fixture_settings(), bytes_of_string(query), &target));
    assert_ok(authorization_request_parse(*state, fixture_settings(), &target, &request));
    assert_true(bytes_equal_string(request.scope, rows[i].scope));
    assert_int_equal(request.refreshes, rows[i].refreshes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(scopes_lapse_with_their_requirements),
      UNIT_TEST(times_join_to_the_newer_of_both),
      UNIT_TEST(offline_access_is_for_who_may_ask),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

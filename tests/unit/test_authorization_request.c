/* Authorization requests, by table: OA-01, 03, 04, 06, 07, 09, 12, 13, 15, 16, 24, 25, 27, 28; SS-25. */
#include "authority/authorization_request.h"

#include "authority_fixture.h"
#include "unit.h"

#define TARGET "client_id=web&redirect_uri=https%3A%2F%2Fc.example%2Fcb"
#define PKCE "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
#define GOOD TARGET PKCE "&response_type=code"

static error_code_t target_of(arena_t *arena, const char *query, authorization_target_t *ret_target)
{
  return authorization_target_parse(arena, fixture_settings(), bytes_of_string(query), ret_target);
}

static error_code_t parse(arena_t *arena, const char *query, authorization_request_t *ret_request)
{
  authorization_target_t target;
  assert_ok(target_of(arena, query, &target));
  return authorization_request_parse(arena, fixture_settings(), &target, ret_request);
}

static void targets_are_exact(void **state)
{
  static const struct {
    const char *uri;
    const char *client;
    bool registered;
  } rows[] = {
      {"https://c.example/cb", "web", true},          {"https://c.example/cb?keep=1", "web", true},
      {"https://c.example/cb/", "web", false},        {"https://c.example/CB", "web", false},
      {"https://c.example/cb?x=1", "web", false},     {"https://c.example/cb#f", "web", false},
      {"https://c.example/cb/../evil", "web", false}, {"https://c.example/cb%2f", "web", false},
      {"https://c.example/cb/..;/x", "web", false},   {"https://c.example:443/cb", "web", false},
      {"http://c.example/cb", "web", false},          {"https://cXexample/cb", "web", false},
      {"https://c.example.evil/cb", "web", false},    {"//c.example/cb", "web", false},
      {"javascript:alert(1)", "web", false},          {"http://127.0.0.1/cb", "web", false},
      {"http://127.0.0.1/cb", "app", true},           {"http://127.0.0.1:8/cb", "app", true},
      {"http://127.0.0.1:65535/cb", "app", true},     {"http://[::1]:5/cb", "app", true},
      {"com.example.app:/cb", "app", true},           {"http://127.0.0.1:/cb", "app", false},
      {"http://127.0.0.1:123456/cb", "app", false},   {"http://127.0.0.1:5/cb/", "app", false},
      {"http://127.0.0.1:5@evil/cb", "app", false},   {"http://127.0.0.1.evil/cb", "app", false},
      {"http://localhost:5/cb", "app", false},        {"https://127.0.0.1:5/cb", "app", false},
      {"com.example.app:5/cb", "app", false},
  };
  (void)state;
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    const config_client_t *client =
        config_find_client(fixture_settings()->config, bytes_of_string(rows[i].client));
    assert_non_null(client);
    if (redirect_uri_is_registered(client, bytes_of_string(rows[i].uri)) != rows[i].registered)
      fail_msg("%s for %s", rows[i].uri, rows[i].client);
  }
}

static void errors_before_the_target_is_known(void **state)
{
  static const struct {
    const char *query;
    error_code_t error;
  } rows[] = {
      {"", ERR_UNKNOWN_CLIENT},
      {"client_id=nobody&redirect_uri=https%3A%2F%2Fc.example%2Fcb", ERR_UNKNOWN_CLIENT},
      {"client_id=web", ERR_REDIRECT_URI},
      {"client_id=web&redirect_uri=", ERR_REDIRECT_URI},
      {"client_id=web&redirect_uri=https%3A%2F%2Fevil.example%2F", ERR_REDIRECT_URI},
      {TARGET "&client_id=web", ERR_DUPLICATE_PARAMETER},
      {TARGET "&redirect_uri=https%3A%2F%2Fevil.example%2F", ERR_DUPLICATE_PARAMETER},
      {TARGET "&x=1&x=2", ERR_DUPLICATE_PARAMETER},
      {TARGET "&x=%zz", ERR_MALFORMED},
      {TARGET "&x=%00", ERR_MALFORMED},
      {TARGET "&x=%ff", ERR_MALFORMED},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    authorization_target_t target = {.client = NULL};
    if (target_of(*state, rows[i].query, &target) != rows[i].error)
      fail_msg("%s", rows[i].query);
    assert_null(target.client);
  }
}

static void errors_that_are_redirected(void **state)
{
  static const struct {
    const char *query;
    error_code_t error;
  } rows[] = {
      {TARGET PKCE, ERR_RESPONSE_TYPE},
      {TARGET PKCE "&response_type=", ERR_RESPONSE_TYPE},
      {TARGET PKCE "&response_type=token", ERR_RESPONSE_TYPE},
      {TARGET PKCE "&response_type=code+id_token", ERR_RESPONSE_TYPE},
      {TARGET PKCE "&response_type=CODE", ERR_RESPONSE_TYPE},
      {GOOD "&response_mode=fragment", ERR_RESPONSE_MODE},
      {TARGET "&response_type=code", ERR_PKCE},
      {TARGET "&response_type=code&code_challenge_method=S256", ERR_PKCE},
      {TARGET "&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", ERR_PKCE},
      {TARGET "&response_type=code&code_challenge=short&code_challenge_method=S256", ERR_PKCE},
      {TARGET "&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
              "&code_challenge_method=plain",
       ERR_PKCE},
      {GOOD "&scope=unknown", ERR_SCOPE},
      {GOOD "&scope=open%01id", ERR_SCOPE},
      {GOOD "&state=a%0Ab", ERR_STATE_OR_NONCE},
      {GOOD "&nonce=a%7Fb", ERR_STATE_OR_NONCE},
      {GOOD "&prompt=none+login", ERR_PROMPT},
      {GOOD "&prompt=unknown", ERR_PROMPT},
      {GOOD "&max_age=-1", ERR_MAX_AGE},
      {GOOD "&max_age=12345678901", ERR_MAX_AGE},
      {GOOD "&max_age=1h", ERR_MAX_AGE},
      {GOOD "&acr_values=a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q", ERR_ACR_VALUES},
      {GOOD "&request=x", ERR_REQUEST_OBJECT},
      {GOOD "&request_uri=x", ERR_REQUEST_URI},
      {GOOD "&claims=%7B", ERR_CLAIMS},
      {GOOD "&claims=%5B%5D", ERR_CLAIMS},
      {GOOD "&claims=%7B%22id_token%22%3A%7B%22acr%22%3A7%7D%7D", ERR_CLAIMS},
      {GOOD "&login_hint=a%0Db", ERR_HINT},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    authorization_request_t request;
    if (parse(*state, rows[i].query, &request) != rows[i].error)
      fail_msg("%s", rows[i].query);
  }
}

static void a_plain_request_asks_what_entry_asks(void **state)
{
  authorization_request_t request;
  assert_ok(parse(*state, GOOD "&state=&prompt=&scope=openid+read+openid&display=popup&nonce=n", &request));
  assert_text_equal(request.scope, "openid read");
  assert_text_equal(request.nonce, "n");
  assert_int_equal(request.wanted.level, 1);
  assert_int_equal(request.wanted.max_age_ms, 3600000);
  assert_false(request.wanted.this_request);
  assert_false(request.prompt_none);
}

static void scopes_and_parameters_only_raise(void **state)
{
  authorization_request_t request;
  assert_ok(parse(*state, GOOD "&scope=write&max_age=999999", &request));
  assert_int_equal(request.wanted.max_age_ms, 300000);
  assert_ok(parse(*state, GOOD "&scope=write&max_age=60", &request));
  assert_int_equal(request.wanted.max_age_ms, 60000);
  assert_int_equal(request.floor.max_age_ms, 300000);
  assert_ok(parse(*state, GOOD "&scope=write+vault", &request));
  assert_int_equal(request.wanted.level, 2);
  assert_int_equal(request.wanted.kind, EVIDENCE_DOMAIN);
  assert_int_equal(request.wanted.max_age_ms, 300000);
  assert_ok(parse(*state, GOOD "&max_age=0", &request));
  assert_true(request.wanted.this_request);
  assert_int_equal(request.wanted.max_age_ms, 3600000);
  assert_ok(parse(*state, GOOD "&prompt=select_account", &request));
  assert_true(request.select_account && request.wanted.this_request);
}

static void the_client_has_a_requirement_and_a_list_of_scopes(void **state)
{
  authorization_request_t request;
  const char *app = "client_id=app&redirect_uri=com.example.app%3A%2Fcb&response_type=code" PKCE;
  char *good = arena_format(*state, "%s&scope=openid+read+profile", app);
  assert_ok(parse(*state, good, &request));
  assert_text_equal(request.scope, "openid read");
  assert_int_equal(request.wanted.max_age_ms, 60000);
  char *more = arena_format(*state, "%s&scope=write", app);
  assert_int_equal(parse(*state, more, &request), ERR_SCOPE);
}

static void acr_comes_from_the_list_or_the_claim(void **state)
{
  authorization_request_t request;
  assert_ok(parse(*state, GOOD "&acr_values=unknown+phrh+phr", &request));
  assert_int_equal(request.acr_count, 2);
  assert_int_equal(request.acr_values[0], 2);
  assert_false(request.acr_essential);
  const char *claims =
      "%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22values%22%3A%5B%22phr%22%5D"
      "%7D%7D%7D";
  assert_ok(parse(*state, arena_format(*state, "%s&acr_values=phrh&claims=%s", GOOD, claims), &request));
  assert_int_equal(request.acr_count, 1);
  assert_int_equal(request.acr_values[0], 1);
  assert_true(request.acr_essential);
}

static void long_values_are_whole_or_refused(void **state)
{
  static char query[16384];
  for (size_t len = 8191; len <= 8193; len++) {
    size_t head = strlen(GOOD "&state=");
    memcpy(query, GOOD "&state=", head);
    memset(query + head, 's', len);
    query[head + len] = '\0';
    authorization_target_t target;
    assert_ok(target_of(*state, query, &target));
    authorization_request_t request;
    error_code_t error = authorization_request_parse(*state, fixture_settings(), &target, &request);
    assert_int_equal(error, len <= STATE_MAX ? ERR_NONE : ERR_STATE_OR_NONCE);
    assert_int_equal(target.state.len, len <= STATE_MAX ? len : 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(targets_are_exact),
      UNIT_TEST(errors_before_the_target_is_known),
      UNIT_TEST(errors_that_are_redirected),
      UNIT_TEST(a_plain_request_asks_what_entry_asks),
      UNIT_TEST(scopes_and_parameters_only_raise),
      UNIT_TEST(the_client_has_a_requirement_and_a_list_of_scopes),
      UNIT_TEST(acr_comes_from_the_list_or_the_claim),
      UNIT_TEST(long_values_are_whole_or_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

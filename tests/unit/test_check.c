/* The gateway's decision where HTTP does not reach: no memory, no room, settings that change between calls.
 */
#include "authority/check.h"
#include "authority/token_cache.h"
#include "store/authority_schema.h"

#include "authority_fixture.h"
#include "store_fixture.h"

#define NOW ((int64_t)1700000000000)
#define LIFE ((int64_t)600000)
#define ARENA_ENOUGH ((size_t)1 << 20)

static const char *read_scopes[] = {"read"}, *write_scopes[] = {"read", "write"}, *vault_scopes[] = {"vault"};
static const char *grants[] = {"ledger.read"};
static const config_route_t routes[] = {
    {.method = "GET",
     .pattern = "/read",
     .scopes = {read_scopes, 1},
     .grants = {grants, 1},
     .service = "ledger",
     .requirement = {-1, MAX_AGE_NONE, EVIDENCE_ANY, false}},
    {.method = "POST",
     .pattern = "/write",
     .scopes = {write_scopes, 2},
     .service = "ledger",
     .requirement = {-1, MAX_AGE_NONE, EVIDENCE_ANY, false}},
    {.method = "GET",
     .pattern = "/vault",
     .scopes = {vault_scopes, 1},
     .requirement = {-1, MAX_AGE_NONE, EVIDENCE_ANY, false}},
    {.method = "GET",
     .pattern = "/own",
     .scopes = {read_scopes, 1},
     .requirement = {1, 60000, EVIDENCE_DOMAIN, false}},
    {.method = "GET", .pattern = "/health", .public_route = true},
};

typedef struct fixture {
  folder_t folder;
  arena_t *arena;
  retire_t *retire;
  secret_key_t key;
  config_domain_t config;
  domain_settings_t settings;
  domain_t domain;
} fixture_t;

static int set_up(void **state)
{
  fixture_t *fixture = calloc(1, sizeof *fixture);
  fixture->folder = folder_new();
  fixture->arena = arena_new(4096, ARENA_ENOUGH);
  fixture->settings = *fixture_settings();
  fixture->config = *fixture->settings.config;
  fixture->config.routes = routes;
  fixture->config.route_count = sizeof routes / sizeof routes[0];
  fixture->config.internal_audience = "pay.internal";
  fixture->config.internal_lifetime_ms = 60000;
  fixture->settings.config = &fixture->config;
  domain_t *domain = &fixture->domain;
  assert_int_equal(retire_new(&fixture->retire), ERR_NONE);
  assert_int_equal(store_open(fixture->folder.file, authority_migrations, authority_migrations_count,
                              &domain->store, NULL),
                   ERR_NONE);
  assert_int_equal(
      signing_keys_open(domain->store, &fixture->key, SIGNATURE_ES256, fixture->retire, &domain->keys, NULL),
      ERR_NONE);
  assert_int_equal(revocations_new(&domain->revocations), ERR_NONE);
  assert_int_equal(token_cache_new(&domain->token_cache), ERR_NONE);
  atomic_store(&domain->settings, &fixture->settings);
  *state = fixture;
  return 0;
}

static int tear_down(void **state)
{
  fixture_t *fixture = *state;
  token_cache_free(fixture->domain.token_cache);
  signing_keys_free(fixture->domain.keys);
  revocations_free(fixture->domain.revocations);
  store_close(fixture->domain.store);
  retire_free(fixture->retire);
  arena_free(fixture->arena);
  folder_remove(&fixture->folder);
  free(fixture);
  return 0;
}

static bytes_t bearer(fixture_t *fixture, const char *subject)
{
  const grant_t grant = {.ref = {{1, 2, 3}},
                         .client = BYTES_LITERAL("web"),
                         .subject = bytes_of_string(subject),
                         .session = BYTES_LITERAL("s1"),
                         .scope = BYTES_LITERAL("openid read write"),
                         .acr = BYTES_LITERAL("phr"),
                         .amr = BYTES_LITERAL("pop user mfa"),
                         .levels = BYTES_LITERAL("{\"phr\":{\"any\":1699999990}}"),
                         .auth_time_ms = NOW - 10000,
                         .session_expires_ms = NOW + 10 * LIFE};
  bytes_t text;
  assert_int_equal(access_token_build(fixture->arena, &fixture->settings,
                                      signing_keys_now(fixture->domain.keys)->current, &grant,
                                      &(confirmation_t){.kind = CONFIRMATION_NONE}, NOW, NOW + LIFE, &text),
                   ERR_NONE);
  return bytes_of_string(arena_format(fixture->arena, "Bearer %.*s", (int)text.len, (const char *)text.data));
}

static check_answer_t decide(fixture_t *fixture, const char *method, const char *target,
                             bytes_t authorization, int64_t now_ms)
{
  const check_call_t call = {
      .method = bytes_of_string(method), .target = bytes_of_string(target), .authorization = authorization};
  return check_decide(fixture->arena, &fixture->domain, &call, now_ms);
}

static void every_verdict_has_its_call(void **state)
{
  fixture_t *fixture = *state;
  bytes_t token = bearer(fixture, "alice");
  const struct {
    const char *method, *target;
    bytes_t authorization;
    int64_t now_ms;
    check_verdict_t verdict;
  } rows[] = {
      {"GET", "/read?x", token, NOW, CHECK_PASS},
      {"HEAD", "/read", token, NOW, CHECK_PASS},
      {"POST", "/write", token, NOW + 289999, CHECK_PASS},
      {"POST", "/write", token, NOW + 290001, CHECK_NEEDS_STEP_UP},
      {"GET", "/health", BYTES_NONE, NOW, CHECK_PASS},
      {"GET", "/read", BYTES_NONE, NOW, CHECK_NO_TOKEN},
      {"GET", "/read", BYTES_LITERAL("Bearer x"), NOW, CHECK_INVALID_TOKEN},
      {"GET", "/read", BYTES_LITERAL("Bearer "), NOW, CHECK_INVALID_TOKEN},
      {"GET", "/read", BYTES_LITERAL("Bearer"), NOW, CHECK_INVALID_TOKEN},
      {"GET", "/read", BYTES_LITERAL("Basic x"), NOW, CHECK_INVALID_TOKEN},
      {"GET", "/read", token, NOW + LIFE, CHECK_INVALID_TOKEN},
      {"GET", "/vault", token, NOW, CHECK_NEEDS_SCOPE},
      {"POST", "/read", token, NOW, CHECK_REFUSED},
      {"", "/read", token, NOW, CHECK_REFUSED},
      {"*", "/read", token, NOW, CHECK_REFUSED},
      {"GET", "/other", token, NOW, CHECK_REFUSED},
      {"GET", "/read/..", token, NOW, CHECK_REFUSED},
      {"GET", "", token, NOW, CHECK_REFUSED},
  };
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < LENGTH(rows); i++) {
      check_answer_t answer =
          decide(fixture, rows[i].method, rows[i].target, rows[i].authorization, rows[i].now_ms);
      if (answer.verdict != rows[i].verdict)
        fail_msg("%s %s: %d", rows[i].method, rows[i].target, (int)answer.verdict);
      assert_int_equal(answer.internal_token != NULL, answer.verdict == CHECK_PASS);
      if (answer.internal_token != NULL)
        assert_int_equal(answer.internal_token[0] == '\0', answer.route->public_route);
      if (answer.verdict == CHECK_PASS || answer.verdict == CHECK_REFUSED) /* the cause says it */
        assert_null(answer.challenge);
      else if (answer.verdict != CHECK_INVALID_TOKEN)
        assert_non_null(answer.challenge);
    }
}

/* With ever more memory: refused or broken at first, and never a pass without its token. */
static void short_memory_never_passes_without_identity_GW_06(void **state)
{
  fixture_t *fixture = *state;
  const check_call_t call = {.method = BYTES_LITERAL("GET"),
                             .target = BYTES_LITERAL("/read"),
                             .authorization = bearer(fixture, "alice")};
  for (int seen_before = 0; seen_before < 2; seen_before++) {
    size_t passed = 0, broken = 0;
    for (size_t limit = 64; limit < 65536; limit += limit < 16384 ? 64 : 1024) {
      if (!seen_before)
        token_cache_clear(fixture->domain.token_cache);
      arena_t *arena = arena_new(64, limit);
      if (arena == NULL)
        continue;
      check_answer_t answer = check_decide(arena, &fixture->domain, &call, NOW);
      if (answer.verdict == CHECK_PASS)
        assert_true(strlen(answer.internal_token) > 100);
      else
        assert_null(answer.internal_token);
      passed += answer.verdict == CHECK_PASS;
      broken += answer.verdict == CHECK_BROKEN;
      arena_free(arena);
    }
    assert_true(passed > 0 && broken > 0);
  }
}

static void a_token_that_cannot_be_made_is_no_pass(void **state)
{
  fixture_t *fixture = *state;
  char subject[5000];
  memset(subject, 'a', sizeof subject - 1);
  subject[sizeof subject - 1] = '\0';
  check_answer_t answer = decide(fixture, "GET", "/read", bearer(fixture, subject), NOW);
  assert_true(answer.verdict == CHECK_BROKEN || answer.verdict == CHECK_INVALID_TOKEN);
  assert_null(answer.internal_token);
  subject[3500] = '\0'; /* short enough for an external token, too long for an internal one */
  answer = decide(fixture, "GET", "/read", bearer(fixture, subject), NOW);
  assert_int_equal(answer.verdict, CHECK_BROKEN);
  assert_null(answer.internal_token);
}

static void revocation_beats_what_is_kept_GW_24(void **state)
{
  fixture_t *fixture = *state;
  fixture->config.internal_reuse_ms = 30000;
  bytes_t token = bearer(fixture, "alice");
  check_answer_t first = decide(fixture, "GET", "/read", token, NOW);
  check_answer_t second = decide(fixture, "GET", "/read", token, NOW + 1000);
  assert_string_equal(first.internal_token, second.internal_token);
  assert_string_not_equal(first.internal_token, decide(fixture, "HEAD", "/read", token, NOW).internal_token);
  revocations_add(fixture->domain.revocations, (grant_ref_t){{1, 2, 3}}, NOW + LIFE);
  assert_int_equal(decide(fixture, "GET", "/read", token, NOW + 1000).verdict, CHECK_INVALID_TOKEN);
}

/* /authorize would take a fresh sign-in for another domain again and again. */
static void evidence_of_the_wrong_kind_asks_for_a_new_one(void **state)
{
  fixture_t *fixture = *state;
  bytes_t token = bearer(fixture, "alice");
  check_answer_t fresh = decide(fixture, "GET", "/own", token, NOW);
  assert_int_equal(fresh.verdict, CHECK_NEEDS_STEP_UP);
  assert_non_null(strstr(fresh.challenge, ", acr_values=\"phr\", max_age=\"0\""));
  check_answer_t old = decide(fixture, "GET", "/own", token, NOW + 60000);
  assert_non_null(strstr(old.challenge, ", acr_values=\"phr\", max_age=\"60\""));
}

/* Also when the cache was not cleared, or something was put into it late. */
static void new_settings_judge_anew(void **state)
{
  fixture_t *fixture = *state;
  fixture->config.internal_reuse_ms = 30000;
  bytes_t token = bearer(fixture, "alice");
  check_answer_t before = decide(fixture, "GET", "/read", token, NOW);
  assert_int_equal(before.verdict, CHECK_PASS);
  domain_settings_t same = fixture->settings;
  atomic_store(&fixture->domain.settings, &same);
  assert_string_not_equal(decide(fixture, "GET", "/read", token, NOW).internal_token, before.internal_token);
  config_domain_t other_audience = fixture->config;
  other_audience.access_token_audience = "https://elsewhere.example";
  domain_settings_t changed = fixture->settings;
  changed.config = &other_audience;
  atomic_store(&fixture->domain.settings, &changed);
  assert_int_equal(decide(fixture, "GET", "/read", token, NOW).verdict, CHECK_INVALID_TOKEN);
}

#define WITH_DOMAIN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_DOMAIN(every_verdict_has_its_call),
      WITH_DOMAIN(short_memory_never_passes_without_identity_GW_06),
      WITH_DOMAIN(a_token_that_cannot_be_made_is_no_pass),
      WITH_DOMAIN(revocation_beats_what_is_kept_GW_24),
      WITH_DOMAIN(evidence_of_the_wrong_kind_asks_for_a_new_one),
      WITH_DOMAIN(new_settings_judge_anew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

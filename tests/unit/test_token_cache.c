/* The cache of verified access tokens. */
#include "authority/token_cache.h"

#include "unit.h"

static access_token_t sample(void)
{
  return (access_token_t){.subject = BYTES_LITERAL("alice"),
                          .session = BYTES_LITERAL("s1"),
                          .client = BYTES_LITERAL("pay-web"),
                          .scope = BYTES_LITERAL("openid transfer"),
                          .acr = BYTES_LITERAL("phr"),
                          .id = BYTES_LITERAL("jti"),
                          .issued_ms = 1000,
                          .expires_ms = 2000};
}

static void a_token_comes_back_whole_and_apart(void **state)
{
  (void)state;
  token_cache_t *cache = NULL;
  arena_t *arena = arena_new(4096, 65536);
  assert_int_equal(token_cache_new(&cache), ERR_NONE);
  const domain_settings_t settings[2] = {{.issuer_path = "/a"}, {.issuer_path = "/b"}};
  const token_key_t hash = {&settings[0], {{1, 2, 3}}}, other = {&settings[0], {{1, 2, 4}}};
  const token_key_t reloaded = {&settings[1], {{1, 2, 3}}};
  access_token_t token = sample(), found;
  assert_false(token_cache_get(cache, &hash, arena, &found));
  token_cache_put(cache, &hash, &token);
  assert_true(token_cache_get(cache, &hash, arena, &found));
  assert_false(token_cache_get(cache, &reloaded, arena, &found)); /* put late, under the old settings */
  assert_true(bytes_equal(found.subject, token.subject));
  assert_true(bytes_equal(found.id, token.id));
  assert_int_equal(found.expires_ms, 2000);
  assert_false(token_cache_get(cache, &other, arena, &found)); /* same slot, another token */
  token_cache_put(cache, &other, &token);
  assert_false(token_cache_get(cache, &hash, arena, &found)); /* the newest wins the slot */
  token_cache_clear(cache);
  assert_false(token_cache_get(cache, &other, arena, &found));
  token_cache_free(cache);
  arena_free(arena);
}

static void an_internal_token_is_reused_for_the_same_only(void **state)
{
  (void)state;
  token_cache_t *cache = NULL;
  arena_t *arena = arena_new(4096, 65536);
  assert_int_equal(token_cache_new(&cache), ERR_NONE);
  const config_route_t routes[2] = {{.method = "GET"}, {.method = "GET"}};
  const token_key_t hash = {NULL, {{9}}};
  const access_token_t token = sample();
  const reuse_key_t key = {&routes[0], false};
  bytes_t text = BYTES_NONE;
  token_cache_put_internal(cache, &hash, key, 100, BYTES_LITERAL("lost"));
  token_cache_put(cache, &hash, &token);
  assert_false(token_cache_get_internal(cache, &hash, key, 0, arena, &text));
  token_cache_put_internal(cache, &hash, key, 100, BYTES_LITERAL("first"));
  token_cache_put_internal(cache, &hash, key, 200, BYTES_LITERAL("second"));
  assert_true(token_cache_get_internal(cache, &hash, key, 200, arena, &text));
  assert_true(bytes_equal_string(text, "second"));
  assert_false(token_cache_get_internal(cache, &hash, key, 201, arena, &text));
  assert_false(token_cache_get_internal(cache, &hash, (reuse_key_t){&routes[1], false}, 0, arena, &text));
  assert_false(token_cache_get_internal(cache, &hash, (reuse_key_t){&routes[0], true}, 0, arena, &text));
  token_cache_free(cache);
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_token_comes_back_whole_and_apart),
      cmocka_unit_test(an_internal_token_is_reused_for_the_same_only),
  };
  return cmocka_run_group_tests_name("token_cache", tests, NULL, NULL);
}

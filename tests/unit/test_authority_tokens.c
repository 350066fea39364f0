/* References, revocations, level times, and the tokens of a domain with keys that rotate: JW-07, 12, 13,
 * 15, 16. */
#include "authority/access_token.h"
#include "authority/id_token.h"
#include "authority/reference.h"
#include "crypto/jws.h"
#include "store/authority_schema.h"

#include "authority_fixture.h"
#include "store_fixture.h"

#define NOW ((int64_t)1700000000000)
#define LIFE ((int64_t)600000)

typedef struct fixture {
  folder_t folder;
  arena_t *arena;
  retire_t *retire;
  secret_key_t key;
  domain_t domain;
} fixture_t;

static int set_up(void **state)
{
  fixture_t *fixture = calloc(1, sizeof *fixture);
  fixture->folder = folder_new();
  fixture->arena = arena_new(4096, 1 << 22);
  memset(fixture->key.bytes, 7, sizeof fixture->key.bytes);
  domain_t *domain = &fixture->domain;
  assert_int_equal(retire_new(&fixture->retire), ERR_NONE);
  assert_int_equal(store_open(fixture->folder.file, authority_migrations, authority_migrations_count,
                              &domain->store, NULL),
                   ERR_NONE);
  assert_int_equal(
      signing_keys_open(domain->store, &fixture->key, SIGNATURE_ES256, fixture->retire, &domain->keys, NULL),
      ERR_NONE);
  assert_int_equal(revocations_new(&domain->revocations), ERR_NONE);
  atomic_store(&domain->settings, fixture_settings());
  *state = fixture;
  return 0;
}

static int tear_down(void **state)
{
  fixture_t *fixture = *state;
  signing_keys_free(fixture->domain.keys);
  revocations_free(fixture->domain.revocations);
  store_close(fixture->domain.store);
  retire_free(fixture->retire);
  arena_free(fixture->arena);
  folder_remove(&fixture->folder);
  free(fixture);
  return 0;
}

static grant_t sample(void)
{
  return (grant_t){.ref = {{1, 2, 3}},
                   .client = BYTES_LITERAL("web"),
                   .subject = BYTES_LITERAL("al\"ice"),
                   .session = BYTES_LITERAL("s1"),
                   .scope = BYTES_LITERAL("openid read"),
                   .acr = BYTES_LITERAL("phr"),
                   .amr = BYTES_LITERAL("pop user mfa"),
                   .levels = BYTES_LITERAL("{\"phr\":{\"any\":1699999990,\"domain\":1699999980}}"),
                   .auth_time_ms = NOW - 10000,
                   .session_expires_ms = NOW + 10 * LIFE};
}

static bytes_t token_of(fixture_t *fixture)
{
  grant_t grant = sample();
  bytes_t text;
  assert_int_equal(access_token_build(fixture->arena, fixture_settings(),
                                      signing_keys_now(fixture->domain.keys)->current, &grant,
                                      &(confirmation_t){.kind = CONFIRMATION_NONE}, NOW, NOW + LIFE, &text),
                   ERR_NONE);
  return text;
}

static void a_token_comes_back_as_it_was_made(void **state)
{
  fixture_t *fixture = *state;
  access_token_t token;
  assert_int_equal(access_token_verify(fixture->arena, &fixture->domain, token_of(fixture), NOW, &token),
                   ERR_NONE);
  assert_true(bytes_equal_string(token.subject, "al\"ice"));
  assert_true(bytes_equal_string(token.session, "s1"));
  assert_true(bytes_equal_string(token.client, "web"));
  assert_int_equal(token.id.len, ACCESS_TOKEN_ID_LENGTH);
  assert_int_equal(token.grant.bytes[2], 3);
  assert_int_equal(token.expires_ms, NOW + LIFE);
  assert_int_equal(token.auth_time_ms, NOW - 10000);
  assert_int_equal(token.levels.time_ms[1][EVIDENCE_ANY], 1699999990000);
  assert_int_equal(token.levels.time_ms[0][EVIDENCE_DOMAIN], 1699999980000);
  assert_int_equal(token.levels.time_ms[2][EVIDENCE_ANY], 0);
  assert_true(access_token_has_scope(&token, BYTES_LITERAL("read")));
  assert_false(access_token_has_scope(&token, BYTES_LITERAL("rea")));
}

static void a_token_dies_at_its_end_and_by_revocation(void **state)
{
  fixture_t *fixture = *state;
  access_token_t token;
  assert_int_equal(
      access_token_parse(fixture->arena, &fixture->domain, fixture_settings(), token_of(fixture), &token),
      ERR_NONE);
  assert_int_equal(access_token_check(&fixture->domain, &token, NOW + LIFE - 1), ERR_NONE);
  assert_int_equal(access_token_check(&fixture->domain, &token, NOW + LIFE), ERR_TOKEN);
  uint64_t generation = revocations_generation(fixture->domain.revocations);
  revocations_add(fixture->domain.revocations, token.grant, NOW + LIFE);
  assert_true(revocations_generation(fixture->domain.revocations) > generation);
  assert_int_equal(access_token_check(&fixture->domain, &token, NOW), ERR_TOKEN);
}

static void other_tokens_of_the_same_key_are_none(void **state)
{
  fixture_t *fixture = *state;
  const signing_key_t *key = signing_keys_now(fixture->domain.keys)->current;
  grant_t grant = sample();
  bytes_t text, access = token_of(fixture);
  access_token_t token;
  assert_int_equal(id_token_build(fixture->arena, fixture_settings(), key, &grant, access, NOW, &text),
                   ERR_NONE);
  assert_int_equal(access_token_parse(fixture->arena, &fixture->domain, fixture_settings(), text, &token),
                   ERR_TOKEN);
  static const char *const claims[] = {
      "{}",
      "{\"iss\":\"https://id.example/coin\",\"aud\":\"https://api.example\"}",
      "{\"iss\":\"https://id.example/pay\",\"aud\":\"https://other.example\"}",
      "{\"iss\":\"https://id.example/pay\",\"aud\":[\"https://api.example\"]}",
      "{\"iss\":\"https://id.example/pay\",\"aud\":\"https://api.example\",\"sub\":\"a\",\"sub\":\"b\"}",
  };
  for (size_t i = 0; i < LENGTH(claims); i++) {
    assert_int_equal(jws_sign(fixture->arena, key, ACCESS_TOKEN_TYPE, bytes_of_string(claims[i]), &text),
                     ERR_NONE);
    assert_int_equal(access_token_parse(fixture->arena, &fixture->domain, fixture_settings(), text, &token),
                     ERR_TOKEN);
  }
}

static size_t in_state(const key_set_t *set, key_state_t state)
{
  size_t count = 0;
  for (size_t i = 0; i < set->count; i++)
    count += set->rows[i].state == state;
  return count;
}

static void rotation_publishes_before_it_signs(void **state)
{
  fixture_t *fixture = *state;
  signing_keys_t *keys = fixture->domain.keys;
  bytes_t old = token_of(fixture);
  const key_set_t *before = signing_keys_now(keys);
  int64_t due = before->rows[1].created_ms + KEY_ROTATION_AGE_MS;
  bool rotated;
  assert_int_equal(signing_keys_maintain(keys, SIGNATURE_ES256, due - 1, LIFE, &rotated), ERR_NONE);
  assert_false(rotated);
  assert_int_equal(signing_keys_maintain(keys, SIGNATURE_ES256, due, LIFE, &rotated), ERR_NONE);
  assert_true(rotated);
  const key_set_t *after = signing_keys_now(keys);
  assert_non_null(key_set_find(before, bytes_of_string(signing_key_id(after->current))));
  assert_int_equal(after->count, 3);
  assert_int_equal(in_state(after, KEY_CURRENT) + in_state(after, KEY_NEXT) + in_state(after, KEY_PREVIOUS),
                   3);
  access_token_t token;
  assert_int_equal(access_token_parse(fixture->arena, &fixture->domain, fixture_settings(), old, &token),
                   ERR_NONE);
  assert_int_equal(signing_keys_maintain(keys, SIGNATURE_ES256, due + LIFE, LIFE, &rotated), ERR_NONE);
  assert_int_equal(signing_keys_now(keys)->count, 3); /* the last token may still live */
  assert_int_equal(signing_keys_maintain(keys, SIGNATURE_ES256, due + LIFE + 1, LIFE, &rotated), ERR_NONE);
  assert_int_equal(signing_keys_now(keys)->count, 2);
  assert_int_equal(access_token_parse(fixture->arena, &fixture->domain, fixture_settings(), old, &token),
                   ERR_TOKEN);
}

static void keys_survive_a_restart_and_need_their_key_file(void **state)
{
  fixture_t *fixture = *state;
  bytes_t jwks = arena_copy(fixture->arena, signing_keys_now(fixture->domain.keys)->jwks);
  signing_keys_free(fixture->domain.keys);
  fixture->domain.keys = NULL;
  secret_key_t wrong = {{9}};
  error_detail_t detail;
  assert_int_equal(signing_keys_open(fixture->domain.store, &wrong, SIGNATURE_ES256, fixture->retire,
                                     &fixture->domain.keys, &detail),
                   ERR_KEY_FILE);
  assert_int_equal(signing_keys_open(fixture->domain.store, &fixture->key, SIGNATURE_ES256, fixture->retire,
                                     &fixture->domain.keys, &detail),
                   ERR_NONE);
  assert_true(bytes_equal(jwks, signing_keys_now(fixture->domain.keys)->jwks));
}

static void another_algorithm_takes_two_rotations(void **state)
{
  fixture_t *fixture = *state;
  signing_keys_t *keys = fixture->domain.keys;
  for (int i = 0; i < 3; i++) {
    bool rotated;
    assert_int_equal(signing_keys_maintain(keys, SIGNATURE_EDDSA, NOW + i, LIFE, &rotated), ERR_NONE);
    assert_int_equal(rotated, i < 2);
  }
  assert_int_equal(signing_key_algorithm(signing_keys_now(keys)->current), SIGNATURE_EDDSA);
}

static void references_hide_their_row(void **state)
{
  fixture_t *fixture = *state;
  secret_key_t secret, mask = {{5}}, other = {{6}};
  uint8_t hash[32], found[32];
  int64_t row;
  bytes_t text;
  assert_int_equal(reference_make(&secret, hash), ERR_NONE);
  assert_int_equal(reference_build(fixture->arena, &mask, "code", 12345, &secret, &text), ERR_NONE);
  assert_int_equal(text.len, REFERENCE_LENGTH);
  assert_int_equal(reference_parse(&mask, "code", text, &row, found), ERR_NONE);
  assert_int_equal(row, 12345);
  assert_memory_equal(found, hash, 32);
  assert_int_equal(reference_parse(&mask, "request", text, &row, found), ERR_NONE);
  assert_int_not_equal(row, 12345);
  assert_int_equal(reference_parse(&other, "code", text, &row, found), ERR_NONE);
  assert_int_not_equal(row, 12345);
  assert_int_equal(reference_parse(&mask, "code", bytes_of(text.data, text.len - 1), &row, found),
                   ERR_MALFORMED);
  assert_int_equal(reference_parse(&mask, "code", BYTES_LITERAL("\"; DROP TABLE"), &row, found),
                   ERR_MALFORMED);
}

static void revocations_hold_many_and_forget_the_dead(void **state)
{
  fixture_t *fixture = *state;
  revocations_t *set = fixture->domain.revocations;
  grant_ref_t ref = {{0}};
  for (int i = 0; i < 2000; i++) {
    ref.bytes[0] = (uint8_t)i;
    ref.bytes[9] = (uint8_t)(i >> 8); /* many share the slot that their first bytes give */
    assert_false(revocations_contain(set, ref));
    revocations_add(set, ref, i % 2 == 0 ? NOW : NOW + LIFE);
  }
  revocations_prune(set, NOW);
  for (int i = 0; i < 2000; i++) {
    ref.bytes[0] = (uint8_t)i;
    ref.bytes[9] = (uint8_t)(i >> 8);
    assert_int_equal(revocations_contain(set, ref), i % 2 != 0);
  }
}

static void level_times_go_through_their_claim(void **state)
{
  fixture_t *fixture = *state;
  const level_table_t *table = level_table_builtin();
  static const struct {
    level_times_t times;
    const char *claim;
  } rows[] = {
      {{{{0}}}, "{}"},
      {{{{5000, 0, 0}, {5000, 0, 0}}}, "{\"phr\":{\"any\":5}}"},
      {{{{9000, 9000, 0}, {5000, 4000, 0}}},
       "{\"urn:sekisho:acr:presence\":{\"any\":9,\"domain\":9},\"phr\":{\"any\":5,\"domain\":4}}"},
      {{{{9000, 0, 0}, {9000, 0, 0}, {8000, 7000, 6000}}},
       "{\"phr\":{\"any\":9},\"phrh\":{\"any\":8,\"domain\":7,\"verified\":6}}"},
  };
  for (size_t i = 0; i < LENGTH(rows); i++) {
    builder_t builder = arena_builder(fixture->arena, 512);
    assert_int_equal(level_times_build(&builder, table, &rows[i].times), ERR_NONE);
    assert_true(bytes_equal_string(builder_bytes(&builder), rows[i].claim));
    CLEANUP(json_drop) json_t *claim = NULL;
    level_times_t times;
    assert_int_equal(json_parse(builder_bytes(&builder), &claim), ERR_NONE);
    assert_int_equal(level_times_parse(claim, table, &times), ERR_NONE);
    assert_int_equal(times.time_ms[0][0], rows[i].times.time_ms[0][0]);
    assert_memory_equal(times.time_ms[2], rows[i].times.time_ms[2], sizeof times.time_ms[2]);
  }
}

#define WITH_DOMAIN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_DOMAIN(a_token_comes_back_as_it_was_made),
      WITH_DOMAIN(a_token_dies_at_its_end_and_by_revocation),
      WITH_DOMAIN(other_tokens_of_the_same_key_are_none),
      WITH_DOMAIN(rotation_publishes_before_it_signs),
      WITH_DOMAIN(keys_survive_a_restart_and_need_their_key_file),
      WITH_DOMAIN(another_algorithm_takes_two_rotations),
      WITH_DOMAIN(references_hide_their_row),
      WITH_DOMAIN(revocations_hold_many_and_forget_the_dead),
      WITH_DOMAIN(level_times_go_through_their_claim),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

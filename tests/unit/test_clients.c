/* Clients of the store, and assertions that were used: TK-09, PM-23. */
#include "store/authority_assertions.h"
#include "store/authority_clients.h"
#include "store/authority_grants.h"

#include "authority/client_store.h"
#include "authority_store.h"
#include "unit.h"

#define NOW ((int64_t)1700000000000)

/* One call, run as one job. */
typedef struct call {
  store_job_t job;
  error_code_t (*run)(database_t *database, struct call *call);
  stored_client_t client;
  assertion_mark_t mark;
  bool fresh, more;
  int64_t now_ms, count;
  client_snapshot_t *snapshot;
} call_t;

static error_code_t apply(database_t *database, store_job_t *job)
{
  call_t *call = (call_t *)job;
  return call->run(database, call);
}

static error_code_t run(fixture_t *fixture, call_t *call,
                        error_code_t (*what)(database_t *database, call_t *call))
{
  call->run = what;
  call->job.apply = apply;
  return store_run(fixture->store, &call->job);
}

/* --- secrets --- */

static void pm_23_secrets_are_long_visible_and_not_all_alike(void **state)
{
  static const struct {
    const char *secret;
    bool strong;
  } rows[] = {
      {"", false},
      {"short", false},
      {"0123456789abcdefghijklmnopqrstu", false}, /* 31 */
      {"0123456789abcdefghijklmnopqrstuv", true},
      {"p%ss:w+rd/&=0123456789abcdefghijklmnop", true},
      {"0123456789abcdefghijklmnopqrstu ", false},
      {"0123456789abcdefghijklmnopqrstu\n", false},
      {"0123456789abcdefghijklmnopqrst\xc3\xa4", false},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
      {"123412341234123412341234123412341234", false},
  };
  (void)state;
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    if (client_secret_is_strong(bytes_of_string(rows[i].secret)) != rows[i].strong)
      fail_msg("\"%s\"", rows[i].secret);
  char longest[CLIENT_SECRET_MAX + 1];
  for (size_t i = 0; i < sizeof longest; i++)
    longest[i] = (char)('a' + i % 26);
  assert_true(client_secret_is_strong(bytes_of(longest, CLIENT_SECRET_MAX)));
  assert_false(client_secret_is_strong(bytes_of(longest, CLIENT_SECRET_MAX + 1)));
}

/* --- assertions --- */

static error_code_t put(database_t *database, call_t *call)
{
  return assertion_put(database, &call->mark, &call->fresh);
}

static error_code_t sweep(database_t *database, call_t *call)
{
  call->more = true;
  error_code_t error = ERR_NONE;
  while (call->more && error == ERR_NONE)
    error = assertion_sweep(database, call->now_ms, &call->more);
  return error;
}

static bool is_fresh(fixture_t *fixture, uint8_t first, uint8_t second, int64_t expires_ms)
{
  call_t call = {.mark = {.hash = {first, second}, .expires_ms = expires_ms}};
  assert_ok(run(fixture, &call, put));
  return call.fresh;
}

static void an_assertion_counts_once_until_it_ends(void **state)
{
  fixture_t *fixture = *state;
  assert_true(is_fresh(fixture, 1, 0, NOW + 1000));
  assert_false(is_fresh(fixture, 1, 0, NOW + 1000));
  assert_false(is_fresh(fixture, 1, 0, NOW + 9000)); /* the same name in another assertion */
  for (int i = 0; i < 1200; i++)
    assert_true(is_fresh(fixture, (uint8_t)(2 + i / 256), (uint8_t)(i % 256), NOW + 2000));
  call_t call = {.now_ms = NOW + 1000};
  assert_ok(run(fixture, &call, sweep));
  assert_false(is_fresh(fixture, 1, 0, NOW + 1000)); /* a flood of others has not pushed it out */
  call.now_ms = NOW + 1001;
  assert_ok(run(fixture, &call, sweep));
  assert_true(is_fresh(fixture, 1, 0, NOW + 3000));
  assert_false(is_fresh(fixture, 2, 0, NOW + 2000));
  call.now_ms = NOW + 2001; /* more than one batch */
  assert_ok(run(fixture, &call, sweep));
  assert_true(is_fresh(fixture, 2, 0, NOW + 9000));
  assert_false(is_fresh(fixture, 1, 0, NOW + 3000));
}

/* --- clients --- */

static stored_client_t client_named(const char *id, const char *method)
{
  return (stored_client_t){.id = bytes_of_string(id),
                           .name = BYTES_LITERAL("Name"),
                           .method = bytes_of_string(method),
                           .redirect_uris = BYTES_LITERAL("https://a.example/cb https://b.example/cb?x=1"),
                           .grant_types = BYTES_LITERAL("authorization_code"),
                           .scope = BYTES_LITERAL("openid read"),
                           .secret = {{1}},
                           .created_ms = NOW};
}

static error_code_t add(database_t *database, call_t *call)
{
  return stored_client_add(database, &call->client);
}

static error_code_t rotate(database_t *database, call_t *call)
{
  return stored_client_rotate(database, call->client.id, &call->client.secret,
                              call->client.previous_until_ms);
}

static error_code_t take_away(database_t *database, call_t *call)
{
  return stored_client_remove(database, call->client.id);
}

static error_code_t read_all(database_t *database, call_t *call)
{
  return client_snapshot_read(database, &call->snapshot);
}

static const client_t *find(fixture_t *fixture, client_store_t *store, const char *id)
{
  call_t call = {.now_ms = NOW};
  assert_ok(run(fixture, &call, read_all));
  client_store_publish(store, call.snapshot);
  return client_table_find(client_store_now(store), bytes_of_string(id));
}

static void clients_are_kept_rotated_and_removed(void **state)
{
  fixture_t *fixture = *state;
  client_store_t store = {.now = NULL};
  assert_ok(retire_new(&store.retire));
  assert_int_equal(client_store_now(&store)->count, 0);
  assert_int_equal(client_store_now(NULL)->count, 0);
  call_t call = {.client = client_named("one", "client_secret_basic")};
  assert_ok(run(fixture, &call, add));
  assert_int_equal(run(fixture, &call, add), ERR_CONFLICT);
  const client_t *one = find(fixture, &store, "one");
  assert_non_null(one);
  assert_int_equal(one->config->method, CLIENT_SECRET_BASIC);
  assert_false(one->config->public_client);
  assert_int_equal(one->config->redirect_uris.count, 2);
  assert_string_equal(one->config->redirect_uris.items[1], "https://b.example/cb?x=1");
  assert_int_equal(one->config->scopes.count, 2);
  assert_int_equal(one->secret.bytes[0], 1);
  assert_null(find(fixture, &store, "on"));
  assert_null(find(fixture, &store, ""));

  call.client.secret.bytes[0] = 2;
  call.client.previous_until_ms = NOW + 5;
  assert_ok(run(fixture, &call, rotate));
  one = find(fixture, &store, "one");
  assert_int_equal(one->secret.bytes[0], 2);
  assert_int_equal(one->previous.bytes[0], 1);
  assert_int_equal(one->previous_until_ms, NOW + 5);

  call_t public = {.client = client_named("two", "none")};
  assert_ok(run(fixture, &public, add));
  assert_int_equal(run(fixture, &public, rotate), ERR_NOT_FOUND); /* it has no secret */
  assert_true(find(fixture, &store, "two")->config->public_client);
  assert_int_equal(client_store_now(&store)->origins.count, 2);
  assert_ok(run(fixture, &public, take_away));
  assert_int_equal(run(fixture, &public, take_away), ERR_NOT_FOUND);
  assert_null(find(fixture, &store, "two"));
  assert_int_equal(client_store_now(&store)->origins.count, 0);
  client_store_done(&store);
  retire_free(store.retire);
}

/* --- a client's own grants --- */

static error_code_t open_own(database_t *database, call_t *call)
{
  const grant_t grant = {.ref = {{(uint8_t)call->count}},
                         .client = call->client.id,
                         .subject = call->client.id,
                         .scope = BYTES_LITERAL("read")};
  return grant_open_for_client(database, &grant, NOW, NOW + 600000);
}

static void count_grant(void *context, grant_ref_t ref, int64_t until_ms)
{
  call_t *call = context;
  assert_true(ref.bytes[0] != 0);
  assert_int_equal(until_ms, NOW + 600000);
  call->count++;
}

static error_code_t end_all(database_t *database, call_t *call)
{
  call->count = 0;
  return grant_end_client(database, call->client.id, call->now_ms, count_grant, call);
}

static error_code_t count_revoked(database_t *database, call_t *call)
{
  call->count = 0;
  return grant_each_revoked(database, call->now_ms, count_grant, call);
}

static void what_a_client_has_ends_with_it(void **state)
{
  fixture_t *fixture = *state;
  call_t one = {.client = client_named("one", "client_secret_basic"), .count = 1};
  call_t other = {.client = client_named("other", "client_secret_basic"), .count = 3, .now_ms = NOW};
  assert_ok(run(fixture, &one, open_own));
  one.count = 2;
  assert_ok(run(fixture, &one, open_own));
  assert_ok(run(fixture, &other, open_own));
  one.now_ms = NOW + 1;
  assert_ok(run(fixture, &one, count_revoked));
  assert_int_equal(one.count, 0);
  assert_ok(run(fixture, &one, end_all));
  assert_int_equal(one.count, 2);
  assert_ok(run(fixture, &one, end_all));
  assert_int_equal(one.count, 0);
  assert_ok(run(fixture, &one, count_revoked));
  assert_int_equal(one.count, 2); /* after a restart they are dead as well */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(pm_23_secrets_are_long_visible_and_not_all_alike),
      AUTHORITY_STORE_TEST(an_assertion_counts_once_until_it_ends),
      AUTHORITY_STORE_TEST(clients_are_kept_rotated_and_removed),
      AUTHORITY_STORE_TEST(what_a_client_has_ends_with_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

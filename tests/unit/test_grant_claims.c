/* Claims kept with grants: found by the grant's ref, changed by the person, gone with the grant. */
#include "store/authority_claims.h"

#include "authority_store.h"

#define NOW ((int64_t)1700000000000)

typedef struct call {
  store_job_t job;
  fixture_t *fixture;
  error_code_t (*run)(database_t *database, struct call *call);
  uint8_t ref;
  const char *subject;
  int64_t row, visits, lifetime_ms;
  grant_claims_t claims;
} call_t;

static error_code_t apply(database_t *database, store_job_t *job)
{
  call_t *call = (call_t *)job;
  return call->run(database, call);
}

static error_code_t run(call_t *call, error_code_t (*what)(database_t *, call_t *))
{
  call->run = what;
  call->job = (store_job_t){.apply = apply};
  return store_run(call->fixture->store, &call->job);
}

static error_code_t run_open(database_t *database, call_t *call)
{
  grant_t grant = {.ref = {{call->ref}},
                   .client = BYTES_LITERAL("web"),
                   .subject = bytes_of_string(call->subject),
                   .session = BYTES_LITERAL("sid"),
                   .levels = BYTES_LITERAL("{}"),
                   .session_expires_ms = NOW + 300000};
  code_terms_t code = {.redirect_uri = BYTES_LITERAL("https://c/cb"), .expires_ms = NOW + call->lifetime_ms};
  error_code_t error = grant_open(database, &grant, &code, &call->row);
  return error == ERR_NONE ? grant_claims_add(database, call->row, &grant, &call->claims) : error;
}

static error_code_t run_find(database_t *database, call_t *call)
{
  return grant_claims_find(database, call->fixture->arena, (grant_ref_t){{call->ref}}, &call->claims);
}

static void visit(void *context, int64_t row, bytes_t scopes)
{
  call_t *call = context;
  assert_true(row > 0 && bytes_equal_string(scopes, "email"));
  call->row = row;
  call->visits++;
}

static error_code_t run_each(database_t *database, call_t *call)
{
  call->visits = 0;
  return grant_claims_each(database, bytes_of_string(call->subject), visit, call);
}

static error_code_t run_set(database_t *database, call_t *call)
{
  return grant_claims_set(database, call->row, BYTES_LITERAL("{\"email\":\"b@c\"}"));
}

static error_code_t run_sweep(database_t *database, call_t *call)
{
  (void)call;
  bool more;
  return grant_sweep(database, NOW + 1000, &more);
}

static call_t opened(fixture_t *fixture, uint8_t ref, const char *subject, int64_t lifetime_ms)
{
  call_t call = {.fixture = fixture,
                 .ref = ref,
                 .subject = subject,
                 .lifetime_ms = lifetime_ms,
                 .claims = {BYTES_LITERAL("email"), BYTES_LITERAL("{\"email\":\"a@b\"}")}};
  assert_int_equal(run(&call, run_open), ERR_NONE);
  return call;
}

static void assert_claims(call_t *call, const char *wanted)
{
  assert_int_equal(run(call, run_find), ERR_NONE);
  assert_true(bytes_equal_string(call->claims.scopes, "email"));
  assert_true(bytes_equal_string(call->claims.claims, wanted));
}

static void they_are_found_by_the_grant_and_changed_by_the_person(void **state)
{
  call_t alice = opened(*state, 1, "alice", 60000), bob = opened(*state, 2, "bob", 60000);
  assert_claims(&alice, "{\"email\":\"a@b\"}");
  assert_int_equal(run(&bob, run_each), ERR_NONE);
  assert_int_equal(bob.visits, 1);
  assert_int_equal(run(&bob, run_set), ERR_NONE);
  assert_claims(&bob, "{\"email\":\"b@c\"}");
  assert_claims(&alice, "{\"email\":\"a@b\"}");
  call_t nobody = {.fixture = *state, .ref = 9, .subject = "carol"};
  assert_int_equal(run(&nobody, run_find), ERR_NOT_FOUND);
  assert_int_equal(run(&nobody, run_each), ERR_NONE);
  assert_int_equal(nobody.visits, 0);
}

static void they_go_with_the_grant(void **state)
{
  call_t dead = opened(*state, 1, "alice", 500), alive = opened(*state, 2, "alice", 60000);
  assert_int_equal(run(&dead, run_sweep), ERR_NONE);
  assert_int_equal(run(&dead, run_find), ERR_NOT_FOUND);
  assert_claims(&alive, "{\"email\":\"a@b\"}");
  assert_int_equal(run(&alive, run_each), ERR_NONE);
  assert_int_equal(alive.visits, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      AUTHORITY_STORE_TEST(they_are_found_by_the_grant_and_changed_by_the_person),
      AUTHORITY_STORE_TEST(they_go_with_the_grant),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Codes, grants and requests in the store: TK-01, TK-03, TK-06, OA-22, OA-33, DB-19. */
#include "store/authority_grants.h"
#include "store/authority_requests.h"

#include "authority_store.h"

#define NOW ((int64_t)1700000000000)

/* Runs a block of calls as one job. */
typedef struct call {
  store_job_t job;
  fixture_t *fixture;
  error_code_t (*run)(database_t *database, struct call *call);
  const char *session;
  int64_t now_ms, row, count;
  code_presented_t presented;
  code_outcome_t outcome;
  stored_request_t request;
} call_t;

static error_code_t apply(database_t *database, store_job_t *job)
{
  call_t *call = (call_t *)job;
  return call->run(database, call);
}

static error_code_t run(call_t *call)
{
  call->job.apply = apply;
  return store_run(call->fixture->store, &call->job);
}

static error_code_t run_open(database_t *database, call_t *call)
{
  grant_t grant = {.ref = {{7}},
                   .client = BYTES_LITERAL("web"),
                   .subject = BYTES_LITERAL("alice"),
                   .session = bytes_of_string(call->session),
                   .scope = BYTES_LITERAL("openid read"),
                   .acr = BYTES_LITERAL("phr"),
                   .amr = BYTES_LITERAL("pop user"),
                   .levels = BYTES_LITERAL("{}"),
                   .auth_time_ms = NOW - 5,
                   .session_expires_ms = NOW + 300000};
  code_terms_t code = {.hash = {1},
                       .redirect_uri = BYTES_LITERAL("https://c/cb"),
                       .challenge = {2},
                       .expires_ms = NOW + 60000};
  return grant_open(database, &grant, &code, &call->row);
}

static error_code_t run_redeem(database_t *database, call_t *call)
{
  return grant_redeem(database, call->fixture->arena, &call->presented, &call->outcome);
}

static void count_grant(void *context, grant_ref_t ref, int64_t until_ms)
{
  call_t *call = context;
  assert_int_equal(ref.bytes[0], 7);
  assert_true(until_ms > 0);
  call->count++;
}

static error_code_t run_end(database_t *database, call_t *call)
{
  call->count = 0;
  return grant_end_session(database, bytes_of_string(call->session), 1, call->now_ms, count_grant, call);
}

static error_code_t run_count_revoked(database_t *database, call_t *call)
{
  call->count = 0;
  return grant_each_revoked(database, call->now_ms, count_grant, call);
}

static error_code_t run_sweep(database_t *database, call_t *call)
{
  bool more = true;
  error_code_t error = ERR_NONE;
  while (more && error == ERR_NONE)
    error = grant_sweep(database, call->now_ms, &more);
  more = true;
  while (more && error == ERR_NONE)
    error = request_sweep(database, call->now_ms, &more);
  return error;
}

static int64_t open_code(fixture_t *fixture, const char *session)
{
  call_t call = {.fixture = fixture, .run = run_open, .session = session};
  assert_int_equal(run(&call), ERR_NONE);
  return call.row;
}

static code_presented_t rightly(int64_t row)
{
  return (code_presented_t){.row = row,
                            .hash = {1},
                            .client = BYTES_LITERAL("web"),
                            .redirect_uri = BYTES_LITERAL("https://c/cb"),
                            .challenge = {2},
                            .now_ms = NOW,
                            .horizon_ms = NOW + 120000,
                            .token_lifetime_ms = 600000};
}

static code_outcome_t redeem(fixture_t *fixture, code_presented_t presented)
{
  call_t call = {.fixture = fixture, .run = run_redeem, .presented = presented};
  assert_int_equal(run(&call), ERR_NONE);
  return call.outcome;
}

static int64_t revoked(fixture_t *fixture, int64_t now_ms)
{
  call_t call = {.fixture = fixture, .run = run_count_revoked, .now_ms = now_ms};
  assert_int_equal(run(&call), ERR_NONE);
  return call.count;
}

static void a_code_is_redeemed_once(void **state)
{
  int64_t row = open_code(*state, "s1");
  code_outcome_t first = redeem(*state, rightly(row));
  assert_int_equal(first.verdict, CODE_REDEEMED);
  assert_true(bytes_equal_string(first.grant.subject, "alice"));
  assert_true(bytes_equal_string(first.grant.scope, "openid read"));
  assert_int_equal(first.token_expires_ms, NOW + 300000); /* the session's end comes before the token's */
  assert_int_equal(revoked(*state, NOW), 0);
  code_outcome_t second = redeem(*state, rightly(row));
  assert_int_equal(second.verdict, CODE_REPLAYED);
  assert_int_equal(second.token_expires_ms, NOW + 300000);
  assert_int_equal(revoked(*state, NOW), 1);
  assert_int_equal(revoked(*state, NOW + 300000), 0); /* its last token is dead anyway */
}

static void whatever_is_wrong_burns_the_code(void **state)
{
  for (int wrong = 0; wrong < 3; wrong++) {
    int64_t row = open_code(*state, "s1");
    code_presented_t presented = rightly(row);
    if (wrong == 0)
      presented.client = BYTES_LITERAL("app");
    else if (wrong == 1)
      presented.redirect_uri = BYTES_LITERAL("https://c/cb/");
    else
      presented.challenge[31] = 1;
    assert_int_equal(redeem(*state, presented).verdict, CODE_MISMATCHED);
    assert_int_equal(redeem(*state, rightly(row)).verdict, CODE_UNKNOWN);
  }
}

static void a_wrong_secret_burns_nothing(void **state)
{
  int64_t row = open_code(*state, "s1");
  code_presented_t guess = rightly(row);
  guess.hash[0] = 9;
  assert_int_equal(redeem(*state, guess).verdict, CODE_UNKNOWN);
  guess = rightly(row + 1);
  assert_int_equal(redeem(*state, guess).verdict, CODE_UNKNOWN);
  assert_int_equal(redeem(*state, rightly(row)).verdict, CODE_REDEEMED);
}

static void a_code_ends_with_its_minute_and_with_its_session(void **state)
{
  code_presented_t late = rightly(open_code(*state, "s1"));
  late.now_ms = NOW + 60000;
  assert_int_equal(redeem(*state, late).verdict, CODE_UNKNOWN);
  late = rightly(open_code(*state, "s1"));
  late.now_ms = NOW + 59999;
  assert_int_equal(redeem(*state, late).verdict, CODE_REDEEMED);
}

static void an_ended_session_gives_nothing_any_more(void **state)
{
  fixture_t *fixture = *state;
  int64_t used = open_code(fixture, "s1"), unused = open_code(fixture, "s1"),
          other = open_code(fixture, "s2");
  assert_int_equal(redeem(fixture, rightly(used)).verdict, CODE_REDEEMED);
  call_t end = {.fixture = fixture, .run = run_end, .session = "s1", .now_ms = NOW};
  assert_int_equal(run(&end), ERR_NONE);
  assert_int_equal(end.count, 2);
  assert_int_equal(run(&end), ERR_NONE); /* at least once */
  assert_int_equal(end.count, 0);
  assert_int_equal(redeem(fixture, rightly(unused)).verdict, CODE_UNKNOWN);
  assert_int_equal(redeem(fixture, rightly(other)).verdict, CODE_REDEEMED);
  call_t open = {.fixture = fixture, .run = run_open, .session = "s1"};
  assert_int_equal(run(&open), ERR_SESSION_ENDED);
}

static error_code_t run_request_add(database_t *database, call_t *call)
{
  stored_request_t request = {.handle_hash = {1},
                              .browser = {2},
                              .request = {3},
                              .query = BYTES_LITERAL("a=b"),
                              .expires_ms = NOW + 600000};
  return request_add(database, &request, &call->row);
}

static error_code_t run_request_find(database_t *database, call_t *call)
{
  return request_find(database, call->fixture->arena, call->row, call->presented.hash, call->now_ms,
                      &call->request);
}

static error_code_t run_request_finish(database_t *database, call_t *call)
{
  return request_finish(database, call->row, call->now_ms);
}

static error_code_t request_call(call_t *call, error_code_t (*what)(database_t *, call_t *))
{
  call->run = what;
  return run(call);
}

static void a_request_is_found_by_its_secret_and_finished_once(void **state)
{
  call_t call = {.fixture = *state, .now_ms = NOW, .presented = {.hash = {1}}};
  assert_int_equal(request_call(&call, run_request_add), ERR_NONE);
  assert_int_equal(request_call(&call, run_request_find), ERR_NONE);
  assert_int_equal(call.request.browser[0], 2);
  assert_true(bytes_equal_string(call.request.query, "a=b"));
  call.presented.hash[5] = 1;
  assert_int_equal(request_call(&call, run_request_find), ERR_HANDLE);
  call.presented.hash[5] = 0;
  call.now_ms = NOW + 600000;
  assert_int_equal(request_call(&call, run_request_find), ERR_HANDLE);
  assert_int_equal(request_call(&call, run_request_finish), ERR_HANDLE);
  call.now_ms = NOW;
  assert_int_equal(request_call(&call, run_request_finish), ERR_NONE);
  assert_int_equal(request_call(&call, run_request_finish), ERR_HANDLE);
  assert_int_equal(request_call(&call, run_request_find), ERR_HANDLE);
}

static error_code_t run_count(database_t *database, call_t *call)
{
  statement_t *statement =
      database_statement(database, "SELECT (SELECT count(*) FROM grants) + (SELECT count(*) FROM requests)");
  bool row;
  error_code_t error = statement_step(statement, &row);
  call->count = statement_integer(statement, 0);
  statement_reset(statement);
  return error;
}

static void the_sweep_takes_what_is_dead(void **state)
{
  call_t call = {.fixture = *state, .now_ms = NOW};
  for (int i = 0; i < 450; i++)
    (void)open_code(*state, "s1");
  for (int i = 0; i < 250; i++)
    assert_int_equal(request_call(&call, run_request_add), ERR_NONE);
  code_outcome_t alive = redeem(*state, rightly(3));
  assert_int_equal(alive.verdict, CODE_REDEEMED);
  call.now_ms = NOW + 60001;
  assert_int_equal(request_call(&call, run_sweep), ERR_NONE);
  assert_int_equal(request_call(&call, run_count), ERR_NONE);
  assert_int_equal(call.count, 1 + 250);
  call.now_ms = NOW + 700000;
  assert_int_equal(request_call(&call, run_sweep), ERR_NONE);
  assert_int_equal(request_call(&call, run_count), ERR_NONE);
  assert_int_equal(call.count, 0);
}

static error_code_t run_skip_ids(database_t *database, call_t *call)
{
  (void)call;
  statement_t *statement = database_statement(database, "UPDATE requests SET id = ?1 WHERE id = 2");
  statement_bind_integer(statement, 1, REQUESTS_MAX + 2);
  return statement_run(statement, NULL);
}

static void ab_06_the_oldest_requests_give_way_to_a_flood(void **state)
{
  call_t call = {.fixture = *state, .now_ms = NOW, .presented = {.hash = {1}}};
  assert_int_equal(request_call(&call, run_request_add), ERR_NONE);
  assert_int_equal(request_call(&call, run_request_add), ERR_NONE);
  assert_int_equal(request_call(&call, run_skip_ids), ERR_NONE); /* as if so many had come between */
  assert_int_equal(request_call(&call, run_sweep), ERR_NONE);
  call.row = 1;
  assert_int_equal(request_call(&call, run_request_find), ERR_HANDLE);
  call.row = REQUESTS_MAX + 2;
  assert_int_equal(request_call(&call, run_request_find), ERR_NONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      AUTHORITY_STORE_TEST(a_code_is_redeemed_once),
      AUTHORITY_STORE_TEST(whatever_is_wrong_burns_the_code),
      AUTHORITY_STORE_TEST(a_wrong_secret_burns_nothing),
      AUTHORITY_STORE_TEST(a_code_ends_with_its_minute_and_with_its_session),
      AUTHORITY_STORE_TEST(an_ended_session_gives_nothing_any_more),
      AUTHORITY_STORE_TEST(a_request_is_found_by_its_secret_and_finished_once),
      AUTHORITY_STORE_TEST(ab_06_the_oldest_requests_give_way_to_a_flood),
      AUTHORITY_STORE_TEST(the_sweep_takes_what_is_dead),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

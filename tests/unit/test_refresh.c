/* Families of refresh tokens in the store, and the form of the tokens: TK-15, TK-18, TK-19, SS-28. */
#include "authority/refresh_token.h"
#include "base/encoding.h"
#include "store/authority_refresh.h"

#include "authority_store.h"

#define NOW ((int64_t)1790000000000)
#define MINUTE ((int64_t)60000)
#define IDLE (30 * MINUTE)
#define ABSOLUTE (120 * MINUTE)
#define SESSION (600 * MINUTE)

typedef struct call {
  store_job_t job;
  fixture_t *fixture;
  error_code_t (*run)(database_t *database, struct call *call);
  const char *session, *client;
  int64_t now_ms, row, count;
  bytes_t levels;
  refresh_presented_t presented;
  refresh_family_t family;
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

/* --- a family --- */

static grant_t grant_of(const char *session, const char *client)
{
  return (grant_t){.ref = {{7}},
                   .client = bytes_of_string(client),
                   .subject = BYTES_LITERAL("alice"),
                   .session = bytes_of_string(session),
                   .scope = BYTES_LITERAL("openid read"),
                   .acr = BYTES_LITERAL("phr"),
                   .amr = BYTES_LITERAL("pop user"),
                   .levels = BYTES_LITERAL("{}"),
                   .auth_time_ms = NOW - 5,
                   .session_expires_ms = NOW + SESSION,
                   .refreshes = true};
}

static error_code_t run_begin(database_t *database, call_t *call)
{
  grant_t grant = grant_of(call->session, call->client);
  code_terms_t code = {.hash = {1},
                       .redirect_uri = BYTES_LITERAL("https://c/cb"),
                       .challenge = {2},
                       .expires_ms = NOW + MINUTE};
  code_presented_t presented = {.hash = {1},
                                .client = grant.client,
                                .redirect_uri = code.redirect_uri,
                                .challenge = {2},
                                .now_ms = NOW,
                                .horizon_ms = NOW + 2 * MINUTE,
                                .token_lifetime_ms = 10 * MINUTE,
                                .refresh_idle_ms = IDLE,
                                .refresh_absolute_ms = ABSOLUTE};
  code_outcome_t outcome;
  error_code_t error = grant_open(database, &grant, &code, &call->row);
  presented.row = call->row;
  if (error == ERR_NONE)
    error = grant_redeem(database, call->fixture->arena, &presented, &outcome);
  assert_int_equal(outcome.verdict, CODE_REDEEMED);
  return error;
}

static int64_t begin(fixture_t *fixture, const char *session, const char *client)
{
  call_t call = {.fixture = fixture, .run = run_begin, .session = session, .client = client};
  assert_int_equal(run(&call), ERR_NONE);
  return call.row;
}

static error_code_t run_present(database_t *database, call_t *call)
{
  const refresh_presented_t *presented = &call->presented;
  error_code_t error = refresh_find(database, call->fixture->arena, presented, &call->family);
  if (error != ERR_NONE)
    return error;
  const refresh_terms_t terms = {.now_ms = presented->now_ms,
                                 .idle_until_ms = presented->now_ms + IDLE,
                                 .tokens_until_ms = presented->now_ms + 10 * MINUTE};
  if (call->family.verdict == REFRESH_CURRENT)
    return refresh_rotate(database, &presented->name, &call->family, &terms);
  if (call->family.verdict == REFRESH_REUSED)
    return grant_revoke(database, presented->name.row, presented->now_ms);
  return ERR_NONE;
}

static refresh_presented_t rightly(int64_t row, uint32_t generation)
{
  return (refresh_presented_t){
      .name = {row, generation, {{7}}}, .client = BYTES_LITERAL("web"), .now_ms = NOW, .grace_ms = 0};
}

static refresh_verdict_t present(fixture_t *fixture, refresh_presented_t presented)
{
  call_t call = {.fixture = fixture, .run = run_present, .presented = presented};
  assert_int_equal(run(&call), ERR_NONE);
  return call.family.verdict;
}

static void a_generation_is_used_once(void **state)
{
  fixture_t *fixture = *state;
  int64_t row = begin(fixture, "s", "web");
  for (uint32_t generation = 0; generation < 3; generation++)
    assert_int_equal(present(fixture, rightly(row, generation)), REFRESH_CURRENT);
  assert_int_equal(present(fixture, rightly(row, 0)), REFRESH_REUSED);
  assert_int_equal(present(fixture, rightly(row, 3)), REFRESH_UNKNOWN);
}

static void a_generation_that_is_not_there_yet_is_as_good_as_used(void **state)
{
  fixture_t *fixture = *state;
  int64_t row = begin(fixture, "s", "web");
  assert_int_equal(present(fixture, rightly(row, 2)), REFRESH_REUSED);
  assert_int_equal(present(fixture, rightly(row, 0)), REFRESH_UNKNOWN);
}

static void the_grace_is_for_the_one_before_the_newest(void **state)
{
  fixture_t *fixture = *state;
  int64_t row = begin(fixture, "s", "web");
  refresh_presented_t again = rightly(row, 0);
  assert_int_equal(present(fixture, again), REFRESH_CURRENT);
  again.grace_ms = 10000;
  again.now_ms = NOW + 10000;
  assert_int_equal(present(fixture, again), REFRESH_REPEATED);
  again.now_ms++;
  assert_int_equal(present(fixture, again), REFRESH_REUSED);

  row = begin(fixture, "s", "web");
  assert_int_equal(present(fixture, rightly(row, 0)), REFRESH_CURRENT);
  assert_int_equal(present(fixture, rightly(row, 1)), REFRESH_CURRENT);
  again = rightly(row, 0);
  again.grace_ms = 10000;
  assert_int_equal(present(fixture, again), REFRESH_REUSED);
}

static void another_client_key_or_row_changes_nothing(void **state)
{
  fixture_t *fixture = *state;
  int64_t row = begin(fixture, "s", "web");
  refresh_presented_t wrong = rightly(row, 0);
  wrong.client = BYTES_LITERAL("app");
  assert_int_equal(present(fixture, wrong), REFRESH_MISMATCHED);
  wrong = rightly(row, 0);
  wrong.confirmation = BYTES_LITERAL("a key");
  assert_int_equal(present(fixture, wrong), REFRESH_MISMATCHED);
  wrong = rightly(row, 0);
  wrong.name.ref.bytes[15] = 1;
  assert_int_equal(present(fixture, wrong), REFRESH_UNKNOWN);
  assert_int_equal(present(fixture, rightly(row + 1, 0)), REFRESH_UNKNOWN);
  assert_int_equal(present(fixture, rightly(row, 0)), REFRESH_CURRENT);
}

static void a_family_ends_idle_absolutely_and_with_its_session(void **state)
{
  fixture_t *fixture = *state;
  int64_t row = begin(fixture, "s", "web");
  refresh_presented_t late = rightly(row, 0);
  late.now_ms = NOW + IDLE;
  assert_int_equal(present(fixture, late), REFRESH_UNKNOWN);
  late.now_ms = NOW + IDLE - 1;
  assert_int_equal(present(fixture, late), REFRESH_CURRENT);
  for (late.name.generation = 1; late.now_ms + IDLE < NOW + ABSOLUTE; late.name.generation++) {
    late.now_ms += IDLE - 1;
    assert_int_equal(present(fixture, late), REFRESH_CURRENT);
  }
  late.now_ms = NOW + ABSOLUTE;
  assert_int_equal(present(fixture, late), REFRESH_UNKNOWN);
  refresh_presented_t early = rightly(begin(fixture, "s", "web"), 0);
  early.now_ms = NOW - 61000; /* the clock that redeemed the code ran ahead */
  assert_int_equal(present(fixture, early), REFRESH_UNKNOWN);
}

static void count_grant(void *context, grant_ref_t ref, int64_t until_ms)
{
  call_t *call = context;
  assert_int_equal(until_ms, NOW + 10 * MINUTE);
  call->count++;
}

static error_code_t run_end(database_t *database, call_t *call)
{
  call->count = 0;
  return grant_end_session(database, bytes_of_string(call->session), 1, NOW, count_grant, call);
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
  return error;
}

static void a_revoked_family_is_remembered_as_long_as_its_access_tokens_live(void **state)
{
  fixture_t *fixture = *state;
  int64_t row = begin(fixture, "s", "web");
  int64_t other = begin(fixture, "other", "web");
  call_t end = {.fixture = fixture, .run = run_end, .session = "s"};
  assert_int_equal(run(&end), ERR_NONE);
  assert_int_equal(end.count, 1);
  call_t count = {.fixture = fixture, .run = run_count_revoked, .now_ms = NOW + 10 * MINUTE - 1};
  assert_int_equal(run(&count), ERR_NONE);
  assert_int_equal(count.count, 1);
  count.now_ms++;
  assert_int_equal(run(&count), ERR_NONE);
  assert_int_equal(count.count, 0);
  call_t sweep = {.fixture = fixture, .run = run_sweep, .now_ms = NOW + 11 * MINUTE};
  assert_int_equal(run(&sweep), ERR_NONE);
  assert_int_equal(present(fixture, rightly(row, 0)), REFRESH_UNKNOWN);
  refresh_presented_t alive = rightly(other, 0);
  alive.now_ms = NOW + 11 * MINUTE;
  assert_int_equal(present(fixture, alive), REFRESH_CURRENT);
}

static void the_sweep_leaves_what_is_used_and_takes_what_is_idle(void **state)
{
  fixture_t *fixture = *state;
  refresh_presented_t used = rightly(begin(fixture, "s", "web"), 0);
  int64_t idle = begin(fixture, "s", "web");
  for (used.name.generation = 0; used.name.generation < 20; used.name.generation++) {
    used.now_ms += 5 * MINUTE;
    assert_int_equal(present(fixture, used), REFRESH_CURRENT);
    call_t sweep = {.fixture = fixture, .run = run_sweep, .now_ms = used.now_ms + IDLE - 1};
    assert_int_equal(run(&sweep), ERR_NONE);
  }
  assert_int_equal(present(fixture, rightly(idle, 0)), REFRESH_UNKNOWN);
  call_t sweep = {.fixture = fixture, .run = run_sweep, .now_ms = used.now_ms + 2 * IDLE};
  assert_int_equal(run(&sweep), ERR_NONE);
  assert_int_equal(present(fixture, used), REFRESH_UNKNOWN);
}

/* --- what a step-up lifts --- */

static error_code_t run_list(database_t *database, call_t *call)
{
  static earned_row_t rows[EARNED_MAX];
  size_t count;
  grant_t fresh = grant_of(call->session, call->client);
  fresh.ref.bytes[0] = 8;
  error_code_t error = refresh_list_earned(database, call->fixture->arena, &fresh, NOW, rows, &count);
  call->count = (int64_t)count;
  for (size_t i = 0; error == ERR_NONE && i < count; i++) {
    rows[i].levels = call->levels;
    error = refresh_set_earned(database, &rows[i]);
  }
  return error;
}

static bytes_t levels_of(fixture_t *fixture, int64_t row)
{
  call_t call = {.fixture = fixture, .run = run_present, .presented = rightly(row, 0)};
  assert_int_equal(run(&call), ERR_NONE);
  assert_int_equal(call.family.verdict, REFRESH_CURRENT);
  return call.family.grant.levels;
}

static void a_step_up_lifts_the_grants_of_its_client_and_session(void **state)
{
  fixture_t *fixture = *state;
  int64_t mine = begin(fixture, "s", "web"), mine_too = begin(fixture, "s", "web");
  int64_t session = begin(fixture, "t", "web");
  begin(fixture, "s", "app");
  call_t list = {.fixture = fixture,
                 .run = run_list,
                 .session = "s",
                 .client = "web",
                 .levels = BYTES_LITERAL("{\"phr\":{}}")};
  assert_int_equal(run(&list), ERR_NONE);
  assert_int_equal(list.count, 2);
  assert_true(bytes_equal(levels_of(fixture, mine), list.levels));
  assert_true(bytes_equal(levels_of(fixture, mine_too), list.levels));
  assert_true(bytes_equal(levels_of(fixture, session), BYTES_LITERAL("{}")));
}

static void a_crowd_of_grants_is_lifted_newest_first_and_bounded(void **state)
{
  fixture_t *fixture = *state;
  int64_t first = begin(fixture, "s", "web"), last = first;
  for (int i = 0; i < EARNED_MAX; i++)
    last = begin(fixture, "s", "web");
  call_t list = {.fixture = fixture,
                 .run = run_list,
                 .session = "s",
                 .client = "web",
                 .levels = BYTES_LITERAL("{\"phr\":{}}")};
  assert_int_equal(run(&list), ERR_NONE);
  assert_int_equal(list.count, EARNED_MAX);
  assert_true(bytes_equal(levels_of(fixture, last), list.levels));
  assert_true(bytes_equal(levels_of(fixture, first), BYTES_LITERAL("{}")));
}

/* --- the text --- */

static void a_token_is_read_back_and_always_the_same(void **state)
{
  fixture_t *fixture = *state;
  const secret_key_t key = {{1}};
  const refresh_name_t name = {.row = 123456789, .generation = 77, .ref = {{1, 2, 3}}};
  bytes_t text, again;
  refresh_name_t read;
  assert_int_equal(refresh_token_build(fixture->arena, &key, &name, &text), ERR_NONE);
  assert_int_equal(refresh_token_build(fixture->arena, &key, &name, &again), ERR_NONE);
  assert_int_equal(text.len, REFRESH_TOKEN_LENGTH);
  assert_true(bytes_equal(text, again));
  assert_int_equal(refresh_token_parse(&key, text, &read), ERR_NONE);
  assert_int_equal(read.row, name.row);
  assert_int_equal(read.generation, name.generation);
  assert_memory_equal(read.ref.bytes, name.ref.bytes, sizeof name.ref.bytes);
}

static void nothing_else_is_a_token(void **state)
{
  fixture_t *fixture = *state;
  const secret_key_t key = {{1}}, other = {{2}};
  const refresh_name_t name = {.row = 1, .generation = 0, .ref = {{9}}};
  bytes_t text;
  refresh_name_t read;
  assert_int_equal(refresh_token_build(fixture->arena, &key, &name, &text), ERR_NONE);
  assert_int_equal(refresh_token_parse(&other, text, &read), ERR_MALFORMED);
  assert_int_equal(refresh_token_parse(&key, BYTES_NONE, &read), ERR_MALFORMED);
  assert_int_equal(refresh_token_parse(&key, bytes_of(text.data, text.len - 1), &read), ERR_MALFORMED);
  uint8_t bytes[60];
  assert_int_equal(base64url_decode_exact(text, bytes, sizeof bytes), ERR_NONE);
  for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    char *flipped = base64url_encode(fixture->arena, bytes_of(bytes, sizeof bytes));
    assert_int_equal(refresh_token_parse(&key, bytes_of_string(flipped), &read), ERR_MALFORMED);
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
}

#define TEST(name) AUTHORITY_STORE_TEST(name)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_generation_is_used_once),
      TEST(a_generation_that_is_not_there_yet_is_as_good_as_used),
      TEST(the_grace_is_for_the_one_before_the_newest),
      TEST(another_client_key_or_row_changes_nothing),
      TEST(a_family_ends_idle_absolutely_and_with_its_session),
      TEST(a_revoked_family_is_remembered_as_long_as_its_access_tokens_live),
      TEST(the_sweep_leaves_what_is_used_and_takes_what_is_idle),
      TEST(a_step_up_lifts_the_grants_of_its_client_and_session),
      TEST(a_crowd_of_grants_is_lifted_newest_first_and_bounded),
      TEST(a_token_is_read_back_and_always_the_same),
      TEST(nothing_else_is_a_token),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

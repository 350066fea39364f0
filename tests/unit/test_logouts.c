/* The queue of back-channel logout in the store. */
#include "store/authority_logouts.h"

#include "authority_store.h"

#define NOW ((int64_t)1790000000000)
#define DAY ((int64_t)86400000)

typedef struct call {
  store_job_t job;
  error_code_t (*run)(database_t *database, struct call *call);
  const char *session, *client;
  int64_t id, at_ms, count;
} call_t;

static error_code_t apply(database_t *database, store_job_t *job)
{
  call_t *call = (call_t *)job;
  return call->run(database, call);
}

static int64_t run(fixture_t *fixture, call_t call)
{
  call.job.apply = apply;
  assert_int_equal(store_run(fixture->store, &call.job), ERR_NONE);
  return call.count;
}

static error_code_t put(database_t *database, call_t *call)
{
  return logout_receiver_put(database, bytes_of_string(call->session), bytes_of_string(call->client),
                             BYTES_LITERAL("alice"), call->at_ms);
}

static error_code_t enqueue(database_t *database, call_t *call)
{
  return logout_enqueue(database, bytes_of_string(call->session), NOW, NOW + DAY, &call->count);
}

static error_code_t defer(database_t *database, call_t *call)
{
  return logout_defer(database, call->id, bytes_of_string(call->client), call->at_ms);
}

static error_code_t remove_one(database_t *database, call_t *call)
{
  return logout_remove(database, call->id);
}

static error_code_t forget(database_t *database, call_t *call)
{
  return logout_forget_client(database, bytes_of_string(call->client));
}

static error_code_t sweep(database_t *database, call_t *call)
{
  bool more;
  return logout_sweep(database, call->at_ms, &more);
}

typedef struct seen {
  int64_t ids[8], attempts[8];
  bytes_t clients[8];
  size_t count, stop_after;
} seen_t;

static bool see(void *context, const logout_row_t *row)
{
  seen_t *seen = context;
  seen->ids[seen->count] = row->id;
  seen->attempts[seen->count] = row->attempts;
  seen->clients[seen->count++] = row->client;
  return seen->count != seen->stop_after;
}

static const bytes_t nobody[LOGOUT_BUSY_MAX];

static seen_t due_but(fixture_t *fixture, int64_t now_ms, int64_t most, size_t stop_after,
                      const bytes_t busy[LOGOUT_BUSY_MAX])
{
  seen_t seen = {.stop_after = stop_after};
  store_read_t read = store_read_begin(fixture->store);
  assert_int_equal(logout_each_due(read.database, fixture->arena, now_ms, most, busy, see, &seen), ERR_NONE);
  store_read_end(&read);
  return seen;
}

static seen_t due(fixture_t *fixture, int64_t now_ms, int64_t most, size_t stop_after)
{
  return due_but(fixture, now_ms, most, stop_after, nobody);
}

/* However much waits for a client that is busy, the others are seen. */
static void busy_clients_stand_in_nobodys_way(void **state)
{
  fixture_t *fixture = *state;
  const bytes_t one[LOGOUT_BUSY_MAX] = {BYTES_LITERAL("slow")};
  const bytes_t both[LOGOUT_BUSY_MAX] = {BYTES_LITERAL("slow"), BYTES_LITERAL("web")};
  for (int i = 0; i < 40; i++) {
    char session[16];
    (void)snprintf(session, sizeof session, "s%d", i);
    run(fixture,
        (call_t){.run = put, .session = session, .client = i < 39 ? "slow" : "web", .at_ms = NOW + DAY});
    run(fixture, (call_t){.run = enqueue, .session = session});
  }
  seen_t seen = due_but(fixture, NOW, 4, 0, one);
  assert_int_equal(due(fixture, NOW, 4, 0).count, 4);
  assert_int_equal(seen.count, 1);
  assert_true(bytes_equal_string(seen.clients[0], "web"));
  assert_int_equal(due_but(fixture, NOW, 4, 0, both).count, 0);
}

static void an_end_queues_each_receiver_once(void **state)
{
  fixture_t *fixture = *state;
  for (int i = 0; i < 2; i++) /* entered twice */
    run(fixture, (call_t){.run = put, .session = "s1", .client = "web", .at_ms = NOW + DAY});
  run(fixture, (call_t){.run = put, .session = "s1", .client = "app", .at_ms = NOW + DAY});
  run(fixture, (call_t){.run = put, .session = "s2", .client = "web", .at_ms = NOW + DAY});
  assert_int_equal(run(fixture, (call_t){.run = enqueue, .session = "s1"}), 2);
  assert_int_equal(run(fixture, (call_t){.run = enqueue, .session = "s1"}), 0);
  assert_int_equal(run(fixture, (call_t){.run = enqueue, .session = "never"}), 0);
  assert_int_equal(due(fixture, NOW, 10, 0).count, 2);
  assert_int_equal(due(fixture, NOW - 1, 10, 0).count, 0);
  assert_int_equal(due(fixture, NOW, 1, 0).count, 1);
  assert_int_equal(due(fixture, NOW, 10, 1).count, 1);
}

static void a_failure_puts_off_all_of_that_client_alone(void **state)
{
  fixture_t *fixture = *state;
  static const char *const clients[] = {"deaf", "deaf", "web"};
  static const char *const sessions[] = {"s1", "s2", "s3"};
  for (size_t i = 0; i < LENGTH(clients); i++) {
    run(fixture, (call_t){.run = put, .session = sessions[i], .client = clients[i], .at_ms = NOW + DAY});
    run(fixture, (call_t){.run = enqueue, .session = sessions[i]});
  }
  int64_t first = due(fixture, NOW, 10, 0).ids[0];
  run(fixture, (call_t){.run = defer, .id = first, .client = "deaf", .at_ms = NOW + 1000});
  seen_t now = due(fixture, NOW + 999, 10, 0), later = due(fixture, NOW + 1000, 10, 0);
  assert_int_equal(now.count, 1);
  assert_true(bytes_equal_string(now.clients[0], "web"));
  assert_int_equal(later.count, 3);
  for (size_t i = 0; i < later.count; i++)
    assert_int_equal(later.attempts[i], later.ids[i] == first);
  run(fixture, (call_t){.run = remove_one, .id = first});
  assert_int_equal(due(fixture, NOW + DAY, 10, 0).count, 2);
  run(fixture, (call_t){.run = forget, .client = "deaf"});
  assert_int_equal(due(fixture, NOW + DAY, 10, 0).count, 1);
}

/* Entering again with a session that lives longer keeps the receiver for as long. */
static void receivers_live_as_long_as_the_session(void **state)
{
  fixture_t *fixture = *state;
  run(fixture, (call_t){.run = put, .session = "s1", .client = "web", .at_ms = NOW + DAY});
  run(fixture, (call_t){.run = put, .session = "s1", .client = "web", .at_ms = NOW + 2 * DAY});
  run(fixture, (call_t){.run = put, .session = "s1", .client = "web", .at_ms = NOW});
  run(fixture, (call_t){.run = put, .session = "s2", .client = "web", .at_ms = NOW + DAY});
  run(fixture, (call_t){.run = sweep, .at_ms = NOW + DAY + 1});
  assert_int_equal(store_ask(fixture->store, "SELECT count(*) FROM logout_receivers"), 1);
  assert_int_equal(run(fixture, (call_t){.run = enqueue, .session = "s1"}), 1);
  run(fixture, (call_t){.run = put, .session = "s3", .client = "web", .at_ms = NOW + DAY});
  run(fixture, (call_t){.run = forget, .client = "web"});
  assert_int_equal(store_ask(fixture->store, "SELECT count(*) FROM logout_receivers"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {AUTHORITY_STORE_TEST(an_end_queues_each_receiver_once),
                                     AUTHORITY_STORE_TEST(busy_clients_stand_in_nobodys_way),
                                     AUTHORITY_STORE_TEST(a_failure_puts_off_all_of_that_client_alone),
                                     AUTHORITY_STORE_TEST(receivers_live_as_long_as_the_session)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

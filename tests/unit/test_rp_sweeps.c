/* What the login server's database forgets, and what it must not: spent challenges, tickets, sessions. */
#include "store/rp_challenge.h"
#include "store/rp_credential.h"
#include "store/rp_deleted_credential.h"
#include "store/rp_session.h"
#include "store/rp_ticket.h"

#include "store_fixture.h"

#define NOW ((int64_t)1700000000000)
#define SESSIONS 2500 /* more than two slices of the sweep */

typedef struct fixture {
  folder_t folder;
  store_t *store;
} fixture_t;

/* A block of calls as one job of the writer. */
typedef struct call {
  store_job_t job;
  void (*run)(database_t *database);
} call_t;

static int set_up(void **state)
{
  fixture_t *fixture = calloc(1, sizeof *fixture);
  fixture->folder = folder_new();
  assert_int_equal(
      store_open(fixture->folder.file, rp_migrations, rp_migrations_count, &fixture->store, NULL), ERR_NONE);
  *state = fixture;
  return 0;
}

static int tear_down(void **state)
{
  fixture_t *fixture = *state;
  store_close(fixture->store);
  folder_remove(&fixture->folder);
  free(fixture);
  return 0;
}

/* The blocks run on the writer's thread, where cmocka cannot end a test: the first line that breaks is kept.
 */
static int broken_line;
#define HOLDS(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition) && broken_line == 0)                                                                    \
      broken_line = __LINE__;                                                                                \
  } while (0)

static error_code_t apply(database_t *database, store_job_t *job)
{
  ((call_t *)job)->run(database);
  return ERR_NONE;
}

static void run(void **state, void (*block)(database_t *database))
{
  fixture_t *fixture = *state;
  call_t call = {.job.apply = apply, .run = block};
  broken_line = 0;
  assert_int_equal(store_run(fixture->store, &call.job), ERR_NONE);
  if (broken_line != 0)
    fail_msg("line %d does not hold", broken_line);
}

static int64_t count(database_t *database, const char *query)
{
  statement_t *statement = database_statement(database, query);
  bool found = false;
  HOLDS(statement_step(statement, &found) == ERR_NONE);
  int64_t rows = found ? statement_integer(statement, 0) : -1;
  statement_reset(statement);
  return rows;
}

/* Runs a sweep to its end, as the writer does; the slices that it took. */
static int sweep(database_t *database, store_sweep_t *take, int64_t now_ms)
{
  int slices = 0;
  for (bool more = true; more; slices++)
    HOLDS(take(database, now_ms, &more) == ERR_NONE);
  return slices;
}

static rp_user_id_t add_user(database_t *database)
{
  const rp_user_t user = {.handle = {1},
                          .username_key = BYTES_LITERAL("ann"),
                          .username = BYTES_LITERAL("Ann"),
                          .display_name = BYTES_LITERAL("Ann"),
                          .created_ms = NOW};
  rp_user_id_t id;
  HOLDS(rp_user_insert(database, &user, &id) == ERR_NONE);
  return id;
}

static bool spend(database_t *database, int64_t expiry_ms, uint8_t first)
{
  const uint8_t nonce[RP_CHALLENGE_NONCE_LENGTH] = {first};
  bool fresh = false;
  HOLDS(rp_challenge_spend(database, expiry_ms, nonce, NOW + 3600000, &fresh) == ERR_NONE);
  return fresh;
}

static void challenges(database_t *database)
{
  HOLDS(spend(database, NOW + 1000, 1));
  HOLDS(!spend(database, NOW + 1000, 1));
  HOLDS(spend(database, NOW + 300000, 2));
  sweep(database, rp_challenge_sweep, NOW + 1000);
  HOLDS(count(database, "SELECT count(*) FROM spent_challenges") == 1);
  HOLDS(!spend(database, NOW + 1000, 1));   /* forgotten, and refused all the same */
  HOLDS(!spend(database, NOW + 1000, 3));   /* as is whatever is not newer than the watermark */
  HOLDS(!spend(database, NOW + 300000, 2)); /* still known */
  HOLDS(spend(database, NOW + 1001, 4));
  sweep(database, rp_challenge_sweep, NOW); /* a clock that went back lowers no watermark */
  HOLDS(!spend(database, NOW + 1000, 1));
}

static void a_spent_challenge_stays_spent_when_it_is_swept(void **state)
{
  run(state, challenges);
}

static void tickets(database_t *database)
{
  rp_user_id_t user = add_user(database);
  for (uint8_t i = 0; i < 250; i++) {
    const rp_ticket_t ticket = {
        .user = user, .kind = RP_TICKET_INVITE, .expires_ms = i < 240 ? NOW : NOW + 1};
    const uint8_t hash[32] = {i};
    HOLDS(rp_ticket_insert(database, &ticket, hash) == ERR_NONE);
  }
  sweep(database, rp_ticket_sweep, NOW);
  HOLDS(count(database, "SELECT count(*) FROM enrolment_tickets") == 10);
  rp_ticket_t found;
  const uint8_t good[32] = {245}, over[32] = {5};
  HOLDS(rp_ticket_find(database, good, NOW, &found) == ERR_NONE);
  HOLDS(rp_ticket_find(database, over, NOW - 1, &found) == ERR_NOT_FOUND);
}

static void tickets_that_are_over_are_taken_and_no_others(void **state)
{
  run(state, tickets);
}

static void sessions(database_t *database)
{
  rp_user_id_t user = add_user(database);
  for (int i = 0; i < SESSIONS; i++) {
    rp_session_t session = {.user = user,
                            .created_ms = NOW,
                            .authenticated_ms = NOW,
                            .seen_ms = NOW,
                            .idle_until_ms = i % 2 == 0 ? NOW + 1000 : NOW + 1001,
                            .expires_ms = NOW + 5000};
    memcpy(session.ref, &i, sizeof i);
    rp_session_id_t id;
    HOLDS(rp_session_insert(database, &session, &id) == ERR_NONE);
  }
  HOLDS(sweep(database, rp_session_sweep, NOW + 999) > 2);
  HOLDS(count(database, "SELECT count(*) FROM sessions") == SESSIONS);
  sweep(database, rp_session_sweep, NOW + 1000);
  HOLDS(count(database, "SELECT count(*) FROM sessions") == SESSIONS / 2);
  sweep(database, rp_session_sweep, NOW + 1001);
  HOLDS(count(database, "SELECT count(*) FROM sessions") == 0);
}

static void sessions_that_are_over_are_taken_slice_by_slice(void **state)
{
  run(state, sessions);
}

static void add_credential(database_t *database, rp_user_id_t user, const uint8_t id[16])
{
  const rp_credential_t credential = {.credential_id = bytes_of(id, 16),
                                      .user = user,
                                      .public_key = bytes_of(id, 2),
                                      .algorithm = -7,
                                      .format = BYTES_LITERAL("none"),
                                      .attestation_type = BYTES_LITERAL("none"),
                                      .attachment = BYTES_LITERAL("platform"),
                                      .attestation_object = BYTES_LITERAL("x"),
                                      .client_data = BYTES_LITERAL("x")};
  HOLDS(rp_credential_insert(database, &credential) == ERR_NONE);
}

static bool is_kept(database_t *database, const uint8_t id[16])
{
  arena_t *arena = arena_new(1024, 4096);
  bytes_t key = BYTES_NONE;
  error_code_t error = rp_deleted_credential_find(database, arena, bytes_of(id, 16), &key);
  HOLDS(error == ERR_NONE || error == ERR_NOT_FOUND);
  HOLDS(error != ERR_NONE || bytes_equal(key, bytes_of(id, 2)));
  arena_free(arena);
  return error == ERR_NONE;
}

static void deleted_credentials(database_t *database)
{
  static const uint8_t ids[][16] = {{1, 1}, {2, 2}, {3, 3}};
  rp_user_id_t user = add_user(database);
  for (size_t i = 0; i < LENGTH(ids); i++)
    add_credential(database, user, ids[i]);
  HOLDS(rp_credential_delete(database, (rp_user_id_t){user.row + 1}, bytes_of(ids[0], 16), NOW) ==
        ERR_NOT_FOUND);
  HOLDS(!is_kept(database, ids[0]));
  HOLDS(rp_credential_delete(database, user, bytes_of(ids[0], 16), NOW) == ERR_NONE);
  HOLDS(is_kept(database, ids[0]) && !is_kept(database, ids[1]));
  add_credential(database, user, ids[0]); /* an id may come back, and go again */
  HOLDS(rp_credential_delete(database, user, bytes_of(ids[0], 16), NOW + 1) == ERR_NONE);
  HOLDS(rp_user_delete(database, user, NOW + 2) == ERR_NONE);
  HOLDS(is_kept(database, ids[1]) && is_kept(database, ids[2]));
  HOLDS(count(database, "SELECT count(*) FROM deleted_credentials") == 3);
  sweep(database, rp_deleted_credential_sweep, NOW + RP_DELETED_CREDENTIAL_KEPT_MS);
  HOLDS(is_kept(database, ids[0]));
  sweep(database, rp_deleted_credential_sweep, NOW + 1 + RP_DELETED_CREDENTIAL_KEPT_MS);
  HOLDS(!is_kept(database, ids[0]) && is_kept(database, ids[1]));
  sweep(database, rp_deleted_credential_sweep, NOW + 2 + RP_DELETED_CREDENTIAL_KEPT_MS);
  HOLDS(count(database, "SELECT count(*) FROM deleted_credentials") == 0);
}

static void a_deleted_credential_is_known_for_half_a_year(void **state)
{
  run(state, deleted_credentials);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_spent_challenge_stays_spent_when_it_is_swept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tickets_that_are_over_are_taken_and_no_others, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sessions_that_are_over_are_taken_slice_by_slice, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_deleted_credential_is_known_for_half_a_year, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

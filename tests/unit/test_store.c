/* The contract of a store: the same for every driver. */
#include "store_contract.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "store/connection.h"

/* The syncs of this process: the test stands in for the C library's. */
static atomic_int sync_count;
int fsync(int file)
{
  atomic_fetch_add(&sync_count, 1);
  return (int)syscall(SYS_fsync, file);
}
int fdatasync(int file)
{
  atomic_fetch_add(&sync_count, 1);
  return (int)syscall(SYS_fdatasync, file);
}

static int64_t commits(store_t *store)
{
  store_stats_t stats;
  store_stats(store, &stats);
  return stats.commits;
}

/* A job that holds the writer until it is told to go on, so that others queue up behind it. */
typedef struct gate {
  store_job_t job;
  sem_t entered;
  sem_t go;
} gate_t;

static error_code_t gate_apply(database_t *database, store_job_t *job)
{
  gate_t *gate = (gate_t *)job;
  (void)sem_post(&gate->entered);
  (void)sem_wait(&gate->go);
  return ERR_NONE;
}

static void done_nothing(store_job_t *job)
{
}

static void gate_close(gate_t *gate, store_t *store)
{
  gate->job = (store_job_t){.apply = gate_apply, .done = done_nothing};
  assert_int_equal(sem_init(&gate->entered, 0, 0), 0);
  assert_int_equal(sem_init(&gate->go, 0, 0), 0);
  store_submit(store, &gate->job);
  (void)sem_wait(&gate->entered);
}

/* Returns when all that was queued behind the gate has been answered. */
static void gate_open(gate_t *gate, store_t *store)
{
  (void)sem_post(&gate->go);
  store_job_t last = {.apply = gate_apply};
  gate_t end = {.job = last};
  assert_int_equal(sem_init(&end.entered, 0, 0), 0);
  assert_int_equal(sem_init(&end.go, 0, 1), 0);
  assert_int_equal(store_run(store, &end.job), ERR_NONE);
}

static void test_job_is_seen_by_later_reads(void **state)
{
  scene_t *scene = *state;
  for (int64_t id = 1; id <= 20; id++) {
    assert_int_equal(items_add(scene->store, id), ERR_NONE);
    assert_true(items_has(scene->store, id));
  }
}

static void test_rows_survive_reopening(void **state)
{
  scene_t *scene = *state;
  assert_int_equal(items_add(scene->store, 7), ERR_NONE);
  store_close(scene->store);
  scene->store = scene->driver->open(&scene->folder);
  assert_true(items_has(scene->store, 7));
}

static void test_queued_jobs_share_a_commit(void **state)
{
  enum { JOBS = 100 };
  scene_t *scene = *state;
  static add_job_t adds[JOBS];
  gate_t gate;
  gate_close(&gate, scene->store);
  int64_t before = commits(scene->store);
  for (int i = 0; i < JOBS; i++) {
    adds[i] = (add_job_t){.job = {.apply = add_apply, .done = done_nothing}, .id = i + 1};
    store_submit(scene->store, &adds[i].job);
  }
  gate_open(&gate, scene->store);
  /* the gate's, the hundred's, and perhaps the last one's own */
  assert_in_range(commits(scene->store) - before, 2, 3);
  for (int i = 0; i < JOBS; i++)
    assert_int_equal(adds[i].job.outcome, ERR_NONE);
  assert_int_equal(store_ask(scene->store, "SELECT count(*) FROM item"), JOBS);
}

typedef struct synced {
  add_job_t add; /* first */
  int syncs_at_apply;
  int syncs_at_done;
} synced_t;

static error_code_t synced_apply(database_t *database, store_job_t *job)
{
  ((synced_t *)job)->syncs_at_apply = atomic_load(&sync_count);
  return add_apply(database, job);
}

static void synced_done(store_job_t *job)
{
  ((synced_t *)job)->syncs_at_done = atomic_load(&sync_count);
}

static void test_answer_comes_after_the_sync(void **state)
{
  scene_t *scene = *state;
  if (store_is_shared(scene->store))
    skip(); /* the server syncs */
  for (int i = 0; i < 5; i++) {
    synced_t synced = {.add = {.job = {.apply = synced_apply, .done = synced_done}, .id = i + 1}};
    gate_t gate;
    gate_close(&gate, scene->store);
    store_submit(scene->store, &synced.add.job);
    gate_open(&gate, scene->store);
    assert_int_equal(synced.add.job.outcome, ERR_NONE);
    assert_true(synced.syncs_at_done > synced.syncs_at_apply);
  }
}

/* Jobs 1..9 in one transaction, the fifth failing after its changes. */
static void test_failing_job_is_undone_alone(void **state)
{
  scene_t *scene = *state;
  add_job_t adds[10];
  gate_t gate;
  gate_close(&gate, scene->store);
  for (int i = 1; i < 10; i++) {
    adds[i] = (add_job_t){
        .job = {.apply = add_apply, .done = done_nothing}, .id = i, .then = i == 5 ? ERR_STEP_UP : ERR_NONE};
    store_submit(scene->store, &adds[i].job);
  }
  gate_open(&gate, scene->store);
  for (int i = 1; i < 10; i++) {
    assert_int_equal(adds[i].job.outcome, i == 5 ? ERR_STEP_UP : ERR_NONE);
    assert_int_equal(items_has(scene->store, i), i != 5);
  }
  items_assert_whole(scene->store);
  store_stats_t stats;
  store_stats(scene->store, &stats);
  assert_int_equal(stats.splits, 1);
}

static void test_db03_unique_key_is_a_conflict(void **state)
{
  scene_t *scene = *state;
  assert_int_equal(items_add(scene->store, 1), ERR_NONE);
  assert_int_equal(items_add(scene->store, 1), ERR_CONFLICT);
  assert_int_equal(error_info(ERR_CONFLICT)->http_status, 409);
  store_stats_t stats;
  store_stats(scene->store, &stats);
  /* Nothing had been changed, so nothing had to be undone; PostgreSQL gives the transaction up all the same.
   */
  assert_int_equal(stats.splits, store_is_shared(scene->store) ? 1 : 0);
  assert_true(stats.healthy);
}

static error_code_t orphan_apply(database_t *database, store_job_t *job)
{
  return add_part(database, 4711);
}

static void test_db03_foreign_key_is_a_conflict(void **state)
{
  scene_t *scene = *state;
  store_job_t job = {.apply = orphan_apply};
  assert_int_equal(store_run(scene->store, &job), ERR_CONFLICT);
}

static error_code_t wrong_type_apply(database_t *database, store_job_t *job)
{
  statement_t *statement =
      database_statement(database, "INSERT INTO item (id, name, value) VALUES (1, 'x', ?1)");
  statement_bind_text(statement, 1, BYTES_LITERAL("not a number"));
  return statement_run(statement, NULL);
}

static error_code_t bad_sql_apply(database_t *database, store_job_t *job)
{
  return statement_run(database_statement(database, "INSERT INTO nowhere VALUES (1)"), NULL);
}

static void test_wrong_statement_fails_its_job_only(void **state)
{
  scene_t *scene = *state;
  store_job_t bad[] = {{.apply = wrong_type_apply, .done = done_nothing},
                       {.apply = bad_sql_apply, .done = done_nothing}};
  add_job_t good = {.job = {.apply = add_apply, .done = done_nothing}, .id = 1};
  gate_t gate;
  gate_close(&gate, scene->store);
  store_submit(scene->store, &bad[0]);
  store_submit(scene->store, &bad[1]);
  store_submit(scene->store, &good.job);
  gate_open(&gate, scene->store);
  assert_int_equal(bad[0].outcome, ERR_STORE_FAILED);
  assert_int_equal(bad[1].outcome, ERR_STORE_FAILED);
  assert_int_equal(good.job.outcome, ERR_NONE);
}

/* Adds one to an item's value, but only to the value that its maker had read. */
typedef struct edit_job {
  store_job_t job;
  int64_t read_value;
} edit_job_t;

static error_code_t edit_apply(database_t *database, store_job_t *job)
{
  int64_t changes = 0;
  statement_t *statement =
      database_statement(database, "UPDATE item SET value = value + 1 WHERE id = 1 AND value = ?1");
  statement_bind_integer(statement, 1, ((edit_job_t *)job)->read_value);
  error_code_t error = statement_run(statement, &changes);
  if (error != ERR_NONE)
    return error;
  return changes == 1 ? ERR_NONE : ERR_CONFLICT;
}

static void *edit_often(void *argument)
{
  store_t *store = argument;
  static atomic_int taken;
  for (int i = 0; i < 50; i++) {
    edit_job_t edit = {.job = {.apply = edit_apply},
                       .read_value = store_ask(store, "SELECT value FROM item WHERE id = 1")};
    error_code_t error = store_run(store, &edit.job);
    if (error == ERR_NONE)
      atomic_fetch_add(&taken, 1);
    else
      assert_int_equal(error, ERR_CONFLICT);
  }
  return &taken;
}

static void test_db04_no_update_is_lost(void **state)
{
  scene_t *scene = *state;
  pthread_t threads[4];
  void *taken = NULL;
  assert_int_equal(items_add(scene->store, 1), ERR_NONE);
  for (size_t i = 0; i < LENGTH(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, edit_often, scene->store), 0);
  for (size_t i = 0; i < LENGTH(threads); i++)
    assert_int_equal(pthread_join(threads[i], &taken), 0);
  assert_int_equal(store_ask(scene->store, "SELECT value FROM item WHERE id = 1"),
                   atomic_load((atomic_int *)taken));
}

static void test_full_queue_answers_at_once(void **state)
{
  enum { LIMIT = 4096 };
  scene_t *scene = *state;
  static add_job_t adds[LIMIT + 1];
  gate_t gate;
  gate_close(&gate, scene->store);
  for (int i = 0; i <= LIMIT; i++) {
    adds[i] = (add_job_t){.job = {.apply = add_apply, .done = done_nothing}, .id = i + 1};
    store_submit(scene->store, &adds[i].job);
  }
  assert_int_equal(adds[LIMIT].job.outcome, ERR_UNAVAILABLE);
  (void)sem_post(&gate.go);
  error_code_t error = ERR_UNAVAILABLE;
  while (error == ERR_UNAVAILABLE) /* until the queue has been taken */
    error = items_add(scene->store, LIMIT + 2);
  assert_int_equal(error, ERR_NONE);
  assert_int_equal(store_ask(scene->store, "SELECT count(*) FROM item"), LIMIT + 1);
}

static void test_read_sees_one_state(void **state)
{
  scene_t *scene = *state;
  store_read_t read = store_read_begin(scene->store);
  assert_int_equal(database_ask(read.database, "SELECT count(*) FROM item"), 0);
  assert_int_equal(items_add(scene->store, 1), ERR_NONE);
  assert_int_equal(database_ask(read.database, "SELECT count(*) FROM part"), 0);
  store_read_end(&read);
  assert_int_equal(store_ask(scene->store, "SELECT count(*) FROM item"), 1);
}

static void test_unfinished_statement_does_not_keep_its_state(void **state)
{
  scene_t *scene = *state;
  bool row = false;
  assert_int_equal(items_add(scene->store, 1), ERR_NONE);
  assert_int_equal(items_add(scene->store, 2), ERR_NONE);
  store_read_t read = store_read_begin(scene->store);
  assert_int_equal(statement_step(database_statement(read.database, "SELECT id FROM item"), &row), ERR_NONE);
  store_read_end(&read);
  assert_int_equal(items_add(scene->store, 3), ERR_NONE);
  assert_int_equal(store_ask(scene->store, "SELECT count(*) FROM item"), 3);
}

static void test_reading_connection_cannot_write(void **state)
{
  scene_t *scene = *state;
  store_read_t read = store_read_begin(scene->store);
  add_job_t add = {.id = 1};
  assert_int_equal(add_apply(read.database, &add.job), ERR_STORE_FAILED);
  store_read_end(&read);
  assert_int_equal(items_add(scene->store, 1), ERR_NONE);
}

static void test_db15_exhausted_pool_refuses_and_recovers(void **state)
{
  scene_t *scene = *state;
  store_read_t reads[8];
  for (size_t i = 0; i < LENGTH(reads); i++) {
    reads[i] = store_read_begin(scene->store);
    assert_non_null(reads[i].database);
  }
  int64_t start_ms = clock_monotonic_ms();
  store_read_t none = store_read_begin(scene->store);
  assert_null(none.database);
  assert_in_range(clock_monotonic_ms() - start_ms, 900, 5000);
  store_read_end(&none);
  assert_int_equal(items_add(scene->store, 1), ERR_NONE); /* writing needs none of them */
  for (size_t i = 0; i < LENGTH(reads); i++)
    store_read_end(&reads[i]);
  assert_true(items_has(scene->store, 1));
}

static error_code_t fill_apply(database_t *database, store_job_t *job)
{
  return statement_run(
      database_statement(database,
                         "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
                         " 2000) INSERT INTO item (id, name, value, expires_ms) SELECT i, 'item ' ||"
                         " i, 0, CASE WHEN i > 1990 THEN 9000000000000 ELSE 1000 END FROM n"),
      NULL);
}

static atomic_int sweep_runs;

static error_code_t sweep_items(database_t *database, int64_t now_ms, bool *ret_more)
{
  int64_t changes = 0;
  statement_t *statement = database_statement(
      database, "DELETE FROM item WHERE id IN (SELECT id FROM item WHERE expires_ms < ?1 LIMIT 100)");
  statement_bind_integer(statement, 1, now_ms);
  error_code_t error = statement_run(statement, &changes);
  atomic_fetch_add(&sweep_runs, 1);
  *ret_more = changes == 100;
  return error;
}

static void test_db19_sweep_in_small_batches(void **state)
{
  scene_t *scene = *state;
  store_job_t fill = {.apply = fill_apply};
  assert_int_equal(store_run(scene->store, &fill), ERR_NONE);
  atomic_store(&sweep_runs, 0);
  assert_int_equal(store_add_sweep(scene->store, sweep_items, SECONDS_MS(3600)), ERR_NONE);
  int64_t deadline_ms = clock_monotonic_ms() + SECONDS_MS(20);
  while (store_ask(scene->store, "SELECT count(*) FROM item") > 10 && clock_monotonic_ms() < deadline_ms)
    (void)usleep(1000);
  assert_int_equal(store_ask(scene->store, "SELECT count(*) FROM item"), 10);
  assert_int_equal(items_add(scene->store, 1), ERR_NONE);
  assert_int_equal(atomic_load(&sweep_runs), 20); /* 19 full batches and one of 90 */
}

typedef struct adder {
  store_t *store;
  int64_t first;
} adder_t;

static void *add_many(void *argument)
{
  const adder_t *adder = argument;
  for (int64_t i = 0; i < 100; i++) {
    if (items_add(adder->store, adder->first + i) != ERR_NONE || !items_has(adder->store, adder->first + i))
      return argument;
  }
  return NULL;
}

static void test_rl17_many_threads(void **state)
{
  scene_t *scene = *state;
  pthread_t threads[16];
  adder_t adders[LENGTH(threads)];
  for (size_t i = 0; i < LENGTH(threads); i++) {
    adders[i] = (adder_t){scene->store, (int64_t)i * 1000 + 1};
    assert_int_equal(pthread_create(&threads[i], NULL, add_many, &adders[i]), 0);
  }
  for (size_t i = 0; i < LENGTH(threads); i++) {
    void *failed = NULL;
    assert_int_equal(pthread_join(threads[i], &failed), 0);
    assert_null(failed);
  }
  assert_int_equal(store_ask(scene->store, "SELECT count(*) FROM item"), 1600);
  items_assert_whole(scene->store);
}

static error_code_t bulk_apply(database_t *database, store_job_t *job)
{
  return statement_run(database_statement(database,
                                          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
                                          " n WHERE i < 300) INSERT INTO part (item, data) SELECT 1,"
                                          " zeroblob(4000) FROM n"),
                       NULL);
}

typedef struct constant_reader {
  store_t *store;
  atomic_bool stop;
} constant_reader_t;

/* Reads so that, with another thread like it, there is nearly always a reader. */
static void *read_always(void *argument)
{
  constant_reader_t *reader = argument;
  while (!atomic_load(&reader->stop)) {
    store_read_t read = store_read_begin(reader->store);
    int64_t before = database_ask(read.database, "SELECT count(*) FROM item");
    (void)usleep(500);
    assert_int_equal(database_ask(read.database, "SELECT count(*) FROM item"), before);
    store_read_end(&read);
  }
  return NULL;
}

static void test_db06_log_is_checkpointed_while_readers_read(void **state)
{
  scene_t *scene = *state;
  if (store_is_shared(scene->store))
    skip(); /* the server keeps its log */
  pthread_t threads[4];
  constant_reader_t reader = {.store = scene->store};
  store_stats_t stats = {.log_pages = 0};
  assert_int_equal(items_add(scene->store, 1), ERR_NONE);
  for (size_t i = 0; i < LENGTH(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, read_always, &reader), 0);
  for (int i = 0; i < 40; i++) {
    store_job_t bulk = {.apply = bulk_apply};
    assert_int_equal(store_run(scene->store, &bulk), ERR_NONE);
  }
  atomic_store(&reader.stop, true);
  for (size_t i = 0; i < LENGTH(threads); i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  store_stats(scene->store, &stats);
  assert_true(stats.checkpoints >= 4);
  assert_true(stats.log_pages < 9000); /* of 12000: it started over, although readers were always there */
  items_assert_whole(scene->store);
}

static void test_db06_versions_with_the_wal_reset_race(void **state)
{
  static const char *const affected[] = {"3.7.0", "3.40.1", "3.44.5", "3.45.0", "3.50.6", "3.51.0", "3.51.2"};
  static const char *const mended[] = {"3.6.23", "3.44.6", "3.44.7", "3.50.7", "3.51.3", "3.52.0"};
  for (size_t i = 0; i < LENGTH(affected); i++)
    assert_non_null(store_engine_warning(affected[i]));
  for (size_t i = 0; i < LENGTH(mended); i++)
    assert_null(store_engine_warning(mended[i]));
  assert_true(strncmp(store_engine_version(), "3.", 2) == 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      CONTRACT(test_job_is_seen_by_later_reads),
      CONTRACT(test_rows_survive_reopening),
      CONTRACT(test_queued_jobs_share_a_commit),
      CONTRACT(test_answer_comes_after_the_sync),
      CONTRACT(test_failing_job_is_undone_alone),
      CONTRACT(test_db03_unique_key_is_a_conflict),
      CONTRACT(test_db03_foreign_key_is_a_conflict),
      CONTRACT(test_wrong_statement_fails_its_job_only),
      CONTRACT(test_db04_no_update_is_lost),
      CONTRACT(test_full_queue_answers_at_once),
      CONTRACT(test_read_sees_one_state),
      CONTRACT(test_unfinished_statement_does_not_keep_its_state),
      CONTRACT(test_reading_connection_cannot_write),
      CONTRACT(test_db15_exhausted_pool_refuses_and_recovers),
      CONTRACT(test_db19_sweep_in_small_batches),
      CONTRACT(test_rl17_many_threads),
      CONTRACT(test_db06_log_is_checkpointed_while_readers_read),
      cmocka_unit_test(test_db06_versions_with_the_wal_reset_race),
  };
  return suite_run(tests, LENGTH(tests));
}

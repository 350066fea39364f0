/* The store when the disk fails and when the process is killed. */
#include "../unit/store_fixture.h"
#include "io_faults.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/secret.h"

static int set_up(void **state)
{
  folder_t *folder = malloc(sizeof(*folder));
  assert_non_null(folder);
  *folder = folder_new();
  *state = folder;
  return 0;
}

static int tear_down(void **state)
{
  folder_remove(*state);
  free(*state);
  return 0;
}

static void test_rl04_full_disk_refuses_and_recovers(void **state)
{
  store_t *store = items_open(*state);
  assert_int_equal(items_add(store, 1), ERR_NONE);
  atomic_store(&fault_disk_full, true);
  for (int64_t id = 2; id < 6; id++)
    assert_int_equal(items_add(store, id), ERR_STORE_FAILED);
  assert_true(atomic_load(&fault_hits) > 0);
  assert_false(store_is_healthy(store));
  store_stats_t stats;
  store_stats(store, &stats);
  assert_non_null(strstr(stats.failure.text, "full"));
  assert_true(items_has(store, 1)); /* reads go on */
  assert_false(items_has(store, 2));
  atomic_store(&fault_disk_full, false);
  int64_t deadline_ms = clock_monotonic_ms() + SECONDS_MS(10);
  while (!store_is_healthy(store) && clock_monotonic_ms() < deadline_ms)
    (void)usleep(10000);
  assert_true(store_is_healthy(store)); /* by itself: nobody wrote */
  assert_int_equal(items_add(store, 2), ERR_NONE);
  items_assert_whole(store);
  store_close(store);
}

/* Two jobs and the closing with the countdown running: what was answered must be true, now and later. */
static void run_with_fault(const folder_t *folder, int64_t first, int countdown)
{
  error_code_t errors[2];
  store_t *store = items_open(folder);
  atomic_store(&fault_countdown, countdown);
  for (int i = 0; i < 2; i++)
    errors[i] = items_add(store, first + i);
  store_close(store);
  atomic_store(&fault_countdown, 0);
  store = items_open(folder);
  for (int i = 0; i < 2; i++) {
    assert_true(errors[i] == ERR_NONE || errors[i] == ERR_STORE_FAILED);
    assert_int_equal(items_has(store, first + i), errors[i] == ERR_NONE);
  }
  items_assert_whole(store);
  assert_int_equal(items_add(store, first + 2), ERR_NONE);
  store_close(store);
}

static void test_rl06_every_call_fails_once(void **state)
{
  int countdown = 0;
  int hits = -1;
  int64_t id = 1;
  atomic_store(&fault_hits, 0);
  while (atomic_load(&fault_hits) != hits) { /* until the countdown outlives the round */
    hits = atomic_load(&fault_hits);
    countdown++;
    run_with_fault(*state, id, countdown);
    id += 3;
  }
  assert_true(countdown > 10);
}

static void test_rl06_every_call_of_opening_fails_once(void **state)
{
  const folder_t *folder = *state;
  int countdown = 0;
  int hits = -1;
  atomic_store(&fault_hits, 0);
  while (atomic_load(&fault_hits) != hits) {
    store_t *store = NULL;
    error_detail_t detail = {""};
    hits = atomic_load(&fault_hits);
    folder_remove(folder);
    assert_int_equal(mkdir(folder->path, 0700), 0);
    atomic_store(&fault_countdown, ++countdown);
    error_code_t error = store_open(folder->file, item_schema, 1, &store, &detail);
    atomic_store(&fault_countdown, 0);
    if (error == ERR_NONE)
      store_close(store);
    else
      assert_true(detail.text[0] != '\0');
    store = items_open(folder); /* and what was left behind is usable */
    assert_int_equal(items_add(store, 1), ERR_NONE);
    store_close(store);
  }
  assert_true(countdown > 10);
}

/* The ids that a child answered, over a pipe. */
typedef struct child {
  pid_t id;
  int answers;
} child_t;

typedef struct load {
  store_t *store;
  atomic_llong next;
  int pipe;
} load_t;

static void *add_for_ever(void *argument)
{
  load_t *load = argument;
  for (;;) {
    int64_t id = atomic_fetch_add(&load->next, 1);
    if (items_add(load->store, id) == ERR_NONE && write(load->pipe, &id, sizeof(id)) != sizeof(id))
      return NULL;
  }
}

/* Forks a process that adds items from first on in four threads until it is killed. */
static child_t child_start(const folder_t *folder, int64_t first)
{
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t id = fork();
  assert_true(id >= 0);
  if (id == 0) {
    pthread_t threads[4];
    load_t load = {.store = items_open(folder), .next = first, .pipe = ends[1]};
    for (size_t i = 0; i < LENGTH(threads); i++)
      (void)pthread_create(&threads[i], NULL, add_for_ever, &load);
    for (size_t i = 0; i < LENGTH(threads); i++)
      (void)pthread_join(threads[i], NULL);
    _exit(1);
  }
  (void)close(ends[1]);
  return (child_t){id, ends[0]};
}

/* Every id that the child answered is there; returns how many. */
static int assert_answers_hold(child_t child, store_t *store)
{
  int64_t id = 0;
  int count = 0;
  while (read(child.answers, &id, sizeof(id)) == sizeof(id)) {
    if (!items_has(store, id))
      fail_msg("item %lld was answered and is lost", (long long)id);
    count++;
  }
  (void)close(child.answers);
  return count;
}

static void test_rl01_kill_loop(void **state)
{
  unsigned seed = 0;
  int answered = 0;
  random_fill(&seed, sizeof(seed));
  (void)print_message("seed %u\n", seed);
  for (int round = 0; round < 30; round++) {
    child_t child = child_start(*state, 1 + (int64_t)round * 1000000);
    (void)usleep(5000 + (useconds_t)(rand_r(&seed) % 50000));
    assert_int_equal(kill(child.id, SIGKILL), 0);
    assert_int_equal(waitpid(child.id, NULL, 0), child.id);
    int64_t start_ms = clock_monotonic_ms();
    store_t *store = items_open(*state);
    assert_in_range(clock_monotonic_ms() - start_ms, 0, 2000);
    answered += assert_answers_hold(child, store);
    items_assert_whole(store);
    store_close(store);
  }
  (void)print_message("%d answers held\n", answered);
  assert_true(answered > 100);
}

#ifdef SEKISHO_TEST_HOOKS
/* A child adds item 1, then item 2 with the failpoint set. It must die there. */
static void add_and_die(const folder_t *folder, const char *failpoints)
{
  int status = 0;
  pid_t id = fork();
  assert_true(id >= 0);
  if (id == 0) {
    store_t *store = items_open(folder);
    if (items_add(store, 1) != ERR_NONE || setenv("SEKISHO_FAILPOINTS", failpoints, 1) != 0)
      _exit(1);
    _exit(items_add(store, 2) == ERR_NONE ? 2 : 3);
  }
  assert_int_equal(waitpid(id, &status, 0), id);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void assert_after_death(const folder_t *folder, const char *failpoints, bool second)
{
  add_and_die(folder, failpoints);
  store_t *store = items_open(folder);
  assert_true(items_has(store, 1));
  assert_int_equal(items_has(store, 2), second);
  items_assert_whole(store);
  store_close(store);
}

static void test_rl01_kill_before_commit(void **state)
{
  assert_after_death(*state, "store.before_commit=kill", false);
}

static void test_rl01_kill_after_commit(void **state)
{
  assert_after_death(*state, "store.after_commit=kill", true);
}

static void test_failed_commit_changes_nothing(void **state)
{
  store_t *store = items_open(*state);
  (void)setenv("SEKISHO_FAILPOINTS", "store.before_commit=error", 1);
  assert_int_equal(items_add(store, 1), ERR_STORE_FAILED);
  assert_false(store_is_healthy(store));
  (void)unsetenv("SEKISHO_FAILPOINTS");
  assert_false(items_has(store, 1));
  assert_int_equal(items_add(store, 1), ERR_NONE);
  assert_true(store_is_healthy(store));
  store_close(store);
}
#endif

#define HERE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      HERE(test_rl04_full_disk_refuses_and_recovers),
      HERE(test_rl06_every_call_fails_once),
      HERE(test_rl06_every_call_of_opening_fails_once),
      HERE(test_rl01_kill_loop),
#ifdef SEKISHO_TEST_HOOKS
      HERE(test_rl01_kill_before_commit),
      HERE(test_rl01_kill_after_commit),
      HERE(test_failed_commit_changes_nothing),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

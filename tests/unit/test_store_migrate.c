/* Migrations (DB-09) and what a file must be (DB-07, RL-15). */
#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"

static const migration_t two_steps[] = {
    {1, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"},
    {2,
     "ALTER TABLE item ADD COLUMN value INTEGER NOT NULL DEFAULT 5; INSERT INTO item (name) VALUES ('two');"},
};
static const migration_t changed_steps[] = {
    {1, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT) STRICT;"},
};
static const migration_t failing_steps[] = {
    {1, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"},
    {2, "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);"},
};
static const migration_t inserted_steps[] = {
    {1, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"},
    {3, "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT;"},
};

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

static void assert_opens(const folder_t *folder, const migration_t *migrations, size_t count)
{
  store_t *store = NULL;
  error_detail_t detail = {""};
  if (store_open(folder->file, migrations, count, &store, &detail) != ERR_NONE)
    fail_msg("%s", detail.text);
  store_close(store);
}

/* Refused with this code and a detail that has this word in it. */
static void assert_refused(const folder_t *folder, const migration_t *migrations, size_t count,
                           error_code_t error, const char *word)
{
  store_t *store = NULL;
  error_detail_t detail = {""};
  assert_int_equal(store_open(folder->file, migrations, count, &store, &detail), error);
  assert_null(store);
  if (strstr(detail.text, word) == NULL)
    fail_msg("\"%s\" is not in: %s", word, detail.text);
}

static int64_t ask(const folder_t *folder, const migration_t *migrations, size_t count, const char *sql)
{
  store_t *store = NULL;
  assert_int_equal(store_open(folder->file, migrations, count, &store, NULL), ERR_NONE);
  int64_t value = store_ask(store, sql);
  store_close(store);
  return value;
}

static void test_db09_old_database_is_brought_up(void **state)
{
  assert_opens(*state, two_steps, 1);
  assert_int_equal(ask(*state, two_steps, 2, "SELECT value FROM item WHERE name = 'two'"), 5);
  assert_int_equal(ask(*state, two_steps, 2, "SELECT count(*) FROM item"), 1); /* and not a second time */
}

static void test_db09_newer_database_is_refused(void **state)
{
  assert_opens(*state, two_steps, 2);
  assert_refused(*state, two_steps, 1, ERR_STORE_VERSION, "version 2");
  assert_opens(*state, two_steps, 2);
}

static void test_db09_changed_step_is_refused(void **state)
{
  assert_opens(*state, two_steps, 1);
  assert_refused(*state, changed_steps, 1, ERR_STORE_VERSION, "another text");
}

static void test_db09_step_missing_from_the_list_is_refused(void **state)
{
  assert_opens(*state, two_steps, 2);
  assert_refused(*state, inserted_steps, 2, ERR_STORE_VERSION, "version 2");
}

static void test_db09_failing_step_leaves_nothing(void **state)
{
  assert_refused(*state, failing_steps, 2, ERR_STORE_FAILED, "migration 2");
  assert_int_equal(ask(*state, two_steps, 1, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), 0);
}

static void test_db09_database_of_another_program_is_refused(void **state)
{
  const folder_t *folder = *state;
  int file = open(folder->file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  assert_true(file >= 0);
  assert_int_equal(write(file, "this is not a database, but it is long enough to be one .......", 64), 64);
  assert_int_equal(ftruncate(file, 8192), 0);
  (void)close(file);
  assert_refused(folder, two_steps, 2, ERR_STORE_FILE, "not a database");
}

#ifdef SEKISHO_TEST_HOOKS
/* A child process that opens with failpoints set; its exit status as waitpid gives it. */
static int open_in_child(const folder_t *folder, const char *failpoints)
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    store_t *store = NULL;
    (void)setenv("SEKISHO_FAILPOINTS", failpoints, 1);
    _exit(store_open(folder->file, two_steps, 2, &store, NULL) == ERR_NONE ? 0 : 1);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

static void test_db09_kill_in_the_middle_of_a_step(void **state)
{
  assert_opens(*state, two_steps, 1);
  int status = open_in_child(*state, "store.migrate=kill");
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  assert_int_equal(ask(*state, two_steps, 1, "SELECT count(*) FROM pragma_table_info('item')"), 2);
  assert_int_equal(ask(*state, two_steps, 2, "SELECT count(*) FROM pragma_table_info('item')"), 3);
}

static void test_db09_two_processes_migrating(void **state)
{
  const folder_t *folder = *state;
  assert_opens(folder, two_steps, 1);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    store_t *store = NULL;
    error_code_t error = ERR_STORE_BUSY;
    (void)setenv("SEKISHO_FAILPOINTS", "store.migrate=delay:500", 1);
    while (error == ERR_STORE_BUSY)
      error = store_open(folder->file, two_steps, 2, &store, NULL);
    _exit(error == ERR_NONE ? 0 : 1);
  }
  store_t *store = NULL;
  error_code_t error = ERR_NONE;
  for (int i = 0; i < 100 && error == ERR_NONE; i++) { /* until the child is at it */
    error = store_open(folder->file, two_steps, 1, &store, NULL);
    if (error == ERR_NONE)
      store_close(store);
    (void)usleep(5000);
  }
  assert_int_equal(error, ERR_STORE_BUSY);
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_opens(folder, two_steps, 2);
}
#endif

static void test_rl15_second_opening_is_refused(void **state)
{
  const folder_t *folder = *state;
  store_t *first = items_open(folder);
  assert_refused(folder, item_schema, 1, ERR_STORE_BUSY, "another process");
  assert_int_equal(items_add(first, 1), ERR_NONE);
  store_close(first);
  assert_opens(folder, item_schema, 1);
}

static void test_rl15_second_process_is_refused(void **state)
{
  const folder_t *folder = *state;
  store_t *first = items_open(folder);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    store_t *store = NULL;
    /* The descriptor came over with the fork, as it would not over an exec: open the file anew. */
    _exit(store_open(folder->file, item_schema, 1, &store, NULL) == ERR_STORE_BUSY ? 0 : 1);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  store_close(first);
}

static void test_db07_file_is_closed_to_others(void **state)
{
  static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
  const folder_t *folder = *state;
  store_t *store = items_open(folder);
  assert_int_equal(items_add(store, 1), ERR_NONE);
  for (size_t i = 0; i < LENGTH(suffixes); i++) {
    char name[240];
    struct stat status;
    (void)snprintf(name, sizeof(name), "%s%s", folder->file, suffixes[i]);
    assert_int_equal(stat(name, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
  }
  store_close(store);
}

static void test_db07_open_file_is_refused(void **state)
{
  const folder_t *folder = *state;
  assert_opens(folder, item_schema, 1);
  assert_int_equal(chmod(folder->file, 0640), 0);
  assert_refused(folder, item_schema, 1, ERR_STORE_FILE, "chmod 600");
}

static void test_db07_symlink_is_refused(void **state)
{
  const folder_t *folder = *state;
  char other[240];
  (void)snprintf(other, sizeof(other), "%s.other", folder->file);
  assert_int_equal(symlink(other, folder->file), 0);
  assert_refused(folder, item_schema, 1, ERR_STORE_FILE, "symbolic link");
  assert_int_equal(access(other, F_OK), -1);
}

static void test_db07_symlinked_log_is_refused(void **state)
{
  const folder_t *folder = *state;
  char name[240];
  char other[240];
  (void)snprintf(name, sizeof(name), "%s-wal", folder->file);
  (void)snprintf(other, sizeof(other), "%s.other", folder->file);
  assert_int_equal(symlink(other, name), 0);
  assert_refused(folder, item_schema, 1, ERR_STORE_FILE, "symbolic link");
}

static void test_db07_hard_link_is_refused(void **state)
{
  const folder_t *folder = *state;
  char other[240];
  (void)snprintf(other, sizeof(other), "%s.other", folder->file);
  assert_opens(folder, item_schema, 1);
  assert_int_equal(link(folder->file, other), 0);
  assert_refused(folder, item_schema, 1, ERR_STORE_FILE, "second name");
}

static void test_db07_fifo_is_refused_at_once(void **state)
{
  const folder_t *folder = *state;
  assert_int_equal(mkfifo(folder->file, 0600), 0);
  int64_t start_ms = clock_monotonic_ms();
  assert_refused(folder, item_schema, 1, ERR_STORE_FILE, "not a plain file");
  assert_in_range(clock_monotonic_ms() - start_ms, 0, 5000);
}

static void test_db07_wrong_owner_is_refused(void **state)
{
  const folder_t *folder = *state;
  assert_opens(folder, item_schema, 1);
  if (chown(folder->file, 65534, 65534) != 0) {
    (void)print_message("only root can give files away\n");
    skip();
  }
  assert_refused(folder, item_schema, 1, ERR_STORE_FILE, "another user");
}

static void test_db07_missing_folder_is_refused(void **state)
{
  folder_t folder = *(const folder_t *)*state;
  (void)snprintf(folder.file, sizeof(folder.file), "%s/no/test.db", folder.path);
  assert_refused(&folder, item_schema, 1, ERR_STORE_FILE, "No such file");
}

static void test_db07_lost_log_opens(void **state)
{
  const folder_t *folder = *state;
  char name[240];
  (void)snprintf(name, sizeof(name), "%s-wal", folder->file);
  assert_opens(folder, item_schema, 1);
  (void)unlink(name);
  store_t *store = items_open(folder);
  items_assert_whole(store);
  store_close(store);
}

#define HERE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      HERE(test_db09_old_database_is_brought_up),
      HERE(test_db09_newer_database_is_refused),
      HERE(test_db09_changed_step_is_refused),
      HERE(test_db09_step_missing_from_the_list_is_refused),
      HERE(test_db09_failing_step_leaves_nothing),
      HERE(test_db09_database_of_another_program_is_refused),
#ifdef SEKISHO_TEST_HOOKS
      HERE(test_db09_kill_in_the_middle_of_a_step),
      HERE(test_db09_two_processes_migrating),
#endif
      HERE(test_rl15_second_opening_is_refused),
      HERE(test_rl15_second_process_is_refused),
      HERE(test_db07_file_is_closed_to_others),
      HERE(test_db07_open_file_is_refused),
      HERE(test_db07_symlink_is_refused),
      HERE(test_db07_symlinked_log_is_refused),
      HERE(test_db07_hard_link_is_refused),
      HERE(test_db07_fifo_is_refused_at_once),
      HERE(test_db07_wrong_owner_is_refused),
      HERE(test_db07_missing_folder_is_refused),
      HERE(test_db07_lost_log_opens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

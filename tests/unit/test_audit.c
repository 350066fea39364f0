/* The audit chain: whole as long as nobody touched it. */
#include "store_fixture.h"

#include <fcntl.h>
#include <sqlite3.h>

#include "audit/audit.h"

/* The table as the programs make it: the last of the rp's migrations that is shared. */
static const migration_t *audit_schema(void)
{
  for (size_t i = 0; i < rp_migrations_count; i++)
    if (strstr(rp_migrations[i].sql, "CREATE TABLE audit") != NULL)
      return &rp_migrations[i];
  fail_msg("no migration makes the audit table");
  return NULL;
}

typedef struct append_job {
  store_job_t job;
  audit_event_t event;
  error_code_t then;
} append_job_t;

static error_code_t append_apply(database_t *database, store_job_t *job)
{
  append_job_t *append = (append_job_t *)job;
  error_code_t error = audit_append(database, &append->event);
  return error != ERR_NONE ? error : append->then;
}

static error_code_t append_event(store_t *store, const char *event, bytes_t subject, error_code_t then)
{
  append_job_t append = {.job = {.apply = append_apply},
                         .event = {.time_ms = INT64_C(4102444800000),
                                   .event = event,
                                   .actor = BYTES_LITERAL("user:1"),
                                   .subject = subject,
                                   .request = BYTES_LITERAL("r-1"),
                                   .detail = BYTES_LITERAL("{\"acr\":\"phr\"}")},
                         .then = then};
  return store_run(store, &append.job);
}

typedef struct scene {
  folder_t folder;
  store_t *store;
} scene_t;

static void scene_open(scene_t *scene)
{
  assert_int_equal(store_open(scene->folder.file, audit_schema(), 1, &scene->store, NULL), ERR_NONE);
}

/* Five events. */
static int set_up(void **state)
{
  scene_t *scene = calloc(1, sizeof(*scene));
  assert_non_null(scene);
  scene->folder = folder_new();
  scene_open(scene);
  for (int i = 0; i < 5; i++)
    assert_int_equal(append_event(scene->store, i % 2 == 0 ? "session.opened" : "session.ended",
                                  i % 2 == 0 ? BYTES_LITERAL("session:1") : BYTES_LITERAL("session:2"),
                                  ERR_NONE),
                     ERR_NONE);
  *state = scene;
  return 0;
}

static int tear_down(void **state)
{
  scene_t *scene = *state;
  store_close(scene->store);
  folder_remove(&scene->folder);
  free(scene);
  return 0;
}

static audit_report_t verify(scene_t *scene, const audit_head_t *kept)
{
  audit_report_t report = {.broken_seq = -1};
  store_read_t read = store_read_begin(scene->store);
  assert_int_equal(audit_verify(read.database, kept, &report), ERR_NONE);
  store_read_end(&read);
  return report;
}

/* What somebody with the file but without the program could do. */
static void tamper(scene_t *scene, const char *sql)
{
  sqlite3 *handle = NULL;
  store_close(scene->store);
  assert_int_equal(sqlite3_open(scene->folder.file, &handle), SQLITE_OK);
  assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(handle), SQLITE_OK);
  scene_open(scene);
}

static void test_untouched_chain_is_whole(void **state)
{
  audit_report_t report = verify(*state, NULL);
  assert_int_equal(report.head.seq, 5);
  assert_int_equal(report.broken_seq, 0);
}

static void test_chain_goes_on_after_reopening(void **state)
{
  scene_t *scene = *state;
  store_close(scene->store);
  scene_open(scene);
  assert_int_equal(append_event(scene->store, "key.rotated", BYTES_NONE, ERR_NONE), ERR_NONE);
  audit_report_t report = verify(scene, NULL);
  assert_int_equal(report.head.seq, 6);
  assert_int_equal(report.broken_seq, 0);
}

static void test_undone_job_leaves_no_row_and_no_gap(void **state)
{
  scene_t *scene = *state;
  assert_int_equal(append_event(scene->store, "user.created", BYTES_NONE, ERR_CONFLICT), ERR_CONFLICT);
  assert_int_equal(append_event(scene->store, "user.created", BYTES_NONE, ERR_NONE), ERR_NONE);
  audit_report_t report = verify(scene, NULL);
  assert_int_equal(report.head.seq, 6);
  assert_int_equal(report.broken_seq, 0);
}

static void assert_found(void **state, const char *sql, int64_t seq)
{
  tamper(*state, sql);
  assert_int_equal(verify(*state, NULL).broken_seq, seq);
}

/* More than are read at once; and rows before the first. */
static error_code_t many_apply(database_t *database, store_job_t *job)
{
  error_code_t error = ERR_NONE;
  for (int i = 0; i < 2495 && error == ERR_NONE; i++)
    error = audit_append(database, &((append_job_t *)job)->event);
  return error;
}

static void test_long_chain_is_verified_to_its_end(void **state)
{
  scene_t *scene = *state;
  append_job_t append = {.job = {.apply = many_apply}, .event = {.event = "session.opened"}};
  assert_int_equal(store_run(scene->store, &append.job), ERR_NONE);
  audit_report_t report = verify(scene, NULL);
  assert_int_equal(report.head.seq, 2500);
  assert_int_equal(report.broken_seq, 0);
  assert_found(state, "UPDATE audit SET detail = 'x' WHERE seq = 2001", 2001);
  assert_found(state, "DELETE FROM audit WHERE seq = 1001", 1001);
}

static void test_row_before_the_first_is_found(void **state)
{
  assert_found(state,
               "INSERT INTO audit SELECT 0, time_ms, event, actor, subject, request, detail, previous, hash "
               "FROM audit WHERE seq = 1",
               1);
}

static void test_changed_member_is_found(void **state)
{
  assert_found(state, "UPDATE audit SET actor = 'user:2' WHERE seq = 3", 3);
}

static void test_moved_boundary_is_found(void **state)
{
  assert_found(state, "UPDATE audit SET actor = 'user:1s', subject = substr(subject, 2) WHERE seq = 2", 2);
}

static void test_changed_time_is_found(void **state)
{
  assert_found(state, "UPDATE audit SET time_ms = time_ms + 1 WHERE seq = 1", 1);
}

static void test_changed_hash_is_found(void **state)
{
  assert_found(state, "UPDATE audit SET hash = zeroblob(32) WHERE seq = 5", 5);
}

static void test_removed_row_is_found(void **state)
{
  assert_found(state, "DELETE FROM audit WHERE seq = 2", 2);
}

static void test_removed_and_renumbered_is_found(void **state)
{
  assert_found(state, "DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2", 2);
}

static void test_cut_tail_is_found_against_a_kept_head(void **state)
{
  audit_head_t kept = verify(*state, NULL).head;
  assert_int_equal(verify(*state, &kept).broken_seq, 0);
  tamper(*state, "DELETE FROM audit WHERE seq = 5");
  assert_int_equal(verify(*state, NULL).broken_seq, 0); /* the chain alone cannot know */
  assert_int_equal(verify(*state, &kept).broken_seq, 5);
}

static void test_other_chain_is_found_against_a_kept_head(void **state)
{
  scene_t *scene = *state;
  audit_head_t kept = verify(scene, NULL).head;
  tamper(scene, "DELETE FROM audit WHERE seq > 3");
  for (int i = 0; i < 4; i++)
    assert_int_equal(append_event(scene->store, "forged", BYTES_NONE, ERR_NONE), ERR_NONE);
  assert_int_equal(verify(scene, NULL).broken_seq, 0);
  assert_int_equal(verify(scene, &kept).broken_seq, 5);
}

static void test_text_that_is_not_utf8_is_refused(void **state)
{
  scene_t *scene = *state;
  assert_int_equal(append_event(scene->store, "session.opened", BYTES_LITERAL("\xff"), ERR_NONE),
                   ERR_MALFORMED);
  assert_int_equal(verify(scene, NULL).head.seq, 5);
}

static size_t list(scene_t *scene, bytes_t subject, int64_t before, size_t limit, arena_t *arena,
                   audit_row_t **ret_rows)
{
  size_t count = 0;
  store_read_t read = store_read_begin(scene->store);
  assert_int_equal(audit_list(read.database, subject, before, limit, arena, ret_rows, &count), ERR_NONE);
  store_read_end(&read);
  return count;
}

static void test_list_pages_from_the_newest(void **state)
{
  arena_t *arena = arena_new(1024, 1 << 20);
  audit_row_t *rows = NULL;
  assert_int_equal(list(*state, BYTES_NONE, 0, 3, arena, &rows), 3);
  assert_int_equal(rows[0].seq, 5);
  assert_int_equal(rows[2].seq, 3);
  assert_true(bytes_equal_string(rows[0].event, "session.opened"));
  assert_true(bytes_equal_string(rows[0].detail, "{\"acr\":\"phr\"}"));
  assert_int_equal(list(*state, BYTES_NONE, rows[2].seq, 3, arena, &rows), 2);
  assert_int_equal(rows[1].seq, 1);
  arena_free(arena);
}

static void test_list_of_one_subject(void **state)
{
  arena_t *arena = arena_new(1024, 1 << 20);
  audit_row_t *rows = NULL;
  assert_int_equal(list(*state, BYTES_LITERAL("session:2"), 0, 10, arena, &rows), 2);
  assert_int_equal(rows[0].seq, 4);
  assert_int_equal(rows[1].seq, 2);
  arena_free(arena);
}

#define HERE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      HERE(test_untouched_chain_is_whole),
      HERE(test_chain_goes_on_after_reopening),
      HERE(test_undone_job_leaves_no_row_and_no_gap),
      HERE(test_long_chain_is_verified_to_its_end),
      HERE(test_row_before_the_first_is_found),
      HERE(test_changed_member_is_found),
      HERE(test_moved_boundary_is_found),
      HERE(test_changed_time_is_found),
      HERE(test_changed_hash_is_found),
      HERE(test_removed_row_is_found),
      HERE(test_removed_and_renumbered_is_found),
      HERE(test_cut_tail_is_found_against_a_kept_head),
      HERE(test_other_chain_is_found_against_a_kept_head),
      HERE(test_text_that_is_not_utf8_is_refused),
      HERE(test_list_pages_from_the_newest),
      HERE(test_list_of_one_subject),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

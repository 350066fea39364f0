#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"

static char folder[64];

static int folder_setup(void **state)
{
  snprintf(folder, sizeof folder, "/tmp/sekisho-test-XXXXXX");
  return mkdtemp(folder) != NULL ? unit_arena_setup(state) : -1;
}

static int folder_teardown(void **state)
{
  unlink(arena_format(*state, "%s/key", folder));
  rmdir(folder);
  return unit_arena_teardown(state);
}

static void write_file(const char *path, const void *data, size_t len, mode_t mode)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, data, len), len);
  assert_int_equal(fchmod(fd, mode), 0);
  close(fd);
}

static void a_created_key_is_loaded_and_never_overwritten(void **state)
{
  const char *path = arena_format(*state, "%s/key", folder);
  secret_key_t first, second;
  struct stat info;
  assert_ok(secret_key_create(path, NULL));
  assert_ok(secret_key_load(path, &first, NULL));
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  error_detail_t detail;
  assert_int_equal(secret_key_create(path, &detail), ERR_KEY_FILE);
  assert_non_null(strstr(detail.text, path));
  assert_ok(secret_key_load(path, &second, NULL));
  assert_memory_equal(first.bytes, second.bytes, sizeof first.bytes);
}

static void key_files_of_another_length_are_refused(void **state)
{
  const char *path = arena_format(*state, "%s/key", folder);
  static const uint8_t BYTES[33] = {1};
  static const size_t LENGTHS[] = {0, 31, 33};
  secret_key_t key = {{7}};
  for (size_t i = 0; i < ARRAY_LENGTH(LENGTHS); i++) {
    write_file(path, BYTES, LENGTHS[i], 0600);
    assert_int_equal(secret_key_load(path, &key, NULL), ERR_KEY_FILE);
  }
  assert_int_equal(key.bytes[0], 7);
  write_file(path, BYTES, 32, 0600);
  assert_ok(secret_key_load(path, &key, NULL));
  assert_int_equal(key.bytes[0], 1);
}

static void key_files_open_to_others_are_refused(void **state)
{
  const char *path = arena_format(*state, "%s/key", folder);
  static const uint8_t BYTES[32] = {1};
  static const mode_t MODES[] = {0640, 0604, 0620, 0602, 0610, 0777};
  secret_key_t key;
  error_detail_t detail;
  for (size_t i = 0; i < ARRAY_LENGTH(MODES); i++) {
    write_file(path, BYTES, sizeof BYTES, MODES[i]);
    assert_int_equal(secret_key_load(path, &key, &detail), ERR_KEY_FILE);
    assert_non_null(strstr(detail.text, "0600"));
  }
}

static void what_is_no_file_is_refused(void **state)
{
  const char *path = arena_format(*state, "%s/key", folder);
  secret_key_t key;
  assert_int_equal(secret_key_load(path, &key, NULL), ERR_KEY_FILE);
  assert_int_equal(secret_key_load(folder, &key, NULL), ERR_KEY_FILE);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_int_equal(secret_key_load(path, &key, NULL), ERR_KEY_FILE);
  assert_int_equal(secret_key_create("/nonexistent/folder/key", NULL), ERR_KEY_FILE);
}

static void secrets_compare_whole(void **state)
{
  assert_true(secret_equal(BYTES_LITERAL("abc"), BYTES_LITERAL("abc")));
  assert_false(secret_equal(BYTES_LITERAL("abc"), BYTES_LITERAL("abd")));
  assert_false(secret_equal(BYTES_LITERAL("abc"), BYTES_LITERAL("ab")));
  assert_false(secret_equal(BYTES_LITERAL("ab"), BYTES_LITERAL("abc")));
  assert_true(secret_equal(BYTES_NONE, BYTES_NONE));
}

/* CPU time in nanoseconds, the least of a few runs. */
static int64_t compare_many(bytes_t a, bytes_t b)
{
  int64_t least = INT64_MAX;
  for (int run = 0; run < 5; run++) {
    struct timespec start, end;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    for (int i = 0; i < 50; i++)
      assert_false(secret_equal(a, b));
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    int64_t taken = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
    least = taken < least ? taken : least;
  }
  return least;
}

/* Over 64 KiB an early exit would be a hundred times faster, so that no noise can hide it. */
static void PM_23_comparing_does_not_stop_at_the_first_difference(void **state)
{
  enum { LEN = 65536 };
  uint8_t *a = arena_alloc(*state, LEN);
  uint8_t *first = arena_alloc(*state, LEN);
  uint8_t *last = arena_alloc(*state, LEN);
  first[0] = 1;
  last[LEN - 1] = 1;
  int64_t early = compare_many(bytes_of(a, LEN), bytes_of(first, LEN));
  int64_t late = compare_many(bytes_of(a, LEN), bytes_of(last, LEN));
  assert_true(late < 5 * early);
}

static void wiping_and_random(void **state)
{
  uint8_t a[32], b[32];
  static const uint8_t ZERO[32];
  random_fill(a, sizeof a);
  random_fill(b, sizeof b);
  assert_memory_not_equal(a, b, sizeof a);
  secret_wipe(a, sizeof a);
  assert_memory_equal(a, ZERO, sizeof a);
  secret_wipe(NULL, 0);
  random_fill(NULL, 0);
}

int main(void)
{
#define FOLDER_TEST(function) cmocka_unit_test_setup_teardown(function, folder_setup, folder_teardown)
  const struct CMUnitTest tests[] = {
      FOLDER_TEST(a_created_key_is_loaded_and_never_overwritten),
      FOLDER_TEST(key_files_of_another_length_are_refused),
      FOLDER_TEST(key_files_open_to_others_are_refused),
      FOLDER_TEST(what_is_no_file_is_refused),
      cmocka_unit_test(secrets_compare_whole),
      UNIT_TEST(PM_23_comparing_does_not_stop_at_the_first_difference),
      cmocka_unit_test(wiping_and_random),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

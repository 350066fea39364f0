#include "unit.h"

#include <unistd.h>

#include "base/clock.h"

static void the_monotonic_clock_does_not_go_back(void **state)
{
  int64_t last_ms = clock_monotonic_ms();
  for (int i = 0; i < 1000; i++) {
    int64_t now_ms = clock_monotonic_ms();
    assert_true(now_ms >= last_ms);
    last_ms = now_ms;
  }
}

#ifdef SEKISHO_TEST_HOOKS
static void set_offset(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void the_offset_file_is_read_at_every_reading(void **state)
{
  char path[] = "/tmp/sekisho-clock-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  int64_t real_ms = clock_now_ms();
  setenv("SEKISHO_CLOCK_OFFSET_FILE", path, 1);
  assert_in_range(clock_now_ms() - real_ms, 0, 5000);
  set_offset(path, "+3600\n");
  assert_in_range(clock_now_ms() - real_ms, 3600000, 3605000);
  set_offset(path, "-86400");
  assert_in_range(real_ms - clock_now_ms(), 86400000 - 5000, 86400000);
  set_offset(path, "nonsense");
  assert_in_range(clock_now_ms() - real_ms, 0, 5000);
  unlink(path);
  assert_in_range(clock_now_ms() - real_ms, 0, 5000);
  unsetenv("SEKISHO_CLOCK_OFFSET_FILE");
}
#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_monotonic_clock_does_not_go_back),
#ifdef SEKISHO_TEST_HOOKS
      cmocka_unit_test(the_offset_file_is_read_at_every_reading),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

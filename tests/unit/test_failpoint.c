#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"

#ifdef SEKISHO_TEST_HOOKS
static void only_the_named_point_fails(void **state)
{
  assert_false(failpoint_hit("commit"));
  setenv("SEKISHO_FAILPOINTS", "precommit=error,commit=error,commit2=delay:1", 1);
  assert_true(failpoint_hit("commit"));
  assert_true(failpoint_hit("precommit"));
  assert_false(failpoint_hit("commit2"));
  assert_false(failpoint_hit("comm"));
  assert_false(failpoint_hit("error"));
  setenv("SEKISHO_FAILPOINTS", "commit.error,commit=errors,x", 1);
  assert_false(failpoint_hit("commit"));
  assert_false(failpoint_hit("x"));
}

static void delay_sleeps_and_goes_on(void **state)
{
  setenv("SEKISHO_FAILPOINTS", "commit=delay:30", 1);
  int64_t start_ms = clock_monotonic_ms();
  assert_false(failpoint_hit("commit"));
  assert_true(clock_monotonic_ms() - start_ms >= 29);
}

static void kill_ends_the_process_at_once(void **state)
{
  setenv("SEKISHO_FAILPOINTS", "commit=kill", 1);
  pid_t child = fork();
  if (child == 0) {
    failpoint_hit("commit");
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGKILL);
}
#else
static void there_are_none(void **state)
{
  assert_false(failpoint_hit("commit"));
}
#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
#ifdef SEKISHO_TEST_HOOKS
      cmocka_unit_test(only_the_named_point_fails),
      cmocka_unit_test(delay_sleeps_and_goes_on),
      cmocka_unit_test(kill_ends_the_process_at_once),
#else
      cmocka_unit_test(there_are_none),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/sandbox.h"

/* The sandbox stays for the life of a process, so each test has one of its own: what it returns is its exit
 * code. In /var/tmp: test builds leave /tmp open. */
static char outside[64], inside[64];

static bool kernel_has_landlock(void)
{
  return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static void make_file(const char *folder, const char *name)
{
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, O_WRONLY | O_CREAT, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, "text", 4), 4);
  close(fd);
}

static int setup(void **state)
{
  snprintf(outside, sizeof outside, "/var/tmp/sekisho-out-XXXXXX");
  snprintf(inside, sizeof inside, "/var/tmp/sekisho-in-XXXXXX");
  if (mkdtemp(outside) == NULL || mkdtemp(inside) == NULL)
    return -1;
  make_file(outside, "file");
  make_file(inside, "file");
  return 0;
}

static int teardown(void **state)
{
  const char *const folders[] = {outside, inside};
  static const char *const names[] = {"file", "made", "moved"};
  char path[128];
  for (size_t i = 0; i < 2; i++) {
    for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
      snprintf(path, sizeof path, "%s/%s", folders[i], names[j]);
      unlink(path);
    }
    rmdir(folders[i]);
  }
  return 0;
}

static int in_a_sandbox(int (*body)(void))
{
  pid_t pid = fork();
  if (pid == 0) {
    const char *const folders[] = {inside};
    _exit(sandbox_enter(folders, 1, NULL) == ERR_NONE ? body() : 99);
  }
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

/* 0, or errno. */
static int try_open(const char *folder, const char *name, int flags)
{
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, flags, 0600);
  return fd < 0 ? errno : close(fd);
}

static int outside_is_closed(void)
{
  char path[128];
  snprintf(path, sizeof path, "%s/file", outside);
  if (try_open(outside, "file", O_RDONLY) != EACCES)
    return 1;
  if (try_open(outside, "file", O_WRONLY) != EACCES)
    return 2;
  if (try_open(outside, "made", O_WRONLY | O_CREAT) != EACCES)
    return 3;
  if (unlink(path) == 0)
    return 4;
  if (truncate(path, 0) == 0)
    return 5;
  return try_open("/etc", "made", O_WRONLY | O_CREAT) == EACCES ? 0 : 6;
}

static void files_outside_are_closed(void **state)
{
  if (!kernel_has_landlock())
    skip();
  assert_int_equal(in_a_sandbox(outside_is_closed), 0);
}

static int inside_is_open(void)
{
  char from[128], to[128];
  snprintf(from, sizeof from, "%s/made", inside);
  snprintf(to, sizeof to, "%s/moved", inside);
  if (try_open(inside, "file", O_RDWR | O_TRUNC) != 0)
    return 1;
  if (try_open(inside, "made", O_WRONLY | O_CREAT) != 0)
    return 2;
  if (rename(from, to) != 0 || unlink(to) != 0)
    return 3;
  return try_open("/etc", "hosts", O_RDONLY) == 0 ? 0 : 4;
}

static void what_a_server_needs_stays_open(void **state)
{
  assert_int_equal(in_a_sandbox(inside_is_open), 0);
}

static int refused_calls_are_refused(void)
{
  char *arguments[] = {(char *)"/bin/false" /* whose exit code is not 0 */, NULL};
  execv(arguments[0], arguments);
  if (errno != EPERM)
    return 1;
  if (syscall(SYS_unshare, 0) == 0 || errno != EPERM)
    return 2;
  if (syscall(SYS_keyctl, 0, 0, 0, 0, 0) == 0 || errno != EPERM)
    return 3;
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 4;
}

static void calls_that_no_server_needs_are_refused(void **state)
{
  assert_int_equal(in_a_sandbox(refused_calls_are_refused), 0);
}

static void *try_outside(void *context)
{
  (void)context;
  return try_open(outside, "file", O_RDONLY) == EACCES ? NULL : (void *)outside;
}

static int threads_are_inside_too(void)
{
  pthread_t thread;
  void *result = (void *)outside;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || close(fd) != 0 || pthread_create(&thread, NULL, try_outside, NULL) != 0)
    return 1;
  return pthread_join(thread, &result) == 0 && result == NULL ? 0 : 2;
}

static void threads_made_later_are_inside_too(void **state)
{
  if (!kernel_has_landlock())
    skip();
  assert_int_equal(in_a_sandbox(threads_are_inside_too), 0);
}

int main(void)
{
#define SANDBOX_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      SANDBOX_TEST(files_outside_are_closed),
      SANDBOX_TEST(what_a_server_needs_stays_open),
      SANDBOX_TEST(calls_that_no_server_needs_are_refused),
      SANDBOX_TEST(threads_made_later_are_inside_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

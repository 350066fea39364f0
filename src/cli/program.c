#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "ops/process.h"

#define END_MS 1000

void program_replace(const char *name, char **argv)
{
  char path[PATH_MAX];
  if (!process_beside(name, path, sizeof path))
    return;
  argv[0] = path;
  execv(path, argv);
}

static void become(const char *name, char *const argv[], int ready_fd, pid_t parent)
{
  char *arguments[16] = {NULL};
  for (size_t i = 0; i + 2 < sizeof(arguments) / sizeof(arguments[0]) && argv[i] != NULL; i++)
    arguments[i + 1] = argv[i];
  char number[16];
  snprintf(number, sizeof(number), "%d", ready_fd);
  setenv("SEKISHO_READY_FD", number, 1);
  process_end_with_parent(parent);
  program_replace(name, arguments);
  fprintf(stderr, "sekisho: %s cannot be started: %s\n", name, strerror(errno));
  _exit(127);
}

error_code_t program_start(const char *name, char *const argv[], program_t *ret_program)
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return ERR_UNAVAILABLE;
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    return ERR_UNAVAILABLE;
  }
  if (pid == 0) {
    fcntl(ends[1], F_SETFD, 0);
    become(name, argv, ends[1], parent);
  }
  close(ends[1]);
  *ret_program = (program_t){pid, ends[0]};
  return ERR_NONE;
}

bool program_wait_ready(program_t *program, int timeout_ms)
{
  char line[8];
  struct pollfd waiting = {.fd = program->ready_fd, .events = POLLIN};
  int result;
  do {
    result = poll(&waiting, 1, timeout_ms);
  } while (result < 0 && errno == EINTR);
  bool ready = result == 1 && read(program->ready_fd, line, sizeof(line)) > 0;
  close(program->ready_fd);
  program->ready_fd = -1;
  return ready;
}

int program_exit_code(int wait_status)
{
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

void program_give_up(program_t *program, const char *name, int grace_ms)
{
  int status = 0;
  bool by_itself = waitpid(program->pid, &status, WNOHANG) == program->pid;
  for (int waited_ms = 0; !by_itself && waited_ms < END_MS; waited_ms += 10) {
    poll(NULL, 0, 10); /* its end of the pipe is closed a moment before it can be waited for */
    by_itself = waitpid(program->pid, &status, WNOHANG) == program->pid;
  }
  if (by_itself) {
    program->pid = 0;
    if (WIFSIGNALED(status))
      fprintf(stderr, "sekisho: %s was ended by signal %d while it started\n", name, WTERMSIG(status));
    return;
  }
  (void)program_stop(program, grace_ms);
  fprintf(stderr, "sekisho: %s did not become ready in time; look at its log\n", name);
}

int program_stop(program_t *program, int grace_ms)
{
  if (program->ready_fd >= 0)
    close(program->ready_fd);
  program->ready_fd = -1;
  if (program->pid <= 0)
    return 0;
  kill(program->pid, SIGTERM);
  int status = 0;
  int64_t until_ms = clock_monotonic_ms() + grace_ms;
  while (waitpid(program->pid, &status, WNOHANG) == 0) {
    if (clock_monotonic_ms() >= until_ms)
      kill(program->pid, SIGKILL);
    poll(NULL, 0, 10);
  }
  program->pid = 0;
  return program_exit_code(status);
}

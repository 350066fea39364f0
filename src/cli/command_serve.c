/* The supervisor: starts rp and authority as programs of their own, starts again the one that dies, ends with
 * both. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/program.h"
#include "cli/turn.h"
#include "ops/process.h"

#define TURN_TIMEOUT_MS 30000
#define READY_TIMEOUT_MS 30000
#define STOP_GRACE_MS 12000
#define RESTART_FIRST_MS 100
#define RESTART_LAST_MS 5000

typedef struct child {
  const char *name;
  program_t program;
  int64_t started_ms;
  int64_t restart_at_ms; /* while it is down */
  int64_t delay_ms;      /* before the next restart; doubles while it keeps dying */
} child_t;

static error_code_t start_child(child_t *child, const config_t *config)
{
  char *arguments[] = {(char *)"-c", (char *)config->path, NULL};
  child->started_ms = clock_monotonic_ms();
  return program_start(child->name, arguments, &child->program);
}

static void child_died(child_t *child, int wait_status)
{
  int64_t now_ms = clock_monotonic_ms();
  if (now_ms - child->started_ms > 10 * RESTART_LAST_MS || child->delay_ms == 0)
    child->delay_ms = RESTART_FIRST_MS;
  else if (child->delay_ms < RESTART_LAST_MS)
    child->delay_ms *= 2;
  child->program.pid = 0;
  child->restart_at_ms = now_ms + child->delay_ms;
  log_event(LOG_ERROR, "child.died", LOG_TEXT("name", child->name),
            LOG_NUMBER("exit_code", program_exit_code(wait_status)),
            LOG_NUMBER("restart_in_ms", child->delay_ms));
}

static void reap_children(child_t *children, size_t count)
{
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    for (size_t i = 0; i < count; i++)
      if (children[i].program.pid == pid)
        child_died(&children[i], status);
}

static void restart_children(child_t *children, size_t count, const config_t *config)
{
  for (size_t i = 0; i < count; i++) {
    child_t *child = &children[i];
    if (child->program.pid != 0 || clock_monotonic_ms() < child->restart_at_ms)
      continue;
    if (child->program.ready_fd >= 0)
      close(child->program.ready_fd);
    if (start_child(child, config) != ERR_NONE)
      child->restart_at_ms = clock_monotonic_ms() + RESTART_LAST_MS;
    else
      log_event(LOG_WARNING, "child.restarted", LOG_TEXT("name", child->name));
  }
}

static void signal_children(const child_t *children, size_t count, int number)
{
  for (size_t i = 0; i < count; i++)
    if (children[i].program.pid > 0)
      kill(children[i].program.pid, number);
}

static int stop_children(child_t *children, size_t count)
{
  int worst = 0;
  signal_children(children, count, SIGTERM);
  for (size_t i = 0; i < count; i++) {
    int code = program_stop(&children[i].program, STOP_GRACE_MS);
    worst = code > worst ? code : worst;
  }
  return worst;
}

static int supervise(child_t *children, size_t count, const config_t *config)
{
  for (;;) {
    switch (process_signal_wait(RESTART_FIRST_MS * 5)) {
    case PROCESS_STOP:
      return stop_children(children, count) == 0 ? EXIT_DONE : EXIT_REFUSED;
    case PROCESS_RELOAD: /* each child rereads the file, and keeps what it has when the new one is wrong */
      signal_children(children, count, SIGHUP);
      break;
    case PROCESS_CHILD:
      reap_children(children, count);
      break;
    case PROCESS_TICK:
      break;
    }
    restart_children(children, count, config);
  }
}

/* One after the other, so that what keeps both from starting is said once. */
static bool start_and_wait(child_t *child, const config_t *config)
{
  if (start_child(child, config) != ERR_NONE) {
    cli_complain("no process could be made");
    return false;
  }
  if (program_wait_ready(&child->program, READY_TIMEOUT_MS))
    return true;
  program_give_up(&child->program, child->name, STOP_GRACE_MS);
  return false;
}

static int serve(const config_t *config)
{
  /* The authority first: the rp finds its socket there. */
  child_t children[] = {{.name = PROGRAM_AUTHORITY, .program = {0, -1}},
                        {.name = PROGRAM_RP, .program = {0, -1}}};
  const size_t count = sizeof(children) / sizeof(children[0]);
  int turn = turn_take(config, TURN_TIMEOUT_MS);
  bool ready = turn >= 0;
  for (size_t i = 0; i < count && ready; i++)
    ready = start_and_wait(&children[i], config);
  turn_end(turn);
  if (!ready) {
    stop_children(children, count);
    return EXIT_REFUSED;
  }
  fprintf(stderr, "sekisho: ready, rp http://%s authority http://%s\n", config->rp.listen,
          config->authority_listen);
  process_notify_ready();
  return supervise(children, count, config);
}

int command_serve(int argc, char **argv)
{
  const char *file = NULL;
  int option;
  while ((option = getopt(argc, argv, "c:")) != -1) {
    if (option != 'c')
      return cli_usage("serve");
    file = optarg;
  }
  if (optind != argc)
    return cli_usage("serve");
  process_begin();
  log_open("supervisor", LOG_INFO);
  config_t *config = cli_load_config(file);
  if (config == NULL)
    return EXIT_REFUSED;
  int code = serve(config);
  config_free(config);
  return code;
}

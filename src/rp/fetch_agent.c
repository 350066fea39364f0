#include "rp/fetch_agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/process.h"

#define PROGRAM_FETCH "sekisho-fetch"

struct fetch_agent {
  pid_t pid;
  int fd;
};

/* What the agent answers; one packet. */
typedef struct outcome {
  int exit_code;
  char text[200]; /* what the program said on its standard output, NUL at its end */
} outcome_t;

/* --- the agent's side: nothing but these calls between the fork and its end --- */

static void become_fetch(const char *config_path, int output)
{
  char path[PATH_MAX];
  char *arguments[] = {path, (char *)"-c", (char *)config_path, NULL};
  dup2(output, STDOUT_FILENO);
  if (process_beside(PROGRAM_FETCH, path, sizeof path))
    execv(path, arguments);
  dprintf(STDOUT_FILENO, "%s cannot be started: %s", PROGRAM_FETCH, strerror(errno));
  _exit(127);
}

/* Waits until there is something to read; false when the server has ended. */
static bool wait_for_output(int output, int server)
{
  struct pollfd ends[] = {{.fd = output, .events = POLLIN}, {.fd = server, .events = POLLRDHUP}};
  while (poll(ends, 2, -1) < 0)
    if (errno != EINTR)
      return false;
  return ends[1].revents == 0;
}

/* Until the program closes its output. False when the server has ended before. */
static bool read_output(int output, int server, outcome_t *outcome)
{
  size_t len = 0;
  for (ssize_t got = 1; got > 0;) {
    char beyond[64];
    bool full = len == sizeof outcome->text - 1;
    if (!wait_for_output(output, server))
      return false;
    got = full ? read(output, beyond, sizeof beyond)
               : read(output, outcome->text + len, sizeof outcome->text - 1 - len);
    len += got > 0 && !full ? (size_t)got : 0;
  }
  outcome->text[strcspn(outcome->text, "\r\n")] = '\0';
  return true;
}

/* The program ends with the server's wish for it, and is collected in any case. */
static outcome_t fetch_once(const char *config_path, int server)
{
  outcome_t outcome = {.exit_code = 1};
  int ends[2], status = 0;
  pid_t parent = getpid();
  if (pipe2(ends, 0) != 0)
    return outcome;
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    process_end_with_parent(parent);
    become_fetch(config_path, ends[1]);
  }
  close(ends[1]);
  if (pid > 0) {
    if (!read_output(ends[0], server, &outcome))
      kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
      ;
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  close(ends[0]);
  return outcome;
}

static void serve(const char *config_path, int fd)
{
  char word;
  while (read(fd, &word, 1) == 1) {
    outcome_t outcome = fetch_once(config_path, fd);
    if (send(fd, &outcome, sizeof outcome, MSG_NOSIGNAL) != (ssize_t)sizeof outcome)
      break;
  }
}

/* --- the server's side --- */

error_code_t fetch_agent_start(const char *config_path, fetch_agent_t **ret_agent)
{
  int ends[2];
  fetch_agent_t *agent = calloc(1, sizeof *agent);
  if (agent == NULL)
    return ERR_NO_MEMORY;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    free(agent);
    return ERR_UNAVAILABLE;
  }
  pid_t parent = getpid();
  agent->pid = fork();
  if (agent->pid == 0) {
    process_become_agent(ends[1], parent);
    serve(config_path, PROCESS_AGENT_FD);
    _exit(0);
  }
  close(ends[1]);
  agent->fd = ends[0];
  if (agent->pid < 0) {
    fetch_agent_stop(agent);
    return ERR_UNAVAILABLE;
  }
  *ret_agent = agent;
  return ERR_NONE;
}

void fetch_agent_abort(fetch_agent_t *agent)
{
  if (agent != NULL)
    shutdown(agent->fd, SHUT_RDWR);
}

void fetch_agent_stop(fetch_agent_t *agent)
{
  if (agent == NULL)
    return;
  close(agent->fd);
  while (agent->pid > 0 && waitpid(agent->pid, NULL, 0) < 0 && errno == EINTR)
    ;
  free(agent);
}

/* An answer that came too late for who asked before. */
static void drain(int fd)
{
  outcome_t late;
  while (recv(fd, &late, sizeof late, MSG_DONTWAIT) > 0)
    ;
}

error_code_t fetch_agent_run(fetch_agent_t *agent, int timeout_ms, error_detail_t *detail)
{
  outcome_t outcome = {0};
  struct pollfd waiting = {.fd = agent->fd, .events = POLLIN};
  drain(agent->fd);
  if (send(agent->fd, "g", 1, MSG_NOSIGNAL) != 1)
    return error_because(detail, ERR_UNAVAILABLE,
                         "the process that fetches has ended; restart the login server");
  int ready = poll(&waiting, 1, timeout_ms);
  if (ready <= 0)
    return error_because(detail, ERR_UNAVAILABLE, "fetching takes longer than %d s", timeout_ms / 1000);
  if (recv(agent->fd, &outcome, sizeof outcome, 0) != (ssize_t)sizeof outcome)
    return error_because(detail, ERR_UNAVAILABLE,
                         "the process that fetches has ended; restart the login server");
  outcome.text[sizeof outcome.text - 1] = '\0';
  if (outcome.exit_code != 0)
    return error_because(detail, ERR_UNAVAILABLE, "%s",
                         outcome.text[0] != '\0' ? outcome.text : "sekisho-fetch failed without a word");
  return ERR_NONE;
}

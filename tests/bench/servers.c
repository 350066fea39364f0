#include "servers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
  fprintf(stderr, "bench: %s\n", what);
  exit(1);
}

/* Reads until the words come; what comes later is left to a child that throws it away. */
static void wait_ready(int fd, const char *words)
{
  char text[8192];
  size_t len = 0;
  while (len < sizeof(text) - 1) {
    ssize_t got = read(fd, text + len, sizeof(text) - 1 - len);
    if (got <= 0)
      break;
    len += (size_t)got;
    text[len] = '\0';
    if (strstr(text, words) != NULL)
      return;
  }
  fprintf(stderr, "%.*s\n", (int)len, text);
  fail("the server did not start");
}

static void find_children(servers_t *servers)
{
  char path[64], text[256] = "";
  snprintf(path, sizeof(path), "/proc/%d/task/%d/children", servers->started, servers->started);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
    fail("the supervisor has no children");
  close(fd);
  servers->count = 0;
  for (char *at = text; *at >= '0' && servers->count < SERVER_PROCESSES;) {
    servers->processes[servers->count++] = (pid_t)strtol(at, &at, 10);
    at += strspn(at, " ");
  }
}

servers_t servers_start(char *const argv[], const char *preload, bool supervisor)
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    fail("no pipe");
  servers_t servers = {.started = fork(), .count = 1};
  if (servers.started == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    if (preload != NULL)
      setenv("LD_PRELOAD", preload, 1);
    execv(argv[0], argv);
    _exit(127);
  }
  close(ends[1]);
  /* each process of ours says that it is ready, the supervisor that all are */
  wait_ready(ends[0], supervisor ? "sekisho: ready" : "ready");
  fcntl(ends[0], F_SETFD,
        0); /* kept open to the end: nobody reads on, and log lines must not block the server */
  if (fork() == 0) {
    char text[4096];
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    while (read(ends[0], text, sizeof(text)) > 0)
      continue;
    _exit(0);
  }
  close(ends[0]);
  servers.processes[0] = servers.started;
  if (supervisor)
    find_children(&servers);
  return servers;
}

void servers_stop(servers_t *servers)
{
  int status;
  kill(servers->started, SIGTERM);
  waitpid(servers->started, &status, 0);
}

double servers_cpu_us(const servers_t *servers)
{
  double total = 0;
  for (int i = 0; i < servers->count; i++) {
    char path[64], text[512] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", servers->processes[i]);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
      fail("a server has gone");
    close(fd);
    unsigned long user = 0, system = 0;
    const char *after_name = strrchr(text, ')');
    if (after_name == NULL ||
        sscanf(after_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
      fail("/proc/PID/stat cannot be read");
    total += (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
  }
  return total;
}

long servers_pss_kib(const servers_t *servers)
{
  long total = 0;
  for (int i = 0; i < servers->count; i++) {
    char path[64], line[256];
    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", servers->processes[i]);
    FILE *file = fopen(path, "re");
    long kib = 0;
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
      if (sscanf(line, "Pss: %ld kB", &kib) == 1)
        break;
    if (file == NULL)
      fail("memory of a server cannot be read");
    fclose(file);
    total += kib;
  }
  return total;
}

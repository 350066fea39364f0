#include "ops/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WANTED_FILES 65536

static sigset_t handled_signals(void)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGCHLD);
  return set;
}

/* The soft limit is 1024 by old habit (for select(2), which nothing here uses): too few for a server's
 * connections. */
static void raise_file_limit(void)
{
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= WANTED_FILES)
    return;
  files.rlim_cur = files.rlim_max < WANTED_FILES ? files.rlim_max : WANTED_FILES;
  setrlimit(RLIMIT_NOFILE, &files);
}

void process_begin(void)
{
  sigset_t set = handled_signals();
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
  const struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  raise_file_limit();
#ifndef __SANITIZE_ADDRESS__ /* the leak checker attaches to its own process */
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  umask(077);
}

process_signal_t process_signal_wait(int timeout_ms)
{
  sigset_t set = handled_signals();
  const struct timespec timeout = {timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
  int number;
  do {
    number = timeout_ms < 0 ? sigwaitinfo(&set, NULL) : sigtimedwait(&set, NULL, &timeout);
  } while (number < 0 && errno == EINTR);
  switch (number) {
  case SIGTERM:
  case SIGINT:
    return PROCESS_STOP;
  case SIGHUP:
    return PROCESS_RELOAD;
  case SIGCHLD:
    return PROCESS_CHILD;
  default:
    return PROCESS_TICK;
  }
}

/* sd_notify(3) is one datagram; linking libsystemd for it would cost each process its whole dependency tree.
 */
static void notify_systemd(void)
{
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(address.sun_path))
    return;
  memcpy(address.sun_path, path, strlen(path));
  if (path[0] == '@')
    address.sun_path[0] = '\0';
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  static const char message[] = "READY=1";
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
  (void)sendto(fd, message, sizeof(message) - 1, MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
  close(fd);
}

void process_notify_ready(void)
{
  const char *text = getenv("SEKISHO_READY_FD");
  if (text != NULL) {
    char *end = NULL;
    long fd = strtol(text, &end, 10);
    if (end != text && *end == '\0' && fd > 2 && fd < 1024) {
      (void)!write((int)fd, "ready\n", 6);
      close((int)fd);
    }
    unsetenv("SEKISHO_READY_FD");
    return; /* the supervisor speaks to systemd for its children */
  }
  notify_systemd();
}

void process_end_with_parent(pid_t parent)
{
  prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  if (getppid() != parent)
    _exit(0);
}

void process_become_agent(int fd, pid_t parent)
{
  sigset_t none;
  process_end_with_parent(parent);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  bool moved = fd == PROCESS_AGENT_FD || dup3(fd, PROCESS_AGENT_FD, O_CLOEXEC) == PROCESS_AGENT_FD;
  if (!moved || close_range(PROCESS_AGENT_FD + 1, ~0U, 0) != 0)
    _exit(1);
  unsetenv("SEKISHO_READY_FD");
  unsetenv("NOTIFY_SOCKET");
}

error_code_t process_make_folder(const char *path, error_detail_t *detail)
{
  if (mkdir(path, 0700) != 0 && errno != EEXIST)
    return error_because(detail, ERR_CONFIG, "%s cannot be made: %s", path, strerror(errno));
  struct stat status;
  if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode))
    return error_because(detail, ERR_CONFIG, "%s is not a folder", path);
  if ((status.st_uid != geteuid() && status.st_uid != 0) || (status.st_mode & 022) != 0)
    return error_because(detail, ERR_CONFIG,
                         "%s may be changed by others: chown it to this user and chmod go-w", path);
  return ERR_NONE;
}

bool process_beside(const char *name, char *path, size_t capacity)
{
  ssize_t len = readlink("/proc/self/exe", path, capacity - 1);
  if (len <= 0)
    return false;
  path[len] = '\0';
  char *slash = strrchr(path, '/');
  if (slash == NULL)
    return false;
  size_t room = capacity - (size_t)(slash + 1 - path);
  return (size_t)snprintf(slash + 1, room, "%s", name) < room;
}

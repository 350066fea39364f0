#include "cli/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "ops/process.h"

#define PAUSE_MS 20

static bool lock_path(const config_t *config, char path[PATH_MAX])
{
  return snprintf(path, PATH_MAX, "%s/run/command.lock", config->directory) < PATH_MAX;
}

/* Root may speak to a server of another user, but what it made in that user's folder would be in its way. */
static error_code_t check_folder(const config_t *config, error_detail_t *detail)
{
  char folder[PATH_MAX];
  struct stat status;
  if (snprintf(folder, sizeof(folder), "%s/run", config->directory) >= (int)sizeof(folder))
    return error_because(detail, ERR_CONFIG, "%s is too long a path", config->directory);
  if (stat(folder, &status) != 0 || status.st_uid == geteuid())
    return process_make_folder(folder, detail);
  return error_because(detail, ERR_CONFIG,
                       "%s belongs to user %u: run this as that user (sudo -u '#%u' sekisho …)", folder,
                       status.st_uid, status.st_uid);
}

static int wait_for_lock(const char *path, int timeout_ms)
{
  int turn = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (turn < 0)
    return cli_fail(-1, "%s: %s", path, strerror(errno));
  int64_t until_ms = clock_monotonic_ms() + timeout_ms;
  while (flock(turn, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || clock_monotonic_ms() >= until_ms) {
      close(turn);
      return cli_fail(-1, "%s: another command has been at work for too long", path);
    }
    poll(NULL, 0, PAUSE_MS);
  }
  return turn;
}

int turn_take(const config_t *config, int timeout_ms)
{
  error_detail_t detail = {{0}};
  char path[PATH_MAX];
  if (check_folder(config, &detail) != ERR_NONE)
    return cli_fail(-1, "%s", detail.text);
  return lock_path(config, path) ? wait_for_lock(path, timeout_ms)
                                 : cli_fail(-1, "%s is too long a path", config->directory);
}

void turn_end(int turn)
{
  if (turn >= 0)
    close(turn);
}

bool turn_is_taken(const config_t *config)
{
  char path[PATH_MAX];
  int turn = lock_path(config, path) ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
  if (turn < 0)
    return false;
  bool taken = flock(turn, LOCK_EX | LOCK_NB) != 0;
  close(turn);
  return taken;
}

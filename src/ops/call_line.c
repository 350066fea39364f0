/* The line between the server and sekisho-call: whole pieces, by a deadline. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "ops/caller.h"

static bool wait_for(int fd, short events, int64_t deadline_ms)
{
  for (;;) {
    struct pollfd end = {.fd = fd, .events = events};
    int64_t left_ms = deadline_ms - clock_monotonic_ms();
    int ready = left_ms > 0 ? poll(&end, 1, (int)left_ms) : 0;
    if (ready > 0)
      return true;
    if (ready == 0 || errno != EINTR)
      return false;
  }
}

bool call_write(int fd, const void *data, size_t len, int64_t deadline_ms)
{
  const char *at = data;
  for (size_t done = 0; done < len;) {
    if (!wait_for(fd, POLLOUT, deadline_ms))
      return false;
    ssize_t sent = send(fd, at + done, len - done, MSG_NOSIGNAL);
    if (sent <= 0 && errno != EINTR)
      return false;
    done += sent > 0 ? (size_t)sent : 0;
  }
  return true;
}

bool call_read(int fd, void *data, size_t len, int64_t deadline_ms)
{
  char *at = data;
  for (size_t done = 0; done < len;) {
    if (!wait_for(fd, POLLIN, deadline_ms))
      return false;
    ssize_t got = recv(fd, at + done, len - done, 0);
    if (got == 0 || (got < 0 && errno != EINTR))
      return false;
    done += got > 0 ? (size_t)got : 0;
  }
  return true;
}

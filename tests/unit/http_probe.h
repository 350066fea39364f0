/* A raw socket client for the HTTP tests: sends what no HTTP library would send. */
#ifndef SEKISHO_TESTS_HTTP_PROBE_H
#define SEKISHO_TESTS_HTTP_PROBE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server.h"

typedef struct probe_answer {
  char text[65536];
  size_t len;
  int status;  /* of the first answer; 0: none */
  bool closed; /* the server closed the connection */
} probe_answer_t;

static inline int probe_connect(int port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
  return fd;
}

static inline void probe_send(int fd, const char *data, size_t len)
{
  while (len > 0) {
    ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
    if (sent <= 0)
      return; /* the server may close early: the answer is what counts */
    data += sent;
    len -= (size_t)sent;
  }
}

/* True when the first answer is there in whole: its head and as much body as it declares. */
static inline bool probe_is_whole(const probe_answer_t *answer, bool head_only)
{
  const char *end = strstr(answer->text, "\r\n\r\n");
  if (end == NULL)
    return false;
  const char *length = strcasestr(answer->text, "\r\nContent-Length: ");
  size_t body = length != NULL && length < end ? strtoul(length + 18, NULL, 10) : 0;
  return head_only || answer->len >= (size_t)(end + 4 - answer->text) + body;
}

/* Reads one answer, or with until_close all there is until the server closes, for at most wait_ms. */
static inline void probe_read(int fd, bool until_close, int wait_ms, probe_answer_t *answer)
{
  int64_t end_ms = clock_monotonic_ms() + wait_ms;
  memset(answer, 0, sizeof(*answer));
  while (answer->len + 1 < sizeof(answer->text) && (until_close || !probe_is_whole(answer, false))) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int64_t left_ms = end_ms - clock_monotonic_ms();
    if (left_ms <= 0 || poll(&poll_fd, 1, (int)left_ms) <= 0)
      break;
    ssize_t len = recv(fd, answer->text + answer->len, sizeof(answer->text) - answer->len - 1, 0);
    if (len <= 0) {
      answer->closed = true;
      break;
    }
    answer->len += (size_t)len;
  }
  if (strncmp(answer->text, "HTTP/1.1 ", 9) == 0)
    answer->status = atoi(answer->text + 9);
}

/* One request on a connection of its own; waits for the close only when asked. */
static inline void probe_ask(int port, const char *data, size_t len, bool until_close, probe_answer_t *answer)
{
  int fd = probe_connect(port);
  probe_send(fd, data, len);
  probe_read(fd, until_close, 3000, answer);
  close(fd);
}

#endif

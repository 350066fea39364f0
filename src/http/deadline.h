/* Absolute deadlines. libmicrohttpd's own time out starts anew with every byte, so one byte a second keeps a
 * connection for ever; here a thread shuts down the sockets of those that are late, and libmicrohttpd then
 * closes them. A connection leaves the list before its descriptor is closed, so no other one is hit. */
#ifndef SEKISHO_HTTP_DEADLINE_H
#define SEKISHO_HTTP_DEADLINE_H

#include <stdatomic.h>

#include "http/server.h"

typedef struct http_connection http_connection_t;
struct http_connection {
  int fd;
  atomic_bool fresh;           /* no request was read yet */
  atomic_bool idle;            /* between two requests */
  _Atomic int64_t deadline_ms; /* monotonic */
  http_connection_t *next, *previous;
};

typedef struct http_deadlines http_deadlines_t;

http_deadlines_t *http_deadlines_new(const http_limits_t *limits); /* NULL: no memory, no thread */
void http_deadlines_free(http_deadlines_t *deadlines);

http_connection_t *http_deadlines_open(http_deadlines_t *deadlines, int fd);
void http_deadlines_close(http_deadlines_t *deadlines, http_connection_t *connection);

/* The exchange moves on: its request line was read, its headers were read, its reply is out. */
void http_deadlines_request(http_deadlines_t *deadlines, http_connection_t *connection);
void http_deadlines_headers(http_deadlines_t *deadlines, http_connection_t *connection);
void http_deadlines_idle(http_deadlines_t *deadlines, http_connection_t *connection);

/* From now on idle connections are closed at once; waits until none is left, at most grace_ms, then shuts
 * down the rest. */
void http_deadlines_drain(http_deadlines_t *deadlines, int64_t grace_ms);

#endif

/* A small HTTP client for our own hand-off and admin calls over a Unix socket: persistent connections, one
 * I/O thread, answers by callback. Not for the outside: remote HTTPS is libcurl's. */
#ifndef SEKISHO_HTTP_CLIENT_H
#define SEKISHO_HTTP_CLIENT_H

#include "base/arena.h"

typedef struct http_client http_client_t;

/* Connects lazily, at most `connections` at a time; calls beyond wait in a bounded queue. */
MUST_USE error_code_t http_client_new(const char *socket_path, unsigned connections,
                                      http_client_t **ret_client);
void http_client_free(http_client_t *client);

typedef struct http_call http_call_t;
struct http_call {
  arena_t *arena; /* the reply's body is put here */
  const char *method;
  const char *path;
  bytes_t body; /* JSON; must live until done */
  int64_t timeout_ms;
  void (*done)(http_call_t *call); /* on the I/O thread; short: wakes somebody. May free the call. */
  /* ERR_UNAVAILABLE: no connection, time out, broken frame; then the connection is closed. Nothing is sent
   * twice: a call that failed may have been carried out. */
  error_code_t outcome;
  int status;
  bytes_t reply;
  /* the client's own */
  http_call_t *next;
  int64_t deadline_ms;
  bool finished;
};
/* Any thread. Writes from here when a connection is free, so a call costs one change of threads. */
void http_client_submit(http_client_t *client, http_call_t *call);
/* Waits for the answer; sets done itself. Returns the outcome. */
MUST_USE error_code_t http_client_run(http_client_t *client, http_call_t *call);

#endif

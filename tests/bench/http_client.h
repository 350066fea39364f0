/* A blocking keep-alive HTTP client for load: one per client thread, a connection to each listener, a small
 * cookie jar. */
#ifndef SEKISHO_TESTS_BENCH_HTTP_CLIENT_H
#define SEKISHO_TESTS_BENCH_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#define CLIENT_PORTS 4
#define CLIENT_COOKIES 8
#define CLIENT_REPLY_MAX (64 * 1024)

typedef struct client_cookie {
  char name[64];
  char value[1536];
} client_cookie_t;

typedef struct http_bench_client {
  struct {
    int port, fd;
  } connections[CLIENT_PORTS];
  client_cookie_t cookies[CLIENT_COOKIES];
  size_t cookie_count;
  char request[16 * 1024];
  char reply[CLIENT_REPLY_MAX]; /* headers and body, NUL-terminated */
  int status;
  const char *body;
} http_bench_client_t;

/* Sends to 127.0.0.1:port and reads the whole reply. headers are complete lines with CRLF, or "".
 * Every cookie of the jar goes along. False when the connection broke. */
bool client_exchange(http_bench_client_t *client, int port, const char *method, const char *target,
                     const char *headers, const char *body);
void client_forget_cookies(http_bench_client_t *client);
void client_close(http_bench_client_t *client);
/* Value of a header of the last reply, copied; false when absent or longer. */
bool client_header(const http_bench_client_t *client, const char *name, char *value, size_t size);
/* The text member of the reply's JSON, copied; false when absent or longer. For members without escapes. */
bool client_json_text(const http_bench_client_t *client, const char *name, char *value, size_t size);

#endif

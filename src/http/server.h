/* A listening server: a table of routes over one libmicrohttpd daemon with two threads. */
#ifndef SEKISHO_HTTP_SERVER_H
#define SEKISHO_HTTP_SERVER_H

#include "http/http.h"

typedef struct http_route {
  http_method_t method;
  const char *path; /* "/credentials/{id}"; two stars last take the rest */
  http_handler_t *handle;
  unsigned flags;
} http_route_t;

#define HTTP_BODY_NONE 0u
#define HTTP_BODY_JSON 1u /* Content-Type application/json, else 415 */
#define HTTP_BODY_FORM 2u /* application/x-www-form-urlencoded, else 415; multipart never */
#define HTTP_SAME_ORIGIN                                                                                     \
  4u /* with a Cookie: Origin in the list, or Sec-Fetch-Site same-origin/none, else ERR_CROSS_SITE */
#define HTTP_PAGE 8u         /* security headers of pages: CSP, frame-ancestors, … */
#define HTTP_IGNORE_BODY 16u /* gateway checks: whatever length is declared, answer without the body */
#define HTTP_CACHEABLE 32u   /* otherwise Cache-Control: no-store */
#define HTTP_ANY_HOST 64u    /* for health checks, which name it by address, and for what anyone may know */
#define HTTP_NO_HEAD 128u    /* a GET that spends something: HEAD is what scanners and previews send */

typedef struct http_limits {
  size_t body;                 /* 64 KiB */
  int64_t header_deadline_ms;  /* absolute, from the first byte or accept: 10 s */
  int64_t request_deadline_ms; /* headers, body and reply together: 30 s */
  int64_t idle_ms;             /* keep-alive: 60 s */
  unsigned connections;        /* in all; at most a third of RLIMIT_NOFILE */
  unsigned connections_per_address;
} http_limits_t;
extern const http_limits_t http_limits_default;

typedef struct http_server_options {
  const char *listen; /* "127.0.0.1:8080", "[::1]:8080", or "unix:/path" (mode 0600, no Host check) */
  const char *
      *hosts; /* accepted Host values, host[:port], compared without case; NULL: any (internal listener) */
  size_t host_count;
  const char **origins; /* for HTTP_SAME_ORIGIN */
  size_t origin_count;
  bool any_origin; /* …which then asks nothing: for tools that show pages of their own */
  const http_route_t *routes;
  size_t route_count;
  void *app;
  http_limits_t limits;
  unsigned threads; /* 2 */
  bool https;       /* the public origin is https: pages send Strict-Transport-Security */
  /* Answers what this layer refuses before a handler is called (413, 415, 403, …), for endpoints whose
   * errors have a shape of their own; must reply. NULL: http_reply_error. */
  void (*refuse)(http_request_t *request, void *app, error_code_t code);
  /* Called when an exchange ended: for access logs and metrics. May be NULL. */
  void (*ended)(void *app, http_request_t *request, int status, int64_t duration_us);
} http_server_options_t;

typedef struct http_server http_server_t;
MUST_USE error_code_t http_server_start(const http_server_options_t *options, http_server_t **ret_server,
                                        error_detail_t *detail);
/* Stops accepting, lets exchanges finish for at most grace_ms, closes. */
void http_server_stop(http_server_t *server, int64_t grace_ms);
/* The port that was bound, for port 0. */
int http_server_port(const http_server_t *server);

#endif

/* HTTP as the demo's products speak it to sekisho's public and gateway listeners: blocking, small, over
 * libcurl. */
#ifndef SEKISHO_DEMO_FETCH_H
#define SEKISHO_DEMO_FETCH_H

#include "base/arena.h"

#define FETCH_HEADERS 6

typedef struct fetch_request {
  const char *method;
  const char *url;
  const char *headers[FETCH_HEADERS]; /* "Name: value"; ends with NULL or when full */
  bytes_t form;                       /* urlencoded body; none when empty */
} fetch_request_t;

typedef struct fetch_reply {
  int status;
  bytes_t body;                 /* at most 256 KiB */
  const char *www_authenticate; /* NULL when absent */
  const char *txn_token;
} fetch_reply_t;

/* Waits at most five seconds. ERR_UNAVAILABLE when nobody answered. */
MUST_USE error_code_t fetch(arena_t *arena, const fetch_request_t *request, fetch_reply_t *ret_reply);
/* application/x-www-form-urlencoded escaping. */
char *fetch_escape(arena_t *arena, const char *text);

#endif

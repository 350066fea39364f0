/* Steps inside of a request: an endpoint that is made of others runs their handlers, one after the other, on
 * requests of its own making, and reads what they answered. No handler can tell by its own code; one that
 * must know asks http_inner_is_running. */
#ifndef SEKISHO_HTTP_INNER_H
#define SEKISHO_HTTP_INNER_H

#include "http/http.h"

/* What the handler sees in place of the request's own; everything else (peer, segments, headers) is the outer
 * request's. In the request's arena. */
typedef struct http_inner {
  bytes_t query;
  bytes_t body;    /* JSON, or nothing */
  bytes_t cookies; /* as a Cookie field; no others are seen */
} http_inner_t;

/* Runs handler next; then `then`, with http_request_state(request) == state, when it has replied. The calling
 * handler returns without a reply of its own. One at a time. */
void http_inner_run(http_request_t *request, const http_inner_t *inner, http_handler_t *handler,
                    http_handler_t *then, void *state);
bool http_inner_is_running(const http_request_t *request);

/* In then, of the step before: */
int http_inner_status(const http_request_t *request);
bytes_t http_inner_body(const http_request_t *request);
/* Empty when there was none. */
bytes_t http_inner_location(const http_request_t *request);
/* Calls visit for each cookie that was set; an empty value: deleted. */
void http_inner_each_cookie(const http_request_t *request,
                            void (*visit)(void *context, bytes_t name, bytes_t value), void *context);

#endif

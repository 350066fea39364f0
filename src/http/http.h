/* The HTTP server as handlers see it: a request that was checked before they are called, and one reply.
 *
 * libmicrohttpd 0.9.75 is lax about framing and time, so this layer checks framing headers, the target's
 * form, Host, header grammar and sizes first, answers 400 and closes on doubt, routes on the raw path, and
 * keeps absolute deadlines. */
#ifndef SEKISHO_HTTP_HTTP_H
#define SEKISHO_HTTP_HTTP_H

#include "base/arena.h"
#include "base/json.h"

typedef struct http_request http_request_t;

typedef enum http_method {
  HTTP_GET,
  HTTP_HEAD,
  HTTP_POST,
  HTTP_PUT,
  HTTP_PATCH,
  HTTP_DELETE,
  HTTP_OPTIONS,
  HTTP_ANY /* in a route: every method; of a request: one that is not named above */
} http_method_t;

/* A handler either replies or waits; returning without either is answered 500. app is the server's. */
typedef void http_handler_t(http_request_t *request, void *app);

/* --- what was asked --- */
arena_t *http_request_arena(http_request_t *request); /* wiped when the exchange ends */
const char *http_request_id(http_request_t *request); /* for logs and the X-Request-Id header */
http_method_t http_request_method(http_request_t *request);
bytes_t http_request_method_text(http_request_t *request); /* for gateway checks, which take any method */
/* The pattern of the route that was taken, for metrics; empty before there is one. */
const char *http_request_route(http_request_t *request);
bytes_t http_request_raw_path(http_request_t *request); /* as sent, without the query */
bytes_t http_request_raw_query(http_request_t *request);
bytes_t http_request_peer(http_request_t *request); /* address text; empty on Unix sockets */
/* Captured by {name} in the route, percent-decoded once; empty when there is none. "**": the rest, raw. */
bytes_t http_request_segment(http_request_t *request, const char *name);
/* How often it occurs; *ret_value is the only one when it is 1, empty otherwise. Header names without case.
 */
size_t http_request_header(http_request_t *request, const char *name, bytes_t *ret_value);
size_t http_request_cookie(http_request_t *request, const char *name, bytes_t *ret_value);
/* Calls visit for every cookie until it returns false. */
void http_request_each_cookie(http_request_t *request,
                              bool (*visit)(void *context, bytes_t name, bytes_t value), void *context);

/* A decoded form or query: names with one value each. */
typedef struct http_form http_form_t;
/* ERR_DUPLICATE_PARAMETER, ERR_MALFORMED (bad escapes, NUL, invalid UTF-8, too many). Empty values count as
 * absent. */
MUST_USE error_code_t http_request_query(http_request_t *request, http_form_t **ret_form);
MUST_USE error_code_t http_request_form(http_request_t *request, http_form_t **ret_form);
MUST_USE error_code_t http_form_parse(arena_t *arena, bytes_t text, http_form_t **ret_form);
bytes_t http_form_get(const http_form_t *form, const char *name);
size_t http_form_count(const http_form_t *form);
void http_form_at(const http_form_t *form, size_t index, bytes_t *ret_name, bytes_t *ret_value);
/* Writes a field behind those that are there, encoded for a query or a form body; an empty one is left out.
 */
void http_form_add(builder_t *fields, bytes_t name, bytes_t value);
bytes_t http_request_body(http_request_t *request); /* complete, at most the route's limit */
/* The body as a JSON object; owned by the request. */
MUST_USE error_code_t http_request_json(http_request_t *request, json_t **ret_borrowed);

/* --- waiting --- */
/* Suspends; after http_request_wake (any thread, exactly once, may come before this handler returns) then is
 * called on the connection's thread. state is for the caller's use. */
void http_request_wait(http_request_t *request, http_handler_t *then, void *state);
void *http_request_state(http_request_t *request);
void http_request_wake(http_request_t *request);

/* --- the reply: headers first, then exactly one of these --- */
/* Copies. A value with control characters turns the reply into a 500. Setting Content-Security-Policy or
 * Cache-Control replaces the default: form_post pages extend form-action with http_page_policy. */
void http_reply_header(http_request_t *request, const char *name, const char *value);
/* The page policy with one more form-action source (an origin); in the request's arena. */
const char *http_page_policy(http_request_t *request, const char *form_action);
/* max_age_s: below 0 for the browser's session, 0 to delete. */
void http_reply_cookie(http_request_t *request, const char *name, bytes_t value, int64_t max_age_s,
                       unsigned flags);
#define HTTP_COOKIE_SECURE 1u /* HttpOnly and Path=/ are always set, SameSite=Lax if nothing else is said */
#define HTTP_COOKIE_STRICT 2u
#define HTTP_COOKIE_ANY_SITE 4u /* no SameSite: for clients that stumble over it */
void http_reply_empty(http_request_t *request, int status);
void http_reply_bytes(http_request_t *request, int status, const char *content_type, bytes_t body);
/* Static memory that outlives the server: not copied. */
void http_reply_static(http_request_t *request, int status, const char *content_type, bytes_t body);
void http_reply_json(http_request_t *request, int status, json_t *value); /* takes the reference */
void http_reply_redirect(http_request_t *request, int status, const char *location);
/* The table's status, {"error": slug, "message": sentence, "request_id"}; endpoints with other shapes build
 * their own. */
void http_reply_error(http_request_t *request, error_code_t code);

#endif

/* Finding the route of a raw path. Literals match byte by byte: an escaped letter is not that letter. */
#ifndef SEKISHO_HTTP_ROUTE_H
#define SEKISHO_HTTP_ROUTE_H

#include "http/message.h"
#include "http/server.h"

#define HTTP_CAPTURES_MAX 4

typedef struct http_capture {
  bytes_t name;  /* of the pattern: static */
  bytes_t value; /* decoded, in the arena; raw for "**" */
} http_capture_t;

typedef struct http_match {
  const http_route_t *route; /* NULL: none */
  http_capture_t captures[HTTP_CAPTURES_MAX];
  size_t count;
  unsigned allowed; /* of the path, a bit for each http_method_t: for Allow and 405 */
} http_match_t;

/* The first route that fits path and method; GET routes answer HEAD. ERR_NOT_FOUND, ERR_METHOD (allowed is
 * set), ERR_MALFORMED (bad escapes, control characters, invalid UTF-8, dot segments in a captured place). */
MUST_USE error_code_t http_route_find(arena_t *arena, const http_route_t *routes, size_t count,
                                      http_method_t method, bytes_t path, http_match_t *ret_match);

/* Percent-decodes into the arena; with plus, '+' is a space (forms). ERR_MALFORMED for bad escapes. */
MUST_USE error_code_t http_percent_decode(arena_t *arena, bytes_t text, bool plus, bytes_t *ret_text);

#endif

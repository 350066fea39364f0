/* A request's path as the gateway check judges it. What two servers could read in two ways is refused, not
 * repaired: the upstream behind the gateway must never serve another path than the one that was allowed. */
#ifndef SEKISHO_AUTHORITY_REQUEST_PATH_H
#define SEKISHO_AUTHORITY_REQUEST_PATH_H

#include <stdbool.h>

#include "base/arena.h"

#define REQUEST_PATH_SEGMENTS 64
#define REQUEST_PATH_LENGTH 4096

typedef struct request_path {
  bytes_t raw;                             /* without the query */
  bytes_t segments[REQUEST_PATH_SEGMENTS]; /* percent-decoded once */
  size_t count;
  bool trailing_slash; /* "/a/" is not "/a" */
} request_path_t;

/* target is an origin-form request target (RFC 9112 §3.2.1): a path with an optional query, which is left
 * out. ERR_PATH for anything else: a fragment, an authority, empty or dot segments, encoded or plain '\',
 * '/', ';', '%', '?',
 * '#' or control characters within a segment, invalid UTF-8, characters that RFC 3986 does not allow, too
 * long or deep. */
MUST_USE error_code_t request_path_parse(arena_t *arena, bytes_t target, request_path_t *ret_path);

#endif

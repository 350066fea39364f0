/* Pushed authorization requests (RFC 9126): a client sends its request itself, and the browser carries a name
 * of it. */
#ifndef SEKISHO_AUTHORITY_PUSHED_REQUEST_H
#define SEKISHO_AUTHORITY_PUSHED_REQUEST_H

#include "authority/domain.h"
#include "http/http.h"

#define PUSHED_URI_PREFIX "urn:ietf:params:oauth:request_uri:"
#define PUSHED_LIFETIME_MS ((int64_t)90 * 1000) /* FAPI 2.0 §5.3.2.2: less than 600 s */

/* POST {issuer}/par. */
void pushed_request_endpoint(http_request_t *http, void *app);

/* A request as it came through the browser: when it names a pushed one, *ret_query becomes that one's
 * parameters and *ret_row its row (else the query itself and 0). Whatever else the browser brought beside
 * client_id does not count (§4, RFC 9101 §6.3). ERR_PUSHED_REQUEST when it is unknown, late, used, or another
 * client's. */
MUST_USE error_code_t pushed_request_resolve(arena_t *arena, const domain_t *domain, bytes_t query,
                                             int64_t now_ms, bytes_t *ret_query, int64_t *ret_row);

#endif

/* A domain's gateway routes: first match wins, no match is denied. */
#ifndef SEKISHO_AUTHORITY_ROUTE_TABLE_H
#define SEKISHO_AUTHORITY_ROUTE_TABLE_H

#include "authority/request_path.h"
#include "config/config.h"

/* NULL when no route matches. HEAD is judged as GET: it shows no more. A pattern's {name} takes one whole
 * segment; a last two stars take any further segments, none included; everything else is compared whole, case
 * and trailing slash included.
 *
 * Many upstreams serve "/Admin" and "/admin/" as "/admin". So a path that an earlier route would match but
 * for letter case or a slash at the end is not left to a later, wider route: it matches nothing, unless the
 * later route is that other form itself. */
const config_route_t *route_table_match(const config_domain_t *domain, bytes_t method,
                                        const request_path_t *path);

/* What the route asks in all: its own requirement joined with those of its scopes. */
requirement_t route_requirement(const config_domain_t *domain, const config_route_t *route);

#endif

/* The configuration that `sekisho init` and `sekisho demo` write. */
#ifndef SEKISHO_CONFIG_TEMPLATE_H
#define SEKISHO_CONFIG_TEMPLATE_H

#include "base/arena.h"

/* Commented YAML with two example domains, pay and coin, that passes check-config. The rp listens on port,
 * issuers on port + 1, gateways' checks on port + 2; port is 1..65533. Localhost is served over http, any
 * other rp_id is reached over https at a proxy in front. NULL when out of memory. */
char *config_template_build(arena_t *arena, const char *rp_id, int port);

#endif

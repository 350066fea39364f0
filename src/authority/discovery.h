/* The metadata document of an issuer: OpenID Connect Discovery 1.0 §3 and RFC 8414 §2, one text for both. It
 * says only what exists. */
#ifndef SEKISHO_AUTHORITY_DISCOVERY_H
#define SEKISHO_AUTHORITY_DISCOVERY_H

#include "config/config.h"

/* The public address of the pages: the first web origin of the rp. */
const char *discovery_pages_address(const config_t *config);
MUST_USE error_code_t discovery_build(arena_t *arena, const config_t *config, const config_domain_t *domain,
                                      bytes_t *ret_text);

#endif

/* The three listeners: public (issuers), internal (gateways and operators), Unix socket (hand-off, admin). */
#ifndef SEKISHO_AUTHORITY_LISTENERS_H
#define SEKISHO_AUTHORITY_LISTENERS_H

#include "authority/authority.h"

typedef struct listeners listeners_t;

/* Only the Unix socket when admin_only. The domains' issuers settle the public paths and hosts. */
MUST_USE error_code_t listeners_start(authority_t *authority, const config_t *config, bool admin_only,
                                      listeners_t **ret_listeners, error_detail_t *detail);
/* The hand-off goes last, so that what the rp has begun is finished. */
void listeners_stop(listeners_t *listeners, int64_t grace_ms);

#endif

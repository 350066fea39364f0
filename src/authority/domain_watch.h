/* What a domain keeps in memory of its store, read again when another node has changed it. */
#ifndef SEKISHO_AUTHORITY_DOMAIN_WATCH_H
#define SEKISHO_AUTHORITY_DOMAIN_WATCH_H

#include "authority/domain.h"

MUST_USE error_code_t domain_read_revocations(domain_t *domain);
MUST_USE error_code_t domain_read_clients(domain_t *domain);
/* After everything of the domain is open. */
MUST_USE error_code_t domain_watch(domain_t *domain);

#endif

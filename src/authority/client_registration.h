/* What an operator registers a client with, by RFC 7591's names, held against the domain as the
 * configuration's clients are. */
#ifndef SEKISHO_AUTHORITY_CLIENT_REGISTRATION_H
#define SEKISHO_AUTHORITY_CLIENT_REGISTRATION_H

#include "authority/domain.h"
#include "base/json.h"

/* Fills all but id, secret and times; the texts lie in the arena. ERR_CLIENT_METADATA, and detail says what
 * to do. */
MUST_USE error_code_t client_registration_parse(arena_t *arena, const config_domain_t *domain,
                                                const json_t *body, stored_client_t *ret_client,
                                                error_detail_t *detail);

#endif

/* Members of a stored client's registration that have no column of their own, kept together as JSON. One row
 * a member: what it must be, and where it goes in what is known of a client. */
#ifndef SEKISHO_AUTHORITY_CLIENT_METADATA_H
#define SEKISHO_AUTHORITY_CLIENT_METADATA_H

#include "base/json.h"
#include "config/config_domain.h"

/* Whether a member of that name is one of these. */
bool client_metadata_has(const char *name);
/* Reads those of body that are there into config; its texts lie in the arena. ERR_CLIENT_METADATA, and detail
 * says what to do. */
MUST_USE error_code_t client_metadata_parse(arena_t *arena, const json_t *body, config_client_t *config,
                                            error_detail_t *detail);
/* Those of body alone, as text for the store. */
MUST_USE error_code_t client_metadata_print(arena_t *arena, const json_t *body, bytes_t *ret_text);

#endif

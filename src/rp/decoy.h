/* Credentials of accounts that do not exist: stable for a name, as many and as long as real ones are, so that
 * /assertion/options says nothing about who has an account. */
#ifndef SEKISHO_RP_DECOY_H
#define SEKISHO_RP_DECOY_H

#include "rp/rp_keys.h"
#include "store/rp_credential.h"

/* Fills user_handle and one or two items; user_found stays as it is. Bytes live in the arena. */
MUST_USE error_code_t decoy_hints(arena_t *arena, const rp_keys_t *keys, bytes_t username_key,
                                  rp_credential_hints_t *ret_hints);

#endif

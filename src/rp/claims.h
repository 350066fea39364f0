/* The claims of an account as they travel. */
#ifndef SEKISHO_RP_CLAIMS_H
#define SEKISHO_RP_CLAIMS_H

#include "base/json.h"
#include "store/rp_claims.h"

/* Those of `scopes` (separated by spaces) as JSON text in the arena; "{}" when nothing is known. */
MUST_USE error_code_t claims_text(database_t *database, arena_t *arena, rp_user_id_t user, bytes_t scopes,
                                  bytes_t *ret_text);

#endif

/* What a grant has earned, and what it still is good for: the part of step-up that lasts beyond one code. */
#ifndef SEKISHO_AUTHORITY_EARNED_H
#define SEKISHO_AUTHORITY_EARNED_H

#include "authority/domain.h"
#include "store/authority_refresh.h"

/* In the job that opens fresh: gives what fresh has earned to the other grants of the same client and session
 * that refresh. Per level and kind the newest time counts, of acr and auth_time the stronger pair and of
 * equal ones the newer, so it does not matter in which order requests arrive. */
MUST_USE error_code_t earned_spread(database_t *database, arena_t *arena, const level_table_t *levels,
                                    const grant_t *fresh, int64_t now_ms);

/* The scopes among asked that the policy still gives the client for what the grant has earned: those that are
 * known, the client's to ask for, and whose requirement holds now. ERR_LAPSED when entering the domain does
 * not hold any more. */
MUST_USE error_code_t earned_scope(arena_t *arena, const domain_settings_t *settings,
                                   const config_client_t *client, const grant_t *grant, bytes_t asked,
                                   int64_t now_ms, bytes_t *ret_scope);

/* The same of authorization details: the grant's lasting ones where all of their requirements hold, else
 * none.
 */
MUST_USE error_code_t earned_details(arena_t *arena, const domain_settings_t *settings,
                                     const config_client_t *client, const grant_t *grant, int64_t now_ms,
                                     bytes_t *ret_details);

#endif

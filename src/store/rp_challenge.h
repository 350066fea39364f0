/* Challenges that were spent. Their making is not recorded: they authenticate themselves. */
#ifndef SEKISHO_STORE_RP_CHALLENGE_H
#define SEKISHO_STORE_RP_CHALLENGE_H

#include "store/database.h"

#define RP_CHALLENGE_NONCE_LENGTH 16

/* *ret_fresh false when it was spent before or is not newer than what was swept.
 * horizon_ms: no challenge made until now expires later. A watermark beyond it is from a clock that ran
 * ahead, and would lock everybody out until that time: it falls to the horizon, so that none made until now
 * becomes good again, and those made from now on are. */
MUST_USE error_code_t rp_challenge_spend(database_t *database, int64_t expiry_ms,
                                         const uint8_t nonce[RP_CHALLENGE_NONCE_LENGTH], int64_t horizon_ms,
                                         bool *ret_fresh);

/* A sweep (store_sweep_t): forgets what has expired and raises the watermark. */
error_code_t rp_challenge_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif

/* Challenges that were spent. Their making is not recorded: they authenticate themselves. */
#ifndef SEKISHO_STORE_RP_CHALLENGE_H
#define SEKISHO_STORE_RP_CHALLENGE_H

#include "store/database.h"

#define RP_CHALLENGE_NONCE_LENGTH 16

/* *ret_fresh false when it was spent before or is not newer than what was swept: then nothing was changed. */
MUST_USE error_code_t rp_challenge_spend(database_t *database, int64_t expiry_ms,
                                         const uint8_t nonce[RP_CHALLENGE_NONCE_LENGTH], bool *ret_fresh);

/* A sweep (store_sweep_t): forgets what has expired and raises the watermark, which never falls, whatever the
 * clock does. */
error_code_t rp_challenge_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif

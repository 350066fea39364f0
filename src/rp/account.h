/* What an account asks of whoever wants to change it. */
#ifndef SEKISHO_RP_ACCOUNT_H
#define SEKISHO_RP_ACCOUNT_H

#include "base/clock.h"
#include "rp/session.h"
#include "store/rp_credential.h"

#define ACCOUNT_FRESHNESS_MS SECONDS_MS(300)

/* Evidence of the strongest level that any of the account's passkeys can give, newer than five minutes. */
requirement_t account_requirement(const exchange_t *exchange, const rp_credential_t *credentials,
                                  size_t count);
/* ERR_NONE; or ERR_STEP_UP with what is missing in *ret_requirement, set in any case. */
MUST_USE error_code_t account_check_fresh(const exchange_t *exchange, const session_t *session,
                                          requirement_t *ret_requirement);

/* Whether user verification by this passkey counts. One that was enrolled without could be a key without a
 * PIN, and whoever finds it sets one: so its first verification counts only beside the account's strongest
 * level in this session, or when no passkey of the account has verified anybody yet (WebAuthn L3 §7.2, on
 * updating uvInitialized). session: NULL or of any account. */
MUST_USE error_code_t account_trusts_verification(const exchange_t *exchange, const session_t *session,
                                                  const rp_credential_t *credential, bool *ret_trusts);

#endif

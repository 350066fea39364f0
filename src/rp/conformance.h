/* What `rp.conformance` changes, all of it: FIDO's server conformance tools expect answers that a server of
 * people's accounts must not give (docs/conformance.md). Each function is one deviation, with one caller, and
 * says no unless the configuration asks for the mode, which it may only for localhost and names below
 * .test. */
#ifndef SEKISHO_RP_CONFORMANCE_H
#define SEKISHO_RP_CONFORMANCE_H

#include "rp/rp.h"
#include "store/rp_user.h"
#include "webauthn/attestation.h"

/* Whoever names an account adds passkeys to it, and whoever names a new one has it: without session, ticket
 * or invitation. */
bool conformance_trusts_names(const config_rp_t *rp);
/* The account of that name; *ret_found false when there is none yet. */
MUST_USE error_code_t conformance_find_account(const exchange_t *exchange, bytes_t username_key,
                                               rp_user_t *ret_user, bool *ret_found);
/* Options ask for no discoverable passkey that the request did not ask for. */
bool conformance_keeps_selection(const config_rp_t *rp);
/* An assertion with UP clear passes (L3 §7.2 step 16 refuses it). It shows no presence, so the session that
 * it opens holds no level. */
bool conformance_takes_absence(const config_rp_t *rp);
/* Keys of RS1 are registered, and sign. */
bool conformance_takes_rs1(const config_rp_t *rp);
/* android-safetynet, and TPMs' names by another hash than nameAlg. */
attestation_rules_t conformance_attestation_rules(const config_rp_t *rp);
/* Cookies of ceremonies without SameSite, which the tools' window does not send back. */
unsigned conformance_cookie_flags(const config_rp_t *rp);
/* Requests with cookies from whatever page the tools show. */
bool conformance_takes_any_origin(const config_rp_t *rp);

/* Metadata BLOBs lie as *.jwt beside the statements: the tools have five at a time, most of them broken. */
bool conformance_reads_blobs(const config_rp_t *rp);

/* Warns in the log, at the start: switching it needs one. */
void conformance_announce(const config_rp_t *rp);

#endif

/* The record of a new passkey (WebAuthn L3 §4), from what its registration proved. */
#ifndef SEKISHO_RP_CREDENTIAL_MAKE_H
#define SEKISHO_RP_CREDENTIAL_MAKE_H

#include "store/rp_credential.h"
#include "webauthn/registration.h"

/* Whoever it belongs to, its nickname and its time are the caller's. Views live as long as registered. */
MUST_USE error_code_t credential_make(arena_t *arena, const webauthn_registered_t *registered,
                                      rp_credential_t *ret_credential);

#endif

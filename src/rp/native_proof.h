/* A DPoP proof (RFC 9449 §4.3) at the login server: that whoever goes on with a native sign-in holds the key
 * that it began with. What it guards is spent once by itself, so proofs are not remembered. */
#ifndef SEKISHO_RP_NATIVE_PROOF_H
#define SEKISHO_RP_NATIVE_PROOF_H

#include "base/arena.h"

/* address: of the endpoint, as applications know it. The thumbprint (RFC 7638) in the arena. ERR_DPOP_PROOF
 * with a word for the operator's log. */
MUST_USE error_code_t native_proof_check(arena_t *arena, bytes_t text, bytes_t address, int64_t now_ms,
                                         bytes_t *ret_thumbprint, const char **ret_reason);

#endif

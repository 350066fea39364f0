/* A challenge that authenticates itself: nothing is stored when it is made. It is bound to the ceremony's
 * terms by a MAC, and spent once, in the transaction that records the ceremony's result. */
#ifndef SEKISHO_RP_CHALLENGE_H
#define SEKISHO_RP_CHALLENGE_H

#include "base/bytes.h"
#include "handoff/statement_challenge.h"
#include "rp/rp_keys.h"
#include "store/rp_challenge.h"

/* nonce, expiry, key id, MAC: below the 64 bytes that FIDO's server requirements allow. */
#define CHALLENGE_LENGTH (RP_CHALLENGE_NONCE_LENGTH + 8 + 1 + 32)
/* One that covers a statement is as long as they allow: behind the key id lies the start of its hash, and a
 * MAC of 128 bits (statement_challenge.h). */

typedef struct challenge {
  uint8_t nonce[RP_CHALLENGE_NONCE_LENGTH];
  int64_t expiry_ms;  /* first instant at which it is too late */
  int64_t horizon_ms; /* when it was checked: no challenge made until then expires later */
  uint8_t key_id;
  uint8_t bytes[STATEMENT_CHALLENGE_LENGTH]; /* as it goes to the browser */
  size_t length;
} challenge_t;

/* terms: the encoded ceremony terms. nonce: the domain's own challenge; zeros for a random one. statement:
 * SHA-256 of what the signature approves; NULL: nothing. */
MUST_USE error_code_t challenge_build(const rp_keys_t *keys, int64_t expiry_ms, bytes_t terms,
                                      const uint8_t nonce[RP_CHALLENGE_NONCE_LENGTH],
                                      const uint8_t *statement, challenge_t *ret_challenge);
/* Reads the form only: ERR_CHALLENGE for anything else. */
MUST_USE error_code_t challenge_parse(bytes_t bytes, challenge_t *ret_challenge);
/* ERR_CHALLENGE unless it was made with these keys for these terms, is not over at now_ms and ends at
 * horizon_ms at the latest: one that lives longer was made while the clock ran ahead. Sets its horizon. */
MUST_USE error_code_t challenge_check(challenge_t *challenge, const rp_keys_t *keys, bytes_t terms,
                                      int64_t now_ms, int64_t horizon_ms);
bytes_t challenge_bytes(const challenge_t *challenge);

#endif

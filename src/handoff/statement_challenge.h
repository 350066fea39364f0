/* Where a challenge carries the hash of a statement that its signature approves. The login server makes such
 * challenges, a domain looks into them, and an operator does years later. */
#ifndef SEKISHO_HANDOFF_STATEMENT_CHALLENGE_H
#define SEKISHO_HANDOFF_STATEMENT_CHALLENGE_H

#include "base/bytes.h"

/* Longer than any other challenge, and as long as FIDO's server requirements allow: nonce, expiry, key id,
 * the first 184 bits of the statement's SHA-256, MAC. */
#define STATEMENT_CHALLENGE_LENGTH 64
#define STATEMENT_HASH_AT 25
#define STATEMENT_HASH_LENGTH 23

static inline bool statement_challenge_covers(bytes_t challenge, bytes_t hash)
{
  return challenge.len == STATEMENT_CHALLENGE_LENGTH && hash.len == 32 &&
         bytes_equal(bytes_of(challenge.data + STATEMENT_HASH_AT, STATEMENT_HASH_LENGTH),
                     bytes_of(hash.data, STATEMENT_HASH_LENGTH));
}

#endif

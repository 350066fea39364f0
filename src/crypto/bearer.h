/* Bearer values: whoever holds the 32 random bytes is believed; the store keeps their hash. */
#ifndef SEKISHO_CRYPTO_BEARER_H
#define SEKISHO_CRYPTO_BEARER_H

#include "base/bytes.h"

#define BEARER_LENGTH 32
#define BEARER_HASH_LENGTH 32

/* A new one. The caller wipes the secret. */
MUST_USE error_code_t bearer_make(uint8_t ret_secret[BEARER_LENGTH], uint8_t ret_hash[BEARER_HASH_LENGTH]);
/* SHA-256: the bytes are random, so nothing slower is needed. */
MUST_USE error_code_t bearer_hash(const uint8_t secret[BEARER_LENGTH], uint8_t ret_hash[BEARER_HASH_LENGTH]);

#endif

/* SHA-256 and HMAC-SHA-256, over OpenSSL with algorithms fetched once. */
#ifndef SEKISHO_CRYPTO_HASH_H
#define SEKISHO_CRYPTO_HASH_H

#include "base/bytes.h"
#include "base/secret.h"

#define SHA256_LENGTH 32

typedef struct sha256 {
  uint8_t bytes[SHA256_LENGTH];
} sha256_t;

/* Fails only when OpenSSL does (ERR_INTERNAL). */
MUST_USE error_code_t hash_sha256(bytes_t message, sha256_t *ret_hash);
MUST_USE error_code_t hash_sha256_of(const bytes_t *parts, size_t count, sha256_t *ret_hash);
/* Parts are joined as they are: callers separate them with lengths or fixed widths. */
MUST_USE error_code_t hash_hmac(const secret_key_t *key, const bytes_t *parts, size_t count,
                                sha256_t *ret_mac);
bytes_t hash_bytes(const sha256_t *hash);
/* An independent key for one use: HKDF-SHA-256 with purpose as info. */
MUST_USE error_code_t hash_derive_key(const secret_key_t *key, const char *purpose, secret_key_t *ret_key);

#endif

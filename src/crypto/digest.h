/* The hashes that signatures and TPMs name. SHA-1 is for TPM attestations only; what we make ourselves is
 * SHA-256 (hash.h). */
#ifndef SEKISHO_CRYPTO_DIGEST_H
#define SEKISHO_CRYPTO_DIGEST_H

#include <openssl/types.h>

#include "base/bytes.h"

#define DIGEST_MAX_LENGTH 64

typedef enum digest_kind {
  DIGEST_NONE,
  DIGEST_SHA1,
  DIGEST_SHA256,
  DIGEST_SHA384,
  DIGEST_SHA512,
} digest_kind_t;

typedef struct digest {
  uint8_t bytes[DIGEST_MAX_LENGTH];
  size_t len;
} digest_t;

/* Held (algorithms.h); NULL for DIGEST_NONE and when OpenSSL does not give it. */
const EVP_MD *digest_md(digest_kind_t kind);
/* ERR_INTERNAL when OpenSSL fails or has no such hash. */
MUST_USE error_code_t digest_of(digest_kind_t kind, bytes_t message, digest_t *ret_digest);
bytes_t digest_bytes(const digest_t *digest);

#endif

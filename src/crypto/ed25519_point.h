/* Ed25519 public keys (RFC 8032 §5.1.3) checked as points: OpenSSL takes any 32 bytes until it verifies. */
#ifndef SEKISHO_CRYPTO_ED25519_POINT_H
#define SEKISHO_CRYPTO_ED25519_POINT_H

#include "base/bytes.h"

#define ED25519_KEY_LENGTH 32

/* ERR_KEY unless raw is the canonical encoding of a point on the curve that is not of small order: for a key
 * of small order, one signature fits many messages. */
MUST_USE error_code_t ed25519_point_check(bytes_t raw);

#endif

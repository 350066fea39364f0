/* Ed448 public keys (RFC 8032 §5.2.3) checked as points: OpenSSL takes any 57 bytes until it verifies. */
#ifndef SEKISHO_CRYPTO_ED448_POINT_H
#define SEKISHO_CRYPTO_ED448_POINT_H

#include "base/bytes.h"

#define ED448_KEY_LENGTH 57

/* ERR_KEY unless raw is the canonical encoding of a point on the curve that is not of small order. */
MUST_USE error_code_t ed448_point_check(bytes_t raw);

#endif

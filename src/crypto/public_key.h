/* A public key of a named signature algorithm, checked when it is made: on its curve, of a sane size, and of
 * the type that its algorithm asks. Verification means one thing: the exact success code of OpenSSL. */
#ifndef SEKISHO_CRYPTO_PUBLIC_KEY_H
#define SEKISHO_CRYPTO_PUBLIC_KEY_H

#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "crypto/signature_algorithm.h"

#define SIGNATURE_MAX_LENGTH 1024 /* bytes: RSA of 8192 bits; what we make ourselves */

typedef struct public_key
    public_key_t; /* holds the EVP_PKEY and its algorithm; immutable, any thread may verify */

void public_key_free(public_key_t *key);
CLEANUP_FUNCTION(public_key_drop, public_key_t, public_key_free)

/* ECDSA from an uncompressed point (0x04 x y, checked), Ed25519, Ed448 and ML-DSA from their raw bytes
 * (points are checked), RSA from n and e (2048 to 8192 bits, odd e > 1 of at most 32 bits). ERR_KEY
 * otherwise, ERR_ALGORITHM when the algorithm is not of that kind or OpenSSL does not have it. P-256 takes
 * the short way: parameters copied from a held template. */
MUST_USE error_code_t public_key_from_point(signature_algorithm_t algorithm, bytes_t point,
                                            public_key_t **ret_key);
MUST_USE error_code_t public_key_from_raw(signature_algorithm_t algorithm, bytes_t raw,
                                          public_key_t **ret_key);
MUST_USE error_code_t public_key_from_rsa(signature_algorithm_t algorithm, bytes_t n, bytes_t e,
                                          public_key_t **ret_key);
/* Takes a reference; ERR_KEY unless the key's type fits the algorithm. For certificates. */
MUST_USE error_code_t public_key_from_evp(signature_algorithm_t algorithm, EVP_PKEY *evp,
                                          public_key_t **ret_key);
/* False for keys that cost more to verify with than those above do, or that name no algorithm of signatures:
 * for the signatures on certificates, which OpenSSL verifies. NULL is none. */
bool public_key_is_affordable(const EVP_PKEY *evp);
/* True when evp is the same key; NULL never is. */
bool public_key_equals(const public_key_t *key, const EVP_PKEY *evp);
signature_algorithm_t public_key_algorithm(const public_key_t *key);
EVP_PKEY *public_key_evp(const public_key_t *key); /* borrowed */
/* The uncompressed point of an ECDSA key, in memory of capacity bytes; none for others or when it has no
 * room. */
bytes_t public_key_point(const public_key_t *key, uint8_t *memory, size_t capacity);

/* ECDSA signatures in DER (strict: the exact DER form, r and s in range), as WebAuthn carries them.
 * ERR_SIGNATURE when it does not verify; ERR_INTERNAL never means yes. */
MUST_USE error_code_t public_key_verify(const public_key_t *key, bytes_t message, bytes_t signature);
/* The same for JOSE's fixed-width r||s. */
MUST_USE error_code_t public_key_verify_jose(const public_key_t *key, bytes_t message, bytes_t signature);

#endif

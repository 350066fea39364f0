/* A private key that signs tokens. It keeps contexts ready, one for each thread that signs at a time: setting
 * one up costs a third of a signature. */
#ifndef SEKISHO_CRYPTO_SIGNING_KEY_H
#define SEKISHO_CRYPTO_SIGNING_KEY_H

#include "base/arena.h"
#include "crypto/public_key.h"

typedef struct signing_key signing_key_t; /* any thread may sign */

MUST_USE error_code_t signing_key_generate(signature_algorithm_t algorithm, signing_key_t **ret_key);
void signing_key_free(signing_key_t *key);
CLEANUP_FUNCTION(signing_key_drop, signing_key_t, signing_key_free)
/* PKCS #8 DER, for sealing at rest; wipe it after use. */
MUST_USE error_code_t signing_key_export(arena_t *arena, const signing_key_t *key, bytes_t *ret_der);
MUST_USE error_code_t signing_key_import(signature_algorithm_t algorithm, bytes_t der,
                                         signing_key_t **ret_key);
/* RFC 7638 thumbprint, base64url; lives as long as the key. */
const char *signing_key_id(const signing_key_t *key);
signature_algorithm_t signing_key_algorithm(const signing_key_t *key);
const public_key_t *signing_key_public(const signing_key_t *key);
/* Signs in JOSE form (ECDSA as r||s). signature has room for SIGNATURE_MAX_LENGTH. */
MUST_USE error_code_t signing_key_sign(const signing_key_t *key, bytes_t message, uint8_t *signature,
                                       size_t *ret_len);

#endif

/* JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037), public halves only. */
#ifndef SEKISHO_CRYPTO_JWK_H
#define SEKISHO_CRYPTO_JWK_H

#include "base/json.h"
#include "crypto/public_key.h"

/* Refuses private members, oct keys, alg that disagrees with kty/crv. algorithm 0: taken from `alg`, or from
 * the curve. */
MUST_USE error_code_t jwk_parse(const json_t *jwk, public_key_t **ret_key);
/* For one algorithm, which must be one that the key is good for: an RSA key without `alg` is for any of RSA.
 */
MUST_USE error_code_t jwk_parse_for(const json_t *jwk, signature_algorithm_t wanted, public_key_t **ret_key);
/* {kty, crv, x, y, alg, use: sig, kid}; new reference, NULL when out of memory. */
json_t *jwk_build(const public_key_t *key, const char *key_id);
/* RFC 7638, base64url in the arena. */
MUST_USE error_code_t jwk_thumbprint(arena_t *arena, const public_key_t *key, bytes_t *ret_text);

#endif

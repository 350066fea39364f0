/* JSON Web Key Sets (RFC 7517 §5) of others, for verifying what they sign. */
#ifndef SEKISHO_CRYPTO_JWK_SET_H
#define SEKISHO_CRYPTO_JWK_SET_H

#include "crypto/hash.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"

#define JWK_SET_MAX 64

typedef struct jwk_set_key {
  bytes_t id; /* kid, or none */
  public_key_t *key;
  bool has_certificate;
  sha256_t certificate; /* SHA-256 of its first x5c entry */
} jwk_set_key_t;

/* Its texts are the arena's, its keys its own: jwk_set_done. */
typedef struct jwk_set {
  jwk_set_key_t *keys;
  size_t count;
} jwk_set_t;

/* rsa_algorithm: of RSA keys that name none; NULL: RS256. A key that is not for signatures, or of a kind that
 * we do not know, is passed over, as §5 asks; a private or secret one makes the whole set ERR_KEY: somebody
 * has published what they must not. ERR_KEY also when no key is left, or more than JWK_SET_MAX. */
MUST_USE error_code_t jwk_set_parse(arena_t *arena, bytes_t text, const char *rsa_algorithm,
                                    jwk_set_t *ret_set);
void jwk_set_done(jwk_set_t *set);

/* §4.7 of a key: its own certificate, if it names one. ERR_KEY when that is none. */
MUST_USE error_code_t jwk_set_key_certificate(arena_t *arena, const json_t *jwk, jwk_set_key_t *key);

bool jwk_set_has(const jwk_set_t *set, bytes_t key_id);
/* By kid where both sides have one; otherwise any key for the algorithm. ERR_SIGNATURE when none verifies. */
MUST_USE error_code_t jwk_set_verify(const jwk_set_t *set, const jws_t *jws);

#endif

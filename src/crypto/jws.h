/* Compact JWS (RFC 7515) as JWTs use it, by RFC 8725: the caller says which algorithms and which typ it
 * takes. */
#ifndef SEKISHO_CRYPTO_JWS_H
#define SEKISHO_CRYPTO_JWS_H

#include "base/json.h"
#include "crypto/public_key.h"
#include "crypto/signing_key.h"

#define JWS_MAX_LENGTH (16 * 1024)

/* A parsed, not yet verified token: nothing in it may be believed before jws_verify. */
typedef struct jws {
  bytes_t signing_input;
  bytes_t signature;
  signature_algorithm_t algorithm;
  bytes_t type;    /* typ, lower case, without "application/" */
  bytes_t key_id;  /* kid, or none */
  json_t *payload; /* owned by the jws: jws_done */
} jws_t;

/* Three parts, strict base64url, strict JSON objects, an algorithm that we know; b64, crit, zip, enc, jku,
 * x5u and jwk in the header are refused (ERR_TOKEN). Larger than JWS_MAX_LENGTH is refused before anything is
 * decoded. */
MUST_USE error_code_t jws_parse(arena_t *arena, bytes_t text, jws_t *ret_jws);
void jws_done(jws_t *jws);

#define JWS_CERTIFICATES_MAX 8
#define JWS_CERTIFICATE_MAX_LENGTH (8 * 1024)

typedef struct jws_certificates {
  bytes_t der[JWS_CERTIFICATES_MAX]; /* in the arena, the signer's first; not believed either */
  size_t count;
} jws_certificates_t;

/* The same for tokens that bring their signer's key, who is whoever holds it: jwk must be there, and hold no
 * private member. The key is the caller's, who frees it; verified by nothing yet. */
MUST_USE error_code_t jws_parse_keyed(arena_t *arena, bytes_t text, jws_t *ret_jws, public_key_t **ret_key);

/* The same for tokens that bring the certificates of their signer, who is known by a path to a trust root:
 * x5c must be there (RFC 7515 §4.1.6, standard base64 in its one form). */
MUST_USE error_code_t jws_parse_certified(arena_t *arena, bytes_t text, jws_t *ret_jws,
                                          jws_certificates_t *ret_certificates);
/* The same for a document that is no token (FIDO's metadata): as long as limit, the certificates may be
 * missing (count 0), and the payload stays encoded, so that nobody reads it before its signature has been
 * verified. */
MUST_USE error_code_t jws_parse_document(arena_t *arena, bytes_t text, size_t limit, jws_t *ret_jws,
                                         jws_certificates_t *ret_certificates, bytes_t *ret_payload);
/* ERR_SIGNATURE unless the key's algorithm is the token's and the signature is good. */
MUST_USE error_code_t jws_verify(const jws_t *jws, const public_key_t *key);

/* Signs claims (a JSON object as text) under {"alg","typ","kid"}; the compact form in the arena.
 * ERR_TOO_LARGE beyond JWS_MAX_LENGTH. */
MUST_USE error_code_t jws_sign(arena_t *arena, const signing_key_t *key, const char *type, bytes_t claims,
                               bytes_t *ret_text);

#endif

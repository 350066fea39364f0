/* COSE_Key (RFC 9052 §7, RFC 9053 §7, WebAuthn L3 §5.8.5) to a public key, and the walk that fences CBOR. */
#ifndef SEKISHO_CRYPTO_COSE_KEY_H
#define SEKISHO_CRYPTO_COSE_KEY_H

#include "crypto/public_key.h"

/* The whole of bytes must be one definite, canonical, duplicate-free map whose kty, alg and crv agree.
 * Unknown algorithms: ERR_ALGORITHM; anything wrong with the key itself: ERR_KEY; CBOR errors: ERR_CBOR.
 * ret_key may be NULL to check and read the algorithm only. */
MUST_USE error_code_t cose_key_parse(bytes_t bytes, public_key_t **ret_key, int64_t *ret_algorithm,
                                     error_detail_t *detail);
/* The same, and keys of RS1 too: SHA-1 signs nothing but FIDO's conformance tests. */
MUST_USE error_code_t cose_key_parse_with_rs1(bytes_t bytes, public_key_t **ret_key, int64_t *ret_algorithm,
                                              error_detail_t *detail);

#endif

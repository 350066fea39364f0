/* The two encodings of an ECDSA signature: DER (RFC 3279 §2.2.3), which WebAuthn and OpenSSL use, and r || s
 * at fixed width (RFC 7518 §3.4), which JOSE uses. Strict: one encoding for one signature, 0 < r, s < n. */
#ifndef SEKISHO_CRYPTO_ECDSA_SIGNATURE_H
#define SEKISHO_CRYPTO_ECDSA_SIGNATURE_H

#include "base/bytes.h"
#include "crypto/public_key.h"

#define ECDSA_DER_MAX (3 + 2 * (2 + 1 + 66)) /* P-521 */
#define ECDSA_JOSE_MAX (2 * 66)

/* Bytes of r, of s and of each coordinate: 32, 48 or 66; 0 when the algorithm is not ECDSA. */
size_t ecdsa_width(signature_algorithm_t algorithm);
/* ERR_SIGNATURE for BER forms, superfluous zeros, negative or out-of-range numbers, trailing bytes. */
MUST_USE error_code_t ecdsa_signature_check_der(signature_algorithm_t algorithm, bytes_t der);
/* der has room for ECDSA_DER_MAX bytes, jose for ECDSA_JOSE_MAX. */
MUST_USE error_code_t ecdsa_signature_to_der(signature_algorithm_t algorithm, bytes_t jose, uint8_t *der,
                                             size_t *ret_len);
MUST_USE error_code_t ecdsa_signature_to_jose(signature_algorithm_t algorithm, bytes_t der, uint8_t *jose,
                                              size_t *ret_len);

#endif

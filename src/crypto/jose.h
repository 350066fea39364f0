/* Names of the signature algorithms and their keys in JOSE (RFC 7518 §3.1, §6; RFC 8037 §3.1). */
#ifndef SEKISHO_CRYPTO_JOSE_H
#define SEKISHO_CRYPTO_JOSE_H

#include "base/bytes.h"
#include "crypto/public_key.h"

const char *jose_algorithm_name(signature_algorithm_t algorithm);
const char *jose_key_type(signature_algorithm_t algorithm);
const char *jose_curve(signature_algorithm_t algorithm); /* NULL for RSA */

/* Exact, case-sensitive names; false for every other, "none" included. */
bool jose_algorithm_parse(bytes_t name, signature_algorithm_t *ret_algorithm);
/* ES256, EdDSA and PS256: those that the FAPI 2.0 Security Profile takes (§5.4.1). */
bool jose_algorithm_is_fapi(signature_algorithm_t algorithm);
/* The one algorithm that a key of this type and curve is used for; crv must be absent for RSA. */
bool jose_algorithm_of_key(bytes_t kty, bytes_t crv, signature_algorithm_t *ret_algorithm);

#endif

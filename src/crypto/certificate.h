/* X.509 certificates of clients (RFC 5280), as DER that somebody else has proven the key of: what they are
 * called, whether they are valid now, and who vouches for them. */
#ifndef SEKISHO_CRYPTO_CERTIFICATE_H
#define SEKISHO_CRYPTO_CERTIFICATE_H

#include "base/arena.h"
#include "crypto/certificate_name.h"
#include "crypto/trust_roots.h"

#define CERTIFICATE_MAX ((size_t)16 * 1024) /* of DER */

/* Exactly one certificate and nothing behind it. ERR_MALFORMED. */
MUST_USE error_code_t certificate_check(bytes_t der);
/* Of a PEM text with exactly one certificate; DER in the arena. ERR_MALFORMED, ERR_NO_MEMORY. */
MUST_USE error_code_t certificate_of_pem(arena_t *arena, bytes_t pem, bytes_t *ret_der);

/* The functions below take what certificate_check has passed, and are false for everything else. */
bool certificate_is_valid_at(bytes_t der, int64_t now_ms);
/* Whether a path leads to one of the roots, which may be an issuing authority itself, for use as a TLS client
 * (RFC 5280 §6, §4.2.1.12). */
bool certificate_is_vouched_for(bytes_t der, const trust_roots_t *roots, int64_t now_ms);
bool certificate_has_name(bytes_t der, const certificate_name_t *name);

#endif

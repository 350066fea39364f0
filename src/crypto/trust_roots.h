/* The certificates that a chain must reach: of attestation, of clients. Made once, immutable, usable from any
 * thread. */
#ifndef SEKISHO_CRYPTO_TRUST_ROOTS_H
#define SEKISHO_CRYPTO_TRUST_ROOTS_H

#include <openssl/types.h>

#include "base/bytes.h"
#include "base/cleanup.h"

typedef struct trust_roots trust_roots_t;

MUST_USE error_code_t trust_roots_new(trust_roots_t **ret_roots);
void trust_roots_free(trust_roots_t *roots);
CLEANUP_FUNCTION(trust_roots_drop, trust_roots_t, trust_roots_free)
/* Adds every certificate of the PEM text: roots, intermediates or leaves. ERR_MALFORMED when there is none or
 * one cannot be read. */
MUST_USE error_code_t trust_roots_add_pem(trust_roots_t *roots, bytes_t pem);
/* One certificate. ERR_MALFORMED when it cannot be read; one that is there already is fine. */
MUST_USE error_code_t trust_roots_add_der(trust_roots_t *roots, bytes_t der);
X509_STORE *trust_roots_store(const trust_roots_t *roots); /* borrowed */

#endif

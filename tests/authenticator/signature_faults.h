/* Signatures that must not verify, or just must (high-s), made from good ones. */
#ifndef SEKISHO_TESTS_SIGNATURE_FAULTS_H
#define SEKISHO_TESTS_SIGNATURE_FAULTS_H

#include <openssl/evp.h>

#include "base/arena.h"

/* Signs message with key (algorithm: as soft_sign) as WebAuthn does (ECDSA in DER), then breaks the signature
 * as fault says; NULL: not at all. For any key: "flip", "empty", "truncated", "trailing". For ECDSA:
 * "ber-length", "leading-zero", "negative-r", "r-zero", "s-zero", "r-order", "raw", "high-s". Ends the
 * process on other names. */
bytes_t soft_signature(arena_t *arena, int64_t algorithm, EVP_PKEY *key, bytes_t message, const char *fault);

#endif

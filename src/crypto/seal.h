/* Sealing: AES-256-GCM with a random 96-bit nonce, bound to a purpose. For cookies, handles and keys at rest.
 */
#ifndef SEKISHO_CRYPTO_SEAL_H
#define SEKISHO_CRYPTO_SEAL_H

#include "base/arena.h"
#include "base/secret.h"

#define SEAL_OVERHEAD (12 + 16)

/* purpose is authenticated beside the text: what was sealed for one purpose never opens for another. */
MUST_USE error_code_t seal_close(arena_t *arena, const secret_key_t *key, const char *purpose, bytes_t plain,
                                 bytes_t *ret_sealed);
/* ERR_SEAL for anything that this key and purpose did not seal. */
MUST_USE error_code_t seal_open(arena_t *arena, const secret_key_t *key, const char *purpose, bytes_t sealed,
                                bytes_t *ret_plain);

#endif

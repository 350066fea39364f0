/* Bearer references: authorization codes and request handles. Row id and 256-bit secret as one text; the
 * store finds the row by its id (rows are appended in order, no random index) and keeps the secret's hash.
 * The id is masked, so that nobody can count rows. */
#ifndef SEKISHO_AUTHORITY_REFERENCE_H
#define SEKISHO_AUTHORITY_REFERENCE_H

#include "base/arena.h"
#include "base/secret.h"

#define REFERENCE_LENGTH 54 /* base64url of 8 + 32 bytes */

/* A fresh secret and its hash, before the row is made. */
MUST_USE error_code_t reference_make(secret_key_t *ret_secret, uint8_t ret_hash[32]);
/* The text, once the row is there; in the arena. kind keeps codes and handles apart. */
MUST_USE error_code_t reference_build(arena_t *arena, const secret_key_t *mask, const char *kind, int64_t row,
                                      const secret_key_t *secret, bytes_t *ret_text);
/* ERR_MALFORMED for anything that has not the form; whether it exists, the store knows. */
MUST_USE error_code_t reference_parse(const secret_key_t *mask, const char *kind, bytes_t text,
                                      int64_t *ret_row, uint8_t ret_hash[32]);

#endif

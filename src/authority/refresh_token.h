/* Refresh tokens as texts. One names its family's row and ref and its generation, and carries a MAC of them
 * under a key that only the domain's key file gives: what is stored suffices to judge one, never to make one.
 * The same generation always has the same text, so a lost answer can be given again. What it names is masked,
 * so that nobody can count rows. */
#ifndef SEKISHO_AUTHORITY_REFRESH_TOKEN_H
#define SEKISHO_AUTHORITY_REFRESH_TOKEN_H

#include "base/arena.h"
#include "base/secret.h"
#include "store/authority_refresh.h"

#define REFRESH_TOKEN_LENGTH 80 /* base64url of 28 + 32 bytes */

MUST_USE error_code_t refresh_token_build(arena_t *arena, const secret_key_t *key, const refresh_name_t *name,
                                          bytes_t *ret_text);
/* ERR_MALFORMED for anything that this domain did not make. */
MUST_USE error_code_t refresh_token_parse(const secret_key_t *key, bytes_t text, refresh_name_t *ret_name);

#endif

/* What a browser carries for us in an address: sealed, as base64url, and good for the browser that began it
 * alone. */
#ifndef SEKISHO_RP_SEALED_TEXT_H
#define SEKISHO_RP_SEALED_TEXT_H

#include "base/arena.h"
#include "crypto/seal.h"
#include "rp/rp_keys.h"

/* The most that goes into a text of that length. */
#define SEALED_TEXT_ROOM(text_length) ((text_length) / 4 * 3 - SEAL_OVERHEAD)

/* In the arena; ERR_TOO_LARGE when plain did not fit its builder. purpose keeps kinds apart. */
MUST_USE error_code_t sealed_text_close(arena_t *arena, const rp_keys_t *keys, const char *purpose,
                                        const builder_t *plain, bytes_t *ret_text);
/* ERR_CONTINUE unless these keys sealed it for the purpose. */
MUST_USE error_code_t sealed_text_open(arena_t *arena, const rp_keys_t *keys, const char *purpose,
                                       bytes_t text, bytes_t *ret_plain);
/* Whether it is still good at now_ms, in the browser whose cookie has that hash. */
bool sealed_text_is_for(const uint8_t began[32], int64_t expires_ms, const uint8_t browser[32],
                        int64_t now_ms);

#endif

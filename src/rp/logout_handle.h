/* `?handle=` of the page that asks whether to sign out: who asks, and where the browser goes afterwards, as
 * the authority verified it, sealed for the browser that came with it. */
#ifndef SEKISHO_RP_LOGOUT_HANDLE_H
#define SEKISHO_RP_LOGOUT_HANDLE_H

#include "base/arena.h"
#include "rp/rp_keys.h"

#define LOGOUT_HANDLE_LIFETIME_MS ((int64_t)600 * 1000)
#define LOGOUT_HANDLE_MAX_LENGTH 11000 /* of the text: an address of 2000 bytes with its state, mostly */

typedef struct logout_handle {
  int64_t expires_ms;
  uint8_t browser[32]; /* hash of the browser's cookie */
  bytes_t location;    /* empty: nowhere */
  bytes_t client_name; /* empty: it is not known who asks */
  bytes_t domain_name;
} logout_handle_t;

/* base64url text in the arena. ERR_TOO_LARGE beyond the longest. */
MUST_USE error_code_t logout_handle_seal(arena_t *arena, const rp_keys_t *keys, const logout_handle_t *handle,
                                         bytes_t *ret_text);
/* ERR_CONTINUE unless these keys sealed it, it is not over at now_ms, and browser brought it. */
MUST_USE error_code_t logout_handle_open(arena_t *arena, const rp_keys_t *keys, bytes_t text,
                                         const uint8_t browser[32], int64_t now_ms,
                                         logout_handle_t *ret_handle);

#endif

/* Logout tokens: OpenID Connect Back-Channel Logout 1.0 §2.4. */
#ifndef SEKISHO_AUTHORITY_LOGOUT_TOKEN_H
#define SEKISHO_AUTHORITY_LOGOUT_TOKEN_H

#include "authority/domain.h"

#define LOGOUT_TOKEN_LIFETIME_MS ((int64_t)2 * 60 * 1000)

MUST_USE error_code_t logout_token_build(arena_t *arena, const domain_settings_t *settings,
                                         const signing_key_t *key, bytes_t client, bytes_t subject,
                                         bytes_t session, int64_t now_ms, bytes_t *ret_text);

#endif

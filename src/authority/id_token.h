/* ID tokens: OpenID Connect Core 1.0 §2 and §3.1.3.6. */
#ifndef SEKISHO_AUTHORITY_ID_TOKEN_H
#define SEKISHO_AUTHORITY_ID_TOKEN_H

#include "authority/domain.h"

/* at_hash binds it to the access token that goes out beside it; nonce only when one was sent. */
MUST_USE error_code_t id_token_build(arena_t *arena, const domain_settings_t *settings,
                                     const signing_key_t *key, const grant_t *grant, bytes_t access_token,
                                     int64_t now_ms, bytes_t *ret_text);

/* An ID token that a client brings back as a hint: who it was given to, about whom, in which session. It
 * proves that this issuer made it, and nothing about now: its expiry is not looked at. */
typedef struct id_token_hint {
  bytes_t client, subject, session; /* texts, in the arena */
} id_token_hint_t;
/* ERR_TOKEN unless a published key of the domain signed it as an ID token of this issuer. */
MUST_USE error_code_t id_token_hint_parse(arena_t *arena, const domain_t *domain,
                                          const domain_settings_t *settings, bytes_t text,
                                          id_token_hint_t *ret_hint);

#endif

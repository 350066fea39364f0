/* Internal tokens: transaction tokens (draft-ietf-oauth-transaction-tokens), `typ: txntoken+jwt`, as the
 * gateway check mints them. One route, one service, a minute: less than the external token says in every
 * respect. */
#ifndef SEKISHO_AUTHORITY_INTERNAL_TOKEN_H
#define SEKISHO_AUTHORITY_INTERNAL_TOKEN_H

#include "authority/access_token.h"

#define INTERNAL_TOKEN_TYPE "txntoken+jwt"

/* What the token is made for, after everything was checked. */
typedef struct internal_grant {
  const config_route_t *route;
  bytes_t method; /* as the gateway got it */
} internal_grant_t;

/* Ends at the domain's internal lifetime or with the external token, whichever comes first. */
MUST_USE error_code_t internal_token_build(arena_t *arena, const domain_settings_t *settings,
                                           const signing_key_t *key, const access_token_t *token,
                                           internal_grant_t grant, int64_t now_ms, bytes_t *ret_text);

#endif

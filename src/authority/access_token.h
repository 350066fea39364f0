/* Access tokens: RFC 9068 JWTs, `typ: at+jwt`.
 *
 * Claims beyond the RFC: `acr`, `auth_time`, `amr` (always one real pair: the highest level held and when it
 * was earned), `sid` (pairwise), `levels` (newest time per level and kind of evidence, in seconds, what
 * /check judges) and `grant`, the private name of the grant's reference, by which revocation finds the token.
 * A token that a client has in its own name (client_credentials) has none of the claims of a sign-in, and the
 * client as its subject.
 */
#ifndef SEKISHO_AUTHORITY_ACCESS_TOKEN_H
#define SEKISHO_AUTHORITY_ACCESS_TOKEN_H

#include "authority/confirmation.h"
#include "authority/domain.h"
#include "base/json.h"
#include "policy/decision.h"

#define ACCESS_TOKEN_TYPE "at+jwt"
#define ACCESS_TOKEN_ID_LENGTH 22 /* jti: base64url of 16 random bytes */

/* A verified token as plain data. Views live in the arena that it was parsed into; a cache copies them. */
typedef struct access_token {
  bytes_t subject, client, scope;
  bytes_t session, acr; /* empty: a client's own token; then there is no time and no level either */
  bytes_t amr;          /* words */
  bytes_t id;           /* jti */
  bytes_t details;      /* authorization details, canonical; empty: none */
  grant_ref_t grant;
  confirmation_t confirmation; /* what its holder must prove */
  int64_t issued_ms, expires_ms;
  int64_t auth_time_ms;
  level_times_t levels;
} access_token_t;

/* Signs a token for a grant, bound to a key; it ends at expires_ms. */
MUST_USE error_code_t access_token_build(arena_t *arena, const domain_settings_t *settings,
                                         const signing_key_t *key, const grant_t *grant,
                                         const confirmation_t *confirmation, int64_t now_ms,
                                         int64_t expires_ms, bytes_t *ret_text);

/* Form, typ, key, signature, issuer and audience: what stays true for a token as long as the settings stand.
 * Its levels are places in the settings' table, so whoever judges them needs the same settings. ERR_TOKEN
 * otherwise. */
MUST_USE error_code_t access_token_parse(arena_t *arena, const domain_t *domain,
                                         const domain_settings_t *settings, bytes_t text,
                                         access_token_t *ret_token);
/* What changes: expiry (no leeway: we made the time ourselves), revocation, and a clock that ran ahead when
 * the token was made. Cheap, and asked at every use. */
MUST_USE error_code_t access_token_check(const domain_t *domain, const access_token_t *token, int64_t now_ms);
/* Both. */
MUST_USE error_code_t access_token_verify(arena_t *arena, const domain_t *domain, bytes_t text,
                                          int64_t now_ms, access_token_t *ret_token);
/* Whether the scope, as the token carries it, contains name. */
bool access_token_has_scope(const access_token_t *token, bytes_t name);

/* The `levels` claim as JSON text, made once when a grant is made. */
MUST_USE error_code_t level_times_build(builder_t *builder, const level_table_t *table,
                                        const level_times_t *times);
/* Per level and kind the newer of both. */
void level_times_join(level_times_t *times, const level_times_t *other);
MUST_USE error_code_t level_times_parse(const json_t *claim, const level_table_t *table,
                                        level_times_t *ret_times);

#endif

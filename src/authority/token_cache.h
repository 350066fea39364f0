/* Access tokens that were verified before, so that the check path verifies each signature once. What can
 * change about a token (expiry, revocation, how fresh its levels are) is judged anew at every use; only what
 * is true for ever is kept.
 *
 * Entries are found by the SHA-256 of the whole token, so nobody can make one stand for another. A slot holds
 * one entry; the newest wins. Beside the token an entry may keep the internal token that was last made from
 * it, for the reuse window. */
#ifndef SEKISHO_AUTHORITY_TOKEN_CACHE_H
#define SEKISHO_AUTHORITY_TOKEN_CACHE_H

#include "authority/access_token.h"
#include "crypto/hash.h"

#define TOKEN_CACHE_SLOTS 4096

typedef struct token_cache token_cache_t;

MUST_USE error_code_t token_cache_new(token_cache_t **ret_cache);
void token_cache_free(token_cache_t *cache);
/* When the settings that entries were made under are replaced: frees what nobody will ask for again. */
void token_cache_clear(token_cache_t *cache);

/* An entry answers only under the settings that it was made under: a call that began before a reload may put
 * one after the cache was cleared. */
typedef struct token_key {
  const domain_settings_t *settings;
  sha256_t hash;
} token_key_t;

/* Copies into the arena; false when it is not there. */
bool token_cache_get(token_cache_t *cache, const token_key_t *key, arena_t *arena, access_token_t *ret_token);
void token_cache_put(token_cache_t *cache, const token_key_t *key, const access_token_t *token);

/* Form, signature and issuer once a token, expiry and revocation at every call. ERR_TOKEN for what is not
 * valid here and now. */
MUST_USE error_code_t token_cache_accept(const domain_t *domain, const domain_settings_t *settings,
                                         bytes_t text, int64_t now_ms, arena_t *arena, token_key_t *ret_key,
                                         access_token_t *ret_token);

/* What an internal token was made for, beside the token and the settings. */
typedef struct reuse_key {
  const config_route_t *route;
  bool head; /* HEAD judged as GET */
} reuse_key_t;
/* Copies one that was made at or after not_before_ms; false otherwise. */
bool token_cache_get_internal(token_cache_t *cache, const token_key_t *key, reuse_key_t use,
                              int64_t not_before_ms, arena_t *arena, bytes_t *ret_text);
void token_cache_put_internal(token_cache_t *cache, const token_key_t *key, reuse_key_t use, int64_t made_ms,
                              bytes_t text);

#endif

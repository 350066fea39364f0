#include "authority/id_token.h"

#include <openssl/sha.h>

#include "authority/claims.h"
#include "crypto/jws.h"

#define CLAIMS_FIXED 768
#define ID_TOKEN_TYPE "JWT"
#define ID_TOKEN_TYPE_READ "jwt" /* as jws_parse gives it */

/* Left half of the hash that belongs to the algorithm: SHA-256, for Ed25519 SHA-512. */
static void add_at_hash(builder_t *claims, signature_algorithm_t algorithm, bytes_t access_token)
{
  uint8_t hash[SHA512_DIGEST_LENGTH];
  bool wide = algorithm == SIGNATURE_EDDSA;
  if (wide)
    SHA512(access_token.data, access_token.len, hash);
  else
    SHA256(access_token.data, access_token.len, hash);
  builder_add_string(claims, ",\"at_hash\":\"");
  builder_add_base64url(claims, bytes_of(hash, wide ? SHA512_DIGEST_LENGTH / 2 : SHA256_DIGEST_LENGTH / 2));
  builder_add_string(claims, "\"");
}

error_code_t id_token_build(arena_t *arena, const domain_settings_t *settings, const signing_key_t *key,
                            const grant_t *grant, bytes_t access_token, int64_t now_ms, bytes_t *ret_text)
{
  bytes_t issuer = bytes_of_string(settings->config->issuer);
  size_t texts = issuer.len + grant->subject.len + 2 * grant->client.len + grant->nonce.len + grant->acr.len +
                 grant->amr.len + grant->session.len;
  int64_t expires_ms = now_ms + ID_TOKEN_LIFETIME_MS;
  builder_t claims = arena_builder(arena, CLAIMS_FIXED + 6 * texts);
  builder_add_string(&claims, "{\"iss\":");
  builder_add_json_string(&claims, issuer);
  claim_add_text(&claims, "sub", grant->subject);
  claim_add_text(&claims, "aud", grant->client);
  claim_add_text(&claims, "azp", grant->client);
  claim_add_seconds(&claims, "exp", expires_ms);
  claim_add_seconds(&claims, "iat", now_ms);
  claim_add_seconds(&claims, "auth_time", grant->auth_time_ms);
  if (grant->nonce.len > 0)
    claim_add_text(&claims, "nonce", grant->nonce);
  claim_add_text(&claims, "acr", grant->acr);
  claim_add_words(&claims, "amr", grant->amr);
  claim_add_text(&claims, "sid", grant->session);
  add_at_hash(&claims, signing_key_algorithm(key), access_token);
  builder_add_string(&claims, "}");
  return claims.failed ? ERR_NO_MEMORY
                       : jws_sign(arena, key, ID_TOKEN_TYPE, builder_bytes(&claims), ret_text);
}

static error_code_t read_hint(arena_t *arena, const domain_settings_t *settings, const json_t *claims,
                              id_token_hint_t *ret_hint)
{
  bytes_t issuer, client, subject, session;
  if (json_require_text(claims, "iss", &issuer) != ERR_NONE ||
      json_require_text(claims, "aud", &client) != ERR_NONE ||
      json_require_text(claims, "sub", &subject) != ERR_NONE ||
      json_require_text(claims, "sid", &session) != ERR_NONE || client.len == 0 || subject.len == 0 ||
      session.len == 0 || !bytes_equal_string(issuer, settings->config->issuer))
    return ERR_TOKEN;
  *ret_hint =
      (id_token_hint_t){arena_copy(arena, client), arena_copy(arena, subject), arena_copy(arena, session)};
  return ret_hint->client.data != NULL && ret_hint->subject.data != NULL && ret_hint->session.data != NULL
             ? ERR_NONE
             : ERR_NO_MEMORY;
}

error_code_t id_token_hint_parse(arena_t *arena, const domain_t *domain, const domain_settings_t *settings,
                                 bytes_t text, id_token_hint_t *ret_hint)
{
  jws_t jws;
  error_code_t error = jws_parse(arena, text, &jws);
  if (error != ERR_NONE)
    return error == ERR_NO_MEMORY ? error : ERR_TOKEN;
  const signing_key_t *key = key_set_find(signing_keys_now(domain->keys), jws.key_id);
  if (key == NULL || !bytes_equal_string(jws.type, ID_TOKEN_TYPE_READ) ||
      jws_verify(&jws, signing_key_public(key)) != ERR_NONE)
    error = ERR_TOKEN;
  else
    error = read_hint(arena, settings, jws.payload, ret_hint);
  jws_done(&jws);
  return error;
}

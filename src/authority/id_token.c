#include "authority/id_token.h"

#include <openssl/sha.h>

#include "authority/claims.h"
#include "crypto/jws.h"

#define CLAIMS_FIXED 768

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
  return claims.failed ? ERR_NO_MEMORY : jws_sign(arena, key, "JWT", builder_bytes(&claims), ret_text);
}

#include "authority/logout_token.h"

#include "authority/claims.h"
#include "crypto/jws.h"

#define CLAIMS_FIXED 512
#define LOGOUT_TOKEN_TYPE "logout+jwt"
#define LOGOUT_EVENT "http://schemas.openid.net/event/backchannel-logout"

/* No nonce: it must be no ID token for anybody (§2.4). */
error_code_t logout_token_build(arena_t *arena, const domain_settings_t *settings, const signing_key_t *key,
                                bytes_t client, bytes_t subject, bytes_t session, int64_t now_ms,
                                bytes_t *ret_text)
{
  uint8_t id[16];
  bytes_t issuer = bytes_of_string(settings->config->issuer);
  builder_t claims =
      arena_builder(arena, CLAIMS_FIXED + 6 * (issuer.len + client.len + subject.len + session.len));
  random_fill(id, sizeof id);
  builder_add_string(&claims, "{\"iss\":");
  builder_add_json_string(&claims, issuer);
  claim_add_text(&claims, "aud", client);
  claim_add_seconds(&claims, "iat", now_ms);
  claim_add_seconds(&claims, "exp", now_ms + LOGOUT_TOKEN_LIFETIME_MS);
  builder_add_string(&claims, ",\"jti\":\"");
  builder_add_base64url(&claims, bytes_of(id, sizeof id));
  builder_add_string(&claims, "\",\"events\":{\"" LOGOUT_EVENT "\":{}}");
  claim_add_text(&claims, "sub", subject);
  claim_add_text(&claims, "sid", session);
  builder_add_string(&claims, "}");
  return claims.failed ? ERR_NO_MEMORY
                       : jws_sign(arena, key, LOGOUT_TOKEN_TYPE, builder_bytes(&claims), ret_text);
}

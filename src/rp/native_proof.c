#include "rp/native_proof.h"

#include "base/text.h"
#include "crypto/jose.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"

#define PROOF_TYPE "dpop+jwt"
#define PROOF_ID_MAX 256
#define PAST_MS ((int64_t)60 * 1000)
#define FUTURE_MS ((int64_t)15 * 1000)
#define SECONDS_MAX (INT64_MAX / 1000)

static error_code_t refuse(const char **ret_reason, const char *reason)
{
  *ret_reason = reason;
  return ERR_DPOP_PROOF;
}

static error_code_t check_claims(const json_t *claims, bytes_t address, int64_t now_ms,
                                 const char **ret_reason)
{
  bytes_t id, method, target;
  int64_t issued;
  if (json_require_text(claims, "jti", &id) != ERR_NONE || !text_is_printable(id, PROOF_ID_MAX))
    return refuse(ret_reason, "jti is missing or too long");
  if (json_require_text(claims, "htm", &method) != ERR_NONE || !bytes_equal_string(method, "POST"))
    return refuse(ret_reason, "htm is another method");
  if (json_require_text(claims, "htu", &target) != ERR_NONE || !bytes_equal(target, address))
    return refuse(ret_reason, "htu is another address");
  if (json_require_integer(claims, "iat", &issued) != ERR_NONE || issued <= 0 || issued > SECONDS_MAX ||
      issued * 1000 > now_ms + FUTURE_MS || issued * 1000 <= now_ms - PAST_MS)
    return refuse(ret_reason, "iat is too far from now");
  return ERR_NONE;
}

error_code_t native_proof_check(arena_t *arena, bytes_t text, bytes_t address, int64_t now_ms,
                                bytes_t *ret_thumbprint, const char **ret_reason)
{
  CLEANUP(jws_done) jws_t jws = {.payload = NULL};
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  error_code_t error = jws_parse_keyed(arena, text, &jws, &key);
  if (error == ERR_NO_MEMORY)
    return error;
  if (error != ERR_NONE || !bytes_equal_string(jws.type, PROOF_TYPE) ||
      !jose_algorithm_is_fapi(jws.algorithm))
    return refuse(ret_reason, "it is no DPoP proof by ES256, EdDSA or PS256");
  if (jws_verify(&jws, key) != ERR_NONE)
    return refuse(ret_reason, "the signature does not verify");
  error = check_claims(jws.payload, address, now_ms, ret_reason);
  return error == ERR_NONE ? jwk_thumbprint(arena, key, ret_thumbprint) : error;
}

#include "authority/dpop.h"

#include <string.h>

#include "authority/request_address.h"
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/jose.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"

#define PROOF_TYPE "dpop+jwt"
#define PROOF_ID_MAX 256
#define METHOD_MAX 32
/* How far iat may be from now. A nonce says itself when it was made, so that a client's clock may be wrong;
 * without one iat alone bounds how long a proof is good (§11.1). */
#define CLOCK_MS ((int64_t)5 * 60 * 1000)
#define PAST_MS DPOP_WINDOW_MS
#define FUTURE_MS ((int64_t)15 * 1000)
#define SECONDS_MAX (INT64_MAX / 1000)

typedef struct checking {
  arena_t *arena;
  const dpop_nonces_t *nonces;
  const dpop_request_t *request;
  const jws_t *jws;
  dpop_proof_t *proof;
  const char *reason;
} checking_t;

static error_code_t refuse(checking_t *checking, const char *reason)
{
  checking->reason = reason;
  return ERR_DPOP_PROOF;
}

/* --- nonces --- */

void dpop_nonces_begin(dpop_nonces_t *nonces, int64_t now_ms)
{
  random_fill(nonces->key.bytes, sizeof nonces->key.bytes);
  nonces->started_ms = now_ms;
}

static error_code_t nonce_of(const dpop_nonces_t *nonces, int64_t window,
                             char ret_nonce[DPOP_NONCE_LENGTH + 1])
{
  sha256_t mac;
  uint8_t minute[8];
  for (size_t i = 0; i < sizeof minute; i++)
    minute[i] = (uint8_t)((uint64_t)window >> (8 * i));
  const bytes_t part = bytes_of(minute, sizeof minute);
  error_code_t error = hash_hmac(&nonces->key, &part, 1, &mac);
  builder_t text = builder_over(ret_nonce, DPOP_NONCE_LENGTH);
  if (error == ERR_NONE)
    builder_add_base64url(&text, bytes_of(mac.bytes, 24));
  ret_nonce[text.len] = '\0';
  return error;
}

error_code_t dpop_nonce_make(const dpop_nonces_t *nonces, int64_t now_ms,
                             char ret_nonce[DPOP_NONCE_LENGTH + 1])
{
  return nonce_of(nonces, now_ms / DPOP_WINDOW_MS, ret_nonce);
}

/* *ret_found: the nonce is of this minute or the one before. */
static error_code_t find_nonce(const checking_t *checking, bytes_t nonce, int64_t *ret_window,
                               bool *ret_found)
{
  int64_t now = checking->request->now_ms / DPOP_WINDOW_MS;
  error_code_t error = ERR_NONE;
  *ret_found = false;
  for (int64_t window = now; window >= now - 1 && !*ret_found && error == ERR_NONE; window--) {
    char known[DPOP_NONCE_LENGTH + 1];
    error = nonce_of(checking->nonces, window, known);
    *ret_found = error == ERR_NONE && secret_equal(nonce, bytes_of(known, DPOP_NONCE_LENGTH));
    *ret_window = window;
  }
  return error;
}

/* --- §4.3 --- */

/* 11. Where no nonce says when it was made, its own time does. Resource requests are remembered in memory: a
 * proof that the process before this one took, also one whose time lay ahead, might have been used there. */
static error_code_t check_time(checking_t *checking)
{
  bytes_t nonce;
  int64_t issued, not_before = 0, expires = 0, now_ms = checking->request->now_ms;
  bool found = false;
  const json_t *claims = checking->jws->payload;
  if (json_get_text(claims, "nonce", &nonce) != ERR_NONE ||
      json_require_integer(claims, "iat", &issued) != ERR_NONE || issued <= 0 || issued > SECONDS_MAX ||
      json_get_integer(claims, "nbf", 0, &not_before) != ERR_NONE ||
      json_get_integer(claims, "exp", INT64_MAX, &expires) != ERR_NONE)
    return refuse(checking, "nonce, iat, nbf or exp has another form");
  if (not_before > (now_ms + FUTURE_MS) / 1000 || expires <= now_ms / 1000)
    return refuse(checking, "nbf lies ahead, or exp behind");
  if (nonce.data != NULL) {
    error_code_t error = find_nonce(checking, nonce, &checking->proof->window, &found);
    if (error != ERR_NONE)
      return error;
  }
  if (!found && (nonce.data != NULL || checking->request->nonce_required))
    return ERR_DPOP_NONCE;
  if (issued * 1000 > now_ms + (found ? CLOCK_MS : FUTURE_MS) ||
      issued * 1000 <= now_ms - (found ? CLOCK_MS : PAST_MS))
    return refuse(checking, "iat is too far from now");
  const dpop_nonces_t *nonces = checking->nonces;
  bool in_memory = checking->request->access_token.len > 0;
  if (found)
    return ERR_NONE;
  checking->proof->window = issued * 1000 / DPOP_WINDOW_MS;
  return in_memory && issued * 1000 <= nonces->started_ms + FUTURE_MS ? ERR_DPOP_NONCE : ERR_NONE;
}

/* 8 and 9. */
static error_code_t check_request(checking_t *checking)
{
  bytes_t method, address;
  const json_t *claims = checking->jws->payload;
  if (json_require_text(claims, "htm", &method) != ERR_NONE || method.len > METHOD_MAX ||
      !bytes_equal(method, checking->request->method))
    return refuse(checking, "htm is another method");
  if (json_require_text(claims, "htu", &address) != ERR_NONE)
    return refuse(checking, "htu is missing");
  bool same = false;
  error_code_t error = request_address_equal(checking->arena, address, checking->request->address, &same);
  if (error != ERR_NONE)
    return error;
  return same ? ERR_NONE : refuse(checking, "htu is another address");
}

/* 12: the hash of the token that it goes with. */
static error_code_t check_token(checking_t *checking)
{
  bytes_t sent;
  sha256_t hash;
  uint8_t claimed[SHA256_LENGTH];
  if (checking->request->access_token.len == 0)
    return ERR_NONE;
  error_code_t error = hash_sha256(checking->request->access_token, &hash);
  if (error != ERR_NONE)
    return error;
  if (json_require_text(checking->jws->payload, "ath", &sent) != ERR_NONE ||
      base64url_decode_exact(sent, claimed, sizeof claimed) != ERR_NONE ||
      !secret_equal(bytes_of(claimed, sizeof claimed), hash_bytes(&hash)))
    return refuse(checking, "ath is not the hash of the access token");
  return ERR_NONE;
}

/* What a replay is known by: key and jti. */
static error_code_t make_mark(checking_t *checking)
{
  static const bytes_t kind = BYTES_LITERAL("dpop");
  sha256_t hash;
  bytes_t id;
  dpop_proof_t *proof = checking->proof;
  if (json_require_text(checking->jws->payload, "jti", &id) != ERR_NONE || id.len == 0 ||
      id.len > PROOF_ID_MAX)
    return refuse(checking, "jti is missing, or longer than 256 bytes");
  const bytes_t parts[] = {kind, bytes_of(proof->key.thumbprint, sizeof proof->key.thumbprint), id};
  error_code_t error = hash_sha256_of(parts, 3, &hash);
  if (error != ERR_NONE)
    return error;
  memcpy(proof->mark.hash, hash.bytes, sizeof proof->mark.hash);
  /* A minute longer than the proof is good: the job that spends it may run some time after this check. */
  proof->mark.expires_ms = (proof->window + 3) * DPOP_WINDOW_MS;
  return ERR_NONE;
}

static error_code_t check_signature(checking_t *checking, const public_key_t *key)
{
  bytes_t thumbprint;
  confirmation_t *confirmation = &checking->proof->key;
  if (!bytes_equal_string(checking->jws->type, PROOF_TYPE))
    return refuse(checking, "typ is not " PROOF_TYPE);
  if (!jose_algorithm_is_fapi(checking->jws->algorithm))
    return refuse(checking, "alg is none of " DPOP_ALGORITHMS);
  if (jws_verify(checking->jws, key) != ERR_NONE)
    return refuse(checking, "the signature does not verify with jwk");
  error_code_t error = jwk_thumbprint(checking->arena, key, &thumbprint);
  confirmation->kind = CONFIRMATION_DPOP;
  return error == ERR_NONE
             ? base64url_decode_exact(thumbprint, confirmation->thumbprint, sizeof confirmation->thumbprint)
             : error;
}

/* What costs least comes first. */
static error_code_t check_all(checking_t *checking, const public_key_t *key)
{
  error_code_t error = check_request(checking);
  if (error == ERR_NONE)
    error = check_time(checking);
  if (error == ERR_NONE)
    error = check_token(checking);
  if (error == ERR_NONE)
    error = check_signature(checking, key);
  return error == ERR_NONE ? make_mark(checking) : error;
}

error_code_t dpop_check(arena_t *arena, const dpop_nonces_t *nonces, const dpop_request_t *request,
                        bytes_t text, dpop_proof_t *ret_proof, const char **ret_reason)
{
  CLEANUP(jws_done) jws_t jws = {0};
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  dpop_proof_t proof = {.window = 0};
  checking_t checking = {.arena = arena, .nonces = nonces, .request = request, .jws = &jws, .proof = &proof};
  error_code_t error = jws_parse_keyed(arena, text, &jws, &key);
  if (error == ERR_TOKEN)
    error = refuse(&checking, "it is no JWS with the sender's public key");
  if (error == ERR_NONE)
    error = check_all(&checking, key);
  *ret_reason = checking.reason;
  if (error == ERR_NONE)
    *ret_proof = proof;
  return error;
}

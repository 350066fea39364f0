#include "authority/client_assertion.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "crypto/jose.h"
#include "crypto/jws.h"
#include "policy/decision.h"

#define ASSERTION_ID_MAX 256

typedef struct checking {
  const domain_settings_t *settings;
  remote_keys_t *remote_keys;
  const jws_t *jws;
  int64_t now_ms;
  client_assertion_t *assertion;
} checking_t;

static error_code_t refuse(checking_t *checking, const char *reason)
{
  checking->assertion->reason = reason;
  return ERR_CLIENT_AUTHENTICATION;
}

/* RFC 8725 §3.11: a token that was made for something else says so. */
static error_code_t check_type(checking_t *checking)
{
  bytes_t type = checking->jws->type;
  bool fits = type.len == 0 || bytes_equal_string(type, "jwt") ||
              bytes_equal_string(type, "client-authentication+jwt");
  return fits ? ERR_NONE : refuse(checking, "typ is that of another kind of token");
}

/* RFC 7523 §3, 1 and 2: the client speaks of itself. */
static error_code_t find_client(checking_t *checking)
{
  bytes_t issuer, subject;
  const json_t *claims = checking->jws->payload;
  if (json_require_text(claims, "iss", &issuer) != ERR_NONE ||
      json_require_text(claims, "sub", &subject) != ERR_NONE || !bytes_equal(issuer, subject))
    return refuse(checking, "iss and sub are not both the client's id");
  const client_t *client = domain_find_client(checking->settings, subject);
  if (client == NULL || client->config->method != CLIENT_PRIVATE_KEY_JWT)
    return refuse(checking, "the client is unknown or registered for another method");
  checking->assertion->client = client;
  return ERR_NONE;
}

remote_address_t client_key_address(const config_client_t *client)
{
  return (remote_address_t){client->credential.jwks_uri, client->credential.algorithm};
}

/* NULL when they are not to be had, or not yet. */
static const jwk_set_t *find_keys(checking_t *checking)
{
  const client_t *client = checking->assertion->client;
  if (client->config->credential.jwks_uri == NULL)
    return &client->keys;
  const remote_address_t address = client_key_address(client->config);
  checking->assertion->awaits_keys =
      !remote_keys_are_ready(checking->remote_keys, &address, checking->jws->key_id, checking->now_ms);
  return checking->assertion->awaits_keys
             ? NULL
             : remote_keys_now(checking->remote_keys, &address, checking->now_ms);
}

static error_code_t check_signature(checking_t *checking)
{
  const client_t *client = checking->assertion->client;
  const jws_t *jws = checking->jws;
  const char *algorithm = client->config->credential.algorithm;
  if (checking->settings->config->fapi2 && !jose_algorithm_is_fapi(jws->algorithm))
    return refuse(checking, "alg is none that FAPI 2.0 takes");
  if (algorithm != NULL && strcmp(algorithm, jose_algorithm_name(jws->algorithm)) != 0)
    return refuse(checking, "alg is not the one that the client is registered with");
  const jwk_set_t *keys = find_keys(checking);
  if (keys == NULL)
    return refuse(checking, "the client's keys cannot be fetched from its jwks_uri");
  return jwk_set_verify(keys, jws) == ERR_NONE
             ? ERR_NONE
             : refuse(checking, "no key of the client's verifies the signature");
}

/* RFC 7523 §3, 3. A list could name somebody else too, who might then use the assertion here. */
static error_code_t check_audience(checking_t *checking)
{
  bytes_t audience;
  const char *issuer = checking->settings->config->issuer;
  if (json_require_text(checking->jws->payload, "aud", &audience) != ERR_NONE)
    return refuse(checking, "aud is not one text");
  if (bytes_equal_string(audience, issuer))
    return ERR_NONE;
  bytes_t base = bytes_of_string(issuer);
  bool endpoint = audience.len > base.len && bytes_equal(bytes_of(audience.data, base.len), base) &&
                  bytes_equal_string(bytes_of(audience.data + base.len, audience.len - base.len), "/token");
  if (endpoint && checking->assertion->client->config->credential.token_endpoint_named)
    return ERR_NONE;
  return refuse(checking, "aud is not the issuer's identifier");
}

static bool is_time(int64_t seconds)
{
  return seconds >= 0 && seconds < INT64_MAX / 1000 - POLICY_SKEW_MS;
}

/* False when the member is there and lies ahead of now by more than clocks differ. */
static bool has_begun(const checking_t *checking, const char *name)
{
  int64_t seconds;
  if (json_get_integer(checking->jws->payload, name, 0, &seconds) != ERR_NONE || !is_time(seconds))
    return false;
  return seconds * 1000 <= checking->now_ms + POLICY_SKEW_MS;
}

/* RFC 7523 §3, 4 to 6. */
static error_code_t check_times(checking_t *checking)
{
  int64_t seconds;
  int64_t now_ms = checking->now_ms;
  if (json_require_integer(checking->jws->payload, "exp", &seconds) != ERR_NONE || !is_time(seconds))
    return refuse(checking, "exp is missing or no time");
  int64_t expires_ms = seconds * 1000;
  if (expires_ms + POLICY_SKEW_MS <= now_ms)
    return refuse(checking, "exp is over");
  if (expires_ms > now_ms + CLIENT_ASSERTION_LIFE_MS + POLICY_SKEW_MS)
    return refuse(checking, "exp is more than ten minutes ahead");
  if (!has_begun(checking, "nbf") || !has_begun(checking, "iat"))
    return refuse(checking, "nbf or iat is ahead or no time");
  checking->assertion->mark.expires_ms = expires_ms + POLICY_SKEW_MS;
  return ERR_NONE;
}

/* RFC 7523 §3, 7, which we ask for: without a name no replay can be seen. */
static error_code_t make_mark(checking_t *checking)
{
  bytes_t id;
  sha256_t hash;
  if (json_require_text(checking->jws->payload, "jti", &id) != ERR_NONE ||
      !text_is_printable(id, ASSERTION_ID_MAX))
    return refuse(checking, "jti is missing, or longer than 256 bytes");
  const bytes_t parts[] = {bytes_of_string(checking->assertion->client->config->id), bytes_of("", 1), id};
  error_code_t error = hash_sha256_of(parts, 3, &hash);
  if (error == ERR_NONE)
    memcpy(checking->assertion->mark.hash, hash.bytes, sizeof hash.bytes);
  return error;
}

error_code_t client_assertion_check(arena_t *arena, const domain_settings_t *settings,
                                    remote_keys_t *remote_keys, bytes_t text, int64_t now_ms,
                                    client_assertion_t *ret_assertion)
{
  CLEANUP(jws_done) jws_t jws = {.payload = NULL};
  checking_t checking = {settings, remote_keys, &jws, now_ms, ret_assertion};
  *ret_assertion = (client_assertion_t){.client = NULL};
  error_code_t error = jws_parse(arena, text, &jws);
  if (error == ERR_NO_MEMORY)
    return error;
  if (error != ERR_NONE)
    return refuse(&checking, "it is no JWT in the compact form, or its alg is not taken");
  static error_code_t (*const steps[])(checking_t *) = {check_type,     find_client, check_signature,
                                                        check_audience, check_times, make_mark};
  for (size_t i = 0; i < sizeof steps / sizeof *steps && error == ERR_NONE; i++)
    error = steps[i](&checking);
  return error;
}

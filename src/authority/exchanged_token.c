#include "authority/exchanged_token.h"

#include "authority/claims.h"
#include "authority/internal_token.h"
#include "base/encoding.h"
#include "crypto/jws.h"
#include "policy/decision.h"

#define CLAIMS_FIXED 1024
#define SCOPE_MAX 1024

/* --- reading --- */

static bool has_audience(const json_t *claims, bytes_t wanted)
{
  const json_t *list = json_object_get(claims, "aud");
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *item = json_array_get(list, i);
    if (json_is_string(item) &&
        bytes_equal(bytes_of(json_string_value(item), json_string_length(item)), wanted))
      return true;
  }
  return false;
}

static error_code_t read_text(arena_t *arena, const json_t *claims, const char *name, bytes_t *ret_text)
{
  bytes_t text;
  if (json_require_text(claims, name, &text) != ERR_NONE || text.len == 0)
    return ERR_SUBJECT_TOKEN;
  *ret_text = arena_copy(arena, text);
  return ret_text->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t read_object(arena_t *arena, const json_t *claims, const char *name, bytes_t *ret_text)
{
  const json_t *object = json_object_get(claims, name);
  if (!json_is_object(object))
    return ERR_SUBJECT_TOKEN;
  return json_print(arena, object, ret_text) != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static size_t count_actors(const json_t *claims)
{
  size_t count = 0;
  for (const json_t *actor = json_object_get(claims, "act"); actor != NULL;
       actor = json_object_get(actor, "act"))
    count++;
  return count;
}

static error_code_t read_claims(arena_t *arena, const json_t *claims, exchanged_token_t *token)
{
  const struct {
    const char *name;
    bytes_t *text;
  } texts[] = {{"txn", &token->transaction}, {"sub", &token->subject}, {"scope", &token->scope}};
  int64_t seconds;
  if (json_require_integer(claims, "exp", &seconds) != ERR_NONE || seconds < 0 || seconds > INT64_MAX / 1000)
    return ERR_SUBJECT_TOKEN;
  token->expires_ms = seconds * 1000;
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < sizeof texts / sizeof *texts && error == ERR_NONE; i++)
    error = read_text(arena, claims, texts[i].name, texts[i].text);
  if (error == ERR_NONE && json_object_get(claims, "grant") != NULL)
    error = read_text(arena, claims, "grant", &token->grant);
  if (error == ERR_NONE && json_object_get(claims, "act") != NULL)
    error = read_object(arena, claims, "act", &token->actors);
  token->actor_count = count_actors(claims);
  if (error == ERR_NONE)
    error = read_object(arena, claims, "rctx", &token->request_context);
  return error == ERR_NONE ? read_object(arena, claims, "tctx", &token->transaction_context) : error;
}

static bool is_revoked(const domain_t *domain, bytes_t grant)
{
  grant_ref_t ref = {{0}};
  if (grant.len == 0)
    return false;
  return base64url_decode_exact(grant, ref.bytes, sizeof ref.bytes) != ERR_NONE ||
         revocations_contain(domain->revocations, ref);
}

error_code_t exchanged_token_read(arena_t *arena, const domain_t *domain, const domain_settings_t *settings,
                                  bytes_t text, bytes_t service, int64_t now_ms, exchanged_token_t *ret_token)
{
  CLEANUP(jws_done) jws_t jws = {.payload = NULL};
  bytes_t issuer;
  error_code_t error = jws_parse(arena, text, &jws);
  if (error != ERR_NONE)
    return error == ERR_NO_MEMORY ? error : ERR_SUBJECT_TOKEN;
  const signing_key_t *key = key_set_find(signing_keys_now(domain->keys), jws.key_id);
  if (key == NULL || !bytes_equal_string(jws.type, INTERNAL_TOKEN_TYPE) ||
      jws_verify(&jws, signing_key_public(key)) != ERR_NONE)
    return ERR_SUBJECT_TOKEN;
  if (json_require_text(jws.payload, "iss", &issuer) != ERR_NONE ||
      !bytes_equal_string(issuer, settings->config->issuer) ||
      !has_audience(jws.payload, bytes_of_string(settings->config->internal_audience)) ||
      !has_audience(jws.payload, service))
    return ERR_SUBJECT_TOKEN;
  *ret_token = (exchanged_token_t){.grant = BYTES_NONE};
  error = read_claims(arena, jws.payload, ret_token);
  if (error == ERR_NONE && (ret_token->expires_ms <= now_ms || is_revoked(domain, ret_token->grant)))
    error = ERR_SUBJECT_TOKEN;
  if (error == ERR_NONE && !store_is_current(domain->store))
    error = ERR_UNAVAILABLE; /* another node may have revoked it */
  return error;
}

error_code_t exchanged_token_begin(arena_t *arena, bytes_t service, int64_t expires_ms,
                                   exchanged_token_t *ret_token)
{
  uint8_t random[16];
  random_fill(random, sizeof random);
  *ret_token =
      (exchanged_token_t){.transaction = bytes_of_string(base64url_encode(arena, bytes_of(random, 16))),
                          .subject = arena_copy(arena, service),
                          .request_context = BYTES_LITERAL("{}"),
                          .transaction_context = BYTES_LITERAL("{}"),
                          .expires_ms = expires_ms};
  return ret_token->transaction.data != NULL && ret_token->subject.data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

/* --- making --- */

static void add_json(builder_t *claims, const char *name, bytes_t text)
{
  builder_add_string(claims, ",\"");
  builder_add_string(claims, name);
  builder_add_string(claims, "\":");
  builder_add(claims, text);
}

/* RFC 8693 §4.1: the newest outside, those before it within. */
static void add_actors(builder_t *claims, const exchanged_token_t *token, bytes_t requester)
{
  builder_add_string(claims, ",\"act\":{\"sub\":");
  builder_add_json_string(claims, requester);
  if (token->actors.len > 0)
    add_json(claims, "act", token->actors);
  builder_add_u8(claims, '}');
}

error_code_t exchanged_token_build(arena_t *arena, const domain_settings_t *settings,
                                   const signing_key_t *key, const exchanged_token_t *token,
                                   const next_hop_t *hop, int64_t now_ms, bytes_t *ret_text,
                                   int64_t *ret_expires_ms)
{
  const config_domain_t *domain = settings->config;
  int64_t expires_ms = now_ms + domain->internal_lifetime_ms;
  if (expires_ms > token->expires_ms)
    expires_ms = token->expires_ms;
  size_t texts = token->transaction.len + token->subject.len + hop->scope.len + hop->requester.len +
                 hop->target.len + token->actors.len + token->request_context.len +
                 token->transaction_context.len;
  builder_t claims = arena_builder(arena, CLAIMS_FIXED + 6 * texts);
  builder_add_string(&claims, "{\"iss\":");
  builder_add_json_string(&claims, bytes_of_string(domain->issuer));
  builder_add_string(&claims, ",\"aud\":[");
  builder_add_json_string(&claims, bytes_of_string(domain->internal_audience));
  builder_add_u8(&claims, ',');
  builder_add_json_string(&claims, hop->target);
  builder_add_u8(&claims, ']');
  claim_add_text(&claims, "txn", token->transaction);
  claim_add_text(&claims, "sub", token->subject);
  claim_add_text(&claims, "scope", hop->scope);
  claim_add_seconds(&claims, "iat", now_ms);
  claim_add_seconds(&claims, "exp", expires_ms);
  claim_add_text(&claims, "req_wl", hop->requester);
  if (token->grant.len > 0)
    claim_add_text(&claims, "grant", token->grant);
  add_actors(&claims, token, hop->requester);
  add_json(&claims, "rctx", token->request_context);
  add_json(&claims, "tctx", token->transaction_context);
  builder_add_u8(&claims, '}');
  *ret_expires_ms = expires_ms;
  return claims.failed ? ERR_NO_MEMORY
                       : jws_sign(arena, key, INTERNAL_TOKEN_TYPE, builder_bytes(&claims), ret_text);
}

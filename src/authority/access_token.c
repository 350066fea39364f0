#include "authority/access_token.h"

#include "authority/authorization_details.h"
#include "authority/claims.h"
#include "base/canonical_json.h"
#include "base/encoding.h"
#include "crypto/jws.h"
#include "policy/decision.h"

#define CLAIMS_FIXED 1024 /* names, numbers, punctuation */
#define AMR_WORD_MAX 16

/* JSON escapes a byte to at most six. */
static size_t claims_room(const domain_settings_t *settings, const grant_t *grant)
{
  size_t texts = grant->subject.len + grant->client.len + grant->session.len + grant->scope.len +
                 grant->acr.len + grant->amr.len + bytes_of_string(settings->config->issuer).len +
                 bytes_of_string(settings->config->access_token_audience).len;
  return CLAIMS_FIXED + 6 * texts + grant->levels.len + grant->details.len;
}

static void add_sign_in(builder_t *claims, const grant_t *grant)
{
  claim_add_text(claims, "sid", grant->session);
  claim_add_text(claims, "acr", grant->acr);
  claim_add_seconds(claims, "auth_time", grant->auth_time_ms);
  claim_add_words(claims, "amr", grant->amr);
  builder_add_string(claims, ",\"levels\":");
  builder_add(claims, grant->levels);
}

error_code_t access_token_build(arena_t *arena, const domain_settings_t *settings, const signing_key_t *key,
                                const grant_t *grant, const confirmation_t *confirmation, int64_t now_ms,
                                int64_t expires_ms, bytes_t *ret_text)
{
  uint8_t id[16];
  random_fill(id, sizeof id);
  builder_t claims = arena_builder(arena, claims_room(settings, grant));
  builder_add_string(&claims, "{\"iss\":");
  builder_add_json_string(&claims, bytes_of_string(settings->config->issuer));
  claim_add_text(&claims, "sub", grant->subject);
  claim_add_text(&claims, "aud", bytes_of_string(settings->config->access_token_audience));
  claim_add_text(&claims, "client_id", grant->client);
  claim_add_seconds(&claims, "exp", expires_ms);
  claim_add_seconds(&claims, "iat", now_ms);
  builder_add_string(&claims, ",\"jti\":\"");
  builder_add_base64url(&claims, bytes_of(id, sizeof id));
  builder_add_string(&claims, "\",\"grant\":\"");
  builder_add_base64url(&claims, bytes_of(grant->ref.bytes, sizeof grant->ref.bytes));
  builder_add_string(&claims, "\"");
  if (grant->scope.len > 0)
    claim_add_text(&claims, "scope", grant->scope);
  authorization_details_add(&claims, grant->details);
  confirmation_add_claim(&claims, confirmation);
  if (grant->session.len > 0)
    add_sign_in(&claims, grant);
  builder_add_string(&claims, "}");
  if (claims.failed)
    return ERR_NO_MEMORY;
  return jws_sign(arena, key, ACCESS_TOKEN_TYPE, builder_bytes(&claims), ret_text);
}

/* --- reading --- */

static error_code_t read_text(arena_t *arena, const json_t *claims, const char *name, bytes_t *ret_text)
{
  bytes_t text;
  if (json_require_text(claims, name, &text) != ERR_NONE || text.len == 0)
    return ERR_TOKEN;
  *ret_text = arena_copy(arena, text);
  return ret_text->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t read_texts(arena_t *arena, const json_t *claims, access_token_t *token)
{
  const struct {
    const char *name;
    bytes_t *text;
  } members[] = {{"sub", &token->subject}, {"client_id", &token->client}, {"jti", &token->id}};
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    error_code_t error = read_text(arena, claims, members[i].name, members[i].text);
    if (error != ERR_NONE)
      return error;
  }
  token->scope = BYTES_NONE;
  return json_object_get(claims, "scope") != NULL ? read_text(arena, claims, "scope", &token->scope)
                                                  : ERR_NONE;
}

static error_code_t read_time(const json_t *claims, const char *name, int64_t *ret_ms)
{
  int64_t seconds;
  if (json_require_integer(claims, name, &seconds) != ERR_NONE || seconds < 0 || seconds > INT64_MAX / 1000)
    return ERR_TOKEN;
  *ret_ms = seconds * 1000;
  return ERR_NONE;
}

static error_code_t read_times(const json_t *claims, access_token_t *token)
{
  error_code_t error = read_time(claims, "iat", &token->issued_ms);
  return error == ERR_NONE ? read_time(claims, "exp", &token->expires_ms) : error;
}

/* A list of words, separated by spaces here. */
static error_code_t read_words(arena_t *arena, const json_t *claims, const char *name, bytes_t *ret_words)
{
  json_t *list;
  if (json_get_array(claims, name, &list) != ERR_NONE || json_array_size(list) > AMR_MAX)
    return ERR_TOKEN;
  builder_t words = arena_builder(arena, AMR_MAX * (AMR_WORD_MAX + 1));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *item = json_array_get(list, i);
    if (json_string_length(item) == 0 || json_string_length(item) > AMR_WORD_MAX)
      return ERR_TOKEN;
    word_add(&words, bytes_of(json_string_value(item), json_string_length(item)));
  }
  *ret_words = builder_bytes(&words);
  return words.failed ? ERR_NO_MEMORY : ERR_NONE;
}

/* All of it, or nothing: then the client speaks for itself. */
static error_code_t read_sign_in(arena_t *arena, const json_t *claims, const level_table_t *levels,
                                 access_token_t *token)
{
  json_t *claim;
  if (json_get_object(claims, "levels", &claim) != ERR_NONE)
    return ERR_TOKEN;
  if (claim == NULL) {
    bool own = json_object_get(claims, "sid") == NULL && json_object_get(claims, "acr") == NULL &&
               bytes_equal(token->subject, token->client);
    return own ? ERR_NONE : ERR_TOKEN;
  }
  error_code_t error = read_text(arena, claims, "sid", &token->session);
  if (error == ERR_NONE)
    error = read_text(arena, claims, "acr", &token->acr);
  if (error == ERR_NONE)
    error = read_words(arena, claims, "amr", &token->amr);
  if (error == ERR_NONE)
    error = read_time(claims, "auth_time", &token->auth_time_ms);
  return error == ERR_NONE ? level_times_parse(claim, levels, &token->levels) : error;
}

static error_code_t read_details(arena_t *arena, const json_t *claims, bytes_t *ret_details)
{
  json_t *details;
  *ret_details = BYTES_NONE;
  if (json_get_array(claims, "authorization_details", &details) != ERR_NONE)
    return ERR_TOKEN;
  if (details == NULL)
    return ERR_NONE;
  error_code_t error = canonical_json_print(arena, details, DETAILS_TEXT_MAX, ret_details);
  return error == ERR_NONE || error == ERR_NO_MEMORY ? error : ERR_TOKEN;
}

static bool claim_is(const json_t *claims, const char *name, const char *wanted)
{
  bytes_t text;
  return json_require_text(claims, name, &text) == ERR_NONE && bytes_equal_string(text, wanted);
}

static error_code_t read_claims(arena_t *arena, const domain_settings_t *settings, const json_t *claims,
                                access_token_t *ret_token)
{
  if (!claim_is(claims, "iss", settings->config->issuer) ||
      !claim_is(claims, "aud", settings->config->access_token_audience))
    return ERR_TOKEN;
  access_token_t token = {.scope = BYTES_NONE};
  bytes_t grant;
  if (json_require_text(claims, "grant", &grant) != ERR_NONE ||
      base64url_decode_exact(grant, token.grant.bytes, sizeof token.grant.bytes) != ERR_NONE)
    return ERR_TOKEN;
  error_code_t error = read_texts(arena, claims, &token);
  if (error == ERR_NONE)
    error = read_times(claims, &token);
  if (error == ERR_NONE)
    error = read_details(arena, claims, &token.details);
  if (error == ERR_NONE)
    error = confirmation_read_claim(claims, &token.confirmation);
  if (error == ERR_NONE)
    error = read_sign_in(arena, claims, settings->levels, &token);
  if (error == ERR_NONE)
    *ret_token = token;
  return error;
}

error_code_t access_token_parse(arena_t *arena, const domain_t *domain, const domain_settings_t *settings,
                                bytes_t text, access_token_t *ret_token)
{
  jws_t jws;
  error_code_t error = jws_parse(arena, text, &jws);
  if (error != ERR_NONE)
    return error;
  const signing_key_t *key = key_set_find(signing_keys_now(domain->keys), jws.key_id);
  if (key == NULL || !bytes_equal_string(jws.type, ACCESS_TOKEN_TYPE) ||
      jws_verify(&jws, signing_key_public(key)) != ERR_NONE)
    error = ERR_TOKEN;
  else
    error = read_claims(arena, settings, jws.payload, ret_token);
  jws_done(&jws);
  return error;
}

error_code_t access_token_check(const domain_t *domain, const access_token_t *token, int64_t now_ms)
{
  bool in_time = token->issued_ms <= now_ms + POLICY_SKEW_MS && now_ms < token->expires_ms;
  if (!store_is_current(domain->store))
    return ERR_UNAVAILABLE; /* another node may have revoked it */
  if (!in_time || revocations_contain(domain->revocations, token->grant))
    return ERR_TOKEN;
  return ERR_NONE;
}

error_code_t access_token_verify(arena_t *arena, const domain_t *domain, bytes_t text, int64_t now_ms,
                                 access_token_t *ret_token)
{
  access_token_t token;
  error_code_t error = access_token_parse(arena, domain, domain_settings(domain), text, &token);
  if (error == ERR_NONE)
    error = access_token_check(domain, &token, now_ms);
  if (error == ERR_NONE)
    *ret_token = token;
  return error;
}

bool access_token_has_scope(const access_token_t *token, bytes_t name)
{
  return words_contain(token->scope, name);
}

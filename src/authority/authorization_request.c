#include "authority/authorization_request.h"

#include <string.h>

#include "authority/claims.h"
#include "base/encoding.h"
#include "base/text.h"
#include "handoff/account_claims.h"
#include "handoff/handoff.h"

error_code_t authorization_target_parse(arena_t *arena, const domain_settings_t *settings, bytes_t query,
                                        authorization_target_t *ret_target)
{
  http_form_t *form;
  if (query.len > QUERY_MAX)
    return ERR_TOO_LARGE;
  error_code_t error = http_form_parse(arena, query, &form);
  if (error != ERR_NONE)
    return error;
  const client_t *client = domain_find_client(settings, http_form_get(form, "client_id"));
  authorization_target_t target = {.form = form,
                                   .client = client != NULL ? client->config : NULL,
                                   .redirect_uri = http_form_get(form, "redirect_uri"),
                                   .state = http_form_get(form, "state"),
                                   .form_post =
                                       bytes_equal_string(http_form_get(form, "response_mode"), "form_post")};
  if (target.client == NULL)
    return ERR_UNKNOWN_CLIENT;
  target.native = target.client->first_party && bytes_equal_string(target.redirect_uri, NATIVE_REDIRECT_URI);
  if (target.redirect_uri.len == 0 ||
      (!target.native && !redirect_uri_is_registered(target.client, target.redirect_uri)))
    return ERR_REDIRECT_URI;
  if (target.state.len > STATE_MAX || (target.state.len > 0 && !text_is_printable(target.state, STATE_MAX)))
    target.state = BYTES_NONE; /* refused in the next step, and not given back */
  *ret_target = target;
  return ERR_NONE;
}

/* --- one function a parameter --- */

typedef struct parsing {
  arena_t *arena;
  const domain_settings_t *settings;
  const authorization_target_t *target;
  authorization_request_t *request;
} parsing_t;

static bytes_t get(const parsing_t *parsing, const char *name)
{
  return http_form_get(parsing->target->form, name);
}

static error_code_t parse_refused(parsing_t *parsing)
{
  if (get(parsing, "request").len > 0)
    return ERR_REQUEST_OBJECT;
  return get(parsing, "request_uri").len > 0 ? ERR_REQUEST_URI : ERR_NONE;
}

static error_code_t parse_response(parsing_t *parsing)
{
  if (!bytes_equal_string(get(parsing, "response_type"), "code"))
    return ERR_RESPONSE_TYPE;
  bytes_t mode = get(parsing, "response_mode");
  bool known = mode.len == 0 || bytes_equal_string(mode, "query") || bytes_equal_string(mode, "form_post");
  return known ? ERR_NONE : ERR_RESPONSE_MODE;
}

/* RFC 9700 §2.1.1: S256 for every client; a challenge is the encoding of one SHA-256. */
static error_code_t parse_challenge(parsing_t *parsing)
{
  if (!bytes_equal_string(get(parsing, "code_challenge_method"), "S256"))
    return ERR_PKCE;
  uint8_t *challenge = parsing->request->challenge;
  return base64url_decode_exact(get(parsing, "code_challenge"), challenge, 32) == ERR_NONE ? ERR_NONE
                                                                                           : ERR_PKCE;
}

static bool is_acceptable(bytes_t text, size_t max)
{
  return text.len == 0 || text_is_printable(text, max);
}

static error_code_t parse_state_and_nonce(parsing_t *parsing)
{
  parsing->request->nonce = get(parsing, "nonce");
  bool fine =
      is_acceptable(get(parsing, "state"), STATE_MAX) && is_acceptable(parsing->request->nonce, NONCE_MAX);
  return fine ? ERR_NONE : ERR_STATE_OR_NONCE;
}

bool scope_is_standard(bytes_t name)
{
  return account_scope_find(name) != NULL || bytes_equal_string(name, "openid") ||
         bytes_equal_string(name, "offline_access");
}

bool client_may_ask(const config_client_t *client, bytes_t name)
{
  if (client->scopes.count == 0)
    return true;
  for (size_t i = 0; i < client->scopes.count; i++)
    if (bytes_equal_string(name, client->scopes.items[i]))
      return true;
  return false;
}

/* OpenID Connect Core §11 and OAuth 2.1 §4.3 leave to the server who gets refresh tokens. Asked for in vain
 * the scope is left out of the answer. */
static bool gives_offline_access(const config_client_t *client)
{
  return config_client_refresh_use(client) != REFRESH_NEVER &&
         client_may_ask(client, BYTES_LITERAL("offline_access"));
}

/* Adds one scope to the granted ones and its requirement to the floor. */
static error_code_t take_scope(parsing_t *parsing, bytes_t name, builder_t *granted)
{
  bool openid = bytes_equal_string(name, "openid");
  const config_scope_t *scope = openid ? NULL : config_find_scope(parsing->settings->config, name);
  bool allowed = openid || client_may_ask(parsing->target->client, name);
  if (scope == NULL && !scope_is_standard(name))
    return ERR_SCOPE;
  if (scope == NULL && !allowed) /* asked for out of habit */
    return ERR_NONE;
  if (!allowed)
    return ERR_SCOPE;
  if (bytes_equal_string(name, "offline_access")) {
    if (!gives_offline_access(parsing->target->client))
      return ERR_NONE;
    parsing->request->refreshes = true;
  }
  if (words_contain(builder_bytes(granted), name))
    return ERR_NONE;
  if (granted->len > 0)
    builder_add_string(granted, " ");
  builder_add(granted, name);
  if (scope != NULL)
    parsing->request->floor = requirement_join(parsing->request->floor, scope->requirement);
  return ERR_NONE;
}

/* They are told at the userinfo endpoint, which answers for openid alone (OpenID Connect Core §5.3.1). */
static error_code_t find_claim_scopes(parsing_t *parsing)
{
  bytes_t words = parsing->request->scope;
  builder_t found = arena_builder(parsing->arena, words.len + 1);
  if (!words_contain(words, BYTES_LITERAL("openid")))
    return ERR_NONE;
  for (bytes_t word = words_next(&words); word.len > 0; word = words_next(&words)) {
    if (account_scope_find(word) == NULL)
      continue;
    builder_add_string(&found, found.len > 0 ? " " : "");
    builder_add(&found, word);
  }
  parsing->request->claim_scopes = builder_bytes(&found);
  return found.failed ? ERR_NO_MEMORY : ERR_NONE;
}

static error_code_t parse_scope(parsing_t *parsing)
{
  bytes_t words = get(parsing, "scope");
  if (words.len > SCOPE_MAX || !is_acceptable(words, SCOPE_MAX))
    return ERR_SCOPE;
  builder_t granted = arena_builder(parsing->arena, words.len + 1);
  size_t count = 0;
  for (bytes_t word = words_next(&words); word.len > 0; word = words_next(&words)) {
    if (++count > SCOPES_MAX)
      return ERR_SCOPE;
    error_code_t error = take_scope(parsing, word, &granted);
    if (error != ERR_NONE)
      return error;
  }
  if (granted.failed)
    return ERR_NO_MEMORY;
  parsing->request->scope = builder_bytes(&granted);
  return find_claim_scopes(parsing);
}

/* RFC 9396 §2; the requirements of the types join the floor. */
static error_code_t parse_details(parsing_t *parsing)
{
  authorization_request_t *request = parsing->request;
  error_code_t error =
      authorization_details_parse(parsing->arena, parsing->settings->config, parsing->target->client,
                                  get(parsing, "authorization_details"), &request->details);
  if (error == ERR_NONE)
    request->floor = requirement_join(request->floor, request->details.requirement);
  return error;
}

static error_code_t parse_prompt(parsing_t *parsing)
{
  bytes_t words = get(parsing, "prompt");
  bool none = false, more = false;
  for (bytes_t word = words_next(&words); word.len > 0; word = words_next(&words)) {
    bool login = bytes_equal_string(word, "login");
    bool select = bytes_equal_string(word, "select_account");
    bool consent = bytes_equal_string(word, "consent");
    if (bytes_equal_string(word, "none"))
      none = true;
    else if (login || select || consent)
      more = true;
    else
      return ERR_PROMPT;
    /* To choose an account is to use its passkey now. */
    parsing->request->wanted.this_request |= login || select;
    parsing->request->select_account |= select;
    parsing->request->prompt_consent |= consent;
  }
  parsing->request->prompt_none = none;
  return none && more ? ERR_PROMPT : ERR_NONE;
}

/* max_age=0 means a sign-in for this very request, as prompt=login does. */
static error_code_t parse_max_age(parsing_t *parsing)
{
  bytes_t text = get(parsing, "max_age");
  int64_t seconds = 0;
  if (text.len == 0)
    return ERR_NONE;
  if (text.len > 10)
    return ERR_MAX_AGE;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return ERR_MAX_AGE;
    seconds = seconds * 10 + (text.data[i] - '0');
  }
  requirement_t asked = {.level = 0, .max_age_ms = seconds * 1000, .this_request = seconds == 0};
  if (seconds == 0)
    asked.max_age_ms = MAX_AGE_NONE;
  parsing->request->wanted = requirement_join(parsing->request->wanted, asked);
  return ERR_NONE;
}

static void add_acr(parsing_t *parsing, bytes_t name)
{
  authorization_request_t *request = parsing->request;
  int level = level_find(parsing->settings->levels, name);
  if (level >= 0 && request->acr_count < ACR_VALUES_MAX)
    request->acr_values[request->acr_count++] = level;
}

static error_code_t parse_acr_values(parsing_t *parsing)
{
  bytes_t words = get(parsing, "acr_values");
  size_t count = 0;
  if (!is_acceptable(words, SCOPE_MAX))
    return ERR_ACR_VALUES;
  for (bytes_t word = words_next(&words); word.len > 0; word = words_next(&words)) {
    if (++count > ACR_VALUES_MAX)
      return ERR_ACR_VALUES;
    add_acr(parsing, word);
  }
  return ERR_NONE;
}

static error_code_t take_acr_claim(parsing_t *parsing, const json_t *acr)
{
  bytes_t value;
  json_t *values;
  bool essential;
  if (json_get_boolean(acr, "essential", false, &essential) != ERR_NONE ||
      json_get_text(acr, "value", &value) != ERR_NONE || json_get_array(acr, "values", &values) != ERR_NONE)
    return ERR_CLAIMS;
  if (value.len == 0 && (values == NULL || json_array_size(values) == 0))
    return ERR_NONE;               /* essential without a value: acr is always there */
  parsing->request->acr_count = 0; /* the claim says more than acr_values */
  parsing->request->acr_essential = essential;
  if (value.len > 0)
    add_acr(parsing, value);
  for (size_t i = 0; values != NULL && i < json_array_size(values); i++) {
    const json_t *item = json_array_get(values, i);
    if (!json_is_string(item))
      return ERR_CLAIMS;
    add_acr(parsing, bytes_of(json_string_value(item), json_string_length(item)));
  }
  return ERR_NONE;
}

/* OpenID Connect Core §5.5: of all claims only acr can be asked for here (§5.5.1.1); the rest is ignored. */
static error_code_t parse_claims(parsing_t *parsing)
{
  bytes_t text = get(parsing, "claims");
  if (text.len == 0)
    return ERR_NONE;
  CLEANUP(json_drop) json_t *claims = NULL;
  if (text.len > CLAIMS_MAX || json_parse(text, &claims) != ERR_NONE || !json_is_object(claims))
    return ERR_CLAIMS;
  json_t *id_token;
  if (json_get_object(claims, "id_token", &id_token) != ERR_NONE)
    return ERR_CLAIMS;
  const json_t *acr = id_token != NULL ? json_object_get(id_token, "acr") : NULL;
  if (acr == NULL || json_is_null(acr))
    return ERR_NONE;
  return json_is_object(acr) ? take_acr_claim(parsing, acr) : ERR_CLAIMS;
}

static error_code_t parse_hints(parsing_t *parsing)
{
  parsing->request->login_hint = get(parsing, "login_hint");
  parsing->request->ui_locales = get(parsing, "ui_locales");
  bool fine = is_acceptable(parsing->request->login_hint, HINT_MAX) &&
              is_acceptable(parsing->request->ui_locales, HINT_MAX);
  return fine ? ERR_NONE : ERR_HINT;
}

/* RFC 9449 §10. */
static error_code_t parse_key(parsing_t *parsing)
{
  bytes_t text = get(parsing, "dpop_jkt");
  confirmation_t *key = &parsing->request->key;
  if (text.len == 0)
    return ERR_NONE;
  key->kind = CONFIRMATION_DPOP;
  bool allowed = parsing->target->client->dpop != DPOP_USE_OFF;
  return allowed && base64url_decode_exact(text, key->thumbprint, sizeof key->thumbprint) == ERR_NONE
             ? ERR_NONE
             : ERR_DPOP_JKT;
}

requirement_t entry_requirement(const domain_settings_t *settings, const config_client_t *client)
{
  requirement_t some = {.level = 0, .max_age_ms = MAX_AGE_NONE};
  return requirement_join(some, requirement_join(settings->config->entry, client->requirement));
}

error_code_t authorization_request_parse(arena_t *arena, const domain_settings_t *settings,
                                         const authorization_target_t *target,
                                         authorization_request_t *ret_request)
{
  static error_code_t (*const steps[])(parsing_t *) = {
      parse_refused, parse_response, parse_challenge,  parse_state_and_nonce, parse_scope, parse_details,
      parse_prompt,  parse_max_age,  parse_acr_values, parse_claims,          parse_hints, parse_key};
  authorization_request_t request = {.floor = entry_requirement(settings, target->client),
                                     .wanted = REQUIREMENT_NONE,
                                     .refreshes =
                                         config_client_refresh_use(target->client) == REFRESH_ALWAYS};
  parsing_t parsing = {arena, settings, target, &request};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    error_code_t error = steps[i](&parsing);
    if (error != ERR_NONE)
      return error;
  }
  request.wanted = requirement_join(request.floor, request.wanted);
  *ret_request = request;
  return ERR_NONE;
}

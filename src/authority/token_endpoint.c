#include "authority/access_token.h"
#include "authority/authorization_details.h"
#include "authority/claims.h"
#include "authority/id_token.h"
#include "authority/origin.h"
#include "authority/proof.h"
#include "authority/token_request.h"
#include "base/log.h"

#define TOKEN_EXCHANGE "urn:ietf:params:oauth:grant-type:token-exchange"

const token_grant_t token_grants[] = {{"authorization_code", grant_authorization_code},
                                      {"client_credentials", grant_client_credentials},
                                      {"refresh_token", grant_refresh_token},
                                      {TOKEN_EXCHANGE, grant_token_exchange}};
const size_t token_grant_count = sizeof token_grants / sizeof *token_grants;

void browser_origin_allow(http_request_t *http, const domain_settings_t *settings)
{
  bytes_t origin;
  http_reply_header(http, "Vary", "Origin");
  if (http_request_header(http, "Origin", &origin) != 1 || !domain_allows_origin(settings, origin))
    return;
  const char *value = arena_string(http_request_arena(http), origin);
  if (value == NULL)
    return;
  http_reply_header(http, "Access-Control-Allow-Origin", value);
  http_reply_header(http, "Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate");
}

void token_reply_error(http_request_t *http, error_code_t error)
{
  const error_info_t *info = error_info(error);
  log_event(LOG_INFO, "token.refused", LOG_TEXT("error", info->slug),
            LOG_TEXT("request", http_request_id(http)));
  json_t *body = json_object();
  json_set_string(body, "error", info->oauth);
  json_set_string(body, "error_description", info->sentence);
  json_set_string(body, "request_id", http_request_id(http));
  http_reply_header(http, "Pragma", "no-cache");
  bytes_t authorization;
  if (info->http_status == 401 && http_request_header(http, "Authorization", &authorization) > 0)
    http_reply_header(http, "WWW-Authenticate", "Basic realm=\"token\"");
  http_reply_json(http, info->http_status, body);
}

static error_code_t tokens_build(arena_t *arena, domain_t *domain, const token_answer_t *answer,
                                 bytes_t *ret_access, bytes_t *ret_id)
{
  const domain_settings_t *settings = domain_settings(domain);
  const signing_key_t *key = signing_keys_now(domain->keys)->current;
  const grant_t *grant = &answer->grant;
  error_code_t error = access_token_build(arena, settings, key, grant, &answer->confirmation, answer->now_ms,
                                          answer->expires_ms, ret_access);
  *ret_id = BYTES_NONE;
  if (error == ERR_NONE && words_contain(grant->scope, BYTES_LITERAL("openid")))
    error = id_token_build(arena, settings, key, grant, *ret_access, answer->now_ms, ret_id);
  return error;
}

/* Tokens are base64url and dots: nothing to escape. */
static void add_token(builder_t *body, const char *before, bytes_t token)
{
  if (token.len == 0)
    return;
  builder_add_string(body, before);
  builder_add(body, token);
  builder_add_string(body, "\"");
}

void token_reply(http_request_t *http, domain_t *domain, const token_answer_t *answer)
{
  arena_t *arena = http_request_arena(http);
  bytes_t access, id;
  error_code_t error = tokens_build(arena, domain, answer, &access, &id);
  if (error != ERR_NONE) {
    token_reply_error(http, error);
    return;
  }
  builder_t body = arena_builder(arena, 256 + access.len + id.len + answer->refresh_token.len +
                                            6 * answer->grant.scope.len + answer->grant.details.len);
  add_token(&body, "{\"access_token\":\"", access);
  bool dpop = answer->confirmation.kind == CONFIRMATION_DPOP;
  builder_add_string(&body, dpop ? ",\"token_type\":\"DPoP\"" : ",\"token_type\":\"Bearer\"");
  builder_add_string(&body, ",\"expires_in\":");
  builder_add_decimal(&body, answer->expires_ms / 1000 - answer->now_ms / 1000);
  claim_add_text(&body, "scope", answer->grant.scope);
  authorization_details_add(&body, answer->grant.details);
  add_token(&body, ",\"refresh_token\":\"", answer->refresh_token);
  add_token(&body, ",\"id_token\":\"", id);
  builder_add_string(&body, "}");
  if (body.failed) {
    token_reply_error(http, ERR_NO_MEMORY);
    return;
  }
  metrics_count(domain->metrics, METRIC_TOKENS, TOKEN_ISSUED);
  http_reply_header(http, "Pragma", "no-cache");
  http_reply_bytes(http, 200, "application/json", builder_bytes(&body));
}

static const token_grant_t *find_grant(bytes_t name)
{
  for (size_t i = 0; i < token_grant_count; i++)
    if (bytes_equal_string(name, token_grants[i].grant_type))
      return &token_grants[i];
  return NULL;
}

/* Parameters of the query are not looked at: RFC 6749 §2.3.1, §3.2. */
static error_code_t read_request(http_request_t *http, domain_t *domain, token_request_t **ret_request)
{
  error_code_t error = client_request_read(http, domain, ret_request);
  if (error != ERR_NONE)
    return error;
  bytes_t type = http_form_get((*ret_request)->form, "grant_type");
  if (type.len == 0)
    return ERR_MALFORMED;
  return find_grant(type) != NULL ? ERR_NONE : ERR_GRANT_TYPE;
}

static void refuse(http_request_t *http, domain_t *domain, error_code_t error)
{
  metrics_count(domain->metrics, METRIC_TOKENS, TOKEN_REFUSED);
  token_reply_error(http, error);
}

static void handle_grant(token_request_t *request, const domain_settings_t *settings, error_code_t outcome)
{
  bytes_t type = http_form_get(request->form, "grant_type");
  if (outcome == ERR_NONE && !config_client_uses(request->client, type))
    outcome = ERR_UNAUTHORIZED_CLIENT;
  if (outcome == ERR_NONE)
    outcome = client_check_binding(request, settings);
  if (outcome == ERR_NONE)
    find_grant(type)->handle(request, settings);
  else
    refuse(request->http, request->domain, outcome);
}

static bool is_internal_exchange(const token_request_t *request)
{
  return bytes_equal_string(http_form_get(request->form, "grant_type"), TOKEN_EXCHANGE) &&
         token_exchange_is_internal(request->form);
}

void token_endpoint(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/token");
  if (domain == NULL)
    return;
  browser_origin_allow(http, domain_settings(domain));
  token_request_t *request;
  error_code_t error = read_request(http, domain, &request);
  if (error == ERR_NONE) /* before an assertion is spent: a nonce that is missing costs nothing */
    error = proof_read(http, domain, "/token", &request->proof);
  if (error == ERR_NONE && is_internal_exchange(request))
    token_exchange_internal(request);
  else if (error == ERR_NONE)
    client_authenticate(request, handle_grant);
  else
    refuse(http, domain, error);
}

void browser_preflight(http_request_t *http, authority_t *authority, const char *path)
{
  domain_t *domain = authority_domain_of_issuer(authority, http, "", path);
  if (domain == NULL)
    return;
  browser_origin_allow(http, domain_settings(domain));
  http_reply_header(http, "Access-Control-Allow-Methods", "POST");
  http_reply_header(http, "Access-Control-Allow-Headers", "Content-Type, DPoP");
  http_reply_header(http, "Access-Control-Max-Age", "600");
  http_reply_empty(http, 204);
}

void token_preflight(http_request_t *http, void *app)
{
  browser_preflight(http, app, "/token");
}

#include "authority/access_token.h"
#include "authority/authority.h"
#include "authority/claims.h"
#include "authority/id_token.h"
#include "authority/origin.h"
#include "authority/token_request.h"
#include "base/log.h"

const token_grant_t token_grants[] = {{"authorization_code", grant_authorization_code}};
const size_t token_grant_count = sizeof token_grants / sizeof *token_grants;

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

static error_code_t tokens_build(arena_t *arena, domain_t *domain, const grant_t *grant, int64_t now_ms,
                                 int64_t expires_ms, bytes_t *ret_access, bytes_t *ret_id)
{
  const domain_settings_t *settings = domain_settings(domain);
  const signing_key_t *key = signing_keys_now(domain->keys)->current;
  error_code_t error = access_token_build(arena, settings, key, grant, now_ms, expires_ms, ret_access);
  *ret_id = BYTES_NONE;
  if (error == ERR_NONE && words_contain(grant->scope, BYTES_LITERAL("openid")))
    error = id_token_build(arena, settings, key, grant, *ret_access, now_ms, ret_id);
  return error;
}

void token_reply(http_request_t *http, domain_t *domain, const grant_t *grant, int64_t now_ms,
                 int64_t expires_ms)
{
  arena_t *arena = http_request_arena(http);
  bytes_t access, id;
  error_code_t error = tokens_build(arena, domain, grant, now_ms, expires_ms, &access, &id);
  if (error != ERR_NONE) {
    token_reply_error(http, error);
    return;
  }
  builder_t body = arena_builder(arena, 256 + access.len + id.len + 6 * grant->scope.len);
  builder_add_string(&body, "{\"access_token\":\"");
  builder_add(&body, access);
  builder_add_string(&body, "\",\"token_type\":\"Bearer\"");
  builder_add_string(&body, ",\"expires_in\":");
  builder_add_decimal(&body, expires_ms / 1000 - now_ms / 1000);
  claim_add_text(&body, "scope", grant->scope);
  if (id.len > 0) {
    builder_add_string(&body, ",\"id_token\":\"");
    builder_add(&body, id);
    builder_add_string(&body, "\"");
  }
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
static error_code_t read_request(token_request_t *request, const domain_settings_t *settings,
                                 const token_grant_t **ret_grant)
{
  http_form_t *form;
  error_code_t error = http_request_form(request->http, &form);
  if (error != ERR_NONE)
    return error;
  request->form = form;
  bytes_t type = http_form_get(form, "grant_type");
  if (type.len == 0)
    return ERR_MALFORMED;
  *ret_grant = find_grant(type);
  if (*ret_grant == NULL)
    return ERR_GRANT_TYPE;
  return client_authenticate(request->http, form, settings, &request->client);
}

void token_endpoint(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/token");
  if (domain == NULL)
    return;
  const domain_settings_t *settings = domain_settings(domain);
  origin_allow(http, &settings->browser_origins);
  token_request_t request = {.http = http, .domain = domain};
  const token_grant_t *grant;
  error_code_t error = read_request(&request, settings, &grant);
  if (error != ERR_NONE) {
    metrics_count(domain->metrics, METRIC_TOKENS, TOKEN_REFUSED);
    token_reply_error(http, error);
    return;
  }
  grant->handle(&request, settings);
}

void token_preflight(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/token");
  if (domain == NULL)
    return;
  origin_allow(http, &domain_settings(domain)->browser_origins);
  http_reply_header(http, "Access-Control-Allow-Methods", "POST");
  http_reply_header(http, "Access-Control-Allow-Headers", "Content-Type");
  http_reply_header(http, "Access-Control-Max-Age", "600");
  http_reply_empty(http, 204);
}

/* Token introspection: RFC 7662, with acr and auth_time as RFC 9470 §6.2 has them. Whatever is not alive, or
 * not the caller's to know, is `{"active":false}` and no more. */
#include "authority/authority.h"
#include "authority/authorization_details.h"
#include "authority/claims.h"
#include "authority/refresh_token.h"
#include "authority/token_cache.h"
#include "authority/token_request.h"
#include "base/clock.h"

#define ANSWER_FIXED 3072 /* names, numbers, levels */

static void reply_inactive(http_request_t *http)
{
  http_reply_header(http, "Pragma", "no-cache");
  http_reply_bytes(http, 200, "application/json", BYTES_LITERAL("{\"active\":false}"));
}

static void reply_active(http_request_t *http, builder_t *answer)
{
  builder_add_string(answer, "}");
  if (answer->failed) {
    token_reply_error(http, ERR_NO_MEMORY);
    return;
  }
  http_reply_header(http, "Pragma", "no-cache");
  http_reply_bytes(http, 200, "application/json", builder_bytes(answer));
}

/* --- access tokens --- */

/* A client's own token has none. */
static error_code_t add_sign_in(builder_t *answer, const domain_settings_t *settings,
                                const access_token_t *token)
{
  claim_add_text(answer, "sid", token->session);
  claim_add_text(answer, "acr", token->acr);
  claim_add_words(answer, "amr", token->amr);
  claim_add_seconds(answer, "auth_time", token->auth_time_ms);
  builder_add_string(answer, ",\"levels\":");
  return level_times_build(answer, settings->levels, &token->levels);
}

static void reply_access_token(http_request_t *http, const domain_settings_t *settings,
                               const access_token_t *token)
{
  bytes_t issuer = bytes_of_string(settings->config->issuer);
  bytes_t audience = bytes_of_string(settings->config->access_token_audience);
  size_t texts = issuer.len + audience.len + token->subject.len + token->client.len + token->scope.len +
                 token->id.len + token->session.len + token->acr.len + token->amr.len + token->details.len;
  builder_t answer = arena_builder(http_request_arena(http), ANSWER_FIXED + 6 * texts);
  bool dpop = token->confirmation.kind == CONFIRMATION_DPOP;
  builder_add_string(&answer, "{\"active\":true,\"token_type\":\"");
  builder_add_string(&answer, dpop ? "DPoP\"" : "Bearer\"");
  confirmation_add_claim(&answer, &token->confirmation);
  claim_add_text(&answer, "iss", issuer);
  claim_add_text(&answer, "sub", token->subject);
  claim_add_text(&answer, "aud", audience);
  claim_add_text(&answer, "client_id", token->client);
  if (token->scope.len > 0)
    claim_add_text(&answer, "scope", token->scope);
  authorization_details_add(&answer, token->details);
  claim_add_seconds(&answer, "exp", token->expires_ms);
  claim_add_seconds(&answer, "iat", token->issued_ms);
  claim_add_text(&answer, "jti", token->id);
  error_code_t error = token->session.len > 0 ? add_sign_in(&answer, settings, token) : ERR_NONE;
  if (error != ERR_NONE)
    token_reply_error(http, error);
  else
    reply_active(http, &answer);
}

/* --- refresh tokens --- */

/* Only the newest generation is alive. */
static error_code_t find_family(http_request_t *http, domain_t *domain, const refresh_name_t *name,
                                refresh_family_t *ret_family)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return refresh_peek(read.database, http_request_arena(http), name, clock_now_ms(), ret_family);
}

/* RFC 7662 has no type for them, so none is said. acr, auth_time and levels are those that its next access
 * token would carry. */
static void reply_refresh_token(http_request_t *http, const domain_settings_t *settings,
                                const refresh_family_t *family)
{
  const grant_t *grant = &family->grant;
  bytes_t issuer = bytes_of_string(settings->config->issuer);
  size_t texts = issuer.len + grant->subject.len + grant->client.len + grant->scope.len + grant->session.len +
                 grant->acr.len + grant->amr.len + grant->details.len;
  builder_t answer = arena_builder(http_request_arena(http), ANSWER_FIXED + 6 * texts + grant->levels.len);
  builder_add_string(&answer, "{\"active\":true");
  claim_add_text(&answer, "iss", issuer);
  claim_add_text(&answer, "sub", grant->subject);
  claim_add_text(&answer, "client_id", grant->client);
  claim_add_text(&answer, "scope", grant->scope);
  authorization_details_add(&answer, grant->details);
  claim_add_seconds(&answer, "exp", family->refresh_until_ms);
  claim_add_text(&answer, "sid", grant->session);
  claim_add_text(&answer, "acr", grant->acr);
  claim_add_words(&answer, "amr", grant->amr);
  claim_add_seconds(&answer, "auth_time", grant->auth_time_ms);
  builder_add_string(&answer, ",\"levels\":");
  builder_add(&answer, grant->levels);
  reply_active(http, &answer);
}

static void introspect_refresh_token(http_request_t *http, domain_t *domain,
                                     const domain_settings_t *settings, const config_client_t *caller,
                                     const refresh_name_t *name)
{
  refresh_family_t family;
  error_code_t error = find_family(http, domain, name, &family);
  if (error != ERR_NONE)
    token_reply_error(http, error);
  else if (family.verdict != REFRESH_CURRENT ||
           (caller != NULL && !bytes_equal_string(family.grant.client, caller->id)))
    reply_inactive(http);
  else
    reply_refresh_token(http, settings, &family);
}

/* --- both --- */

/* caller: NULL for the internal listener, whose callers see everything of the domain. A client sees access
 * tokens, which are shown to it as a resource server, and refresh tokens of its own (§4). The hint is not
 * needed: the kinds have different forms. */
static void introspect(http_request_t *http, domain_t *domain, const http_form_t *form,
                       const config_client_t *caller)
{
  const domain_settings_t *settings = domain_settings(domain);
  bytes_t text = http_form_get(form, "token");
  refresh_name_t name;
  if (text.len == 0) {
    token_reply_error(http, ERR_MALFORMED);
    return;
  }
  if (refresh_token_parse(&domain->refresh_key, text, &name) == ERR_NONE) {
    introspect_refresh_token(http, domain, settings, caller, &name);
    return;
  }
  token_key_t key;
  access_token_t token;
  error_code_t error =
      token_cache_accept(domain, settings, text, clock_now_ms(), http_request_arena(http), &key, &token);
  if (error == ERR_NO_MEMORY || error == ERR_INTERNAL || error == ERR_UNAVAILABLE)
    token_reply_error(http, error);
  else if (error != ERR_NONE)
    reply_inactive(http);
  else
    reply_access_token(http, settings, &token);
}

/* RFC 7662 §2.1: whoever asks must authenticate, and to name oneself is not to authenticate. */
static void introspect_for(client_request_t *request, const domain_settings_t *settings, error_code_t outcome)
{
  if (outcome == ERR_NONE && request->client->public_client)
    outcome = ERR_CLIENT_AUTHENTICATION;
  if (outcome == ERR_NONE)
    introspect(request->http, request->domain, request->form, request->client);
  else
    token_reply_error(request->http, outcome);
}

void introspection_endpoint(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/introspect");
  if (domain == NULL)
    return;
  client_request_t *request;
  error_code_t error = client_request_read(http, domain, &request);
  if (error != ERR_NONE)
    token_reply_error(http, error);
  else
    client_authenticate(request, introspect_for);
}

void introspection_internal(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_segment(app, http);
  if (domain == NULL)
    return;
  http_form_t *form;
  error_code_t error = http_request_form(http, &form);
  if (error != ERR_NONE)
    token_reply_error(http, error);
  else
    introspect(http, domain, form, NULL);
}

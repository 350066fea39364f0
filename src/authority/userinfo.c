#include "authority/userinfo.h"

#include <string.h>

#include "authority/access_token.h"
#include "authority/authority.h"
#include "authority/client_certificate.h"
#include "authority/proof.h"
#include "authority/proof_spend.h"
#include "authority/token_request.h"
#include "base/clock.h"
#include "base/log.h"
#include "handoff/account_claims.h"
#include "http/message.h"
#include "store/authority_claims.h"

/* --- refusals --- */

static int status_of(const error_info_t *info, error_code_t error)
{
  return error == ERR_DPOP_PROOF || error == ERR_DPOP_NONCE ? 401 : info->http_status; /* RFC 9449 §7.1 */
}

static const char *challenge_of(http_request_t *http, bool dpop, error_code_t error)
{
  const error_info_t *info = error_info(error);
  builder_t text = arena_builder(http_request_arena(http), 1024);
  if (error == ERR_NO_TOKEN)
    return "Bearer realm=\"userinfo\"";
  challenge_begin(&text, dpop, info->oauth, info->sentence);
  builder_add_string(&text, error == ERR_INSUFFICIENT_SCOPE ? ", scope=\"openid\"" : "");
  builder_add_u8(&text, '\0');
  return text.failed ? NULL : (const char *)text.data;
}

/* RFC 6750 §3: who shows no token is told the scheme alone; whoever shows one is told what is wrong. */
static void refuse(http_request_t *http, bool dpop, error_code_t error)
{
  const error_info_t *info = error_info(error);
  log_event(LOG_INFO, "userinfo.refused", LOG_TEXT("error", info->slug),
            LOG_TEXT("request", http_request_id(http)));
  const char *challenge = challenge_of(http, dpop, error);
  if (challenge != NULL && info->http_status < 500)
    http_reply_header(http, "WWW-Authenticate", challenge);
  json_t *body = json_object();
  json_set_string(body, "error", info->oauth);
  json_set_string(body, "error_description", info->sentence);
  json_set_string(body, "request_id", http_request_id(http));
  http_reply_json(http, status_of(info, error), body);
}

/* --- the token --- */

/* ERR_NONE with an empty token: there is no such header. */
static error_code_t token_of_header(http_request_t *http, presentation_t *ret_presentation)
{
  bytes_t value;
  size_t count = http_request_header(http, "Authorization", &value);
  *ret_presentation = (presentation_t){.token = BYTES_NONE};
  if (count == 0)
    return ERR_NONE;
  if (count > 1 || value.len <= strlen("Bearer "))
    return ERR_MALFORMED;
  return presentation_parse(value, ret_presentation) ? ERR_NONE : ERR_TOKEN;
}

static bool has_form(http_request_t *http)
{
  bytes_t type;
  return http_request_header(http, "Content-Type", &type) == 1 &&
         http_media_type_is(type, "application/x-www-form-urlencoded");
}

/* RFC 6750 §2.2: in a form, of a POST. §2 forbids more than one way at once. In an address it is never looked
 * at: addresses get into logs. */
static error_code_t find_token(http_request_t *http, presentation_t *ret_presentation)
{
  http_form_t *form;
  bytes_t in_body = BYTES_NONE;
  error_code_t error = token_of_header(http, ret_presentation);
  if (error == ERR_NONE && http_request_body(http).len > 0) {
    error = has_form(http) ? http_request_form(http, &form) : ERR_MEDIA_TYPE;
    if (error == ERR_NONE)
      in_body = http_form_get(form, "access_token");
  }
  if (error != ERR_NONE)
    return error;
  if (ret_presentation->token.len > 0 && in_body.len > 0)
    return ERR_MALFORMED;
  if (in_body.len > 0)
    ret_presentation->token = in_body;
  if (ret_presentation->token.len == 0)
    return ERR_NO_TOKEN;
  return ret_presentation->token.len <= PRESENTED_TOKEN_MAX ? ERR_NONE : ERR_TOKEN;
}

static error_code_t check_proof(http_request_t *http, const domain_t *domain,
                                const presentation_t *presentation, const access_token_t *token,
                                int64_t now_ms, assertion_mark_t *ret_mark)
{
  arena_t *arena = http_request_arena(http);
  const domain_settings_t *settings = domain_settings(domain);
  const char *address = arena_format(arena, "%s/userinfo", settings->config->issuer);
  if (address == NULL)
    return ERR_NO_MEMORY;
  presented_request_t request = {
      .method = http_request_method_text(http), .address = bytes_of_string(address), .now_ms = now_ms};
  request.proof_count = http_request_header(http, "DPoP", &request.proof);
  client_certificate_t certificate;
  error_code_t error = client_certificate_read(http, settings->client_certificate, &certificate);
  if (error != ERR_NONE)
    return error;
  request.certificate = certificate.key;
  return proof_check(arena, domain, settings, presentation, token, &request, ret_mark);
}

/* *ret_dpop: by which scheme to answer: that of the token, once it is known. */
static error_code_t accept_token(http_request_t *http, const domain_t *domain, access_token_t *ret_token,
                                 bool *ret_dpop, assertion_mark_t *ret_mark)
{
  presentation_t presentation;
  int64_t now_ms = clock_now_ms();
  error_code_t error = find_token(http, &presentation);
  *ret_dpop = presentation.dpop;
  if (error == ERR_NONE)
    error = access_token_verify(http_request_arena(http), domain, presentation.token, now_ms, ret_token);
  if (error == ERR_NONE && ret_token->confirmation.kind == CONFIRMATION_DPOP)
    *ret_dpop = true;
  if (error == ERR_NONE)
    error = check_proof(http, domain, &presentation, ret_token, now_ms, ret_mark);
  if (error == ERR_NONE && !access_token_has_scope(ret_token, BYTES_LITERAL("openid")))
    error = ERR_INSUFFICIENT_SCOPE;
  return error;
}

/* --- the answer --- */

/* What the grant was given, as far as this token's scope reaches: a token may have less. */
static error_code_t find_claims(http_request_t *http, const domain_t *domain, const access_token_t *token,
                                json_t **ret_claims)
{
  grant_claims_t kept;
  CLEANUP(json_drop) json_t *all = NULL;
  error_code_t error;
  {
    CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
    if (read.database == NULL)
      return ERR_UNAVAILABLE;
    error = grant_claims_find(read.database, http_request_arena(http), token->grant, &kept);
  }
  if (error == ERR_NOT_FOUND) {
    *ret_claims = json_object();
    return *ret_claims != NULL ? ERR_NONE : ERR_NO_MEMORY;
  }
  if (error == ERR_NONE && json_parse(kept.claims, &all) != ERR_NONE)
    error = ERR_STORE_FAILED;
  if (error != ERR_NONE)
    return error;
  *ret_claims = account_claims_select(all, token->scope);
  return *ret_claims != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

typedef struct asking {
  proof_spend_t spend; /* first: the request's state */
  domain_t *domain;
  access_token_t token;
  bool dpop;
} asking_t;

static void answer(http_request_t *http, const asking_t *asking, error_code_t error)
{
  json_t *claims = NULL;
  const domain_t *domain = asking->domain;
  const char *nonce = asking->dpop ? proof_nonce(http_request_arena(http), domain, clock_now_ms()) : NULL;
  if (nonce != NULL)
    http_reply_header(http, "DPoP-Nonce", nonce);
  if (error == ERR_NONE)
    error = find_claims(http, domain, &asking->token, &claims);
  if (error == ERR_NONE && !json_set_text(claims, "sub", asking->token.subject)) {
    json_decref(claims);
    error = ERR_NO_MEMORY;
  }
  if (error != ERR_NONE)
    refuse(http, asking->dpop, error);
  else
    http_reply_json(http, 200, claims);
}

static void spent_then(http_request_t *http, void *app)
{
  (void)app;
  const asking_t *asking = http_request_state(http);
  answer(http, asking, proof_spend_outcome(&asking->spend));
}

void userinfo_endpoint(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/userinfo");
  if (domain == NULL)
    return;
  browser_origin_allow(http, domain_settings(domain));
  asking_t *asking = arena_alloc(http_request_arena(http), sizeof *asking);
  if (asking == NULL) {
    refuse(http, false, ERR_NO_MEMORY);
    return;
  }
  *asking = (asking_t){.domain = domain};
  error_code_t error = accept_token(http, domain, &asking->token, &asking->dpop, &asking->spend.mark);
  if (error == ERR_NONE && proof_spend_is_needed(domain, &asking->spend.mark))
    proof_spend_wait(http, domain, &asking->spend, spent_then);
  else
    answer(http, asking, error);
}

void userinfo_preflight(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/userinfo");
  if (domain == NULL)
    return;
  browser_origin_allow(http, domain_settings(domain));
  http_reply_header(http, "Access-Control-Allow-Methods", "GET, POST");
  http_reply_header(http, "Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP");
  http_reply_header(http, "Access-Control-Max-Age", "600");
  http_reply_empty(http, 204);
}

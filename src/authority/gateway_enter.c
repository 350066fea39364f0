/* The way in, on the product's own host. The browser goes to the login server as for any client, by
 * authorization code and PKCE; the code is redeemed here, without asking a token endpoint. */
#include <string.h>

#include "audit/audit.h"
#include "authority/access_token.h"
#include "authority/authorization_request.h"
#include "authority/browser_value.h"
#include "authority/durable.h"
#include "authority/gateway_entry.h"
#include "authority/gateway_routes.h"
#include "authority/gateway_session.h"
#include "authority/reference.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "store/authority_refresh.h"

#define ASKED_MAX 256 /* acr_values and max_age, each */

domain_t *gateway_domain(authority_t *authority, http_request_t *http)
{
  domain_t *domain = authority_domain_of_segment(authority, http);
  if (domain == NULL || domain_settings(domain)->config->gateway_session)
    return domain;
  http_reply_error(http, ERR_NO_GATEWAY_SESSION);
  return NULL;
}

static void refuse(http_request_t *http, const domain_t *domain, error_code_t error)
{
  log_event(LOG_INFO, "enter.refused", LOG_TEXT("domain", domain->id.text),
            LOG_TEXT("request", http_request_id(http)), LOG_TEXT("error", error_info(error)->slug));
  http_reply_error(http, error);
}

/* --- /.sekisho/enter --- */

static void add(builder_t *query, const char *name, bytes_t value)
{
  http_form_add(query, bytes_of_string(name), value);
}

static error_code_t authorize_address(arena_t *arena, const domain_settings_t *settings,
                                      const http_form_t *form, const secret_key_t *verifier, bytes_t state,
                                      const char **ret_address)
{
  sha256_t challenge;
  error_code_t error = gateway_entry_challenge(verifier, &challenge);
  char *text = error == ERR_NONE ? base64url_encode(arena, hash_bytes(&challenge)) : NULL;
  const char *back = arena_format(arena, "%s" GATEWAY_RETURN_PATH, settings->config->external_url);
  if (text == NULL || back == NULL)
    return error != ERR_NONE ? error : ERR_NO_MEMORY;
  builder_t query = arena_builder(arena, 1024 + state.len + 3 * (strlen(back) + 2 * ASKED_MAX));
  add(&query, "client_id", BYTES_LITERAL(GATEWAY_SESSION_CLIENT));
  add(&query, "response_type", BYTES_LITERAL("code"));
  add(&query, "redirect_uri", bytes_of_string(back));
  add(&query, "scope", BYTES_LITERAL("openid"));
  add(&query, "code_challenge", bytes_of_string(text));
  add(&query, "code_challenge_method", BYTES_LITERAL("S256"));
  add(&query, "acr_values", http_form_get(form, "acr_values"));
  add(&query, "max_age", http_form_get(form, "max_age"));
  add(&query, "state", state);
  builder_add_u8(&query, '\0');
  *ret_address = query.failed ? NULL
                              : arena_format(arena, "%s/%s/authorize?%s", settings->pages_address,
                                             settings->id.text, (const char *)query.data);
  return *ret_address != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static bool asks_too_much(const http_form_t *form)
{
  return http_form_get(form, "acr_values").len > ASKED_MAX || http_form_get(form, "max_age").len > ASKED_MAX;
}

static error_code_t begin(http_request_t *http, const domain_t *domain, const domain_settings_t *settings,
                          const char **ret_address)
{
  arena_t *arena = http_request_arena(http);
  http_form_t *form;
  error_code_t error = http_request_query(http, &form);
  if (error != ERR_NONE || asks_too_much(form))
    return error != ERR_NONE ? error : ERR_MALFORMED;
  bytes_t to = http_form_get(form, "to");
  gateway_entry_t entry = {.to = to.len > 0 ? to : BYTES_LITERAL("/")};
  if (!gateway_target_is_valid(arena, entry.to))
    return ERR_ENTER_TARGET;
  const char *name = gateway_cookie_name(arena, settings, GATEWAY_COOKIE_ENTER);
  bytes_t browser = name != NULL ? browser_value_find_or_make(http, name) : BYTES_NONE;
  if (browser.len == 0)
    return ERR_NO_MEMORY;
  bytes_t state;
  random_fill(entry.verifier.bytes, sizeof entry.verifier.bytes);
  error = gateway_entry_seal(arena, domain, &entry, browser, clock_now_ms(), &state);
  if (error == ERR_NONE)
    error = authorize_address(arena, settings, form, &entry.verifier, state, ret_address);
  secret_key_wipe(&entry.verifier);
  if (error == ERR_NONE)
    http_reply_cookie(http, name, browser, -1, gateway_cookie_flags(settings));
  return error;
}

void gateway_enter(http_request_t *http, void *app)
{
  domain_t *domain = gateway_domain(app, http);
  if (domain == NULL)
    return;
  const char *address;
  error_code_t error = begin(http, domain, domain_settings(domain), &address);
  if (error != ERR_NONE)
    refuse(http, domain, error);
  else
    http_reply_redirect(http, 303, address);
}

/* --- /.sekisho/return --- */

typedef struct entering {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  bytes_t to;
  code_presented_t presented;
  code_outcome_t outcome;
  bool replaces; /* the browser came with a session, which ends */
  access_token_t old;
  living_grant_t old_grant;
} entering_t;

static error_code_t record(database_t *database, const entering_t *entering)
{
  static const char *const events[] = {[CODE_REDEEMED] = "gateway_session.opened",
                                       [CODE_MISMATCHED] = "code.mismatched",
                                       [CODE_REPLAYED] = "code.replayed"};
  const char *event = events[entering->outcome.verdict];
  if (event == NULL)
    return ERR_NONE;
  const audit_event_t row = {.time_ms = entering->presented.now_ms,
                             .event = event,
                             .actor = entering->presented.client,
                             .subject = entering->outcome.grant.subject,
                             .request = bytes_of_string(entering->request_id)};
  return audit_append(database, &row);
}

static error_code_t end_old(database_t *database, entering_t *entering)
{
  error_code_t error = grant_find_living(database, entering->arena, entering->old.session,
                                         entering->old.grant, &entering->old_grant);
  return error == ERR_NONE && entering->old_grant.row != 0
             ? grant_revoke(database, entering->old_grant.row, entering->presented.now_ms)
             : error;
}

static error_code_t entering_apply(database_t *database, store_job_t *job)
{
  entering_t *entering = (entering_t *)job;
  error_code_t error = grant_redeem(database, entering->arena, &entering->presented, &entering->outcome);
  if (error == ERR_NONE && entering->outcome.verdict == CODE_REDEEMED && entering->replaces)
    error = end_old(database, entering);
  return error == ERR_NONE ? record(database, entering) : error;
}

static void entering_settle(durable_t *durable)
{
  const entering_t *entering = (const entering_t *)durable;
  if (durable->job.outcome != ERR_NONE)
    return;
  if (entering->outcome.verdict == CODE_REPLAYED)
    revocations_add(entering->domain->revocations, entering->outcome.grant.ref,
                    entering->outcome.token_expires_ms);
  if (entering->old_grant.row != 0)
    revocations_add(entering->domain->revocations, entering->old.grant, entering->old_grant.tokens_until_ms);
}

static error_code_t set_session(http_request_t *http, const entering_t *entering)
{
  const domain_t *domain = entering->domain;
  const domain_settings_t *settings = domain_settings(domain);
  const code_outcome_t *outcome = &entering->outcome;
  int64_t now_ms = entering->presented.now_ms;
  bytes_t token, cookie;
  const char *name = gateway_cookie_name(entering->arena, settings, "");
  error_code_t error = name != NULL ? ERR_NONE : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = access_token_build(entering->arena, settings, signing_keys_now(domain->keys)->current,
                               &outcome->grant, &(confirmation_t){.kind = CONFIRMATION_NONE}, now_ms,
                               outcome->token_expires_ms, &token);
  if (error == ERR_NONE)
    error = gateway_session_seal(entering->arena, domain, token, &cookie);
  if (error == ERR_NONE)
    http_reply_cookie(http, name, cookie, (outcome->token_expires_ms - now_ms) / 1000,
                      gateway_cookie_flags(settings));
  return error;
}

static void entering_then(http_request_t *http, void *app)
{
  (void)app;
  const entering_t *entering = http_request_state(http);
  error_code_t error = entering->durable.job.outcome;
  if (error == ERR_NONE && entering->outcome.verdict != CODE_REDEEMED)
    error = ERR_ENTER_BROWSER;
  if (error == ERR_NONE)
    error = set_session(http, entering);
  const char *to = error == ERR_NONE ? arena_string(entering->arena, entering->to) : NULL;
  metrics_count(entering->domain->metrics, METRIC_TOKENS, to != NULL ? TOKEN_ISSUED : TOKEN_REFUSED);
  if (to != NULL)
    http_reply_redirect(http, 303, to);
  else
    refuse(http, entering->domain, error != ERR_NONE ? error : ERR_NO_MEMORY);
}

/* A session that cannot be read any more ends by itself. */
static void find_old(http_request_t *http, const domain_settings_t *settings, entering_t *entering)
{
  bytes_t cookie, token;
  const char *name = gateway_cookie_name(entering->arena, settings, "");
  entering->replaces =
      name != NULL && http_request_cookie(http, name, &cookie) == 1 &&
      gateway_session_open(entering->arena, entering->domain, cookie, &token) == ERR_NONE &&
      access_token_parse(entering->arena, entering->domain, settings, token, &entering->old) == ERR_NONE;
}

static error_code_t read_code(const http_form_t *form, const domain_settings_t *settings,
                              entering_t *entering)
{
  /* RFC 9207 §2.4: of this issuer, and no other. */
  if (!bytes_equal_string(http_form_get(form, "iss"), settings->config->issuer))
    return ERR_ENTER_BROWSER;
  if (http_form_get(form, "error").len > 0)
    return ERR_ENTER_REFUSED;
  code_presented_t *presented = &entering->presented;
  error_code_t error = reference_parse(&entering->domain->reference_key, "code", http_form_get(form, "code"),
                                       &presented->row, presented->hash);
  return error == ERR_NO_MEMORY || error == ERR_NONE ? error : ERR_ENTER_BROWSER;
}

static error_code_t present(const domain_settings_t *settings, const gateway_entry_t *entry,
                            entering_t *entering)
{
  const char *back = arena_format(entering->arena, "%s" GATEWAY_RETURN_PATH, settings->config->external_url);
  code_presented_t *presented = &entering->presented;
  sha256_t challenge;
  error_code_t error = gateway_entry_challenge(&entry->verifier, &challenge);
  if (error != ERR_NONE || back == NULL)
    return error != ERR_NONE ? error : ERR_NO_MEMORY;
  memcpy(presented->challenge, challenge.bytes, sizeof challenge.bytes);
  presented->client = BYTES_LITERAL(GATEWAY_SESSION_CLIENT);
  presented->redirect_uri = bytes_of_string(back);
  presented->horizon_ms = presented->now_ms + CODE_LIFETIME_MS + POLICY_SKEW_MS;
  presented->token_lifetime_ms = settings->config->session_absolute_ms;
  return ERR_NONE;
}

static error_code_t entering_begin(http_request_t *http, const domain_settings_t *settings,
                                   entering_t *entering)
{
  http_form_t *form;
  bytes_t browser;
  CLEANUP(secret_key_wipe) secret_key_t none = {{0}};
  gateway_entry_t entry = {.verifier = none};
  error_code_t error = http_request_query(http, &form);
  const char *name = gateway_cookie_name(entering->arena, settings, GATEWAY_COOKIE_ENTER);
  if (error != ERR_NONE || name == NULL)
    return error != ERR_NONE ? error : ERR_NO_MEMORY;
  (void)http_request_cookie(http, name, &browser);
  entering->presented.now_ms = clock_now_ms();
  error = gateway_entry_open(entering->arena, entering->domain, http_form_get(form, "state"), browser,
                             entering->presented.now_ms, &entry);
  if (error == ERR_NONE)
    error = read_code(form, settings, entering);
  if (error == ERR_NONE)
    error = present(settings, &entry, entering);
  secret_key_wipe(&entry.verifier);
  entering->to = entry.to;
  find_old(http, settings, entering);
  return error;
}

void gateway_return(http_request_t *http, void *app)
{
  domain_t *domain = gateway_domain(app, http);
  if (domain == NULL)
    return;
  arena_t *arena = http_request_arena(http);
  entering_t *entering = arena_alloc(arena, sizeof *entering);
  error_code_t error = ERR_NO_MEMORY;
  if (entering != NULL) {
    *entering = (entering_t){.durable = {.settle = entering_settle},
                             .domain = domain,
                             .arena = arena,
                             .request_id = http_request_id(http)};
    error = entering_begin(http, domain_settings(domain), entering);
  }
  if (error != ERR_NONE)
    refuse(http, domain, error);
  else
    durable_wait(http, domain->store, &entering->durable, entering_apply, entering_then);
}

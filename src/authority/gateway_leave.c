/* The way out: the session behind the gateway ends, and where it is asked for, all of the sign-in. */
#include "audit/audit.h"
#include "authority/access_token.h"
#include "authority/durable.h"
#include "authority/gateway_routes.h"
#include "authority/gateway_session.h"
#include "authority/id_token.h"
#include "base/clock.h"
#include "store/authority_refresh.h"

typedef struct leaving {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  const char *to;
  bool everywhere;
  access_token_t token;
  int64_t now_ms;
  living_grant_t grant;
} leaving_t;

static error_code_t leaving_apply(database_t *database, store_job_t *job)
{
  leaving_t *leaving = (leaving_t *)job;
  error_code_t error = grant_find_living(database, leaving->arena, leaving->token.session,
                                         leaving->token.grant, &leaving->grant);
  if (error != ERR_NONE || leaving->grant.row == 0)
    return error;
  error = grant_revoke(database, leaving->grant.row, leaving->now_ms);
  if (error != ERR_NONE)
    return error;
  const audit_event_t event = {.time_ms = leaving->now_ms,
                               .event = "gateway_session.closed",
                               .actor = leaving->token.client,
                               .subject = leaving->grant.subject,
                               .request = bytes_of_string(leaving->request_id)};
  return audit_append(database, &event);
}

static void leaving_settle(durable_t *durable)
{
  const leaving_t *leaving = (const leaving_t *)durable;
  if (durable->job.outcome == ERR_NONE && leaving->grant.row != 0)
    revocations_add(leaving->domain->revocations, leaving->token.grant, leaving->grant.tokens_until_ms);
}

/* RP-Initiated Logout 1.0 §2. The hint says whose session it is: the person, who pressed the button here, is
 * not asked once more. Without a session there is no hint, and the login server asks. */
static const char *logout_address(const leaving_t *leaving)
{
  const domain_t *domain = leaving->domain;
  const domain_settings_t *settings = domain_settings(domain);
  const grant_t grant = {.client = leaving->token.client,
                         .subject = leaving->token.subject,
                         .session = leaving->token.session,
                         .acr = leaving->token.acr,
                         .amr = leaving->token.amr,
                         .auth_time_ms = leaving->token.auth_time_ms};
  bytes_t hint = BYTES_LITERAL("");
  if (grant.session.len > 0 &&
      id_token_build(leaving->arena, settings, signing_keys_now(domain->keys)->current, &grant, BYTES_NONE,
                     leaving->now_ms, &hint) != ERR_NONE)
    return NULL;
  builder_t query = arena_builder(leaving->arena, 1024 + hint.len);
  http_form_add(&query, BYTES_LITERAL("id_token_hint"), hint);
  http_form_add(&query, BYTES_LITERAL("client_id"), BYTES_LITERAL(GATEWAY_SESSION_CLIENT));
  http_form_add(&query, BYTES_LITERAL("post_logout_redirect_uri"),
                bytes_of_string(arena_format(leaving->arena, "%s/", settings->config->external_url)));
  builder_add_u8(&query, '\0');
  return query.failed ? NULL
                      : arena_format(leaving->arena, "%s/end_session?%s", settings->config->issuer,
                                     (const char *)query.data);
}

static void reply_left(http_request_t *http, const leaving_t *leaving)
{
  const domain_settings_t *settings = domain_settings(leaving->domain);
  const char *name = gateway_cookie_name(leaving->arena, settings, "");
  const char *address = leaving->everywhere ? logout_address(leaving) : leaving->to;
  if (name == NULL || address == NULL) {
    http_reply_error(http, ERR_NO_MEMORY);
    return;
  }
  http_reply_cookie(http, name, BYTES_NONE, 0, gateway_cookie_flags(settings));
  http_reply_redirect(http, 303, address);
}

static void leaving_then(http_request_t *http, void *app)
{
  (void)app;
  const leaving_t *leaving = http_request_state(http);
  if (leaving->durable.job.outcome != ERR_NONE)
    http_reply_error(http, leaving->durable.job.outcome);
  else
    reply_left(http, leaving);
}

/* Whether there is a session to end; one that is over already needs nothing but its cookie gone. */
static bool find_session(leaving_t *leaving, const browser_call_t *call)
{
  bytes_t token;
  return gateway_session_open(leaving->arena, leaving->domain, call->cookie, &token) == ERR_NONE &&
         access_token_parse(leaving->arena, leaving->domain, domain_settings(leaving->domain), token,
                            &leaving->token) == ERR_NONE;
}

static error_code_t leaving_begin(http_request_t *http, const domain_settings_t *settings,
                                  const browser_call_t *call, leaving_t *leaving)
{
  http_form_t *form;
  if (!browser_call_is_own(settings, call, http_request_method_text(http)))
    return ERR_CROSS_SITE; /* nobody is signed out by another's page */
  error_code_t error = http_request_form(http, &form);
  if (error != ERR_NONE)
    return error;
  bytes_t to = http_form_get(form, "to");
  leaving->everywhere = bytes_equal_string(http_form_get(form, "everywhere"), "true");
  if (to.len == 0)
    to = BYTES_LITERAL("/");
  if (!gateway_target_is_valid(leaving->arena, to))
    return ERR_ENTER_TARGET;
  leaving->to = arena_string(leaving->arena, to);
  return leaving->to != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

void gateway_leave(http_request_t *http, void *app)
{
  domain_t *domain = gateway_domain(app, http);
  if (domain == NULL)
    return;
  const domain_settings_t *settings = domain_settings(domain);
  leaving_t *leaving = arena_alloc(http_request_arena(http), sizeof *leaving);
  if (leaving == NULL) {
    http_reply_error(http, ERR_NO_MEMORY);
    return;
  }
  *leaving = (leaving_t){.durable = {.settle = leaving_settle},
                         .domain = domain,
                         .arena = http_request_arena(http),
                         .request_id = http_request_id(http),
                         .now_ms = clock_now_ms()};
  browser_call_t call;
  browser_call_read(http, settings, &call);
  error_code_t error = leaving_begin(http, settings, &call, leaving);
  if (error != ERR_NONE)
    http_reply_error(http, error);
  else if (find_session(leaving, &call))
    durable_wait(http, domain->store, &leaving->durable, leaving_apply, leaving_then);
  else
    reply_left(http, leaving);
}

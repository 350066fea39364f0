/* The hand-off as this process answers it: the rp's messages in, one answer out. */
#include "authority/handoff_routes.h"
#include "authority/authority.h"
#include "authority/authorization.h"
#include "authority/claims_changed.h"
#include "authority/consent_routes.h"
#include "authority/end_session.h"
#include "authority/session_ended.h"
#include "base/clock.h"
#include "base/log.h"

/* --- authz_begin, authz_finish --- */

/* Requests that could not be served, by domain and reason; never what they carried. */
static void log_refusal(const authorization_t *authorization)
{
  if (authorization->refusal != ERR_NONE)
    log_event(LOG_INFO, "authorization.refused", LOG_TEXT("domain", authorization->domain->id.text),
              LOG_TEXT("error", error_info(authorization->refusal)->slug),
              LOG_TEXT("request", authorization->request_id));
}

static void reply_answer(http_request_t *http, const authorization_t *authorization)
{
  const domain_settings_t *settings = domain_settings(authorization->domain);
  log_refusal(authorization);
  bytes_t text = handoff_answer_build(authorization->arena, settings->levels, &authorization->answer);
  if (text.len == 0)
    http_reply_error(http, ERR_NO_MEMORY);
  else
    http_reply_bytes(http, 200, "application/json", text);
}

static void authorization_then(http_request_t *http, void *app)
{
  authorization_t *authorization = http_request_state(http);
  error_code_t error = authorization_complete(authorization);
  if (error != ERR_NONE)
    http_reply_error(http, error);
  else
    reply_answer(http, authorization);
}

/* NULL after replying. */
static authorization_t *authorization_for(http_request_t *http, authority_t *authority, const domain_id_t *id)
{
  arena_t *arena = http_request_arena(http);
  domain_t *domain = authority_find_domain(authority, bytes_of_string(id->text));
  authorization_t *authorization = domain != NULL ? arena_alloc(arena, sizeof *authorization) : NULL;
  if (authorization == NULL) {
    http_reply_error(http, domain == NULL ? ERR_NOT_FOUND : ERR_NO_MEMORY);
    return NULL;
  }
  authorization->domain = domain;
  authorization->arena = arena;
  authorization->request_id = http_request_id(http);
  authorization->now_ms = clock_now_ms();
  return authorization;
}

static void reply_or_wait(http_request_t *http, authorization_t *authorization, error_code_t error)
{
  if (error != ERR_NONE)
    http_reply_error(http, error);
  else if (authorization->apply == NULL)
    reply_answer(http, authorization);
  else
    durable_wait(http, authorization->domain->store, &authorization->durable, authorization->apply,
                 authorization_then);
}

static void begin(http_request_t *http, void *app)
{
  handoff_begin_t message;
  error_code_t error = handoff_begin_parse(http_request_arena(http), http_request_body(http), &message);
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  authorization_t *authorization = authorization_for(http, app, &message.domain);
  if (authorization != NULL)
    reply_or_wait(http, authorization, authorization_begin(authorization, &message));
}

static void finish(http_request_t *http, void *app)
{
  handoff_finish_t message;
  error_code_t error = handoff_finish_parse(http_request_arena(http), http_request_body(http), &message);
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  authorization_t *authorization = authorization_for(http, app, &message.domain);
  if (authorization != NULL)
    reply_or_wait(http, authorization, authorization_finish(authorization, &message));
}

http_handler_t *const handoff_handlers[HANDOFF_KINDS] = {[HANDOFF_BEGIN] = begin,
                                                         [HANDOFF_FINISH] = finish,
                                                         [HANDOFF_SESSION_ENDED] = session_ended,
                                                         [HANDOFF_ACCOUNT_ENDED] = account_ended,
                                                         [HANDOFF_CREDENTIAL_CHANGED] = credential_changed,
                                                         [HANDOFF_CLAIMS_CHANGED] = claims_changed,
                                                         [HANDOFF_LOGOUT] = logout_judge,
                                                         [HANDOFF_APPLICATIONS] = consent_list,
                                                         [HANDOFF_CONSENT_WITHDRAWN] = consent_withdrawn};

/* The hand-off as this process answers it: the rp's messages in, one answer out. */
#include "authority/handoff_routes.h"
#include "audit/audit.h"
#include "authority/authority.h"
#include "authority/authorization.h"
#include "authority/claims_changed.h"
#include "authority/consent_routes.h"
#include "authority/end_session.h"
#include "authority/logout_sender.h"
#include "base/clock.h"
#include "base/log.h"
#include "handoff/events.h"
#include "store/authority_logouts.h"

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

/* --- session_ended --- */

typedef struct ended_grant {
  struct ended_grant *next;
  grant_ref_t ref;
  int64_t until_ms;
} ended_grant_t;

typedef struct session_end {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  handoff_session_ended_t message;
  int64_t now_ms;
  ended_grant_t *grants;
  int64_t logouts; /* clients that must be told */
  bool out_of_memory;
} session_end_t;

static void note_grant(void *context, grant_ref_t ref, int64_t until_ms)
{
  session_end_t *end = context;
  ended_grant_t *grant = arena_alloc(end->arena, sizeof *grant);
  if (grant == NULL) {
    end->out_of_memory = true;
    return;
  }
  *grant = (ended_grant_t){end->grants, ref, until_ms};
  end->grants = grant;
}

static error_code_t session_end_apply(database_t *database, store_job_t *job)
{
  session_end_t *end = (session_end_t *)job;
  end->grants = NULL;
  end->out_of_memory = false;
  error_code_t error =
      grant_end_session(database, end->message.session, end->message.sequence, end->now_ms, note_grant, end);
  if (error == ERR_NONE)
    error = logout_enqueue(database, end->message.session, end->now_ms, end->now_ms + LOGOUT_TRIES_MS,
                           &end->logouts);
  if (error != ERR_NONE || end->out_of_memory)
    return error != ERR_NONE ? error : ERR_NO_MEMORY;
  const audit_event_t row = {.time_ms = end->now_ms,
                             .event = "session.ended",
                             .actor = BYTES_LITERAL("rp"),
                             .subject = end->message.session,
                             .request = bytes_of_string(end->request_id)};
  return audit_append(database, &row);
}

static void session_end_settle(durable_t *durable)
{
  const session_end_t *end = (const session_end_t *)durable;
  if (durable->job.outcome != ERR_NONE)
    return;
  for (const ended_grant_t *grant = end->grants; grant != NULL; grant = grant->next)
    revocations_add(end->domain->revocations, grant->ref, grant->until_ms);
}

static void session_end_then(http_request_t *http, void *app)
{
  const session_end_t *end = http_request_state(http);
  if (end->durable.job.outcome != ERR_NONE) {
    http_reply_error(http, end->durable.job.outcome);
    return;
  }
  metrics_count(end->domain->metrics, METRIC_SESSIONS_ENDED, METRIC_PLAIN);
  if (end->logouts > 0)
    logout_sender_run(end->domain->logout_sender);
  http_reply_empty(http, 204);
}

static void session_ended(http_request_t *http, void *app)
{
  arena_t *arena = http_request_arena(http);
  session_end_t *end = arena_alloc(arena, sizeof *end);
  error_code_t error = end != NULL
                           ? handoff_session_ended_parse(arena, http_request_body(http), &end->message)
                           : ERR_NO_MEMORY;
  if (error == ERR_NONE) {
    end->domain = authority_find_domain(app, bytes_of_string(end->message.domain.text));
    error = end->domain != NULL ? ERR_NONE : ERR_NOT_FOUND;
  }
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  end->durable.settle = session_end_settle;
  end->arena = arena;
  end->request_id = http_request_id(http);
  end->now_ms = clock_now_ms();
  durable_wait(http, end->domain->store, &end->durable, session_end_apply, session_end_then);
}

http_handler_t *const handoff_handlers[HANDOFF_KINDS] = {[HANDOFF_BEGIN] = begin,
                                                         [HANDOFF_FINISH] = finish,
                                                         [HANDOFF_SESSION_ENDED] = session_ended,
                                                         [HANDOFF_CLAIMS_CHANGED] = claims_changed,
                                                         [HANDOFF_LOGOUT] = logout_judge,
                                                         [HANDOFF_APPLICATIONS] = consent_list,
                                                         [HANDOFF_CONSENT_WITHDRAWN] = consent_withdrawn};

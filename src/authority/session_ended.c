#include "authority/session_ended.h"

#include "audit/audit.h"
#include "authority/authority.h"
#include "authority/durable.h"
#include "authority/ended_grants.h"
#include "authority/logout_sender.h"
#include "base/clock.h"
#include "handoff/events.h"
#include "store/authority_logouts.h"

typedef struct ending {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  handoff_ended_t message;
  handoff_kind_t kind;
  int64_t now_ms;
  ended_grants_t ended;
  int64_t logouts; /* clients that must be told */
} ending_t;

/* The session, and whatever does not outlive it; its clients are told. */
static error_code_t end_session(database_t *database, ending_t *ending)
{
  const handoff_ended_t *message = &ending->message;
  error_code_t error = grant_end_session(database, message->session, message->sequence, ending->now_ms,
                                         ended_grants_note, &ending->ended);
  return error == ERR_NONE ? logout_enqueue(database, message->session, ending->now_ms,
                                            ending->now_ms + LOGOUT_TRIES_MS, &ending->logouts)
                           : error;
}

/* The sessions were told one by one: this is of what outlives them. */
static error_code_t end_account(database_t *database, ending_t *ending)
{
  return grant_end_account(database, ending->message.subject, ending->message.session, ending->now_ms,
                           ended_grants_note, &ending->ended);
}

/* Nobody knows any more which of a grant's levels came by that passkey: all grants of the session end, and
 * its clients get new ones for what the session still has. */
static error_code_t end_grants(database_t *database, ending_t *ending)
{
  return grant_end_of_session(database, ending->message.session, ending->now_ms, ended_grants_note,
                              &ending->ended);
}

static const struct {
  const char *event;
  error_code_t (*apply)(database_t *database, ending_t *ending);
} rows[HANDOFF_KINDS] = {[HANDOFF_SESSION_ENDED] = {"session.ended", end_session},
                         [HANDOFF_ACCOUNT_ENDED] = {"account.ended", end_account},
                         [HANDOFF_CREDENTIAL_CHANGED] = {"credential.changed", end_grants}};

static error_code_t ending_apply(database_t *database, store_job_t *job)
{
  ending_t *ending = (ending_t *)job;
  const handoff_ended_t *message = &ending->message;
  ended_grants_begin(&ending->ended, ending->arena);
  error_code_t error = ended_grants_check(&ending->ended, rows[ending->kind].apply(database, ending));
  if (error != ERR_NONE)
    return error;
  const audit_event_t row = {.time_ms = ending->now_ms,
                             .event = rows[ending->kind].event,
                             .actor = BYTES_LITERAL("rp"),
                             .subject = message->subject.len > 0 ? message->subject : message->session,
                             .request = bytes_of_string(ending->request_id)};
  return audit_append(database, &row);
}

static void ending_settle(durable_t *durable)
{
  const ending_t *ending = (const ending_t *)durable;
  if (durable->job.outcome == ERR_NONE)
    ended_grants_revoke(&ending->ended, ending->domain->revocations);
}

static void ending_then(http_request_t *http, void *app)
{
  (void)app;
  const ending_t *ending = http_request_state(http);
  if (ending->durable.job.outcome != ERR_NONE) {
    http_reply_error(http, ending->durable.job.outcome);
    return;
  }
  if (ending->kind == HANDOFF_SESSION_ENDED)
    metrics_count(ending->domain->metrics, METRIC_SESSIONS_ENDED, METRIC_PLAIN);
  if (ending->logouts > 0)
    logout_sender_run(ending->domain->logout_sender);
  http_reply_empty(http, 204);
}

static void begin(http_request_t *http, authority_t *authority, handoff_kind_t kind)
{
  arena_t *arena = http_request_arena(http);
  ending_t *ending = arena_alloc(arena, sizeof *ending);
  error_code_t error = ending != NULL
                           ? handoff_ended_parse(arena, kind, http_request_body(http), &ending->message)
                           : ERR_NO_MEMORY;
  if (error == ERR_NONE) {
    ending->domain = authority_find_domain(authority, bytes_of_string(ending->message.domain.text));
    error = ending->domain != NULL ? ERR_NONE : ERR_NOT_FOUND;
  }
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  ending->durable.settle = ending_settle;
  ending->kind = kind;
  ending->arena = arena;
  ending->request_id = http_request_id(http);
  ending->now_ms = clock_now_ms();
  durable_wait(http, ending->domain->store, &ending->durable, ending_apply, ending_then);
}

void session_ended(http_request_t *http, void *app)
{
  begin(http, app, HANDOFF_SESSION_ENDED);
}

void account_ended(http_request_t *http, void *app)
{
  begin(http, app, HANDOFF_ACCOUNT_ENDED);
}

void credential_changed(http_request_t *http, void *app)
{
  begin(http, app, HANDOFF_CREDENTIAL_CHANGED);
}

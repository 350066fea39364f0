#include "authority/claims_changed.h"

#include "audit/audit.h"
#include "authority/authority.h"
#include "authority/durable.h"
#include "base/clock.h"
#include "handoff/account_claims.h"
#include "handoff/events.h"
#include "store/authority_claims.h"

typedef struct changed_grant {
  struct changed_grant *next;
  int64_t row;
  bytes_t claims;
} changed_grant_t;

typedef struct change {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  handoff_claims_changed_t message;
  json_t *claims; /* while the job runs */
  changed_grant_t *grants;
  bool failed;
} change_t;

/* Each grant takes what its own scopes give: another client may have been told more. */
static void note_grant(void *context, int64_t row, bytes_t scopes)
{
  change_t *change = context;
  changed_grant_t *grant = arena_alloc(change->arena, sizeof *grant);
  CLEANUP(json_drop) json_t *selected = account_claims_select(change->claims, scopes);
  if (grant == NULL || selected == NULL || json_print(change->arena, selected, &grant->claims) == NULL) {
    change->failed = true;
    return;
  }
  grant->row = row;
  grant->next = change->grants;
  change->grants = grant;
}

static error_code_t change_grants(database_t *database, change_t *change)
{
  change->grants = NULL;
  change->failed = false;
  error_code_t error = grant_claims_each(database, change->message.subject, note_grant, change);
  if (error == ERR_NONE && change->failed)
    error = ERR_NO_MEMORY;
  for (const changed_grant_t *grant = change->grants; grant != NULL && error == ERR_NONE; grant = grant->next)
    error = grant_claims_set(database, grant->row, grant->claims);
  return error;
}

static error_code_t change_apply(database_t *database, store_job_t *job)
{
  change_t *change = (change_t *)job;
  CLEANUP(json_drop) json_t *claims = NULL;
  error_code_t error = json_parse(change->message.claims, &claims);
  change->claims = claims;
  if (error == ERR_NONE)
    error = change_grants(database, change);
  change->claims = NULL;
  if (error != ERR_NONE || change->grants == NULL)
    return error;
  const audit_event_t row = {.time_ms = clock_now_ms(),
                             .event = "claims.changed",
                             .actor = BYTES_LITERAL("rp"),
                             .subject = change->message.subject,
                             .request = bytes_of_string(change->request_id)};
  return audit_append(database, &row);
}

static void change_then(http_request_t *http, void *app)
{
  const change_t *change = http_request_state(http);
  if (change->durable.job.outcome != ERR_NONE)
    http_reply_error(http, change->durable.job.outcome);
  else
    http_reply_empty(http, 204);
}

void claims_changed(http_request_t *http, void *app)
{
  arena_t *arena = http_request_arena(http);
  change_t *change = arena_alloc(arena, sizeof *change);
  error_code_t error = change != NULL
                           ? handoff_claims_changed_parse(arena, http_request_body(http), &change->message)
                           : ERR_NO_MEMORY;
  if (error == ERR_NONE) {
    change->domain = authority_find_domain(app, bytes_of_string(change->message.domain.text));
    error = change->domain != NULL ? ERR_NONE : ERR_NOT_FOUND;
  }
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  change->arena = arena;
  change->request_id = http_request_id(http);
  durable_wait(http, change->domain->store, &change->durable, change_apply, change_then);
}

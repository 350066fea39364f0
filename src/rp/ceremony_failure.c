#include "rp/ceremony_failure.h"

#include "base/json.h"
#include "base/log.h"
#include "rp/audit_note.h"
#include "rp/deleted_passkey.h"
#include "webauthn/client_data.h"

typedef struct failure_job {
  rp_job_t job;
  challenge_t challenge;
  audit_note_t note, finding_note;
  const char *event, *finding;
  error_code_t answer;
  bool deleted; /* the caller proved to hold what was deleted here */
} failure_job_t;

static error_code_t failure_apply(database_t *database, store_job_t *base)
{
  failure_job_t *job = (failure_job_t *)base;
  bool fresh = false;
  error_code_t error = rp_challenge_spend(database, job->challenge.expiry_ms, job->challenge.nonce,
                                          job->challenge.horizon_ms, &fresh);
  job->deleted = job->deleted && fresh;
  if (!fresh) /* replays are not worth a row each */
    return error;
  if (error == ERR_NONE && job->finding != NULL)
    error = audit_note_write(database, &job->finding_note, job->finding);
  if (error == ERR_NONE)
    error = audit_note_write(database, &job->note, job->event);
  return error;
}

static void failure_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const failure_job_t *job = http_request_state(request);
  if (job->job.base.outcome != ERR_NONE)
    rp_refuse(&exchange, job->job.base.outcome);
  else if (job->deleted)
    rp_refuse_unknown_credential(&exchange, job->answer);
  else
    rp_refuse(&exchange, job->answer);
}

void ceremony_failure_log(const exchange_t *exchange, const ceremony_failure_t *failure)
{
  log_event(LOG_INFO, failure->event, LOG_TEXT("error", error_info(failure->reason)->slug),
            LOG_TEXT("step", failure->step), LOG_TEXT("detail", failure->detail),
            LOG_TEXT("request", http_request_id(exchange->request)));
}

void ceremony_fail(const exchange_t *exchange, const challenge_t *challenge,
                   const ceremony_failure_t *failure)
{
  ceremony_failure_log(exchange, failure);
  failure_job_t *job = arena_alloc(exchange->arena, sizeof(*job));
  if (job == NULL) {
    rp_refuse(exchange, ERR_NO_MEMORY);
    return;
  }
  job->challenge = *challenge;
  job->event = failure->event;
  job->answer = failure->answer;
  job->deleted = failure->reason == ERR_NOT_FOUND && deleted_passkey_is_proven(exchange, challenge);
  job->finding = failure->finding;
  job->finding_note = audit_note_prepare(exchange, failure->actor, failure->finding_detail);
  job->note = audit_note_prepare(exchange, failure->actor,
                                 audit_note_failure(exchange->arena, failure->reason, failure->step));
  rp_job_submit(exchange, &job->job, failure_apply, failure_answer);
}

/* The ceremony that a body means, as far as it can be told. */
static error_code_t find_meant(const exchange_t *exchange, ceremony_t *ret_ceremony)
{
  json_t *body = NULL, *response = NULL;
  bytes_t client_data = BYTES_NONE, challenge = BYTES_NONE;
  error_code_t error = http_request_json(exchange->request, &body);
  if (error == ERR_NONE)
    error = json_get_object(body, "response", &response);
  if (error == ERR_NONE)
    error = json_require_base64url(exchange->arena, response, "clientDataJSON", &client_data);
  if (error == ERR_NONE)
    error = client_data_find_challenge(exchange->arena, client_data, &challenge);
  return error == ERR_NONE ? ceremony_find(exchange, challenge, ret_ceremony) : error;
}

void ceremony_refuse_unread(const exchange_t *exchange, error_code_t reason, const char *event)
{
  const ceremony_failure_t failure = {.reason = reason, .answer = reason, .event = event};
  ceremony_t *ceremony = arena_alloc(exchange->arena, sizeof(*ceremony));
  bool is_callers = error_info(reason)->http_status < 500; /* ours is no try */
  if (is_callers && ceremony != NULL && find_meant(exchange, ceremony) == ERR_NONE)
    ceremony_fail(exchange, &ceremony->challenge, &failure);
  else
    rp_refuse(exchange, reason);
}

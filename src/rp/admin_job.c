#include "rp/admin_job.h"

#include "base/encoding.h"
#include "rp/outbox.h"
#include "rp/username.h"

error_code_t admin_job_begin(const exchange_t *exchange, bytes_t typed_name, admin_job_t **ret_job)
{
  admin_job_t *job = arena_alloc(exchange->arena, sizeof(*job));
  if (job == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = username_canonical(exchange->arena, typed_name, &job->new_user.username_key);
  if (error == ERR_NONE)
    error = session_end_prepare(exchange, &job->end);
  if (error != ERR_NONE)
    return error;
  job->new_user.username = job->new_user.display_name = typed_name;
  job->new_user.created_ms = exchange->now_ms;
  random_fill(job->new_user.handle, sizeof(job->new_user.handle));
  job->arena = exchange->arena;
  job->note = audit_note_prepare(exchange, NULL, BYTES_NONE);
  job->note.actor = BYTES_LITERAL("operator");
  *ret_job = job;
  return ERR_NONE;
}

static error_code_t apply(database_t *database, store_job_t *base)
{
  admin_job_t *job = (admin_job_t *)base;
  error_code_t error = rp_user_find(database, job->arena, job->new_user.username_key, &job->user);
  if (error == ERR_NOT_FOUND && job->may_make) {
    job->user = job->new_user;
    error = rp_user_insert(database, &job->new_user, &job->user.id);
  }
  if (error == ERR_NOT_FOUND)
    return ERR_UNKNOWN_USER;
  if (error == ERR_NONE && job->change != NULL)
    error = job->change(database, job);
  if (error != ERR_NONE)
    return error;
  char *subject = base64url_encode(job->arena, bytes_of(job->user.handle, sizeof(job->user.handle)));
  job->note.subject = bytes_of_string(subject);
  return audit_note_write(database, &job->note, job->event);
}

void admin_job_submit(const exchange_t *exchange, admin_job_t *job, http_handler_t *then)
{
  rp_job_submit(exchange, &job->job, apply, then);
}

void admin_job_answer_ok(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const admin_job_t *job = http_request_state(request);
  if (job->job.base.outcome != ERR_NONE) {
    rp_refuse(&exchange, job->job.base.outcome);
    return;
  }
  outbox_wake(exchange.rp->outbox);
  rp_reply_ok(&exchange);
}

error_code_t admin_find_user(const exchange_t *exchange, database_t *database, rp_user_t *ret_user)
{
  bytes_t key;
  error_code_t error =
      username_canonical(exchange->arena, http_request_segment(exchange->request, "name"), &key);
  if (error == ERR_NONE)
    error = rp_user_find(database, exchange->arena, key, ret_user);
  return error == ERR_NOT_FOUND ? ERR_UNKNOWN_USER : error;
}

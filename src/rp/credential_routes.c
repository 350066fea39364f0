#include "rp/credential_routes.h"

#include <string.h>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "rp/account.h"
#include "rp/audit_note.h"
#include "rp/credential_write.h"
#include "rp/metadata_routes.h"
#include "rp/metadata_watch.h"
#include "rp/outbox.h"
#include "rp/session_end.h"
#include "store/rp_ticket.h"

#define NICKNAME_MAX_LENGTH 64

static error_code_t list(const exchange_t *exchange, const session_t **ret_session,
                         rp_credential_t **ret_items, size_t *ret_count)
{
  error_code_t error = session_find(exchange, ret_session);
  if (error != ERR_NONE)
    return error;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return rp_credential_list(read.database, exchange->arena, (*ret_session)->owner.session.user, ret_items,
                            ret_count);
}

void credentials_list_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange.rp->metadata_watch);
  const session_t *session;
  rp_credential_t *items;
  size_t count, room = 16;
  error_code_t error = list(&exchange, &session, &items, &count);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  for (size_t i = 0; i < count; i++)
    room += credential_write_room(&items[i], metadata_find_credential(metadata, &items[i])) + 1;
  builder_t builder = arena_builder(exchange.arena, room);
  builder_add_string(&builder, "[");
  for (size_t i = 0; i < count; i++) {
    builder_add_string(&builder, i > 0 ? "," : "");
    credential_write(&builder, &items[i], metadata_find_credential(metadata, &items[i]));
  }
  builder_add_string(&builder, "]");
  rp_reply_built(&exchange, 200, &builder);
}

static error_code_t segment_id(const exchange_t *exchange, bytes_t *ret_id)
{
  bytes_t text = http_request_segment(exchange->request, "id");
  return base64url_decode(exchange->arena, text, ret_id) == ERR_NONE ? ERR_NONE : ERR_NOT_FOUND;
}

void credentials_show_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange.rp->metadata_watch);
  const session_t *session;
  rp_credential_t *items = NULL;
  size_t count = 0;
  bytes_t id = BYTES_NONE;
  error_code_t error = list(&exchange, &session, &items, &count);
  if (error == ERR_NONE)
    error = segment_id(&exchange, &id);
  for (size_t i = 0; i < count && error == ERR_NONE; i++)
    if (bytes_equal(items[i].credential_id, id)) {
      const metadata_model_t *model = metadata_find_credential(metadata, &items[i]);
      builder_t builder = arena_builder(exchange.arena, credential_write_room(&items[i], model));
      credential_write(&builder, &items[i], model);
      rp_reply_built(&exchange, 200, &builder);
      return;
    }
  rp_refuse(&exchange, error == ERR_NONE ? ERR_NOT_FOUND : error);
}

/* --- changes --- */

typedef struct credential_job {
  rp_job_t job;
  const session_t *session;
  bytes_t id, nickname;
  bytes_t evidence; /* the session's, without the credential's */
  session_end_t end;
  audit_note_t note;
  error_code_t verdict;
} credential_job_t;

static error_code_t rename_apply(database_t *database, store_job_t *base)
{
  const credential_job_t *job = (const credential_job_t *)base;
  error_code_t error =
      rp_credential_rename(database, job->session->owner.session.user, job->id, job->nickname);
  if (error == ERR_NONE)
    error = audit_note_write(database, &job->note, "credential.renamed");
  return error;
}

static void change_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const credential_job_t *job = http_request_state(request);
  error_code_t error = job->job.base.outcome != ERR_NONE ? job->job.base.outcome : job->verdict;
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  outbox_wake(exchange.rp->outbox);
  rp_reply_ok(&exchange);
}

static error_code_t job_begin(const exchange_t *exchange, credential_job_t **ret_job)
{
  credential_job_t *job = arena_alloc(exchange->arena, sizeof(*job));
  if (job == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = session_find(exchange, &job->session);
  if (error == ERR_NONE)
    error = segment_id(exchange, &job->id);
  if (error == ERR_NONE)
    error = session_end_prepare(exchange, &job->end);
  if (error != ERR_NONE)
    return error;
  sha256_t hash;
  error = hash_sha256(job->id, &hash);
  if (error != ERR_NONE)
    return error;
  char *subject = base64url_encode(exchange->arena, hash_bytes(&hash));
  job->note = audit_note_prepare(exchange, job->session->owner.user_handle, BYTES_NONE);
  job->note.subject = bytes_of_string(subject);
  *ret_job = job;
  return ERR_NONE;
}

void credentials_rename_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  json_t *body = NULL;
  credential_job_t *job = NULL;
  error_code_t error = job_begin(&exchange, &job);
  if (error == ERR_NONE)
    error = http_request_json(request, &body);
  if (error == ERR_NONE)
    error = json_require_text(body, "nickname", &job->nickname);
  if (error == ERR_NONE && job->nickname.len > 0 && !text_is_printable(job->nickname, NICKNAME_MAX_LENGTH))
    error = ERR_NICKNAME;
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    rp_job_submit(&exchange, &job->job, rename_apply, change_answer);
}

/* The last passkey stays unless an operator has opened another way in. */
static error_code_t check_way_back(database_t *database, credential_job_t *job)
{
  int64_t count = 0;
  bool recovery = false;
  rp_user_id_t user = job->session->owner.session.user;
  error_code_t error = rp_credential_count(database, user, &count);
  if (error == ERR_NONE && count <= 1)
    error = rp_ticket_has_recovery(database, user, job->note.time_ms, &recovery);
  if (error == ERR_NONE && count <= 1 && !recovery)
    job->verdict = ERR_LAST_CREDENTIAL;
  return error;
}

/* The session that deletes goes on, with what its other passkeys gave it. */
static error_code_t end_others(database_t *database, const credential_job_t *job)
{
  const rp_session_owner_t *owner = &job->session->owner;
  session_end_account_t account = {
      .user = owner->session.user, .user_handle = owner->user_handle, .keep = {.id = owner->session.id}};
  memcpy(account.keep.ref, owner->session.ref, sizeof account.keep.ref);
  error_code_t error = session_end_of_user(database, &job->end, &account);
  return error == ERR_NONE ? session_end_grants(database, &job->end, owner->session.ref) : error;
}

static error_code_t delete_apply(database_t *database, store_job_t *base)
{
  credential_job_t *job = (credential_job_t *)base;
  const rp_session_t *session = &job->session->owner.session;
  job->verdict = ERR_NONE;
  error_code_t error = check_way_back(database, job);
  if (error != ERR_NONE || job->verdict != ERR_NONE)
    return error;
  error = rp_credential_delete(database, session->user, job->id, job->note.time_ms);
  if (error == ERR_NONE)
    error = end_others(database, job);
  if (error == ERR_NONE)
    error = rp_session_set_evidence(database, session->id, job->evidence);
  if (error == ERR_NONE)
    error = audit_note_write(database, &job->note, "credential.deleted");
  return error;
}

static error_code_t drop_evidence(const exchange_t *exchange, credential_job_t *job)
{
  evidence_record_t *left = arena_alloc(exchange->arena, sizeof(*left));
  sha256_t hash;
  if (left == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = hash_sha256(job->id, &hash);
  if (error != ERR_NONE)
    return error;
  *left = job->session->evidence;
  evidence_record_drop_credential(left, hash.bytes);
  return evidence_record_build(exchange->arena, left, &job->evidence);
}

static error_code_t check_own(const exchange_t *exchange, const credential_job_t *job)
{
  rp_credential_owner_t owner;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = rp_credential_find(read.database, exchange->arena, job->id, &owner);
  if (error == ERR_NONE && owner.credential.user.row != job->session->owner.session.user.row)
    error = ERR_NOT_FOUND;
  return error;
}

void credentials_delete_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  credential_job_t *job = NULL;
  requirement_t requirement = REQUIREMENT_NONE;
  error_code_t error = job_begin(&exchange, &job);
  if (error == ERR_NONE)
    error = check_own(&exchange, job);
  if (error == ERR_NONE)
    error = account_check_fresh(&exchange, job->session, &requirement);
  if (error == ERR_NONE)
    error = drop_evidence(&exchange, job);
  if (error == ERR_STEP_UP)
    rp_refuse_step_up(&exchange, requirement);
  else if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    rp_job_submit(&exchange, &job->job, delete_apply, change_answer);
}

/* What an account holds, passkeys and sessions, as operators list and revoke them. */
#include "base/encoding.h"
#include "rp/admin.h"
#include "rp/admin_job.h"
#include "rp/credential_write.h"
#include "rp/metadata_routes.h"
#include "rp/metadata_watch.h"
#include "rp/session_routes.h"

void admin_credentials_list(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange.rp->store);
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange.rp->metadata_watch);
  rp_user_t user;
  rp_credential_t *items = NULL;
  size_t count = 0, room = 16;
  error_code_t error =
      read.database != NULL ? admin_find_user(&exchange, read.database, &user) : ERR_UNAVAILABLE;
  if (error == ERR_NONE)
    error = rp_credential_list(read.database, exchange.arena, user.id, &items, &count);
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

void admin_sessions_list(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange.rp->store);
  rp_user_t user;
  rp_session_t *items = NULL;
  size_t count = 0;
  error_code_t error =
      read.database != NULL ? admin_find_user(&exchange, read.database, &user) : ERR_UNAVAILABLE;
  if (error == ERR_NONE)
    error = rp_session_list(read.database, exchange.arena, user.id, exchange.now_ms, &items, &count);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  builder_t builder = arena_builder(exchange.arena, 16 + count * SESSION_ITEM_MAX_LENGTH);
  builder_add_string(&builder, "[");
  for (size_t i = 0; i < count; i++) {
    builder_add_string(&builder, i > 0 ? "," : "");
    session_item_write(&builder, &items[i], false);
  }
  builder_add_string(&builder, "]");
  rp_reply_built(&exchange, 200, &builder);
}

/* --- revoking --- */

/* An operator may revoke the last passkey too: recovery is in the same hands. */
static error_code_t revoke_credential(database_t *database, admin_job_t *job)
{
  error_code_t error = rp_credential_delete(database, job->user.id, job->id, job->note.time_ms);
  if (error == ERR_NOT_FOUND)
    return ERR_UNKNOWN_CREDENTIAL;
  if (error == ERR_NONE)
    error = session_end_of_user(
        database, &job->end, &(session_end_account_t){.user = job->user.id, .user_handle = job->user.handle});
  return error;
}

static error_code_t revoke_session(database_t *database, admin_job_t *job)
{
  rp_session_id_t id;
  bool ended = false;
  if (job->id.len != RP_SESSION_REF_LENGTH)
    return ERR_UNKNOWN_SESSION;
  error_code_t error = rp_session_find_by_ref(database, job->user.id, job->id, &id);
  if (error == ERR_NOT_FOUND)
    return ERR_UNKNOWN_SESSION;
  if (error == ERR_NONE)
    error = session_end_one(database, &job->end, id, job->id.data, &ended);
  return error;
}

static error_code_t revoke_sessions(database_t *database, admin_job_t *job)
{
  return session_end_of_user(database, &job->end,
                             &(session_end_account_t){.user = job->user.id, .user_handle = job->user.handle});
}

/* unknown: when there can be nothing of that id. */
static void submit(http_request_t *request, void *app, const char *event, error_code_t unknown,
                   error_code_t (*change)(database_t *, admin_job_t *))
{
  EXCHANGE_BEGIN(exchange, request, app);
  admin_job_t *job = NULL;
  bytes_t id = http_request_segment(request, "id");
  error_code_t error = admin_job_begin(&exchange, http_request_segment(request, "name"), &job);
  if (error == ERR_NONE && id.len > 0 && base64url_decode(exchange.arena, id, &job->id) != ERR_NONE)
    error = unknown;
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  job->event = event;
  job->change = change;
  admin_job_submit(&exchange, job, admin_job_answer_ok);
}

void admin_credentials_revoke(http_request_t *request, void *app)
{
  submit(request, app, "credential.revoked", ERR_UNKNOWN_CREDENTIAL, revoke_credential);
}

void admin_sessions_revoke(http_request_t *request, void *app)
{
  submit(request, app, "session.revoked", ERR_UNKNOWN_SESSION, revoke_session);
}

void admin_sessions_revoke_all(http_request_t *request, void *app)
{
  submit(request, app, "sessions.revoked", ERR_UNKNOWN_SESSION, revoke_sessions);
}

#include "rp/session_routes.h"

#include "base/encoding.h"
#include "rp/asked.h"
#include "rp/audit_note.h"
#include "rp/outbox.h"
#include "rp/session.h"
#include "rp/session_end.h"

/* --- GET /session --- */

static void write_satisfied(builder_t *builder, const decision_t *decision, const session_t *session)
{
  bool satisfied = decision->verdict == VERDICT_SATISFIED;
  if (!satisfied) {
    builder_add_string(builder, ",\"satisfied\":false,\"satisfied_until\":null");
    return;
  }
  int64_t until_ms = session->owner.session.expires_ms;
  if (decision->satisfied_until_ms < until_ms)
    until_ms = decision->satisfied_until_ms;
  builder_add_string(builder, ",\"satisfied\":true,\"satisfied_until\":");
  builder_add_decimal(builder, until_ms / 1000);
}

void session_show_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  http_form_t *query = NULL;
  const session_t *session = NULL;
  requirement_t requirement = REQUIREMENT_NONE;
  error_code_t error = session_find(&exchange, &session);
  if (error == ERR_NONE)
    error = http_request_query(request, &query);
  if (error == ERR_NONE)
    error = asked_requirement(&exchange, http_form_get(query, "acr"), http_form_get(query, "max_age"),
                              &requirement);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  decision_t decision = session_decide(&exchange, session, requirement);
  builder_t builder = arena_builder(exchange.arena, SESSION_JSON_MAX_LENGTH);
  session_write(&exchange, &builder, &session->owner, &session->evidence);
  write_satisfied(&builder, &decision, session);
  builder_add_string(&builder, "}");
  rp_reply_built(&exchange, 200, &builder);
}

/* --- GET /sessions --- */

void session_item_write(builder_t *builder, const rp_session_t *session, bool current)
{
  builder_add_string(builder, "{\"id\":\"");
  builder_add_base64url(builder, bytes_of(session->ref, sizeof(session->ref)));
  builder_add_string(builder, "\",\"created_at\":");
  builder_add_decimal(builder, session->created_ms / 1000);
  builder_add_string(builder, ",\"auth_time\":");
  builder_add_decimal(builder, session->authenticated_ms / 1000);
  builder_add_string(builder, ",\"last_seen_at\":");
  builder_add_decimal(builder, session->seen_ms / 1000);
  builder_add_string(builder, ",\"expires_at\":");
  builder_add_decimal(builder, session->expires_ms / 1000);
  builder_add_string(builder, ",\"user_agent\":");
  builder_add_json_string(builder, session->label);
  builder_add_string(builder, current ? ",\"current\":true}" : ",\"current\":false}");
}

static error_code_t list_sessions(const exchange_t *exchange, const session_t *session,
                                  rp_session_t **ret_items, size_t *ret_count)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return rp_session_list(read.database, exchange->arena, session->owner.session.user, exchange->now_ms,
                         ret_items, ret_count);
}

void sessions_list_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const session_t *session = NULL;
  rp_session_t *items = NULL;
  size_t count = 0;
  error_code_t error = session_find(&exchange, &session);
  if (error == ERR_NONE)
    error = list_sessions(&exchange, session, &items, &count);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  builder_t builder = arena_builder(exchange.arena, 16 + count * SESSION_ITEM_MAX_LENGTH);
  builder_add_string(&builder, "[");
  for (size_t i = 0; i < count; i++) {
    builder_add_string(&builder, i > 0 ? "," : "");
    session_item_write(&builder, &items[i], items[i].id.row == session->owner.session.id.row);
  }
  builder_add_string(&builder, "]");
  rp_reply_built(&exchange, 200, &builder);
}

/* --- ending --- */

typedef struct end_job {
  rp_job_t job;
  rp_user_id_t user;
  const uint8_t *user_handle;
  bool all;
  bytes_t ref;             /* one, by what the list calls it */
  rp_session_id_t current; /* whose cookie goes when it ends */
  bool current_ended, found;
  session_end_t end;
  audit_note_t note;
} end_job_t;

static error_code_t end_one(database_t *database, end_job_t *job)
{
  rp_session_id_t id;
  error_code_t error = rp_session_find_by_ref(database, job->user, job->ref, &id);
  if (error == ERR_NOT_FOUND)
    return ERR_NONE;
  if (error == ERR_NONE)
    error = session_end_one(database, &job->end, id, job->ref.data, &job->found);
  if (error == ERR_NONE && job->found)
    job->current_ended = id.row == job->current.row;
  return error;
}

static error_code_t end_apply(database_t *database, store_job_t *base)
{
  end_job_t *job = (end_job_t *)base;
  job->found = job->current_ended = false;
  error_code_t error = ERR_NONE;
  if (job->all) {
    error = session_end_of_user(database, &job->end,
                                &(session_end_account_t){.user = job->user, .user_handle = job->user_handle});
    job->found = job->current_ended = true;
  } else {
    error = end_one(database, job);
  }
  if (error == ERR_NONE && job->found)
    error = audit_note_write(database, &job->note, job->all ? "sessions.ended" : "session.ended");
  return error;
}

static void end_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const end_job_t *job = http_request_state(request);
  if (job->job.base.outcome != ERR_NONE) {
    rp_refuse(&exchange, job->job.base.outcome);
    return;
  }
  if (!job->found) {
    rp_refuse(&exchange, ERR_NOT_FOUND);
    return;
  }
  if (job->current_ended)
    session_cookie_clear(&exchange);
  outbox_wake(exchange.rp->outbox);
  rp_reply_ok(&exchange);
}

static void end_submit(const exchange_t *exchange, const session_t *session, bool all, bytes_t ref)
{
  end_job_t *job = arena_alloc(exchange->arena, sizeof(*job));
  error_code_t error = job != NULL ? session_end_prepare(exchange, &job->end) : ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    rp_refuse(exchange, error);
    return;
  }
  job->user = session->owner.session.user;
  job->user_handle = session->owner.user_handle;
  job->current = session->owner.session.id;
  job->all = all;
  job->ref = ref;
  job->note = audit_note_prepare(exchange, session->owner.user_handle, BYTES_NONE);
  rp_job_submit(exchange, &job->job, end_apply, end_answer);
}

void session_sign_out_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const session_t *session = NULL;
  error_code_t error = session_find(&exchange, &session);
  if (error == ERR_NOT_SIGNED_IN)
    session_cookie_clear(&exchange);
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    end_submit(&exchange, session, false,
               bytes_of(session->owner.session.ref, sizeof(session->owner.session.ref)));
}

void sessions_end_all_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const session_t *session = NULL;
  error_code_t error = session_find(&exchange, &session);
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    end_submit(&exchange, session, true, BYTES_NONE);
}

void sessions_end_one_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const session_t *session = NULL;
  bytes_t ref;
  error_code_t error = session_find(&exchange, &session);
  if (error == ERR_NONE &&
      (base64url_decode(exchange.arena, http_request_segment(request, "id"), &ref) != ERR_NONE ||
       ref.len != RP_SESSION_REF_LENGTH))
    error = ERR_NOT_FOUND;
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    end_submit(&exchange, session, false, ref);
}

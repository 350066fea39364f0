#include "base/encoding.h"
#include "rp/admin.h"
#include "rp/admin_job.h"
#include "rp/username.h"
#include "store/rp_credential.h"

#define USERS_PAGE 1000

/* --- reading --- */

static json_t *user_json(const rp_user_t *user, int64_t credentials, int64_t last_used_ms)
{
  json_t *object = json_object();
  bool complete = json_set_text(object, "username", user->username) &&
                  json_set_text(object, "display_name", user->display_name) &&
                  json_set_base64url(object, "user_handle", bytes_of(user->handle, sizeof(user->handle))) &&
                  json_set_boolean(object, "disabled", user->disabled) &&
                  json_set_integer(object, "created_at", user->created_ms / 1000) &&
                  json_set_integer(object, "credentials", credentials);
  if (complete && last_used_ms > 0)
    complete = json_set_integer(object, "last_used_at", last_used_ms / 1000);
  if (!complete) {
    json_decref(object);
    return NULL;
  }
  return object;
}

static void list_one(void *context, const rp_user_t *user, int64_t credentials, int64_t last_used_ms)
{
  json_array_append_new(context, user_json(user, credentials, last_used_ms));
}

/* The name behind which the page begins, in its canonical form; empty for the first page. */
static error_code_t page_start(const exchange_t *exchange, bytes_t *ret_after)
{
  http_form_t *query;
  error_code_t error = http_request_query(exchange->request, &query);
  if (error != ERR_NONE)
    return error;
  bytes_t after = http_form_get(query, "after");
  *ret_after = BYTES_NONE;
  return after.len > 0 ? username_canonical(exchange->arena, after, ret_after) : ERR_NONE;
}

void admin_users_list(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange.rp->store);
  json_t *array = json_array();
  bytes_t after;
  error_code_t error = read.database != NULL ? page_start(&exchange, &after) : ERR_UNAVAILABLE;
  if (error == ERR_NONE)
    error = rp_user_each(read.database, after, USERS_PAGE, list_one, array);
  if (error == ERR_NONE) {
    http_reply_json(request, 200, array);
  } else {
    json_decref(array);
    rp_refuse(&exchange, error);
  }
}

void admin_users_show(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange.rp->store);
  rp_user_t user;
  int64_t credentials = 0;
  error_code_t error =
      read.database != NULL ? admin_find_user(&exchange, read.database, &user) : ERR_UNAVAILABLE;
  if (error == ERR_NONE)
    error = rp_credential_count(read.database, user.id, &credentials);
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    http_reply_json(request, 200, user_json(&user, credentials, 0));
}

/* --- changes --- */

static error_code_t refuse_existing(database_t *database, admin_job_t *job)
{
  (void)database;
  return job->user.created_ms == job->new_user.created_ms &&
                 bytes_equal(bytes_of(job->user.handle, 32), bytes_of(job->new_user.handle, 32))
             ? ERR_NONE
             : ERR_USERNAME_TAKEN;
}

static void add_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const admin_job_t *job = http_request_state(request);
  if (job->job.base.outcome != ERR_NONE)
    rp_refuse(&exchange, job->job.base.outcome);
  else
    http_reply_json(request, 201, user_json(&job->user, 0, 0));
}

void admin_users_add(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  json_t *body = NULL;
  bytes_t name = BYTES_NONE, display_name = BYTES_NONE;
  admin_job_t *job = NULL;
  error_code_t error = http_request_json(request, &body);
  if (error == ERR_NONE)
    error = json_require_text(body, "username", &name);
  if (error == ERR_NONE)
    error = json_get_text(body, "display_name", &display_name);
  if (error == ERR_NONE && display_name.len > 0)
    error = display_name_check(display_name);
  if (error == ERR_NONE)
    error = admin_job_begin(&exchange, name, &job);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  if (display_name.len > 0)
    job->new_user.display_name = display_name;
  job->may_make = true;
  job->change = refuse_existing;
  job->event = "user.added";
  admin_job_submit(&exchange, job, add_answer);
}

static void submit_simple(http_request_t *request, void *app, const char *event,
                          error_code_t (*change)(database_t *, admin_job_t *))
{
  EXCHANGE_BEGIN(exchange, request, app);
  admin_job_t *job = NULL;
  error_code_t error = admin_job_begin(&exchange, http_request_segment(request, "name"), &job);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  job->event = event;
  job->change = change;
  admin_job_submit(&exchange, job, admin_job_answer_ok);
}

static error_code_t disable(database_t *database, admin_job_t *job)
{
  error_code_t error = session_end_of_user(
      database, &job->end, &(session_end_account_t){.user = job->user.id, .user_handle = job->user.handle});
  return error == ERR_NONE ? rp_user_set_disabled(database, job->user.id, true) : error;
}

void admin_users_disable(http_request_t *request, void *app)
{
  submit_simple(request, app, "user.disabled", disable);
}

static error_code_t enable(database_t *database, admin_job_t *job)
{
  return rp_user_set_disabled(database, job->user.id, false);
}

void admin_users_enable(http_request_t *request, void *app)
{
  submit_simple(request, app, "user.enabled", enable);
}

static error_code_t delete_user(database_t *database, admin_job_t *job)
{
  error_code_t error = session_end_of_user(
      database, &job->end, &(session_end_account_t){.user = job->user.id, .user_handle = job->user.handle});
  return error == ERR_NONE ? rp_user_delete(database, job->user.id, job->note.time_ms) : error;
}

void admin_users_delete(http_request_t *request, void *app)
{
  submit_simple(request, app, "user.deleted", delete_user);
}

/* --- tickets --- */

static error_code_t add_ticket(database_t *database, admin_job_t *job)
{
  const rp_ticket_t ticket = {
      .user = job->user.id, .kind = job->ticket_kind, .expires_ms = job->ticket_expires_ms};
  return job->user.disabled ? ERR_ACCOUNT_DISABLED : rp_ticket_insert(database, &ticket, job->ticket.hash);
}

static void ticket_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  admin_job_t *job = http_request_state(request);
  if (job->job.base.outcome != ERR_NONE) {
    rp_refuse(&exchange, job->job.base.outcome);
    return;
  }
  json_t *object = json_object();
  char *address = arena_format(exchange.arena, "%s/register?ticket=%s", exchange.settings->public_origin,
                               job->ticket.text);
  json_set_text(object, "username", job->user.username);
  json_set_string(object, "ticket", job->ticket.text);
  json_set_string(object, "url", address);
  json_set_integer(object, "expires_at", job->ticket_expires_ms / 1000);
  http_reply_json(request, 201, object);
}

static void submit_ticket(http_request_t *request, void *app, rp_ticket_kind_t kind)
{
  EXCHANGE_BEGIN(exchange, request, app);
  admin_job_t *job = NULL;
  error_code_t error = admin_job_begin(&exchange, http_request_segment(request, "name"), &job);
  if (error == ERR_NONE)
    error = ticket_make(&job->ticket);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  job->ticket_kind = kind;
  job->ticket_expires_ms = exchange.now_ms + TICKET_LIFETIME_MS;
  job->may_make = kind == RP_TICKET_INVITE;
  job->event = kind == RP_TICKET_INVITE ? "user.invited" : "user.recovery";
  job->change = add_ticket;
  admin_job_submit(&exchange, job, ticket_answer);
}

void admin_users_invite(http_request_t *request, void *app)
{
  submit_ticket(request, app, RP_TICKET_INVITE);
}

void admin_users_recovery(http_request_t *request, void *app)
{
  submit_ticket(request, app, RP_TICKET_RECOVERY);
}

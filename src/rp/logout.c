#include "rp/logout.h"

#include <string.h>

#include "base/log.h"
#include "handoff/logout.h"
#include "rp/audit_note.h"
#include "rp/browser.h"
#include "rp/locales.h"
#include "rp/logout_handle.h"
#include "rp/outbox.h"
#include "rp/page.h"
#include "rp/pairwise.h"
#include "rp/session.h"
#include "rp/session_end.h"

typedef struct logout_call {
  rp_call_t call;
  domain_id_t domain;
  browser_t browser;
  rp_session_id_t session; /* the one that was named; row 0: nobody was signed in */
} logout_call_t;

static void refuse_page(const exchange_t *exchange, error_code_t code)
{
  const error_info_t *info = error_info(code);
  page_error(exchange, info->http_status, bytes_of_string(info->slug), bytes_of_string(info->sentence));
}

/* Without an address of the application's, our own page says that it is done. */
static void leave(const exchange_t *exchange, bytes_t location)
{
  const char *address = location.len > 0 ? arena_string(exchange->arena, location) : "/logout";
  if (address == NULL)
    refuse_page(exchange, ERR_NO_MEMORY);
  else
    http_reply_redirect(exchange->request, 303, address);
}

/* --- ending --- */

typedef struct logout_job {
  rp_job_t job;
  rp_session_id_t id;
  uint8_t ref[RP_SESSION_REF_LENGTH];
  session_end_t end;
  audit_note_t note;
  bytes_t location;
} logout_job_t;

static error_code_t logout_apply(database_t *database, store_job_t *base)
{
  const logout_job_t *job = (const logout_job_t *)base;
  bool ended = false;
  error_code_t error = session_end_one(database, &job->end, job->id, job->ref, &ended);
  return error == ERR_NONE && ended ? audit_note_write(database, &job->note, "session.ended") : error;
}

static void logout_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const logout_job_t *job = http_request_state(request);
  if (job->job.base.outcome != ERR_NONE) {
    refuse_page(&exchange, job->job.base.outcome);
    return;
  }
  session_cookie_clear(&exchange);
  outbox_wake(exchange.rp->outbox);
  leave(&exchange, job->location);
}

/* Only the session that the authority was asked about: the browser may have another by now. */
static void end_session(const exchange_t *exchange, const logout_call_t *call, bytes_t location)
{
  const session_t *session = NULL;
  error_code_t error = session_find_any(exchange, &session);
  if (error == ERR_NONE && (session == NULL || session->owner.session.id.row != call->session.row)) {
    leave(exchange, location);
    return;
  }
  logout_job_t *job = error == ERR_NONE ? arena_alloc(exchange->arena, sizeof(*job)) : NULL;
  if (error == ERR_NONE)
    error = job != NULL ? session_end_prepare(exchange, &job->end) : ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    refuse_page(exchange, error);
    return;
  }
  char *detail = arena_format(exchange->arena, "{\"domain\":\"%s\"}", call->domain.text);
  job->id = session->owner.session.id;
  memcpy(job->ref, session->owner.session.ref, sizeof(job->ref));
  job->location = location;
  job->note = audit_note_prepare(exchange, session->owner.user_handle,
                                 detail != NULL ? bytes_of_string(detail) : BYTES_NONE);
  rp_job_submit(exchange, &job->job, logout_apply, logout_answer);
}

/* --- asking --- */

static void lead_to_page(const exchange_t *exchange, const logout_call_t *call,
                         const handoff_logout_answer_t *answer)
{
  logout_handle_t handle = {.expires_ms = exchange->now_ms + LOGOUT_HANDLE_LIFETIME_MS,
                            .location = answer->location,
                            .client_name = answer->client_name,
                            .domain_name = answer->domain_name};
  memcpy(handle.browser, call->browser.hash, sizeof(handle.browser));
  bytes_t text;
  error_code_t error = logout_handle_seal(exchange->arena, &exchange->rp->keys, &handle, &text);
  char *address = error == ERR_NONE ? arena_format(exchange->arena, "/logout?handle=%.*s%s", (int)text.len,
                                                   (const char *)text.data,
                                                   locales_query(exchange->arena, answer->ui_locales))
                                    : NULL;
  if (address == NULL)
    refuse_page(exchange, error != ERR_NONE ? error : ERR_NO_MEMORY);
  else
    http_reply_redirect(exchange->request, 303, address);
}

static error_code_t read_answer(const exchange_t *exchange, const rp_call_t *call,
                                handoff_logout_answer_t *ret_answer)
{
  if (call->base.outcome != ERR_NONE)
    return call->base.outcome;
  if (call->base.status == 200)
    return handoff_logout_answer_parse(exchange->arena, call->base.reply, ret_answer);
  log_event(LOG_WARNING, "handoff.refused", LOG_NUMBER("status", call->base.status),
            LOG_TEXT("request", http_request_id(exchange->request)));
  return call->base.status == 404 ? ERR_NOT_FOUND : ERR_HANDOFF;
}

static void answer_browser(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const logout_call_t *call = http_request_state(request);
  handoff_logout_answer_t answer;
  error_code_t error = read_answer(&exchange, &call->call, &answer);
  if (error != ERR_NONE) {
    refuse_page(&exchange, error);
    return;
  }
  switch (answer.outcome) {
  case HANDOFF_LOGOUT_END:
    end_session(&exchange, call, answer.location);
    break;
  case HANDOFF_LOGOUT_CONFIRM:
    lead_to_page(&exchange, call, &answer);
    break;
  case HANDOFF_LOGOUT_REFUSE:
    page_error(&exchange, 400, answer.error, answer.description);
    break;
  }
}

static error_code_t find_session(const exchange_t *exchange, logout_call_t *call, bytes_t *ret_sid)
{
  const session_t *session = NULL;
  pairwise_t *sid = arena_alloc(exchange->arena, sizeof(*sid));
  error_code_t error = sid != NULL ? session_find_any(exchange, &session) : ERR_NO_MEMORY;
  *ret_sid = BYTES_NONE;
  if (error != ERR_NONE || session == NULL)
    return error;
  call->session = session->owner.session.id;
  const domain_id_t sector = pairwise_sector(exchange->config, &call->domain);
  error = pairwise_session(&exchange->rp->keys, &sector, session->owner.session.ref, sid);
  if (error == ERR_NONE)
    *ret_sid = bytes_of_string(sid->text);
  return error;
}

static error_code_t prepare(const exchange_t *exchange, logout_call_t *call, bytes_t *ret_body)
{
  const config_domain_t *domain =
      config_find_domain(exchange->config, http_request_segment(exchange->request, "domain"));
  if (domain == NULL)
    return ERR_NOT_FOUND;
  call->domain = domain->id;
  handoff_logout_t message = {.domain = domain->id, .query = http_request_raw_query(exchange->request)};
  error_code_t error = find_session(exchange, call, &message.session);
  if (error == ERR_NONE)
    error = browser_find_or_mark(exchange, &call->browser);
  if (error != ERR_NONE)
    return error;
  *ret_body = handoff_logout_build(exchange->arena, &message);
  return ret_body->len > 0 ? ERR_NONE : ERR_NO_MEMORY;
}

void logout_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  if (!rp_admit(&exchange))
    return;
  bytes_t body;
  logout_call_t *call = arena_alloc(exchange.arena, sizeof(*call));
  error_code_t error = call != NULL ? prepare(&exchange, call, &body) : ERR_NO_MEMORY;
  if (error != ERR_NONE)
    refuse_page(&exchange, error);
  else
    rp_call_submit(&exchange, &call->call, handoff_messages[HANDOFF_LOGOUT].path, body, answer_browser);
}

/* --- what the page says --- */

static error_code_t open_handle(const exchange_t *exchange, logout_handle_t *ret_handle)
{
  http_form_t *query = NULL;
  browser_t browser;
  error_code_t error = http_request_query(exchange->request, &query);
  if (error == ERR_NONE)
    error = browser_find(exchange, &browser);
  if (error == ERR_NONE)
    error = logout_handle_open(exchange->arena, &exchange->rp->keys, http_form_get(query, "handle"),
                               browser.hash, exchange->now_ms, ret_handle);
  return error;
}

void logout_show_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  logout_handle_t handle;
  error_code_t error = open_handle(&exchange, &handle);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  json_t *object = json_object();
  json_set_text(object, "client_name", handle.client_name);
  json_set_text(object, "domain_name", handle.domain_name);
  json_set_text(object, "redirect", handle.location);
  http_reply_json(request, 200, object);
}

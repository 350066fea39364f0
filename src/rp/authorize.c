#include "rp/authorize.h"

#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "handoff/handoff.h"
#include "http/inner.h"
#include "rp/asked.h"
#include "rp/audit_note.h"
#include "rp/browser.h"
#include "rp/claims.h"
#include "rp/locales.h"
#include "rp/page.h"
#include "rp/pairwise.h"
#include "rp/session.h"
#include "rp/verified_keys.h"
#include "store/rp_credential.h"

#define QUERY_MAX_LENGTH 8192 /* of a POST that becomes an address */

typedef struct authorize_call {
  rp_call_t call;
  domain_id_t domain;
  browser_t browser;
  bool signed_in;
  bytes_t user_handle;    /* of who is signed in */
  bytes_t claim_scopes;   /* what the domain asked to know of the account, in a second call */
  bytes_t touch, touched; /* of a domain's own page, on the way to consent */
} authorize_call_t;

static error_code_t read_claims(const exchange_t *exchange, rp_user_id_t user, bytes_t scopes,
                                bytes_t *ret_claims)
{
  *ret_claims = BYTES_NONE;
  if (scopes.len == 0)
    return ERR_NONE;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  return read.database != NULL ? claims_text(read.database, exchange->arena, user, scopes, ret_claims)
                               : ERR_UNAVAILABLE;
}

/* An approval goes with the key that verifies it, so that the domain can keep both. Of a credential that is
 * gone there is none, and the approval is not worth anything any more. */
static error_code_t add_keys(const exchange_t *exchange, handoff_session_t *seen)
{
  for (size_t i = 0; i < seen->evidence_count; i++) {
    handoff_evidence_t *piece = &seen->evidence[i];
    rp_credential_owner_t owner;
    if (piece->fact.purpose != PURPOSE_TRANSACTION)
      continue;
    CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
    if (read.database == NULL)
      return ERR_UNAVAILABLE;
    error_code_t error = rp_credential_find(read.database, exchange->arena, piece->credential_id, &owner);
    if (error != ERR_NONE && error != ERR_NOT_FOUND)
      return error;
    if (error == ERR_NONE) {
      piece->public_key = owner.credential.public_key;
      piece->algorithm = owner.credential.algorithm;
    }
  }
  return ERR_NONE;
}

/* The session as a domain may see it, in the arena: pairwise ids, evidence with its bytes, and of the account
 * what it asked for. */
static error_code_t domain_session(const exchange_t *exchange, const authorize_call_t *call,
                                   const session_t *session, const handoff_session_t **ret_session)
{
  const domain_id_t sector = pairwise_sector(exchange->config, &call->domain);
  handoff_session_t *seen = arena_alloc(exchange->arena, sizeof(*seen));
  pairwise_t *ids = arena_alloc(exchange->arena, 2 * sizeof(*ids));
  if (seen == NULL || ids == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = pairwise_subject(&exchange->rp->keys, &sector, session->owner.user_handle, &ids[0]);
  if (error == ERR_NONE)
    error = pairwise_session(&exchange->rp->keys, &sector, session->owner.session.ref, &ids[1]);
  if (error == ERR_NONE)
    error = read_claims(exchange, session->owner.session.user, call->claim_scopes, &seen->claims);
  if (error != ERR_NONE)
    return error;
  seen->subject = bytes_of_string(ids[0].text);
  seen->session = bytes_of_string(ids[1].text);
  seen->expires_ms = session->owner.session.expires_ms;
  seen->evidence_count = session->evidence.count;
  for (size_t i = 0; i < session->evidence.count; i++)
    seen->evidence[i] = session->evidence.items[i];
  *ret_session = seen;
  return add_keys(exchange, seen);
}

static error_code_t read_answer(const exchange_t *exchange, const rp_call_t *call,
                                handoff_answer_t *ret_answer)
{
  if (call->base.outcome != ERR_NONE)
    return call->base.outcome;
  if (call->base.status != 200) {
    log_event(LOG_WARNING, "handoff.refused", LOG_NUMBER("status", call->base.status),
              LOG_TEXT("request", http_request_id(exchange->request)));
    return call->base.status == 404 ? ERR_NOT_FOUND : ERR_HANDOFF;
  }
  return handoff_answer_parse(exchange->arena, &exchange->config->levels, call->base.reply, ret_answer);
}

static void refuse_page(const exchange_t *exchange, error_code_t code)
{
  const error_info_t *info = error_info(code);
  page_error(exchange, info->http_status, bytes_of_string(info->slug), bytes_of_string(info->sentence));
}

/* --- the way out --- */

/* One of ours, or the domain's own, which has its share of the address already. NULL: no memory. */
static const char *page_address(const exchange_t *exchange, const authorize_call_t *call,
                                const handoff_answer_t *answer, bytes_t handle)
{
  if (answer->page.len > 0)
    return arena_format(exchange->arena, "%.*s&continue=%.*s", (int)answer->page.len, answer->page.data,
                        (int)handle.len, handle.data);
  const char *page = answer->consent                              ? "consent"
                     : call->signed_in && !answer->select_account ? "step-up"
                                                                  : "login";
  return arena_format(exchange->arena, "/%s?continue=%.*s%s", page, (int)handle.len, handle.data,
                      locales_query(exchange->arena, answer->ui_locales));
}

/* The page that asks for what is missing, with the request sealed into its address. */
static void lead_to_page(const exchange_t *exchange, const authorize_call_t *call,
                         const handoff_answer_t *answer)
{
  continue_handle_t handle = {
      .ref = {.domain = call->domain,
              .handle = answer->handle,
              .expires_ms = exchange->now_ms + CONTINUE_LIFETIME_MS,
              .requirement = answer->requirement},
      .authenticator_refused = answer->authenticator_refused,
      .select_account = answer->select_account,
      .consent = answer->consent,
      .client_host = answer->client_host,
      .client_name = answer->client_name,
      .domain_name = answer->domain_name,
      .login_hint = answer->login_hint,
      .details_en = answer->details_en,
      .details_ja = answer->details_ja,
      .statement_en = answer->statement_en,
      .statement_ja = answer->statement_ja,
      .scope_titles_en = answer->scope_titles_en,
      .scope_titles_ja = answer->scope_titles_ja,
      .touch = answer->consent ? call->touch : BYTES_NONE,
      .touched = answer->consent ? call->touched : BYTES_NONE,
  };
  memcpy(handle.ref.request, answer->request, sizeof(handle.ref.request));
  memcpy(handle.ref.browser, call->browser.hash, sizeof(handle.ref.browser));
  memcpy(handle.ref.challenge, answer->challenge, sizeof(handle.ref.challenge));
  bytes_t text;
  error_code_t error = continue_handle_seal(exchange->arena, &exchange->rp->keys, &handle, &text);
  const char *address = error == ERR_NONE ? page_address(exchange, call, answer, text) : NULL;
  if (address == NULL)
    refuse_page(exchange, error != ERR_NONE ? error : ERR_NO_MEMORY);
  else
    http_reply_redirect(exchange->request, 303, address);
}

static void respond(const exchange_t *exchange, const handoff_answer_t *answer)
{
  char *location = answer->location.len > 0 ? arena_string(exchange->arena, answer->location) : NULL;
  if (location != NULL)
    http_reply_redirect(exchange->request, 303, location);
  else
    page_form_post(exchange, answer->form_action, answer->form_fields);
}

/* --- the way in --- */

static error_code_t begin_build(const exchange_t *exchange, const authorize_call_t *call,
                                const handoff_session_t *session, bytes_t *ret_body)
{
  handoff_begin_t message = {.domain = call->domain,
                             .query = http_request_raw_query(exchange->request),
                             .session = session,
                             .native = http_inner_is_running(exchange->request)};
  memcpy(message.browser, call->browser.hash, sizeof(message.browser));
  *ret_body = handoff_begin_build(exchange->arena, &message);
  return ret_body->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

/* What a domain's own page gave the browser to bring back: in the address, or in the handle after consent. */
static error_code_t take_touch(const exchange_t *exchange, const continue_handle_t *handle,
                               authorize_call_t *call)
{
  http_form_t *query = NULL;
  error_code_t error = http_request_query(exchange->request, &query);
  call->touch = handle->touch;
  call->touched = handle->touched;
  if (error != ERR_NONE || http_form_get(query, "touch").len == 0)
    return error;
  call->touch = http_form_get(query, "touch");
  return base64url_decode(exchange->arena, http_form_get(query, "credential"), &call->touched);
}

/* The page of the domain knows of a no before we do. */
static bool is_declined(const exchange_t *exchange, const continue_handle_t *handle)
{
  http_form_t *query = NULL;
  return handle->declined || (http_request_query(exchange->request, &query) == ERR_NONE &&
                              bytes_equal_string(http_form_get(query, "declined"), "true"));
}

static error_code_t finish_build(const exchange_t *exchange, authorize_call_t *call,
                                 const handoff_session_t *session, bytes_t continuation, bytes_t *ret_body)
{
  const continue_handle_t *handle;
  error_code_t error = asked_continue(exchange, continuation, &handle);
  if (error != ERR_NONE)
    return error;
  if (!domain_id_equal(&handle->ref.domain, &call->domain))
    return ERR_CONTINUE;
  if (session != NULL && handle->ref.requirement.kind == EVIDENCE_VERIFIED)
    error = verified_keys_attach(exchange, handle->ref.request, session, &session);
  if (error == ERR_NONE)
    error = take_touch(exchange, handle, call);
  const handoff_evidence_t *touched = NULL;
  if (error == ERR_NONE && session != NULL && call->touch.len > 0)
    error = verified_keys_touched(exchange, call->user_handle, &handle->ref, call->touched, &touched);
  if (error != ERR_NONE)
    return error;
  bool declined = is_declined(exchange, handle);
  handoff_finish_t message = {.domain = call->domain,
                              .handle = handle->ref.handle,
                              .session = declined ? NULL : session,
                              .declined = declined,
                              .touch = declined ? BYTES_NONE : call->touch,
                              .touched = declined ? NULL : touched,
                              .consented = handle->consented_by.len > 0 &&
                                           bytes_equal(handle->consented_by, call->user_handle)};
  memcpy(message.browser, call->browser.hash, sizeof(message.browser));
  *ret_body = handoff_finish_build(exchange->arena, &message);
  return ret_body->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t find_domain(const exchange_t *exchange, domain_id_t *ret_domain)
{
  const config_domain_t *domain =
      config_find_domain(exchange->config, http_request_segment(exchange->request, "domain"));
  if (domain == NULL)
    return ERR_NOT_FOUND;
  *ret_domain = domain->id;
  return ERR_NONE;
}

static error_code_t session_for(const exchange_t *exchange, authorize_call_t *call,
                                const handoff_session_t **ret_session)
{
  const session_t *session = NULL;
  *ret_session = NULL;
  error_code_t error = session_find_any(exchange, &session);
  call->signed_in = session != NULL;
  if (session != NULL)
    call->user_handle = bytes_of(session->owner.user_handle, sizeof session->owner.user_handle);
  if (error == ERR_NONE && session != NULL)
    error = domain_session(exchange, call, session, ret_session);
  return error;
}

/* Ours of the parameters, given once; given twice the others are the authority's to judge. */
static bytes_t continuation_of(http_request_t *request)
{
  http_form_t *query = NULL;
  return http_request_query(request, &query) == ERR_NONE ? http_form_get(query, "continue") : BYTES_NONE;
}

/* Refuses by itself. The call's domain and browser are known. */
static void submit(const exchange_t *exchange, authorize_call_t *call, http_handler_t *then)
{
  const handoff_session_t *session = NULL;
  bytes_t body, continuation = continuation_of(exchange->request);
  error_code_t error = session_for(exchange, call, &session);
  if (error == ERR_NONE)
    error = continuation.len > 0 ? finish_build(exchange, call, session, continuation, &body)
                                 : begin_build(exchange, call, session, &body);
  if (error != ERR_NONE) {
    refuse_page(exchange, error);
    return;
  }
  handoff_kind_t kind = continuation.len > 0 ? HANDOFF_FINISH : HANDOFF_BEGIN;
  rp_call_submit(exchange, &call->call, handoff_messages[kind].path, body, then);
}

/* --- what the domain asks to know --- */

typedef struct disclosure_job {
  rp_job_t job;
  authorize_call_t *call;
  rp_session_id_t session;
  audit_note_t note;
} disclosure_job_t;

static void answer_browser(http_request_t *request, void *app);

/* First that the domain is told, then the telling: whatever changes from here on, it will hear of. */
static error_code_t disclose_apply(database_t *database, store_job_t *base)
{
  const disclosure_job_t *job = (const disclosure_job_t *)base;
  error_code_t error = ERR_NONE;
  bool all_known = true;
  bytes_t rest = job->call->claim_scopes;
  while (rest.len > 0 && error == ERR_NONE) {
    size_t end = 0;
    while (end < rest.len && rest.data[end] != ' ')
      end++;
    bool added = false;
    error = rp_disclosure_add(database, job->session, bytes_of_string(job->call->domain.text),
                              bytes_of(rest.data, end), &added);
    all_known = all_known && !added;
    end += end < rest.len ? 1 : 0;
    rest = bytes_of(rest.data + end, rest.len - end);
  }
  return error != ERR_NONE || all_known ? error : audit_note_write(database, &job->note, "claims.disclosed");
}

/* A conflict: the session has ended in between. Then the request goes on without one. */
static void call_again(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const disclosure_job_t *job = http_request_state(request);
  error_code_t outcome = job->job.base.outcome;
  if (outcome != ERR_NONE && outcome != ERR_CONFLICT)
    refuse_page(&exchange, outcome);
  else
    submit(&exchange, job->call, answer_browser);
}

static bytes_t disclosure_detail(const exchange_t *exchange, const authorize_call_t *call)
{
  builder_t builder = arena_builder(exchange->arena, 64 + 6 * call->claim_scopes.len);
  builder_add_string(&builder, "{\"domain\":");
  builder_add_json_string(&builder, bytes_of_string(call->domain.text));
  builder_add_string(&builder, ",\"scopes\":");
  builder_add_json_string(&builder, call->claim_scopes);
  builder_add_string(&builder, "}");
  return builder.failed ? BYTES_NONE : builder_bytes(&builder);
}

static void disclose(const exchange_t *exchange, authorize_call_t *call, bytes_t scopes)
{
  const session_t *session = NULL;
  authorize_call_t *again = arena_alloc(exchange->arena, sizeof(*again));
  disclosure_job_t *job = arena_alloc(exchange->arena, sizeof(*job));
  error_code_t error = again != NULL && job != NULL ? session_find(exchange, &session) : ERR_NO_MEMORY;
  if (error == ERR_NONE && call->claim_scopes.len > 0)
    error = ERR_HANDOFF; /* it was told, and asks again */
  if (error != ERR_NONE) {
    refuse_page(exchange, error);
    return;
  }
  again->domain = call->domain;
  again->browser = call->browser;
  again->claim_scopes = scopes;
  job->call = again;
  job->session = session->owner.session.id;
  job->note = audit_note_prepare(exchange, session->owner.user_handle, disclosure_detail(exchange, again));
  rp_job_submit(exchange, &job->job, disclose_apply, call_again);
}

/* --- the answer --- */

static void answer_browser(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  authorize_call_t *call = http_request_state(request);
  handoff_answer_t answer = {0};
  error_code_t error = read_answer(&exchange, &call->call, &answer);
  if (error != ERR_NONE) {
    refuse_page(&exchange, error);
    return;
  }
  switch (answer.outcome) {
  case HANDOFF_RESPOND:
    respond(&exchange, &answer);
    break;
  case HANDOFF_AUTHENTICATE:
    lead_to_page(&exchange, call, &answer);
    break;
  case HANDOFF_CLAIMS:
    disclose(&exchange, call, answer.claim_scopes);
    break;
  case HANDOFF_ERROR_PAGE:
    page_error(&exchange, 400, answer.error, answer.description);
    break;
  }
}

void authorize_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  if (!rp_admit(&exchange))
    return;
  authorize_call_t *call = arena_alloc(exchange.arena, sizeof(*call));
  error_code_t error = call != NULL ? find_domain(&exchange, &call->domain) : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = continuation_of(request).len > 0 ? browser_find(&exchange, &call->browser)
                                             : browser_find_or_mark(&exchange, &call->browser);
  if (error != ERR_NONE)
    refuse_page(&exchange, error);
  else
    submit(&exchange, call, answer_browser);
}

/* OpenID Connect Core §3.1.2.1: the same parameters in a form. As an address they survive the pages. */
void authorize_post_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  domain_id_t domain;
  bytes_t body = http_request_body(request);
  error_code_t error = find_domain(&exchange, &domain);
  if (error == ERR_NONE && body.len > QUERY_MAX_LENGTH)
    error = ERR_TOO_LARGE;
  for (size_t i = 0; i < body.len && error == ERR_NONE; i++)
    if (body.data[i] <= ' ' || body.data[i] >= 0x7f || body.data[i] == '#')
      error = ERR_MALFORMED;
  char *address = error == ERR_NONE ? arena_format(exchange.arena, "/%s/authorize?%.*s", domain.text,
                                                   (int)body.len, (const char *)body.data)
                                    : NULL;
  if (error == ERR_NONE && address == NULL)
    error = ERR_NO_MEMORY;
  if (error != ERR_NONE)
    refuse_page(&exchange, error);
  else
    http_reply_redirect(request, 303, address);
}

#include <string.h>

#include "crypto/hash.h"
#include "rp/account.h"
#include "rp/asked.h"
#include "rp/assertion.h"
#include "rp/audit_note.h"
#include "rp/ceremony_failure.h"
#include "rp/evidence_make.h"
#include "rp/outbox.h"
#include "rp/session_change.h"

#define EVENT_OPENED "login.succeeded"
#define EVENT_REFUSED "login.refused"

/* The result on its way from the request to the store. */
typedef struct assertion_result {
  rp_job_t job;
  ceremony_t ceremony;
  webauthn_authentication_response_t response;
  client_data_t client_data;
  rp_credential_owner_t owner;
  rp_credential_use_t use;
  session_change_t session;
  audit_note_t note, refused_note;
  error_code_t verdict; /* what the job found, when it is not the store's own failure */
} assertion_result_t;

/* --- in the job --- */

/* Why the use was not recorded: for operators, callers are told the same for all. */
static error_code_t why_unused(database_t *database, assertion_result_t *result)
{
  (void)database;
  return result->use.sign_count <= result->owner.credential.sign_count && result->use.sign_count != 0
             ? ERR_SIGN_COUNT
             : ERR_AUTHENTICATION;
}

static error_code_t result_apply(database_t *database, store_job_t *base)
{
  assertion_result_t *result = (assertion_result_t *)base;
  const challenge_t *challenge = &result->ceremony.challenge;
  bool fresh = false, used = false, changed = false;
  result->verdict = ERR_NONE;
  error_code_t error =
      rp_challenge_spend(database, challenge->expiry_ms, challenge->nonce, challenge->horizon_ms, &fresh);
  if (error != ERR_NONE)
    return error;
  if (!fresh) {
    result->verdict = ERR_CHALLENGE;
    return ERR_NONE;
  }
  error = rp_credential_use(database, &result->use, &used);
  if (error == ERR_NONE && used)
    error = session_change_apply(database, &result->session, &changed);
  if (error != ERR_NONE)
    return error;
  if (!used || !changed) {
    result->verdict = used ? ERR_NOT_SIGNED_IN : why_unused(database, result);
    return audit_note_write(database, &result->refused_note, EVENT_REFUSED);
  }
  return audit_note_write(database, &result->note, EVENT_OPENED);
}

/* --- the answer --- */

static void reply_done(const exchange_t *exchange, const assertion_result_t *result)
{
  evidence_record_t *evidence = arena_alloc(exchange->arena, sizeof(*evidence));
  bytes_t path = BYTES_NONE;
  error_code_t error = evidence != NULL ? session_change_evidence(&result->session, evidence) : ERR_NO_MEMORY;
  if (error == ERR_NONE && result->ceremony.terms.has_continuation)
    error = asked_continue_path(exchange, &result->ceremony.terms.continuation, false, &path);
  if (error != ERR_NONE) {
    rp_refuse(exchange, error);
    return;
  }
  rp_session_owner_t owner = {.session = result->session.row, .username = result->owner.username};
  memcpy(owner.user_handle, result->owner.user_handle, sizeof(owner.user_handle));
  builder_t builder = arena_builder(exchange->arena, SESSION_JSON_MAX_LENGTH + path.len);
  builder_add_string(&builder, "{\"status\":\"ok\",\"errorMessage\":\"\",\"session\":");
  session_write(exchange, &builder, &owner, evidence);
  builder_add_string(&builder, "}");
  if (path.len > 0) {
    builder_add_string(&builder, ",\"redirect\":\"");
    builder_add(&builder, path);
    builder_add_string(&builder, "\"");
  }
  builder_add_string(&builder, "}");
  session_cookie_set(exchange, &result->session.token);
  if (result->session.opened && result->session.old.session.id.row != 0)
    outbox_wake(exchange->rp->outbox);
  rp_reply_built(exchange, 200, &builder);
}

static void result_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  assertion_result_t *result = http_request_state(request);
  if (result->job.base.outcome != ERR_NONE) {
    rp_refuse(&exchange, result->job.base.outcome);
  } else if (result->verdict != ERR_NONE) {
    const ceremony_failure_t failure = {.reason = result->verdict, .event = EVENT_REFUSED};
    ceremony_failure_log(&exchange, &failure);
    rp_refuse(&exchange, ERR_AUTHENTICATION);
  } else {
    reply_done(&exchange, result);
  }
  secret_wipe(&result->session.token, sizeof(result->session.token));
}

/* --- before the job --- */

/* What the response's form says; nothing is judged and nothing written. */
static error_code_t response_parse(const exchange_t *exchange, assertion_result_t *result)
{
  json_t *body = NULL;
  error_detail_t detail;
  error_code_t error = http_request_json(exchange->request, &body);
  if (error == ERR_NONE)
    error = webauthn_authentication_response_parse(exchange->arena, body, RESPONSE_FORM_FIDO,
                                                   &result->response, &detail);
  if (error == ERR_NONE)
    error =
        client_data_parse(exchange->arena, result->response.client_data_json, &result->client_data, &detail);
  result->response.client_data = &result->client_data;
  return error;
}

static error_code_t find_owner(const exchange_t *exchange, assertion_result_t *result)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return rp_credential_find(read.database, exchange->arena, result->response.id, &result->owner);
}

static error_code_t verify(const exchange_t *exchange, assertion_result_t *result,
                           const webauthn_authenticated_t **ret_authenticated, webauthn_verdict_t *verdict)
{
  const ceremony_terms_t *terms = &result->ceremony.terms;
  const rp_credential_t *credential = &result->owner.credential;
  sha256_t hash;
  error_code_t error = hash_sha256(result->response.id, &hash);
  if (error != ERR_NONE)
    return error;
  /* The terms keep tags of the allowed ids; where one fits, the response's own id stands for the list. */
  const bytes_t allowed = ceremony_terms_allow(terms, hash.bytes) ? result->response.id : BYTES_NONE;
  const webauthn_stored_credential_t stored = {
      .id = credential->credential_id,
      .user_handle = bytes_of(result->owner.user_handle, sizeof(result->owner.user_handle)),
      .public_key = credential->public_key,
      .sign_count = credential->sign_count,
      .backup_eligible = credential->backup_eligible,
  };
  const webauthn_authentication_terms_t expected = {
      .site = &exchange->settings->site,
      .challenge = challenge_bytes(&result->ceremony.challenge),
      .user = {.require_uv = terms->require_uv},
      .allow_credentials = &allowed,
      .allow_credential_count = terms->allow_count > 0 ? 1 : 0,
      .user_handle = terms->has_user ? bytes_of(terms->user_handle, sizeof(terms->user_handle)) : BYTES_NONE,
      .credential = &stored,
  };
  return webauthn_authentication_verify(exchange->arena, &expected, &result->response, verdict,
                                        ret_authenticated);
}

/* At a step-up, a passkey of somebody else is worth its own answer; all else is one. */
static error_code_t answer_for(const assertion_result_t *result, bool owner_found)
{
  const ceremony_terms_t *terms = &result->ceremony.terms;
  bool foreign = owner_found && terms->purpose == PURPOSE_STEP_UP && terms->has_user &&
                 memcmp(terms->user_handle, result->owner.user_handle, sizeof(terms->user_handle)) != 0;
  return foreign ? ERR_WRONG_USER : ERR_AUTHENTICATION;
}

static void fail(const exchange_t *exchange, const assertion_result_t *result, error_code_t reason,
                 error_code_t answer, const webauthn_verdict_t *verdict)
{
  const ceremony_failure_t failure = {
      .reason = reason,
      .answer = answer,
      .event = EVENT_REFUSED,
      .step = verdict != NULL ? webauthn_step_info(verdict->step)->slug : NULL,
      .detail = verdict != NULL ? verdict->detail.text : NULL,
      .actor = result->ceremony.terms.has_user ? result->ceremony.terms.user_handle : NULL,
  };
  ceremony_fail(exchange, &result->ceremony.challenge, &failure);
}

/* The session that a step-up was begun in must be the one that finishes it. */
static bool session_fits(const ceremony_terms_t *terms, const session_t *session)
{
  return terms->session.row == 0 || (session != NULL && session->owner.session.id.row == terms->session.row);
}

static error_code_t prepare_change(const exchange_t *exchange, assertion_result_t *result,
                                   const session_t *session, const webauthn_authenticated_t *authenticated)
{
  const ceremony_terms_t *terms = &result->ceremony.terms;
  handoff_evidence_t evidence;
  bool trusts_verification = false;
  error_code_t error =
      account_trusts_verification(exchange, session, &result->owner.credential, &trusts_verification);
  if (error == ERR_NONE)
    error =
        evidence_make_assertion(terms, &result->owner.credential, authenticated, exchange->now_ms, &evidence);
  if (error != ERR_NONE)
    return error;
  evidence.fact.user_verified = evidence.fact.user_verified && trusts_verification;
  error =
      session_change_prepare(exchange, session, result->owner.credential.user, &evidence, &result->session);
  result->session.must_renew = terms->purpose == PURPOSE_STEP_UP;
  result->use = (rp_credential_use_t){
      .id = result->owner.credential.id,
      .sign_count = webauthn_authenticated_sign_count(authenticated),
      .backed_up = evidence.fact.backed_up,
      .user_verified = evidence.fact.user_verified,
      .time_ms = exchange->now_ms,
  };
  char *detail = arena_format(exchange->arena, "{\"purpose\":\"%s\",\"domain\":\"%s\",\"uv\":%s}",
                              purpose_name(terms->purpose), evidence.fact.domain.text,
                              evidence.fact.user_verified ? "true" : "false");
  result->note = audit_note_prepare(exchange, result->owner.user_handle, bytes_of_string(detail));
  result->refused_note = audit_note_prepare(exchange, result->owner.user_handle,
                                            audit_note_failure(exchange->arena, ERR_AUTHENTICATION, "state"));
  return error;
}

static void judge(const exchange_t *exchange, assertion_result_t *result)
{
  const session_t *session = NULL;
  error_code_t error = session_find_any(exchange, &session);
  if (error == ERR_NONE)
    error = find_owner(exchange, result);
  if (error != ERR_NONE && error != ERR_NOT_FOUND) {
    rp_refuse(exchange, error);
    return;
  }
  bool owner_found = error == ERR_NONE;
  if (!owner_found || result->ceremony.terms.kind != CEREMONY_ASSERTION ||
      !session_fits(&result->ceremony.terms, session) || result->owner.user_disabled) {
    fail(exchange, result, owner_found ? ERR_AUTHENTICATION : ERR_NOT_FOUND, ERR_AUTHENTICATION, NULL);
    return;
  }
  webauthn_verdict_t verdict = {0};
  const webauthn_authenticated_t *authenticated = NULL;
  error = verify(exchange, result, &authenticated, &verdict);
  if (error == ERR_NO_MEMORY || error == ERR_INTERNAL) { /* our fault: the challenge may be answered again */
    const ceremony_failure_t failure = {.reason = error, .event = EVENT_REFUSED};
    ceremony_failure_log(exchange, &failure);
    rp_refuse(exchange, error);
    return;
  }
  if (error != ERR_NONE) {
    fail(exchange, result, error, answer_for(result, owner_found), &verdict);
    return;
  }
  error = prepare_change(exchange, result, session, authenticated);
  if (error != ERR_NONE)
    rp_refuse(exchange, error);
  else
    rp_job_submit(exchange, &result->job, result_apply, result_answer);
}

void assertion_result_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  if (!rp_admit(&exchange))
    return;
  assertion_result_t *result = arena_alloc(exchange.arena, sizeof(*result));
  error_code_t error = result != NULL ? response_parse(&exchange, result) : ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  error = ceremony_find(&exchange, result->client_data.challenge, &result->ceremony);
  if (error == ERR_CHALLENGE) { /* not ours, too late, or of another browser: nothing to spend */
    const ceremony_failure_t failure = {.reason = error, .event = EVENT_REFUSED};
    ceremony_failure_log(&exchange, &failure);
    rp_refuse(&exchange, ERR_AUTHENTICATION);
  } else if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
  } else {
    judge(&exchange, result);
  }
}

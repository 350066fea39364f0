#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "rp/account.h"
#include "rp/asked.h"
#include "rp/assertion.h"
#include "rp/audit_note.h"
#include "rp/ceremony_failure.h"
#include "rp/conformance.h"
#include "rp/evidence_make.h"
#include "rp/model_check.h"
#include "rp/outbox.h"
#include "rp/session_change.h"

#define EVENT_OPENED "login.succeeded"
#define EVENT_REFUSED "login.refused"
#define EVENT_SIGN_COUNT "credential.sign_count"
#define EVENT_BACKUP "credential.backup_changed"
#define FINDING_MAX_LENGTH 160

/* The result on its way from the request to the store. */
typedef struct assertion_result {
  rp_job_t job;
  ceremony_t ceremony;
  webauthn_authentication_response_t response;
  client_data_t client_data;
  rp_credential_owner_t owner;
  rp_credential_use_t use;
  bool count_is_stale, backup_changed;
  bool found_stale; /* what the job found */
  bool alerts;      /* a stale counter is reported, and the login goes on */
  sha256_t id_hash;
  const char *credential; /* SHA-256 of its id in base64url, as the audit log names it */
  char finding[FINDING_MAX_LENGTH];
  session_change_t session;
  audit_note_t note, refused_note;
  const char *problem;  /* what the metadata says of the model, and is only told; NULL: nothing */
  error_code_t verdict; /* what the job found, when it is not the store's own failure */
} assertion_result_t;

/* --- in the job --- */

static bool is_stale(uint32_t stored, uint32_t sent)
{
  return sent <= stored && (stored != 0 || sent != 0);
}

/* In memory that lives as long as the result, for the store's thread has no arena. */
static bytes_t sign_count_detail(assertion_result_t *result, uint32_t stored)
{
  snprintf(result->finding, sizeof(result->finding), "{\"credential\":\"%s\",\"stored\":%u,\"sent\":%u}",
           result->credential, stored, result->use.sign_count);
  return bytes_of_string(result->finding);
}

static error_code_t write_finding(database_t *database, const assertion_result_t *result, const char *event,
                                  bytes_t detail)
{
  audit_note_t note = result->note;
  note.detail = detail;
  return audit_note_write(database, &note, event);
}

/* The use was not recorded: another login with that counter was faster, or the credential is gone. Callers
 * are told the same for all. */
static error_code_t judge_again(database_t *database, assertion_result_t *result, uint32_t *stored,
                                bool *ret_used)
{
  error_code_t error = rp_credential_sign_count(database, result->use.id, stored);
  result->verdict = ERR_AUTHENTICATION;
  if (error == ERR_NOT_FOUND)
    return ERR_NONE;
  if (error != ERR_NONE || !is_stale(*stored, result->use.sign_count))
    return error;
  result->verdict = result->alerts ? ERR_NONE : ERR_SIGN_COUNT;
  rp_credential_use_t use = result->use;
  use.stale_count = true;
  return result->alerts ? rp_credential_use(database, &use, ret_used) : ERR_NONE;
}

static error_code_t record_use(database_t *database, assertion_result_t *result, bool *ret_used)
{
  uint32_t stored = result->owner.credential.sign_count;
  bool stale = result->count_is_stale;
  error_code_t error = rp_credential_use(database, &result->use, ret_used);
  if (error == ERR_NONE && !*ret_used) {
    error = judge_again(database, result, &stored, ret_used);
    stale = is_stale(stored, result->use.sign_count);
  }
  result->found_stale = stale;
  if (error == ERR_NONE && stale)
    error = write_finding(database, result, EVENT_SIGN_COUNT, sign_count_detail(result, stored));
  return error;
}

/* What the authenticator says of its backup state now, beside what it said before (L3 §7.2 step 25). */
static error_code_t record_backup(database_t *database, assertion_result_t *result)
{
  if (!result->backup_changed)
    return ERR_NONE;
  snprintf(result->finding, sizeof(result->finding), "{\"credential\":\"%s\",\"from\":%s,\"to\":%s}",
           result->credential, result->use.backed_up ? "false" : "true",
           result->use.backed_up ? "true" : "false");
  return write_finding(database, result, EVENT_BACKUP, bytes_of_string(result->finding));
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
  error = record_use(database, result, &used);
  if (error == ERR_NONE && used)
    error = session_change_apply(database, &result->session, &changed);
  if (error == ERR_NONE && used)
    error = record_backup(database, result);
  if (error != ERR_NONE)
    return error;
  if (used && changed)
    return audit_note_write(database, &result->note, EVENT_OPENED);
  if (used)
    result->verdict = ERR_NOT_SIGNED_IN;
  return audit_note_write(database, &result->refused_note, EVENT_REFUSED);
}

/* --- the answer --- */

static void reply_done(const exchange_t *exchange, const assertion_result_t *result)
{
  evidence_record_t *evidence = arena_alloc(exchange->arena, sizeof(*evidence));
  bytes_t path = BYTES_NONE;
  error_code_t error = evidence != NULL ? session_change_evidence(&result->session, evidence) : ERR_NO_MEMORY;
  if (error == ERR_NONE && result->ceremony.terms.has_continuation)
    error = asked_continue_path(exchange, &(continue_handle_t){.ref = result->ceremony.terms.continuation},
                                &path);
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
  if (!builder.failed) /* the session is there in any case; nobody holds its token */
    session_cookie_set(exchange, &result->session.token);
  if (result->session.opened && result->session.old.session.id.row != 0)
    outbox_wake(exchange->rp->outbox);
  rp_reply_built(exchange, 200, &builder);
}

/* A copied key is worth a look by whoever watches the log. */
static void log_stale_count(const exchange_t *exchange, const assertion_result_t *result)
{
  log_event(LOG_WARNING, EVENT_SIGN_COUNT, LOG_TEXT("credential", result->credential),
            LOG_TEXT("request", http_request_id(exchange->request)));
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
  if (result->job.base.outcome == ERR_NONE && result->found_stale)
    log_stale_count(&exchange, result);
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

static error_code_t name_credential(const exchange_t *exchange, assertion_result_t *result)
{
  error_code_t error = hash_sha256(result->response.id, &result->id_hash);
  if (error == ERR_NONE)
    result->credential = base64url_encode(exchange->arena, hash_bytes(&result->id_hash));
  return error != ERR_NONE || result->credential != NULL ? error : ERR_NO_MEMORY;
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
  /* The terms keep tags of the allowed ids; where one fits, the response's own id stands for the list. */
  const bytes_t allowed =
      ceremony_terms_allow(terms, result->id_hash.bytes) ? result->response.id : BYTES_NONE;
  const webauthn_stored_credential_t stored = {
      .id = credential->credential_id,
      .user_handle = bytes_of(result->owner.user_handle, sizeof(result->owner.user_handle)),
      .public_key = credential->public_key,
      .sign_count = credential->sign_count,
      .backup_eligible = credential->backup_eligible,
      .backed_up = credential->backed_up,
  };
  const config_rp_t *rp = &exchange->config->rp;
  bool by_appid = (terms->extensions.asked & EXTENSION_BIT(EXTENSION_APPID)) != 0;
  webauthn_authentication_terms_t expected = {
      .site = &exchange->settings->site,
      .challenge = challenge_bytes(&result->ceremony.challenge),
      .user = {.absent_allowed = conformance_takes_absence(rp), .require_uv = terms->require_uv},
      .allow_credentials = &allowed,
      .allow_credential_count = terms->allow_count > 0 ? 1 : 0,
      .user_handle = terms->has_user ? bytes_of(terms->user_handle, sizeof(terms->user_handle)) : BYTES_NONE,
      .credential = &stored,
      .allow_rs1 = conformance_takes_rs1(rp),
      .appid = by_appid ? bytes_of_string(rp->extensions.appid) : BYTES_NONE,
      .appid_strict = true, /* WebAuthn L3 §10.1.1 asks it; recorded suites differ */
      .extensions = terms->extensions,
      .refuse_backup_change = rp->refuse_backup_change,
      .stale_count_allowed = rp->sign_count_alert,
  };
  expected.extensions.refuse_unsolicited = rp->extensions.refuse_unsolicited;
  return webauthn_authentication_verify(exchange->arena, &expected, &result->response, verdict,
                                        ret_authenticated);
}

/* At a step-up, a passkey of somebody else is worth its own answer; all else is one. */
static error_code_t answer_for(const assertion_result_t *result, bool owner_found)
{
  const ceremony_terms_t *terms = &result->ceremony.terms;
  bool foreign = owner_found && terms->purpose != PURPOSE_LOGIN && terms->has_user &&
                 memcmp(terms->user_handle, result->owner.user_handle, sizeof(terms->user_handle)) != 0;
  return foreign ? ERR_WRONG_USER : ERR_AUTHENTICATION;
}

/* The counter that came, once the signature over it is known to be good. */
static uint32_t sent_count(const assertion_result_t *result)
{
  authenticator_data_t data = {0};
  return authenticator_data_parse(result->response.authenticator_data, &data, NULL) == ERR_NONE
             ? data.sign_count
             : 0;
}

static void fail(const exchange_t *exchange, assertion_result_t *result, error_code_t reason,
                 error_code_t answer, const webauthn_verdict_t *verdict)
{
  ceremony_failure_t failure = {
      .reason = reason,
      .answer = answer,
      .event = EVENT_REFUSED,
      .step = verdict != NULL ? webauthn_step_info(verdict->step)->slug : NULL,
      .detail = verdict != NULL ? verdict->detail.text : NULL,
      .actor = result->ceremony.terms.has_user ? result->ceremony.terms.user_handle : NULL,
  };
  if (reason == ERR_SIGN_COUNT) {
    result->use.sign_count = sent_count(result);
    failure.finding = EVENT_SIGN_COUNT;
    failure.finding_detail = sign_count_detail(result, result->owner.credential.sign_count);
    failure.actor = result->owner.user_handle;
    log_stale_count(exchange, result);
  }
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
  result->session.must_renew = terms->purpose != PURPOSE_LOGIN;
  result->alerts = exchange->config->rp.sign_count_alert;
  result->count_is_stale = webauthn_authenticated_count_is_stale(authenticated);
  result->backup_changed = evidence.fact.backed_up != result->owner.credential.backed_up;
  result->use = (rp_credential_use_t){
      .id = result->owner.credential.id,
      .sign_count = webauthn_authenticated_sign_count(authenticated),
      .stale_count = result->count_is_stale,
      .backed_up = evidence.fact.backed_up,
      .user_verified = evidence.fact.user_verified,
      .time_ms = exchange->now_ms,
  };
  const char *quote = result->problem != NULL ? "\"" : "";
  char *detail = arena_format(
      exchange->arena, "{\"purpose\":\"%s\",\"domain\":\"%s\",\"uv\":%s%s%s%s%s}",
      purpose_name(terms->purpose), evidence.fact.domain.text, evidence.fact.user_verified ? "true" : "false",
      audit_note_uvm(exchange->arena, webauthn_authenticated_extensions(authenticated)),
      result->problem != NULL ? ",\"compromised\":\"" : "", result->problem != NULL ? result->problem : "",
      quote);
  result->note = audit_note_prepare(exchange, result->owner.user_handle, bytes_of_string(detail));
  result->refused_note = audit_note_prepare(exchange, result->owner.user_handle,
                                            audit_note_failure(exchange->arena, ERR_AUTHENTICATION, "state"));
  return error;
}

static error_code_t check_model(const exchange_t *exchange, assertion_result_t *result,
                                webauthn_verdict_t *verdict)
{
  error_code_t error =
      model_check_login(exchange, &result->owner.credential, &result->problem, &verdict->detail);
  if (error == ERR_NONE && result->problem != NULL)
    log_event(LOG_WARNING, "login.compromised_model", LOG_TEXT("status", result->problem),
              LOG_TEXT("request", http_request_id(exchange->request)));
  return error;
}

static void judge(const exchange_t *exchange, assertion_result_t *result)
{
  const session_t *session = NULL;
  error_code_t error = session_find_any(exchange, &session);
  if (error == ERR_NONE)
    error = name_credential(exchange, result);
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
  error = check_model(exchange, result, &verdict);
  if (error != ERR_NONE) { /* whoever gets here has the key: nothing is given away */
    fail(exchange, result, error, error, &verdict);
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
    ceremony_refuse_unread(&exchange, error, EVENT_REFUSED);
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

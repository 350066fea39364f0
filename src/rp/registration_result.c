#include <string.h>

#include "base/encoding.h"
#include "base/text.h"
#include "rp/asked.h"
#include "rp/audit_note.h"
#include "rp/ceremony_failure.h"
#include "rp/conformance.h"
#include "rp/credential_make.h"
#include "rp/credential_write.h"
#include "rp/evidence_make.h"
#include "rp/metadata_routes.h"
#include "rp/model_check.h"
#include "rp/outbox.h"
#include "rp/registration.h"
#include "rp/session_change.h"
#include "rp/username.h"
#include "store/rp_ticket.h"

#define EVENT_DONE "credential.registered"
#define EVENT_REFUSED "registration.refused"
#define NICKNAME_MAX_LENGTH 64

typedef struct registration_result {
  rp_job_t job;
  ceremony_t ceremony;
  webauthn_registration_response_t response;
  client_data_t client_data;
  bytes_t nickname;
  rp_user_t user; /* to be made, when the terms say so */
  rp_credential_t credential;
  bool opens_session;
  session_change_t session;
  session_end_t end; /* a way in from outside ends the account's other sessions */
  bool ends_sessions;
  audit_note_t note, refused_note;
  error_code_t verdict; /* what the job found, when it is not the store's own failure */
} registration_result_t;

/* --- in the job --- */

/* Everything that may stand against it, before anything is written but the spent challenge. */
static error_code_t find_obstacle(database_t *database, registration_result_t *result, error_code_t *obstacle)
{
  bool exists = false, spent = false;
  int64_t count = 0;
  *obstacle = ERR_NONE;
  error_code_t error = rp_credential_exists(database, result->credential.credential_id, &exists);
  if (error == ERR_NONE && exists) {
    *obstacle = ERR_CREDENTIAL_EXISTS;
    return ERR_NONE;
  }
  if (error == ERR_NONE && !result->ceremony.terms.new_account) {
    error = rp_credential_count(database, result->user.id, &count);
    if (error == ERR_NONE && count >= RP_CREDENTIALS_MAX)
      *obstacle = ERR_CREDENTIAL_LIMIT;
  }
  if (error == ERR_NONE && *obstacle == ERR_NONE && result->ceremony.terms.ticket.row != 0) {
    error = rp_ticket_spend(database, result->ceremony.terms.ticket, result->note.time_ms, &spent);
    if (error == ERR_NONE && !spent)
      *obstacle = ERR_TICKET;
  }
  return error;
}

static error_code_t take_name(database_t *database, registration_result_t *result, error_code_t *obstacle)
{
  if (!result->ceremony.terms.new_account)
    return ERR_NONE;
  error_code_t error = rp_user_insert(database, &result->user, &result->user.id);
  if (error == ERR_CONFLICT) {
    *obstacle = ERR_USERNAME_TAKEN;
    return ERR_NONE;
  }
  result->credential.user = result->user.id;
  result->session.row.user = result->user.id;
  return error;
}

static error_code_t write_all(database_t *database, registration_result_t *result)
{
  bool changed = false;
  error_code_t error = rp_credential_insert(database, &result->credential);
  if (error == ERR_NONE && result->ends_sessions)
    error = session_end_of_user(
        database, &result->end,
        &(session_end_account_t){.user = result->user.id, .user_handle = result->user.handle});
  if (error == ERR_NONE && result->opens_session)
    error = session_change_apply(database, &result->session, &changed);
  if (error == ERR_NONE)
    error = audit_note_write(database, &result->note, EVENT_DONE);
  return error;
}

static error_code_t result_apply(database_t *database, store_job_t *base)
{
  registration_result_t *result = (registration_result_t *)base;
  const challenge_t *challenge = &result->ceremony.challenge;
  bool fresh = false;
  error_code_t obstacle = ERR_NONE;
  result->verdict = ERR_NONE;
  error_code_t error =
      rp_challenge_spend(database, challenge->expiry_ms, challenge->nonce, challenge->horizon_ms, &fresh);
  if (error != ERR_NONE)
    return error;
  if (!fresh) {
    result->verdict = ERR_CHALLENGE;
    return ERR_NONE;
  }
  error = find_obstacle(database, result, &obstacle);
  if (error == ERR_NONE && obstacle == ERR_NONE)
    error = take_name(database, result, &obstacle);
  if (error != ERR_NONE)
    return error;
  result->verdict = obstacle;
  if (obstacle == ERR_NONE)
    return write_all(database, result);
  result->refused_note.detail = obstacle == ERR_USERNAME_TAKEN
                                    ? BYTES_LITERAL("{\"error\":\"username_taken\"}")
                                    : BYTES_LITERAL("{\"error\":\"not_allowed\"}");
  return audit_note_write(database, &result->refused_note, EVENT_REFUSED);
}

/* --- the answer --- */

static void write_session(const exchange_t *exchange, const registration_result_t *result, builder_t *builder)
{
  evidence_record_t *evidence = arena_alloc(exchange->arena, sizeof(*evidence));
  if (evidence == NULL || session_change_evidence(&result->session, evidence) != ERR_NONE) {
    builder->failed = true;
    return;
  }
  rp_session_owner_t owner = {.session = result->session.row, .username = result->user.username};
  memcpy(owner.user_handle, result->user.handle, sizeof(owner.user_handle));
  builder_add_string(builder, ",\"session\":");
  session_write(exchange, builder, &owner, evidence);
  builder_add_string(builder, "}");
}

static void reply_done(const exchange_t *exchange, registration_result_t *result)
{
  bytes_t path = BYTES_NONE;
  if (result->ceremony.terms.has_continuation &&
      asked_continue_path(exchange, &(continue_handle_t){.ref = result->ceremony.terms.continuation},
                          &path) != ERR_NONE) {
    rp_refuse(exchange, ERR_NO_MEMORY);
    return;
  }
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange->rp->metadata_watch);
  const metadata_model_t *model = metadata_find_credential(metadata, &result->credential);
  builder_t builder =
      arena_builder(exchange->arena,
                    SESSION_JSON_MAX_LENGTH + credential_write_room(&result->credential, model) + path.len);
  builder_add_string(&builder, "{\"status\":\"ok\",\"errorMessage\":\"\",\"credential\":");
  credential_write(&builder, &result->credential, model);
  if (result->opens_session) {
    write_session(exchange, result, &builder);
    if (result->ends_sessions || result->session.old.session.id.row != 0)
      outbox_wake(exchange->rp->outbox);
  }
  if (path.len > 0) {
    builder_add_string(&builder, ",\"redirect\":\"");
    builder_add(&builder, path);
    builder_add_string(&builder, "\"");
  }
  builder_add_string(&builder, "}");
  if (result->opens_session && !builder.failed) /* the passkey is there in any case, to log in with */
    session_cookie_set(exchange, &result->session.token);
  rp_reply_built(exchange, 200, &builder);
}

static void result_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  registration_result_t *result = http_request_state(request);
  if (result->job.base.outcome != ERR_NONE) {
    rp_refuse(&exchange, result->job.base.outcome);
  } else if (result->verdict != ERR_NONE) {
    const ceremony_failure_t failure = {.reason = result->verdict, .event = EVENT_REFUSED};
    ceremony_failure_log(&exchange, &failure);
    rp_refuse(&exchange, result->verdict);
  } else {
    reply_done(&exchange, result);
  }
  secret_wipe(&result->session.token, sizeof(result->session.token));
}

/* --- before the job --- */

static error_code_t response_parse(const exchange_t *exchange, registration_result_t *result)
{
  json_t *body = NULL;
  error_detail_t detail;
  error_code_t error = http_request_json(exchange->request, &body);
  if (error == ERR_NONE)
    error = json_get_text(body, "nickname", &result->nickname);
  if (error == ERR_NONE && result->nickname.len > 0 &&
      !text_is_printable(result->nickname, NICKNAME_MAX_LENGTH))
    error = ERR_NICKNAME;
  if (error == ERR_NONE)
    error = webauthn_registration_response_parse(exchange->arena, body, RESPONSE_FORM_FIDO, &result->response,
                                                 &detail);
  if (error == ERR_NONE)
    error =
        client_data_parse(exchange->arena, result->response.client_data_json, &result->client_data, &detail);
  result->response.client_data = &result->client_data;
  return error;
}

static error_code_t verify(const exchange_t *exchange, registration_result_t *result,
                           const webauthn_registered_t **ret_registered, webauthn_verdict_t *verdict)
{
  CLEANUP(model_check_end) model_check_t models = model_check_begin(exchange);
  const ceremony_terms_t *terms = &result->ceremony.terms;
  const config_rp_t *rp = &exchange->config->rp;
  webauthn_registration_terms_t expected = {
      .site = &exchange->settings->site,
      .challenge = challenge_bytes(&result->ceremony.challenge),
      .user = {.require_uv = terms->require_uv, .absent_allowed = terms->conditional},
      .algorithms = exchange->settings->offer.algorithms,
      .algorithm_count = exchange->settings->offer.algorithm_count,
      .allow_rs1 = conformance_takes_rs1(rp),
      .extensions = terms->extensions,
      .refuse_backup_eligible = rp->refuse_backup_eligible,
      .trust = {.consult = model_check_consult,
                .consult_context = &models,
                .roots = exchange->settings->trust_roots,
                .refuse_root_in_chain = true,
                .time_ms = exchange->now_ms},
      .rules = conformance_attestation_rules(rp),
  };
  expected.extensions.refuse_unsolicited = rp->extensions.refuse_unsolicited;
  error_code_t error =
      webauthn_registration_verify(exchange->arena, &expected, &result->response, verdict, ret_registered);
  if (error == ERR_NONE)
    error = credential_make(exchange->arena, *ret_registered, &result->credential);
  if (error != ERR_NONE)
    return error;
  error = model_check_finish(&models, *ret_registered, &result->credential, &verdict->detail);
  if (error != ERR_NONE)
    verdict->step = WEBAUTHN_STEP_ATTESTATION_TRUST;
  return error;
}

static void describe(const exchange_t *exchange, registration_result_t *result)
{
  result->credential.user = result->user.id;
  result->credential.nickname = result->nickname;
  result->credential.created_ms = exchange->now_ms;
}

/* The account that gets the passkey: a new one, or that of the terms as it is now. */
static error_code_t find_user(const exchange_t *exchange, registration_result_t *result,
                              const session_t *session)
{
  const ceremony_terms_t *terms = &result->ceremony.terms;
  if (terms->session.row != 0 && (session == NULL || session->owner.session.id.row != terms->session.row))
    return ERR_NOT_SIGNED_IN;
  if (terms->new_account) {
    result->user = (rp_user_t){
        .username = terms->username, .display_name = terms->display_name, .created_ms = exchange->now_ms};
    memcpy(result->user.handle, terms->user_handle, sizeof(result->user.handle));
    return username_canonical(exchange->arena, terms->username, &result->user.username_key);
  }
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error =
      rp_user_find_by_handle(read.database, exchange->arena, terms->user_handle, &result->user);
  if (error == ERR_NOT_FOUND || (error == ERR_NONE && result->user.disabled))
    return ERR_TICKET;
  return error;
}

static void fail(const exchange_t *exchange, const registration_result_t *result, error_code_t reason,
                 const webauthn_verdict_t *verdict)
{
  const ceremony_failure_t failure = {
      .reason = reason,
      .answer = reason,
      .event = EVENT_REFUSED,
      .step = verdict != NULL ? webauthn_step_info(verdict->step)->slug : NULL,
      .detail = verdict != NULL ? verdict->detail.text : NULL,
      .actor = result->ceremony.terms.new_account ? NULL : result->ceremony.terms.user_handle,
  };
  ceremony_fail(exchange, &result->ceremony.challenge, &failure);
}

/* For the audit log. */
static bytes_t done_detail(const exchange_t *exchange, const registration_result_t *result,
                           const webauthn_registered_t *registered, const uint8_t hash[32])
{
  const ceremony_terms_t *terms = &result->ceremony.terms;
  char aaguid[AAGUID_TEXT_LENGTH + 1];
  aaguid_write(&result->credential.authenticator.aaguid, aaguid);
  return bytes_of_string(arena_format(
      exchange->arena,
      "{\"credential\":\"%s\",\"format\":\"%s\",\"attestation_type\":\"%s\",\"attested\":%s,\"aaguid\":\"%"
      "s\","
      "\"new_account\":%s,\"ticket\":%s,\"conditional\":%s%s}",
      base64url_encode(exchange->arena, bytes_of(hash, 32)), webauthn_registered_format(registered),
      attestation_type_name(webauthn_registered_attestation(registered)),
      result->credential.attested ? "true" : "false", aaguid, terms->new_account ? "true" : "false",
      terms->ticket.row != 0 ? "true" : "false", terms->conditional ? "true" : "false",
      audit_note_uvm(exchange->arena, webauthn_registered_extensions(registered))));
}

static error_code_t prepare_change(const exchange_t *exchange, registration_result_t *result,
                                   const session_t *session, const webauthn_registered_t *registered)
{
  const ceremony_terms_t *terms = &result->ceremony.terms;
  handoff_evidence_t evidence;
  /* A session of this account stays as it is; anything else gives way to the account's own. */
  result->opens_session =
      session == NULL || session->owner.session.user.row != result->user.id.row || terms->ticket.row != 0;
  result->ends_sessions = terms->ticket.row != 0;
  describe(exchange, result);
  error_code_t error =
      evidence_make_registration(terms, &result->credential, registered, exchange->now_ms, &evidence);
  if (error == ERR_NONE && result->opens_session)
    error = session_change_prepare(exchange, session, result->user.id, &evidence, &result->session);
  if (error == ERR_NONE)
    error = session_end_prepare(exchange, &result->end);
  result->note = audit_note_prepare(exchange, result->user.handle,
                                    done_detail(exchange, result, registered, evidence.fact.credential));
  result->refused_note =
      audit_note_prepare(exchange, terms->new_account ? NULL : result->user.handle, BYTES_NONE);
  return error;
}

static void judge(const exchange_t *exchange, registration_result_t *result)
{
  const session_t *session = NULL;
  error_code_t error = session_find_any(exchange, &session);
  if (error != ERR_NONE) {
    rp_refuse(exchange, error);
    return;
  }
  error = result->ceremony.terms.kind == CEREMONY_REGISTRATION ? find_user(exchange, result, session)
                                                               : ERR_CEREMONY_TYPE;
  if (error != ERR_NONE) {
    fail(exchange, result, error, NULL);
    return;
  }
  webauthn_verdict_t verdict = {0};
  const webauthn_registered_t *registered = NULL;
  error = verify(exchange, result, &registered, &verdict);
  if (error != ERR_NONE) {
    fail(exchange, result, error, &verdict);
    return;
  }
  error = prepare_change(exchange, result, session, registered);
  if (error != ERR_NONE)
    rp_refuse(exchange, error);
  else
    rp_job_submit(exchange, &result->job, result_apply, result_answer);
}

void registration_result_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  if (!rp_admit(&exchange))
    return;
  registration_result_t *result = arena_alloc(exchange.arena, sizeof(*result));
  error_code_t error = result != NULL ? response_parse(&exchange, result) : ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    ceremony_refuse_unread(&exchange, error, EVENT_REFUSED);
    return;
  }
  error = ceremony_find(&exchange, result->client_data.challenge, &result->ceremony);
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    judge(&exchange, result);
}

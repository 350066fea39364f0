#include "authority/authorization.h"

#include <string.h>

#include "audit/audit.h"
#include "authority/access_token.h"
#include "authority/authorization_response.h"
#include "authority/claims.h"
#include "authority/consent.h"
#include "authority/earned.h"
#include "authority/id_token.h"
#include "authority/judgement.h"
#include "authority/own_page_request.h"
#include "authority/pushed_request.h"
#include "authority/reference.h"
#include "authority/scope_titles.h"
#include "authority/statement.h"
#include "authority/verified_challenge.h"
#include "base/log.h"
#include "base/text.h"
#include "handoff/account_claims.h"
#include "store/authority_pushed.h"

#define PAIRWISE_MAX 255
#define LEVELS_ROOM 2048

/* --- jobs --- */

static error_code_t record(database_t *database, const authorization_t *authorization, const char *event)
{
  const audit_event_t row = {.time_ms = authorization->now_ms,
                             .event = event,
                             .actor = authorization->grant.client,
                             .subject = authorization->grant.subject,
                             .request = bytes_of_string(authorization->request_id)};
  return audit_append(database, &row);
}

static error_code_t apply_store(database_t *database, store_job_t *job)
{
  authorization_t *authorization = (authorization_t *)job;
  return request_add(database, &authorization->stored, &authorization->row);
}

static error_code_t apply_finish(database_t *database, store_job_t *job)
{
  authorization_t *authorization = (authorization_t *)job;
  return request_finish(database, authorization->row, authorization->now_ms);
}

static error_code_t apply_code(database_t *database, store_job_t *job)
{
  authorization_t *authorization = (authorization_t *)job;
  error_code_t error = authorization->was_stored ? apply_finish(database, job) : ERR_NONE;
  if (error == ERR_NONE && authorization->stored.pushed != 0)
    error = pushed_use(database, authorization->stored.pushed, authorization->now_ms);
  if (error == ERR_NONE)
    error = verified_evidence_record(database, &authorization->verified);
  if (error == ERR_NONE)
    error = grant_open(database, &authorization->grant, &authorization->code, &authorization->code_row);
  if (error == ERR_NONE) /* a reload may have replaced what was judged by */
    error = earned_spread(database, authorization->arena, domain_settings(authorization->domain)->levels,
                          &authorization->grant, authorization->now_ms);
  if (error == ERR_NONE)
    error = statement_record(database, authorization);
  if (error == ERR_NONE && authorization->asks_consent)
    error = consent_record(database, authorization);
  if (error == ERR_NONE && authorization->claims.scopes.len > 0)
    error =
        grant_claims_add(database, authorization->code_row, &authorization->grant, &authorization->claims);
  return error == ERR_NONE ? record(database, authorization, "code.issued") : error;
}

/* --- outcomes --- */

static error_code_t answer_error(authorization_t *authorization, error_code_t refusal)
{
  const char *issuer = domain_settings(authorization->domain)->config->issuer;
  metrics_count(authorization->domain->metrics, METRIC_AUTHORIZATIONS, AUTHORIZATION_ERROR);
  authorization->refusal = refusal;
  authorization->apply = authorization->was_stored ? apply_finish : NULL;
  return authorization_response_error(authorization->arena, issuer, &authorization->target, refusal,
                                      &authorization->answer);
}

static error_code_t answer_page(authorization_t *authorization, error_code_t refusal)
{
  metrics_count(authorization->domain->metrics, METRIC_AUTHORIZATIONS, AUTHORIZATION_PAGE);
  authorization->refusal = refusal;
  authorization->answer = authorization_response_page(refusal);
  authorization->apply = NULL;
  return ERR_NONE;
}

static bytes_t copy_string(arena_t *arena, const char *text, const char *otherwise)
{
  return arena_copy(arena, bytes_of_string(text != NULL ? text : otherwise));
}

/* Settings do not outlive a wait, so their texts are copied. */
static void fill_authenticate(authorization_t *authorization, const domain_settings_t *settings,
                              const judgement_t *judgement)
{
  const config_client_t *client = authorization->target.client;
  arena_t *arena = authorization->arena;
  authorization->answer = (handoff_answer_t){
      .outcome = HANDOFF_AUTHENTICATE,
      .requirement = judgement->requirement,
      .authenticator_refused = judgement->authenticator_refused,
      .select_account = authorization->request.select_account,
      .client_name = copy_string(arena, client->name, client->id),
      .domain_name = copy_string(arena, settings->config->name, settings->id.text),
      .login_hint = authorization->request.login_hint,
      .ui_locales = authorization->request.ui_locales,
      .scope_titles_en = scope_titles(arena, settings, authorization->request.scope, false),
      .scope_titles_ja = scope_titles(arena, settings, authorization->request.scope, true)};
  memcpy(authorization->answer.request, authorization->stored.request, sizeof authorization->answer.request);
}

static error_code_t answer_authenticate(authorization_t *authorization, const domain_settings_t *settings,
                                        const judgement_t *judgement)
{
  error_code_t error = ERR_NONE;
  metrics_count(authorization->domain->metrics, METRIC_AUTHORIZATIONS, AUTHORIZATION_AUTHENTICATE);
  if (!authorization->was_stored) {
    random_fill(authorization->stored.request, sizeof authorization->stored.request);
    error = reference_make(&authorization->secret, authorization->stored.handle_hash);
    authorization->stored.expires_ms = authorization->now_ms + REQUEST_LIFETIME_MS;
    authorization->apply = apply_store;
  }
  fill_authenticate(authorization, settings, judgement);
  if (error == ERR_NONE && judgement->requirement.kind == EVIDENCE_VERIFIED)
    error = verified_challenge_make(authorization->domain, &authorization->stored, NULL,
                                    authorization->answer.challenge);
  if (error == ERR_NONE)
    error = statement_offer(authorization, settings);
  if (error == ERR_NONE && own_page_is_used(settings, &authorization->answer.requirement))
    error = own_page_lead(authorization, settings);
  return error;
}

/* The page that asks is of the login server; it shows what would be given, and to whom. */
static error_code_t answer_consent(authorization_t *authorization, const domain_settings_t *settings,
                                   const judgement_t *judgement)
{
  error_code_t error = answer_authenticate(authorization, settings, judgement);
  authorization->answer.consent = true;
  authorization->answer.page = BYTES_NONE;
  authorization->answer.select_account = false;
  authorization->answer.client_host = consent_host(authorization->target.redirect_uri);
  return error;
}

/* --- a code --- */

/* acr, auth_time and amr are one real pair: the strongest level held, and the sign-in that earned it. */
static error_code_t fill_standing(authorization_t *authorization, const policy_context_t *context,
                                  const evidence_set_t *evidence)
{
  standing_t standing = policy_standing(context, evidence);
  if (standing.basis == NULL)
    return ERR_INTERNAL;
  grant_t *grant = &authorization->grant;
  grant->acr = copy_string(authorization->arena, context->levels->levels[standing.level].name, "");
  grant->auth_time_ms = standing.time_ms < context->now_ms ? standing.time_ms : context->now_ms;
  const char *methods[AMR_MAX];
  size_t count = policy_amr(standing.basis, methods);
  builder_t amr = arena_builder(authorization->arena, 64);
  for (size_t i = 0; i < count; i++)
    word_add(&amr, bytes_of_string(methods[i]));
  grant->amr = builder_bytes(&amr);
  level_times_t times = policy_level_times(context, evidence);
  builder_t levels = arena_builder(authorization->arena, LEVELS_ROOM);
  error_code_t error = level_times_build(&levels, context->levels, &times);
  grant->levels = builder_bytes(&levels);
  return amr.failed ? ERR_NO_MEMORY : error;
}

/* Asked for only once all else is satisfied: nothing about anybody reaches a domain before it may know. */
static error_code_t answer_claims(authorization_t *authorization)
{
  authorization->answer =
      (handoff_answer_t){.outcome = HANDOFF_CLAIMS, .claim_scopes = authorization->request.claim_scopes};
  authorization->apply = NULL;
  return ERR_NONE;
}

/* The rp sends what it was asked for; what else it may send is left behind here. */
static error_code_t take_claims(authorization_t *authorization)
{
  CLEANUP(json_drop) json_t *sent = NULL;
  bytes_t scopes = authorization->request.claim_scopes;
  authorization->claims = (grant_claims_t){.scopes = BYTES_NONE};
  if (scopes.len == 0)
    return ERR_NONE;
  if (json_parse(authorization->session->claims, &sent) != ERR_NONE)
    return ERR_HANDOFF;
  CLEANUP(json_drop) json_t *selected = account_claims_select(sent, scopes);
  authorization->claims.scopes = scopes;
  return json_print(authorization->arena, selected, &authorization->claims.claims) != NULL ? ERR_NONE
                                                                                           : ERR_NO_MEMORY;
}

/* OpenID Connect Core §11: what offline_access gives is for when nobody is there. Whether that includes the
 * time after the session's end is the domain's to say. */
static void outlive_session(authorization_t *authorization)
{
  const config_domain_t *config = domain_settings(authorization->domain)->config;
  grant_t *grant = &authorization->grant;
  grant->outlives = config->refresh_outlives && grant->refreshes &&
                    words_contain(grant->scope, BYTES_LITERAL("offline_access"));
  if (grant->outlives)
    grant->session_expires_ms = authorization->now_ms + CODE_LIFETIME_MS + config->refresh_absolute_ms +
                                config->access_token_lifetime_ms;
}

static error_code_t answer_code(authorization_t *authorization, const policy_context_t *context,
                                const evidence_set_t *evidence)
{
  const handoff_session_t *session = authorization->session;
  if (session == NULL)
    return ERR_INTERNAL; /* judgement never grants to nobody */
  if (authorization->request.claim_scopes.len > 0 && session->claims.len == 0)
    return answer_claims(authorization);
  authorization->grant =
      (grant_t){.client = copy_string(authorization->arena, authorization->target.client->id, ""),
                .subject = session->subject,
                .session = session->session,
                .scope = authorization->request.scope,
                .nonce = authorization->request.nonce,
                .details = authorization->request.details.all,
                .lasting_details = authorization->request.details.lasting,
                .session_expires_ms = session->expires_ms,
                .refreshes = authorization->request.refreshes,
                .consented = authorization->asks_consent};
  outlive_session(authorization);
  random_fill(authorization->grant.ref.bytes, sizeof authorization->grant.ref.bytes);
  authorization->code = (code_terms_t){.redirect_uri = authorization->target.redirect_uri,
                                       .expires_ms = authorization->now_ms + CODE_LIFETIME_MS};
  memcpy(authorization->code.challenge, authorization->request.challenge,
         sizeof authorization->code.challenge);
  error_code_t error = fill_standing(authorization, context, evidence);
  if (error == ERR_NONE)
    error = confirmation_store(authorization->arena, &authorization->request.key,
                               &authorization->grant.confirmation);
  if (error == ERR_NONE)
    error = take_claims(authorization);
  if (error == ERR_NONE)
    error = reference_make(&authorization->secret, authorization->code.hash);
  authorization->apply = apply_code;
  authorization->answer.outcome = HANDOFF_RESPOND;
  return error;
}

/* --- judging --- */

/* OpenID Connect Core §3.1.2.1: an answer for nobody but the person that the ID token names. Whoever else is
 * signed in is asked to sign in as that person, once. */
static error_code_t heed_hint(authorization_t *authorization, const policy_context_t *context,
                              const evidence_set_t *evidence)
{
  authorization_request_t *request = &authorization->request;
  if (request->hinted_subject.len == 0 || authorization->session == NULL ||
      bytes_equal(request->hinted_subject, authorization->session->subject))
    return ERR_NONE;
  if (request->prompt_none || judgement_has_tried(context, evidence))
    return ERR_LOGIN_REQUIRED;
  request->select_account = true;
  request->wanted.this_request = true;
  return ERR_NONE;
}

/* A sign-in is not an approval: whatever the session holds, bound details want a signature over themselves.
 */
static error_code_t require_approval(authorization_t *authorization, const domain_settings_t *settings,
                                     judgement_t *judgement)
{
  bool missing = false;
  if (judgement->verdict != JUDGEMENT_GRANT)
    return ERR_NONE;
  error_code_t error = statement_find_approval(authorization, settings, &missing);
  if (error != ERR_NONE || !missing)
    return error;
  if (authorization->request.prompt_none)
    *judgement = (judgement_t){.verdict = JUDGEMENT_REFUSE, .error = ERR_INTERACTION_REQUIRED};
  else
    judgement->verdict = JUDGEMENT_AUTHENTICATE;
  judgement->requirement.this_request = true;
  return ERR_NONE;
}

/* Only a request that was stored has a challenge that could be answered. */
static error_code_t take_verified(authorization_t *authorization, evidence_set_t *evidence)
{
  verified_evidence_t *verified = &authorization->verified;
  if (!authorization->was_stored || authorization->session == NULL ||
      authorization->request.wanted.kind != EVIDENCE_VERIFIED)
    return ERR_NONE;
  error_code_t error =
      verified_evidence_find(authorization->arena, authorization->domain, &authorization->stored,
                             authorization->request.details.bound, authorization->session,
                             &authorization->touch, authorization->now_ms, evidence, verified);
  if (error == ERR_NONE && verified->refusal != ERR_NONE && !verified->found)
    log_event(LOG_WARNING, "evidence.unverified", LOG_TEXT("domain", authorization->domain->id.text),
              LOG_TEXT("error", error_info(verified->refusal)->slug),
              LOG_TEXT("request", authorization->request_id));
  return error;
}

static error_code_t judge(authorization_t *authorization, const domain_settings_t *settings)
{
  evidence_set_t evidence = {.count = 0};
  size_t dropped = 0;
  policy_context_t context = {.levels = settings->levels,
                              .domain = settings->id,
                              .now_ms = authorization->now_ms,
                              .authenticators = &settings->authenticators};
  memcpy(context.request, authorization->stored.request, sizeof context.request);
  if (authorization->session != NULL)
    judgement_evidence(authorization->session, &evidence, &dropped);
  if (dropped > 0)
    metrics_count(authorization->domain->metrics, METRIC_EVIDENCE_DROPPED, METRIC_PLAIN);
  error_code_t error = take_verified(authorization, &evidence);
  if (error != ERR_NONE)
    return error;
  error = heed_hint(authorization, &context, &evidence);
  if (error != ERR_NONE)
    return answer_error(authorization, error);
  judgement_t judgement =
      judgement_decide(&context, &authorization->request, authorization->session != NULL, &evidence);
  bool asked = false;
  error = require_approval(authorization, settings, &judgement);
  if (error == ERR_NONE && judgement.verdict == JUDGEMENT_GRANT)
    error = consent_check(authorization, &asked);
  if (error == ERR_CONSENT_REQUIRED)
    return answer_error(authorization, error);
  if (error != ERR_NONE)
    return error;
  if (asked)
    return answer_consent(authorization, settings, &judgement);
  switch (judgement.verdict) {
  case JUDGEMENT_GRANT:
    return answer_code(authorization, &context, &evidence);
  case JUDGEMENT_AUTHENTICATE:
    if (authorization->verified.tried && !authorization->verified.found && !authorization->verified.asks_in)
      return answer_error(authorization, ERR_UNMET_ACR); /* the same touch would fail again */
    return answer_authenticate(authorization, settings, &judgement);
  case JUDGEMENT_REFUSE:
    return answer_error(authorization, judgement.error);
  }
  return ERR_INTERNAL;
}

/* The rp's word about who it is must at least have the form of a word; a session that has ended is none. */
static error_code_t take_session(authorization_t *authorization, const handoff_session_t *session)
{
  authorization->session = NULL;
  if (session == NULL || session->expires_ms <= authorization->now_ms)
    return ERR_NONE;
  if (!text_is_printable(session->subject, PAIRWISE_MAX) ||
      !text_is_printable(session->session, PAIRWISE_MAX))
    return ERR_HANDOFF;
  authorization->session = session;
  return ERR_NONE;
}

/* A hint that cannot be verified is refused: ignored, it would let anybody through. */
static error_code_t read_hint(authorization_t *authorization, const domain_settings_t *settings)
{
  id_token_hint_t hint;
  bytes_t text = http_form_get(authorization->target.form, "id_token_hint");
  if (text.len == 0)
    return ERR_NONE;
  error_code_t error =
      id_token_hint_parse(authorization->arena, authorization->domain, settings, text, &hint);
  if (error == ERR_NONE)
    authorization->request.hinted_subject = hint.subject;
  return error == ERR_TOKEN ? ERR_ID_TOKEN_HINT : error;
}

/* Parses the query, answers its errors where they belong; *ret_goes_on: the request is good. */
static error_code_t read_query(authorization_t *authorization, const domain_settings_t *settings,
                               bytes_t query, bool *ret_goes_on)
{
  *ret_goes_on = false;
  error_code_t error =
      authorization_target_parse(authorization->arena, settings, query, &authorization->target);
  if (error == ERR_NO_MEMORY)
    return error;
  if (error == ERR_NONE && !authorization->was_stored &&
      authorization->native != authorization->target.native)
    error = ERR_REDIRECT_URI; /* no browser is led there, and no application anywhere else */
  if (authorization->native && (error == ERR_UNKNOWN_CLIENT || error == ERR_REDIRECT_URI))
    error = ERR_NATIVE_CLIENT;
  if (error != ERR_NONE)
    return answer_page(authorization, error);
  if (authorization->stored.pushed == 0 &&
      (settings->config->push_required || authorization->target.client->push_required))
    error = ERR_PUSH_REQUIRED;
  else
    error = authorization_request_parse(authorization->arena, settings, &authorization->target,
                                        &authorization->request);
  if (error == ERR_NONE)
    error = own_page_refusal(authorization, settings);
  if (error == ERR_NONE)
    error = read_hint(authorization, settings);
  if (error == ERR_NO_MEMORY)
    return error;
  if (error != ERR_NONE)
    return answer_error(authorization, error);
  *ret_goes_on = true;
  return ERR_NONE;
}

error_code_t authorization_begin(authorization_t *authorization, const handoff_begin_t *message)
{
  const domain_settings_t *settings = domain_settings(authorization->domain);
  bool goes_on = false;
  authorization->native = message->native;
  error_code_t error = take_session(authorization, message->session);
  if (error == ERR_NONE)
    error = pushed_request_resolve(authorization->arena, authorization->domain, message->query,
                                   authorization->now_ms, &authorization->stored.query,
                                   &authorization->stored.pushed);
  if (error == ERR_PUSHED_REQUEST)
    return answer_page(authorization, error);
  if (error == ERR_NONE)
    error = read_query(authorization, settings, authorization->stored.query, &goes_on);
  if (error != ERR_NONE || !goes_on)
    return error;
  memcpy(authorization->stored.browser, message->browser, sizeof authorization->stored.browser);
  return judge(authorization, settings);
}

static error_code_t find_stored(authorization_t *authorization, const handoff_finish_t *message)
{
  uint8_t hash[32];
  if (reference_parse(&authorization->domain->reference_key, "request", message->handle, &authorization->row,
                      hash) != ERR_NONE)
    return ERR_HANDLE;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(authorization->domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = request_find(read.database, authorization->arena, authorization->row, hash,
                                    authorization->now_ms, &authorization->stored);
  if (error != ERR_NONE)
    return error;
  bool same_browser =
      secret_equal(bytes_of(authorization->stored.browser, 32), bytes_of(message->browser, 32));
  return same_browser ? ERR_NONE : ERR_HANDLE;
}

error_code_t authorization_finish(authorization_t *authorization, const handoff_finish_t *message)
{
  const domain_settings_t *settings = domain_settings(authorization->domain);
  error_code_t error = take_session(authorization, message->session);
  if (error == ERR_NONE)
    error = find_stored(authorization, message);
  if (error != ERR_NONE)
    return error == ERR_HANDLE ? answer_page(authorization, error) : error;
  authorization->was_stored = true;
  bool goes_on = false;
  error = read_query(authorization, settings, authorization->stored.query, &goes_on);
  if (error != ERR_NONE || !goes_on)
    return error; /* the configuration may have changed in between */
  if (message->declined)
    return answer_error(authorization, ERR_DECLINED);
  authorization->consented = message->consented;
  error = own_page_take(authorization, settings, message);
  if (error == ERR_OWN_PAGE)
    return answer_page(authorization, error);
  if (error == ERR_NONE)
    error = judge(authorization, settings);
  if (authorization->answer.outcome == HANDOFF_AUTHENTICATE)
    authorization->answer.handle = message->handle;
  return error;
}

/* --- after the job --- */

static error_code_t complete_code(authorization_t *authorization)
{
  const char *issuer = domain_settings(authorization->domain)->config->issuer;
  bytes_t code;
  error_code_t error = reference_build(authorization->arena, &authorization->domain->reference_key, "code",
                                       authorization->code_row, &authorization->secret, &code);
  if (error != ERR_NONE)
    return error;
  metrics_count(authorization->domain->metrics, METRIC_AUTHORIZATIONS, AUTHORIZATION_CODE);
  error = authorization_response_code(authorization->arena, issuer, &authorization->target, code,
                                      &authorization->answer);
  return error == ERR_NONE ? own_page_release(authorization) : error;
}

error_code_t authorization_complete(authorization_t *authorization)
{
  error_code_t outcome = authorization->durable.job.outcome;
  if (outcome == ERR_HANDLE || outcome == ERR_SESSION_ENDED || outcome == ERR_PUSHED_REQUEST)
    return answer_page(authorization, outcome);
  if (outcome == ERR_CONSENT_REQUIRED || outcome == ERR_UNMET_ACR) /* taken back in between */
    return answer_error(authorization, outcome);
  if (outcome != ERR_NONE)
    return outcome;
  if (authorization->apply == apply_code)
    return complete_code(authorization);
  if (authorization->apply == apply_store)
    return reference_build(authorization->arena, &authorization->domain->reference_key, "request",
                           authorization->row, &authorization->secret, &authorization->answer.handle);
  return ERR_NONE;
}

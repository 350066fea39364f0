/* grant_type=authorization_code: RFC 6749 §4.1.3 with PKCE (RFC 7636 §4.6), always. */
#include <string.h>

#include "audit/audit.h"
#include "authority/authorization_details.h"
#include "authority/durable.h"
#include "authority/reference.h"
#include "authority/refresh_token.h"
#include "authority/token_request.h"
#include "base/clock.h"
#include "crypto/hash.h"
#include "handoff/handoff.h"
#include "policy/decision.h"
#include "store/authority_logouts.h"

#define VERIFIER_MIN 43
#define VERIFIER_MAX 128

typedef struct redemption {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  code_presented_t presented;
  dpop_proof_t proof;
  confirmation_t binding; /* of its tokens */
  bytes_t asked_details;  /* RFC 9396 §6: some of what was granted */
  bool told_of_logout;    /* the client must learn when the session ends */
  code_outcome_t outcome;
} redemption_t;

static bool is_unreserved(uint8_t c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/* RFC 7636 §4.1. */
static bool verifier_is_valid(bytes_t verifier)
{
  if (verifier.len < VERIFIER_MIN || verifier.len > VERIFIER_MAX)
    return false;
  for (size_t i = 0; i < verifier.len; i++)
    if (!is_unreserved(verifier.data[i]))
      return false;
  return true;
}

static error_code_t verifier_hash(bytes_t verifier, uint8_t ret_challenge[32])
{
  sha256_t hash;
  memset(ret_challenge, 0, 32);
  if (!verifier_is_valid(verifier))
    return ERR_NONE; /* fits no challenge: the code is burned like any other wrong try */
  error_code_t error = hash_sha256(verifier, &hash);
  if (error == ERR_NONE)
    memcpy(ret_challenge, hash.bytes, sizeof hash.bytes);
  return error;
}

static error_code_t redemption_record(database_t *database, const redemption_t *redemption)
{
  static const char *const events[] = {[CODE_REDEEMED] = "code.redeemed",
                                       [CODE_MISMATCHED] = "code.mismatched",
                                       [CODE_REPLAYED] = "code.replayed"};
  const char *event = events[redemption->outcome.verdict];
  if (event == NULL)
    return ERR_NONE;
  const audit_event_t row = {.time_ms = redemption->presented.now_ms,
                             .event = event,
                             .actor = redemption->presented.client,
                             .subject = redemption->outcome.grant.subject,
                             .request = bytes_of_string(redemption->request_id)};
  return audit_append(database, &row);
}

/* The session may be renewed at other domains, of which this one does not hear: twice what it has left now.
 */
static int64_t receiver_end(int64_t session_expires_ms, int64_t now_ms)
{
  return session_expires_ms + (session_expires_ms - now_ms);
}

static error_code_t redemption_apply(database_t *database, store_job_t *job)
{
  redemption_t *redemption = (redemption_t *)job;
  error_code_t error = client_proof_spend(database, &redemption->proof);
  if (error == ERR_NONE)
    error = grant_redeem(database, redemption->arena, &redemption->presented, &redemption->outcome);
  const grant_t *grant = &redemption->outcome.grant;
  if (error == ERR_NONE && redemption->outcome.verdict == CODE_REDEEMED && redemption->told_of_logout)
    error = logout_receiver_put(database, grant->session, grant->client, grant->subject,
                                receiver_end(grant->session_expires_ms, redemption->presented.now_ms));
  return error == ERR_NONE ? redemption_record(database, redemption) : error;
}

/* Durable: from here on the tokens of a replayed code are dead everywhere. */
static void redemption_settle(durable_t *durable)
{
  const redemption_t *redemption = (const redemption_t *)durable;
  if (durable->job.outcome == ERR_NONE && redemption->outcome.verdict == CODE_REPLAYED)
    revocations_add(redemption->domain->revocations, redemption->outcome.grant.ref,
                    redemption->outcome.token_expires_ms);
}

static void reply_tokens(http_request_t *http, const redemption_t *redemption)
{
  const code_outcome_t *outcome = &redemption->outcome;
  token_answer_t answer = {.grant = outcome->grant,
                           .confirmation = redemption->binding,
                           .now_ms = redemption->presented.now_ms,
                           .expires_ms = outcome->token_expires_ms};
  const refresh_name_t first = {redemption->presented.row, 0, outcome->grant.ref};
  error_code_t error = authorization_details_narrow(redemption->arena, outcome->grant.details,
                                                    redemption->asked_details, &answer.grant.details);
  if (error == ERR_NONE && outcome->grant.refreshes)
    error = refresh_token_build(redemption->arena, &redemption->domain->refresh_key, &first,
                                &answer.refresh_token);
  if (error == ERR_NONE)
    token_reply(http, redemption->domain, &answer);
  else
    token_reply_error(http, error);
}

static void redemption_then(http_request_t *http, void *app)
{
  const redemption_t *redemption = http_request_state(http);
  const code_outcome_t *outcome = &redemption->outcome;
  metrics_t *metrics = redemption->domain->metrics;
  if (redemption->durable.job.outcome != ERR_NONE) {
    metrics_count(metrics, METRIC_TOKENS, TOKEN_REFUSED);
    token_reply_error(http, redemption->durable.job.outcome);
  } else if (outcome->verdict != CODE_REDEEMED) {
    metrics_count(metrics, METRIC_TOKENS, outcome->verdict == CODE_REPLAYED ? TOKEN_REPLAYED : TOKEN_REFUSED);
    token_reply_error(http, ERR_GRANT);
  } else {
    reply_tokens(http, redemption);
  }
}

static error_code_t redemption_begin(const token_request_t *request, const domain_settings_t *settings,
                                     redemption_t *redemption)
{
  arena_t *arena = http_request_arena(request->http);
  *redemption = (redemption_t){.durable = {.settle = redemption_settle},
                               .domain = request->domain,
                               .arena = arena,
                               .request_id = http_request_id(request->http),
                               .proof = request->proof,
                               .binding = client_binding(request),
                               .asked_details = http_form_get(request->form, "authorization_details"),
                               .told_of_logout = request->client->backchannel_logout_uri != NULL};
  code_presented_t *presented = &redemption->presented;
  presented->client = arena_copy(arena, bytes_of_string(request->client->id));
  presented->redirect_uri = http_form_get(request->form, "redirect_uri");
  if (presented->redirect_uri.len == 0 && request->client->first_party)
    presented->redirect_uri = BYTES_LITERAL(NATIVE_REDIRECT_URI); /* its request had none, either */
  presented->binds_refresh = request->client->public_client;      /* RFC 9449 §5: others prove themselves */
  presented->now_ms = clock_now_ms();
  presented->horizon_ms = presented->now_ms + CODE_LIFETIME_MS + POLICY_SKEW_MS;
  presented->token_lifetime_ms = settings->config->access_token_lifetime_ms;
  presented->refresh_idle_ms = settings->config->refresh_idle_ms;
  presented->refresh_absolute_ms = settings->config->refresh_absolute_ms;
  error_code_t error = confirmation_store(arena, &redemption->binding, &presented->confirmation);
  if (error != ERR_NONE)
    return error;
  bytes_t code = http_form_get(request->form, "code");
  if (code.len == 0)
    return ERR_MALFORMED;
  if (reference_parse(&request->domain->reference_key, "code", code, &presented->row, presented->hash) !=
      ERR_NONE)
    return ERR_GRANT;
  return verifier_hash(http_form_get(request->form, "code_verifier"), presented->challenge);
}

void grant_authorization_code(token_request_t *request, const domain_settings_t *settings)
{
  redemption_t *redemption = arena_alloc(http_request_arena(request->http), sizeof *redemption);
  error_code_t error = redemption != NULL ? redemption_begin(request, settings, redemption) : ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    metrics_count(request->domain->metrics, METRIC_TOKENS, TOKEN_REFUSED);
    token_reply_error(request->http, error);
    return;
  }
  durable_wait(request->http, request->domain->store, &redemption->durable, redemption_apply,
               redemption_then);
}

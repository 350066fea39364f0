/* grant_type=refresh_token: RFC 6749 §6, rotating as RFC 9700 §4.14.2 asks. */
#include "audit/audit.h"
#include "authority/authorization_request.h"
#include "authority/claims.h"
#include "authority/durable.h"
#include "authority/earned.h"
#include "authority/refresh_token.h"
#include "authority/token_request.h"
#include "base/clock.h"

typedef struct refreshing {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  refresh_presented_t presented;
  dpop_proof_t proof;
  confirmation_t binding; /* of its tokens */
  bytes_t asked_details,
      details;   /* RFC 9396 §6, the same of authorization details; and those of these tokens */
  bytes_t asked; /* scope: what these tokens shall carry; empty: all of the grant's */
  refresh_family_t family;
  error_code_t refusal; /* that leaves the family as it was */
  bytes_t scope;        /* of these tokens */
  int64_t expires_ms;
  bool stays; /* FAPI 2.0 §5.3.2.1: bound to who presents it, it does not rotate */
} refreshing_t;

/* --- the job --- */

/* RFC 6749 §6: no more than the grant has. It narrows these tokens, not the family. */
static error_code_t check_asked(bytes_t asked, bytes_t granted)
{
  for (bytes_t name = words_next(&asked); name.len > 0; name = words_next(&asked))
    if (!words_contain(granted, name))
      return ERR_SCOPE;
  return ERR_NONE;
}

/* What the policy says now, of the client as it is registered now. */
static error_code_t judge(refreshing_t *refreshing, const domain_settings_t *settings)
{
  const grant_t *grant = &refreshing->family.grant;
  const client_t *found = domain_find_client(settings, refreshing->presented.client);
  if (found == NULL || config_client_refresh_use(found->config) == REFRESH_NEVER)
    return ERR_REFRESH_TOKEN;
  const config_client_t *client = found->config;
  bool asked_for = words_contain(grant->scope, BYTES_LITERAL("offline_access"));
  if (config_client_refresh_use(client) == REFRESH_ON_REQUEST &&
      (!asked_for || !client_may_ask(client, BYTES_LITERAL("offline_access"))))
    return ERR_REFRESH_TOKEN;
  error_code_t error = check_asked(refreshing->asked, grant->scope);
  if (error != ERR_NONE)
    return error;
  bytes_t wanted = refreshing->asked.len > 0 ? refreshing->asked : grant->scope;
  bytes_t details;
  error = earned_scope(refreshing->arena, settings, client, grant, wanted, refreshing->presented.now_ms,
                       &refreshing->scope);
  if (error == ERR_NONE)
    error =
        earned_details(refreshing->arena, settings, client, grant, refreshing->presented.now_ms, &details);
  return error == ERR_NONE ? authorization_details_narrow(refreshing->arena, details,
                                                          refreshing->asked_details, &refreshing->details)
                           : error;
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* No token outlives the session, nor its family. */
static error_code_t go_on(database_t *database, refreshing_t *refreshing, const config_domain_t *config)
{
  const refresh_name_t *name = &refreshing->presented.name;
  refresh_family_t *family = &refreshing->family;
  int64_t now_ms = refreshing->presented.now_ms;
  int64_t end_ms = earlier(family->absolute_until_ms, family->grant.session_expires_ms);
  refreshing->expires_ms = earlier(now_ms + config->access_token_lifetime_ms, end_ms);
  if (family->verdict == REFRESH_REPEATED)
    return refresh_repeat(database, name, refreshing->expires_ms);
  const refresh_terms_t terms = {.now_ms = now_ms,
                                 .idle_until_ms =
                                     earlier(now_ms + config->refresh_idle_ms, family->absolute_until_ms),
                                 .tokens_until_ms = refreshing->expires_ms,
                                 .stays = config->fapi2};
  refreshing->stays = config->fapi2;
  return refresh_rotate(database, name, family, &terms);
}

static error_code_t record(database_t *database, const refreshing_t *refreshing)
{
  static const char *const events[] = {[REFRESH_MISMATCHED] = "refresh.mismatched",
                                       [REFRESH_REUSED] = "refresh.reused",
                                       [REFRESH_CURRENT] = "refresh.rotated",
                                       [REFRESH_REPEATED] = "refresh.repeated"};
  const char *event = events[refreshing->family.verdict];
  if (event == NULL)
    return ERR_NONE;
  const audit_event_t row = {.time_ms = refreshing->presented.now_ms,
                             .event = event,
                             .actor = refreshing->presented.client,
                             .subject = refreshing->family.grant.subject,
                             .request = bytes_of_string(refreshing->request_id)};
  return audit_append(database, &row);
}

static error_code_t refreshing_apply(database_t *database, store_job_t *job)
{
  refreshing_t *refreshing = (refreshing_t *)job;
  const domain_settings_t *settings = domain_settings(refreshing->domain);
  const refresh_presented_t *presented = &refreshing->presented;
  refreshing->refusal = ERR_REFRESH_TOKEN;
  error_code_t error = client_proof_spend(database, &refreshing->proof);
  if (error == ERR_NONE)
    error = refresh_find(database, refreshing->arena, presented, &refreshing->family);
  if (error != ERR_NONE)
    return error;
  refresh_verdict_t verdict = refreshing->family.verdict;
  if (verdict == REFRESH_REUSED)
    error = grant_revoke(database, presented->name.row, presented->now_ms);
  if (verdict == REFRESH_CURRENT || verdict == REFRESH_REPEATED) {
    refreshing->refusal = judge(refreshing, settings);
    if (refreshing->refusal != ERR_NONE)
      return ERR_NONE;
    error = go_on(database, refreshing, settings->config);
  }
  return error == ERR_NONE ? record(database, refreshing) : error;
}

/* Durable: from here on the family's access tokens are dead everywhere. */
static void refreshing_settle(durable_t *durable)
{
  const refreshing_t *refreshing = (const refreshing_t *)durable;
  if (durable->job.outcome == ERR_NONE && refreshing->family.verdict == REFRESH_REUSED)
    revocations_add(refreshing->domain->revocations, refreshing->family.grant.ref,
                    refreshing->family.tokens_until_ms);
}

/* --- the answer --- */

static void refuse(http_request_t *http, const domain_t *domain, error_code_t error, bool reused)
{
  metrics_count(domain->metrics, METRIC_TOKENS, reused ? TOKEN_REPLAYED : TOKEN_REFUSED);
  token_reply_error(http, error);
}

static void refreshing_then(http_request_t *http, void *app)
{
  const refreshing_t *refreshing = http_request_state(http);
  domain_t *domain = refreshing->domain;
  error_code_t error = refreshing->durable.job.outcome;
  bool reused = error == ERR_NONE && refreshing->family.verdict == REFRESH_REUSED;
  if (error == ERR_NONE)
    error = refreshing->refusal;
  token_answer_t answer = {.grant = refreshing->family.grant,
                           .confirmation = refreshing->binding,
                           .now_ms = refreshing->presented.now_ms,
                           .expires_ms = refreshing->expires_ms};
  answer.grant.scope = refreshing->scope;
  answer.grant.details = refreshing->details;
  answer.grant.nonce = BYTES_NONE; /* OpenID Connect Core §12.2 */
  refresh_name_t successor = refreshing->presented.name;
  successor.generation += refreshing->stays ? 0 : 1;
  if (error == ERR_NONE)
    error = refresh_token_build(refreshing->arena, &domain->refresh_key, &successor, &answer.refresh_token);
  if (error != ERR_NONE)
    refuse(http, domain, error, reused);
  else
    token_reply(http, domain, &answer);
}

static error_code_t refreshing_begin(const token_request_t *request, const domain_settings_t *settings,
                                     refreshing_t *refreshing)
{
  arena_t *arena = http_request_arena(request->http);
  *refreshing = (refreshing_t){.durable = {.settle = refreshing_settle},
                               .domain = request->domain,
                               .arena = arena,
                               .request_id = http_request_id(request->http),
                               .proof = request->proof,
                               .binding = client_binding(request),
                               .asked = http_form_get(request->form, "scope"),
                               .asked_details = http_form_get(request->form, "authorization_details")};
  refresh_presented_t *presented = &refreshing->presented;
  presented->client = arena_copy(arena, bytes_of_string(request->client->id));
  presented->now_ms = clock_now_ms();
  presented->grace_ms = settings->config->refresh_grace_ms;
  if (request->client->public_client) { /* RFC 9449 §5: others prove themselves */
    error_code_t failed = confirmation_store(arena, &refreshing->binding, &presented->confirmation);
    if (failed != ERR_NONE)
      return failed;
  }
  bytes_t token = http_form_get(request->form, "refresh_token");
  if (token.len == 0)
    return ERR_MALFORMED;
  error_code_t error = refresh_token_parse(&request->domain->refresh_key, token, &presented->name);
  return error == ERR_MALFORMED ? ERR_REFRESH_TOKEN : error;
}

void grant_refresh_token(token_request_t *request, const domain_settings_t *settings)
{
  refreshing_t *refreshing = arena_alloc(http_request_arena(request->http), sizeof *refreshing);
  error_code_t error = refreshing != NULL ? refreshing_begin(request, settings, refreshing) : ERR_NO_MEMORY;
  if (error != ERR_NONE)
    refuse(request->http, request->domain, error, false);
  else
    durable_wait(request->http, request->domain->store, &refreshing->durable, refreshing_apply,
                 refreshing_then);
}

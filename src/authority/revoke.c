/* Token revocation: RFC 7009. What is revoked is the grant, whichever of its tokens is shown: every refresh
 * and access token that came of it. */
#include "audit/audit.h"
#include "authority/access_token.h"
#include "authority/durable.h"
#include "authority/refresh_token.h"
#include "authority/token_request.h"
#include "base/clock.h"

typedef struct revoking {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  bytes_t client, session; /* session: of an access token; empty: a refresh token was shown */
  refresh_name_t name;     /* of an access token only the ref */
  int64_t now_ms;
  living_grant_t grant;
} revoking_t;

static error_code_t find_grant(database_t *database, revoking_t *revoking)
{
  if (revoking->session.len > 0)
    return grant_find_living(database, revoking->arena, revoking->session, revoking->name.ref,
                             &revoking->grant);
  return refresh_find_living(database, revoking->arena, &revoking->name, revoking->client, &revoking->grant);
}

static error_code_t revoking_apply(database_t *database, store_job_t *job)
{
  revoking_t *revoking = (revoking_t *)job;
  error_code_t error = find_grant(database, revoking);
  if (error != ERR_NONE || revoking->grant.row == 0)
    return error;
  error = grant_revoke(database, revoking->grant.row, revoking->now_ms);
  if (error != ERR_NONE)
    return error;
  const audit_event_t event = {.time_ms = revoking->now_ms,
                               .event = "grant.revoked",
                               .actor = revoking->client,
                               .subject = revoking->grant.subject,
                               .request = bytes_of_string(revoking->request_id)};
  return audit_append(database, &event);
}

/* Durable: from here on its access tokens are dead everywhere. */
static void revoking_settle(durable_t *durable)
{
  const revoking_t *revoking = (const revoking_t *)durable;
  if (durable->job.outcome == ERR_NONE && revoking->grant.row != 0)
    revocations_add(revoking->domain->revocations, revoking->name.ref, revoking->grant.tokens_until_ms);
}

/* §2.2: 200 also where there was nothing to revoke. */
static void reply_done(http_request_t *http)
{
  http_reply_header(http, "Pragma", "no-cache");
  http_reply_empty(http, 200);
}

static void revoking_then(http_request_t *http, void *app)
{
  const revoking_t *revoking = http_request_state(http);
  if (revoking->durable.job.outcome != ERR_NONE)
    token_reply_error(http, revoking->durable.job.outcome);
  else
    reply_done(http);
}

/* ERR_TOKEN: nothing of this client's. The hint is not needed: the kinds have different forms. */
static error_code_t read_token(revoking_t *revoking, bytes_t text)
{
  domain_t *domain = revoking->domain;
  if (text.len == 0)
    return ERR_MALFORMED;
  if (refresh_token_parse(&domain->refresh_key, text, &revoking->name) == ERR_NONE)
    return ERR_NONE;
  access_token_t token;
  error_code_t error = access_token_verify(revoking->arena, domain, text, revoking->now_ms, &token);
  if (error == ERR_NO_MEMORY || error == ERR_INTERNAL)
    return error;
  if (error != ERR_NONE)
    return ERR_TOKEN;
  revoking->session = token.session.len > 0 ? token.session : BYTES_LITERAL(GRANT_OF_NO_SESSION);
  revoking->name.ref = token.grant;
  return bytes_equal(token.client, revoking->client) ? ERR_NONE : ERR_TOKEN;
}

static error_code_t revoking_begin(const client_request_t *request, revoking_t *revoking)
{
  arena_t *arena = http_request_arena(request->http);
  *revoking = (revoking_t){.durable.settle = revoking_settle,
                           .domain = request->domain,
                           .arena = arena,
                           .request_id = http_request_id(request->http),
                           .now_ms = clock_now_ms(),
                           .client = arena_copy(arena, bytes_of_string(request->client->id))};
  if (revoking->client.len == 0)
    return ERR_NO_MEMORY;
  return read_token(revoking, http_form_get(request->form, "token"));
}

static void revoke_for(client_request_t *request, const domain_settings_t *settings, error_code_t outcome)
{
  revoking_t *revoking = arena_alloc(http_request_arena(request->http), sizeof *revoking);
  if (outcome == ERR_NONE)
    outcome = revoking != NULL ? revoking_begin(request, revoking) : ERR_NO_MEMORY;
  if (outcome == ERR_NONE)
    durable_wait(request->http, request->domain->store, &revoking->durable, revoking_apply, revoking_then);
  else if (outcome == ERR_TOKEN)
    reply_done(request->http);
  else
    token_reply_error(request->http, outcome);
}

void revocation_endpoint(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/revoke");
  if (domain == NULL)
    return;
  browser_origin_allow(http, domain_settings(domain));
  client_request_t *request;
  error_code_t error = client_request_read(http, domain, &request);
  if (error != ERR_NONE)
    token_reply_error(http, error);
  else
    client_authenticate(request, revoke_for);
}

void revocation_preflight(http_request_t *http, void *app)
{
  browser_preflight(http, app, "/revoke");
}

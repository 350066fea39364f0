/* grant_type=client_credentials: RFC 6749 §4.4. A client acts in its own name: nobody signed in, so the token
 * says nothing of a sign-in, and scopes that ask for one are never in it. */
#include <string.h>

#include "audit/audit.h"
#include "authority/authorization_details.h"
#include "authority/claims.h"
#include "authority/durable.h"
#include "authority/origin.h"
#include "authority/token_request.h"
#include "base/clock.h"

typedef struct issue {
  durable_t durable;
  domain_t *domain;
  const char *request_id;
  bool stored; /* the client is of the store, and may be removed before the job runs */
  grant_t grant;
  dpop_proof_t proof;
  confirmation_t binding; /* of its tokens */
  int64_t now_ms, expires_ms;
} issue_t;

static bool asks_for_nobody(const config_domain_t *domain, bytes_t name)
{
  const config_scope_t *scope = config_find_scope(domain, name);
  return scope != NULL && requirement_is_none(scope->requirement);
}

static void add_word(builder_t *words, bytes_t word)
{
  if (words_contain(builder_bytes(words), word))
    return;
  if (words->len > 0)
    builder_add_string(words, " ");
  builder_add(words, word);
}

/* RFC 6749 §3.3: nothing asked for is everything that the client may have. */
static error_code_t all_scopes(const config_domain_t *domain, const config_client_t *client, builder_t *given)
{
  for (size_t i = 0; i < client->scopes.count; i++) {
    bytes_t name = bytes_of_string(client->scopes.items[i]);
    if (asks_for_nobody(domain, name))
      add_word(given, name);
  }
  return given->len > 0 ? ERR_NONE : ERR_SCOPE_NEEDS_PERSON;
}

static error_code_t asked_scopes(const config_domain_t *domain, const config_client_t *client, bytes_t asked,
                                 builder_t *given)
{
  for (bytes_t name = words_next(&asked); name.len > 0; name = words_next(&asked)) {
    if (!text_list_contains(&client->scopes, name) || config_find_scope(domain, name) == NULL)
      return ERR_SCOPE;
    if (!asks_for_nobody(domain, name))
      return ERR_SCOPE_NEEDS_PERSON;
    add_word(given, name);
  }
  return given->len > 0 ? ERR_NONE : ERR_SCOPE;
}

static error_code_t choose_scope(const token_request_t *request, const config_domain_t *domain,
                                 bytes_t *ret_scope)
{
  const config_client_t *client = request->client;
  bytes_t asked = http_form_get(request->form, "scope");
  size_t room = asked.len + 1;
  for (size_t i = 0; i < client->scopes.count; i++)
    room += strlen(client->scopes.items[i]) + 1;
  builder_t given = arena_builder(http_request_arena(request->http), room);
  error_code_t error =
      asked.len > 0 ? asked_scopes(domain, client, asked, &given) : all_scopes(domain, client, &given);
  if (error == ERR_NONE)
    *ret_scope = builder_bytes(&given);
  return given.failed ? ERR_NO_MEMORY : error;
}

/* What asks for a person, or for a person's approval, is not a client's to have in its own name. */
static error_code_t choose_details(const token_request_t *request, const config_domain_t *domain,
                                   bytes_t *ret_details)
{
  authorization_details_t details;
  error_code_t error =
      authorization_details_parse(http_request_arena(request->http), domain, request->client,
                                  http_form_get(request->form, "authorization_details"), &details);
  if (error != ERR_NONE)
    return error;
  *ret_details = details.all;
  return details.bound || !requirement_is_none(details.requirement) ? ERR_AUTHORIZATION_DETAILS : ERR_NONE;
}

/* The row is there so that the token can be revoked like any other. */
static error_code_t issue_apply(database_t *database, store_job_t *job)
{
  const issue_t *issue = (const issue_t *)job;
  error_code_t error = client_proof_spend(database, &issue->proof);
  if (error == ERR_NONE && issue->stored)
    error = stored_client_check(database, issue->grant.client);
  if (error == ERR_NONE)
    error = grant_open_for_client(database, &issue->grant, issue->now_ms, issue->expires_ms);
  if (error != ERR_NONE)
    return error == ERR_NOT_FOUND ? ERR_CLIENT_AUTHENTICATION : error;
  const audit_event_t row = {.time_ms = issue->now_ms,
                             .event = "client.token",
                             .actor = issue->grant.client,
                             .subject = issue->grant.client,
                             .request = bytes_of_string(issue->request_id)};
  return audit_append(database, &row);
}

static void refuse(http_request_t *http, domain_t *domain, error_code_t error)
{
  metrics_count(domain->metrics, METRIC_TOKENS, TOKEN_REFUSED);
  token_reply_error(http, error);
}

static void issue_then(http_request_t *http, void *app)
{
  (void)app;
  const issue_t *issue = http_request_state(http);
  const token_answer_t answer = {.grant = issue->grant,
                                 .confirmation = issue->binding,
                                 .now_ms = issue->now_ms,
                                 .expires_ms = issue->expires_ms};
  if (issue->durable.job.outcome == ERR_NONE)
    token_reply(http, issue->domain, &answer);
  else
    refuse(http, issue->domain, issue->durable.job.outcome);
}

static error_code_t issue_begin(const token_request_t *request, const domain_settings_t *settings,
                                issue_t *issue)
{
  bytes_t client = arena_copy(http_request_arena(request->http), bytes_of_string(request->client->id));
  if (client.data == NULL)
    return ERR_NO_MEMORY;
  *issue = (issue_t){.domain = request->domain,
                     .request_id = http_request_id(request->http),
                     .stored = client_table_find(&settings->clients, client) == NULL,
                     .grant = {.client = client, .subject = client},
                     .proof = request->proof,
                     .binding = client_binding(request),
                     .now_ms = clock_now_ms()};
  issue->expires_ms = issue->now_ms + settings->config->access_token_lifetime_ms;
  random_fill(issue->grant.ref.bytes, sizeof issue->grant.ref.bytes);
  error_code_t error = choose_scope(request, settings->config, &issue->grant.scope);
  return error == ERR_NONE ? choose_details(request, settings->config, &issue->grant.details) : error;
}

void grant_client_credentials(token_request_t *request, const domain_settings_t *settings)
{
  issue_t *issue = arena_alloc(http_request_arena(request->http), sizeof *issue);
  error_code_t error = issue != NULL ? issue_begin(request, settings, issue) : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    durable_wait(request->http, request->domain->store, &issue->durable, issue_apply, issue_then);
  else
    refuse(request->http, request->domain, error);
}

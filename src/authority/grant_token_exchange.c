/* grant_type=token-exchange (RFC 8693) for internal tokens: a service, known by its platform's token, brings
 * the internal token that it was called with and gets one for the service that it will call, with what the
 * offer that it holds opens there; a batch job brings its platform's token alone and gets what is its own. No
 * store is touched. */
#include <string.h>

#include "authority/claims.h"
#include "authority/client_assertion.h"
#include "authority/exchanged_token.h"
#include "authority/token_request.h"
#include "authority/workload.h"
#include "base/clock.h"
#include "base/log.h"

#define URN "urn:ietf:params:oauth:token-type:"
#define TYPE_INTERNAL URN "txn_token"
#define TYPE_WORKLOAD URN "jwt"
#define SCOPE_MAX 4096

typedef struct exchange {
  token_request_t *request;
  arena_t *arena;
  const domain_settings_t *settings;
  int64_t now_ms;
  bool own; /* in the workload's own name */
  workload_t workload;
  exchanged_token_t token;
  next_hop_t hop;
  const char *reason; /* of a refusal, for the operator's log */
} exchange_t;

static bytes_t parameter(const exchange_t *exchange, const char *name)
{
  return http_form_get(exchange->request->form, name);
}

bool token_exchange_is_internal(const http_form_t *form)
{
  return bytes_equal_string(http_form_get(form, "requested_token_type"), TYPE_INTERNAL);
}

/* --- the steps --- */

/* RFC 8693 §2.1. Who acts is known by the workload's token: an actor_token could only contradict it. */
static error_code_t read_request(exchange_t *exchange)
{
  bytes_t type = parameter(exchange, "subject_token_type");
  exchange->own = bytes_equal_string(type, TYPE_WORKLOAD);
  if (parameter(exchange, "subject_token").len == 0 ||
      (!exchange->own && !bytes_equal_string(type, TYPE_INTERNAL)))
    return ERR_SUBJECT_TOKEN_TYPE;
  if (parameter(exchange, "actor_token").len > 0 || parameter(exchange, "actor_token_type").len > 0)
    return ERR_ACTOR_TOKEN;
  exchange->hop.target = parameter(exchange, "audience");
  return exchange->hop.target.len > 0 && parameter(exchange, "resource").len == 0 ? ERR_NONE : ERR_TARGET;
}

/* The token by which the caller is known: the assertion, or what a batch job speaks for itself with. */
static error_code_t find_workload_token(const exchange_t *exchange, bytes_t *ret_text)
{
  bytes_t assertion = parameter(exchange, "client_assertion");
  bytes_t subject = parameter(exchange, "subject_token");
  bytes_t authorization;
  if (http_request_header(exchange->request->http, "Authorization", &authorization) > 0 ||
      parameter(exchange, "client_secret").len > 0)
    return ERR_WORKLOAD;
  if (assertion.len == 0 && exchange->own && parameter(exchange, "client_assertion_type").len == 0) {
    *ret_text = subject;
    return ERR_NONE;
  }
  if (!bytes_equal_string(parameter(exchange, "client_assertion_type"), CLIENT_ASSERTION_TYPE) ||
      assertion.len == 0 || (exchange->own && !bytes_equal(assertion, subject)))
    return ERR_WORKLOAD;
  *ret_text = assertion;
  return ERR_NONE;
}

static error_code_t find_caller(exchange_t *exchange)
{
  bytes_t text = BYTES_NONE;
  bytes_t client = parameter(exchange, "client_id");
  error_code_t error = find_workload_token(exchange, &text);
  if (error != ERR_NONE) {
    exchange->reason = "the workload's token is not shown in the one way for it";
    return error;
  }
  error = workload_check(exchange->arena, exchange->request->domain, exchange->settings, text,
                         exchange->now_ms, &exchange->workload);
  exchange->reason = exchange->workload.reason;
  if (error == ERR_NONE && client.len > 0 && !bytes_equal_string(client, exchange->workload.service->id)) {
    exchange->reason = "client_id is another service's";
    error = ERR_WORKLOAD;
  }
  if (error == ERR_NONE)
    exchange->hop.requester = bytes_of_string(exchange->workload.service->id);
  return error;
}

static error_code_t find_subject(exchange_t *exchange)
{
  if (exchange->own)
    return exchanged_token_begin(exchange->arena, exchange->hop.requester, exchange->workload.expires_ms,
                                 &exchange->token);
  error_code_t error = exchanged_token_read(exchange->arena, exchange->request->domain, exchange->settings,
                                            parameter(exchange, "subject_token"), exchange->hop.requester,
                                            exchange->now_ms, &exchange->token);
  if (error == ERR_NONE && exchange->token.actor_count >= ACTOR_CHAIN_MAX) {
    exchange->reason = "the chain of services is too long";
    error = ERR_SUBJECT_TOKEN;
  }
  return error;
}

static void add_asks(builder_t *scope, const config_asks_t *asks, size_t count, bytes_t target)
{
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; bytes_equal_string(target, asks[i].service) && j < asks[i].scopes.count; j++)
      if (!words_contain(builder_bytes(scope), bytes_of_string(asks[i].scopes.items[j])))
        word_add(scope, bytes_of_string(asks[i].scopes.items[j]));
}

/* Of what is held, what the caller offers, and of that what it opens at the next service: nothing is asked
 * for that the graph does not say. */
static error_code_t find_scope(exchange_t *exchange)
{
  const config_service_t *service = exchange->workload.service;
  bytes_t held = exchange->token.scope;
  builder_t scope = arena_builder(exchange->arena, SCOPE_MAX);
  if (exchange->own)
    add_asks(&scope, service->own, service->own_count, exchange->hop.target);
  for (bytes_t name = words_next(&held); name.len > 0; name = words_next(&held)) {
    const config_offer_t *offer = config_find_offer(service, name);
    if (offer != NULL)
      add_asks(&scope, offer->asks, offer->ask_count, exchange->hop.target);
  }
  if (scope.failed)
    return ERR_NO_MEMORY;
  exchange->hop.scope = builder_bytes(&scope);
  return scope.len > 0 ? ERR_NONE : ERR_TARGET;
}

/* RFC 8693 §2.1: less may be asked for, never more. */
static error_code_t narrow_scope(exchange_t *exchange)
{
  bytes_t asked = parameter(exchange, "scope"), rest = asked;
  builder_t scope = arena_builder(exchange->arena, asked.len + 1);
  for (bytes_t name = words_next(&rest); name.len > 0; name = words_next(&rest)) {
    if (!words_contain(exchange->hop.scope, name))
      return ERR_EXCHANGE_SCOPE;
    if (!words_contain(builder_bytes(&scope), name))
      word_add(&scope, name);
  }
  if (scope.failed)
    return ERR_NO_MEMORY;
  if (scope.len > 0)
    exchange->hop.scope = builder_bytes(&scope);
  return ERR_NONE;
}

/* --- the answer --- */

static void refuse(const exchange_t *exchange, error_code_t error)
{
  const config_service_t *service = exchange->workload.service;
  log_event(LOG_INFO, "exchange.refused", LOG_TEXT("domain", exchange->request->domain->id.text),
            LOG_TEXT("service", service != NULL ? service->id : ""),
            LOG_TEXT("error", error_info(error)->slug),
            LOG_TEXT("reason", exchange->reason != NULL ? exchange->reason : ""),
            LOG_TEXT("request", http_request_id(exchange->request->http)));
  metrics_count(exchange->request->domain->metrics, METRIC_TOKENS, TOKEN_REFUSED);
  token_reply_error(exchange->request->http, error);
}

/* RFC 8693 §2.2.1: it is no access token, so its use is none of OAuth's (N_A). */
static void reply(const exchange_t *exchange)
{
  http_request_t *http = exchange->request->http;
  const signing_key_t *key = signing_keys_now(exchange->request->domain->keys)->current;
  bytes_t text;
  int64_t expires_ms;
  error_code_t error = exchanged_token_build(exchange->arena, exchange->settings, key, &exchange->token,
                                             &exchange->hop, exchange->now_ms, &text, &expires_ms);
  if (error != ERR_NONE) {
    refuse(exchange, error);
    return;
  }
  builder_t body = arena_builder(exchange->arena, 512 + text.len + 6 * exchange->hop.scope.len);
  builder_add_string(&body, "{\"access_token\":\"");
  builder_add(&body, text);
  builder_add_string(&body,
                     "\",\"issued_token_type\":\"" TYPE_INTERNAL "\",\"token_type\":\"N_A\",\"expires_in\":");
  builder_add_decimal(&body, (expires_ms - exchange->now_ms) / 1000);
  claim_add_text(&body, "scope", exchange->hop.scope);
  builder_add_u8(&body, '}');
  if (body.failed) {
    refuse(exchange, ERR_NO_MEMORY);
    return;
  }
  metrics_count(exchange->request->domain->metrics, METRIC_TOKENS, TOKEN_ISSUED);
  http_reply_header(http, "Pragma", "no-cache");
  http_reply_bytes(http, 200, "application/json", builder_bytes(&body));
}

static void go_on(http_request_t *http, void *app)
{
  (void)app;
  token_exchange_internal(http_request_state(http));
}

/* Once: what has not come by then is not to be had. */
static bool wait_for_keys(const exchange_t *exchange)
{
  token_request_t *request = exchange->request;
  if (!exchange->workload.awaits_keys || request->has_waited)
    return false;
  request->has_waited = true;
  const remote_address_t address = workload_keys_address(exchange->workload.issuer);
  remote_keys_wait(request->domain->remote_keys, &address, request->http, go_on, request);
  return true;
}

void token_exchange_internal(token_request_t *request)
{
  static error_code_t (*const steps[])(exchange_t *) = {read_request, find_caller, find_subject, find_scope,
                                                        narrow_scope};
  exchange_t exchange = {.request = request,
                         .arena = http_request_arena(request->http),
                         .settings = domain_settings(request->domain),
                         .now_ms = clock_now_ms()};
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < sizeof steps / sizeof *steps && error == ERR_NONE; i++)
    error = steps[i](&exchange);
  if (error == ERR_WORKLOAD_KEYS && wait_for_keys(&exchange))
    return;
  if (error != ERR_NONE)
    refuse(&exchange, error);
  else
    reply(&exchange);
}

/* Of clients that are registered for the grant. What they may exchange belongs to a later version. */
void grant_token_exchange(token_request_t *request, const domain_settings_t *settings)
{
  (void)settings;
  metrics_count(request->domain->metrics, METRIC_TOKENS, TOKEN_REFUSED);
  token_reply_error(request->http, ERR_REQUESTED_TOKEN_TYPE);
}

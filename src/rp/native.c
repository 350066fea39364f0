#include "rp/native.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "handoff/handoff.h"
#include "http/inner.h"
#include "rp/assertion.h"
#include "rp/authorize.h"
#include "rp/continue_handle.h"
#include "rp/continue_routes.h"
#include "rp/native_proof.h"
#include "rp/native_session.h"

#define REPLY_BASE_LENGTH 1024

typedef struct native_call {
  native_session_t session;
  const http_form_t *form;
  bytes_t continuation; /* what waits at the authority */
  bytes_t reason;       /* what /continue says of it, JSON */
} native_call_t;

/* --- answers --- */

static void reply_problem(const exchange_t *exchange, int status, bytes_t error, bytes_t description)
{
  builder_t builder = arena_builder(exchange->arena, REPLY_BASE_LENGTH + 6 * (error.len + description.len));
  builder_add_string(&builder, "{\"error\":");
  builder_add_json_string(&builder, error);
  builder_add_string(&builder, ",\"error_description\":");
  builder_add_json_string(&builder, description);
  builder_add_string(&builder, ",\"request_id\":");
  builder_add_json_string(&builder, bytes_of_string(http_request_id(exchange->request)));
  builder_add_string(&builder, "}");
  rp_reply_built(exchange, status, &builder);
}

static void refuse(const exchange_t *exchange, error_code_t code)
{
  const error_info_t *info = error_info(code);
  if (code == ERR_TOO_MANY)
    http_reply_header(exchange->request, "Retry-After", "60");
  log_event(LOG_INFO, "native.refused", LOG_TEXT("error", info->slug),
            LOG_TEXT("request", http_request_id(exchange->request)));
  reply_problem(exchange, info->http_status, bytes_of_string(info->oauth), bytes_of_string(info->sentence));
}

/* OAuth's name for one of ours. A challenge that is spent, late or another's is a sign-in that has failed. */
static bytes_t oauth_name(arena_t *arena, bytes_t slug)
{
  error_code_t code = error_find(arena_string(arena, slug));
  return bytes_of_string(error_info(code == ERR_CHALLENGE ? ERR_AUTHENTICATION : code)->oauth);
}

/* A step answered in FIDO's shape or a page's; the application gets its status, sentence and OAuth name. */
static void pass_on(const exchange_t *exchange)
{
  CLEANUP(json_drop) json_t *body = NULL;
  bytes_t error = BYTES_NONE, message = BYTES_NONE, description = BYTES_NONE;
  int status = http_inner_status(exchange->request);
  if (json_parse(http_inner_body(exchange->request), &body) != ERR_NONE ||
      json_get_text(body, "error", &error) != ERR_NONE ||
      json_get_text(body, "errorMessage", &message) != ERR_NONE ||
      json_get_text(body, "error_description", &description) != ERR_NONE || error.len == 0 || status < 400) {
    refuse(exchange, ERR_INTERNAL);
    return;
  }
  reply_problem(exchange, status, oauth_name(exchange->arena, error),
                message.len > 0 ? message : description);
}

/* --- the steps --- */

static void keep_cookie(void *context, bytes_t name, bytes_t value)
{
  (void)native_session_keep(context, name, value);
}

static native_call_t *call_after_step(http_request_t *request)
{
  native_call_t *call = http_request_state(request);
  http_inner_each_cookie(request, keep_cookie, &call->session);
  return call;
}

static void run_step(const exchange_t *exchange, native_call_t *call, bytes_t query, bytes_t body,
                     http_handler_t *handler, http_handler_t *then)
{
  const http_inner_t step = {
      .query = query, .body = body, .cookies = native_session_cookies(exchange->arena, &call->session)};
  http_inner_run(exchange->request, &step, handler, then, call);
}

static void after_authorize(http_request_t *request, void *app);

/* --- what is missing: a passkey --- */

/* {"error":"insufficient_authorization","auth_session":…,"passkey":{options},"request":{reason}} */
static void reply_challenge(const exchange_t *exchange, native_call_t *call, bytes_t options)
{
  bytes_t text;
  call->session.expires_ms = exchange->now_ms + CONTINUE_LIFETIME_MS;
  error_code_t error = native_session_seal(exchange->arena, &exchange->rp->keys, &call->session, &text);
  if (error != ERR_NONE) {
    refuse(exchange, error);
    return;
  }
  const error_info_t *info = error_info(ERR_NATIVE_PASSKEY);
  builder_t builder =
      arena_builder(exchange->arena, REPLY_BASE_LENGTH + text.len + options.len + call->reason.len);
  builder_add_string(&builder, "{\"error\":\"");
  builder_add_string(&builder, info->oauth);
  builder_add_string(&builder, "\",\"error_description\":\"");
  builder_add_string(&builder, info->sentence);
  builder_add_string(&builder, "\",\"auth_session\":\"");
  builder_add(&builder, text);
  builder_add_string(&builder, "\",\"expires_in\":");
  builder_add_decimal(&builder, CONTINUE_LIFETIME_MS / 1000);
  builder_add_string(&builder, ",\"passkey\":");
  builder_add(&builder, options);
  builder_add_string(&builder, ",\"request\":");
  builder_add(&builder, call->reason);
  builder_add_string(&builder, "}");
  rp_reply_built(exchange, info->http_status, &builder);
}

/* The platform's call takes PublicKeyCredentialRequestOptionsJSON, and nothing beside it. */
static bytes_t options_of(const exchange_t *exchange)
{
  CLEANUP(json_drop) json_t *body = NULL;
  bytes_t text = BYTES_NONE;
  if (json_parse(http_inner_body(exchange->request), &body) != ERR_NONE)
    return BYTES_NONE;
  json_object_del(body, "status");
  json_object_del(body, "errorMessage");
  return json_print(exchange->arena, body, &text) != NULL ? text : BYTES_NONE;
}

static void after_options(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  native_call_t *call = call_after_step(request);
  bytes_t options = http_inner_status(request) == 200 ? options_of(&exchange) : BYTES_NONE;
  if (options.len > 0)
    reply_challenge(&exchange, call, options);
  else
    pass_on(&exchange);
}

/* What an application shows for approval, it shows in the first of its ui_locales. */
static bool shows_japanese(bytes_t locales)
{
  return locales.len >= 2 && memcmp(locales.data, "ja", 2) == 0 &&
         (locales.len == 2 || locales.data[2] == '-' || locales.data[2] == ' ');
}

static bytes_t options_body(const exchange_t *exchange, const native_call_t *call)
{
  bytes_t username = http_form_get(call->form, "username");
  builder_t body = arena_builder(exchange->arena, 64 + call->continuation.len + 6 * username.len);
  builder_add_string(&body, "{\"continue\":");
  builder_add_json_string(&body, call->continuation);
  if (username.len > 0) {
    builder_add_string(&body, ",\"username\":");
    builder_add_json_string(&body, username);
  }
  if (shows_japanese(http_form_get(call->form, "ui_locales")))
    builder_add_string(&body, ",\"language\":\"ja\"");
  builder_add_string(&body, "}");
  return builder_bytes(&body);
}

static void after_reason(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  native_call_t *call = call_after_step(request);
  if (http_inner_status(request) != 200) {
    pass_on(&exchange);
    return;
  }
  call->reason = http_inner_body(request);
  run_step(&exchange, call, BYTES_NONE, options_body(&exchange, call), assertion_options_handle,
           after_options);
}

static void ask_reason(const exchange_t *exchange, native_call_t *call)
{
  builder_t query = arena_builder(exchange->arena, 16 + 3 * call->continuation.len);
  http_form_add(&query, BYTES_LITERAL("continue"), call->continuation);
  run_step(exchange, call, builder_bytes(&query), BYTES_NONE, continue_show_handle, after_reason);
}

/* --- where /authorize leads --- */

/* The session goes with the key alone: without one, the next step-up is a sign-in of its own. */
static void reply_code(const exchange_t *exchange, native_call_t *call, bytes_t code)
{
  bytes_t text = BYTES_NONE;
  if (call->session.thumbprint.len == 0)
    call->session.cookie_count = 0;
  call->session.expires_ms = exchange->now_ms + exchange->config->rp.session_absolute_ms;
  error_code_t error = call->session.cookie_count > 0
                           ? native_session_seal(exchange->arena, &exchange->rp->keys, &call->session, &text)
                           : ERR_NONE;
  if (error != ERR_NONE) {
    refuse(exchange, error);
    return;
  }
  builder_t builder = arena_builder(exchange->arena, REPLY_BASE_LENGTH + 6 * code.len + text.len);
  builder_add_string(&builder, "{\"authorization_code\":");
  builder_add_json_string(&builder, code);
  if (text.len > 0) {
    builder_add_string(&builder, ",\"auth_session\":\"");
    builder_add(&builder, text);
    builder_add_string(&builder, "\"");
  }
  builder_add_string(&builder, "}");
  rp_reply_built(exchange, 200, &builder);
}

/* The answer for the client: a code, or an error of the standard. */
static void reply_answer(const exchange_t *exchange, native_call_t *call, bytes_t query)
{
  http_form_t *answer = NULL;
  error_code_t error = http_form_parse(exchange->arena, query, &answer);
  if (error != ERR_NONE) {
    refuse(exchange, error);
    return;
  }
  bytes_t code = http_form_get(answer, "code");
  if (code.len > 0)
    reply_code(exchange, call, code);
  else
    reply_problem(exchange, 400, http_form_get(answer, "error"), http_form_get(answer, "error_description"));
}

static bool begins_with(bytes_t text, const char *prefix)
{
  bytes_t wanted = bytes_of_string(prefix);
  return text.len >= wanted.len && bytes_equal(bytes_of(text.data, wanted.len), wanted);
}

static bytes_t query_of(bytes_t address)
{
  const uint8_t *mark = address.len > 0 ? memchr(address.data, '?', address.len) : NULL;
  return mark == NULL ? BYTES_NONE : bytes_of(mark + 1, address.len - (size_t)(mark - address.data) - 1);
}

static bytes_t continuation_of(const exchange_t *exchange, bytes_t location)
{
  http_form_t *query = NULL;
  return http_form_parse(exchange->arena, query_of(location), &query) == ERR_NONE
             ? http_form_get(query, "continue")
             : BYTES_NONE;
}

static void after_authorize(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  native_call_t *call = call_after_step(request);
  bytes_t location = http_inner_location(request);
  if (http_inner_status(request) != 303) {
    pass_on(&exchange);
  } else if (begins_with(location, NATIVE_REDIRECT_URI)) {
    reply_answer(&exchange, call, query_of(location));
  } else if (begins_with(location, "/login?") || begins_with(location, "/step-up?")) {
    call->continuation = continuation_of(&exchange, location);
    ask_reason(&exchange, call);
  } else {
    refuse(&exchange, ERR_NATIVE_BROWSER); /* the person's word is needed on a page of ours */
  }
}

/* --- the passkey's answer --- */

static void after_result(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  native_call_t *call = call_after_step(request);
  CLEANUP(json_drop) json_t *body = NULL;
  bytes_t path = BYTES_NONE;
  if (http_inner_status(request) != 200 || json_parse(http_inner_body(request), &body) != ERR_NONE ||
      json_require_text(body, "redirect", &path) != ERR_NONE) {
    pass_on(&exchange);
    return;
  }
  bytes_t query = arena_copy(exchange.arena, query_of(path));
  run_step(&exchange, call, query, BYTES_NONE, authorize_handle, after_authorize);
}

/* --- the way in --- */

/* Those of an authorization request that an application may send; where the answer goes is not its to say. */
static bytes_t authorize_query(const exchange_t *exchange, const native_call_t *call)
{
  static const char *const names[] = {"scope",
                                      "code_challenge",
                                      "code_challenge_method",
                                      "nonce",
                                      "acr_values",
                                      "max_age",
                                      "prompt",
                                      "login_hint",
                                      "claims",
                                      "id_token_hint",
                                      "authorization_details",
                                      "ui_locales"};
  builder_t query = arena_builder(exchange->arena, 1024 + 3 * http_request_body(exchange->request).len);
  http_form_add(&query, BYTES_LITERAL("response_type"), BYTES_LITERAL("code"));
  http_form_add(&query, BYTES_LITERAL("client_id"), call->session.client);
  http_form_add(&query, BYTES_LITERAL("redirect_uri"), BYTES_LITERAL(NATIVE_REDIRECT_URI));
  http_form_add(&query, BYTES_LITERAL("dpop_jkt"), call->session.thumbprint);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    http_form_add(&query, bytes_of_string(names[i]), http_form_get(call->form, names[i]));
  return builder_bytes(&query);
}

/* As applications know the endpoint: at the first web origin, which is that of the pages. */
static bytes_t own_address(const exchange_t *exchange, const native_call_t *call)
{
  const text_list_t *origins = &exchange->config->rp.origins;
  for (size_t i = 0; i < origins->count; i++)
    if (strncmp(origins->items[i], "http", 4) == 0)
      return bytes_of_string(
          arena_format(exchange->arena, "%s/%s/challenge", origins->items[i], call->session.domain.text));
  return BYTES_NONE;
}

static error_code_t read_proof(const exchange_t *exchange, const native_call_t *call, bytes_t *ret_thumbprint)
{
  bytes_t text;
  const char *reason = NULL;
  size_t count = http_request_header(exchange->request, "DPoP", &text);
  *ret_thumbprint = BYTES_NONE;
  if (count == 0)
    return ERR_NONE;
  error_code_t error = count == 1 ? native_proof_check(exchange->arena, text, own_address(exchange, call),
                                                       exchange->now_ms, ret_thumbprint, &reason)
                                  : ERR_DPOP_PROOF;
  if (error == ERR_DPOP_PROOF)
    log_event(LOG_INFO, "native.proof_refused",
              LOG_TEXT("reason", reason != NULL ? reason : "there is more than one"),
              LOG_TEXT("request", http_request_id(exchange->request)));
  return error;
}

/* A browser has /authorize, and pages of others must not drive this. */
static bool is_browser(http_request_t *request)
{
  bytes_t value;
  return http_request_header(request, "Origin", &value) > 0 ||
         http_request_header(request, "Sec-Fetch-Site", &value) > 0;
}

/* The session that the application brings back, or a new one. */
static error_code_t take_session(const exchange_t *exchange, native_call_t *call)
{
  bytes_t thumbprint, text = http_form_get(call->form, "auth_session");
  bytes_t client = http_form_get(call->form, "client_id");
  error_code_t error = read_proof(exchange, call, &thumbprint);
  if (error != ERR_NONE)
    return error;
  domain_id_t domain = call->session.domain;
  if (text.len == 0 && http_form_get(call->form, "passkey_response").len > 0)
    return ERR_NATIVE_SESSION;
  if (text.len == 0) {
    call->session.client = client;
    call->session.thumbprint = thumbprint;
    return client.len > 0 ? ERR_NONE : ERR_MALFORMED;
  }
  error = native_session_open(exchange->arena, &exchange->rp->keys, text, exchange->now_ms, &call->session);
  if (error != ERR_NONE)
    return error;
  bool same = domain_id_equal(&call->session.domain, &domain) &&
              bytes_equal(call->session.thumbprint, thumbprint) &&
              (client.len == 0 || bytes_equal(call->session.client, client));
  return same ? ERR_NONE : ERR_NATIVE_SESSION;
}

static error_code_t call_begin(const exchange_t *exchange, native_call_t *call)
{
  http_form_t *form = NULL;
  const config_domain_t *domain =
      config_find_domain(exchange->config, http_request_segment(exchange->request, "domain"));
  if (domain == NULL)
    return ERR_NOT_FOUND;
  if (is_browser(exchange->request))
    return ERR_CROSS_SITE;
  call->session.domain = domain->id;
  error_code_t error = http_request_form(exchange->request, &form);
  call->form = form;
  return error == ERR_NONE ? take_session(exchange, call) : error;
}

void native_challenge_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  native_call_t *call = arena_alloc(exchange.arena, sizeof(*call));
  error_code_t error = call != NULL ? ERR_NONE : ERR_NO_MEMORY;
  if (error == ERR_NONE &&
      !rate_limit_take(exchange.rp->rate_limit, http_request_peer(request), clock_monotonic_ms()))
    error = ERR_TOO_MANY;
  if (error == ERR_NONE)
    error = call_begin(&exchange, call);
  if (error != ERR_NONE) {
    refuse(&exchange, error);
    return;
  }
  bytes_t answer = http_form_get(call->form, "passkey_response");
  if (answer.len == 0)
    run_step(&exchange, call, authorize_query(&exchange, call), BYTES_NONE, authorize_handle,
             after_authorize);
  else
    run_step(&exchange, call, BYTES_NONE, answer, assertion_result_handle, after_result);
}

/* The check as gateways ask it. Each form reads its own headers only, each exactly once, and answers only
 * statuses that the gateway understands (nginx: 2xx, 401, 403; anything else becomes its 500, which is closed
 * as well). */
#include "authority/check_routes.h"

#include "authority/check.h"
#include "authority/check_log.h"
#include "authority/client_certificate.h"
#include "authority/proof.h"
#include "authority/proof_spend.h"
#include "base/clock.h"

#define CHALLENGE_MAX 512

/* What a form of the check reads, and whether its gateway hands a redirect on to the browser. nginx knows 401
 * alone, and finds the address in the same header. */
typedef error_code_t read_call_t(http_request_t *request, check_call_t *call);

static error_code_t read_once(http_request_t *request, const char *name, bytes_t *ret_value)
{
  return http_request_header(request, name, ret_value) == 1 ? ERR_NONE : ERR_GATEWAY_HEADERS;
}

static error_code_t read_nginx(http_request_t *request, check_call_t *call)
{
  error_code_t code = read_once(request, "X-Original-Method", &call->method);
  return code != ERR_NONE ? code : read_once(request, "X-Original-URI", &call->target);
}

static error_code_t read_forwarded(http_request_t *request, check_call_t *call)
{
  error_code_t code = read_once(request, "X-Forwarded-Method", &call->method);
  return code != ERR_NONE ? code : read_once(request, "X-Forwarded-Uri", &call->target);
}

static error_code_t add_query(http_request_t *request, check_call_t *call)
{
  bytes_t query = http_request_raw_query(request);
  if (query.data == NULL)
    return ERR_NONE;
  builder_t target = arena_builder(http_request_arena(request), call->target.len + 1 + query.len);
  builder_add(&target, call->target);
  builder_add_u8(&target, '?');
  builder_add(&target, query);
  call->target = builder_bytes(&target);
  return target.failed ? ERR_NO_MEMORY : ERR_NONE;
}

/* Envoy sends the call's own method and puts its path behind ours: /{domain}/check/envoy/balance. Nothing
 * behind stands for "/", but not before a query: what would the upstream make of "?x"? */
static error_code_t read_envoy(http_request_t *request, check_call_t *call)
{
  bytes_t path = http_request_segment(request, "**");
  if (path.len == 0 && http_request_raw_query(request).data != NULL)
    return ERR_GATEWAY_HEADERS;
  call->method = http_request_method_text(request);
  call->target = path.len > 0 ? path : BYTES_LITERAL("/");
  return add_query(request, call);
}

static const struct verdict_row {
  int status;
  unsigned metric;
} verdict_rows[] = {
    [CHECK_PASS] = {200, CHECK_ALLOWED},
    [CHECK_NO_TOKEN] = {401, CHECK_UNAUTHENTICATED},
    [CHECK_INVALID_TOKEN] = {401, CHECK_UNAUTHENTICATED},
    [CHECK_NEEDS_STEP_UP] = {401, CHECK_STEP_UP},
    [CHECK_NEEDS_SCOPE] = {403, CHECK_FORBIDDEN},
    [CHECK_REFUSED] = {403, CHECK_FORBIDDEN},
    [CHECK_BROKEN] = {503, CHECK_FAILED},
};

/* 401 and 403 always say why and what to do. The sentences of the table hold no quotes. */
static const char *challenge_of(http_request_t *request, const check_answer_t *answer)
{
  const error_info_t *info = error_info(answer->cause);
  return answer->challenge != NULL
             ? answer->challenge
             : arena_format(http_request_arena(request), "Bearer error=\"%s\", error_description=\"%s\"",
                            info->oauth, info->sentence);
}

/* The product sees what the gateway copies from here: its own cookies. */
static bool pass_cookies(http_request_t *request, const domain_t *domain)
{
  const domain_settings_t *settings = domain_settings(domain);
  if (!settings->config->gateway_session)
    return true;
  const char *cookies = gateway_cookies_of_others(request, settings);
  if (cookies != NULL)
    http_reply_header(request, "Cookie", cookies);
  return cookies != NULL;
}

static void reply(http_request_t *request, domain_t *domain, const check_answer_t *answer, bool redirects)
{
  const struct verdict_row *row = &verdict_rows[answer->verdict];
  metrics_count(domain->metrics, METRIC_CHECKS, row->metric);
  if (answer->nonce != NULL)
    http_reply_header(request, "DPoP-Nonce", answer->nonce);
  if (answer->verdict == CHECK_PASS && !pass_cookies(request, domain)) {
    http_reply_empty(request, verdict_rows[CHECK_BROKEN].status);
    return;
  }
  if (answer->verdict == CHECK_PASS) {
    /* Set even when empty: a gateway that copies it overwrites what the client sent. */
    http_reply_header(request, "Txn-Token", answer->internal_token);
    http_reply_empty(request, row->status);
    return;
  }
  check_log_refusal(domain->check_log, domain, http_request_id(request), answer);
  const char *challenge = answer->verdict != CHECK_BROKEN ? challenge_of(request, answer) : NULL;
  if (challenge != NULL)
    http_reply_header(request, "WWW-Authenticate", challenge);
  if (answer->enter != NULL)
    http_reply_header(request, "Location", answer->enter);
  http_reply_empty(request, answer->enter != NULL && redirects ? 303 : row->status);
}

/* A pass that waits for its proof to be spent at all nodes. */
typedef struct spending {
  proof_spend_t spend; /* first: the request's state */
  domain_t *domain;
  check_answer_t answer;
  bool redirects;
} spending_t;

static const char *proof_challenge(http_request_t *request, error_code_t code)
{
  builder_t text = arena_builder(http_request_arena(request), CHALLENGE_MAX);
  challenge_begin(&text, true, error_info(code)->oauth, error_info(code)->sentence);
  builder_add_u8(&text, '\0');
  return text.failed ? NULL : (const char *)text.data;
}

static void spent_then(http_request_t *request, void *app)
{
  (void)app;
  spending_t *spending = http_request_state(request);
  check_answer_t *answer = &spending->answer;
  error_code_t code = proof_spend_outcome(&spending->spend);
  if (code != ERR_NONE) {
    answer->verdict = code == ERR_DPOP_PROOF ? CHECK_INVALID_TOKEN : CHECK_BROKEN;
    answer->cause = code;
    answer->internal_token = NULL;
    answer->challenge = code == ERR_DPOP_PROOF ? proof_challenge(request, code) : NULL;
  }
  reply(request, spending->domain, answer, spending->redirects);
}

static void spend_then_reply(http_request_t *request, domain_t *domain, const check_answer_t *answer,
                             bool redirects)
{
  spending_t *spending = arena_alloc(http_request_arena(request), sizeof *spending);
  if (spending == NULL) {
    reply(request, domain, &(check_answer_t){.verdict = CHECK_BROKEN, .cause = ERR_NO_MEMORY, .held = -1},
          redirects);
    return;
  }
  *spending =
      (spending_t){.spend.mark = answer->spent, .domain = domain, .answer = *answer, .redirects = redirects};
  proof_spend_wait(request, domain, &spending->spend, spent_then);
}

static void check(http_request_t *request, void *app, read_call_t *read_call, bool redirects)
{
  domain_t *domain = authority_domain_of_segment(app, request);
  if (domain == NULL)
    return;
  check_call_t call = {.authorization = BYTES_NONE};
  error_code_t code = read_call(request, &call);
  if (code == ERR_NONE && http_request_header(request, "Authorization", &call.authorization) > 1)
    code = ERR_GATEWAY_HEADERS; /* two credentials: which one would the upstream believe? */
  call.proof_count = http_request_header(request, "DPoP", &call.proof);
  client_certificate_t certificate;
  if (code == ERR_NONE)
    code = client_certificate_read(request, domain_settings(domain)->gateway_certificate, &certificate);
  if (code == ERR_NONE)
    call.certificate = certificate.key;
  if (domain_settings(domain)->config->gateway_session)
    browser_call_read(request, domain_settings(domain), &call.browser);
  check_answer_t answer = {.verdict = CHECK_REFUSED, .cause = code, .held = -1};
  if (code == ERR_NONE)
    answer = check_decide(http_request_arena(request), domain, &call, clock_now_ms());
  if (answer.verdict == CHECK_PASS && proof_spend_is_needed(domain, &answer.spent))
    spend_then_reply(request, domain, &answer, redirects);
  else
    reply(request, domain, &answer, redirects);
}

void check_nginx(http_request_t *request, void *app)
{
  check(request, app, read_nginx, false);
}

void check_forwarded(http_request_t *request, void *app)
{
  check(request, app, read_forwarded, true);
}

void check_envoy(http_request_t *request, void *app)
{
  check(request, app, read_envoy, true);
}

#include "authority/check.h"

#include "authority/internal_token.h"
#include "authority/proof.h"
#include "authority/request_path.h"
#include "authority/route_table.h"
#include "authority/session_use.h"
#include "authority/token_cache.h"

#define METHOD_MAX 16
#define CHALLENGE_MAX 3072 /* the longest list of scopes that the configuration takes, and more */

/* A call on its way through the checks. */
typedef struct checking {
  arena_t *arena;
  const domain_t *domain;
  const domain_settings_t *settings;
  const check_call_t *call;
  int64_t now_ms;
  const config_route_t *route;
  bytes_t path; /* of the target, as it was sent */
  presentation_t presentation;
  token_key_t key;
  access_token_t token;
  bool by_session; /* the credential is the cookie of a browser's session */
  bool judged;
  requirement_t wanted;
  decision_t decision;
  assertion_mark_t spent;
} checking_t;

static check_answer_t refuse(const checking_t *checking, check_verdict_t verdict, error_code_t cause,
                             const char *challenge)
{
  return (check_answer_t){
      .verdict = verdict, .cause = cause, .route = checking->route, .challenge = challenge};
}

static bool method_is_plain(bytes_t method)
{
  for (size_t i = 0; i < method.len; i++)
    if (method.data[i] < 'A' || method.data[i] > 'Z')
      return false;
  return method.len > 0 && method.len <= METHOD_MAX;
}

static error_code_t find_route(checking_t *checking)
{
  request_path_t path;
  if (!method_is_plain(checking->call->method))
    return ERR_ROUTE;
  error_code_t code = request_path_parse(checking->arena, checking->call->target, &path);
  if (code != ERR_NONE)
    return code;
  checking->path = path.raw;
  checking->route = route_table_match(checking->settings->config, checking->call->method, &path);
  return checking->route != NULL ? ERR_NONE : ERR_ROUTE;
}

/* The scheme of a challenge is that of the token. */
static builder_t challenge(const checking_t *checking, const char *error, const char *words)
{
  builder_t text = arena_builder(checking->arena, CHALLENGE_MAX);
  challenge_begin(&text,
                  checking->presentation.dpop || checking->token.confirmation.kind == CONFIRMATION_DPOP,
                  error, words);
  return text;
}

static const char *challenge_end(builder_t *text)
{
  builder_add_u8(text, '\0');
  return text->failed ? NULL : (const char *)text->data;
}

static check_answer_t need_scope(const checking_t *checking)
{
  const text_list_t *scopes = &checking->route->scopes;
  builder_t text = challenge(checking, "insufficient_scope", error_info(ERR_INSUFFICIENT_SCOPE)->sentence);
  for (size_t i = 0; i < scopes->count; i++) {
    builder_add_string(&text, i > 0 ? " " : ", scope=\"");
    builder_add_string(&text, scopes->items[i]);
  }
  builder_add_string(&text, scopes->count > 0 ? "\"" : "");
  return refuse(checking, CHECK_NEEDS_SCOPE, ERR_INSUFFICIENT_SCOPE, challenge_end(&text));
}

/* A route of no scopes is for whoever is signed in: what a client may do in its own name is only ever said by
 * scopes. */
static bool has_scopes(const checking_t *checking)
{
  const text_list_t *scopes = &checking->route->scopes;
  if (scopes->count == 0)
    return checking->token.session.len > 0;
  if (checking->by_session)
    return true; /* the person, and nobody to whom less was given */
  for (size_t i = 0; i < scopes->count; i++)
    if (!access_token_has_scope(&checking->token, bytes_of_string(scopes->items[i])))
      return false;
  return true;
}

/* What the challenge's max_age must be for /authorize to bring what is missing. It knows no kinds of
 * evidence: a sign-in that is fresh, but was made for another domain, would satisfy the same max_age once
 * more and lead back here, so a new one is asked for. */
static int64_t challenge_max_age(const checking_t *checking, const policy_context_t *context,
                                 requirement_t requirement)
{
  int64_t max_age_ms = requirement.max_age_ms;
  requirement.kind = EVIDENCE_ANY;
  decision_t decision = policy_decide_times(context, requirement, &checking->token.levels);
  return decision.verdict == VERDICT_SATISFIED ? 0 : max_age_ms;
}

/* RFC 9470 §3. The sentence has no quotes: names in the configuration cannot carry any. */
static const char *step_up_challenge(const checking_t *checking, const policy_context_t *context,
                                     requirement_t requirement, const decision_t *decision)
{
  const char *words = policy_explain(checking->arena, context, requirement, decision, "en");
  const level_table_t *levels = checking->settings->levels;
  builder_t text = challenge(checking, "insufficient_user_authentication",
                             words != NULL ? words : "A newer or stronger sign-in is needed.");
  if (requirement.level >= 0 && (size_t)requirement.level < levels->count) {
    builder_add_string(&text, ", acr_values=\"");
    builder_add_string(&text, levels->levels[requirement.level].name);
    builder_add_string(&text, "\"");
  }
  int64_t max_age_ms = challenge_max_age(checking, context, requirement);
  if (max_age_ms != MAX_AGE_NONE) {
    builder_add_string(&text, ", max_age=\"");
    builder_add_decimal(&text, max_age_ms / 1000);
    builder_add_string(&text, "\"");
  }
  return challenge_end(&text);
}

/* Short of memory there is no pass: without its token it would look like that of a public route. */
static check_answer_t pass(const checking_t *checking, bytes_t internal_token)
{
  const char *text = arena_string(checking->arena, internal_token);
  if (text == NULL)
    return refuse(checking, CHECK_BROKEN, ERR_NO_MEMORY, NULL);
  return (check_answer_t){.verdict = CHECK_PASS, .route = checking->route, .internal_token = text};
}

/* An internal token names its method: on a route for any method it is never used again. */
static check_answer_t mint(checking_t *checking)
{
  const config_domain_t *config = checking->settings->config;
  token_cache_t *cache = checking->domain->token_cache;
  reuse_key_t use = {checking->route, bytes_equal_string(checking->call->method, "HEAD")};
  bool reuse = config->internal_reuse_ms > 0 && checking->route->method[0] != '*';
  bytes_t text;
  if (reuse && token_cache_get_internal(cache, &checking->key, use,
                                        checking->now_ms - config->internal_reuse_ms, checking->arena, &text))
    return pass(checking, text);
  const key_set_t *keys = signing_keys_now(checking->domain->keys);
  internal_grant_t grant = {checking->route, checking->call->method};
  error_code_t code = internal_token_build(checking->arena, checking->settings, keys->current,
                                           &checking->token, grant, checking->now_ms, &text);
  if (code != ERR_NONE)
    return refuse(checking, CHECK_BROKEN, code, NULL);
  if (reuse)
    token_cache_put_internal(cache, &checking->key, use, checking->now_ms, text);
  return pass(checking, text);
}

static bool is_of_session(const access_token_t *token)
{
  return bytes_equal_string(token->client, GATEWAY_SESSION_CLIENT);
}

/* The cookie's session, alive and not idle. */
static error_code_t open_session(checking_t *checking, access_token_t *ret_token)
{
  bytes_t text;
  token_key_t key;
  error_code_t code =
      gateway_session_open(checking->arena, checking->domain, checking->call->browser.cookie, &text);
  if (code == ERR_NONE)
    code = token_cache_accept(checking->domain, checking->settings, text, checking->now_ms, checking->arena,
                              &key, ret_token);
  if (code != ERR_NONE)
    return code;
  if (!is_of_session(ret_token) ||
      !session_use_touch(checking->domain->session_use, ret_token->grant, ret_token->issued_ms,
                         checking->settings->config->session_idle_ms, checking->now_ms))
    return ERR_TOKEN;
  checking->key = key;
  return ERR_NONE;
}

/* A cookie comes along whoever asks the browser for the call, so who asked must be the product itself. */
static error_code_t accept_session(checking_t *checking)
{
  const check_call_t *call = checking->call;
  if (!browser_call_is_own(checking->settings, &call->browser, call->method))
    return ERR_CROSS_SITE;
  checking->by_session = true;
  return open_session(checking, &checking->token);
}

/* A session that is over says nothing against the token beside it; one of another sign-in does. */
static error_code_t check_contradiction(const checking_t *checking)
{
  access_token_t beside;
  checking_t other = *checking;
  if (checking->call->browser.cookie_count == 0)
    return ERR_NONE;
  error_code_t code = open_session(&other, &beside);
  if (code == ERR_NO_MEMORY || code == ERR_INTERNAL)
    return code;
  bool same = code != ERR_NONE || (bytes_equal(beside.subject, checking->token.subject) &&
                                   bytes_equal(beside.session, checking->token.session));
  return same ? ERR_NONE : ERR_CREDENTIALS_DIFFER;
}

/* The token is good, and whoever sends it holds what it is bound to. */
static error_code_t accept_token(checking_t *checking)
{
  const check_call_t *call = checking->call;
  if (!presentation_parse(call->authorization, &checking->presentation))
    return ERR_TOKEN;
  error_code_t code = token_cache_accept(checking->domain, checking->settings, checking->presentation.token,
                                         checking->now_ms, checking->arena, &checking->key, &checking->token);
  if (code == ERR_NONE && is_of_session(&checking->token))
    return ERR_TOKEN; /* only ever within its seal */
  if (code == ERR_NONE)
    code = check_contradiction(checking);
  if (code != ERR_NONE ||
      (checking->token.confirmation.kind == CONFIRMATION_NONE && !checking->presentation.dpop))
    return code;
  const char *origin = checking->settings->config->external_url;
  bytes_t path = checking->path;
  builder_t address =
      arena_builder(checking->arena, bytes_of_string(origin != NULL ? origin : "").len + path.len);
  builder_add_string(&address, origin != NULL ? origin : "");
  builder_add(&address, path);
  if (address.failed)
    return ERR_NO_MEMORY;
  const presented_request_t request = {.method = call->method,
                                       .address = builder_bytes(&address),
                                       .proof = call->proof,
                                       .proof_count = call->proof_count,
                                       .certificate = call->certificate,
                                       .now_ms = checking->now_ms};
  return proof_check(checking->arena, checking->domain, checking->settings, &checking->presentation,
                     &checking->token, &request, &checking->spent);
}

static check_answer_t refuse_token(const checking_t *checking, error_code_t code)
{
  if (code == ERR_NO_MEMORY || code == ERR_INTERNAL || code == ERR_TOO_MANY || code == ERR_UNAVAILABLE)
    return refuse(checking, CHECK_BROKEN, code, NULL);
  if (code == ERR_CROSS_SITE || code == ERR_CREDENTIALS_DIFFER)
    return refuse(checking, CHECK_REFUSED, code, NULL);
  builder_t text =
      challenge(checking, error_info(code)->oauth,
                code == ERR_TOKEN ? "The access token is not valid here or has ended; get a new one."
                                  : error_info(code)->sentence);
  return refuse(checking, CHECK_INVALID_TOKEN, code, challenge_end(&text));
}

static check_answer_t decide(checking_t *checking)
{
  error_code_t code = find_route(checking);
  if (code != ERR_NONE)
    return refuse(checking, code == ERR_NO_MEMORY ? CHECK_BROKEN : CHECK_REFUSED, code, NULL);
  if (checking->call->browser.cookie_count > 1)
    return refuse(checking, CHECK_REFUSED, ERR_GATEWAY_HEADERS, NULL); /* whose would the session be? */
  if (checking->route->public_route)
    return pass(checking, BYTES_LITERAL(""));
  bool by_token = checking->call->authorization.len > 0;
  if (!by_token && checking->call->browser.cookie_count == 0)
    return refuse(checking, CHECK_NO_TOKEN, ERR_TOKEN, "Bearer");
  code = by_token ? accept_token(checking) : accept_session(checking);
  if (code != ERR_NONE)
    return refuse_token(checking, code);
  if (!has_scopes(checking))
    return need_scope(checking);
  const policy_context_t context = {
      .levels = checking->settings->levels, .domain = checking->settings->id, .now_ms = checking->now_ms};
  requirement_t requirement = route_requirement(checking->settings->config, checking->route);
  decision_t decision = policy_decide_times(&context, requirement, &checking->token.levels);
  checking->judged = true;
  checking->wanted = requirement;
  checking->decision = decision;
  if (decision.verdict != VERDICT_SATISFIED)
    return refuse(checking, CHECK_NEEDS_STEP_UP, ERR_STEP_UP,
                  step_up_challenge(checking, &context, requirement, &decision));
  return mint(checking);
}

/* Of what is missing, the login page asks the same as the challenge. */
static const char *enter_address(const checking_t *checking, check_verdict_t verdict)
{
  const check_call_t *call = checking->call;
  bool helps = verdict == CHECK_NO_TOKEN || verdict == CHECK_INVALID_TOKEN || verdict == CHECK_NEEDS_STEP_UP;
  if (!helps || !call->browser.navigates || call->authorization.len > 0)
    return NULL;
  const policy_context_t context = {
      .levels = checking->settings->levels, .domain = checking->settings->id, .now_ms = checking->now_ms};
  requirement_t requirement = route_requirement(checking->settings->config, checking->route);
  const level_table_t *levels = checking->settings->levels;
  bool named = requirement.level >= 0 && (size_t)requirement.level < levels->count;
  const gateway_wanted_t wanted = {named ? levels->levels[requirement.level].name : NULL,
                                   verdict == CHECK_NEEDS_STEP_UP
                                       ? challenge_max_age(checking, &context, requirement)
                                       : requirement.max_age_ms};
  return gateway_enter_address(checking->arena, checking->settings, call->method, call->target,
                               call->browser.referer, &wanted);
}

/* What the log says in the terms of `policy explain`. */
static void tell(const checking_t *checking, check_answer_t *answer)
{
  answer->client = checking->token.client;
  answer->judged = checking->judged;
  answer->wanted = checking->wanted;
  answer->decision = checking->decision;
  answer->held = -1;
  const level_times_t *held = &checking->token.levels;
  for (size_t i = 0; i < checking->settings->levels->count; i++)
    if (held->time_ms[i][EVIDENCE_ANY] > 0)
      answer->held = (int)i;
}

check_answer_t check_decide(arena_t *arena, const domain_t *domain, const check_call_t *call, int64_t now_ms)
{
  checking_t checking = {
      .arena = arena, .domain = domain, .settings = domain_settings(domain), .call = call, .now_ms = now_ms};
  check_answer_t answer = decide(&checking);
  tell(&checking, &answer);
  answer.enter = enter_address(&checking, answer.verdict);
  if (checking.presentation.dpop)
    answer.nonce = proof_nonce(arena, domain, now_ms);
  answer.spent = checking.spent;
  return answer;
}

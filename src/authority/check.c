#include "authority/check.h"

#include <strings.h>

#include "authority/internal_token.h"
#include "authority/request_path.h"
#include "authority/route_table.h"
#include "authority/token_cache.h"

#define METHOD_MAX 16
#define TOKEN_MAX 8192
#define CHALLENGE_MAX 3072 /* the longest list of scopes that the configuration takes, and more */

/* A call on its way through the checks. */
typedef struct checking {
  arena_t *arena;
  domain_t *domain;
  const domain_settings_t *settings;
  const check_call_t *call;
  int64_t now_ms;
  const config_route_t *route;
  token_key_t key;
  access_token_t token;
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
  checking->route = route_table_match(checking->settings->config, checking->call->method, &path);
  return checking->route != NULL ? ERR_NONE : ERR_ROUTE;
}

/* The scheme has no case (RFC 9110 §11.1); the token is one word. */
static bool bearer_token(bytes_t authorization, bytes_t *ret_token)
{
  static const char scheme[] = "Bearer ";
  const size_t len = sizeof(scheme) - 1;
  if (authorization.len <= len || authorization.len > TOKEN_MAX ||
      strncasecmp((const char *)authorization.data, scheme, len) != 0)
    return false;
  *ret_token = bytes_of(authorization.data + len, authorization.len - len);
  return true;
}

static check_answer_t need_scope(const checking_t *checking)
{
  const text_list_t *scopes = &checking->route->scopes;
  builder_t text = arena_builder(checking->arena, CHALLENGE_MAX);
  builder_add_string(&text, "Bearer error=\"insufficient_scope\", error_description=\"");
  builder_add_string(&text, error_info(ERR_INSUFFICIENT_SCOPE)->sentence);
  for (size_t i = 0; i < scopes->count; i++) {
    builder_add_string(&text, i > 0 ? " " : "\", scope=\"");
    builder_add_string(&text, scopes->items[i]);
  }
  builder_add_string(&text, "\"");
  builder_add_u8(&text, '\0');
  return refuse(checking, CHECK_NEEDS_SCOPE, ERR_INSUFFICIENT_SCOPE,
                text.failed ? NULL : (const char *)text.data);
}

/* A route of no scopes is for whoever is signed in: what a client may do in its own name is only ever said by
 * scopes. */
static bool has_scopes(const checking_t *checking)
{
  const text_list_t *scopes = &checking->route->scopes;
  if (scopes->count == 0)
    return checking->token.session.len > 0;
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
  builder_t text = arena_builder(checking->arena, CHALLENGE_MAX);
  builder_add_string(&text, "Bearer error=\"insufficient_user_authentication\", error_description=\"");
  builder_add_string(&text, words != NULL ? words : "A newer or stronger sign-in is needed.");
  builder_add_string(&text, "\"");
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
  builder_add_u8(&text, '\0');
  return text.failed ? NULL : (const char *)text.data;
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

check_answer_t check_decide(arena_t *arena, domain_t *domain, const check_call_t *call, int64_t now_ms)
{
  checking_t checking = {
      .arena = arena, .domain = domain, .settings = domain_settings(domain), .call = call, .now_ms = now_ms};
  error_code_t code = find_route(&checking);
  if (code != ERR_NONE)
    return refuse(&checking, code == ERR_NO_MEMORY ? CHECK_BROKEN : CHECK_REFUSED, code, NULL);
  if (checking.route->public_route)
    return pass(&checking, BYTES_LITERAL(""));
  bytes_t text;
  if (call->authorization.len == 0)
    return refuse(&checking, CHECK_NO_TOKEN, ERR_TOKEN, "Bearer");
  if (!bearer_token(call->authorization, &text))
    return refuse(&checking, CHECK_INVALID_TOKEN, ERR_TOKEN, NULL);
  code = token_cache_accept(domain, checking.settings, text, now_ms, arena, &checking.key, &checking.token);
  if (code == ERR_NO_MEMORY || code == ERR_INTERNAL)
    return refuse(&checking, CHECK_BROKEN, code, NULL);
  if (code != ERR_NONE)
    return refuse(
        &checking, CHECK_INVALID_TOKEN, code,
        "Bearer error=\"invalid_token\", error_description=\"The access token is not valid here or has "
        "ended; get a new one.\"");
  if (!has_scopes(&checking))
    return need_scope(&checking);
  const policy_context_t context = {
      .levels = checking.settings->levels, .domain = checking.settings->id, .now_ms = now_ms};
  requirement_t requirement = route_requirement(checking.settings->config, checking.route);
  decision_t decision = policy_decide_times(&context, requirement, &checking.token.levels);
  if (decision.verdict != VERDICT_SATISFIED)
    return refuse(&checking, CHECK_NEEDS_STEP_UP, ERR_STEP_UP,
                  step_up_challenge(&checking, &context, requirement, &decision));
  return mint(&checking);
}

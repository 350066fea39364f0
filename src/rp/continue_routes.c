#include "rp/continue_routes.h"

#include "rp/asked.h"
#include "rp/scope_titles.h"
#include "rp/session.h"

#define REPLY_BASE_LENGTH 2048

static void add_text_member(builder_t *builder, const char *name, bytes_t text)
{
  builder_add_string(builder, ",\"");
  builder_add_string(builder, name);
  builder_add_string(builder, "\":");
  builder_add_json_string(builder, text);
}

/* In words, one a line; and whether they are to be approved by a signature of their own. */
static void write_details(builder_t *builder, const continue_handle_t *handle)
{
  if (handle->details_en.len == 0)
    return;
  builder_add_string(builder, ",\"details\":{\"en\":");
  builder_add_json_string(builder, handle->details_en);
  add_text_member(builder, "ja", handle->details_ja);
  builder_add_string(builder, handle->statement_en.len > 0 ? "},\"approval\":true" : "},\"approval\":false");
}

static void write_requirement(const exchange_t *exchange, builder_t *builder, requirement_t requirement)
{
  const level_table_t *levels = &exchange->config->levels;
  builder_add_string(builder, ",\"requirement\":{\"acr\":");
  if (requirement.level >= 0 && (size_t)requirement.level < levels->count)
    builder_add_json_string(builder, bytes_of_string(levels->levels[requirement.level].name));
  else
    builder_add_string(builder, "null");
  builder_add_string(builder, ",\"max_age\":");
  if (requirement.this_request)
    builder_add_string(builder, "0");
  else if (requirement.max_age_ms != MAX_AGE_NONE)
    builder_add_decimal(builder, requirement.max_age_ms / 1000);
  else
    builder_add_string(builder, "null");
  builder_add_string(builder, "}");
}

/* As far as the login server can judge, and what the domain alone knew when it asked: its authenticators. */
static void write_reason(const exchange_t *exchange, builder_t *builder, const continue_handle_t *handle,
                         const session_t *session)
{
  policy_context_t context = session_policy(exchange, &handle->ref.domain, handle->ref.request);
  if (handle->domain_name.len > 0)
    context.domain_name = arena_string(exchange->arena, handle->domain_name);
  evidence_set_t facts = {.count = 0};
  if (session != NULL)
    evidence_record_facts(&session->evidence, &facts);
  decision_t decision = policy_decide(&context, handle->ref.requirement, &facts);
  if (handle->authenticator_refused && decision.basis != NULL && decision.verdict != VERDICT_DENIED) {
    decision.verdict = VERDICT_STEP_UP;
    decision.shortfall = SHORTFALL_AUTHENTICATOR;
  }
  builder_add_string(builder, ",\"shortfall\":\"");
  builder_add_string(builder, shortfall_name(decision.shortfall));
  builder_add_string(builder, "\",\"reason\":{\"en\":");
  builder_add_json_string(builder, bytes_of_string(policy_explain(exchange->arena, &context,
                                                                  handle->ref.requirement, &decision, "en")));
  add_text_member(
      builder, "ja",
      bytes_of_string(policy_explain(exchange->arena, &context, handle->ref.requirement, &decision, "ja")));
  builder_add_string(builder, "}");
}

static void reply(const exchange_t *exchange, const continue_handle_t *handle, const session_t *session)
{
  size_t texts = handle->client_name.len + handle->domain_name.len + handle->login_hint.len +
                 handle->details_en.len + handle->details_ja.len + handle->client_host.len +
                 handle->scope_titles_en.len + handle->scope_titles_ja.len;
  builder_t builder = arena_builder(exchange->arena, REPLY_BASE_LENGTH + SCOPE_TITLES_ROOM * texts);
  builder_add_string(&builder, "{\"domain\":");
  builder_add_json_string(&builder, bytes_of_string(handle->ref.domain.text));
  add_text_member(&builder, "domain_name", handle->domain_name);
  add_text_member(&builder, "client_name", handle->client_name);
  builder_add_string(&builder, ",\"scopes\":");
  scope_titles_write(&builder, handle->scope_titles_en, handle->scope_titles_ja);
  write_details(&builder, handle);
  write_requirement(exchange, &builder, handle->ref.requirement);
  write_reason(exchange, &builder, handle, session);
  add_text_member(&builder, "login_hint", handle->login_hint);
  if (handle->consent)
    add_text_member(&builder, "client_host", handle->client_host);
  builder_add_string(&builder, handle->consent ? ",\"consent\":true" : ",\"consent\":false");
  builder_add_string(&builder,
                     handle->select_account ? ",\"select_account\":true" : ",\"select_account\":false");
  if (session != NULL)
    add_text_member(&builder, "username", session->owner.username);
  else
    builder_add_string(&builder, ",\"username\":null");
  builder_add_string(&builder, "}");
  rp_reply_built(exchange, 200, &builder);
}

void continue_show_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  http_form_t *query = NULL;
  const continue_handle_t *handle = NULL;
  const session_t *session = NULL;
  error_code_t error = http_request_query(request, &query);
  if (error == ERR_NONE)
    error = asked_continue(&exchange, http_form_get(query, "continue"), &handle);
  if (error == ERR_NONE)
    error = session_find_any(&exchange, &session);
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    reply(&exchange, handle, session);
}

/* What the person said is sealed into the way back. The authority hears of it when the browser gets there: so
 * its answer may be a redirect or a form. */
static void reply_path(const exchange_t *exchange, const continue_handle_t *word)
{
  bytes_t path;
  error_code_t error = asked_continue_path(exchange, word, &path);
  if (error != ERR_NONE) {
    rp_refuse(exchange, error);
    return;
  }
  builder_t builder = arena_builder(exchange->arena, 128 + path.len);
  builder_add_string(&builder, "{\"status\":\"ok\",\"errorMessage\":\"\",\"redirect\":\"");
  builder_add(&builder, path);
  builder_add_string(&builder, "\"}");
  rp_reply_built(exchange, 200, &builder);
}

static error_code_t read_handle(const exchange_t *exchange, const continue_handle_t **ret_handle)
{
  json_t *body = NULL;
  error_code_t error = http_request_json(exchange->request, &body);
  if (error == ERR_NONE)
    error = asked_continue_member(exchange, body, ret_handle);
  return error == ERR_NONE && *ret_handle == NULL ? ERR_CONTINUE : error;
}

void continue_decline_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const continue_handle_t *handle = NULL;
  error_code_t error = read_handle(&exchange, &handle);
  if (error == ERR_NONE)
    reply_path(&exchange, &(continue_handle_t){.ref = handle->ref, .declined = true});
  else
    rp_refuse(&exchange, error);
}

/* Only where it was asked, and for the account that is signed in: another one in the same browser has not
 * said it. */
void continue_allow_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const continue_handle_t *handle = NULL;
  const session_t *session = NULL;
  error_code_t error = read_handle(&exchange, &handle);
  if (error == ERR_NONE && !handle->consent)
    error = ERR_CONTINUE;
  if (error == ERR_NONE)
    error = session_find(&exchange, &session);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  const bytes_t person = bytes_of(session->owner.user_handle, sizeof session->owner.user_handle);
  reply_path(&exchange, &(continue_handle_t){.ref = handle->ref,
                                             .consented_by = person,
                                             .touch = handle->touch,
                                             .touched = handle->touched});
}

#include "authority/end_session.h"

#include "authority/authority.h"
#include "authority/authorization_request.h"
#include "authority/authorization_response.h"
#include "authority/id_token.h"
#include "authority/origin.h"
#include "base/log.h"
#include "base/text.h"
#include "handoff/logout.h"

#define PARAMETERS_MAX 8192 /* of a form that becomes an address */

/* --- {issuer}/end_session --- */

/* A form that is encoded as it must be is a query as it stands. */
static bool is_query(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] <= ' ' || text.data[i] >= 0x7f || text.data[i] == '#')
      return false;
  return true;
}

void end_session_endpoint(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/end_session");
  if (domain == NULL)
    return;
  const domain_settings_t *settings = domain_settings(domain);
  bool post = http_request_method(http) == HTTP_POST;
  bytes_t query = post ? http_request_body(http) : http_request_raw_query(http);
  if (query.len > PARAMETERS_MAX || !is_query(query)) {
    http_reply_error(http, query.len > PARAMETERS_MAX ? ERR_TOO_LARGE : ERR_MALFORMED);
    return;
  }
  char *address =
      arena_format(http_request_arena(http), "%s/%s/logout%s%.*s", settings->pages_address, settings->id.text,
                   query.len > 0 ? "?" : "", (int)query.len, query.len > 0 ? (const char *)query.data : "");
  if (address == NULL)
    http_reply_error(http, ERR_NO_MEMORY);
  else
    http_reply_redirect(http, 303, address);
}

/* --- what it may do --- */

typedef struct logout_request {
  arena_t *arena;
  const domain_t *domain;
  const domain_settings_t *settings;
  const http_form_t *form;
  bool hinted; /* an ID token of ours came along, whatever its age */
  id_token_hint_t hint;
  const config_client_t *client; /* NULL: nobody is named in a way that counts */
} logout_request_t;

/* §2: the client of the token is the client that asks. A token that is not ours, or whose key is long gone,
 * says nothing: then the person is asked, and the browser stays. */
static error_code_t find_client(logout_request_t *request)
{
  bytes_t token = http_form_get(request->form, "id_token_hint");
  bytes_t id = http_form_get(request->form, "client_id");
  if (token.len > 0) {
    error_code_t error =
        id_token_hint_parse(request->arena, request->domain, request->settings, token, &request->hint);
    if (error == ERR_NO_MEMORY)
      return error;
    request->hinted = error == ERR_NONE;
    if (!request->hinted)
      return ERR_NONE;
    if (id.len > 0 && !bytes_equal(id, request->hint.client))
      return ERR_LOGOUT_CLIENT;
    id = request->hint.client;
  }
  if (id.len == 0)
    return ERR_NONE;
  const client_t *found = domain_find_client(request->settings, id);
  if (found == NULL)
    return ERR_LOGOUT_CLIENT;
  request->client = found->config;
  return ERR_NONE;
}

/* §3: exactly a registered one, and never without knowing whose. */
static error_code_t find_location(const logout_request_t *request, bytes_t *ret_location)
{
  bytes_t uri = http_form_get(request->form, "post_logout_redirect_uri");
  bytes_t state = http_form_get(request->form, "state");
  bool unproven = http_form_get(request->form, "id_token_hint").len > 0 && !request->hinted;
  *ret_location = BYTES_NONE;
  if (uri.len == 0 || unproven)
    return ERR_NONE;
  if (request->client == NULL)
    return ERR_LOGOUT_CLIENT;
  if (!text_list_contains(&request->client->post_logout_redirect_uris, uri))
    return ERR_LOGOUT_REDIRECT_URI;
  if (state.len > 0 && !text_is_printable(state, STATE_MAX))
    return ERR_LOGOUT_STATE;
  return authorization_response_address(request->arena, uri, state, ret_location);
}

static bytes_t copy_name(arena_t *arena, const char *name, const char *otherwise)
{
  return arena_copy(arena, bytes_of_string(name != NULL ? name : otherwise));
}

static error_code_t judge(logout_request_t *request, const handoff_logout_t *message,
                          handoff_logout_answer_t *ret_answer)
{
  handoff_logout_answer_t answer = {.outcome = HANDOFF_LOGOUT_CONFIRM};
  error_code_t error = find_client(request);
  if (error == ERR_NONE)
    error = find_location(request, &answer.location);
  if (error != ERR_NONE)
    return error;
  bool own = request->hinted && bytes_equal(request->hint.session, message->session);
  if (own || message->session.len == 0) {
    answer.outcome = HANDOFF_LOGOUT_END;
  } else {
    const config_client_t *client = request->client;
    bytes_t locales = http_form_get(request->form, "ui_locales");
    answer.client_name = client != NULL ? copy_name(request->arena, client->name, client->id) : BYTES_NONE;
    answer.domain_name =
        copy_name(request->arena, request->settings->config->name, request->settings->id.text);
    answer.ui_locales = text_is_printable(locales, HINT_MAX) ? locales : BYTES_NONE;
  }
  *ret_answer = answer;
  return ERR_NONE;
}

static handoff_logout_answer_t refuse(http_request_t *http, const domain_t *domain, error_code_t error)
{
  const error_info_t *info = error_info(error);
  log_event(LOG_INFO, "logout.refused", LOG_TEXT("domain", domain->id.text), LOG_TEXT("error", info->slug),
            LOG_TEXT("request", http_request_id(http)));
  return (handoff_logout_answer_t){.outcome = HANDOFF_LOGOUT_REFUSE,
                                   .error = bytes_of_string(info->slug),
                                   .description = bytes_of_string(info->sentence)};
}

static void answer_request(http_request_t *http, const domain_t *domain, const handoff_logout_t *message)
{
  http_form_t *form;
  handoff_logout_answer_t answer;
  logout_request_t request = {
      .arena = http_request_arena(http), .domain = domain, .settings = domain_settings(domain)};
  error_code_t error = http_form_parse(request.arena, message->query, &form);
  request.form = form;
  if (error == ERR_NONE)
    error = judge(&request, message, &answer);
  if (error == ERR_NO_MEMORY) {
    http_reply_error(http, error);
    return;
  }
  if (error != ERR_NONE)
    answer = refuse(http, domain, error);
  bytes_t text = handoff_logout_answer_build(request.arena, &answer);
  if (text.len == 0)
    http_reply_error(http, ERR_NO_MEMORY);
  else
    http_reply_bytes(http, 200, "application/json", text);
}

void logout_judge(http_request_t *http, void *app)
{
  handoff_logout_t message;
  error_code_t error = handoff_logout_parse(http_request_arena(http), http_request_body(http), &message);
  domain_t *domain =
      error == ERR_NONE ? authority_find_domain(app, bytes_of_string(message.domain.text)) : NULL;
  if (domain == NULL)
    http_reply_error(http, error != ERR_NONE ? error : ERR_NOT_FOUND);
  else
    answer_request(http, domain, &message);
}

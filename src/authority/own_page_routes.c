#include "authority/own_page_routes.h"

#include <string.h>

#include "authority/browser_value.h"
#include "authority/own_page.h"
#include "base/clock.h"
#include "base/embedded.h"
#include "base/encoding.h"
#include "base/log.h"

#define CONTINUE_MAX 6144 /* of the login server's own handle */

extern const embedded_file_t authority_web[];
extern const size_t authority_web_count;

/* NULL after answering 404. */
static domain_t *domain_of(authority_t *authority, http_request_t *http)
{
  domain_t *domain = authority_domain_of_segment(authority, http);
  if (domain == NULL || domain_settings(domain)->config->origin != NULL)
    return domain;
  http_reply_error(http, ERR_NOT_FOUND);
  return NULL;
}

static void refuse(http_request_t *http, const domain_t *domain, error_code_t error)
{
  log_event(LOG_INFO, "touch.refused", LOG_TEXT("domain", domain->id.text),
            LOG_TEXT("request", http_request_id(http)), LOG_TEXT("error", error_info(error)->slug));
  http_reply_error(http, error);
}

/* --- the page's files --- */

void own_page_file(http_request_t *http, void *app)
{
  if (domain_of(app, http) == NULL)
    return;
  arena_t *arena = http_request_arena(http);
  bytes_t part = http_request_segment(http, "**");
  const char *name =
      part.len > 0 ? arena_format(arena, "assets%.*s", (int)part.len, part.data) : "touch.html";
  const embedded_file_t *file =
      name != NULL ? embedded_find(authority_web, authority_web_count, bytes_of_string(name)) : NULL;
  if (file == NULL) {
    http_reply_error(http, ERR_NOT_FOUND);
    return;
  }
  http_reply_header(http, "Cache-Control", "no-cache");
  http_reply_static(http, 200, embedded_content_type(file), bytes_of(file->data, file->len));
}

/* --- the browser --- */

static error_code_t hash_value(bytes_t value, uint8_t ret_hash[32])
{
  sha256_t hash;
  error_code_t error = hash_sha256(value, &hash);
  if (error == ERR_NONE)
    memcpy(ret_hash, hash.bytes, sizeof hash.bytes);
  return error;
}

/* Only the page itself sends these; a page elsewhere could, too, if browsers did not say where it is. */
static error_code_t read_body(http_request_t *http, const domain_settings_t *settings, json_t **ret_body)
{
  bytes_t origin;
  if (http_request_header(http, "Origin", &origin) != 1 ||
      !bytes_equal_string(origin, settings->config->origin))
    return ERR_CROSS_SITE;
  return http_request_json(http, ret_body);
}

/* What one POST of the page says. The caller owns asked. */
typedef struct page_call {
  json_t *body, *asked;
  bool has_newcomer;
  own_page_newcomer_t newcomer;
} page_call_t;

static error_code_t read_call(http_request_t *http, const domain_t *domain, page_call_t *call)
{
  bytes_t text;
  error_code_t error = read_body(http, domain_settings(domain), &call->body);
  if (error == ERR_NONE)
    error = json_require_text(call->body, "asked", &text);
  return error == ERR_NONE ? own_page_ask_open(http_request_arena(http), domain, text, clock_now_ms(),
                                               &call->asked, &call->has_newcomer, &call->newcomer)
                           : error;
}

/* --- what is asked --- */

static bool copy(json_t *reply, const char *name, const json_t *asked)
{
  json_t *value = json_object_get(asked, name);
  return value == NULL || json_object_set(reply, name, value) == 0;
}

static bool fill_reply(arena_t *arena, const domain_settings_t *settings, const page_call_t *call,
                       json_t *reply)
{
  const char *back = arena_format(arena, "%s/%s/authorize", settings->pages_address, settings->id.text);
  static const char *const shown[] = {"challenge_en",    "challenge_ja",   "approval",   "verify",
                                      "client_name",     "domain_name",    "details_en", "details_ja",
                                      "scope_titles_en", "scope_titles_ja"};
  bool filled = back != NULL && json_set_string(reply, "domain", settings->id.text) &&
                json_set_string(reply, "rp_id", settings->rp->id) &&
                json_set_string(reply, "name", settings->config->name) &&
                json_set_string(reply, "back", back) &&
                json_set_boolean(reply, "newcomer", call->has_newcomer);
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
    filled = filled && copy(reply, shown[i], call->asked);
  return filled;
}

void own_page_asked(http_request_t *http, void *app)
{
  const domain_t *domain = domain_of(app, http);
  if (domain == NULL)
    return;
  page_call_t call = {.asked = NULL};
  error_code_t error = read_call(http, domain, &call);
  json_t *reply = json_object();
  if (error == ERR_NONE && !fill_reply(http_request_arena(http), domain_settings(domain), &call, reply))
    error = ERR_NO_MEMORY;
  json_decref(call.asked);
  if (error == ERR_NONE) {
    http_reply_json(http, 200, reply);
    return;
  }
  json_decref(reply);
  refuse(http, domain, error);
}

/* --- what is given --- */

/* AuthenticationResponseJSON (WebAuthn L3 §5.1.8): the parts that are signed, and the signature. */
static error_code_t read_credential(arena_t *arena, const json_t *body, handoff_evidence_t *ret_piece)
{
  json_t *credential = NULL, *response = NULL;
  handoff_evidence_t piece = {.algorithm = 0};
  error_code_t error = json_get_object(body, "credential", &credential);
  if (error == ERR_NONE && credential != NULL)
    error = json_get_object(credential, "response", &response);
  if (error != ERR_NONE || response == NULL)
    return error != ERR_NONE ? error : ERR_MALFORMED;
  error = json_require_base64url(arena, credential, "rawId", &piece.credential_id);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, response, "authenticatorData", &piece.authenticator_data);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, response, "clientDataJSON", &piece.client_data);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, response, "signature", &piece.signature);
  if (error == ERR_NONE &&
      piece.credential_id.len + piece.authenticator_data.len + piece.client_data.len + piece.signature.len >
          OWN_PAGE_TOUCH_MAX)
    error = ERR_TOO_LARGE;
  *ret_piece = piece;
  return error;
}

static bool is_base64url(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
      return false;
  }
  return text.len > 0 && text.len <= CONTINUE_MAX;
}

static error_code_t back_address(arena_t *arena, const domain_settings_t *settings, const json_t *body,
                                 bytes_t touch, bytes_t credential_id, const char **ret_address)
{
  bytes_t handle;
  error_code_t error = json_require_text(body, "continue", &handle);
  if (error != ERR_NONE || !is_base64url(handle))
    return ERR_MALFORMED;
  const char *id = base64url_encode(arena, credential_id);
  *ret_address = id == NULL ? NULL
                            : arena_format(arena, "%s/%s/authorize?continue=%.*s&touch=%.*s&credential=%s",
                                           settings->pages_address, settings->id.text, (int)handle.len,
                                           handle.data, (int)touch.len, touch.data, id);
  return *ret_address != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t make_touch(http_request_t *http, const page_call_t *call, bytes_t browser,
                               own_page_touch_t *ret_touch)
{
  arena_t *arena = http_request_arena(http);
  own_page_touch_t touch = {.given = true,
                            .time_ms = clock_now_ms(),
                            .has_newcomer = call->has_newcomer,
                            .newcomer = call->newcomer};
  bytes_t request;
  error_code_t error = json_require_base64url(arena, call->asked, "request", &request);
  if (error == ERR_NONE && request.len != sizeof touch.request)
    error = ERR_OWN_PAGE;
  if (error == ERR_NONE)
    memcpy(touch.request, request.data, sizeof touch.request);
  if (error == ERR_NONE)
    error = hash_value(browser, touch.browser);
  if (error == ERR_NONE && call->has_newcomer &&
      !secret_equal(bytes_of(touch.browser, 32), bytes_of(call->newcomer.browser, 32)))
    error = ERR_OWN_PAGE; /* whoever wants in was touched in another browser */
  if (error == ERR_NONE)
    error = read_credential(arena, call->body, &touch.piece);
  *ret_touch = touch;
  return error;
}

static error_code_t give(http_request_t *http, const domain_t *domain, page_call_t *call,
                         const char **ret_address)
{
  arena_t *arena = http_request_arena(http);
  const domain_settings_t *settings = domain_settings(domain);
  own_page_touch_t touch;
  bytes_t text;
  int64_t expires_ms = 0;
  error_code_t error = read_call(http, domain, call);
  if (error != ERR_NONE)
    return error;
  const char *name = own_page_cookie(arena, settings);
  bytes_t browser = name != NULL ? browser_value_find_or_make(http, name) : BYTES_NONE;
  if (browser.len == 0)
    return ERR_NO_MEMORY;
  error = make_touch(http, call, browser, &touch);
  if (error == ERR_NONE)
    error = json_require_integer(call->asked, "expires_ms", &expires_ms);
  if (error == ERR_NONE)
    error = own_page_touch_seal(arena, domain, &touch, expires_ms, &text);
  if (error == ERR_NONE)
    error = back_address(arena, settings, call->body, text, touch.piece.credential_id, ret_address);
  if (error == ERR_NONE)
    http_reply_cookie(http, name, browser, -1, own_page_cookie_flags(settings));
  return error;
}

void own_page_given(http_request_t *http, void *app)
{
  const domain_t *domain = domain_of(app, http);
  if (domain == NULL)
    return;
  page_call_t call = {.asked = NULL};
  const char *address = NULL;
  error_code_t error = give(http, domain, &call, &address);
  json_decref(call.asked);
  if (error != ERR_NONE) {
    refuse(http, domain, error);
    return;
  }
  json_t *reply = json_object();
  json_set_string(reply, "redirect", address);
  http_reply_json(http, 200, reply);
}

/* --- on --- */

static error_code_t find_way(http_request_t *http, const domain_t *domain, const char **ret_location)
{
  arena_t *arena = http_request_arena(http);
  http_form_t *query;
  uint8_t browser[32];
  bytes_t location;
  const char *name = own_page_cookie(arena, domain_settings(domain));
  if (name == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = http_request_query(http, &query);
  if (error == ERR_NONE)
    error = hash_value(browser_value_find(http, name), browser);
  if (error == ERR_NONE)
    error = own_page_way_open(arena, domain, http_form_get(query, "way"), browser, clock_now_ms(), &location);
  if (error != ERR_NONE)
    return error;
  *ret_location = arena_string(arena, location);
  return *ret_location != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

void own_page_on(http_request_t *http, void *app)
{
  const domain_t *domain = domain_of(app, http);
  if (domain == NULL)
    return;
  const char *location = NULL;
  error_code_t error = find_way(http, domain, &location);
  if (error != ERR_NONE)
    refuse(http, domain, error);
  else
    http_reply_redirect(http, 303, location);
}

#include "authority/gateway_session.h"

#include <string.h>

#include "authority/request_path.h"
#include "base/encoding.h"
#include "crypto/seal.h"

#define PURPOSE "gateway session"
#define OWN_PATH "/.sekisho"
#define ENTER_PATH OWN_PATH "/enter"
#define TARGET_MAX 2048 /* the way there and back is in addresses, which browsers and gateways bound */
#define COOKIE_MAX 4096 /* RFC 6265 §6.1 */

/* --- what the browser says --- */

static bool starts_with(bytes_t text, const char *prefix)
{
  size_t len = strlen(prefix);
  return text.len >= len && bytes_equal_string(bytes_of(text.data, len), prefix);
}

static bool contains(bytes_t text, const char *part)
{
  for (size_t i = 0; i < text.len; i++)
    if (starts_with(bytes_of(text.data + i, text.len - i), part))
      return true;
  return false;
}

/* A frame is no place to sign in. Browsers that say nothing of the mode ask for a page when they want one. */
static bool navigates(http_request_t *http)
{
  bytes_t mode, dest, accept;
  if (http_request_header(http, "Sec-Fetch-Mode", &mode) == 0)
    return http_request_header(http, "Accept", &accept) == 1 && contains(accept, "text/html");
  return bytes_equal_string(mode, "navigate") && http_request_header(http, "Sec-Fetch-Dest", &dest) == 1 &&
         bytes_equal_string(dest, "document");
}

void browser_call_read(http_request_t *http, const domain_settings_t *settings, browser_call_t *ret_call)
{
  *ret_call = (browser_call_t){.cookie = BYTES_NONE};
  const char *name = gateway_cookie_name(http_request_arena(http), settings, "");
  if (name == NULL)
    return; /* as if there were none: refused */
  ret_call->cookie_count = http_request_cookie(http, name, &ret_call->cookie);
  ret_call->origin_count = http_request_header(http, "Origin", &ret_call->origin);
  ret_call->site_count = http_request_header(http, "Sec-Fetch-Site", &ret_call->site);
  ret_call->navigates = navigates(http);
  (void)http_request_header(http, "Referer", &ret_call->referer);
}

static bool is_safe(bytes_t method)
{
  return bytes_equal_string(method, "GET") || bytes_equal_string(method, "HEAD") ||
         bytes_equal_string(method, "OPTIONS");
}

bool browser_call_is_own(const domain_settings_t *settings, const browser_call_t *call, bytes_t method)
{
  bool own_origin =
      call->origin_count == 1 && bytes_equal_string(call->origin, settings->config->external_url);
  bool own_site = call->site_count == 1 &&
                  (bytes_equal_string(call->site, "same-origin") || bytes_equal_string(call->site, "none"));
  if (is_safe(method))
    return call->origin_count == 0 || own_origin || own_site;
  if (call->site_count > 0) /* Origin is "null" where a page hides its address */
    return own_site && (call->origin_count == 0 || own_origin || bytes_equal_string(call->origin, "null"));
  return own_origin;
}

/* --- the cookie --- */

static bool is_https(const domain_settings_t *settings)
{
  return strncmp(settings->config->external_url, "https:", 6) == 0;
}

const char *gateway_cookie_name(arena_t *arena, const domain_settings_t *settings, const char *purpose)
{
  return arena_format(arena, "%ssekisho-%s%s", is_https(settings) ? "__Host-" : "", settings->id.text,
                      purpose);
}

unsigned gateway_cookie_flags(const domain_settings_t *settings)
{
  return is_https(settings) ? HTTP_COOKIE_SECURE : 0;
}

error_code_t gateway_session_seal(arena_t *arena, const domain_t *domain, bytes_t token, bytes_t *ret_cookie)
{
  bytes_t sealed;
  error_code_t error = seal_close(arena, &domain->gateway_key, PURPOSE, token, &sealed);
  if (error != ERR_NONE)
    return error;
  char *text = base64url_encode(arena, sealed);
  if (text == NULL)
    return ERR_NO_MEMORY;
  *ret_cookie = bytes_of_string(text);
  return ret_cookie->len < COOKIE_MAX - 128 ? ERR_NONE : ERR_TOO_LARGE; /* its name and attributes */
}

error_code_t gateway_session_open(arena_t *arena, const domain_t *domain, bytes_t cookie, bytes_t *ret_token)
{
  bytes_t sealed;
  if (cookie.len == 0 || cookie.len > COOKIE_MAX)
    return ERR_TOKEN;
  error_code_t error = base64url_decode(arena, cookie, &sealed);
  if (error == ERR_NONE)
    error = seal_open(arena, &domain->gateway_key, PURPOSE, sealed, ret_token);
  return error == ERR_NONE || error == ERR_NO_MEMORY || error == ERR_INTERNAL ? error : ERR_TOKEN;
}

typedef struct others {
  builder_t text;
  const char *own, *enter, *touch;
} others_t;

static bool add_other(void *context, bytes_t name, bytes_t value)
{
  others_t *others = context;
  if (bytes_equal_string(name, others->own) || bytes_equal_string(name, others->enter) ||
      bytes_equal_string(name, others->touch))
    return true;
  builder_add_string(&others->text, others->text.len > 0 ? "; " : "");
  builder_add(&others->text, name);
  builder_add_u8(&others->text, '=');
  builder_add(&others->text, value);
  return true;
}

static bool measure(void *context, bytes_t name, bytes_t value)
{
  *(size_t *)context += name.len + value.len + 3;
  return true;
}

const char *gateway_cookies_of_others(http_request_t *http, const domain_settings_t *settings)
{
  arena_t *arena = http_request_arena(http);
  size_t room = 1;
  http_request_each_cookie(http, measure, &room);
  others_t others = {arena_builder(arena, room), gateway_cookie_name(arena, settings, ""),
                     gateway_cookie_name(arena, settings, GATEWAY_COOKIE_ENTER),
                     gateway_cookie_name(arena, settings, GATEWAY_COOKIE_TOUCH)};
  if (others.own == NULL || others.enter == NULL || others.touch == NULL)
    return NULL;
  http_request_each_cookie(http, add_other, &others);
  builder_add_u8(&others.text, '\0');
  return others.text.failed ? NULL : (const char *)others.text.data;
}

/* --- the way in --- */

static bool is_query(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] <= ' ' || text.data[i] >= 0x7f || text.data[i] == '#' || text.data[i] == '\\')
      return false;
  return true;
}

bool gateway_target_is_valid(arena_t *arena, bytes_t target)
{
  request_path_t path;
  if (target.len > TARGET_MAX || !is_query(target) || request_path_parse(arena, target, &path) != ERR_NONE)
    return false;
  return path.count == 0 || !bytes_equal_string(path.segments[0], &OWN_PATH[1]);
}

/* "/list?x" of "https://pay.example/list?x". */
static bytes_t page_of(const domain_settings_t *settings, bytes_t referer)
{
  const char *origin = settings->config->external_url;
  size_t len = strlen(origin);
  return starts_with(referer, origin) && referer.len > len ? bytes_of(referer.data + len, referer.len - len)
                                                           : BYTES_NONE;
}

const char *gateway_enter_address(arena_t *arena, const domain_settings_t *settings, bytes_t method,
                                  bytes_t target, bytes_t referer, const gateway_wanted_t *wanted)
{
  bool again = bytes_equal_string(method, "GET") || bytes_equal_string(method, "HEAD");
  bytes_t to = again ? target : page_of(settings, referer);
  if (!gateway_target_is_valid(arena, to))
    to = BYTES_LITERAL("/");
  const char *acr = wanted != NULL && wanted->acr != NULL ? wanted->acr : "";
  builder_t fields = arena_builder(arena, 3 * (to.len + strlen(acr)) + 64);
  http_form_add(&fields, BYTES_LITERAL("to"), to);
  http_form_add(&fields, BYTES_LITERAL("acr_values"), bytes_of_string(acr));
  if (wanted != NULL && wanted->max_age_ms != MAX_AGE_NONE) {
    builder_add_string(&fields, "&max_age=");
    builder_add_decimal(&fields, wanted->max_age_ms / 1000);
  }
  builder_add_u8(&fields, '\0');
  return fields.failed ? NULL : arena_format(arena, ENTER_PATH "?%s", (const char *)fields.data);
}

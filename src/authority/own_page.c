#include "authority/own_page.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/seal.h"
#include "http/http.h"

#define PURPOSE_ASKED "own page asked"
#define PURPOSE_TOUCH "own page touch"
#define PURPOSE_WAY "own page way"

/* --- the browser --- */

static bool is_https(const domain_settings_t *settings)
{
  return strncmp(settings->config->origin, "https:", 6) == 0;
}

const char *own_page_cookie(arena_t *arena, const domain_settings_t *settings)
{
  return arena_format(arena, "%ssekisho-%s-touch", is_https(settings) ? "__Host-" : "", settings->id.text);
}

unsigned own_page_cookie_flags(const domain_settings_t *settings)
{
  return is_https(settings) ? HTTP_COOKIE_SECURE : 0;
}

/* --- sealing --- */

static error_code_t seal_text(arena_t *arena, const domain_t *domain, const char *purpose, bytes_t plain,
                              bytes_t *ret_text)
{
  bytes_t sealed;
  error_code_t error = seal_close(arena, &domain->gateway_key, purpose, plain, &sealed);
  char *text = error == ERR_NONE ? base64url_encode(arena, sealed) : NULL;
  if (text == NULL)
    return error != ERR_NONE ? error : ERR_NO_MEMORY;
  *ret_text = bytes_of_string(text);
  return ERR_NONE;
}

static bool is_ours_to_fail(error_code_t error)
{
  return error == ERR_NO_MEMORY || error == ERR_INTERNAL;
}

static error_code_t open_text(arena_t *arena, const domain_t *domain, const char *purpose, bytes_t text,
                              bytes_t *ret_plain)
{
  bytes_t sealed;
  error_code_t error = text.len > 0 ? base64url_decode(arena, text, &sealed) : ERR_OWN_PAGE;
  if (error == ERR_NONE)
    error = seal_open(arena, &domain->gateway_key, purpose, sealed, ret_plain);
  return error == ERR_NONE || is_ours_to_fail(error) ? error : ERR_OWN_PAGE;
}

static error_code_t seal_json(arena_t *arena, const domain_t *domain, const char *purpose, json_t *object,
                              int64_t expires_ms, bytes_t *ret_text)
{
  bytes_t plain;
  if (!json_set_integer(object, "expires_ms", expires_ms) || json_print(arena, object, &plain) == NULL)
    return ERR_NO_MEMORY;
  return seal_text(arena, domain, purpose, plain, ret_text);
}

static error_code_t open_json(arena_t *arena, const domain_t *domain, const char *purpose, bytes_t text,
                              int64_t now_ms, json_t **ret_object)
{
  bytes_t plain;
  int64_t expires_ms = 0;
  CLEANUP(json_drop) json_t *object = NULL;
  error_code_t error = open_text(arena, domain, purpose, text, &plain);
  if (error == ERR_NONE)
    error = json_parse(plain, &object);
  if (error == ERR_NONE)
    error = json_require_integer(object, "expires_ms", &expires_ms);
  if (error != ERR_NONE)
    return is_ours_to_fail(error) ? error : ERR_OWN_PAGE;
  if (expires_ms <= now_ms)
    return ERR_OWN_PAGE;
  *ret_object = object;
  object = NULL;
  return ERR_NONE;
}

/* --- parts --- */

static error_code_t take_exact(arena_t *arena, const json_t *object, const char *name, uint8_t *memory,
                               size_t len)
{
  bytes_t bytes;
  error_code_t error = json_require_base64url(arena, object, name, &bytes);
  if (error != ERR_NONE || bytes.len != len)
    return error == ERR_NO_MEMORY ? error : ERR_OWN_PAGE;
  memcpy(memory, bytes.data, len);
  return ERR_NONE;
}

/* In the arena: the object does not live as long. */
static error_code_t take_text(arena_t *arena, const json_t *object, const char *name, bytes_t *ret_text)
{
  bytes_t text;
  if (json_require_text(object, name, &text) != ERR_NONE)
    return ERR_OWN_PAGE;
  *ret_text = arena_copy(arena, text);
  return ret_text->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static bool add_newcomer(json_t *object, const own_page_newcomer_t *newcomer)
{
  const binding_t *binding = &newcomer->binding;
  json_t *member = json_object();
  return json_set_text(member, "subject", binding->subject) &&
         json_set_base64url(member, "credential",
                            bytes_of(binding->credential, sizeof binding->credential)) &&
         json_set_text(member, "algorithm", binding->algorithm) &&
         json_set_base64url(member, "key", binding->key) &&
         json_set_integer(member, "sign_count", binding->sign_count) &&
         json_set_base64url(member, "browser", bytes_of(newcomer->browser, sizeof newcomer->browser)) &&
         json_object_set_new(object, "newcomer", member) == 0;
}

static error_code_t take_newcomer(arena_t *arena, const json_t *object, bool *ret_has_newcomer,
                                  own_page_newcomer_t *ret_newcomer)
{
  own_page_newcomer_t newcomer = {.binding = {.by_ticket = false}};
  binding_t *binding = &newcomer.binding;
  int64_t sign_count = 0;
  const json_t *member = json_object_get(object, "newcomer");
  *ret_has_newcomer = member != NULL;
  if (member == NULL)
    return ERR_NONE;
  error_code_t error = take_text(arena, member, "subject", &binding->subject);
  if (error == ERR_NONE)
    error = take_exact(arena, member, "credential", binding->credential, sizeof binding->credential);
  if (error == ERR_NONE)
    error = take_text(arena, member, "algorithm", &binding->algorithm);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, member, "key", &binding->key);
  if (error == ERR_NONE)
    error = json_require_integer(member, "sign_count", &sign_count);
  if (error == ERR_NONE)
    error = take_exact(arena, member, "browser", newcomer.browser, sizeof newcomer.browser);
  if (error == ERR_NONE && (sign_count < 0 || sign_count > UINT32_MAX))
    error = ERR_OWN_PAGE;
  binding->sign_count = (uint32_t)sign_count;
  *ret_newcomer = newcomer;
  return error;
}

/* --- what is asked --- */

error_code_t own_page_ask_seal(arena_t *arena, const domain_t *domain, json_t *asked,
                               const own_page_newcomer_t *newcomer, int64_t expires_ms, bytes_t *ret_text)
{
  if (newcomer != NULL && !add_newcomer(asked, newcomer))
    return ERR_NO_MEMORY;
  return seal_json(arena, domain, PURPOSE_ASKED, asked, expires_ms, ret_text);
}

error_code_t own_page_ask_open(arena_t *arena, const domain_t *domain, bytes_t text, int64_t now_ms,
                               json_t **ret_asked, bool *ret_has_newcomer, own_page_newcomer_t *ret_newcomer)
{
  CLEANUP(json_drop) json_t *asked = NULL;
  error_code_t error = open_json(arena, domain, PURPOSE_ASKED, text, now_ms, &asked);
  if (error == ERR_NONE)
    error = take_newcomer(arena, asked, ret_has_newcomer, ret_newcomer);
  if (error != ERR_NONE)
    return error;
  *ret_asked = asked;
  asked = NULL;
  return ERR_NONE;
}

/* --- the touch --- */

error_code_t own_page_touch_seal(arena_t *arena, const domain_t *domain, const own_page_touch_t *touch,
                                 int64_t expires_ms, bytes_t *ret_text)
{
  const handoff_evidence_t *piece = &touch->piece;
  CLEANUP(json_drop) json_t *object = json_object();
  bool built = json_set_base64url(object, "request", bytes_of(touch->request, sizeof touch->request)) &&
               json_set_integer(object, "time_ms", touch->time_ms) &&
               json_set_base64url(object, "browser", bytes_of(touch->browser, sizeof touch->browser)) &&
               json_set_base64url(object, "credential_id", piece->credential_id) &&
               json_set_base64url(object, "authenticator_data", piece->authenticator_data) &&
               json_set_base64url(object, "client_data", piece->client_data) &&
               json_set_base64url(object, "signature", piece->signature) &&
               (!touch->has_newcomer || add_newcomer(object, &touch->newcomer));
  return built ? seal_json(arena, domain, PURPOSE_TOUCH, object, expires_ms, ret_text) : ERR_NO_MEMORY;
}

error_code_t own_page_touch_open(arena_t *arena, const domain_t *domain, bytes_t text, int64_t now_ms,
                                 own_page_touch_t *ret_touch)
{
  own_page_touch_t touch = {.given = true};
  handoff_evidence_t *piece = &touch.piece;
  CLEANUP(json_drop) json_t *object = NULL;
  error_code_t error = open_json(arena, domain, PURPOSE_TOUCH, text, now_ms, &object);
  if (error == ERR_NONE)
    error = take_exact(arena, object, "request", touch.request, sizeof touch.request);
  if (error == ERR_NONE)
    error = take_exact(arena, object, "browser", touch.browser, sizeof touch.browser);
  if (error == ERR_NONE)
    error = json_require_integer(object, "time_ms", &touch.time_ms);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, object, "credential_id", &piece->credential_id);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, object, "authenticator_data", &piece->authenticator_data);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, object, "client_data", &piece->client_data);
  if (error == ERR_NONE)
    error = json_require_base64url(arena, object, "signature", &piece->signature);
  if (error == ERR_NONE)
    error = take_newcomer(arena, object, &touch.has_newcomer, &touch.newcomer);
  if (error != ERR_NONE)
    return is_ours_to_fail(error) ? error : ERR_OWN_PAGE;
  *ret_touch = touch;
  return ERR_NONE;
}

/* --- the way on --- */

error_code_t own_page_way_seal(arena_t *arena, const domain_t *domain, const uint8_t browser[32],
                               bytes_t location, int64_t expires_ms, bytes_t *ret_address)
{
  bytes_t text;
  builder_t plain = arena_builder(arena, 8 + 32 + location.len);
  builder_add_u64be(&plain, (uint64_t)expires_ms);
  builder_add(&plain, bytes_of(browser, 32));
  builder_add(&plain, location);
  error_code_t error =
      plain.failed ? ERR_NO_MEMORY : seal_text(arena, domain, PURPOSE_WAY, builder_bytes(&plain), &text);
  if (error != ERR_NONE)
    return error;
  const char *address = arena_format(arena, "%s" OWN_PAGE_PATH "/on?way=%.*s",
                                     domain_settings(domain)->config->origin, (int)text.len, text.data);
  if (address == NULL)
    return ERR_NO_MEMORY;
  *ret_address = bytes_of_string(address);
  return ERR_NONE;
}

error_code_t own_page_way_open(arena_t *arena, const domain_t *domain, bytes_t text,
                               const uint8_t browser[32], int64_t now_ms, bytes_t *ret_location)
{
  bytes_t plain;
  error_code_t error = open_text(arena, domain, PURPOSE_WAY, text, &plain);
  if (error != ERR_NONE)
    return error;
  reader_t reader = reader_over(plain);
  int64_t expires_ms = (int64_t)reader_u64be(&reader);
  bytes_t bound = reader_take(&reader, 32);
  bytes_t location = reader_take(&reader, reader.left);
  if (!reader_done(&reader) || expires_ms <= now_ms || !secret_equal(bound, bytes_of(browser, 32)))
    return ERR_OWN_PAGE;
  *ret_location = location;
  return ERR_NONE;
}

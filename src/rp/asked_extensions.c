#include "rp/asked_extensions.h"

#include <string.h>

#include "base/log.h"

#define EXTENSIONS_MAX_LENGTH 16384 /* a blob to write fits */

/* Sets a member, and says whether there was memory for it. */
static bool set_true(json_t *extensions, const char *name, bool wanted)
{
  return !wanted || json_object_set_new(extensions, name, json_true()) == 0;
}

/* Whoever names only extensions that are not known here tests that they are passed on: they get back what
 * they sent (FIDO's conformance tools do). */
static bool may_add_defaults(const json_t *asked, const extension_terms_t *terms)
{
  return json_object_size(asked) == 0 || terms->asked != 0;
}

/* The operator's policy stands; callers may ask for a stronger one. */
static bool add_protection(json_t *extensions, const config_extensions_t *config,
                           const extension_terms_t *terms)
{
  if (config->cred_protect == 0)
    return true;
  int policy = terms->cred_protect > config->cred_protect ? terms->cred_protect : config->cred_protect;
  return json_set_string(extensions, "credentialProtectionPolicy", cred_protect_name(policy)) &&
         set_true(extensions, "enforceCredentialProtectionPolicy", config->cred_protect_enforced);
}

static bool add_configured(json_t *extensions, const config_extensions_t *config,
                           extension_ceremony_t ceremony, const json_t *asked, const extension_terms_t *terms)
{
  bool added = set_true(extensions, "uvm", config->uvm);
  if (ceremony == EXTENSION_AT_GET)
    return added && json_set_string(extensions, "appid", config->appid);
  bool props =
      config->cred_props && may_add_defaults(asked, terms) && json_object_get(asked, "credProps") == NULL;
  return added && set_true(extensions, "credProps", props) &&
         set_true(extensions, "minPinLength", config->min_pin_length) &&
         add_protection(extensions, config, terms) &&
         json_set_string(extensions, "appidExclude", config->appid);
}

static error_code_t check_allowed(const config_extensions_t *config, const extension_terms_t *terms,
                                  error_detail_t *detail)
{
  if (!config->prf && (terms->asked & EXTENSION_BIT(EXTENSION_PRF)) != 0)
    return error_because(detail, ERR_EXTENSION_INPUT, "prf is turned off by rp.extensions.prf");
  if (!config->large_blob && (terms->asked & EXTENSION_BIT(EXTENSION_LARGE_BLOB)) != 0)
    return error_because(detail, ERR_EXTENSION_INPUT, "largeBlob is turned off by rp.extensions.large_blob");
  return ERR_NONE;
}

static error_code_t print_member(const exchange_t *exchange, const json_t *extensions, bytes_t *ret_member)
{
  bytes_t text = BYTES_NONE;
  if (json_print(exchange->arena, extensions, &text) == NULL)
    return ERR_NO_MEMORY;
  if (text.len > EXTENSIONS_MAX_LENGTH)
    return ERR_TOO_LARGE;
  builder_t builder = arena_builder(exchange->arena, text.len + 16);
  builder_add_string(&builder, ",\"extensions\":");
  builder_add(&builder, text);
  if (builder.failed)
    return ERR_NO_MEMORY;
  *ret_member = builder_bytes(&builder);
  return ERR_NONE;
}

static error_code_t merge(const exchange_t *exchange, const json_t *asked, extension_ceremony_t ceremony,
                          bytes_t *ret_member, extension_terms_t *ret_terms, error_detail_t *detail)
{
  const config_extensions_t *config = &exchange->config->rp.extensions;
  extension_terms_t terms = {0};
  error_code_t error = extensions_check_inputs(asked, ceremony, &terms, detail);
  if (error == ERR_NONE)
    error = check_allowed(config, &terms, detail);
  if (error != ERR_NONE)
    return error;
  CLEANUP(json_drop) json_t *all = asked != NULL ? json_copy((json_t *)(uintptr_t)asked) : json_object();
  if (all == NULL || !add_configured(all, config, ceremony, asked, &terms))
    return ERR_NO_MEMORY;
  error = extensions_check_inputs(all, ceremony, ret_terms, detail);
  if (error == ERR_NONE && (asked != NULL || json_object_size(all) > 0))
    error = print_member(exchange, all, ret_member);
  return error;
}

error_code_t asked_extensions(const exchange_t *exchange, const json_t *body, extension_ceremony_t ceremony,
                              bytes_t *ret_member, extension_terms_t *ret_terms)
{
  json_t *asked = NULL;
  error_detail_t detail = {""};
  *ret_member = BYTES_NONE;
  error_code_t error = json_get_object(body, "extensions", &asked);
  if (error == ERR_NONE)
    error = merge(exchange, asked, ceremony, ret_member, ret_terms, &detail);
  if (error == ERR_EXTENSION_INPUT)
    log_event(LOG_INFO, "options.refused", LOG_TEXT("error", error_info(error)->slug),
              LOG_TEXT("detail", detail.text), LOG_TEXT("request", http_request_id(exchange->request)));
  return error;
}

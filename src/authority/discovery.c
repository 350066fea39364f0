#include "authority/discovery.h"

#include <string.h>

#include "authority/token_request.h"
#include "base/json.h"
#include "crypto/jose.h"
#include "handoff/account_claims.h"

static void set_list(json_t *document, const char *name, const char *const *items, size_t count)
{
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(list, json_string(items[i]));
  json_object_set_new(document, name, list);
}

#define SET_LIST(document, name, ...)                                                                        \
  set_list((document), (name), (const char *const[]){__VA_ARGS__},                                           \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

const char *discovery_pages_address(const config_t *config)
{
  for (size_t i = 0; i < config->rp.origins.count; i++)
    if (strncmp(config->rp.origins.items[i], "http", 4) == 0)
      return config->rp.origins.items[i];
  return "";
}

static void set_endpoints(arena_t *arena, json_t *document, const config_t *config,
                          const config_domain_t *domain)
{
  json_set_string(document, "issuer", domain->issuer);
  json_set_string(document, "authorization_endpoint",
                  arena_format(arena, "%s/%s/authorize", discovery_pages_address(config), domain->id.text));
  json_set_string(document, "pushed_authorization_request_endpoint",
                  arena_format(arena, "%s/par", domain->issuer));
  json_set_string(document, "token_endpoint", arena_format(arena, "%s/token", domain->issuer));
  json_set_string(document, "introspection_endpoint", arena_format(arena, "%s/introspect", domain->issuer));
  json_set_string(document, "revocation_endpoint", arena_format(arena, "%s/revoke", domain->issuer));
  json_set_string(document, "userinfo_endpoint", arena_format(arena, "%s/userinfo", domain->issuer));
  json_set_string(document, "end_session_endpoint", arena_format(arena, "%s/end_session", domain->issuer));
  json_set_string(document, "jwks_uri", arena_format(arena, "%s/jwks", domain->issuer));
  if (!domain->push_required) /* OAuth 2.0 for First-Party Applications */
    json_set_string(document, "authorization_challenge_endpoint",
                    arena_format(arena, "%s/%s/challenge", discovery_pages_address(config), domain->id.text));
}

/* RFC 8705 §5. */
static void set_aliases(arena_t *arena, json_t *document, const config_domain_t *domain)
{
  static const struct {
    const char *name, *path;
  } rows[] = {{"token_endpoint", "token"},
              {"pushed_authorization_request_endpoint", "par"},
              {"introspection_endpoint", "introspect"},
              {"revocation_endpoint", "revoke"},
              {"userinfo_endpoint", "userinfo"}};
  if (domain->mtls_url == NULL)
    return;
  json_t *aliases = json_object();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    json_set_string(aliases, rows[i].name, arena_format(arena, "%s/%s", domain->mtls_url, rows[i].path));
  json_object_set_new(document, "mtls_endpoint_aliases", aliases);
}

static bool takes_method(const config_domain_t *domain, client_method_t method)
{
  if (client_method_is_tls(method))
    return domain->certificates && (method != CLIENT_TLS || domain->client_ca_file != NULL);
  return !domain->fapi2 || method == CLIENT_PRIVATE_KEY_JWT;
}

/* As many as the profile and the proxy leave. */
static void set_methods(json_t *document, const config_domain_t *domain, const char *name, bool with_public)
{
  json_t *methods = json_array();
  for (client_method_t method = with_public ? CLIENT_NONE : CLIENT_NONE + 1; method < CLIENT_METHOD_COUNT;
       method++)
    if (takes_method(domain, method))
      json_array_append_new(methods, json_string(client_method_name(method)));
  json_object_set_new(document, name, methods);
}

/* RFC 8414 §2: each of the three that take assertions says so itself. */
static void set_assertion_algorithms(json_t *document, const config_domain_t *domain)
{
  static const char *const names[] = {"token_endpoint_auth_signing_alg_values_supported",
                                      "revocation_endpoint_auth_signing_alg_values_supported",
                                      "introspection_endpoint_auth_signing_alg_values_supported"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (domain->fapi2)
      SET_LIST(document, names[i], "ES256", "EdDSA", "PS256");
    else
      SET_LIST(document, names[i], "ES256", "ES384", "EdDSA", "PS256", "RS256");
}

static void set_names(json_t *document, const config_t *config, const config_domain_t *domain)
{
  json_t *scopes = json_array();
  json_array_append_new(scopes, json_string("openid"));
  json_array_append_new(scopes, json_string("offline_access"));
  for (size_t i = 0; i < account_scope_count; i++)
    if (config_find_scope(domain, bytes_of_string(account_scopes[i].name)) == NULL)
      json_array_append_new(scopes, json_string(account_scopes[i].name));
  for (size_t i = 0; i < domain->scope_count; i++)
    json_array_append_new(scopes, json_string(domain->scopes[i].name));
  json_object_set_new(document, "scopes_supported", scopes);
  json_t *levels = json_array();
  for (size_t i = 0; i < config->levels.count; i++)
    json_array_append_new(levels, json_string(config->levels.levels[i].name));
  json_object_set_new(document, "acr_values_supported", levels);
  json_t *details = json_array();
  for (size_t i = 0; i < domain->detail_count; i++)
    json_array_append_new(details, json_string(domain->details[i].type));
  if (domain->detail_count > 0) /* RFC 9396 §10 */
    json_object_set(document, "authorization_details_types_supported", details);
  json_decref(details);
  json_t *grants = json_array();
  for (size_t i = 0; i < token_grant_count; i++)
    json_array_append_new(grants, json_string(token_grants[i].grant_type));
  json_object_set_new(document, "grant_types_supported", grants);
  set_methods(document, domain, "token_endpoint_auth_methods_supported", true);
  set_methods(document, domain, "revocation_endpoint_auth_methods_supported", true);
  set_methods(document, domain, "introspection_endpoint_auth_methods_supported", false);
}

/* The parts of an address are one claim. */
static void add_account_claims(json_t *list)
{
  for (size_t i = 0; i < account_claim_count; i++)
    if (strchr(account_claims[i].name, '.') == NULL)
      json_array_append_new(list, json_string(account_claims[i].name));
  json_array_append_new(list, json_string(ACCOUNT_CLAIM_ADDRESS));
}

static void set_abilities(json_t *document, const config_domain_t *domain)
{
  set_assertion_algorithms(document, domain);
  SET_LIST(document, "dpop_signing_alg_values_supported", "ES256", "EdDSA", "PS256");
  SET_LIST(document, "response_types_supported", "code");
  SET_LIST(document, "response_modes_supported", "query", "form_post");
  SET_LIST(document, "code_challenge_methods_supported", "S256");
  SET_LIST(document, "subject_types_supported", domain->public_subjects ? "public" : "pairwise");
  SET_LIST(document, "id_token_signing_alg_values_supported",
           jose_algorithm_name((signature_algorithm_t)domain->algorithm));
  SET_LIST(document, "prompt_values_supported", "none", "login", "consent", "select_account");
  SET_LIST(document, "ui_locales_supported", "en", "ja");
  SET_LIST(document, "claim_types_supported", "normal");
  SET_LIST(document, "claims_supported", "iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "nonce",
           "acr", "amr", "at_hash", "sid");
  add_account_claims(json_object_get(document, "claims_supported"));
  json_set_boolean(document, "claims_parameter_supported", true);
  json_set_boolean(document, "backchannel_logout_supported", true);
  json_set_boolean(document, "backchannel_logout_session_supported", true);
  json_set_boolean(document, "require_pushed_authorization_requests", domain->push_required);
  json_set_boolean(document, "request_parameter_supported", false);
  json_set_boolean(document, "request_uri_parameter_supported", false);
  json_set_boolean(document, "authorization_response_iss_parameter_supported", true);
}

error_code_t discovery_build(arena_t *arena, const config_t *config, const config_domain_t *domain,
                             bytes_t *ret_text)
{
  CLEANUP(json_drop) json_t *document = json_object();
  if (document == NULL)
    return ERR_NO_MEMORY;
  set_endpoints(arena, document, config, domain);
  set_names(document, config, domain);
  set_aliases(arena, document, domain);
  json_set_boolean(document, "tls_client_certificate_bound_access_tokens", domain->certificates);
  set_abilities(document, domain);
  return json_print(arena, document, ret_text) != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

#include "authority/client_registration.h"

#include <string.h>

#include "authority/claims.h"
#include "authority/client_metadata.h"
#include "base/text.h"
#include "config/url.h"

#define NAME_MAX_LENGTH 64
#define URIS_MAX 32
#define URI_MAX 2000
#define SCOPE_MAX 2000

typedef struct parsing {
  arena_t *arena;
  const config_domain_t *domain;
  const json_t *body;
  stored_client_t *client;
  error_detail_t *detail;
  client_method_t method;
  bool keys_remote, told_of_logout, first_party, bound;
} parsing_t;

#define refuse(parsing, ...) error_because((parsing)->detail, ERR_CLIENT_METADATA, __VA_ARGS__)

static error_code_t parse_name(parsing_t *parsing)
{
  if (json_require_text(parsing->body, "client_name", &parsing->client->name) != ERR_NONE ||
      !text_is_printable(parsing->client->name, NAME_MAX_LENGTH))
    return refuse(parsing, "give the client a name of at most %d bytes, without control characters",
                  NAME_MAX_LENGTH);
  return ERR_NONE;
}

static error_code_t parse_method(parsing_t *parsing)
{
  bytes_t *name = &parsing->client->method;
  if (json_require_text(parsing->body, "token_endpoint_auth_method", name) != ERR_NONE ||
      !client_method_parse(*name, &parsing->method))
    return refuse(parsing,
                  "take none, client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth or "
                  "self_signed_tls_client_auth as the method");
  return ERR_NONE;
}

/* A list of texts of a form, joined by spaces. */
static error_code_t parse_words(parsing_t *parsing, const char *name, bool (*check)(bytes_t),
                                const char *words, bytes_t *ret_words)
{
  json_t *list;
  if (json_get_array(parsing->body, name, &list) != ERR_NONE || json_array_size(list) > URIS_MAX)
    return refuse(parsing, "%s is a list of at most %d texts", name, URIS_MAX);
  builder_t joined = arena_builder(parsing->arena, (size_t)URIS_MAX * (URI_MAX + 1));
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *item = json_array_get(list, i);
    bytes_t text = bytes_of(json_string_value(item), json_string_length(item));
    if (text.len > URI_MAX || !text_is_printable(text, URI_MAX) || !check(text))
      return refuse(parsing, "entry %zu of %s is not allowed: %s", i + 1, name, words);
    word_add(&joined, text);
  }
  *ret_words = builder_bytes(&joined);
  return joined.failed ? ERR_NO_MEMORY : ERR_NONE;
}

static bool is_grant(bytes_t text)
{
  return bytes_equal_string(text, "authorization_code") || bytes_equal_string(text, "client_credentials") ||
         bytes_equal_string(text, "refresh_token");
}

/* The check keeps spaces out of what is kept as words. */
static bool is_redirect(bytes_t text)
{
  return memchr(text.data, ' ', text.len) == NULL && url_check_redirect(text);
}

static error_code_t parse_uris(parsing_t *parsing, const char *name, bytes_t *ret_words)
{
  return parse_words(parsing, name, is_redirect,
                     "https, http on localhost, 127.0.0.1 or [::1], or a private-use scheme with a dot; no "
                     "fragment",
                     ret_words);
}

static error_code_t parse_lists(parsing_t *parsing)
{
  error_code_t error =
      parse_words(parsing, "grant_types", is_grant, "authorization_code, refresh_token, client_credentials",
                  &parsing->client->grant_types);
  if (error == ERR_NONE && parsing->client->grant_types.len == 0)
    parsing->client->grant_types = BYTES_LITERAL("authorization_code");
  if (error == ERR_NONE)
    error = parse_uris(parsing, "redirect_uris", &parsing->client->redirect_uris);
  return error == ERR_NONE
             ? parse_uris(parsing, "post_logout_redirect_uris", &parsing->client->post_logout_redirect_uris)
             : error;
}

static bool is_standard_scope(bytes_t name)
{
  static const char *const names[] = {"openid", "profile", "email", "address", "phone", "offline_access"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (bytes_equal_string(name, names[i]))
      return true;
  return false;
}

static error_code_t parse_scope(parsing_t *parsing)
{
  bytes_t *scope = &parsing->client->scope;
  if (json_get_text(parsing->body, "scope", scope) != ERR_NONE || scope->len > SCOPE_MAX)
    return refuse(parsing, "scope is a text of at most %d bytes", SCOPE_MAX);
  bytes_t words = *scope;
  for (bytes_t word = words_next(&words); word.len > 0; word = words_next(&words))
    if (config_find_scope(parsing->domain, word) == NULL && !is_standard_scope(word))
      return refuse(parsing, "scope names what is no scope of %s", parsing->domain->id.text);
  return ERR_NONE;
}

static bool takes_keys(const parsing_t *parsing)
{
  return parsing->method == CLIENT_PRIVATE_KEY_JWT || parsing->method == CLIENT_SELF_SIGNED_TLS;
}

/* As read when the client is used, so that nothing is stored that could not be. */
static error_code_t parse_keys(parsing_t *parsing)
{
  json_t *jwks;
  if (json_get_object(parsing->body, "jwks", &jwks) != ERR_NONE)
    return refuse(parsing, "jwks is a key set: {\"keys\": [...]}");
  if (jwks == NULL)
    return ERR_NONE;
  const char *text = json_print(parsing->arena, jwks, &parsing->client->jwks);
  if (text == NULL)
    return ERR_NO_MEMORY;
  const config_client_t config = {.id = "this", .method = parsing->method, .credential = {.jwks = text}};
  client_t client = {.config = &config};
  client_table_t table = {.clients = &client, .count = 1};
  error_code_t error = client_keys_read(parsing->arena, &client, parsing->detail);
  if (error == ERR_NONE && client.keys.count == 0 && takes_keys(parsing))
    error = refuse(parsing, "the jwks has no keys");
  client_table_done(&table);
  return error == ERR_NO_MEMORY || error == ERR_NONE ? error : ERR_CLIENT_METADATA;
}

static error_code_t parse_terms(parsing_t *parsing)
{
  stored_client_t *client = parsing->client;
  const struct {
    const char *name;
    bool *value;
  } terms[] = {{"dpop_bound_access_tokens", &client->dpop_bound},
               {"require_pushed_authorization_requests", &client->push_required},
               {"third_party", &client->third_party}};
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
    if (json_get_boolean(parsing->body, terms[i].name, false, terms[i].value) != ERR_NONE)
      return refuse(parsing, "%s is true or false", terms[i].name);
  return ERR_NONE;
}

/* Of members that are not in this list, nobody could tell whether they weaken something. */
static error_code_t check_names(parsing_t *parsing)
{
  static const char *const names[] = {
      "client_name",   "token_endpoint_auth_method", "scope",
      "redirect_uris", "post_logout_redirect_uris",  "grant_types",
      "jwks",          "dpop_bound_access_tokens",   "require_pushed_authorization_requests",
      "third_party"};
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)parsing->body, name, value)
  {
    bool known = client_metadata_has(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
      known = known || strcmp(name, names[i]) == 0;
    if (!known)
      return refuse(parsing, "%.64s is no member that a client of the store can have", name);
  }
  return ERR_NONE;
}

/* tls_client_auth needs exactly one name of its certificate, and the others have none. */
static error_code_t check_certificate(const parsing_t *parsing, config_client_t *config)
{
  const config_certificate_names_t *names = &config->credential.certificate;
  bool named = names->subject_dn != NULL || names->san_dns != NULL || names->san_uri != NULL ||
               names->san_ip != NULL || names->san_email != NULL;
  if (parsing->method != CLIENT_TLS)
    return named ? refuse(parsing, "names of a certificate are for tls_client_auth") : ERR_NONE;
  if (parsing->domain->client_ca_file == NULL)
    return refuse(parsing, "the domain has no client_ca_file, which tls_client_auth needs");
  config->id = "this";
  config->method = CLIENT_TLS;
  client_t client = {.config = config};
  error_code_t error = client_keys_read(parsing->arena, &client, parsing->detail);
  return error == ERR_CONFIG ? ERR_CLIENT_METADATA : error;
}

static error_code_t parse_metadata(parsing_t *parsing)
{
  config_client_t config = {.id = NULL};
  error_code_t error = client_metadata_parse(parsing->arena, parsing->body, &config, parsing->detail);
  if (error != ERR_NONE)
    return error;
  parsing->keys_remote = config.credential.jwks_uri != NULL;
  parsing->told_of_logout = config.backchannel_logout_uri != NULL;
  parsing->first_party = config.first_party;
  parsing->bound = config.certificate_binding != CERTIFICATE_USE_OFF;
  error = check_certificate(parsing, &config);
  if (error != ERR_NONE)
    return error;
  for (size_t i = 0; i < config.detail_types.count; i++)
    if (config_find_detail(parsing->domain, bytes_of_string(config.detail_types.items[i])) == NULL)
      return refuse(parsing, "authorization_details_types names what is no type of %s",
                    parsing->domain->id.text);
  return client_metadata_print(parsing->arena, parsing->body, &parsing->client->metadata);
}

/* What the parts ask of one another. */
static error_code_t check_whole(parsing_t *parsing)
{
  const stored_client_t *client = parsing->client;
  bool codes = words_contain(client->grant_types, BYTES_LITERAL("authorization_code"));
  bool itself = words_contain(client->grant_types, BYTES_LITERAL("client_credentials"));
  bool keyed = takes_keys(parsing);
  bool by_certificate = client_method_is_tls(parsing->method);
  if (parsing->domain->fapi2 && !keyed && !by_certificate)
    return refuse(parsing, "the domain's profile is fapi2: take private_key_jwt with a key set, or "
                           "tls_client_auth, or self_signed_tls_client_auth");
  if ((by_certificate || parsing->bound) && !parsing->domain->certificates)
    return refuse(parsing, "no proxy says which certificate it saw: authority.client_certificate is not set");
  if (parsing->bound && client->dpop_bound)
    return refuse(parsing, "a token is bound to one key: take dpop_bound_access_tokens or "
                           "tls_client_certificate_bound_access_tokens");
  if (codes && client->redirect_uris.len == 0)
    return refuse(parsing, "give at least one redirect URI, or the grant client_credentials alone");
  if (!codes && client->redirect_uris.len > 0)
    return refuse(parsing, "redirect URIs are only for clients with the grant authorization_code");
  if (!codes && client->post_logout_redirect_uris.len > 0)
    return refuse(parsing,
                  "post-logout redirect URIs are only for clients with the grant authorization_code");
  if (!codes && words_contain(client->grant_types, BYTES_LITERAL("refresh_token")))
    return refuse(parsing, "refresh tokens come with codes: add the grant authorization_code");
  if (itself && bytes_equal_string(client->method, "none"))
    return refuse(parsing, "client_credentials is only for confidential clients");
  if (itself && client->scope.len == 0)
    return refuse(parsing, "client_credentials needs a scope: what the client may do in its own name");
  if (!codes && parsing->told_of_logout)
    return refuse(parsing, "backchannel_logout_uri is only for clients with the grant authorization_code");
  if (parsing->first_party && (!bytes_equal_string(client->method, "none") || client->third_party ||
                               client->push_required || parsing->domain->push_required))
    return refuse(parsing, "first_party is for public clients that need not push their requests, and not for "
                           "third_party ones");
  if (keyed != (client->jwks.len > 0 || parsing->keys_remote) ||
      (client->jwks.len > 0 && parsing->keys_remote))
    return refuse(parsing,
                  "a key set is for private_key_jwt and self_signed_tls_client_auth, which need one: "
                  "jwks, or jwks_uri");
  return ERR_NONE;
}

error_code_t client_registration_parse(arena_t *arena, const config_domain_t *domain, const json_t *body,
                                       stored_client_t *ret_client, error_detail_t *detail)
{
  parsing_t parsing = {
      .arena = arena, .domain = domain, .body = body, .client = ret_client, .detail = detail};
  static error_code_t (*const steps[])(parsing_t *) = {check_names, parse_name,     parse_method,
                                                       parse_lists, parse_scope,    parse_keys,
                                                       parse_terms, parse_metadata, check_whole};
  *ret_client = (stored_client_t){.id = BYTES_NONE};
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < sizeof steps / sizeof *steps && error == ERR_NONE; i++)
    error = steps[i](&parsing);
  return error;
}
